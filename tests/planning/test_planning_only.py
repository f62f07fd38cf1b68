"""Plans for chosen people and courses hold what concerns these, what that needs, and nothing else."""

import datetime as dt

import pytest
from desk import Desk, codes, told
from rosters import people, roster

from matricula.planning import Draft, make_plan
from matricula.planning.only import Only
from matricula.profiles import desire

PLACES = [("u1", "c1"), ("u2", "c1"), ("u2", "c2"), ("u3", "c2")]
CLASSES = [{}, {"sourcedId": "c2", "classCode": "B", "title": "Modest Mole", "schoolSourcedId": "o2"}]
ORGS = [{}, {"sourcedId": "o2", "name": "Elm School"}]


def school(*places, **tables):
    rows = [
        {"sourcedId": f"e{n}", "userSourcedId": user, "classSourcedId": each}
        for n, (user, each) in enumerate(places or PLACES)
    ]
    return roster(**{"orgs": ORGS, "classes": CLASSES, "enrollments": rows, **people({}, {}, {}), **tables})


def plan(desk: Desk, made=None, only_people=(), only_courses=(), rows=(), **parts) -> Draft:
    desk.parts |= parts
    ground = desk.ground()
    ground.only = Only(frozenset(only_people), frozenset(only_courses), frozenset(rows))
    return make_plan(ground, desire(made or school(), ground.profile), ())


def kinds(draft: Draft, *left_out: str):
    return {(kind, action, key) for kind, action, key in told(draft) if kind not in left_out}


def test_a_person_comes_with_their_enrolments_and_the_courses_and_categories_these_need(desk: Desk):
    draft = plan(desk, only_people=["u1"])
    assert kinds(draft) == {
        ("category", "create", "institute:o1"),
        ("category", "create", "institute:o1/period:2027"),
        ("course", "create", "c1"),
        ("user", "create", "u1"),
        ("enrolment", "create", "u1\tc1"),
    }
    assert desk.apply(draft).left == 0
    assert desk.members() == {"user1": (("student",), False)}
    assert kinds(desk.plan(school()), "category") == {
        ("user", "create", "u2"),
        ("user", "create", "u3"),
        ("course", "create", "c2"),
        ("enrolment", "create", "u2\tc1"),
        ("enrolment", "create", "u2\tc2"),
        ("enrolment", "create", "u3\tc2"),
    }


def test_a_course_comes_with_its_categories_and_enrolments_and_the_accounts_these_need(desk: Desk):
    draft = plan(desk, only_courses=["c2"])
    assert kinds(draft, "category") == {
        ("user", "create", "u2"),
        ("user", "create", "u3"),
        ("course", "create", "c2"),
        ("enrolment", "create", "u2\tc2"),
        ("enrolment", "create", "u3\tc2"),
    }
    assert {key.split("/")[0] for kind, _, key in told(draft) if kind == "category"} == {"institute:o2"}
    assert desk.apply(draft).left == 0


def test_what_others_need_changed_is_left(desk: Desk):
    desk.run(school())
    changed = school(
        *PLACES[1:],
        classes=[{"title": "Loud Lynx"}, CLASSES[1] | {"title": "Meek Mink"}],
        **people({"givenName": "Anna"}, {"givenName": "Bert"}, {"givenName": "Carl"}),
    )
    assert kinds(plan(desk, changed, only_people=["u1"])) == {
        ("user", "update", "u1"),
        ("enrolment", "suspend", "u1\tc1"),
    }
    assert kinds(plan(desk, changed, only_courses=["c1"])) == {
        ("course", "update", "c1"),
        ("enrolment", "suspend", "u1\tc1"),
    }


def test_who_left_may_be_chosen(desk: Desk):
    desk.run(school())
    left = school(*PLACES[1:], **people({}, {}, {}) | {"users": people({}, {}, {})["users"][1:]})
    assert ("user", "suspend", "u1") in kinds(plan(desk, left, only_people=["u1"]))
    assert kinds(plan(desk, left, only_people=["u2"])) == set()


def test_places_in_groups_and_cohorts_come_with_the_person(desk: Desk):
    rules = {
        "groups": [{"name": "{group.title}", "grouping": "All"}],
        "cohorts": [{"name": "Everybody", "idnumber": "all"}, {"name": "P {person.id}", "idnumber": "p-{person.id}"}],
    }
    draft = plan(desk, only_people=["u1"], **rules)
    found = kinds(draft, "category", "user", "course", "enrolment")
    assert {(kind, action) for kind, action, _ in found} == {
        ("cohort", "create"),
        ("group", "create"),
        ("group-member", "create"),
        ("cohort-member", "create"),
    }
    assert len([key for kind, _, key in found if kind == "cohort"]) == 2
    assert desk.apply(draft).left == 0
    draft = plan(desk, only_courses=["c2"])
    assert {key.split("\t")[0] for kind, _, key in told(draft) if kind == "group"} == {"c2"}
    assert len([key for kind, _, key in told(draft) if kind == "grouping"]) == 1
    assert len([key for kind, _, key in told(draft) if kind == "grouping-member"]) == 1
    assert desk.apply(draft).left == 0


def test_meta_links_come_with_the_class_and_the_long_lived_course(desk: Desk):
    link = {"shortname": "ALL", "fullname": "All", "classes": {"value": "{group.code}", "like": ["*"]}}
    draft = plan(desk, only_courses=["c1"], meta_links=[link])
    assert {key for kind, _, key in told(draft) if kind == "meta-link"} == {"meta:ALL\tc1"}
    assert {key for kind, _, key in told(draft) if kind == "course"} == {"meta:ALL", "c1"}
    assert desk.apply(draft).left == 0


def test_early_enrolments_are_made_for_those_who_are_chosen_alone(desk: Desk):
    rows = [
        {"sourcedId": f"e{n}", "userSourcedId": user, "classSourcedId": each, "beginDate": dt.date(2026, 8, 1)}
        for n, (user, each) in enumerate(PLACES)
    ]
    made = school(enrollments=rows)
    since = {"since": dt.date(2026, 9, 1)}
    assert told(desk.plan(made, enrolments=since), "enrolment") == []
    enrolled = {"enrolments": since, "users": {"without_enrolments": False}}
    assert told(desk.plan(made, **enrolled), "user") == []
    assert told(plan(desk, made, only_people=["u2"]), "user") == [("create", "u2")]
    assert told(plan(desk, made, only_people=["u2"]), "enrolment") == [
        ("create", "u2\tc1"),
        ("create", "u2\tc2"),
    ]
    draft = plan(desk, made, only_courses=["c2"])
    assert told(draft, "enrolment") == [("create", "u2\tc2"), ("create", "u3\tc2")]
    assert desk.apply(draft).left == 0
    assert told(desk.plan(made), "enrolment") == []


def test_limits_hold_what_is_left_in_the_plan(desk: Desk):
    desk.run(school())
    left = school(PLACES[3])
    limits = {"share": 1, "absolute": 1}
    assert plan(desk, left, only_people=["u1"], limits=limits).held == ()
    assert [hold.words for hold in plan(desk, left, only_people=["u2"]).held] == ["suspend 2 enrolments"]
    assert [hold.words for hold in plan(desk, left).held] == ["suspend 3 enrolments"]


@pytest.mark.parametrize(("chosen", "found"), [(["u1"], ["email-placeholder"]), (["u2"], [])])
def test_findings_are_those_about_the_chosen(desk: Desk, chosen, found):
    made = school(**people({"email": None}, {}, {}))
    assert codes(plan(desk, made, only_people=chosen)) == found
    assert codes(plan(desk, made)) == ["email-placeholder"]


def test_findings_about_rows_of_the_chosen_are_told(desk: Desk):
    made = school(("u1", "c1"), ("u1", "c1"))
    twice = made.enrollments.to_dicts()
    twice[1]["role"] = "teacher"
    made = school(enrollments=twice)
    assert codes(plan(desk, made, only_people=["u1"], rows=["e1"])) == ["two-roles-in-a-class"]
    assert codes(plan(desk, made, only_people=["u2"])) == []
