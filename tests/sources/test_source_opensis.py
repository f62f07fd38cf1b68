"""The preset `opensis` on the sample schools of openSIS Classic as they are."""

import re

import pytest
from opensis_school import YEARS, MariaSchool, SqliteSchool, deliver, extracted, has, read, record, rows

from matricula.roster import TABLES

EACH_YEAR = [(version, year) for version, years in YEARS.items() for year in years]


@pytest.fixture
def school(version, tmp_path):
    return SqliteSchool(version, tmp_path)


@pytest.mark.parametrize(("version", "year"), EACH_YEAR)
class TestAgreesWithAnExtractionByAnotherHand:
    def test_students(self, school, version, year):
        roster = read(school, year=year)
        students = {
            (f"student-{row['student_id']}", row["username"], row["first_name"], row["last_name"], row["email"] or None)
            for row in extracted(version, "students", year)
        }
        came = rows(roster, "users", "sourcedId", "username", "givenName", "familyName", "email", "role")
        assert {row[:-1] for row in came if row[-1] == "student"} == students
        grades = {
            (f"student-{row['student_id']}", (row["grade_short"],)) for row in extracted(version, "students", year)
        }
        assert {row for row in rows(roster, "users", "sourcedId", "grades") if row[1]} == grades

    def test_staff(self, school, version, year):
        roles = {"teacher": "teacher", "admin": "administrator", "": "administrator"}
        staff = {
            (
                f"staff-{row['staff_id']}",
                row["username"] or None,
                row["last_name"],
                row["email"],
                roles[row["profile"]],
                row["opensis_access"] == "Y",
            )
            for row in extracted(version, "staff", year)
        }
        roster = read(school, year=year)
        came = rows(roster, "users", "sourcedId", "username", "familyName", "email", "role", "enabledUser")
        assert {row for row in came if row[0].startswith("staff-")} == staff

    def test_sections(self, school, version, year):
        roster = read(school, year=year)
        sections = {
            (
                f"section-{row['course_period_id']}",
                row["title"],
                row["short_name"],
                f"course-{row['course_id']}",
                (f"term-{row['marking_period_id']}",),
                row["begin_date"],
                row["end_date"],
            )
            for row in extracted(version, "sections", year)
        }
        own = ("sourcedId", "title", "classCode", "courseSourcedId", "termSourcedIds")
        assert rows(roster, "classes", *own, "metadata.beginDate", "metadata.endDate") == sections

    def test_courses_and_subjects(self, school, version, year):
        courses = {
            (f"course-{row['course_id']}", row["title"], row["short_name"], (row["subject"],))
            for row in extracted(version, "courses", year)
        }
        assert rows(read(school, year=year), "courses", "sourcedId", "title", "courseCode", "subjects") == courses

    def test_marking_periods(self, school, version, year):
        kinds = {"year": "schoolYear", "semester": "semester", "quarter": "gradingPeriod"}
        terms = {
            (
                f"term-{row['marking_period_id']}",
                row["title"],
                kinds[row["mp_type"]],
                row["start_date"],
                row["end_date"],
                None if row["parent_id"] == "-1" else f"term-{row['parent_id']}",
                str(year + 1),
            )
            for row in extracted(version, "terms", year)
        }
        names = ("sourcedId", "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear")
        came = rows(read(school, year=year), "academicSessions", *names)
        assert {(*row[:3], str(row[3]), str(row[4]), *row[5:]) for row in came} == terms

    def test_places(self, school, version, year):
        kinds = {"S": "student", "T": "staff"}
        places = {
            (f"section-{row['course_period_id']}", re.sub("^[ST]", lambda k: f"{kinds[k[0]]}-", row["idnumber"]), *days)
            for row in extracted(version, "enrolments", year)
            for days in [(row["start_date"], row["end_date"])]
        }
        roster = read(school, year=year)
        came = rows(roster, "enrollments", "classSourcedId", "userSourcedId", "beginDate", "endDate")
        students = {(*row[:2], str(row[2]), str(row[3])) for row in came if row[1].startswith("student-")}
        assert students == {place for place in places if place[1].startswith("student-")}
        teachers = {(f"section-{row['course_period_id']}", f"staff-{row['teacher_id']}")
                    for row in extracted(version, "sections", year)}  # fmt: skip
        assert {row[:2] for row in came if row[1].startswith("staff-")} == teachers

    def test_schools(self, school, version, year):
        schools = {(f"school-{row['school_id']}", row["title"]) for row in extracted(version, "schools")}
        assert rows(read(school, year=year), "orgs", "sourcedId", "name") == schools


@pytest.mark.parametrize("version", ["8.0"])
def test_parents_agree_but_for_those_who_have_neither_login_nor_address(school):
    parents = extracted("8.0", "parents")
    usable = [row for row in parents if row["username"] or row["email"]]
    assert {row["person_id"] for row in parents} - {row["person_id"] for row in usable} == {"21"}
    roster = read(school, year=2021)
    came = rows(roster, "users", "sourcedId", "username", "givenName", "familyName", "role")
    assert {row for row in came if row[0].startswith("parent-")} == {
        (f"parent-{row['person_id']}", row["username"], row["first_name"], row["last_name"], "parent") for row in usable
    }
    children = {(f"student-{row['student_id']}", f"parent-{row['person_id']}") for row in usable}
    agents = rows(roster, "users", "sourcedId", "agentSourcedIds")
    assert {(child, agent) for child, each in agents for agent in each or ()} == children


@pytest.mark.parametrize("version", YEARS)
def test_a_copy_in_sqlite_gives_what_mariadb_gives_but_for_the_rooms(version, school, request):
    maria: MariaSchool = request.getfixturevalue(f"maria_{version.replace('.', '')}")
    here, there = read(school), read(maria)
    for name in TABLES:
        columns = [column for column in here.table(name).columns if column != "location"]
        assert rows(here, name, *columns) == rows(there, name, *columns), name
    assert set(here.classes["location"]) == {None}
    expected = {"8.0": {"Ground Hall", "Lang 1", "Math 1", "Science 1", "Social Studies 1"}}
    assert set(there.classes["location"]) == expected.get(version, {"Ground Hall", "Lang 1", "Lang 2", "Math 1"})


def test_every_table_is_complete_and_has_its_records(opensis_92):
    roster = read(opensis_92)
    counted = {"orgs": 1, "academicSessions": 7, "courses": 10, "classes": 4, "users": 22, "enrollments": 10}
    assert counted.items() <= roster.counts().items()
    assert all(roster.scope.covers(name) for name in TABLES)
    assert [(finding.code, finding.sourced_id) for finding in roster.findings] == [("required-blank", "staff-2")]


def test_two_people_of_one_name_are_two_people(opensis_92):
    people = rows(read(opensis_92), "users", "sourcedId", "givenName", "familyName", "username")
    assert {row for row in people if row[1:3] == ("Tim", "Jones")} == {
        ("staff-3", "Tim", "Jones", "timjones"),
        ("staff-4", "Tim", "Jones", "timejones"),
    }


def test_logins_keep_their_capitals_and_belong_to_a_profile(opensis_80):
    """Student 1, staff 1 and parent 1 have logins of the same user_id."""
    roster = read(opensis_80)
    names = {key: record(roster, "users", key)["username"] for key in ("student-1", "staff-1", "parent-1")}
    assert names == {"student-1": "wang", "staff-1": "admin", "parent-1": "parent"}
    assert record(roster, "users", "student-15")["username"] == "Vihaan"
    assert record(roster, "users", "parent-22")["username"] == "Daichi"


def test_staff_without_profile_login_and_access_cannot_sign_in(opensis_92):
    charlotte = record(read(opensis_92), "users", "staff-2")
    assert (charlotte["role"], charlotte["enabledUser"], charlotte["username"]) == ("administrator", False, None)


def test_sections_have_their_days_and_periods(opensis_92):
    section = record(read(opensis_92), "classes", "section-2")
    assert (section["metadata.days"], section["periods"], section["subjects"]) == ("MH", ["P2"], ["Language Arts"])


@pytest.mark.parametrize(
    ("day", "year"),
    [("2020-08-10", 2020), ("2021-05-28", 2020), ("2021-07-01", 2020), ("2021-08-02", 2021), ("2030-01-01", 2021),
     ("2019-01-01", 2021)],
)  # fmt: skip
def test_the_year_is_that_of_the_day_else_the_last_that_began(opensis_80, day, year):
    roster = read(opensis_80, day=day)
    assert set(roster.academicSessions["schoolYear"]) == {str(year + 1)}
    assert roster.enrollments.height == 160


def test_people_keep_their_ids_from_year_to_year(opensis_80):
    before, after = (set(read(opensis_80, year=year).users["sourcedId"]) for year in (2020, 2021))
    assert before == after


def test_a_year_that_openSIS_does_not_have_gives_nothing(opensis_92):  # noqa: N802
    assert not any(read(opensis_92, year=1999).counts().values())


def test_sourced_ids_are_letters_that_onerosters_guids_may_have(opensis_80):
    roster = read(opensis_80)
    for name in TABLES:
        ids = roster.table(name)["sourcedId"].drop_nulls()
        assert ids.str.contains(r"^[0-9a-zA-Z.\-_/@]{1,255}$").all()


def test_another_school_is_left_out_where_one_is_named(opensis_80):
    opensis_80.change(
        "INSERT INTO schools (id, syear, title) VALUES (2, 2021, 'Second School')",
        "INSERT INTO school_years (marking_period_id, syear, school_id, title, start_date, end_date) "
        "VALUES (99, 2021, 2, 'Full Year', '2021-08-02', '2022-05-27')",
        "INSERT INTO student_enrollment (id, syear, school_id, student_id, start_date) "
        "VALUES (99, 2021, 2, 1, '2021-08-04')",
        "UPDATE student_enrollment SET school_id = 2 WHERE student_id = 2 AND syear = 2021",
    )
    both = read(opensis_80)
    assert set(record(both, "users", "student-1")["orgSourcedIds"]) == {"school-1", "school-2"}
    assert record(both, "users", "student-2")["orgSourcedIds"] == ["school-2"]
    first, second = read(opensis_80, school=1), read(opensis_80, school=2)
    assert (first.orgs["sourcedId"].to_list(), second.orgs["sourcedId"].to_list()) == (["school-1"], ["school-2"])
    assert has(first, "users", "student-1")
    assert not has(first, "users", "student-2")
    assert {row for (row,) in rows(second, "users", "sourcedId") if row.startswith("student")} == {
        "student-1",
        "student-2",
    }
    assert second.enrollments.height == 0


def test_reading_twice_gives_the_same_text(opensis_80):
    once, again = deliver(opensis_80), deliver(opensis_80)
    assert all(once.drafts[name].frame.equals(draft.frame) for name, draft in again.drafts.items())
