"""Deliveries, and changes laid over what was delivered before."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_roster_checks import DEFAULTS

from matricula.errors import SettingError
from matricula.roster import TABLES, Delivery, Draft, Finding, FindingBook, Roster, lay_over
from matricula.roster.tables import LINE

Row = dict[str, str | None]
GONE: Row = {"status": "tobedeleted", "dateLastModified": "2026-11-24T02:00:00.000Z"}
NEW: Row = {"status": "active", "dateLastModified": "2026-11-24T02:00:00.000Z"}


def table_of(name: str, rows: list[Row], version: str = "1.1", **told) -> Draft:
    """A table as text, each row laid over the usual one."""
    table = TABLES[name]
    columns = [column.name for column in table.of(version) if column.kept]
    full = [{column: DEFAULTS[name].get(column) for column in columns} | row for row in rows]
    schema = dict.fromkeys(dict.fromkeys([*columns, *(key for row in rows for key in row)]), pl.String)
    lines = pl.Series(LINE, range(2, len(rows) + 2), dtype=pl.Int64)
    return Draft(table, pl.DataFrame(full, schema=schema).with_columns(lines), f"{name}.csv", **told)


def bulk(version: str = "1.1", *, without=(), **tables: list[Row]) -> Delivery:
    """A complete delivery: the usual record in each table but those named."""
    drafts = {
        name: table_of(name, tables.get(name, [{}]), version, complete=True)
        for name, table in TABLES.items()
        if version in table.versions and name not in without
    }
    return Delivery(drafts, version, "monday.zip")


def delta(version: str = "1.1", **tables: list[Row]) -> Delivery:
    """Changes of the tables named."""
    drafts = {name: table_of(name, rows, version, changes=True) for name, rows in tables.items()}
    return Delivery(drafts, version, "tuesday.zip")


def laid(*deliveries: Delivery) -> Delivery:
    whole = deliveries[0]
    for later in deliveries[1:]:
        whole = lay_over(whole, later)
    return whole


def ids(roster: Roster, table: str) -> list[str]:
    return sorted(roster.table(table)["sourcedId"])


def codes(delivery: Delivery) -> list[str]:
    return [found.code for found in delivery.book]


def only(delivery: Delivery) -> Finding:
    (found,) = delivery.book
    return found


def users(*names: str) -> list[Row]:
    return [{"sourcedId": name, "username": name} for name in names]


SCHOOL = {"users": users("u1", "u2"), "enrollments": [{"userSourcedId": "u1"}]}


class TestWhole:
    def test_a_change_replaces_the_record_and_leaves_the_others(self):
        rows = [{"sourcedId": "u2", "username": "u2", "givenName": "Bea", **NEW}, {"sourcedId": "u3", **NEW}]
        roster = laid(bulk(**SCHOOL), delta(users=rows)).roster()
        assert dict(roster.users.select("sourcedId", "givenName").iter_rows()) == {
            "u1": "Ann",
            "u2": "Bea",
            "u3": "Ann",
        }
        assert roster.findings == ()
        assert roster.scope.complete == set(TABLES)

    def test_tobedeleted_takes_the_record_away_and_what_belongs_to_it_goes_on_as_without_it(self):
        after = laid(bulk(**SCHOOL), delta(users=[{"sourcedId": "u1", **GONE}])).roster()
        without = bulk(users=users("u2"), enrollments=[{"userSourcedId": "u1"}]).roster()
        assert ids(after, "users") == ["u2"]
        assert after.scope == without.scope
        assert after.unreadable == without.unreadable == {"enrollments": frozenset({"e1"})}
        assert after.unreadable_pairs == without.unreadable_pairs
        assert [found.code for found in after.findings] == [found.code for found in without.findings]

    def test_a_removed_record_may_come_again(self):
        gone, back = delta(users=[{"sourcedId": "u1", **GONE}]), delta(users=[{"sourcedId": "u1", **NEW}])
        assert ids(laid(bulk(**SCHOOL), gone, back).roster(), "users") == ["u1", "u2"]

    def test_roles_of_1_1_follow_from_the_users_changed(self):
        roster = laid(bulk(), delta(users=[{"sourcedId": "u1", "role": "teacher", **NEW}])).roster()
        assert roster.roles["role"].to_list() == ["teacher"]

    def test_roles_of_1_2_change_in_their_own_file(self):
        changes = delta("1.2", roles=[{"sourcedId": "r1", "role": "teacher", **NEW}])
        roster = laid(bulk("1.2"), changes).roster()
        assert roster.users["role"].to_list() == ["teacher"]

    def test_which_of_two_primary_roles_comes_first_does_not_depend_on_which_was_changed_last(self):
        roles = [{"sourcedId": "r1"}, {"sourcedId": "r2", "role": "teacher"}]
        whole = bulk("1.2", roles=roles)
        changed = laid(whole, delta("1.2", roles=[{"sourcedId": "r2", "role": "teacher", **NEW}]))
        assert changed.roster().users["role"].to_list() == whole.roster().users["role"].to_list()

    def test_a_table_that_came_complete_replaces_the_earlier_one(self):
        came = delta(enrollments=[{"sourcedId": "e2", "userSourcedId": "u3", **NEW}])
        came.drafts["users"] = table_of("users", users("u3"), complete=True)
        roster = laid(bulk(**SCHOOL), came).roster()
        assert (ids(roster, "users"), ids(roster, "enrollments")) == (["u3"], ["e2"])
        assert ids(roster, "classes") == ["c1"]

    def test_a_complete_delivery_replaces_everything(self):
        later = bulk(without=("courses",), users=users("u9"))
        assert laid(bulk(**SCHOOL), later) is later

    def test_where_nothing_is_new_all_stands_with_its_lines_and_findings(self):
        before = TestMending().damaged()
        nothing = Delivery({}, "1.1", "folder", marker={"read": "2"}, notes=("Nothing is new.",), partial=True)
        whole = laid(before, nothing)
        assert (whole.origin, whole.marker, whole.notes) == ("monday.zip", {"read": "2"}, ("Nothing is new.",))
        assert list(whole.book) == list(before.book)
        assert whole.roster().users["line"].to_list() == [2, 3]
        assert not whole.needs_earlier

    def test_complete_tables_of_two_partial_deliveries_leave_the_others_standing(self):
        one, two = delta(enrollments=[{**NEW}]), delta(users=[{"sourcedId": "u3", **NEW}])
        one.drafts["users"] = table_of("users", users("u1"), complete=True)
        two.drafts["enrollments"] = table_of("enrollments", [{"sourcedId": "e5"}], complete=True)
        together = lay_over(bulk(**SCHOOL), lay_over(one, two))
        assert ids(together.roster(), "users") == ["u1", "u3"]
        assert ids(together.roster(), "classes") == ["c1"]
        assert together.roster().counts() == laid(bulk(**SCHOOL), one, two).roster().counts()

    def test_extension_columns_of_both_are_kept(self):
        before = bulk(users=[{"sourcedId": "u1", "metadata.house": "Red"}, *users("u2")])
        after = delta(users=[{"sourcedId": "u2", "metadata.form": "7A", **NEW}])
        frame = laid(before, after).roster().users.select("sourcedId", "metadata.house", "metadata.form")
        assert sorted(frame.iter_rows()) == [("u1", "Red", None), ("u2", None, "7A")]

    def test_the_deliveries_themselves_stay_as_they_are(self):
        before, after = bulk(**SCHOOL), delta(users=[{"sourcedId": "u2", "status": "gone"}])
        copies = {name: draft.frame.clone() for name, draft in before.drafts.items()}
        lay_over(before, after)
        assert all(before.drafts[name].frame.equals(frame) for name, frame in copies.items())
        assert after.drafts["users"].lost == set()
        assert list(after.book) == []

    def test_marker_origin_and_strictness_are_those_of_the_later(self):
        later = Delivery(delta(users=[{**NEW}]).drafts, "1.1", "tuesday.zip", marker={"read": "2"}, strict=True)
        whole = lay_over(bulk(), later)
        assert (whole.marker, whole.origin, whole.strict) == ({"read": "2"}, "tuesday.zip", True)


class TestRefusals:
    def test_changes_before_anything_complete(self):
        with pytest.raises(
            SettingError, match=r"changes only \(delta\) for users, .* ask the vendor for a bulk"
        ) as error:
            lay_over(None, delta(users=[{**NEW}])).roster()
        assert error.value.code == "delta-without-bulk"

    def test_changes_of_another_version_say_what_to_ask_for(self):
        with pytest.raises(SettingError, match=r"of OneRoster 1\.2.* of 1\.1.* complete delivery \(bulk\) of the new"):
            lay_over(bulk(), delta("1.2", users=[{**NEW}]))

    def test_a_complete_delivery_of_another_version_is_none(self):
        later = bulk("1.2")
        assert lay_over(bulk(), later) is later


class TestRowsThatChangeNothing:
    """The record stays as it was, and is not taken as gone."""

    @pytest.fixture
    def broken(self) -> Delivery:
        changes = delta(users=[{"sourcedId": "u1", "givenName": "Zoe", **NEW}])
        changes.drafts["users"].lost.update({"u2", "u7"})
        return changes

    def test_a_broken_row_of_a_known_record(self, broken):
        roster = laid(bulk(**SCHOOL), broken).roster()
        assert ids(roster, "users") == ["u1", "u2"]
        assert roster.scope.covers("users")

    def test_a_broken_row_of_a_new_record_is_not_an_absence(self, broken):
        assert laid(bulk(**SCHOOL), broken).roster().unreadable["users"] == {"u7"}

    def test_a_broken_row_of_a_record_removed_before_is_not_an_absence_either(self):
        gone, broken = delta(users=[{"sourcedId": "u2", **GONE}]), delta(users=[])
        broken.drafts["users"].lost.add("u2")
        assert laid(bulk(**SCHOOL), gone, broken).roster().unreadable["users"] == {"u2"}
        assert lay_over(bulk(**SCHOOL), lay_over(gone, broken)).roster().unreadable["users"] == {"u2"}

    def test_a_broken_row_that_tells_nobody_takes_the_table_out_of_the_scope_until_the_next_complete_one(self):
        broken = delta(users=[])
        broken.drafts["users"].lost_unknown = 1
        whole = laid(bulk(**SCHOOL), broken)
        assert not whole.roster().scope.covers("users")
        assert whole.roster().scope.covers("classes")
        later = laid(whole, delta(users=[{"sourcedId": "u2", **NEW}]))
        assert not later.roster().scope.covers("users")
        assert laid(later, bulk(**SCHOOL)).roster().scope.covers("users")

    def test_a_status_that_nobody_knows(self):
        whole = laid(bulk(**SCHOOL), delta(users=[{"sourcedId": "u2", "givenName": "Bea", **NEW, "status": "deleted"}]))
        assert whole.roster().users["givenName"].to_list() == ["Ann", "Ann"]
        assert whole.roster().scope.covers("users")
        found = only(whole)
        assert (found.code, found.line, found.column, found.value) == ("delta-status-unknown", 2, "status", "deleted")

    def test_two_changes_of_one_record_that_differ(self):
        rows = [{"sourcedId": "u2", "givenName": "Bea", **NEW}, {"sourcedId": "u2", **GONE}]
        whole = laid(bulk(**SCHOOL), delta(users=rows))
        assert ids(whole.roster(), "users") == ["u1", "u2"]
        assert whole.roster().users["givenName"].to_list() == ["Ann", "Ann"]
        assert (only(whole).code, only(whole).value) == ("delta-contradiction", "u2")

    def test_the_newest_of_several_changes_is_made(self):
        rows = [
            {"sourcedId": "u2", "givenName": "Bea", **NEW, "dateLastModified": "2026-11-24T03:00:00.000Z"},
            {"sourcedId": "u2", **GONE},
        ]
        whole = laid(bulk(**SCHOOL), delta(users=rows))
        assert dict(whole.roster().users.select("sourcedId", "givenName").iter_rows())["u2"] == "Bea"
        assert codes(whole) == []

    def test_the_same_change_twice_is_one(self):
        row = {"sourcedId": "u2", "givenName": "Bea", **NEW}
        whole = laid(bulk(**SCHOOL), delta(users=[row, row]))
        assert (whole.drafts["users"].frame.height, codes(whole)) == (2, [])

    def test_a_broken_change_of_an_enrolment_that_stands_leaves_the_scope_alone(self):
        broken = delta(enrollments=[])
        broken.drafts["enrollments"].lost.add("e1")
        broken.drafts["enrollments"].lost_pairs.add(("", ""))
        broken.drafts["enrollments"].damaged = True
        assert laid(bulk(), broken).roster().scope.covers("enrollments")
        broken.drafts["enrollments"].lost.add("e9")
        assert not laid(bulk(), broken).roster().scope.covers("enrollments")


class TestMending:
    def damaged(self) -> Delivery:
        """A complete delivery whose line of e2 is broken."""
        whole = bulk(users=users("u1", "u2"))
        table = whole.drafts["enrollments"]
        table.lost, table.lost_pairs, table.damaged = {"e2"}, {("", "")}, True
        place = {"file": "enrollments.csv", "table": "enrollments"}
        whole.book.add("row-short", "The line has 3 cells.", line=3, sourced_id="e2", **place)
        whole.book.add("header-order", "The columns are in another order.", line=1, **place)
        return whole

    def test_a_row_lost_in_the_complete_delivery_comes_with_a_change(self):
        assert not self.damaged().roster().scope.covers("enrollments")
        whole = laid(self.damaged(), delta(enrollments=[{"sourcedId": "e2", "userSourcedId": "u2", **NEW}]))
        roster = whole.roster()
        assert ids(roster, "enrollments") == ["e1", "e2"]
        assert (roster.unreadable, roster.unreadable_pairs, roster.findings) == ({}, frozenset(), ())
        assert roster.scope.covers("enrollments")

    def test_a_lost_record_may_be_taken_away(self):
        whole = laid(self.damaged(), delta(enrollments=[{"sourcedId": "e2", **GONE}]))
        assert whole.roster().unreadable == {}
        assert codes(whole) == []

    def test_it_stays_lost_and_told_where_changes_concern_others(self):
        whole = laid(self.damaged(), delta(enrollments=[{"sourcedId": "e3", "userSourcedId": "u2", **NEW}]))
        assert whole.roster().unreadable["enrollments"] == {"e2"}
        found = only(whole)
        assert (found.code, found.line, found.place) == ("row-short", None, "enrollments.csv, record e2")

    def test_changes_of_other_tables_leave_it_told(self):
        whole = laid(self.damaged(), delta(users=[{"sourcedId": "u2", **NEW}]))
        assert codes(whole) == ["row-short"]

    def test_the_next_complete_table_ends_it(self):
        came = delta(users=[{"sourcedId": "u2", **NEW}])
        came.drafts["enrollments"] = table_of("enrollments", [{}], complete=True)
        assert codes(laid(self.damaged(), came)) == []

    def test_findings_do_not_grow_with_every_delivery(self):
        whole = self.damaged()
        for _ in range(3):
            whole = lay_over(whole, delta(users=[{"sourcedId": "u7", **GONE}]))
        assert codes(whole) == ["delta-record-unknown", "row-short"]


class TestFindings:
    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"status": None}, "delta-status-blank"),
            ({"dateLastModified": None}, "delta-date-blank"),
            ({"status": "Active"}, "delta-status-spelling"),
        ],
    )
    def test_a_change_by_another_form_is_made_and_told(self, row, code):
        changed: Row = {"sourcedId": "u2", "givenName": "Bea", **NEW, **row}
        whole = laid(bulk(**SCHOOL), delta(users=[changed]))
        assert dict(whole.roster().users.select("sourcedId", "givenName").iter_rows())["u2"] == "Bea"
        assert (only(whole).code, only(whole).line, only(whole).sourced_id) == (code, 2, "u2")

    @pytest.mark.parametrize("status", ["toBeDeleted", "to be deleted", "TO_BE_DELETED", "to-be-deleted"])
    def test_tobedeleted_is_understood_in_other_spellings(self, status):
        whole = laid(bulk(**SCHOOL), delta(users=[{"sourcedId": "u2", **GONE, "status": status}]))
        assert ids(whole.roster(), "users") == ["u1"]
        assert only(whole).message == f"“{status}” was read as “tobedeleted”."

    def test_columns_that_are_not_there_count_as_blank(self):
        changes = delta(users=[{"sourcedId": "u2", "givenName": "Bea"}])
        changes.drafts["users"].frame = changes.drafts["users"].frame.drop("status", "dateLastModified")
        whole = laid(bulk(**SCHOOL), changes)
        assert codes(whole) == ["delta-status-blank", "delta-date-blank"]
        assert "Bea" in whole.roster().users["givenName"]

    def test_a_record_that_was_not_known_cannot_go(self):
        whole = laid(bulk(**SCHOOL), delta(users=[{"sourcedId": "u8", **GONE}, {"sourcedId": "u9", **GONE}]))
        assert ids(whole.roster(), "users") == ["u1", "u2"]
        found = only(whole)
        assert (found.code, found.severity, found.count, found.lines) == ("delta-record-unknown", "warning", 2, (2, 3))

    def test_changes_of_a_table_that_never_came_are_taken_and_never_complete(self):
        whole = laid(bulk(without=("courses",)), delta(courses=[{**NEW}, {"sourcedId": "co2", **GONE}]))
        roster = whole.roster()
        assert ids(roster, "courses") == ["co1"]
        assert not roster.scope.covers("courses")
        assert only(whole).code == "delta-table-new"
        again = laid(whole, delta(courses=[{"sourcedId": "co3", **NEW}]))
        assert ids(again.roster(), "courses") == ["co1", "co3"]
        assert not again.roster().scope.covers("courses")

    def test_changes_of_a_table_that_could_not_be_read_are_taken_and_never_complete(self):
        before = bulk()
        before.drafts["courses"] = Draft(TABLES["courses"], TABLES["courses"].text(), "courses.csv", readable=False)
        whole = laid(before, delta(courses=[{**NEW}]))
        assert ids(whole.roster(), "courses") == ["co1"]
        assert not whole.roster().scope.covers("courses")

    def test_lines_are_told_of_the_rows_that_came_last_alone(self):
        whole = laid(bulk(**SCHOOL), delta(users=[{"sourcedId": "u2", "orgSourcedIds": "o9", **NEW}]))
        assert dict(whole.roster().users.select("sourcedId", "line").iter_rows()) == {"u1": None, "u2": 2}
        assert [found.place for found in whole.roster().findings] == ["users.csv line 2, column orgSourcedIds"]
        later = laid(whole, delta(classes=[{**NEW}]))
        places = [found.place for found in later.roster().findings]
        assert places == ["users.csv, record u2, column orgSourcedIds"]

    def test_blank_lines_are_no_changes(self):
        blank = dict.fromkeys(DEFAULTS["users"])
        whole = laid(bulk(**SCHOOL), delta(users=[blank]))
        assert codes(whole) == []
        assert whole.drafts["users"].frame.height == 2


NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
RECORD = st.fixed_dictionaries(
    {"givenName": st.sampled_from(["Ann", "Bea"]), "role": st.sampled_from(["student", "aide"])}
)
RECORDS = st.dictionaries(NAMES, RECORD, max_size=5)
CHANGES = st.dictionaries(NAMES, st.none() | RECORD, max_size=5)
LOST = st.sets(NAMES, max_size=2)


def bulk_of(records) -> Delivery:
    rows = [{"sourcedId": name, "username": name, **record} for name, record in records.items()]
    return bulk(users=rows, enrollments=[])


def delta_of(changes, lost=frozenset()) -> Delivery:
    rows = [{"sourcedId": n, "username": n, **(GONE if c is None else NEW | c)} for n, c in changes.items()]
    made = delta(users=rows)
    made.drafts["users"].lost.update(lost - set(changes))
    return made


def end_of(records, *series):
    for changes in series:
        records = {name: c for name, c in (records | changes).items() if c is not None}
    return records


def same(one: Delivery, other: Delivery) -> bool:
    cells = ["sourcedId", "username", "givenName", "role"]
    left, right = one.roster(), other.roster()
    frames = [each.users.select(cells).sort("sourcedId") for each in (left, right)]
    told = [(each.scope, each.unreadable, each.unreadable_pairs) for each in (left, right)]
    return frames[0].equals(frames[1]) and told[0] == told[1]


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.lists(CHANGES, max_size=4))
def test_a_complete_delivery_and_any_changes_equal_the_complete_delivery_of_the_end(records, series):
    whole = laid(bulk_of(records), *map(delta_of, series))
    assert same(whole, bulk_of(end_of(records, *series)))


@pytest.mark.long
@settings(max_examples=100, deadline=None)
@given(RECORDS, LOST, st.lists(st.tuples(CHANGES, LOST), min_size=2, max_size=3))
def test_laying_changes_together_first_gives_the_same(records, lost, series):
    start = bulk_of(records)
    start.drafts["users"].lost.update(lost - set(records))
    changes = [delta_of(*each) for each in series]
    assert same(laid(start, *changes), lay_over(start, laid(*changes)))


@settings(max_examples=60, deadline=None)
@given(RECORDS, CHANGES, LOST)
def test_the_same_changes_twice_change_nothing(records, changes, lost):
    once = laid(bulk_of(records), delta_of(changes, lost))
    assert same(once, lay_over(once, delta_of(changes, lost)))


def test_a_delivery_that_is_not_strict_keeps_its_findings_apart_from_those_of_its_roster():
    delivery = Delivery(bulk(users=[{"role": "pupil"}]).drafts, "1.1", "here", FindingBook())
    assert delivery.roster().findings[0].code == "role-unknown"
    assert list(delivery.book) == []
