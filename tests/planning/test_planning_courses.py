"""Classes against courses, and the categories they stand in."""

import datetime as dt

import pytest
from desk import Desk, change, codes, told
from rosters import roster


def lemur(**change):
    return roster(classes=[change])


NOBODY = {"users": [], "roles": [], "enrollments": []}
NO_CLASSES = {"classes": [], "enrollments": []}


def test_a_new_class_gets_a_course_in_its_category(desk: Desk):
    desk.run()
    course = desk.course_of()
    categories = {category.id: category for category in desk.moodle.categories.all()}
    assert (course.fullname, course.shortname) == ("English 09 – Ludicrous Lemur", "ENG-9 2026/27")
    assert categories[course.category].name == "2026/27"
    assert categories[categories[course.category].parent].name == "Oak School"


def test_a_course_is_recognised_by_id_number_and_its_name_left_to_the_teacher(desk: Desk):
    number = desk.course(idnumber="C1", shortname="mine", fullname="My English")
    found = change(desk.run(), "course")
    assert (found["action"], found["moodle_id"], found["after"]) == ("match", number, {})
    assert desk.moodle.courses.by_ids([number])[0].fullname == "My English"
    assert told(desk.plan()) == []


def test_a_matched_course_follows_the_roster_when_it_says_something_new(desk: Desk):
    number = desk.course(idnumber="c1", shortname="mine", fullname="My English")
    desk.run()
    desk.run(lemur(title="Happy Hippo"))
    course = desk.moodle.courses.by_ids([number])[0]
    assert (course.fullname, course.shortname) == ("English 09 – Happy Hippo", "mine")


def test_a_course_is_recognised_by_short_name_and_gets_its_id_number(desk: Desk):
    number = desk.course(shortname="eng-9 2026/27")
    found = change(desk.run(courses={"match": "shortname"}), "course")
    assert (found["action"], found["after"]) == ("match", {"idnumber": "c1"})
    assert desk.course_of().id == number


def test_a_course_matched_by_short_name_keeps_its_own_id_number(desk: Desk):
    desk.course(idnumber="mine")
    assert change(desk.plan(courses={"match": "shortname"}), "course")["after"] == {}


def test_a_short_name_of_another_course_is_taken(desk: Desk):
    desk.course(idnumber="other")
    draft = desk.plan()
    assert told(draft, "course") == []
    assert told(draft, "enrolment") == []
    assert codes(draft) == ["shortname-taken"]
    assert "“English”" in draft.findings[0].message
    assert draft.findings[0].place == "classes.csv line 2, column classCode"


def test_two_classes_never_share_a_course(desk: Desk):
    desk.course(shortname="eng-9 2026/27", idnumber="c9")
    desk.run(courses={"match": "shortname"})
    draft = desk.plan(roster(classes=[{}, {"sourcedId": "c9", "classCode": "B"}]), courses={"match": "idnumber"})
    assert told(draft, "course") == []
    assert codes(draft) == ["course-already-matched"]


def test_without_create_no_course_is_made(desk: Desk):
    assert told(desk.plan(courses={"create": False}), "course") == []


def test_without_create_and_update_no_category_is_made_either(desk: Desk):
    assert told(desk.plan(courses={"create": False, "update": False})) == [("user", "create", "u1")]


def test_without_update_names_stay_and_new_classes_come(desk: Desk):
    desk.run(courses={"update": False})
    draft = desk.plan(roster(classes=[{"title": "Happy Hippo"}, {"sourcedId": "c2", "classCode": "B"}]))
    assert told(draft, "course") == [("create", "c2")]


@pytest.mark.parametrize("update", [True, False])
def test_visibility_is_for_new_courses_alone(desk: Desk, update):
    desk.run()
    assert told(desk.plan(courses={"fields": {"visible": False}, "update": update}), "course") == []


def test_short_names_are_set_once(desk: Desk):
    desk.run()
    assert told(desk.plan(lemur(classCode="X")), "course") == []


def test_a_teachers_edit_stands_until_the_roster_says_something_new(desk: Desk):
    desk.run()
    number = desk.course_of().id
    desk.moodle.courses.update([{"id": number, "fullname": "Wild English"}])
    assert told(desk.plan(), "course") == []
    found = change(desk.run(lemur(title="Happy Hippo")), "course")
    assert (found["action"], found["course"]) == ("update", "English 09 – Happy Hippo")
    assert found["before"] == {"fullname": "Wild English"}
    assert desk.course_of().fullname == "English 09 – Happy Hippo"


def test_what_the_site_holds_already_is_only_noted(desk: Desk):
    desk.run()
    desk.moodle.courses.update([{"id": desk.course_of().id, "fullname": "English 09 – Happy Hippo"}])
    found = change(desk.run(lemur(title="Happy Hippo")), "course")
    assert (found["action"], found["after"], found["removes"]) == ("note", {}, False)
    assert told(desk.plan(lemur(title="Happy Hippo"))) == []


def test_a_course_that_vanished_is_made_again(desk: Desk):
    desk.run()
    old = desk.course_of().id
    desk.moodle.courses.delete([old])
    for draft in (desk.plan(), desk.plan(lemur(title="Happy Hippo")), desk.plan(full=True)):
        assert told(draft, "course") == [("create", "c1")]
        assert change(draft, "course")["moodle_id"] == old
        assert told(draft, "enrolment") == [("create", "u1\tc1")]
    desk.apply(draft)
    assert desk.course_of().id != old
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan(full=True)) == []


def test_a_course_deleted_in_moodle_does_not_stop_a_plan(desk: Desk):
    two = roster(classes=[{}, {"sourcedId": "c2", "classCode": "B"}])
    desk.run(two)
    desk.moodle.courses.delete([desk.course_of().id])
    draft = desk.plan(roster(classes=[{"sourcedId": "c2", "classCode": "B"}], enrollments=[{"classSourcedId": "c2"}]))
    assert sorted(told(draft)) == [
        ("course", "note", "c1"),
        ("enrolment", "create", "u1\tc2"),
        ("enrolment", "note", "u1\tc1"),
    ]


def test_the_course_of_a_class_that_is_gone_is_hidden(desk: Desk):
    desk.run()
    found = change(desk.run(roster(**NO_CLASSES)), "course")
    assert (found["action"], found["removes"], found["course"]) == ("hide", True, "English 09 – Ludicrous Lemur")
    assert desk.course_of().visible is False
    assert told(desk.plan(roster(**NO_CLASSES))) == []


def test_it_is_shown_again_when_the_class_returns(desk: Desk):
    desk.run()
    desk.run(roster(**NO_CLASSES))
    draft = desk.run()
    assert ("show", "c1") in told(draft, "course")
    assert change(draft, "course")["reason"].startswith("is in the roster again")
    assert desk.course_of().visible is True
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan()) == []


def test_without_update_too_it_is_shown_again(desk: Desk):
    desk.run(courses={"update": False})
    desk.run(roster(**NO_CLASSES))
    desk.run()
    assert desk.course_of().visible is True


def test_it_is_kept_where_the_profile_says_so(desk: Desk):
    desk.run(courses={"gone": "leave"})
    assert told(desk.plan(roster(**NO_CLASSES)), "course") == []


def test_a_course_made_hidden_is_not_taken_for_gone(desk: Desk):
    desk.run(courses={"fields": {"visible": False}})
    assert desk.store.ledger.get("default", "course", "c1").removed is False
    desk.moodle.courses.update([{"id": desk.course_of().id, "visible": True}])
    assert told(desk.plan()) == []
    assert told(desk.run(roster(**NO_CLASSES)), "course") == [("hide", "c1")]
    assert desk.course_of().visible is False
    desk.run()
    assert desk.course_of().visible is False
    assert desk.store.ledger.get("default", "course", "c1").removed is False


def test_a_course_hidden_by_hand_before_it_left_is_only_noted(desk: Desk):
    desk.run()
    desk.moodle.courses.update([{"id": desk.course_of().id, "visible": False}])
    found = change(desk.run(roster(**NO_CLASSES)), "course")
    assert (found["action"], found["removes"]) == ("note", False)


# Categories


def names(desk: Desk) -> list[str]:
    return sorted(category.name for category in desk.moodle.categories.all())


def test_a_category_is_recognised_by_its_id_number_wherever_it_stands(desk: Desk):
    (made,) = desk.moodle.categories.create([{"name": "Our oak", "parent": 1, "idnumber": "institute:o1"}])
    found = change(desk.run(), "category", "institute:o1")
    assert (found["action"], found["moodle_id"], found["after"]) == ("match", made.id, {})
    assert names(desk) == ["2026/27", "Category 1", "Our oak"]


def test_a_category_is_recognised_by_its_name_within_its_parent(desk: Desk):
    (oak,) = desk.moodle.categories.create([{"name": "Oak School", "parent": 0}])
    (year,) = desk.moodle.categories.create([{"name": "2026/27", "parent": oak.id}])
    desk.moodle.categories.create([{"name": "2026/27", "parent": 1}])
    draft = desk.run()
    assert sorted(told(draft, "category")) == [("match", "institute:o1"), ("match", "institute:o1/period:2027")]
    assert desk.course_of().category == year.id


def test_a_category_of_the_same_name_elsewhere_is_another(desk: Desk):
    desk.moodle.categories.create([{"name": "Oak School", "parent": 1}])
    assert ("create", "institute:o1") in told(desk.plan(), "category")


def test_a_category_with_another_id_number_is_another(desk: Desk):
    desk.moodle.categories.create([{"name": "Oak School", "parent": 0, "idnumber": "mine"}])
    assert ("create", "institute:o1") in told(desk.plan(), "category")


def test_a_school_that_is_renamed_renames_its_category(desk: Desk):
    desk.run()
    draft = desk.run(roster(orgs=[{"name": "Elm School"}]))
    assert told(draft) == [("category", "update", "institute:o1")]
    assert "Elm School" in names(desk)


def test_a_course_moves_to_its_new_school(desk: Desk):
    desk.run()
    orgs = [{}, {"sourcedId": "o2", "name": "Elm School"}]
    draft = desk.run(roster(orgs=orgs, classes=[{"schoolSourcedId": "o2"}]))
    assert change(draft, "course")["before"] == {"category": "institute:o1/period:2027"}
    categories = {category.id: category.idnumber for category in desk.moodle.categories.all()}
    assert categories[desk.course_of().category] == "institute:o2/period:2027"
    assert told(desk.plan(roster(orgs=orgs, classes=[{"schoolSourcedId": "o2"}]))) == []


@pytest.mark.parametrize("lost", [{"orgs": []}, {"academicSessions": []}, {"orgs": [], "academicSessions": []}])
def test_a_delivery_without_schools_or_years_moves_no_course(desk: Desk, lost):
    desk.run()
    blank = {"orgs": {"schoolSourcedId": None}, "academicSessions": {"termSourcedIds": None}}
    classes = [{name: None for table in lost for name in blank[table]}]
    assert told(desk.plan(roster(**lost, classes=classes)), "course") == []


def test_a_new_course_of_no_school_goes_to_the_unsorted_ones_and_moves_when_it_is_known(desk: Desk):
    nowhere = roster(orgs=[], academicSessions=[], classes=[{"schoolSourcedId": None, "termSourcedIds": None}])
    desk.run(nowhere, categories={"unsorted": "Elsewhere"})
    assert "Elsewhere" in names(desk)
    assert told(desk.plan(nowhere)) == []
    assert change(desk.run(), "course")["before"]["category"] == "unsorted"
    assert told(desk.plan()) == []


def test_categories_are_never_removed(desk: Desk):
    desk.run()
    assert told(desk.plan(roster(orgs=[], academicSessions=[], **NO_CLASSES)), "category") == []


def test_an_end_date_that_moves_is_written(desk: Desk):
    desk.run()
    before = desk.course_of()
    desk.run(roster(academicSessions=[{"endDate": dt.date(2027, 7, 30)}]))
    after = desk.course_of()
    assert (after.start, after.end) == (before.start, before.end - 24 * 3600)


@pytest.mark.parametrize("other", ["e", "É"])
def test_a_course_stays_itself_when_one_comes_whose_number_differs_in_accent_or_case_alone(desk: Desk, other: str):
    accented = {"sourcedId": "é", "classCode": "A", "title": "First"}
    plain = {"sourcedId": other, "classCode": "B", "title": "Other"}
    desk.run(roster(classes=[accented]))
    (before,) = desk.moodle.courses.all()
    both = roster(classes=[accented | {"title": "First of two", "classCode": "C"}, plain])
    desk.run(both)
    assert {each.fullname for each in desk.moodle.courses.by_ids([before.id])} == {"English 09 – First of two"}
    assert told(desk.plan(both, full=True)) == []
    desk.run(roster(classes=[accented | {"title": "Alone again", "classCode": "D"}]))
    assert {each.fullname for each in desk.moodle.courses.by_ids([before.id])} == {"English 09 – Alone again"}
