"""Enrolments of a roster as Moodle enrolments."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from rosters import codes, only, people, roster, rows_of, wanted


def enrolments(*rows, enrolments=None, **tables):
    made = roster(enrollments=[{"sourcedId": f"e{n}"} | row for n, row in enumerate(rows, 1)], **tables)
    return wanted(made, enrolments=enrolments or {})


def role(*roles, **rules):
    return only(enrolments(*({"role": name} for name in roles), enrolments=rules), "enrolment")["role"]


def test_an_enrolment_is_known_by_person_and_course():
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
DAYS = {"start": "{enrolment.beginDate}", "end": "{enrolment.endDate}"}


def dates(*rows, rules=DAYS, **row):
    fields = only(enrolments(*(rows or [row]), enrolments=rules), "enrolment")["fields"]
    return fields.get("timestart"), fields.get("timeend")


def test_days_are_left_out_unless_the_profile_maps_them():
    row = {"beginDate": FROM, "endDate": TO}
    assert dates(rules={}, **row) == (None, None)
    assert dates(rules={"start": DAYS["start"]}, **row) == (BEGIN, None)
    assert dates(rules={"end": DAYS["end"]}, **row) == (None, END)


def test_days_last_from_the_first_to_the_end_of_the_last():
    assert dates(beginDate=FROM, endDate=TO) == (BEGIN, END)


def test_days_begin_in_the_profiles_time_zone():
    made = roster(enrollments=[{"beginDate": FROM, "endDate": TO}])
    fields = only(wanted(made, timezone="America/New_York", enrolments=DAYS), "enrolment")["fields"]
    assert (fields["timestart"], fields["timeend"]) == (BEGIN + 4 * 3600, END + 5 * 3600)


def test_days_that_are_missing_are_open():
    assert dates(beginDate=FROM) == (BEGIN, 0)
    assert dates(endDate=TO) == (0, END)


def test_days_may_be_made_of_any_property():
    rules = {"start": "{group.start}", "end": "{course.end}"}
    year = [int(dt.datetime(*day, tzinfo=dt.UTC).timestamp()) for day in ((2026, 8, 1), (2027, 8, 1))]
    assert dates(rules=rules, beginDate=FROM) == tuple(year)
    assert dates(rules={"start": "2026-09-01"}) == (BEGIN, None)


def test_days_may_be_made_of_what_the_schools_system_adds():
    made = roster()
    added = made.enrollments.with_columns(pl.lit("2026-09-01").alias("metadata.arrived"))
    made = replace(made, enrollments=added, users=made.users.with_columns(pl.lit("2026-12-18").alias("metadata.left")))
    rules = {"start": "{enrolment.metadata.arrived}", "end": "{person.metadata.left}"}
    fields = only(wanted(made, enrolments=rules), "enrolment")["fields"]
    assert (fields["timestart"], fields["timeend"]) == (BEGIN, END)


@pytest.mark.parametrize("name", ["start", "end"])
def test_roles_may_be_spared_a_day(name):
    rules = DAYS | {name: {"value": DAYS[name], "not_for": ["teacher", "mentor"]}}
    rules["roles"] = {"student": "student", "teacher": "teacher", "mentor": "teacher"}
    spared = (0, END) if name == "start" else (BEGIN, 0)
    days = {"beginDate": FROM, "endDate": TO}
    assert dates(rules=rules, role="student", **days) == (BEGIN, END)
    assert dates(rules=rules, role="teacher", **days) == spared
    assert dates(rules=rules, role="ext:mentor", **days) == spared


def test_ranks_of_teachers_may_be_spared_a_day():
    rules = DAYS | {"start": {"value": DAYS["start"], "not_for": ["teacher:primary"]}}
    rules["roles"] = {"teacher:primary": "editingteacher", "teacher:secondary": "teacher"}
    assert dates(rules=rules, role="teacher", primary=True, beginDate=FROM) == (0, 0)
    rules["start"]["not_for"] = ["teacher:secondary"]
    assert dates(rules=rules, role="teacher", primary=True, beginDate=FROM) == (BEGIN, 0)


def test_two_stays_in_one_class_are_one_from_the_first_to_the_last_day():
    stays = [{"beginDate": FROM, "endDate": dt.date(2026, 10, 1)}, {"beginDate": dt.date(2026, 11, 1), "endDate": TO}]
    assert dates(*stays) == dates(*reversed(stays)) == (BEGIN, END)
    assert dates(*stays, {"beginDate": dt.date(2026, 12, 1)}) == (BEGIN, 0)


def test_days_that_are_reversed_are_left_out_and_told():
    row = {"beginDate": TO, "endDate": FROM}
    assert dates(**row) == (0, 0)
    assert codes(enrolments(row, enrolments=DAYS)) == ["enrolment-dates-reversed"]
    assert codes(enrolments(row)) == []


def test_what_is_no_day_is_left_out_and_told():
    rules = {"start": "{group.code}"}
    assert dates(rules=rules) == (0, None)
    desired = enrolments({}, enrolments=rules)
    assert codes(desired) == ["enrolment-day-unusable"]
    assert "“ENG-9” is no day; the enrolment of Ann Lee" in desired.findings[0].message


# Kinds and ranks of teachers


@pytest.mark.parametrize("kind", ["supervisor", "second-supervisor", "assistant", "special-associate", "mentor"])
def test_kinds_of_teachers_have_roles_of_their_own(kind):
    assert role(f"ext:{kind}", roles={kind: "teacher", "teacher": "editingteacher"}) == "teacher"


def test_roles_may_be_given_by_id():
    assert role("teacher", roles={"teacher": 17}) == "17"


RANKS = {"teacher:primary": "editingteacher", "teacher:secondary": "teacher"}


def ranks(*primaries, **roles):
    rows = [{"role": "teacher", "userSourcedId": f"u{n}", "primary": each} for n, each in enumerate(primaries, 1)]
    rules = {"roles": roles or RANKS}
    found = enrolments(*rows, **people(*[{} for _ in primaries], role="teacher"), enrolments=rules)
    return {key.split("\t")[0]: row["role"] for key, row in rows_of(found, "enrolment").items()}


def test_the_main_teacher_and_the_others_have_roles_of_their_own():
    assert ranks(True, False) == {"u1": "editingteacher", "u2": "teacher"}


def test_a_teacher_of_whom_it_is_not_said_is_the_main_one_unless_another_is():
    assert ranks(None) == {"u1": "editingteacher"}
    assert ranks(None, None) == {"u1": "editingteacher", "u2": "editingteacher"}
    assert ranks(None, False) == {"u1": "editingteacher", "u2": "teacher"}
    assert ranks(None, True) == {"u1": "teacher", "u2": "editingteacher"}


def test_a_rank_that_the_profile_does_not_name_is_a_teacher_like_any():
    assert ranks(True, False, **{"teacher:primary": "manager", "teacher": "teacher"}) == {
        "u1": "manager",
        "u2": "teacher",
    }
    assert ranks(True, False, **{"teacher:primary": "manager"}) == {"u1": "manager"}


def test_who_leads_one_class_leads_no_other():
    rows = [
        {"role": "teacher", "primary": True},
        {"role": "teacher", "userSourcedId": "u2", "classSourcedId": "c2", "primary": None},
    ]
    made = enrolments(
        *rows, **people({}, {}, role="teacher"), classes=[{}, {"sourcedId": "c2"}], enrolments={"roles": RANKS}
    )
    assert {row["role"] for row in rows_of(made, "enrolment").values()} == {"editingteacher"}


# Several classes of one course

CLASSES = [{}, {"sourcedId": "c2", "classCode": "ENG-9B", "title": "Modest Mole"}]


def of_subject(*rows, **parts):
    made = roster(
        classes=CLASSES, enrollments=[{"sourcedId": f"e{n}"} | row for n, row in enumerate(rows, 1)], **people({}, {})
    )
    return wanted(made, basis="subject", **parts)


def test_two_classes_of_one_course_are_one_enrolment():
    desired = of_subject({}, {"classSourcedId": "c2"}, {"classSourcedId": "c2", "userSourcedId": "u2"})
    assert set(rows_of(desired, "enrolment")) == {"u1\tsubject:co1", "u2\tsubject:co1"}
    assert codes(desired) == []


def test_of_two_roles_in_classes_of_one_course_the_one_named_last_is_taken():
    desired = of_subject({}, {"classSourcedId": "c2", "role": "teacher"})
    assert only(desired, "enrolment")["role"] == "editingteacher"
    assert codes(desired) == ["two-roles-in-a-class"]


def test_the_days_of_two_classes_of_one_course_are_the_earliest_and_the_latest():
    stays = {"beginDate": FROM, "endDate": FROM}, {"classSourcedId": "c2", "beginDate": TO, "endDate": TO}
    fields = only(of_subject(*stays, enrolments=DAYS), "enrolment")["fields"]
    assert (fields["timestart"], fields["timeend"]) == (BEGIN, END)


# Rows that could not be read


def test_a_row_of_a_class_that_was_read_counts_for_its_course():
    made = roster(classes=CLASSES, pairs=[("u1", "c2"), ("", "c2"), ("u2", "")])
    found = wanted(made, basis="subject").unreadable["enrolment"]
    assert found == {"u1\tsubject:co1", "\tsubject:co1", "u2\t"}


def test_people_of_a_class_that_could_not_be_read_may_be_in_any_course():
    rows = [{"classSourcedId": "c8"}]
    made = roster(enrollments=rows, unreadable={"classes": frozenset({"c8"})}, pairs=[("u2", "c8"), ("", "c8")])
    assert wanted(made, basis="subject").unreadable["enrolment"] == {"u1\t", "u2\t", "\t"}
    assert wanted(made).unreadable["enrolment"] == {"u2\tc8", "\tc8"}


def test_a_row_of_a_class_that_becomes_no_course_says_nothing():
    made = roster(classes=CLASSES, pairs=[("u1", "c2")])
    rules = {"only": {"value": "{group.code}", "like": ["ENG-9"]}}
    assert wanted(made, basis="subject", courses=rules).unreadable["enrolment"] == frozenset()


# The first day that is taken


SINCE = {"since": FROM}


def early(*rows):
    return only(enrolments(*rows, enrolments=SINCE), "enrolment")["early"]


def test_enrolments_that_begin_before_the_first_day_taken_are_early():
    assert early({"beginDate": dt.date(2026, 8, 31)})
    assert not early({"beginDate": FROM})
    assert not early({"beginDate": None})
    assert not only(enrolments({"beginDate": dt.date(2020, 1, 1)}), "enrolment")["early"]


def test_of_two_stays_one_after_the_first_day_taken_is_enough():
    assert not early({"beginDate": dt.date(2026, 8, 1)}, {"beginDate": TO})
    assert early({"beginDate": dt.date(2026, 8, 1)}, {"beginDate": dt.date(2026, 8, 2)})


def test_rows_that_could_not_be_read_are_told_as_keys():
    made = roster(pairs=[("u1", "c1"), ("u2", "")])
    assert wanted(made).unreadable["enrolment"] == {"u1\tc1", "u2\t"}
