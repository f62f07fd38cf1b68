"""The preset `opensis` on sample schools in which something was altered that the samples do not have.

Of 8.0 the year 2021 is meant: it lasts from 2 August 2021 to 27 May 2022, as its ten sections do. Section 28 is of
course 13 and taught by staff 2.
"""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opensis_school import School, SqliteSchool, has, read, record, rows

OPENS, CLOSES = date(2021, 8, 2), date(2022, 5, 27)
SECTION = "course_period_id = 28"
LATER = date(2026, 11, 25)


@pytest.fixture
def place(opensis_80) -> str:
    """A student's place in section 28: its sourcedId."""
    roster = read(opensis_80, year=2021)
    found = sorted(row for row in rows(roster, "enrollments", "sourcedId", "classSourcedId", "role"))
    return next(key for key, section, role in found if section == "section-28" and role == "student")


def number(sourced_id: str) -> str:
    return sourced_id.rsplit("-", 1)[1]


def teachers(school: School, day: str, section: str = "section-28") -> dict[str, tuple[bool, str, str]]:
    """Whether each teacher of a section is the main one, with first and last day."""
    roster = read(school, day=day, year=2021)
    taught = rows(roster, "enrollments", "userSourcedId", "primary", "beginDate", "endDate", "classSourcedId", "role")
    return {row[0]: (row[1], str(row[2]), str(row[3])) for row in taught if row[4:] == (section, "teacher")}


class TestDrops:
    def test_a_drop_counts_from_the_day_after_its_last_day(self, opensis_80, place):
        opensis_80.change(f"UPDATE schedule SET end_date = '2021-12-03' WHERE id = {number(place)}")
        still, gone = (read(opensis_80, day=day) for day in ("2021-12-03", "2021-12-04"))
        assert record(still, "enrollments", place)["endDate"] == date(2021, 12, 3)
        assert not has(gone, "enrollments", place)
        assert still.enrollments.height == gone.enrollments.height + 1
        assert gone.scope.covers("enrollments")

    def test_a_drop_stays_one_when_the_section_is_over(self, opensis_80, place):
        opensis_80.change(f"UPDATE schedule SET end_date = '2021-12-03' WHERE id = {number(place)}")
        assert not has(read(opensis_80, day=LATER), "enrollments", place)

    def test_a_drop_to_come_is_not_one_yet_whatever_its_mark_says(self, opensis_80, place):
        opensis_80.change(f"UPDATE schedule SET end_date = '2021-12-03', dropped = 'Y' WHERE id = {number(place)}")
        assert has(read(opensis_80, day="2021-12-03"), "enrollments", place)
        assert not has(read(opensis_80, day="2021-12-04"), "enrollments", place)

    @pytest.mark.parametrize("end", ["NULL", "'2022-05-27'"])
    def test_a_mark_without_a_day_of_its_own_counts_at_once(self, opensis_80, place, end):
        opensis_80.change(f"UPDATE schedule SET dropped = 'Y', end_date = {end} WHERE id = {number(place)}")
        assert not has(read(opensis_80, day="2021-12-03"), "enrollments", place)

    def test_the_marks_that_openSIS_sets_when_a_section_is_over_take_nobody_out(self, opensis_80, place):  # noqa: N802
        opensis_80.change("UPDATE schedule SET dropped = 'Y' WHERE end_date < '2026-11-25'")
        assert has(read(opensis_80, day=LATER), "enrollments", place)


class TestDaysOfPlaces:
    @pytest.mark.parametrize("end", ["NULL", "'0000-00-00'"])
    def test_a_place_without_a_last_day_is_open(self, opensis_80, place, end):
        opensis_80.change(f"UPDATE schedule SET end_date = {end} WHERE id = {number(place)}")
        assert record(read(opensis_80, day="2022-01-10"), "enrollments", place)["endDate"] is None

    def test_one_who_joins_later_is_in_from_the_day_on(self, opensis_80, place):
        opensis_80.change(f"UPDATE schedule SET start_date = '2021-11-08' WHERE id = {number(place)}")
        assert not has(read(opensis_80, day="2021-11-07"), "enrollments", place)
        assert record(read(opensis_80, day="2021-11-08"), "enrollments", place)["beginDate"] == date(2021, 11, 8)

    def test_before_it_begins_a_section_has_those_who_begin_with_it(self, opensis_80, place):
        opensis_80.change(f"UPDATE schedule SET start_date = '2021-11-08' WHERE id = {number(place)}")
        roster = read(opensis_80, year=2021, day="2021-07-01")
        students = rows(roster, "enrollments", "classSourcedId", "role")
        assert len([row for row in students if row[1] == "student"]) == 10
        assert roster.enrollments.height == 159

    def test_a_student_without_a_place_in_the_school_has_none_in_its_sections(self, opensis_80, place):
        student = record(read(opensis_80), "enrollments", place)["userSourcedId"]
        opensis_80.change(
            "UPDATE student_enrollment SET end_date = '2021-12-03' "
            f"WHERE student_id = {number(student)} AND syear = 2021"
        )
        last, gone = read(opensis_80, day="2021-12-03"), read(opensis_80, day="2021-12-04")
        assert has(last, "users", student)
        assert has(last, "enrollments", place)
        assert not has(gone, "users", student)
        assert student not in set(gone.enrollments["userSourcedId"])
        assert gone.findings == last.findings


class TestSections:
    def test_one_without_a_marking_period_stands_in_the_year_with_days_of_its_own(self, opensis_80, place):
        opensis_80.change(
            "UPDATE course_periods SET marking_period_id = NULL, mp = 'QTR', begin_date = '2021-09-06', "
            f"end_date = '2021-10-29' WHERE {SECTION}",
            f"UPDATE schedule SET start_date = '2021-09-06', end_date = NULL WHERE id = {number(place)}",
        )
        roster = read(opensis_80, day="2021-09-30")
        section = record(roster, "classes", "section-28")
        assert section["termSourcedIds"] == ["term-18"]
        assert (section["metadata.beginDate"], section["metadata.endDate"]) == ("2021-09-06", "2021-10-29")
        student = record(roster, "enrollments", place)
        assert (student["beginDate"], student["endDate"]) == (date(2021, 9, 6), date(2021, 10, 29))
        assert teachers(opensis_80, "2021-09-30") == {"staff-2": (True, "2021-09-06", "2021-10-29")}

    def test_the_marking_period_counts_and_not_what_mp_says(self, opensis_80):
        opensis_80.change(f"UPDATE course_periods SET marking_period_id = 22, mp = 'FY' WHERE {SECTION}")
        assert record(read(opensis_80), "classes", "section-28")["termSourcedIds"] == ["term-22"]

    @pytest.mark.parametrize("period", [4711, 12])
    def test_a_marking_period_that_the_year_does_not_have_is_the_year(self, opensis_80, period):
        """Number 12 is a semester of the year before."""
        opensis_80.change(f"UPDATE course_periods SET marking_period_id = {period} WHERE {SECTION}")
        roster = read(opensis_80, year=2021)
        assert record(roster, "classes", "section-28")["termSourcedIds"] == ["term-18"]
        assert not roster.findings

    def test_progress_periods_are_sessions_too(self, opensis_80):
        opensis_80.change(
            "INSERT INTO school_progress_periods (marking_period_id, syear, school_id, quarter_id, title, start_date, "
            "end_date) VALUES (98, 2021, 1, 22, 'Week 3', '2021-10-18', '2021-10-22')"
        )
        session = record(read(opensis_80), "academicSessions", "term-98")
        assert (session["type"], session["parentSourcedId"]) == ("gradingPeriod", "term-22")

    def test_grades_are_those_of_the_course(self, opensis_80):
        opensis_80.change(
            "UPDATE courses SET grade_level = (SELECT MIN(id) FROM school_gradelevels) WHERE course_id = 13"
        )
        roster = read(opensis_80)
        assert (
            record(roster, "classes", "section-28")["grades"]
            == record(roster, "courses", "course-13")["grades"]
            == ["9"]
        )

    def test_a_comma_in_a_subject_does_not_part_it(self, opensis_80):
        opensis_80.change("UPDATE course_subjects SET title = 'Arts, Music' WHERE syear = 2021")
        assert record(read(opensis_80), "courses", "course-13")["subjects"] == ["Arts; Music"]


class TestTeachers:
    def test_the_second_teacher_is_one_but_not_the_main_one(self, opensis_80):
        opensis_80.change(f"UPDATE course_periods SET secondary_teacher_id = 4 WHERE {SECTION}")
        days = (str(OPENS), str(CLOSES))
        assert teachers(opensis_80, "2021-10-01") == {"staff-2": (True, *days), "staff-4": (False, *days)}

    def test_one_who_is_both_is_the_main_one_alone(self, opensis_80):
        opensis_80.change(f"UPDATE course_periods SET secondary_teacher_id = 2 WHERE {SECTION}")
        assert teachers(opensis_80, "2021-10-01") == {"staff-2": (True, str(OPENS), str(CLOSES))}

    @pytest.mark.parametrize(("updated", "copied"), [("N", False), ("Y", True), ("Y", False)])
    def test_a_change_of_teacher_counts_from_its_day_whether_openSIS_copied_it_or_not(  # noqa: N802
        self, opensis_80, updated, copied
    ):
        self.change(opensis_80, 3, "2022-01-10", 2, updated)
        if copied:
            opensis_80.change(f"UPDATE course_periods SET teacher_id = 3 WHERE {SECTION}")
        assert teachers(opensis_80, "2022-01-09") == {"staff-2": (True, str(OPENS), "2022-01-09")}
        assert teachers(opensis_80, "2022-01-10") == {"staff-3": (True, "2022-01-10", str(CLOSES))}
        assert teachers(opensis_80, str(LATER)) == {"staff-3": (True, "2022-01-10", str(CLOSES))}

    def test_of_several_changes_each_has_its_time(self, opensis_80):
        self.change(opensis_80, 4, "2022-03-01", 3, "N")
        self.change(opensis_80, 3, "2021-11-01", 2, "Y")
        opensis_80.change(f"UPDATE course_periods SET teacher_id = 3 WHERE {SECTION}")
        seen = {day: teachers(opensis_80, day) for day in ("2021-10-31", "2021-11-01", "2022-03-01")}
        assert seen == {
            "2021-10-31": {"staff-2": (True, str(OPENS), "2021-10-31")},
            "2021-11-01": {"staff-3": (True, "2021-11-01", "2022-02-28")},
            "2022-03-01": {"staff-4": (True, "2022-03-01", str(CLOSES))},
        }

    def test_a_section_without_a_teacher_has_none(self, opensis_80):
        opensis_80.change(f"UPDATE course_periods SET teacher_id = NULL WHERE {SECTION}")
        assert teachers(opensis_80, "2021-10-01") == {}

    def test_a_teacher_who_left_the_school_is_named_where_a_section_still_has_them(self, opensis_80):
        opensis_80.change(
            "UPDATE staff_school_relationship SET end_date = '2021-12-31' WHERE staff_id = 2 AND syear = 2021"
        )
        assert has(read(opensis_80, day="2021-12-31"), "users", "staff-2")
        gone = read(opensis_80, day="2022-01-01")
        assert not has(gone, "users", "staff-2")
        assert [(found.code, found.value) for found in gone.findings] == [("reference-lost", "staff-2")]

    @staticmethod
    def change(school: School, teacher: int, day: str, before: int, updated: str) -> None:
        school.change(
            "INSERT INTO teacher_reassignment (course_period_id, teacher_id, assign_date, modified_date, "
            "pre_teacher_id, modified_by, updated) "
            f"VALUES (28, {teacher}, '{day}', '2021-08-20', {before}, 1, '{updated}')"
        )


class TestPeople:
    def test_disabled_people_are_there_and_cannot_sign_in(self, opensis_80):
        opensis_80.change(
            "UPDATE students SET is_disable = 'Y' WHERE student_id = 1",
            "UPDATE staff SET is_disable = 'Y' WHERE staff_id = 2",
            "UPDATE people SET is_disable = 'Y' WHERE staff_id = 3",
            "UPDATE staff_school_info SET opensis_access = 'N' WHERE staff_id = 4",
        )
        roster = read(opensis_80)
        assert {key for key, enabled in rows(roster, "users", "sourcedId", "enabledUser") if not enabled} == {
            "student-1",
            "staff-2",
            "parent-3",
            "staff-4",
        }

    def test_a_student_may_have_an_address_and_a_number_of_the_school(self, opensis_80):
        opensis_80.change(
            "UPDATE students SET email = 'wang@school.example', alt_id = '2021-001', common_name = 'Wanda' "
            "WHERE student_id = 1"
        )
        student = record(read(opensis_80), "users", "student-1")
        assert (
            student["email"],
            student["identifier"],
            student["metadata.commonName"],
            student["metadata.openSISId"],
        ) == (
            "wang@school.example",
            "2021-001",
            "Wanda",
            "1",
        )

    def test_one_login_of_two_people_stays_with_both(self, opensis_80):
        opensis_80.change("UPDATE login_authentication SET username = 'WANG' WHERE user_id = 2 AND profile_id = 3")
        names = dict(rows(read(opensis_80), "users", "sourcedId", "username"))
        assert (names["student-1"], names["student-2"]) == ("wang", "WANG")

    def test_of_two_logins_that_of_the_persons_profile_counts(self, opensis_80):
        opensis_80.change(
            "INSERT INTO login_authentication (id, user_id, profile_id, username) VALUES (90, 2, 1, 'aaa')",
            "INSERT INTO login_authentication (id, user_id, profile_id, username) VALUES (91, 3, 5, 'aaa')",
            "UPDATE staff SET profile_id = 5 WHERE staff_id = 3",
        )
        roster = read(opensis_80)
        assert record(roster, "users", "staff-2")["username"] == "teacher"
        assert record(roster, "users", "staff-3")["username"] == "aaa"
        assert record(roster, "users", "student-2")["username"] == "liwei"

    def test_a_profile_for_parents_of_the_schools_own_is_one_of_parents(self, opensis_80):
        opensis_80.change(
            "INSERT INTO user_profiles (id, profile, title) VALUES (20, 'parent', 'Host family')",
            "UPDATE people SET profile_id = 20 WHERE staff_id = 4",
            "UPDATE login_authentication SET profile_id = 20 WHERE user_id = 4 AND profile_id = 4",
        )
        roster = read(opensis_80)
        assert record(roster, "users", "parent-4")["username"] == "ella"
        assert record(roster, "users", "staff-4")["username"] == "charlotte"
        opensis_80.change("DELETE FROM login_authentication WHERE user_id = 4 AND profile_id = 2")
        assert record(read(opensis_80), "users", "staff-4")["username"] is None

    def test_a_parent_with_an_address_alone_is_one_and_one_with_neither_is_not(self, opensis_80):
        assert not has(read(opensis_80), "users", "parent-21")
        opensis_80.change("UPDATE people SET email = 'p21@home.example' WHERE staff_id = 21")
        roster = read(opensis_80)
        assert record(roster, "users", "parent-21")["username"] is None
        children = {
            key
            for key, agents in rows(roster, "users", "sourcedId", "agentSourcedIds")
            if "parent-21" in (agents or ())
        }
        assert len(children) == 1

    def test_legal_guardians_are_guardians(self, opensis_80):
        opensis_80.change("UPDATE students_join_people SET relationship = 'Legal Guardian' WHERE person_id = 1")
        assert record(read(opensis_80), "users", "parent-1")["role"] == "guardian"

    def test_parents_go_with_their_last_child(self, opensis_80):
        opensis_80.change(
            "UPDATE student_enrollment SET end_date = '2021-12-03' WHERE student_id = 13 AND syear = 2021"
        )
        gone = {"student-13", "parent-1", "parent-2"}
        before, after = (set(read(opensis_80, day=day).users["sourcedId"]) for day in ("2021-12-03", "2021-12-04"))
        assert before - after == gone

    def test_one_who_came_back_in_the_same_year_is_there_once(self, opensis_80):
        opensis_80.change(
            "UPDATE student_enrollment SET end_date = '2021-10-01' WHERE student_id = 1 AND syear = 2021",
            "INSERT INTO student_enrollment (id, syear, school_id, student_id, grade_id, start_date) "
            "VALUES (90, 2021, 1, 1, 2, '2021-11-01')",
        )
        assert record(read(opensis_80, day="2021-12-01"), "users", "student-1")["orgSourcedIds"] == ["school-1"]

    def test_a_year_that_is_over_stands_as_on_its_last_day(self, opensis_80):
        """The students of 2020 were rolled over on 4 August 2021, after its end."""
        assert read(opensis_80, year=2020, day=LATER).users.height == 44

    @pytest.mark.parametrize(
        ("category", "role"), [("Teacher", "teacher"), ("Super Administrator", "administrator"), ("Custodian", "aide")]
    )
    def test_without_a_profile_the_category_says_what_staff_are(self, opensis_92, category, role):
        opensis_92.change(f"UPDATE staff_school_info SET category = '{category}' WHERE staff_id = 2")
        assert record(read(opensis_92), "users", "staff-2")["role"] == role


days = st.dates(date(2021, 7, 20), date(2022, 6, 10))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(st.tuples(days, st.none() | days), min_size=10, max_size=10),
    day=days,
    sections=st.lists(st.tuples(days, days).map(sorted), min_size=2, max_size=2),
)
def test_in_a_running_section_are_those_whose_days_hold_the_day(tmp_path, places, day, sections):
    school = SqliteSchool("8.0", tmp_path)
    spans = zip((27, 28), sections, strict=True)
    school.change(
        "DELETE FROM schedule",
        *(
            f"UPDATE course_periods SET begin_date = '{opens}', end_date = '{closes}' WHERE course_period_id = {key}"
            for key, (opens, closes) in spans
        ),
        *(
            "INSERT INTO schedule (id, syear, school_id, student_id, course_period_id, start_date, end_date, dropped) "
            f"VALUES ({index}, 2021, 1, {index + 1}, {27 + index % 2}, '{start}', {last}, 'N')"
            for index, (start, end) in enumerate(places)
            for last in [f"'{end}'" if end else "NULL"]
        ),
    )
    came = set(read(school, year=2021, day=day).enrollments["sourcedId"])
    for index, (start, end) in enumerate(places):
        opens, closes = sections[index % 2]
        active = start <= day and (end is None or end >= day)
        if active:
            assert f"schedule-{index}" in came
        elif opens <= day <= closes and min(first for first, _ in places[index % 2 :: 2]) <= day:
            assert f"schedule-{index}" not in came
