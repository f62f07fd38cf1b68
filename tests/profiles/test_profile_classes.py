"""Classes of a roster as courses, with basis `group`: names, short names, days."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from rosters import codes, only, roster, rows_of, wanted

from matricula.profiles.moodle_limits import LENGTHS


def course(change=None, course_title="English 09", **parts):
    made = roster(classes=[change or {}], courses=[{"title": course_title}])
    return only(wanted(made, **parts), "course")


def test_a_class_becomes_a_course_with_all_its_fields():
    assert course()["fields"] == {
        "fullname": "English 09 – Ludicrous Lemur",
        "shortname": "ENG-9 2026/27",
        "idnumber": "c1",
        "category": "institute:o1/period:2027",
        "visible": 1,
        "startdate": int(dt.datetime(2026, 8, 1, tzinfo=dt.UTC).timestamp()),
        "enddate": int(dt.datetime(2027, 8, 1, tzinfo=dt.UTC).timestamp()),
    }


@pytest.mark.parametrize(
    ("of_course", "of_class", "name"),
    [
        ("English 09", "Ludicrous Lemur", "English 09 – Ludicrous Lemur"),
        ("Year 9 English", "9B English", "9B English"),
        ("ENGLISH 9", "english, group 2", "english, group 2"),
        ("PE", "PE 9A", "PE 9A"),
        ("Art", "9A", "Art – 9A"),
        ("Maths 9", "Mathematics 9B", "Maths 9 – Mathematics 9B"),
        ("Éducation", "Groupe d'éducation", "Groupe d'éducation"),
        ("Art 2027", "Lab 2027", "Art 2027 – Lab 2027"),
        ("", "9A", "9A"),
    ],
)
def test_the_course_title_is_put_before_unless_the_two_say_the_same(of_course, of_class, name):
    assert course({"title": of_class}, of_course)["name"] == name


@pytest.mark.parametrize(
    ("change", "name"),
    [({"title": None}, "English 09 – ENG-9"), ({"title": "<b>", "classCode": None}, "English 09")],
)
def test_a_class_without_title_is_named_by_its_code_or_its_course(change, name):
    assert course(change)["name"] == name


def test_a_class_without_any_name_becomes_no_course_and_is_held():
    made = roster(classes=[{"title": None, "classCode": "<i>", "courseSourcedId": None}])
    desired = wanted(made)
    assert codes(desired) == ["class-without-title"]
    assert rows_of(desired, "course") == {}
    assert rows_of(desired, "category") == {}
    assert desired.unreadable["course"] == {"c1"}


@pytest.mark.parametrize("title", ["<b>Lemur</b>", "L" * 300, "Lemur  9"])
def test_names_are_made_fit_for_moodle_and_what_changed_is_told(title):
    made = roster(classes=[{"title": title, "courseSourcedId": None}])
    assert len(only(wanted(made), "course")["name"]) <= LENGTHS["fullname"]
    assert codes(wanted(made)) == ["course-name-cleaned"]


def short_names(*classes, **tables):
    made = roster(classes=[{"sourcedId": f"c{number}"} | each for number, each in enumerate(classes, 1)], **tables)
    return [row["shortname"] for _, row in sorted(rows_of(wanted(made), "course").items())]


def test_a_short_name_is_the_code_with_the_school_year():
    assert short_names({}) == ["ENG-9 2026/27"]


def test_a_class_without_code_has_its_title_as_short_name():
    assert short_names({"classCode": None}) == ["Ludicrous Lemur 2026/27"]


def test_without_a_school_year_the_code_stands_alone():
    assert short_names({"termSourcedIds": None}) == ["ENG-9"]


@pytest.mark.parametrize(("one", "other"), [("ENG", "ENG"), ("ENG", "eng"), ("ENG-É", "eng-e")])
def test_classes_with_the_same_code_are_told_apart_by_their_ids(one, other):
    names = short_names({"classCode": one}, {"classCode": other})
    assert names == [f"{one} 2026/27 (c1)", f"{other} 2026/27 (c2)"]


def test_the_same_code_in_another_year_is_another_short_name():
    years = [{}, {"sourcedId": "y28", "schoolYear": "2028", "title": "2027/28"}]
    names = short_names({}, {"termSourcedIds": ["y28"]}, academicSessions=years)
    assert names == ["ENG-9 2026/27", "ENG-9 2027/28"]


def test_long_codes_and_ids_stay_one_of_a_kind_within_the_limit():
    made = roster(classes=[{"classCode": "E" * 300, "sourcedId": f"{number}{'x' * 299}"} for number in (1, 2)])
    names = {row["shortname"] for row in rows_of(wanted(made), "course").values()}
    numbers = {row["idnumber"] for row in rows_of(wanted(made), "course").values()}
    assert len(names) == len(numbers) == 2
    assert max(map(len, names)) <= LENGTHS["shortname"]
    assert max(map(len, numbers)) <= LENGTHS["course.idnumber"]


def test_a_shared_short_name_is_reported():
    made = roster(classes=[{}, {"sourcedId": "c2"}])
    assert codes(wanted(made)) == ["shortname-shared"] * 2


@pytest.mark.parametrize(("visible", "number"), [(True, 1), (False, 0)])
def test_the_profile_chooses_whether_new_courses_are_visible(visible, number):
    assert course(courses={"fields": {"visible": visible}})["fields"]["visible"] == number


TERMS = [
    {},
    {
        "sourcedId": "s1",
        "type": "semester",
        "parentSourcedId": "y27",
        "startDate": dt.date(2026, 8, 20),
        "endDate": dt.date(2027, 1, 15),
    },
    {
        "sourcedId": "s2",
        "type": "semester",
        "parentSourcedId": "y27",
        "startDate": dt.date(2027, 1, 18),
        "endDate": dt.date(2027, 6, 30),
    },
]


def days(zone="UTC", course_year=None, sessions=TERMS, **change):
    made = roster(classes=[change], courses=[{"schoolYearSourcedId": course_year}], academicSessions=sessions)
    fields = only(wanted(made, timezone=zone), "course")["fields"]
    return tuple(
        fields[name] and dt.datetime.fromtimestamp(fields[name], ZoneInfo(zone)).isoformat()[:16]
        for name in ("startdate", "enddate")
    )


def test_a_course_lasts_from_its_first_term_to_the_end_of_its_last():
    assert days(termSourcedIds=["s2", "s1"]) == ("2026-08-20T00:00", "2027-07-01T00:00")


def test_the_year_of_the_course_does_not_lengthen_the_terms_of_the_class():
    assert days(termSourcedIds=["s1"], course_year="y27") == ("2026-08-20T00:00", "2027-01-16T00:00")


def test_without_terms_the_year_of_the_course_counts():
    assert days(termSourcedIds=None, course_year="y27") == ("2026-08-01T00:00", "2027-08-01T00:00")
    assert days(termSourcedIds=["lost"], course_year="y27") == ("2026-08-01T00:00", "2027-08-01T00:00")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"])
def test_days_begin_at_midnight_in_the_profiles_time_zone(zone):
    assert days(zone) == ("2026-08-01T00:00", "2027-08-01T00:00")


def test_a_day_that_has_no_midnight_begins_at_one_o_clock():
    sessions = [{"startDate": dt.date(2026, 4, 24), "endDate": dt.date(2026, 10, 29)}]
    assert days("Africa/Cairo", sessions=sessions) == ("2026-04-24T01:00", "2026-10-30T00:00")


def test_a_day_with_two_midnights_begins_at_the_first():
    sessions = [{"startDate": dt.date(2026, 10, 25), "endDate": dt.date(2026, 11, 1)}]
    made = roster(academicSessions=sessions)
    start = only(wanted(made, timezone="Atlantic/Azores"), "course")["fields"]["startdate"]
    assert start == dt.datetime(2026, 10, 25, tzinfo=ZoneInfo("Atlantic/Azores"), fold=0).timestamp()


@pytest.mark.parametrize("missing", ["startDate", "endDate"])
def test_missing_days_are_left_open(missing):
    begin, end = days(sessions=[{missing: None}])
    assert end is None
    assert (begin is None) == (missing == "startDate")


def test_terms_that_end_before_they_begin_give_no_end_and_are_told():
    made = roster(academicSessions=[{"startDate": dt.date(2027, 9, 1)}])
    desired = wanted(made)
    assert only(desired, "course")["fields"]["enddate"] is None
    assert codes(desired) == ["course-dates-reversed"]


@pytest.mark.parametrize(("one", "other"), [("a1", "A1"), ("e", "é")])
def test_ids_that_many_databases_take_for_one_give_id_numbers_that_differ(one, other):
    classes = [{"sourcedId": one, "classCode": "A"}, {"sourcedId": other, "classCode": "B"}]
    numbers = [row["idnumber"] for row in rows_of(wanted(roster(classes=classes)), "course").values()]
    assert {number.split("~")[0] for number in numbers} == {one, other}
    assert len({number.split("~")[1] for number in numbers}) == 2
