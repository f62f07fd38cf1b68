"""What is wrong with cells, pointers and sourcedIds, whatever the source."""

import datetime as dt

import polars as pl
import pytest

from matricula.roster import TABLES, Draft, Finding, FindingBook, Roster, build_roster

DEFAULTS = {
    "orgs": {"sourcedId": "o1", "name": "Oak School", "type": "school"},
    "academicSessions": {
        "sourcedId": "y27",
        "title": "2026/27",
        "type": "schoolYear",
        "startDate": "2026-08-01",
        "endDate": "2027-07-31",
        "schoolYear": "2027",
    },
    "courses": {"sourcedId": "co1", "title": "Physics", "orgSourcedId": "o1", "schoolYearSourcedId": "y27"},
    "classes": {
        "sourcedId": "c1",
        "title": "Physics 1",
        "courseSourcedId": "co1",
        "classType": "scheduled",
        "schoolSourcedId": "o1",
        "termSourcedIds": "y27",
    },
    "users": {
        "sourcedId": "u1",
        "enabledUser": "true",
        "orgSourcedIds": "o1",
        "role": "student",
        "username": "user1",
        "givenName": "Ann",
        "familyName": "Lee",
    },
    "roles": {
        "sourcedId": "r1",
        "userSourcedId": "u1",
        "roleType": "primary",
        "role": "student",
        "orgSourcedId": "o1",
    },
    "enrollments": {
        "sourcedId": "e1",
        "classSourcedId": "c1",
        "schoolSourcedId": "o1",
        "userSourcedId": "u1",
        "role": "student",
    },
}


def build(version="1.1", *, without=(), **tables: list[dict[str, str | None]]) -> Roster:
    """A roster of one record in each table, with the rows given, each laid over that record."""
    drafts = {}
    for name, table in TABLES.items():
        if name in without or version not in table.versions:
            continue
        legal = [column.name for column in table.of(version) if column.kept]
        rows = [DEFAULTS[name] | changes for changes in tables.get(name, [{}])]
        cells = {column: [row.get(column) for row in rows] for column in legal}
        frame = pl.DataFrame(cells, schema=dict.fromkeys(legal, pl.String)).with_columns(
            pl.int_range(2, len(rows) + 2, dtype=pl.Int64).alias("line")
        )
        drafts[name] = Draft(table, frame, f"{name}.csv", complete=True)
    return build_roster(drafts, version, FindingBook(), "test")


def only(roster: Roster, code: str) -> Finding:
    assert [finding.code for finding in roster.findings] == [code], [str(finding) for finding in roster.findings]
    return roster.findings[0]


def users(*changes: dict[str, str | None]) -> list[dict[str, str | None]]:
    return [{"sourcedId": f"u{number}"} | change for number, change in enumerate(changes, 1)]


def test_a_right_roster_has_no_findings():
    assert build().findings == ()
    assert build("1.2").findings == ()


# Enumerations and booleans


@pytest.mark.parametrize("written", ["Scheduled", "SCHEDULED", "sche duled"])
def test_enumerations_are_understood_in_any_capitals(written):
    roster = build(classes=[{"classType": written}])
    finding = only(roster, "value-spelling")
    assert (finding.file, finding.line, finding.column, finding.value) == ("classes.csv", 2, "classType", written)
    assert roster.classes["classType"].to_list() == ["scheduled"]


def test_unknown_values_become_blank():
    roster = build(orgs=[{"type": "college"}])
    assert only(roster, "value-unknown").value == "college"
    assert roster.orgs["type"].to_list() == [None]


def test_unknown_roles_cost_the_record():
    roster = build(enrollments=[{}, {"sourcedId": "e2", "role": "lecturer"}])
    finding = only(roster, "role-unknown")
    assert (finding.severity, finding.line, finding.sourced_id) == ("error", 3, "e2")
    assert roster.enrollments["sourcedId"].to_list() == ["e1"]
    assert roster.unreadable == {"enrollments": {"e2"}}
    assert roster.scope.covers("enrollments")


def test_roles_that_the_sender_added_are_kept():
    roster = build("1.2", roles=[{"role": "ext:librarian"}])
    assert roster.findings == ()
    assert roster.users["role"].to_list() == ["ext:librarian"]


def test_values_of_the_other_version_are_understood():
    roster = build("1.2", roles=[{"role": "Administrator"}])
    assert only(roster, "value-version").value == "Administrator"
    assert roster.roles["role"].to_list() == ["administrator"]


@pytest.mark.parametrize(
    ("written", "meant", "code"),
    [
        ("TRUE", True, "value-spelling"),
        ("False", False, "value-spelling"),
        ("1", True, "value-spelling"),
        ("no", False, "value-spelling"),
        ("maybe", None, "boolean-unknown"),
    ],
)
def test_booleans(written, meant, code):
    roster = build(users=[{"enabledUser": written}])
    assert only(roster, code).column == "enabledUser"
    assert roster.users["enabledUser"].to_list() == [meant]


def test_status_in_a_complete_delivery_means_nothing():
    rows = users({"status": "active"}, {"status": "Active"}, {"status": "inactive"}, {"status": "tobedeleted"})
    roster = build(users=rows)
    assert [(finding.code, finding.value) for finding in roster.findings] == [
        ("status-in-bulk", "inactive"),
        ("status-in-bulk", "tobedeleted"),
    ]
    assert roster.users.height == 4


# Dates, years and lists


@pytest.mark.parametrize("written", ["2026-02-30", "30.01.2026", "2026-2", "0026-01-30", "26-01-30", "tomorrow"])
def test_dates_that_do_not_exist_become_blank(written):
    roster = build(enrollments=[{"beginDate": "2026-02-28", "endDate": written}])
    finding = only(roster, "date-unknown")
    assert (finding.severity, finding.column, finding.value) == ("error", "endDate", written)
    assert roster.enrollments["beginDate"].to_list() == [dt.date(2026, 2, 28)]
    assert roster.enrollments["endDate"].to_list() == [None]


def test_dates_with_a_time():
    rows = [{"beginDate": "2026-02-28T00:00:00.000Z"}, {"sourcedId": "e2", "beginDate": "2026-02-30T00:00:00.000Z"}]
    roster = build(enrollments=rows)
    assert {finding.code for finding in roster.findings} == {"date-spelling", "date-unknown"}
    assert roster.enrollments["beginDate"].to_list() == [dt.date(2026, 2, 28), None]


@pytest.mark.parametrize(
    ("written", "year", "code"),
    [
        ("2026-2027", "2027", "year-spelling"),
        ("2026/27", "2027", "year-spelling"),
        ("2026 – 2027", "2027", "year-spelling"),
        ("next", None, "year-unknown"),
        ("27", None, "year-unknown"),
    ],
)
def test_school_years(written, year, code):
    rows = [{"sourcedId": f"y{number}", "schoolYear": written} for number in range(3)]
    roster = build(academicSessions=rows, courses=[], classes=[], enrollments=[])
    assert only(roster, code).count == 3
    assert roster.academicSessions["schoolYear"].to_list() == [year] * 3


def test_lists_without_blank_entries():
    roster = build(classes=[{"grades": "09, 10,,"}, {"sourcedId": "c2", "grades": ","}])
    assert roster.classes["grades"].to_list() == [["09", "10"], None]


# Blanks


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("orgs", "name"),
        ("academicSessions", "title"),
        ("courses", "title"),
        ("classes", "title"),
        ("users", "role"),
        ("enrollments", "classSourcedId"),
        ("enrollments", "userSourcedId"),
        ("enrollments", "role"),
    ],
)
def test_records_that_are_unusable_without_a_cell_are_left_out(table, column):
    bad = {"sourcedId": "bad", column: None}
    roster = build(**{table: [{}, bad]})
    finding = only(roster, "record-unusable")
    assert (finding.file, finding.line, finding.column) == (f"{table}.csv", 3, column)
    assert "bad" not in roster.table(table)["sourcedId"].to_list()
    assert roster.unreadable == {table: {"bad"}}
    assert roster.scope.covers(table)


def test_records_without_a_sourced_id_end_the_claim_to_be_complete():
    roster = build(enrollments=[{}, {"sourcedId": None}])
    assert only(roster, "record-unusable").line == 3
    assert roster.unreadable_unknown == {"enrollments": 1}
    assert not roster.scope.covers("enrollments")
    assert roster.scope.covers("users")


def test_records_without_a_sourced_id_are_not_lost_among_duplicates_that_differ():
    roster = build(users=[{}, {"sourcedId": None}, {"sourcedId": "u2"}, {"sourcedId": "u2", "familyName": "Other"}])
    assert "record-unusable" in {finding.code for finding in roster.findings}
    assert roster.unreadable_unknown["users"] == 1
    assert not roster.scope.covers("users")


def test_users_without_username_email_and_identifier_are_unusable():
    nobody = {"username": None}
    rows = users(nobody, nobody | {"email": "a@b.example"}, nobody | {"identifier": "7"})
    roster = build(users=rows, enrollments=[])
    assert [finding.code for finding in roster.findings] == ["record-unusable", "required-blank"]
    assert roster.users["sourcedId"].to_list() == ["u2", "u3"]
    assert roster.unreadable == {"users": {"u1"}}


def test_other_required_cells_may_be_blank():
    roster = build(users=[{"givenName": None}], classes=[{"classType": None}])
    assert [(finding.code, finding.column) for finding in roster.findings] == [
        ("required-blank", "classType"),
        ("required-blank", "givenName"),
    ]
    assert roster.users.height == roster.classes.height == roster.enrollments.height == 1


# Pointers


def test_pointers_to_nothing_become_blank_where_the_record_is_usable_without():
    roster = build(
        orgs=[{"parentSourcedId": "gone"}],
        classes=[{"courseSourcedId": "gone", "schoolSourcedId": "gone", "termSourcedIds": "gone,y27"}],
        users=[{"orgSourcedIds": "gone", "agentSourcedIds": "gone"}],
    )
    assert [(finding.code, finding.column, finding.value) for finding in roster.findings] == [
        ("reference-unknown", "parentSourcedId", "gone"),
        ("reference-unknown", "courseSourcedId", "gone"),
        ("reference-unknown", "schoolSourcedId", "gone"),
        ("reference-unknown", "termSourcedIds", "gone"),
        ("reference-unknown", "agentSourcedIds", "gone"),
        ("reference-unknown", "orgSourcedIds", "gone"),
    ]
    assert roster.classes.select("courseSourcedId", "schoolSourcedId").row(0) == (None, None)
    assert roster.classes["termSourcedIds"].to_list() == [["y27"]]
    assert roster.users.select("orgSourcedIds", "agentSourcedIds").row(0) == (None, None)
    assert roster.roles.select("userSourcedId", "role", "orgSourcedId").row(0) == ("u1", "student", None)


@pytest.mark.parametrize("column", ["classSourcedId", "userSourcedId"])
def test_enrolments_that_point_to_nothing_are_left_out(column):
    roster = build(enrollments=[{}, {"sourcedId": "e2", column: "gone"}])
    finding = only(roster, "reference-lost")
    assert (finding.line, finding.column, finding.value) == (3, column, "gone")
    assert roster.enrollments["sourcedId"].to_list() == ["e1"]
    assert roster.unreadable == {"enrollments": {"e2"}}


def test_what_belongs_to_a_record_left_out_is_left_out_and_not_absent():
    roster = build(classes=[{}, {"sourcedId": "c2", "title": None}], enrollments=[{"classSourcedId": "c2"}])
    assert roster.unreadable == {"classes": {"c2"}, "enrollments": {"e1"}}
    assert roster.scope.covers("classes")
    assert roster.scope.covers("enrollments")


def test_a_table_that_is_not_delivered_makes_one_finding():
    rows = [{"sourcedId": f"c{number}", "courseSourcedId": f"x{number}"} for number in range(1, 90)]
    roster = build(without=("courses",), classes=rows)
    assert only(roster, "reference-unknown").count == 89
    assert roster.classes["courseSourcedId"].null_count() == 89


# Duplicates


def test_rows_that_are_the_same_are_kept_once():
    roster = build(users=[{}, {}, {}])
    finding = only(roster, "duplicate-same")
    assert (finding.severity, finding.line, finding.count) == ("warning", 2, 3)
    assert finding.lines == (2, 3, 4)
    assert roster.users["line"].to_list() == [2]
    assert roster.unreadable == {}


def test_rows_that_differ_under_one_sourced_id_are_all_left_out():
    roster = build(users=[{}, {"sourcedId": "u2"}, {"familyName": "Other"}])
    finding = roster.findings[0]
    assert (finding.code, finding.severity, finding.value) == ("duplicate-different", "error", "u1")
    assert finding.lines == (2, 4)
    assert "2 rows: lines 2, 4)" in str(finding)
    assert roster.users["sourcedId"].to_list() == ["u2"]
    assert roster.unreadable == {"users": {"u1"}, "enrollments": {"e1"}}


def test_duplicates_of_usernames_are_not_the_roster_s_matter():
    assert build(users=users({}, {})).findings == ()


# Roles of version 1.2


def test_users_without_a_row_in_roles_are_kept_without_a_role():
    roster = build("1.2", users=users({}, {}))
    assert only(roster, "user-without-role").sourced_id == "u2"
    assert roster.users["role"].to_list() == ["student", None]


def test_users_whose_roles_were_all_left_out_are_left_out():
    rows = [{}, {"sourcedId": "r2", "userSourcedId": "u2", "role": "wizard"}]
    roster = build("1.2", users=users({}, {}), roles=rows)
    assert [finding.code for finding in roster.findings] == ["user-role-lost", "role-unknown"]
    assert roster.users["sourcedId"].to_list() == ["u1"]
    assert roster.unreadable == {"users": {"u2"}, "roles": {"r2"}}


def test_users_keep_the_roles_that_could_be_read():
    rows = [{"role": "wizard"}, {"sourcedId": "r2", "role": "teacher", "roleType": "secondary"}]
    roster = build("1.2", roles=rows)
    assert roster.users["role"].to_list() == ["teacher"]


# Findings


def test_the_same_fault_in_many_rows_is_one_finding():
    rows = [{"sourcedId": f"c{number}", "classType": "Scheduled"} for number in range(1, 2001)]
    finding = only(build(classes=rows), "value-spelling")
    assert (finding.line, finding.count) == (2, 2000)
    assert "(2000 rows: lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …)" in str(finding)


def test_many_different_values_are_listed_up_to_a_number():
    rows = [{"sourcedId": f"e{number}", "classSourcedId": f"x{number}"} for number in range(2000)]
    roster = build(enrollments=rows)
    assert len(roster.findings) == 51
    assert sum(finding.count for finding in roster.findings) == 2000
    assert "1950 further values" in roster.findings[-1].message


def test_findings_come_errors_first_then_by_place():
    roster = build(orgs=[{"type": "college"}], enrollments=[{"beginDate": "soon"}], classes=[{"classType": "odd"}])
    assert [(finding.severity, finding.file) for finding in roster.findings] == [
        ("error", "enrollments.csv"),
        ("warning", "orgs.csv"),
        ("warning", "classes.csv"),
    ]


def test_values_are_shown_shortened_and_on_one_line():
    finding = only(build(orgs=[{"type": "a\nb" + "x" * 500}]), "value-unknown")
    assert finding.value.startswith("a b")
    assert len(finding.value) == 60
    assert len(finding.message) < 160


def test_findings_say_where_and_what_to_do():
    finding = only(build(orgs=[{"type": "college"}]), "value-unknown")
    assert finding.place == "orgs.csv line 2, column type"
    assert str(finding).startswith("orgs.csv line 2, column type: ")
    assert str(finding).endswith(finding.remedy)


def test_there_is_no_table_of_another_name():
    with pytest.raises(KeyError):
        build().table("scope")
