"""Who becomes what, which courses are of this year, and what is said when it is imported again."""

import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_bench import as_roster, bodies, category, codes, course, importing, of, place, site, small, told_by, total
from import_bench import user as account
from pydantic import ValidationError

from matricula.importing import RULES
from matricula.importing.years import Year, current_year, standing_of
from matricula.planning.rules import RULES as OF_PLANNING
from matricula.profiles.documents import Import
from matricula.profiles.reading import checked, parse_documents
from matricula.profiles.rules import RULES as OF_PROFILES
from matricula.publishing import RULES as OF_PUBLISHING
from matricula.roster import CODES


def test_teachers_become_staff_and_students_students():
    people = bodies(importing(small()), "person")
    assert {key: body["role"] for key, body in people.items()} == {
        "T1": "teacher",
        "S1": "student",
        "moodle-user-7": "student",
    }


def test_who_teaches_and_studies_is_staff_with_a_place_as_a_student():
    seen = site([account(5)], [course(2), course(3)], [place(2, 5, "teacher"), place(3, 5, "student")])
    school = importing(seen)
    assert bodies(school, "person")["moodle-user-5"]["role"] == "teacher"
    assert {body["course"]: body["role"] for body in bodies(school, "enrolment").values()} == {
        "moodle-course-2": "teacher",
        "moodle-course-3": "student",
    }


def test_who_teaches_a_course_does_not_study_it():
    seen = site([account(5)], [course(2)], [place(2, 5, "teacher", "student")])
    (body,) = bodies(importing(seen), "enrolment").values()
    assert body["role"] == "teacher"


def test_the_first_role_of_teachers_makes_the_main_teacher():
    seen = site(
        [account(number) for number in (4, 5, 6)],
        [course(2)],
        [place(2, 4, "teacher"), place(2, 5, "editingteacher"), place(2, 6, "editingteacher")],
    )
    assert [body["primary"] for body in bodies(importing(seen), "enrolment").values()] == [False, True, False]


def test_roles_are_as_the_document_says():
    seen = site([account(5), account(6)], [course(2)], [place(2, 5, "manager"), place(2, 6, "student")])
    people = bodies(importing(seen, teachers=["manager"], students=["student"]), "person")
    assert [body["role"] for body in people.values()] == ["teacher", "student"]


@pytest.mark.parametrize(("unenrolled", "role"), [("leave", None), ("staff", "aide"), ("students", "student")])
def test_accounts_without_a_role_are_what_the_document_says(unenrolled, role):
    school = importing(site([account(5)]), unenrolled=unenrolled)
    assert [body["role"] for body in bodies(school, "person").values()] == ([role] if role else [])
    assert codes(school) == ([] if role else ["import-person-left-out"])


def test_the_own_account_and_those_named_are_left_out():
    users = [account(2), account(4, username="admin"), account(5, username="Boss"), account(6, username="kept")]
    school = importing(site(users), unenrolled="staff", without=["admin", "boss"])
    assert [body["username"] for body in bodies(school, "person").values()] == ["kept"]


def test_a_place_of_somebody_who_is_not_taken_is_told_and_left_out():
    school = importing(site([], [course(2)], [place(2, 9, "student")]))
    assert school.of("enrolment") == ()
    assert codes(school) == ["import-person-unseen"]


def test_suspended_people_are_disabled():
    seen = site([account(5, suspended=True)], [course(2)], [place(2, 5, "student")])
    assert bodies(importing(seen), "person")["moodle-user-5"]["enabled"] is False


def test_names_address_and_telephone():
    given = {"idnumber": "S 1", "phone1": "1", "phone2": "2", "email": "Ann@School.example", "firstname": " Ann\t"}
    (body,) = bodies(importing(site([account(5, **given)]), unenrolled="students"), "person").values()
    told = {name: body[name] for name in ("givenName", "familyName", "email", "phone", "sms", "identifier")}
    assert list(told.values()) == ["Ann", "Family 5", "Ann@School.example", "1", "2", "S 1"]


def test_what_stands_for_no_address_is_none():
    users = [account(5, email="x@noemail.invalid"), account(6, email=""), account(7, email="A@b.c")]
    school = importing(site([*users, account(8, email="a@B.c")]), unenrolled="students")
    assert [body["email"] for body in bodies(school, "person").values()] == ["", "", "A@b.c", "a@B.c"]
    assert codes(school) == ["import-email-missing"] * 2 + ["import-email-shared"] * 2


def test_profile_fields_become_columns():
    fields = [
        {"moodle": "house", "to": "metadata.house"},
        {"moodle": "year", "to": "grades"},
        {"moodle": "payroll", "to": "identifier"},
        {"moodle": "shirt", "to": "students.CUSTOM_3"},
    ]
    custom = {"house": "Oak", "year": "09", "payroll": "77", "shirt": "M"}
    school = importing(site([account(5, idnumber="A", custom_fields=custom)]), unenrolled="students", fields=fields)
    (body,) = bodies(school, "person").values()
    assert {name: body[name] for name in ("metadata.house", "grades", "identifier", "students.custom_3")} == {
        "metadata.house": "Oak",
        "grades": "09",
        "identifier": "77",
        "students.custom_3": "M",
    }
    assert body["metadata.idnumber"] == "A"


def test_a_field_that_is_empty_takes_nothing_away():
    fields = [{"moodle": "mobile", "to": "phone"}]
    school = importing(site([account(5, phone1="1")]), unenrolled="students", fields=fields)
    assert bodies(school, "person")["moodle-user-5"]["phone"] == "1"
    assert codes(school) == ["import-field-empty"]


@pytest.mark.parametrize("to", ["role", "sourcedId", "metadata.", "students.", "courses.title", "password"])
def test_a_field_cannot_become_just_anything(to):
    with pytest.raises(ValidationError):
        of(fields=[{"moodle": "x", "to": to}])


def test_two_fields_cannot_become_one():
    with pytest.raises(ValidationError):
        of(fields=[{"moodle": "x", "to": "phone"}, {"moodle": "y", "to": "phone"}])


@pytest.mark.parametrize(
    ("start", "end", "visible", "standing", "year"),
    [
        ("2026-08-01", "", True, "current", 2027),
        ("2027-07-31", "", True, "current", 2027),
        ("2026-07-31", "", True, "current", 2027),
        ("2026-07-31", "", False, "history", 2026),
        ("2026-07-31", "2026-07-31", True, "history", 2026),
        ("2024-09-01", "2026-12-01", True, "current", 2027),
        ("2027-08-01", "", True, "later", 2028),
        ("", "", True, "current", 2027),
    ],
)
def test_which_year_a_course_is_of(start, end, visible, standing, year):
    found, of_year = standing_of(course(2, start, end, visible=visible), Year(2027, "08-01"), of())
    assert (found, of_year.ends) == (standing, year)


def test_days_begin_in_the_time_zone_of_the_import():
    late = course(2, "2026-07-31T23:30")
    assert standing_of(late, Year(2027, "08-01"), of())[0] == "current"
    ended = course(2, "2026-07-31T23:30", "2026-07-31T23:40")
    assert standing_of(ended, Year(2027, "08-01"), of())[0] == "history"
    assert standing_of(ended, Year(2027, "08-01"), of(timezone="Europe/Berlin"))[0] == "current"


def test_the_current_year_is_that_of_today_unless_it_is_named():
    assert current_year(of(), date(2026, 7, 31)).ends == 2026
    assert current_year(of(), date(2026, 8, 1)).ends == 2027
    assert current_year(of(year_begins="01-01"), date(2026, 8, 1)).title == "2026"
    assert current_year(of(year=2030), date(2026, 8, 1)).title == "2029/30"


def test_courses_of_later_years_wait_and_older_ones_only_come_where_they_are_wanted():
    seen = site(courses=[course(2, "2027-09-01"), course(3, "2024-09-01", "2025-01-01")])
    assert list(bodies(importing(seen), "course")) == ["moodle-course-3"]
    assert codes(importing(seen)) == ["import-course-later"]
    assert bodies(importing(seen, history=False), "course") == {}


def test_totals_of_older_courses_are_told_hidden_ones_and_none_are_not():
    totals = {(3, 6): total(85.5), (3, 7): total(50.0, hidden=True)}
    school = importing(small(), totals=totals)
    (body,) = bodies(school, "result").values()
    assert (body["person"], body["score"], body["maximum"]) == ("S1", 85.5, 100.0)
    assert codes(school) == ["import-total-hidden"]


@pytest.mark.parametrize("raw", [0.0, 130.0])
def test_zero_and_more_than_the_maximum_are_grades(raw):
    (body,) = bodies(importing(small(), totals={(3, 6): total(raw)}), "result").values()
    assert body["score"] == raw


@pytest.mark.parametrize("raw", [math.nan, math.inf])
def test_what_is_no_number_is_no_grade(raw):
    assert importing(small(), totals={(3, 6): total(raw)}).of("result") == ()


def test_a_letter_is_told_beside_the_points():
    totals = {(3, 6): total(85.0, formatted="B+"), (3, 7): total(50.0, formatted="50.00")}
    assert [body["letter"] for body in bodies(importing(small(), totals=totals), "result").values()] == ["B+", ""]


def test_suspended_students_of_older_courses_are_there_with_their_grades():
    seen = site([account(6)], [course(3, "2025-09-01", "2026-06-30")], [place(3, 6, "student", suspended=True)])
    school = importing(seen, totals={(3, 6): total(7.0)})
    assert len(school.of("enrolment")) == len(school.of("result")) == 1


def test_categories_become_departments_unless_they_are_not_wanted():
    tree = [category(1, "Main"), category(4, "Below", 1, "B")]
    found = importing(site(categories=tree))
    assert {key: body["parent"] for key, body in bodies(found, "category").items()} == {
        "moodle-category-1": "",
        "B": "moodle-category-1",
    }
    assert importing(site(categories=tree), categories="none").of("category") == ()


# Again


def test_again_nothing_is_new():
    first = importing(small(), totals={(3, 6): total(1.0)})
    assert importing(small(), told_by(first), totals={(3, 6): total(1.0)}).changes == ()


def test_a_change_is_an_update_with_just_what_differs():
    first = importing(small())
    seen = small()
    renamed = site(
        [account(5, idnumber="T1", lastname="Married"), *list(seen.users.values())[1:]],
        seen.courses.values(),
        seen.enrolments,
    )
    changes = importing(renamed, told_by(first)).changes
    (change,) = [each for each in changes if each.kind == "person"]
    assert (change.action, change.key) == ("update", "T1")
    assert change.after == {"familyName": "Married", "name": "Given Married"}
    assert change.before == {"familyName": "Family 5", "name": "Given Family 5"}


def test_what_is_gone_from_moodle_stays_as_it_last_was():
    first = importing(small(), totals={(3, 6): total(1.0)})
    again = importing(site(), told_by(first))
    assert again.changes == ()
    assert told_by(again) == told_by(first)
    assert again.vanished == {"person": 3, "course": 2, "enrolment": 6, "result": 1}


def test_a_key_never_changes():
    first = importing(small())
    later = site(
        [account(5, idnumber="OTHER"), account(6), account(7, idnumber="S7"), account(8, idnumber="S1")],
        small().courses.values(),
        [*small().enrolments, place(2, 8, "student")],
    )
    again = importing(later, told_by(first))
    assert [(each.moodle_id, each.key) for each in again.of("person")] == [
        ("5", "T1"),
        ("6", "S1"),
        ("7", "moodle-user-7"),
        ("8", "moodle-user-8"),
    ]
    assert codes(again) == ["import-idnumber-unfit"]


def test_a_place_that_was_suspended_since_gets_a_last_day_and_loses_it_again():
    seen = site([account(6)], [course(2)], [place(2, 6, "student")])
    away = site([account(6)], [course(2)], [place(2, 6, "student", suspended=True)])
    first = importing(seen)
    second = importing(away, told_by(first))
    assert [each.after for each in second.changes] == [{"ended": "2026-11-26"}]
    third = importing(away, told_by(second), today=date(2026, 12, 24))
    assert third.changes == ()
    assert [each.after for each in importing(seen, told_by(third)).changes] == [{"ended": ""}]


def test_a_suspended_place_that_was_never_told_is_left_out():
    away = site([account(6)], [course(2)], [place(2, 6, "student", suspended=True)])
    school = importing(away)
    assert school.of("enrolment") == ()
    assert codes(school) == ["import-enrolment-suspended"]


def test_who_has_no_role_any_more_keeps_the_one_they_had():
    first = importing(small())
    again = importing(site(small().users.values()), told_by(first))
    assert {body["role"] for body in bodies(again, "person").values()} == {"teacher", "student"}


def test_a_course_that_ran_on_is_history_of_the_year_in_which_it_was_told_last():
    ongoing = site(courses=[course(2, "2020-09-01")])
    first = importing(ongoing)
    assert bodies(first, "course")["moodle-course-2"]["year"] == 2027
    ended = site(courses=[course(2, "2020-09-01", "2027-06-30")])
    again = importing(ended, told_by(first), today=date(2027, 9, 1))
    assert bodies(again, "course")["moodle-course-2"]["year"] == 2027


# Keys


@pytest.mark.parametrize("idnumber", ["a b", "a,b", 'a"b', "Ünal", "moodle-user-9", "x" * 101, "a\tb"])
def test_an_id_number_that_cannot_be_a_key_is_kept_as_the_identifier(idnumber):
    school = importing(site([account(5, idnumber=idnumber)]), unenrolled="students")
    (record,) = school.of("person")
    assert record.key == "moodle-user-5"
    assert record.body["identifier"] == idnumber.replace("\t", " ")
    assert codes(school) == ["import-idnumber-unfit"]


def test_shared_id_numbers_are_nobodys_key():
    school = importing(site([account(5, idnumber="a1"), account(6, idnumber="A1")]), unenrolled="students")
    assert [each.key for each in school.of("person")] == ["moodle-user-5", "moodle-user-6"]
    assert codes(school) == ["import-idnumber-shared"] * 2


def test_the_schools_own_key_is_no_departments():
    school = importing(site(categories=[category(1, "Main", 0, "SCHOOL")]))
    assert [each.key for each in school.of("category")] == ["moodle-category-1"]


_NUMBERS = st.sampled_from(["", "1", "2", "A", "a", "b c"])
_PEOPLE = st.dictionaries(st.integers(5, 9), st.tuples(_NUMBERS, st.booleans()), max_size=5)
_PLACES = st.sets(st.tuples(st.integers(2, 4), st.integers(5, 9), st.sampled_from(["student", "editingteacher"])))


@settings(max_examples=10, deadline=None)
@given(days=st.lists(st.tuples(_PEOPLE, _PLACES), min_size=1, max_size=3))
def test_whatever_happens_keys_stay_nothing_is_lost_and_the_package_is_by_the_standard(days, tmp_path_factory):
    told, keys = [], {}
    folder: Path = tmp_path_factory.mktemp("any") / "package"
    for people, places in days:
        users = [account(number, idnumber=each, suspended=away) for number, (each, away) in people.items()]
        courses = [course(2), course(3, "2024-09-01", "2025-01-01"), course(4, idnumber="A")]
        one = {(where, who): place(where, who, role) for where, who, role in sorted(places)}
        school = importing(site(users, courses, one.values()), told)
        told = told_by(school)
        now = {(row.kind, row.moodle_id): row.key for row in told}
        assert keys.items() <= now.items()
        assert len({(kind, key.casefold()) for (kind, _), key in now.items()}) == len(now)
        keys = now
        roster = as_roster(school, folder, strict=False)
        assert {finding.code for finding in roster.findings} <= {"table-empty"}
        assert roster.users.height == len(school.of("person"))
        assert roster.enrollments.height == len(school.of("enrolment"))


def test_the_example_of_the_page_is_an_import():
    page = (Path(__file__).parents[2] / "docs" / "first-import.md").read_text(encoding="utf-8")
    (example,) = parse_documents(page.partition("```yaml\n")[2].partition("```")[0], "page")
    assert [field.to for field in checked(Import, example.content, "page").fields] == [
        "metadata.house",
        "grades",
        "sms",
        "students.custom_3",
    ]


# Findings


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_finding_of_imports_is_documented(rule):
    page = Path(__file__).parents[2] / "docs" / "first-import.md"
    row = f"| `{rule.code}` | {rule.severity} | {rule.meaning} | {rule.remedy} |"
    assert row in page.read_text(encoding="utf-8").splitlines()


def test_a_code_of_imports_means_one_thing():
    assert not set(RULES) & {*CODES, *OF_PROFILES, *OF_PLANNING, *OF_PUBLISHING}
