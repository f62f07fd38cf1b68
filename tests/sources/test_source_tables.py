"""A school's own files: who tells of what, what records are known by, and what rows come to."""

import pytest
from own_tables import (
    STUDENTS,
    STUDENTS_TEXT,
    TEACHERS,
    TEACHERS_TEXT,
    WIDE,
    WIDE_TEXT,
    codes,
    delivered,
    found,
    lines,
    read,
    rows,
    settings,
    with_columns,
    write,
)

from matricula.errors import SettingError
from matricula.roster import TABLES
from matricula.sources import open_source


def test_a_list_of_students_and_one_of_teachers(tmp_path):
    folder = write(tmp_path, students=STUDENTS_TEXT, teachers=TEACHERS_TEXT)
    roster = read(folder, STUDENTS, TEACHERS)
    assert rows(roster, "users", "sourcedId", "givenName", "familyName", "role", "email") == {
        ("101", "Jürgen", "Müller", "student", "jm@oak.example"),
        ("102", "Ann", "Lee", "student", "al@oak.example"),
        ("103", "Ben", "Öst", "student", "bo@oak.example"),
        ("hil", "Tom", "Hill", "teacher", "th@oak.example"),
        ("iye", "Uma", "Iyer", "teacher", "ui@oak.example"),
    }
    assert rows(roster, "classes", "sourcedId", "title") == {("7A/2027", "7A"), ("7B/2027", "7B")}
    assert rows(roster, "enrollments", "userSourcedId", "classSourcedId", "role") == {
        ("101", "7A/2027", "student"),
        ("102", "7A/2027", "student"),
        ("103", "7B/2027", "student"),
    }
    assert rows(roster, "orgs", "sourcedId", "name", "type") == {("Oak_20School", "Oak School", "school")}
    assert rows(roster, "academicSessions", "sourcedId", "type", "schoolYear") == {("2027", "schoolYear", "2027")}
    assert set(roster.users["orgSourcedIds"].to_list()[0]) == {"Oak_20School"}
    assert codes(roster) == set()


def test_one_wide_file_where_each_course_is_one_class(tmp_path):
    roster = read(write(tmp_path, wide=WIDE_TEXT), WIDE)
    assert rows(roster, "courses", "sourcedId", "title", "courseCode") == {
        ("PHY", "Physics", "PHY"),
        ("ART", "Art", "ART"),
    }
    assert rows(roster, "classes", "sourcedId", "title", "courseSourcedId") == {
        ("PHY/2027", "Physics", "PHY"),
        ("ART/2027", "Art", "ART"),
    }
    assert rows(roster, "enrollments", "userSourcedId", "classSourcedId", "role") == {
        ("1", "PHY/2027", "student"),
        ("1", "ART/2027", "student"),
        ("2", "PHY/2027", "student"),
        ("th@oak.example", "PHY/2027", "teacher"),
        ("ui@oak.example", "ART/2027", "teacher"),
    }
    assert roster.users.filter(roster.users["sourcedId"] == "1")["grades"].to_list() == [["7"]]
    assert all(roster.scope.covers(name) for name in TABLES)


def test_a_made_id_stays_when_a_title_is_mended(tmp_path):
    first = read(write(tmp_path / "a", wide=WIDE_TEXT), WIDE)
    second = read(write(tmp_path / "b", wide=WIDE_TEXT.replace("Physics", "Physics and Astronomy")), WIDE)
    for table in TABLES:
        assert rows(first, table, "sourcedId") == rows(second, table, "sourcedId")
    assert "Physics and Astronomy" in second.courses["title"].to_list()


def test_next_years_class_is_another_class(tmp_path):
    folder = write(tmp_path, wide=WIDE_TEXT)
    this, following = read(folder, WIDE), read(folder, WIDE, year=2028)
    assert not rows(this, "classes", "sourcedId") & rows(following, "classes", "sourcedId")
    assert rows(this, "courses", "sourcedId") == rows(following, "courses", "sourcedId")


def test_a_class_of_one_school_is_not_that_of_another(tmp_path):
    text = lines(("Nr", "Name", "School", "Class"), ("1", "Lee", "Oak", "7A"), ("2", "Orr", "Elm", "7A"))
    part = {
        "file": "s.csv",
        "holds": "people",
        "role": "student",
        "columns": {"sourcedId": "Nr", "familyName": "Name", "school.name": "School", "class.title": "Class"},
    }
    roster = read(write(tmp_path, s=text), part)
    assert rows(roster, "classes", "sourcedId", "schoolSourcedId") == {("Oak/7A/2027", "Oak"), ("Elm/7A/2027", "Elm")}
    assert rows(roster, "enrollments", "userSourcedId", "classSourcedId") == {
        ("1", "Oak/7A/2027"),
        ("2", "Elm/7A/2027"),
    }


CLASSES = {
    "file": "classes.csv",
    "holds": "classes",
    "columns": {
        "classCode": "Code",
        "title": "Title",
        "course.title": "Subject",
        "teacher.name": {"column": "Teachers", "separator": "/"},
    },
}
PLACES = {
    "file": "places.csv",
    "holds": "enrolments",
    "columns": {"person.email": "Student", "class.classCode": "Class", "beginDate": "From"},
    "dates": "DD.MM.YYYY",
}


@pytest.fixture
def four_files(tmp_path):
    return write(
        tmp_path,
        students=STUDENTS_TEXT,
        teachers=TEACHERS_TEXT,
        classes=lines(("Code", "Title", "Subject", "Teachers"), ("PH7", "Physics 7", "Physics", "Tom Hill / Iyer Uma")),
        places=lines(
            ("Student", "Class", "From"), ("AL@oak.example", "ph7", "15.8.2026"), ("bo@oak.example", "PH7", "")
        ),
    )


PEOPLE = with_columns(STUDENTS, class__title=None)


def test_pointers_by_code_address_and_name(four_files):
    roster = read(four_files, PEOPLE, TEACHERS, CLASSES, PLACES)
    assert rows(roster, "enrollments", "userSourcedId", "classSourcedId", "role") == {
        ("102", "Physics/PH7/2027", "student"),
        ("103", "Physics/PH7/2027", "student"),
        ("hil", "Physics/PH7/2027", "teacher"),
        ("iye", "Physics/PH7/2027", "teacher"),
    }
    assert str(roster.enrollments.filter(roster.enrollments["userSourcedId"] == "102")["beginDate"][0]) == "2026-08-15"
    assert codes(roster) == set()


def test_a_name_that_two_people_have_is_nobodys(four_files):
    write(four_files, teachers=TEACHERS_TEXT + "hi2;Hill;Tom;t2@oak.example\n")
    roster = read(four_files, PEOPLE, TEACHERS, CLASSES, PLACES)
    (finding,) = found(roster, "pointer-ambiguous")
    assert (finding.file, finding.line, finding.value) == ("classes.csv", 2, "Tom Hill")
    assert not {user for (user,) in rows(roster, "enrollments", "userSourcedId")} & {"hil", "hi2"}
    # Whoever of the two had the class before keeps it until it is settled.
    assert ("", "Physics/PH7/2027") in roster.unreadable_pairs
    assert roster.scope.covers("enrollments")


def test_a_pupil_with_a_teachers_name_does_not_take_the_class_away(four_files):
    write(four_files, students=STUDENTS_TEXT + "104;Hill;Tom;7A;pupil@oak.example\n")
    roster = read(four_files, PEOPLE, TEACHERS, CLASSES, PLACES)
    assert ("hil", "teacher") in rows(roster, "enrollments", "userSourcedId", "role")
    assert codes(roster) == set()


def test_a_pointer_that_leads_nowhere_costs_itself_and_frees_nobody(four_files):
    write(
        four_files,
        places=lines(("Student", "Class", "From"), ("nobody@oak.example", "PH7", ""), ("bo@oak.example", "X", "")),
    )
    roster = read(four_files, PEOPLE, TEACHERS, CLASSES, PLACES)
    assert {(each.column, each.value, each.line) for each in found(roster, "pointer-unknown")} == {
        ("person.email", "nobody@oak.example", 2),
        ("class.classCode", "X", 3),
    }
    assert {("", "Physics/PH7/2027"), ("103", "")} <= roster.unreadable_pairs
    assert roster.enrollments.height == 2


def test_a_person_in_two_rows_is_one_person(tmp_path):
    text = STUDENTS_TEXT + "102;Lee;Ann;7B;\n"
    roster = read(write(tmp_path, students=text), STUDENTS)
    assert roster.users.height == 3
    assert {of for user, of in rows(roster, "enrollments", "userSourcedId", "classSourcedId") if user == "102"} == {
        "7A/2027",
        "7B/2027",
    }
    assert codes(roster) == set()


def test_rows_of_a_person_that_contradict_each_other_are_told_by_name(tmp_path):
    text = STUDENTS_TEXT + "102;Lee;Ann;7B;other@oak.example\n"
    roster = read(write(tmp_path, students=text), STUDENTS)
    (finding,) = found(roster, "rows-contradict")
    for told in ("Ann Lee", "102", "email", "line 3", "line 5", "other@oak.example"):
        assert told in finding.message
    assert "102" not in roster.users["sourcedId"].to_list()
    assert "102" in roster.unreadable["users"]
    assert roster.scope.covers("users")


def test_capitals_of_an_address_contradict_nothing(tmp_path):
    roster = read(write(tmp_path, students=STUDENTS_TEXT + "102;Lee;Ann;7B;AL@OAK.example\n"), STUDENTS)
    assert codes(roster) == set()
    assert roster.users.height == 3


@pytest.mark.parametrize("order", [1, -1])
def test_of_titles_that_differ_the_one_of_most_rows_is_taken(tmp_path, order):
    header, *body = (WIDE_TEXT + "3,Cleo,Lee,7,PHY,Phyiscs,th@oak.example\n").splitlines()
    roster = read(write(tmp_path, wide="\n".join([header, *body[::order]])), WIDE)
    assert ("PHY", "Physics") in rows(roster, "courses", "sourcedId", "title")
    (finding,) = found(roster, "rows-differ")
    assert "Phyiscs" in finding.message


def test_capitals_alone_make_another_class_and_that_is_said(tmp_path):
    roster = read(write(tmp_path, students=STUDENTS_TEXT + "104;Poe;Eve;7a;ep@oak.example\n"), STUDENTS)
    assert roster.classes.height == 3
    (finding,) = found(roster, "keys-near")
    assert "“7A/2027”, “7a/2027”" in finding.message


def test_numbers_given_out_anew_in_each_file_are_kept_apart_by_a_template(tmp_path):
    students = lines(("No", "Last", "First"), ("1", "Lee", "Ann"), ("2", "Orr", "Dan"))
    staff = lines(("No", "Last", "First"), ("1", "Hill", "Tom"))
    folder = write(tmp_path, students=students, staff=staff)
    columns = {"sourcedId": "No", "familyName": "Last", "givenName": "First"}
    pupils = {"file": "students.csv", "holds": "people", "role": "student", "columns": columns}
    teachers = {"file": "staff.csv", "holds": "people", "role": "teacher", "columns": columns}
    confused = read(folder, pupils, teachers)
    assert {finding.column for finding in found(confused, "rows-contradict")} == {"familyName", "givenName"}
    roster = read(folder, pupils, with_columns(teachers, sourcedId="staff-{No}"))
    assert rows(roster, "users", "sourcedId", "role") == {("1", "student"), ("2", "student"), ("staff-1", "teacher")}


def test_someone_who_is_two_things_has_two_roles(tmp_path):
    teachers = with_columns(TEACHERS, username=None, sourcedId="Nr")
    folder = write(
        tmp_path, students=STUDENTS_TEXT, teachers="Nr;Nachname;Vorname;E-Mail\n102;Lee;Ann;al@oak.example\n"
    )
    roster = read(folder, STUDENTS, teachers)
    assert {row for row in rows(roster, "roles", "userSourcedId", "role", "roleType") if row[0] == "102"} == {
        ("102", "student", "primary"),
        ("102", "teacher", "secondary"),
    }


def test_words_lists_marks_and_fixed_values(tmp_path):
    text = "Name|Class|Sex|What\nLee, Ann|7A; 7B|f|S\nHill, Tom||m|L\n"
    part = {
        "file": "all.csv",
        "holds": "people",
        "columns": {
            "sourcedId": "{Name}",
            "familyName": {"column": "Name", "before": ","},
            "givenName": {"column": "Name", "after": ","},
            "role": {"column": "What", "values": {"S": "student", "l": "teacher"}},
            "class.title": {"column": "Class", "separator": ";"},
            "metadata.house": {"value": "Red"},
            "middleName": "{Second name?}",
        },
    }
    roster = read(write(tmp_path, all=text), part)
    assert rows(roster, "users", "sourcedId", "givenName", "familyName", "role", "metadata.house") == {
        ("Lee, Ann", "Ann", "Lee", "student", "Red"),
        ("Hill, Tom", "Tom", "Hill", "teacher", "Red"),
    }
    assert roster.enrollments.height == 2
    assert roster.users["middleName"].null_count() == 2


def test_terms_by_column(tmp_path):
    text = lines(
        ("Nr", "Name", "Class", "Term", "From", "To"), ("1", "Lee", "7A", "Autumn", "01/09/2026", "18/12/2026")
    )
    part = {
        "file": "s.csv",
        "holds": "people",
        "role": "student",
        "dates": ["DD/MM/YYYY"],
        "columns": {
            "sourcedId": "Nr",
            "familyName": "Name",
            "class.title": "Class",
            "session.title": "Term",
            "session.startDate": "From",
            "session.endDate": "To",
        },
    }
    roster = read(write(tmp_path, s=text), part)
    assert rows(roster, "academicSessions", "sourcedId", "type", "parentSourcedId", "schoolYear") == {
        ("Autumn/2027", "term", "2027", "2027"),
        ("2027", "schoolYear", None, "2027"),
    }
    assert rows(roster, "classes", "sourcedId") == {("7A/Autumn_2f2027",)}
    assert str(roster.academicSessions["startDate"].drop_nulls()[0]) == "2026-09-01"


def test_parents_by_pointer(tmp_path):
    students = lines(("Nr", "Name", "Parents"), ("1", "Lee", "p1@x.example;p2@x.example"), ("2", "Orr", ""))
    parents = lines(("Mail", "Name"), ("p1@x.example", "Lee"), ("p2@x.example", "Lee-Orr"))
    roster = read(
        write(tmp_path, students=students, parents=parents),
        {
            "file": "students.csv",
            "holds": "people",
            "role": "student",
            "columns": {
                "sourcedId": "Nr",
                "familyName": "Name",
                "agent.email": {"column": "Parents", "separator": ";"},
            },
        },
        {
            "file": "parents.csv",
            "holds": "people",
            "role": "parent",
            "columns": {"email": "Mail", "familyName": "Name"},
        },
    )
    assert roster.users.filter(roster.users["sourcedId"] == "1")["agentSourcedIds"].to_list() == [
        ["p1@x.example", "p2@x.example"]
    ]
    assert roster.roles.height == 4


def test_a_person_without_login_or_address_is_known_by_number(tmp_path):
    roster = read(write(tmp_path, s=lines(("Nr", "Name"), ("7", "Lee"))), {
        "file": "s.csv", "holds": "people", "role": "student", "columns": {"sourcedId": "Nr", "familyName": "Name"},
    })  # fmt: skip
    assert rows(roster, "users", "sourcedId", "identifier", "username", "email") == {("7", "7", None, None)}


def test_what_is_not_read_is_said(tmp_path):
    delivery = delivered(write(tmp_path, students=STUDENTS_TEXT), with_columns(STUDENTS, email=None))
    assert delivery.notes == ("students.csv line 1: headings, 3 rows below. Not read: E-Mail.",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"columns": {"sourcedId": "Nr", "famlyName": "Nachname"}}, "do you mean familyName?"),
        ({"columns": {"sourcedId": "Nr", "password": "Kennwort"}}, "there is no field password"),
        ({"columns": {"sourcedId": "Nr", "metadata.x": "Pass word"}}, "secret"),
        ({"columns": {"sourcedId": "Nr", "phone": "{PIN}"}}, "secret"),
        ({"columns": {}}, "name at least one column"),
        ({"columns": {"sourcedId": {"column": "Nr", "value": "1"}}}, "name one of"),
        ({"columns": {"familyName": "Nachname"}}, "sourcedId, identifier, username or email"),
        ({"holds": "classes", "columns": {"location": "Raum"}}, "sourcedId, classCode or title"),
        ({"holds": "enrolments", "columns": {"person.email": "E-Mail"}}, "class"),
        ({"holds": "enrolments", "columns": {"class.title": "Klasse"}}, "person"),
        ({"holds": "pigeons"}, "people"),
        ({"dates": "tomorrow"}, "DD/MM/YYYY"),
        ({"encoding": "klingon"}, "windows-1252"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(tmp_path, change, told):
    with pytest.raises(SettingError) as error:
        open_source(settings(tmp_path, {**STUDENTS, **change}))
    assert told in str(error.value)


def test_a_source_without_files_is_refused(tmp_path):
    with pytest.raises(SettingError, match="layout"):
        open_source(settings(tmp_path))


def test_people_of_whom_nobody_says_what_they_are_are_refused(tmp_path):
    part = {name: value for name, value in STUDENTS.items() if name != "role"}
    with pytest.raises(SettingError, match="role"):
        open_source(settings(tmp_path, part))
