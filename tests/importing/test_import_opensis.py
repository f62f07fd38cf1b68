"""Into openSIS's tables: read back by the project's own preset, in one transaction, nobody else's rows touched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from import_bench import category, course, home_of, look, place, site, small, total, written
from import_bench import user as account
from opensis_bench import Desk, opensis
from opensis_school import MariaSchool, rows
from test_import_round_trip import nothing_to_do

from matricula.errors import SettingError, StopError, UsageError
from matricula.hub.import_profile import make_import_profile
from matricula.hub.importing import write_import
from matricula.importing.opensis.address import read_address
from matricula.sandbox import running


@pytest.fixture(scope="module", params=["9.2"])
def database(request: pytest.FixtureRequest) -> Iterator[MariaSchool]:
    with opensis(request.param) as school:
        yield school


@pytest.fixture
def desk(database: MariaSchool) -> Iterator[Desk]:
    """An import into the school; whatever a test wrote is taken back."""
    desk = Desk(database)
    before = _keys(desk)
    yield desk
    after = _keys(desk)
    new = {name: sorted(after[name] - before[name]) for name in _WRITTEN}
    database.change(
        *(
            f"DELETE FROM {name} WHERE {_WRITTEN[name]} IN ({','.join(map(str, each))})"
            for name, each in new.items()
            if each
        ),
        "DELETE FROM staff_school_relationship WHERE staff_id NOT IN (SELECT staff_id FROM staff)",
    )


_WRITTEN = {
    "staff": "staff_id",
    "staff_school_info": "staff_school_info_id",
    "students": "student_id",
    "student_enrollment": "id",
    "login_authentication": "id",
    "course_subjects": "subject_id",
    "courses": "course_id",
    "course_periods": "course_period_id",
    "schedule": "id",
    "history_marking_periods": "marking_period_id",
    "student_report_card_grades": "id",
}


def _keys(desk: Desk) -> dict[str, set[int]]:
    told = desk.ask(" UNION ALL ".join(f"SELECT '{name}', {key} FROM {name}" for name, key in _WRITTEN.items()))
    return {name: {number for each, number in told if each == name} for name in _WRITTEN}


@pytest.mark.parametrize("version", ["8.0", "9.2"])
def test_the_own_preset_reads_what_was_written(version: str):
    with opensis(version) as database:
        desk = Desk(database)
        seen = small()
        person = account(6, idnumber="S1", phone1="123", email="s@school.example", suspended=True)
        seen = site([*list(seen.users.values())[::2], person], seen.courses.values(), seen.enrolments)
        desk.put(seen)
        roster = desk.read()
        assert [str(each) for each in roster.findings] == []
        (title,) = desk.ask("SELECT title FROM schools")[0]
        assert {row[0] for row in rows(roster, "orgs", "name")} == {title}
        assert rows(roster, "users", "username", "role", "identifier", "enabledUser", "phone") >= {
            ("user5", "teacher", "T1", True, None),
            ("user6", "student", "S1", False, "123"),
            ("user7", "student", None, True, None),
        }
        (section,) = (row for row in roster.classes.iter_rows(named=True) if row["title"] == "Course 2")
        assert (section["classCode"], section["subjects"]) == ("C2", ["Main"])
        who = {row["sourcedId"]: row["username"] for row in roster.users.iter_rows(named=True)}
        inside = roster.enrollments.filter(roster.enrollments["classSourcedId"] == section["sourcedId"])
        assert sorted((who[user], role) for user, role in inside.select("userSourcedId", "role").iter_rows()) == [
            ("user5", "teacher"),
            ("user6", "student"),
            ("user7", "student"),
        ]


def test_nobody_elses_row_and_no_table_is_altered(desk: Desk):
    before = desk.everything()
    shape = desk.ask("SELECT table_name, column_name, column_type FROM information_schema.columns "
                     "WHERE table_schema = DATABASE() ORDER BY 1, 2")  # fmt: skip
    desk.put(small(), {(3, 6): total(85.5)})
    after = desk.everything()
    assert {name: [row for row in told if row not in after[name]] for name, told in before.items()} == {
        name: [] for name in before
    }
    assert shape == desk.ask("SELECT table_name, column_name, column_type FROM information_schema.columns "
                             "WHERE table_schema = DATABASE() ORDER BY 1, 2")  # fmt: skip


def test_again_nothing_is_written(desk: Desk):
    assert desk.put(small(), {(3, 6): total(85.5)})
    assert desk.put(small(), {(3, 6): total(85.5)}) == []


def test_only_what_differs_is_updated_and_what_opensis_says_otherwise_stays(desk: Desk, database: MariaSchool):
    desk.put(small())
    database.change("UPDATE students SET phone = '999', first_name = 'Theirs' WHERE alt_id = 'S1'")
    seen = small()
    users = [account(6, idnumber="S1", lastname="Married") if each.id == 6 else each for each in seen.users.values()]
    (change,) = desk.put(site(users, seen.courses.values(), seen.enrolments))
    assert (change.kind, change.action, change.after) == ("students", "update", {"last_name": "Married"})
    assert desk.ask("SELECT first_name, last_name, phone FROM students WHERE alt_id = 'S1'") == [
        ("Theirs", "Married", "999")
    ]


def test_without_a_commit_nothing_is_there(desk: Desk):
    before = desk.everything()
    desk.put(small(), {(3, 6): total(85.5)}, commit=False, remember=False)
    assert desk.everything() == before


def test_what_was_written_just_before_a_crash_is_known_again(desk: Desk):
    desk.put(small(), {(3, 6): total(85.5)}, remember=False)
    before = desk.everything()
    assert {change.action for change in desk.put(small(), {(3, 6): total(85.5)})} == {"update"}
    after = desk.everything()
    assert {name: len(told) for name, told in after.items()} == {name: len(told) for name, told in before.items()}
    assert desk.put(small(), {(3, 6): total(85.5)}) == []


def test_who_is_there_already_is_taken_as_they_are(desk: Desk, database: MariaSchool):
    seen = site([account(6, username="vihaan", firstname="Moodle's")], [course(2)], [place(2, 6, "student")])
    changes = desk.put(seen)
    assert {change.kind for change in changes} == {
        "student_enrollment",
        "course_subjects",
        "courses",
        "course_periods",
        "schedule",
    }
    assert desk.codes == ["import-person-there"]
    assert desk.ask("SELECT student_id FROM schedule WHERE syear = 2026") == [(1,)]
    assert "Moodle's" not in str(desk.ask("SELECT first_name FROM students"))
    assert desk.put(seen) == []


def test_who_could_be_several_people_is_left_out_with_their_places(desk: Desk):
    seen = site([account(6, idnumber="", username="x", email="tim@x.example")], [course(2)], [place(2, 6, "student")])
    desk.database.change("UPDATE students SET email = 'tim@x.example' WHERE student_id IN (1, 2)")
    changes = desk.put(seen)
    assert desk.codes == ["import-person-ambiguous"]
    assert {change.kind for change in changes} == {"course_subjects", "courses", "course_periods"}
    desk.database.change("UPDATE students SET email = NULL WHERE student_id IN (1, 2)")


def test_what_somebody_took_out_of_opensis_is_not_made_again(desk: Desk, database: MariaSchool):
    desk.put(small())
    database.change("DELETE FROM students WHERE alt_id = 'S1'")
    assert desk.put(small(), {(3, 6): total(5.0), (3, 7): total(6.0)})
    assert desk.ask("SELECT alt_id FROM students WHERE alt_id = 'S1'") == []
    assert [row[0] for row in desk.ask("SELECT grade_percent FROM student_report_card_grades WHERE syear = 2025 AND "
                                       "course_title = 'Course 3'")] == [6]  # fmt: skip


def test_totals_of_older_courses_are_grades_of_report_cards(desk: Desk):
    seen = site(
        [account(6)],
        [course(3, "2025-09-01", "2026-06-30"), course(4, "2019-09-01", "2020-06-30", fullname="Long ago")],
        [place(3, 6, "student"), place(4, 6, "student")],
    )
    desk.put(seen, {(3, 6): total(30.0, maximum=40.0, formatted="B"), (4, 6): total(120.0, feedback="Well done")})
    told = desk.ask("SELECT syear, grade_percent, grade_letter, comment, course_title, course_period_id FROM "
                    "student_report_card_grades WHERE course_code IN ('C3', 'C4') ORDER BY syear")  # fmt: skip
    assert [(int(year), float(percent), *rest) for year, percent, *rest in told] == [
        (2019, 120.0, None, "Well done", "Long ago", None),
        (2025, 75.0, "B", None, "Course 3", None),
    ]
    ((year, name, kind),) = desk.ask("SELECT syear, name, mp_type FROM history_marking_periods")
    assert (year, name, kind) == (2019, "2019/20", "year")
    assert desk.ask("SELECT title FROM courses WHERE title = 'Course 3'") == []


def test_a_place_that_ended_is_dropped(desk: Desk):
    desk.put(small())
    seen = small()
    away = [place(2, 6, "student", suspended=True) if (each.course_id, each.user_id) == (2, 6) else each
            for each in seen.enrolments]  # fmt: skip
    changes = desk.put(site(seen.users.values(), seen.courses.values(), away))
    assert [(change.kind, change.after) for change in changes] == [
        ("schedule", {"end_date": "2026-11-26", "dropped": "Y"})
    ]


def test_more_than_two_teachers_and_staff_who_study(desk: Desk):
    seen = site(
        [account(number, idnumber=f"T{number}") for number in (4, 5, 6, 7)],
        [course(2), course(3)],
        [*(place(2, number, "editingteacher") for number in (4, 5, 6)), place(3, 7, "teacher"), place(2, 7, "student")],
    )
    desk.put(seen)
    assert desk.codes == ["import-staff-studies", "import-teachers-many"]
    ((first, second),) = desk.ask(
        "SELECT a.alternate_id, b.alternate_id FROM course_periods p JOIN staff a ON a.staff_id = p.teacher_id "
        "JOIN staff b ON b.staff_id = p.secondary_teacher_id WHERE p.title = 'Course 2'"
    )
    assert (first, second) == ("T4", "T5")


def test_what_does_not_fit_is_cut_or_left_out(desk: Desk):
    seen = site(
        [account(6, firstname="x" * 60, email=f"{'e' * 60}@x.example", idnumber="S6")],
        [course(2, fullname="Long " * 30, shortname="s" * 40)],
        [place(2, 6, "student")],
    )
    desk.put(seen)
    assert desk.ask("SELECT LENGTH(first_name), email FROM students WHERE alt_id = 'S6'") == [(50, None)]
    assert desk.codes == ["import-value-cut"] * 5
    ((title, code),) = desk.ask("SELECT title, short_name FROM courses WHERE title LIKE 'Long Long%'")
    assert (len(title), code) == (99, "s" * 25)


def test_grades_and_own_columns_come_from_profile_fields(desk: Desk, database: MariaSchool):
    desk.settings = {
        "fields": [
            {"moodle": "year", "to": "grades"},
            {"moodle": "shirt", "to": "students.gender"},
            {"moodle": "nick", "to": "preferredGivenName"},
        ]
    }
    users = [
        account(6, idnumber="S6", custom_fields={"year": "10", "shirt": "M", "nick": "Al"}),
        account(7, idnumber="S7", custom_fields={"year": "11th grade", "shirt": ""}),
        account(8, idnumber="S8", custom_fields={"year": "77"}),
    ]
    desk.put(site(users, [course(2)], [place(2, each.id, "student") for each in users]))
    told = desk.ask(
        "SELECT s.alt_id, s.gender, s.common_name, g.title FROM students s "
        "JOIN student_enrollment e USING (student_id) LEFT JOIN school_gradelevels g ON g.id = e.grade_id "
        "WHERE s.alt_id LIKE 'S_' AND e.syear = 2026 ORDER BY 1"
    )
    assert told == [("S6", "M", "Al", "10th Grade"), ("S7", None, None, "11th Grade"), ("S8", None, None, None)]
    assert desk.codes == ["import-grade-unknown"]
    desk.settings = {"fields": [{"moodle": "shirt", "to": "students.custom_77"}]}
    with pytest.raises(SettingError) as caught:
        desk.put(site(users, [course(2)], [place(2, 6, "student")]))
    assert caught.value.code == "import-column-unknown"


def test_the_next_year_has_sections_and_places_of_its_own(desk: Desk, database: MariaSchool):
    desk.settings = {"year": 2027}
    desk.put(small())
    database.change("INSERT INTO school_years (marking_period_id, syear, school_id, title, start_date, end_date) "
                    "VALUES (901, 2027, 1, 'Full Year', '2027-08-02', '2028-05-26')")  # fmt: skip
    try:
        desk.settings = {"year": 2028}
        changes = desk.put(small())
    finally:
        database.change("DELETE FROM school_years WHERE marking_period_id = 901")
    counts = {(change.kind, change.action) for change in changes}
    assert ("course_periods", "add") in counts
    assert ("students", "add") not in counts
    assert ("course_periods", "update") not in counts


def test_a_login_that_is_somebody_elses(desk: Desk):
    seen = site([account(5, username="arthur", idnumber="T5")], [course(2)], [place(2, 5, "editingteacher")])
    desk.put(seen)
    assert desk.codes == ["import-login-taken"]
    assert desk.ask("SELECT COUNT(*) FROM login_authentication WHERE username = 'arthur'") == [(1,)]


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"year": 2031}, "import-year-unknown"), ({"opensis_school": 7}, "import-school-unknown")],
)
def test_a_year_or_school_that_opensis_does_not_have(desk: Desk, settings, code):
    desk.settings = settings
    with pytest.raises(SettingError) as caught:
        desk.put(small())
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("postgresql://a@b/c", "import-address"),
        ("mariadb://a@b", "import-address"),
        ("mariadb://", "import-address"),
        ("mariadb://a:secret@b/c", "import-address-password"),
        ("mysql://a@b/c?password=secret", "import-address-password"),
    ],
)
def test_what_is_no_address_of_opensis(to, code):
    with pytest.raises(UsageError) as caught:
        read_address(to)
    assert caught.value.code == code
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing_database", "mysql"])
def test_a_database_that_is_none_of_opensis(desk: Desk, name):
    desk.database.settings = {**(kept := desk.database.settings), "url": kept["url"].rpartition("/")[0] + f"/{name}"}
    try:
        with pytest.raises(SettingError) as caught:
            desk.put(small())
    finally:
        desk.database.settings = kept
    assert caught.value.code == "import-no-opensis"


def test_there_and_back_again(tmp_path: Path, desk: Desk):
    with running("school") as served, home_of(tmp_path / "home", served, to=desk.place, year=2027) as home:
        shown = written(home, to=desk.place)
        assert shown.counts["students"] == {"add": 32}
        made = make_import_profile(home, shown, "back", desk.database.password)
        assert made.entered == {"category": 1, "user": 39, "course": 9, "enrolment": 114}
        nothing_to_do(home, "back")
        assert look(home).changes == ()


def test_rows_that_came_between_looking_and_writing(tmp_path: Path, desk: Desk, database: MariaSchool):
    with running("school") as served, home_of(tmp_path / "home", served, to=desk.place, year=2027) as home:
        shown = look(home)
        username = shown.school.of("person")[-1].body["username"]
        database.change(f"INSERT INTO login_authentication (user_id, profile_id, username) VALUES (2, 4, '{username}')")
        before = desk.everything()
        with pytest.raises(StopError) as caught:
            write_import(home, shown)
        assert caught.value.code == "import-changed"
        assert desk.everything() == before
        assert home.store.imported.rows("first") == []


def test_departments_of_courses_are_subjects(desk: Desk):
    tree = [category(1, "Main"), category(4, "Arts", 1, "ART"), category(5, "Empty")]
    desk.put(site([], [course(2, category=4), course(3)], [], tree))
    told = desk.ask("SELECT title, short_name FROM course_subjects WHERE syear = 2026 ORDER BY 1")
    assert told == [("Arts", "ART"), ("Main", None)]
