"""Categories: recognised as their level says, and moved with the school's structure."""

import pytest
from desk import Desk, change, codes, told
from rosters import roster

from matricula.planning import make_plan
from matricula.planning.only import Only
from matricula.profiles import desire


def tree(desk: Desk) -> set[str]:
    """Names of all categories with those of their parents."""
    there = {each.id: each for each in desk.moodle.categories.all()}

    def path(number: int) -> str:
        each = there[number]
        return f"{path(each.parent)}/{each.name}" if each.parent else each.name

    return set(map(path, there)) - {"Category 1"}


def ids(desk: Desk) -> dict[str, int]:
    return {each.name: each.id for each in desk.moodle.categories.all()}


def by(*levels):
    return {"levels": list(levels)}


DEPARTMENTS = [{}, {"sourcedId": "d1", "name": "Arts", "type": "department"}]
DEPARTMENTS += [{"sourcedId": "d2", "name": "Languages", "type": "department"}]


def english_in(department):
    return roster(orgs=DEPARTMENTS, courses=[{"orgSourcedId": department}])


def test_by_name_a_category_is_recognised_whatever_its_id_number(desk: Desk):
    (oak,) = desk.moodle.categories.create([{"name": "Oak School", "parent": 0, "idnumber": "mine"}])
    draft = desk.run(categories=by({"level": "institute", "match": "name"}))
    assert change(draft, "category")["moodle_id"] == oak.id
    assert told(desk.plan()) == []


def test_by_name_the_id_number_does_not_count(desk: Desk):
    desk.moodle.categories.create([{"name": "Elm", "parent": 0, "idnumber": "oak"}])
    level = {"level": "institute", "match": "name", "idnumber": "oak-{institute.id}"}
    assert told(desk.plan(categories=by(level)), "category") == [("create", "institute:o1")]


def test_by_id_number_the_mapped_one_counts(desk: Desk):
    (elm,) = desk.moodle.categories.create([{"name": "Elm", "parent": 0, "idnumber": "OAK-o1"}])
    draft = desk.plan(categories=by({"level": "institute", "idnumber": "oak-{institute.id}"}))
    assert change(draft, "category")["moodle_id"] == elm.id


def test_of_several_categories_of_the_name_none_is_taken(desk: Desk):
    desk.moodle.categories.create([{"name": "Oak School", "parent": 0}, {"name": "Oak School", "parent": 0}])
    draft = desk.plan(categories=by("institute"))
    assert told(draft, "category") == [("create", "institute:o1")]
    assert codes(draft) == ["category-name-shared"]


def test_of_two_that_are_wanted_by_one_name_neither_takes_what_is_there(desk: Desk):
    desk.moodle.categories.create([{"name": "Oak School", "parent": 0}])
    classes = [{}, {"sourcedId": "c2", "classCode": "B", "schoolSourcedId": "o2"}]
    made = roster(orgs=[{}, {"sourcedId": "o2"}], classes=classes)
    draft = desk.plan(made, categories=by("institute"))
    assert told(draft, "category") == [("create", "institute:o1"), ("create", "institute:o2")]
    assert codes(draft) == ["category-name-shared"] * 2


def test_a_subject_that_changes_its_department_moves_with_all_that_stands_in_it(desk: Desk):
    desk.run(english_in("d1"), categories=by("stream", "subject", "period"))
    before = ids(desk)
    draft = desk.run(english_in("d2"))
    assert told(draft, "category") == [
        ("create", "stream:d2"),
        ("update", "stream:d2/subject:co1/period:2027"),
        ("move", "stream:d2/subject:co1"),
    ]
    assert change(draft, "category", "stream:d2/subject:co1")["before"]["parent"] == "stream:d1"
    assert change(draft, "course")["action"] == "note"
    assert tree(desk) == {"Arts", "Languages", "Languages/English 09", "Languages/English 09/2026/27"}
    assert {name: ids(desk)[name] for name in before} == before
    assert told(desk.plan(english_in("d2"))) == []


def test_it_moves_back_and_forth(desk: Desk):
    desk.run(english_in("d1"), categories=by("stream", "subject", "period"))
    before = ids(desk)
    for department in ("d2", "d1", "d2", "d1"):
        draft = desk.run(english_in(department))
        assert ("move", f"stream:{department}/subject:co1") in told(draft, "category")
        assert told(desk.plan(english_in(department), full=True)) == []
    assert {name: ids(desk)[name] for name in before} == before
    assert "Arts/English 09/2026/27" in tree(desk)


def test_what_stands_in_a_moved_category_follows_in_the_ledger_alone_where_nothing_of_it_changes(desk: Desk):
    levels = by("stream", "subject", {"level": "period", "idnumber": "{subject.id}-{period.id}"})
    desk.run(english_in("d1"), categories=levels)
    draft = desk.run(english_in("d2"))
    assert ("note", "stream:d2/subject:co1/period:2027") in told(draft, "category")
    assert told(desk.plan(english_in("d2"), full=True)) == []


def test_a_new_category_stands_in_one_that_moves(desk: Desk):
    desk.run(english_in("d1"), categories=by("stream", "subject", "period"))
    years = [{}, {"sourcedId": "y28", "schoolYear": "2028", "title": "2027/28"}]
    classes = [{}, {"sourcedId": "c2", "classCode": "B", "termSourcedIds": ["y28"]}]
    made = roster(orgs=DEPARTMENTS, courses=[{"orgSourcedId": "d2"}], academicSessions=years, classes=classes)
    desk.run(made)
    assert {"Languages/English 09/2026/27", "Languages/English 09/2027/28"} <= tree(desk)
    assert told(desk.plan(made, full=True)) == []


def test_a_manual_run_brings_the_new_path_of_a_category_that_moves(desk: Desk):
    desk.run(english_in("d1"), categories=by("stream", "subject", "period"))
    made = roster(
        orgs=DEPARTMENTS, courses=[{"orgSourcedId": "d2"}], classes=[{}, {"sourcedId": "c2", "classCode": "B"}]
    )
    ground = desk.ground()
    ground.only = Only(courses=frozenset({"c2"}))
    draft = make_plan(ground, desire(made, ground.profile), ())
    assert told(draft) == [("category", "update", "stream:d2/subject:co1/period:2027"), ("course", "create", "c2")]
    assert desk.apply(draft).left == 0
    desk.run(made)
    assert "Languages/English 09/2026/27" in tree(desk)
    assert told(desk.plan(made, full=True)) == []


@pytest.mark.parametrize(
    ("levels", "names"),
    [
        (("period", "institute"), {"2026/27", "2026/27/Oak School"}),
        (("period",), {"2026/27", "Oak School"}),
        (("grade", "institute", "period"), {"9", "9/Oak School", "9/Oak School/2026/27"}),
    ],
)
def test_other_levels_move_what_is_there(desk: Desk, levels, names):
    made = roster(classes=[{"grades": ["9"]}])
    desk.run(made)
    before = ids(desk)
    desk.run(made, categories=by(*levels))
    assert tree(desk) == names
    assert {name: ids(desk)[name] for name in before} == before
    assert told(desk.plan(made, full=True)) == []
    desk.run(made, categories=by("institute", "period"))
    assert "Oak School/2026/27" in tree(desk)
    assert {name: ids(desk)[name] for name in before} == before


def test_the_next_year_is_no_move_of_the_last(desk: Desk):
    desk.run(categories=by("period", "institute"))
    years = [{"sourcedId": "y28", "schoolYear": "2028", "title": "2027/28"}]
    classes = [{"sourcedId": "c2", "classCode": "B", "termSourcedIds": ["y28"]}]
    made = roster(academicSessions=years, classes=classes, enrollments=[])
    assert "move" not in [action for action, _ in told(desk.run(made), "category")]
    assert tree(desk) == {"2026/27", "2026/27/Oak School", "2027/28", "2027/28/Oak School"}


def test_what_many_have_alike_does_not_move_from_one_to_another(desk: Desk):
    orgs = [{}, {"sourcedId": "o2", "name": "Elm School"}]
    desk.run(roster(orgs=orgs, classes=[{"grades": ["9"]}]), categories=by("institute", "grade"))
    other = roster(orgs=orgs, classes=[{"sourcedId": "c2", "classCode": "B", "schoolSourcedId": "o2", "grades": ["9"]}])
    assert "move" not in [action for action, _ in told(desk.run(other), "category")]


def test_without_update_nothing_moves(desk: Desk):
    desk.run(english_in("d1"), categories=by("stream", "subject"))
    draft = desk.run(english_in("d2"), courses={"update": False})
    assert "move" not in [action for action, _ in told(draft, "category")]


def test_a_category_deleted_by_hand_is_made_and_not_moved(desk: Desk):
    desk.run(english_in("d1"), categories=by("stream", "subject"))
    desk.moodle.categories.delete([ids(desk)["English 09"]], move_to=1)
    assert ("create", "stream:d2/subject:co1") in told(desk.plan(english_in("d2")), "category")


def test_an_id_number_that_differs_in_accents_alone_is_refused_in_words(desk: Desk):
    desk.moodle.categories.create([{"name": "École", "parent": 0, "idnumber": "institute:Ö1"}])
    draft = desk.plan()
    applied = desk.apply(draft)
    outcomes = desk.store.journal.outcomes(applied.run).filter(state="refused")
    assert outcomes["change"].to_list() == [
        row["number"] for row in draft.changes.filter(kind="category", key="institute:o1").iter_rows(named=True)
    ]
    assert "belongs to the category “École”" in outcomes["reason"][0]
