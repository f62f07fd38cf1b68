"""What stands in the tables, by the profile's rules."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publishing_bench import NOW, Bench, codes, told
from rosters import EVERYTHING, people

from matricula.errors import SettingError, UsageError
from matricula.planning.rules import RULES as OF_PLANNING
from matricula.profiles.rules import RULES as OF_PROFILES
from matricula.publishing import RULES
from matricula.roster import CODES

PAIR = "u1\tc1"
LATER = NOW + dt.timedelta(days=300)
DATED = {"start": "{enrolment.beginDate}", "end": "{enrolment.endDate}"}


def dated(begin: str, end: str) -> list[dict]:
    return [{"beginDate": dt.date.fromisoformat(begin), "endDate": dt.date.fromisoformat(end)}]


def two(**second):
    """Two people in one class."""
    both = people({}, second)
    enrollments = [{}, {"sourcedId": "e2", "userSourcedId": "u2"}]
    return both | {"enrollments": enrollments}


def test_a_person_a_course_and_an_enrolment():
    bench = Bench()
    draft = bench.publish()
    assert [(kind, action) for kind, action, _ in told(draft)] == [
        ("user", "create"),
        ("course", "create"),
        ("enrolment", "create"),
    ]
    assert bench.row("user", "u1") == {
        "matricula_key": "u1",
        "username": "ann",
        "firstname": "Ann",
        "lastname": "Lee",
        "email": "ann@school.example",
        "idnumber": "u1",
        "matricula_kind": "student",
    }
    assert bench.row("course", "c1") == {
        "matricula_key": "c1",
        "idnumber": "c1",
        "shortname": "ENG-9 2026/27",
        "fullname": "English 09 – Ludicrous Lemur",
        "category": "institute:o1/period:2027",
        "startdate": int(dt.datetime(2026, 8, 1, tzinfo=dt.UTC).timestamp()),
        "enddate": int(dt.datetime(2027, 8, 1, tzinfo=dt.UTC).timestamp()),
    }
    assert bench.row("enrolment", PAIR) == {
        "matricula_key": PAIR,
        "course_idnumber": "c1",
        "course_shortname": "ENG-9 2026/27",
        "user_idnumber": "u1",
        "username": "ann",
        "role": "student",
    }


def test_publishing_again_changes_nothing():
    bench = Bench()
    bench.publish(**two())
    assert told(bench.draft(**two())) == []


def test_every_field_that_authentication_can_read_is_a_column_and_no_other():
    fields = {"city": "Riverside", "timezone": "Europe/Berlin", "description": "{person.identifier}"}
    bench = Bench(users={"fields": fields, "profile_fields": {"Form": "{person.grade}"}})
    bench.publish(**people({"grades": ["09"]}))
    row = bench.row("user", "u1")
    assert (row["city"], row["description"], row["profile_form"]) == ("Riverside", "4711", "09")
    assert "timezone" not in row


def test_characters_that_a_database_has_no_place_for_are_dropped():
    bench = Bench(users={"fields": {"description": "{person.identifier}"}})
    bench.publish(**people({"identifier": "a\x00b"}))
    assert bench.row("user", "u1")["description"] == "ab"


@pytest.mark.parametrize("short", ["a b", "x" * 51, "näme"])
def test_a_custom_field_that_can_be_no_column_is_refused(short):
    with pytest.raises(SettingError, match="can be no column"):
        Bench(users={"profile_fields": {short: "{person.grade}"}})


def test_custom_fields_that_differ_in_capitals_alone_are_refused():
    with pytest.raises(SettingError, match="can be no column"):
        Bench(users={"profile_fields": {"Form": "{person.grade}", "form": "{person.grade}"}})


@pytest.mark.parametrize(
    ("way", "kept"), [("in-step", "Grade 10"), ("create-only", "Grade 09"), ("if-empty", "Grade 09")]
)
def test_fields_are_written_as_the_profile_has_them(way, kept):
    bench = Bench(users={"fields": {"department": {"value": "[Grade {person.grade}]", "write": way}}})
    bench.publish(**people({"grades": ["09"]}))
    bench.publish(**people({"grades": ["10"]}))
    assert bench.row("user", "u1")["department"] == kept


def test_a_field_that_was_empty_is_filled_in():
    bench = Bench(users={"fields": {"department": {"value": "[Grade {person.grade}]", "write": "if-empty"}}})
    bench.publish(**people({}))
    bench.publish(**people({"grades": ["10"]}))
    assert bench.row("user", "u1")["department"] == "Grade 10"


def test_what_the_delivery_does_not_know_stays_published():
    bench = Bench(users={"fields": {"city": "{person.metadata.town}"}})
    bench.publish()
    bench.tables["user"] = bench.tables["user"].with_columns(city=pl.lit("Riverside"))
    assert told(bench.publish()) == []


def test_a_made_up_address_never_takes_the_place_of_a_real_one():
    bench = Bench()
    bench.publish(**people({"email": None}))
    assert bench.row("user", "u1")["email"] == "user1@noemail.invalid"
    bench.publish(**people({}))
    assert bench.row("user", "u1")["email"] == "user1@school.example"
    assert told(bench.publish(**people({"email": None}))) == []


def test_a_renamed_person_keeps_the_published_user_name_until_moodle_has_the_new_one():
    bench = Bench()
    bench.publish()
    draft = bench.publish(**people({"username": "anna", "email": "ann@school.example"}))
    assert codes(draft) == ["published-username-kept"]
    assert bench.row("user", "u1")["username"] == "ann"
    assert told(draft) == [] or told(draft)[0][1] == "update"
    bench.publish(renamed=("anna",), **people({"username": "anna"}))
    assert bench.row("user", "u1")["username"] == "anna"
    assert bench.row("enrolment", PAIR)["username"] == "anna"
    with pytest.raises(UsageError, match="Nobody"):
        bench.draft(renamed=("anna",), **people({"username": "anna"}))


def test_nobody_gets_the_published_user_name_of_somebody_else():
    bench = Bench()
    bench.publish(**people({"username": "ann"}))
    swap = people({"username": "bob"}, {"username": "ann"})
    draft = bench.publish(**swap)
    assert sorted(codes(draft)) == ["published-username-kept", "published-username-shared"]
    assert bench.keys("user") == ["u1"]
    with pytest.raises(UsageError, match="stands in the table"):
        bench.draft(renamed=("ann",), **swap)


def test_nobody_gets_the_account_of_somebody_who_left():
    bench = Bench()
    bench.publish(**two(username="bob"))
    new = people({}, {"sourcedId": "u3", "username": "bob"})
    assert codes(bench.publish(**new)) == ["published-username-used"]
    assert codes(bench.publish(**new)) == ["published-username-used"]
    assert bench.keys("user") == ["u1"]
    bench.publish(renamed=("bob",), **new)
    assert bench.row("user", "u3")["username"] == "bob"
    assert told(bench.draft(**new)) == []


def test_who_returns_under_another_user_name_gets_the_old_account_back():
    bench = Bench()
    bench.publish(**two(username="bob"))
    bench.publish(**people({}))
    draft = bench.publish(**two(username="bobby"))
    assert codes(draft) == ["published-username-kept"]
    assert bench.row("user", "u2")["username"] == "bob"


def test_two_new_people_of_one_user_name_are_left_out_with_their_enrolments():
    bench = Bench()
    draft = bench.publish(**two(username="user1"))
    assert codes(draft).count("published-username-shared") == 2
    assert bench.keys("user") == []
    assert bench.keys("enrolment") == []


def test_a_leaver_and_a_returner():
    bench = Bench()
    bench.publish(**two())
    gone = bench.publish(**people({}))
    assert told(gone) == [
        ("user", "remove", "Ann Lee"),
        ("enrolment", "remove", "Ann Lee in English 09 – Ludicrous Lemur"),
    ]
    assert gone.changes["reason"].unique().to_list() == ["no longer in the roster"]
    bench.publish(**two())
    assert bench.keys("enrolment") == [PAIR, "u2\tc1"]


@pytest.mark.parametrize("table", ["users", "roles", "classes", "enrollments"])
def test_absence_outside_the_scope_removes_nothing(table):
    bench = Bench()
    bench.publish(**two())
    draft = bench.draft(complete=EVERYTHING - {table}, **people({}))
    kinds = {kind for kind, action, _ in told(draft) if action == "remove"}
    assert "enrolment" not in kinds
    assert ("user" in kinds) == (table in ("classes", "enrollments"))


def test_rows_that_could_not_be_read_are_not_absent():
    bench = Bench()
    bench.publish(**two())
    unreadable = {"users": frozenset({"u2"})}
    assert told(bench.draft(unreadable=unreadable, **people({}))) == []


def test_somebody_left_out_for_an_error_keeps_rows():
    bench = Bench()
    bench.publish(**two())
    draft = bench.publish(**two(username="näme"))
    assert [finding.code for finding in draft.findings if finding.severity == "error"] == ["username-refused-by-moodle"]
    assert told(draft) == []


def test_disabled_people_are_in_no_table():
    bench = Bench()
    bench.publish(**two())
    draft = bench.publish(**two(enabledUser=False))
    assert [(kind, action) for kind, action, _ in told(draft)] == [("user", "remove"), ("enrolment", "remove")]
    assert "disabled" in draft.changes["reason"][0]
    assert "disabled" in draft.changes["reason"][1]
    bench.publish(**two())
    assert bench.keys("user") == ["u1", "u2"]


def test_a_kind_that_is_not_deactivated_stays():
    bench = Bench(users={"student": {"deactivate": False}}, enrolments={"gone": "keep"})
    bench.publish(**two())
    assert told(bench.draft(**two(enabledUser=False))) == []
    assert told(bench.draft(**people({}))) == []


def test_a_kind_without_accounts_gets_no_row_and_its_enrolments_do():
    bench = Bench(users={"teacher": {"create": False}})
    bench.publish(**people({}, role="teacher"), enrollments=[{"role": "teacher"}])
    assert bench.keys("user") == []
    assert bench.row("enrolment", PAIR) | {"role": "editingteacher", "username": "user1"} == bench.row(
        "enrolment", PAIR
    )


def test_a_kind_that_is_not_updated_stays_as_it_is():
    bench = Bench(users={"student": {"update": False}})
    bench.publish()
    assert told(bench.draft(**people({"familyName": "Low", "username": "ann"}))) == []


def test_people_without_enrolments_or_address_where_the_profile_makes_no_account():
    bench = Bench(users={"without_enrolments": False, "missing_email": "leave-out"})
    bench.publish(**people({}, {}, {"email": None}), enrollments=[{}, {"sourcedId": "e3", "userSourcedId": "u3"}])
    assert bench.keys("user") == ["u1"]
    assert bench.keys("enrolment") == [PAIR]


def test_courses_keep_the_names_moodle_made_them_by():
    bench = Bench()
    bench.publish()
    draft = bench.publish(classes=[{"classCode": "ENG-X", "title": "Grammar"}])
    assert told(draft) == [("course", "update", "English 09 – Grammar")]
    row = bench.row("course", "c1")
    assert (row["shortname"], row["fullname"]) == ("ENG-9 2026/27", "English 09 – Grammar")
    assert bench.row("enrolment", PAIR)["course_shortname"] == "ENG-9 2026/27"


def test_a_new_course_with_the_name_of_a_published_one_is_left_out_with_its_enrolments():
    bench = Bench()
    bench.publish()
    renamed = {"classCode": "NEW"}
    other = {"sourcedId": "c2", "classCode": "eng-9"}
    draft = bench.publish(
        classes=[renamed, other], enrollments=[{}, {"sourcedId": "e2", "classSourcedId": "c2"}], users=[{}]
    )
    assert codes(draft) == ["published-course-shared"]
    assert bench.keys("course") == ["c1"]
    assert bench.keys("enrolment") == [PAIR]


def test_courses_without_a_place_go_where_moodle_puts_new_courses():
    bench = Bench()
    bench.publish(classes=[{"termSourcedIds": []}])
    assert bench.row("course", "c1")["category"] == ""


def test_a_category_is_told_of_when_its_first_course_is_published():
    bench = Bench()
    first = bench.publish()
    finding = next(finding for finding in first.findings if finding.code == "published-category-needed")
    assert "Oak School / 2026/27" in finding.message
    assert finding.value == "institute:o1/period:2027"
    assert "published-category-needed" not in codes(bench.publish(classes=[{}, {"sourcedId": "c2"}]))


def test_a_course_that_left_goes_from_the_table_unless_it_is_to_be_left():
    for gone, left in (("hide", []), ("leave", ["c1"])):
        bench = Bench(courses={"gone": gone})
        bench.publish()
        bench.publish(classes=[], enrollments=[])
        assert bench.keys("course") == left


def test_no_new_courses_and_no_updates_where_the_profile_says_so():
    bench = Bench(courses={"create": False})
    bench.publish()
    assert bench.keys("course") == []
    assert bench.row("enrolment", PAIR)["course_idnumber"] == "c1"
    bench = Bench(courses={"update": False})
    bench.publish()
    assert told(bench.draft(classes=[{"title": "Grammar"}])) == []


@pytest.mark.parametrize(
    ("begin", "end", "there"),
    [
        ("2026-11-25", "2026-11-25", True),
        ("2026-11-26", "2027-01-01", False),
        ("2026-08-01", "2026-11-24", False),
        ("2026-08-01", "2026-11-25", True),
    ],
)
def test_only_enrolments_in_force_today_are_published(begin, end, there):
    bench = Bench(enrolments=DATED)
    bench.publish(enrollments=dated(begin, end))
    assert bench.keys("enrolment") == ([PAIR] if there else [])


def test_an_enrolment_that_ends_goes_even_where_absence_means_nothing():
    bench = Bench(enrolments=DATED | {"gone": "keep"})
    rows = dated("2026-08-01", "2027-07-31")
    bench.publish(enrollments=rows)
    draft = bench.publish(enrollments=rows, now=LATER, complete=frozenset())
    assert told(draft) == [("enrolment", "remove", "Ann Lee in English 09 – Ludicrous Lemur")]
    assert draft.changes["reason"][0] == "has ended"


def test_a_role_that_changes():
    bench = Bench()
    bench.publish()
    draft = bench.publish(enrollments=[{"role": "teacher"}])
    assert json.loads(draft.changes["after"][0]) == {"role": "editingteacher"}


def test_roles_by_id_are_published_by_short_name():
    bench = Bench(enrolments={"roles": {"student": 5}})
    bench.publish()
    assert bench.row("enrolment", PAIR)["role"] == "student"
    with pytest.raises(SettingError, match="99"):
        Bench(enrolments={"roles": {"student": 99}}).draft()


def test_early_enrolments_are_not_entered_and_not_removed():
    bench = Bench()
    bench.publish()
    early = {"since": dt.date(2026, 9, 1)}
    begins = [{"beginDate": dt.date(2026, 8, 1)}]
    bench.profile = Bench(enrolments=early).profile
    assert told(bench.draft(enrollments=begins)) == []
    fresh = Bench(enrolments=early)
    fresh.publish(enrollments=begins)
    assert fresh.keys("enrolment") == []


def many(number: int):
    rows = people(*({} for _ in range(number)))
    return rows | {"enrollments": [{"sourcedId": f"e{n}", "userSourcedId": f"u{n}"} for n in range(1, number + 1)]}


def test_a_shrunken_roster_is_held_with_the_words_that_release_it():
    bench = Bench()
    bench.publish(**many(20))
    held = bench.draft(**many(15)).held
    assert [hold.words for hold in held] == ["remove 5 users", "remove 5 enrolments"]
    assert bench.draft(**many(19)).held == ()


def test_roles_that_give_way_to_others_hold_a_publication():
    bench = Bench()
    bench.publish(**many(20))
    whole = many(20)
    teaching = [row | {"role": "teacher"} if number < 5 else row for number, row in enumerate(whole["enrollments"])]
    held = bench.draft(**whole | {"enrollments": teaching}).held
    assert [hold.words for hold in held] == ["take 5 roles"]


def test_an_emptied_course_holds_a_publication():
    bench = Bench()
    classes = [{}, {"sourcedId": "c2", "classCode": "B", "title": "Small"}]
    small = [{"sourcedId": f"s{n}", "userSourcedId": f"u{n}", "classSourcedId": "c2"} for n in range(1, 7)]
    whole = many(80)
    bench.publish(**whole | {"classes": classes, "enrollments": whole["enrollments"] + small})
    (reason,) = bench.draft(**whole | {"classes": classes}).held
    assert reason.code == "course-emptied"
    assert "Small (6 of 6)" in reason.message


def test_limits_of_single_kinds_count_for_rows_that_vanish():
    bench = Bench(limits={"kinds": {"user": {"suspend": {"absolute": 0}}}})
    bench.publish(**many(20))
    assert [hold.words for hold in bench.draft(**many(19)).held] == ["remove 1 user"]


def test_an_empty_delivery_is_held():
    bench = Bench()
    bench.publish(**many(3))
    empty = bench.draft(users=[], roles=[], classes=[], enrollments=[])
    assert empty.held[0].words == "empty delivery"
    cut = bench.draft(users=[], roles=[])
    assert "no users" in [hold.words for hold in cut.held]


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "username": st.sampled_from(["ann", "Bob", "cy", "näme", ""]),
            "enabledUser": st.booleans(),
            "email": st.sampled_from([None, "a@b.example"]),
            "role": st.sampled_from(["student", "teacher", "parent"]),
        }
    ),
    max_size=4,
)


@pytest.mark.long
@settings(deadline=None, max_examples=30)
@given(before=PEOPLE, after=PEOPLE, order=st.randoms())
def test_planning_again_after_publishing_gives_nothing_whatever_the_order(before, after, order):
    bench = Bench()
    for rows in (before, after):
        delivered = people(*rows)
        delivered["enrollments"] = [
            {"sourcedId": f"e{n}", "userSourcedId": f"u{n}", "role": row["role"]}
            for n, row in enumerate(rows, 1)
            if row["role"] != "parent"
        ]
        bench.publish(**delivered)
        names = bench.tables["user"]["username"].to_list()
        assert len(names) == len(set(names))
        for kind in bench.tables:
            shuffled = bench.tables[kind].rows(named=True)
            order.shuffle(shuffled)
            bench.tables[kind] = pl.DataFrame(shuffled, schema=bench.tables[kind].schema)
        for each in delivered.values():
            order.shuffle(each)
        assert told(bench.draft(**delivered)) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_finding_is_documented_with_its_meaning_and_remedy(rule):
    page = Path(__file__).parents[2] / "docs" / "publish.md"
    row = f"| `{rule.code}` | {rule.severity} | {rule.meaning} | {rule.remedy} |"
    assert row in page.read_text(encoding="utf-8").splitlines()


def test_a_code_means_one_thing_in_the_whole_of_matricula():
    assert not set(RULES) & {*CODES, *OF_PROFILES, *OF_PLANNING}
