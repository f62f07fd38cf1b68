"""Enrolments of a roster as Moodle enrolments."""

import datetime as dt

import pytest
from rosters import codes, only, people, roster, rows_of, wanted


def enrolments(*rows, enrolments=None, **tables):
    made = roster(enrollments=[{"sourcedId": f"e{n}"} | row for n, row in enumerate(rows, 1)], **tables)
    return wanted(made, enrolments=enrolments or {})


def role(*roles, **rules):
    return only(enrolments(*({"role": name} for name in roles), enrolments=rules), "enrolment")["role"]


def test_an_enrolment_is_known_by_person_and_class():
    row = only(enrolments({}), "enrolment")
    assert row["key"] == "u1\tc1"
    assert row["name"] == "Ann Lee in English 09 – Ludicrous Lemur"
    assert row["fields"] == {"role": "student", "suspended": False}


@pytest.mark.parametrize(("came", "given"), [("student", "student"), ("teacher", "editingteacher")])
def test_roles_are_given_by_the_usual_mapping(came, given):
    assert role(came) == given


def test_the_profile_chooses_the_roles():
    assert role("proctor", roles={"proctor": "teacher"}) == "teacher"
    assert rows_of(enrolments({"role": "teacher"}, enrolments={"roles": {"student": "student"}}), "enrolment") == {}
    assert rows_of(enrolments({}, enrolments={"roles": {}}), "enrolment") == {}


@pytest.mark.parametrize("roles", [("student", "teacher"), ("teacher", "student")])
def test_of_two_roles_in_one_class_the_one_named_last_is_taken_and_told(roles):
    assert role(*roles) == "editingteacher"
    assert role(*roles, roles={"teacher": "editingteacher", "student": "student"}) == "student"
    assert codes(enrolments(*({"role": name} for name in roles))) == ["two-roles-in-a-class"]


def test_the_same_enrolment_twice_is_one_and_nothing_to_tell():
    desired = enrolments({}, {})
    assert len(rows_of(desired, "enrolment")) == 1
    assert codes(desired) == []


def test_people_without_account_are_not_enrolled():
    assert rows_of(enrolments({}, **people({}, role="parent")), "enrolment") == {}
    assert rows_of(enrolments({}, **people({"username": "ann lee"})), "enrolment") == {}


def test_nobody_is_enrolled_in_a_class_that_becomes_no_course():
    classes = [{"title": None, "classCode": None, "courseSourcedId": None}]
    assert rows_of(enrolments({}, classes=classes), "enrolment") == {}


FROM, TO = dt.date(2026, 9, 1), dt.date(2026, 12, 18)
BEGIN, END = (int(dt.datetime(*day, tzinfo=dt.UTC).timestamp()) for day in ((2026, 9, 1), (2026, 12, 19)))


def dates(*rows, **row):
    fields = only(enrolments(*(rows or [row]), enrolments={"dates": "students"}), "enrolment")["fields"]
    return fields["timestart"], fields["timeend"]


def test_dates_are_left_out_unless_the_profile_wants_them():
    fields = only(enrolments({"beginDate": FROM, "endDate": TO}), "enrolment")["fields"]
    assert set(fields) == {"role", "suspended"}


def test_a_students_dates_last_from_the_first_to_the_end_of_the_last_day():
    assert dates(beginDate=FROM, endDate=TO) == (BEGIN, END)


def test_dates_that_are_missing_are_open():
    assert dates(beginDate=FROM) == (BEGIN, 0)
    assert dates(endDate=TO) == (0, END)


def test_teachers_have_no_dates_even_with_the_role_that_students_have():
    assert dates(role="teacher", beginDate=FROM, endDate=TO) == (0, 0)
    rules = {"dates": "students", "roles": {"student": "student", "teacher": "student"}}
    row = only(enrolments({"role": "teacher", "beginDate": FROM}, enrolments=rules), "enrolment")
    assert row["fields"]["timestart"] == 0


def test_two_stays_in_one_class_are_one_from_the_first_to_the_last_day():
    stays = [{"beginDate": FROM, "endDate": dt.date(2026, 10, 1)}, {"beginDate": dt.date(2026, 11, 1), "endDate": TO}]
    assert dates(*stays) == dates(*reversed(stays)) == (BEGIN, END)
    assert dates(*stays, {"beginDate": dt.date(2026, 12, 1)}) == (BEGIN, 0)


def test_dates_that_are_reversed_are_left_out_and_told():
    row = {"beginDate": TO, "endDate": FROM}
    assert dates(**row) == (0, 0)
    assert codes(enrolments(row, enrolments={"dates": "students"})) == ["enrolment-dates-reversed"]
    assert codes(enrolments(row)) == []


def test_rows_that_could_not_be_read_are_told_as_keys():
    made = roster(pairs=[("u1", "c1"), ("u2", "")])
    assert wanted(made).unreadable["enrolment"] == {"u1\tc1", "u2\t"}
