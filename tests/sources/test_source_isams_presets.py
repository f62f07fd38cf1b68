"""The presets of iSAMS on a school with the same tables and views, in SQLite and in MariaDB."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from isams_school import IsamsSchool, MariadbServer, in_sqlite
from sqlalchemy.dialects import mssql

from matricula.errors import SettingError
from matricula.roster import Roster
from matricula.sources import open_source
from matricula.sources.sql.presets import Parameter, open_preset

YEAR = " - 26-27"


@pytest.fixture(scope="module")
def server() -> Iterator[MariadbServer]:
    server = MariadbServer()
    yield server
    server.drop()


@pytest.fixture(params=["sqlite", "mariadb"])
def school(request, tmp_path) -> IsamsSchool:
    if request.param == "sqlite":
        return in_sqlite(tmp_path / "isams.sqlite")
    return request.getfixturevalue("server").school()


@pytest.fixture
def small(tmp_path) -> IsamsSchool:
    """The school in SQLite alone, for what is the same in all databases."""
    return in_sqlite(tmp_path / "isams.sqlite")


def roster(school: IsamsSchool, preset: str, **parameters) -> Roster:
    return open_source(school.settings(preset, parameters=parameters)).deliver().roster()


def rows(roster: Roster, table: str, *columns: str) -> set[tuple]:
    return set(roster.table(table).select(columns).rows())


def told(roster: Roster, code: str) -> dict[str, int]:
    return {found.value or found.sourced_id: found.count for found in roster.findings if found.code == code}


# ------------------------------------------------------------------------------------------------------- the tables


def test_current_people_alone_with_the_names_they_go_by(school):
    here = roster(school, "isams")
    assert rows(
        here, "users", "sourcedId", "username", "givenName", "familyName", "role", "email", "metadata.house"
    ) == {
        ("pupil-0001", "LeeA", "Ann", "Lee", "student", "ann.lee@lindenhof.example", "North"),
        ("pupil-0002", "OstB", "Ben", "Öst", "student", None, "South"),
        ("pupil-0003", "LeeC", "Cléo", "Lee", "student", "Cleo.Lee@lindenhof.example", "North"),
        ("pupil-0004", "OrrD", "Dan", "Orr", "student", "dan.orr@lindenhof.example", None),
        ("pupil-0007", "FoxG", "Gil", "Fox", "student", None, None),
        ("staff-1", "TH", "Tom", "Hill", "teacher", "tom.hill@lindenhof.example", "North"),
        ("staff-2", "UI", "Uma", "Iyer", "teacher", "uma.iyer@lindenhof.example", "North"),
        ("staff-3", "VW", "Vera", "Wolf", "aide", "vera.wolf@lindenhof.example", None),
        ("staff-5", "NE", "Nell", None, "teacher", None, None),
    }
    grades = dict(here.users.select("sourcedId", "grades").rows())
    assert (grades["pupil-0001"], grades["pupil-0007"], grades["staff-1"]) == (["7"], ["-2"], None)


def test_sets_and_forms_are_classes_of_the_published_timetables_year(school):
    here = roster(school, "isams")
    assert rows(here, "classes", "sourcedId", "title", "classCode", "courseSourcedId", "classType") == {
        ("set-11", "7A", "7A/Sc", "subject-1", "scheduled"),
        ("set-12", "7B/Sc", "7B/Sc", "subject-1", "scheduled"),
        ("set-13", "7A", "7A/En", "subject-2", "scheduled"),
        ("set-15", "8/Ad", "8/Ad", "subject-4", "scheduled"),
        ("form-7A", "7A", "7A", "form", "homeroom"),
        ("form-8B", "8B", "8B", "form", "homeroom"),
        ("form-8C", "8C", "8C", "form", "homeroom"),
    }
    assert here.classes["termSourcedIds"].explode().unique().to_list() == ["year-2027"]
    assert rows(here, "courses", "sourcedId", "title") == {
        ("subject-1", "Science"), ("subject-2", "English"), ("subject-4", "Art, Design"), ("form", "Form"),
    }  # fmt: skip


def test_the_year_is_as_long_as_its_terms(school):
    here = roster(school, "isams")
    sessions = rows(here, "academicSessions", "sourcedId", "title", "startDate", "endDate", "schoolYear")
    assert {tuple(map(str, row)) for row in sessions} == {
        ("year-2027", "2026/2027", "2026-09-03", "2027-07-02", "2027"),
        ("term-1", "Michaelmas", "2026-09-03", "2026-12-11", "2027"),
        ("term-2", "Term 2", "2027-01-06", "2027-07-02", "2027"),
    }


def test_a_year_can_be_named_instead(school):
    here = roster(school, "isams", year=2025)
    assert here.academicSessions["sourcedId"].to_list() == ["year-2026", "term-3"]
    assert here.classes["termSourcedIds"].explode().unique().to_list() == ["year-2026"]


def test_places_of_pupils_and_teachers_in_sets_and_forms_once_each(school):
    here = roster(school, "isams")
    assert rows(here, "enrollments", "classSourcedId", "userSourcedId", "role", "primary") == {
        ("set-11", "pupil-0001", "student", False),
        ("set-11", "pupil-0002", "student", False),
        ("set-11", "staff-1", "teacher", True),
        ("set-11", "staff-2", "teacher", False),
        ("set-12", "pupil-0003", "student", False),
        ("set-12", "pupil-0004", "student", False),
        ("set-12", "staff-5", "teacher", False),
        ("set-13", "pupil-0001", "student", False),
        ("set-13", "staff-2", "teacher", True),
        ("form-7A", "pupil-0001", "student", False),
        ("form-7A", "pupil-0002", "student", False),
        ("form-7A", "staff-1", "teacher", True),
        ("form-7A", "staff-2", "teacher", False),
    }
    assert not told(here, "duplicate-same")
    assert not told(here, "duplicate-different")


def test_codes_that_belong_to_nobody_are_listed_and_those_who_left_are_not(school):
    here = roster(school, "isams")
    assert told(here, "reference-lost") == {"pupil-9999": 1, "staff-code-NOBODY": 1, "form-7C": 1}
    assert all(here.scope.covers(table) for table in ("users", "classes", "enrollments"))


def test_excluded_subjects_are_the_schools_choice(small):
    assert "set-14" in roster(small, "isams", excluded=["Science"]).classes["sourcedId"].to_list()
    here = roster(small, "isams", excluded=["Science"])
    assert not {"set-11", "set-12"} & set(here.classes["sourcedId"])
    assert not {"set-11", "set-12"} & set(here.enrollments["classSourcedId"])
    assert "subject-1" not in here.courses["sourcedId"].to_list()


def test_without_a_published_timetable_nothing_is_said_of_the_year(small):
    small.change("UPDATE TblTimetableManagerTimetables SET intPublished = 0")
    here = roster(small, "isams")
    assert here.academicSessions.is_empty()
    assert not here.scope.covers("academicSessions") or "table-empty" in [found.code for found in here.findings]


def test_a_table_that_is_not_there_is_named(school):
    school.change("DROP TABLE TblSchoolManagementTermNames")
    with pytest.raises(SettingError, match="TblSchoolManagementTermNames"):
        roster(school, "isams")


# -------------------------------------------------------------------------------------------------------- the views


def test_views_people_are_known_by_their_address_alone(school):
    here = roster(school, "isams-views")
    assert rows(here, "users", "sourcedId", "givenName", "familyName", "role") == {
        ("person-ann.lee@lindenhof.example", "Annabel", "Lee", "student"),
        ("person-cleo.lee@lindenhof.example", "Cleopatra", "Lee", "student"),
        ("person-dan.orr@lindenhof.example", "Dan", "Orr", "student"),
        ("person-tom.hill@lindenhof.example", "Thomas", "Hill", "teacher"),
        ("person-uma.iyer@lindenhof.example", "Uma", "Iyer", "teacher"),
        ("person-vera.wolf@lindenhof.example", "Vera", "Wolf", "aide"),
        ("person-xaver.gone@lindenhof.example", "Xaver", "Gone", "teacher"),
    }


def test_views_people_without_an_address_are_left_out_and_listed_by_name(school):
    here = roster(school, "isams-views")
    assert here.unreadable["users"] == {"name-Ben Öst", "name-Nell"}
    assert told(here, "reference-lost") == {"name-Ben Öst": 3, "name-Nell": 1}
    assert all(here.scope.covers(table) for table in ("users", "classes", "enrollments"))


def test_views_a_set_whose_teacher_is_nobody_has_none(school):
    here = roster(school, "isams-views")
    taught = here.enrollments.filter(classSourcedId=f"course-7B/Sc{YEAR}", role="teacher")
    assert taught["userSourcedId"].to_list() == ["person-xaver.gone@lindenhof.example"]


def test_views_courses_keep_code_and_category(school):
    here = roster(school, "isams-views")
    courses = rows(here, "classes", "sourcedId", "title", "classCode", "metadata.categoryId")
    assert (f"course-7A/Sc{YEAR}", f"Science - 7A/Sc{YEAR}", f"7A/Sc{YEAR}", "52") in courses
    assert ("course-Year 7", "Year 7", "Year 7", "40") in courses
    assert ("course-North", "North", "North", "38") in courses
    assert rows(here, "academicSessions", "sourcedId", "schoolYear") == {("year-2027", "2027")}


def test_views_roles_come_from_texts_and_staff_stand_in_their_own_courses(school):
    here = roster(school, "isams-views")
    places = rows(here, "enrollments", "classSourcedId", "userSourcedId", "role")
    tom, ann = "person-tom.hill@lindenhof.example", "person-ann.lee@lindenhof.example"
    assert {(course, role) for course, who, role in places if who == tom} == {
        (f"course-7A/Sc{YEAR}", "teacher"),
        ("course-iSAMS_Staff", "student"),
        ("course-iSAMS_AcademicStaff", "student"),
        ("course-North", "student"),
        ("course-South", "student"),
    }
    assert {(course, role) for course, who, role in places if who == ann} == {
        (f"course-7A/Sc{YEAR}", "student"),
        (f"course-7A/En{YEAR}", "student"),
        ("course-Year 7", "student"),
        ("course-North", "student"),
    }


def test_views_rows_that_stand_there_twice_count_once_and_are_listed(school):
    here = roster(school, "isams-views")
    assert told(here, "duplicate-same")[f"7A/Sc{YEAR}:person-ann.lee@lindenhof.example:5"] == 2


def test_views_other_roles_are_the_vendors_own(small):
    small.change("DROP VIEW VwMoodleEnrolData",
                 "CREATE TABLE VwMoodleEnrolData (txtForename, txtSurname, txtEmailAddress, txtSetCode, intRoleID)",
                 "INSERT INTO VwMoodleEnrolData VALUES ('A', 'B', 'ab@x.example', 'Year 7', '4'), "
                 "('A', 'B', 'ab@x.example', 'Year 7', 5)")  # fmt: skip
    assert sorted(roster(small, "isams-views").enrollments["role"]) == ["ext:4", "student"]


def test_views_two_people_with_one_address_are_both_left_out(small):
    small.change("UPDATE TblPupilManagementPupils SET txtEmailAddress = 'ann.lee@lindenhof.example' "
                 "WHERE txtSchoolID = '0004'")  # fmt: skip
    here = roster(small, "isams-views")
    assert told(here, "duplicate-different") == {"person-ann.lee@lindenhof.example": 2}
    assert "person-ann.lee@lindenhof.example" not in here.users["sourcedId"].to_list()


def test_views_codes_must_be_the_same_to_the_letter(small):
    small.change(
        "DROP VIEW VwMoodleCourseData",
        "CREATE TABLE VwMoodleCourseData (txtSubjectName, txtCourseID, txtFullName, txtShortName, intCategoryID)",
        "INSERT INTO VwMoodleCourseData VALUES ('Science', '7a/SC - 26-27', 'Science', 'Science', '52')",
    )
    here = roster(small, "isams-views")
    assert here.enrollments.is_empty()
    assert f"course-7A/Sc{YEAR}" in told(here, "reference-lost")


def test_views_the_year_can_be_named_where_no_code_tells_it(small):
    assert roster(small, "isams-views", ends_in=2030).academicSessions["sourcedId"].to_list() == ["year-2030"]


def test_views_codes_that_only_look_like_years_tell_none(small):
    small.change("UPDATE TblSchoolManagementYears SET txtYearName = 'Club - AB-ZZ' WHERE intNCYear = 8")
    assert roster(small, "isams-views").academicSessions["sourcedId"].to_list() == ["year-2027"]


def test_views_a_column_that_is_not_there_is_named(small):
    small.change(
        "DROP VIEW VwMoodleCourseData",
        "CREATE TABLE VwMoodleCourseData (txtSubjectName, txtCourseID, txtFullName, txtShortName)",
    )
    with pytest.raises(SettingError, match="intCategoryID"):
        roster(small, "isams-views")


# ------------------------------------------------------------------------------------------- Microsoft SQL Server

PRESETS = ("isams", "isams-views")
_FOREIGN = (
    r"\|\||`|\b(SUBSTR|LENGTH|TRIM|IFNULL|CONCAT_WS|GROUP_CONCAT|LIMIT|STRFTIME|DATE_FORMAT|REGEXP|USING|TRUE|FALSE)\b"
)


@pytest.mark.parametrize("preset", PRESETS)
def test_queries_for_sql_server_compile_and_hold_no_words_of_other_databases(preset):
    folder = open_preset(preset)
    values = folder.head.values({})
    for table, query in folder.queries("mssql").items():
        compiled = str(
            query.statement(values).compile(dialect=mssql.dialect(), compile_kwargs={"render_postcompile": True})
        )
        assert not query.fault("mssql"), table
        assert ":" not in re.sub(r"'[^']*'|--[^\n]*|:\w+", "", compiled), table
        assert not re.search(_FOREIGN, re.sub(r"'[^']*'|--[^\n]*", "", compiled)), table


def test_few_queries_have_words_of_their_own_for_sql_server():
    own = [file.name for preset in PRESETS for file in (files("matricula.sources") / "presets" / preset).iterdir()
           if file.name.endswith(".mssql.sql")]  # fmt: skip
    assert sorted(own) == ["courses.mssql.sql", "year.mssql.sql"]
    for name in own:
        folder = files("matricula.sources") / "presets" / "isams-views"
        common = (folder / name.replace(".mssql", "")).read_text(encoding="utf-8").splitlines()
        theirs = (folder / name).read_text(encoding="utf-8").splitlines()
        differing = [(a, b) for a, b in zip(common, theirs, strict=True) if a != b]
        assert len(differing) == 2
        assert all("SUBSTR(txtCourseID, -2)" in a for a, _ in differing)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_page_tells_every_parameter_and_every_table_that_is_read(preset):
    page = (Path(__file__).parents[2] / "docs" / "sources" / "isams.md").read_text(encoding="utf-8")
    folder = open_preset(preset)
    assert [name for name in folder.head.parameters if f"| `{name}` |" not in page] == []
    read = {name for query in folder.queries("mssql").values() for _, name in query.tables}
    assert sorted(name for name in read if f"`{name}`" not in page) == []
    assert all(subject in page for subject in folder.head.parameters.get("excluded", _NOTHING).default or ())


_NOTHING = Parameter(description="nothing")
