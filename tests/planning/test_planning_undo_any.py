"""Whatever a run did, its undoing leaves the site as it was, but for what people edited in between."""

import random
from typing import Any

import polars as pl
import pytest
from desk import Desk
from rosters import Roster, roster
from undo_desk import brought_back, last_run, picture, undone

pytestmark = pytest.mark.long

NAMES = ["Lee", "Low", "Orr", "Poe"]
RULES: dict[str, Any] = {
    "groups": [{"name": "{group.title}"}, {"name": "{person.familyName}", "grouping": "families"}],
    "cohorts": [{"name": "All {person.kind}", "idnumber": "{person.kind}"}],
}


def invented(seed: int) -> Roster:
    """A small roster; those of different seeds share most of their records."""
    dice = random.Random(seed)
    users = [number for number in range(1, 6) if dice.random() < 0.8]
    classes = [number for number in range(1, 4) if dice.random() < 0.8]
    pairs = [(user, each) for user in users for each in classes if dice.random() < 0.6]
    return roster(
        users=[
            {
                "sourcedId": f"u{user}",
                "username": f"user{user}",
                "email": f"user{user}@school.example",
                "familyName": dice.choice(NAMES),
                "enabledUser": seed % 2 == 0 or dice.random() < 0.8,
            }
            for user in users
        ],
        roles=[{"userSourcedId": f"u{user}", "role": "student"} for user in users],
        classes=[
            {"sourcedId": f"c{each}", "title": dice.choice(["Art", "Bio"]), "classCode": f"C{each}"} for each in classes
        ],
        enrollments=[
            {
                "sourcedId": f"e{user}{each}",
                "userSourcedId": f"u{user}",
                "classSourcedId": f"c{each}",
                "role": dice.choice(["student", "student", "teacher"]),
            }
            for user, each in pairs
        ],
    )


GONE = ["suspend", "unenrol", "suspend-without-roles"]
SEEDS = range(100, 108)
LONG = [pytest.param(gone, seed, marks=pytest.mark.long) for gone in GONE for seed in SEEDS]


@pytest.mark.parametrize(("gone", "seed"), [("unenrol", 3), *LONG])
def test_a_run_and_its_undoing_leave_a_site_as_it_was(desk: Desk, gone: str, seed: int) -> None:
    first, second = invented(2 * seed), invented(2 * seed + 1)
    desk.run(first, enrolments={"gone": gone}, **RULES)
    before = picture(desk)
    done = desk.run(second).changes
    between = picture(desk)
    undone(desk, last_run(desk))
    assert brought_back(before, picture(desk)) == []
    made = done.filter(pl.col("action") == "create")
    again = desk.plan(first).changes.filter(pl.col("after") != "{}").join(made, on=["kind", "key"], how="anti")
    assert again.rows() == []
    undo_run = last_run(desk)
    desk.run(second)
    assert picture(desk) == between
    if gone == "suspend":
        undone(desk, last_run(desk))
        undone(desk, undo_run)
        assert picture(desk) == between


@pytest.mark.parametrize("seed", [3, *(pytest.param(seed, marks=pytest.mark.long) for seed in SEEDS)])
def test_edits_by_hand_stand(desk: Desk, seed: int) -> None:
    desk.run(invented(2 * seed), **RULES)
    before = picture(desk)
    desk.run(invented(2 * seed + 1))
    run = last_run(desk)
    edited = _edit(desk, random.Random(seed))
    between = picture(desk)
    undone(desk, run)
    after = picture(desk)
    for kind, key, field in edited:
        assert after[kind][key][field] == between[kind][key][field], (kind, key, field)
        if key in before[kind]:
            before[kind][key][field] = after[kind][key][field]
    assert brought_back(before, after) == []


def _edit(desk: Desk, dice: random.Random) -> list[tuple[str, Any, str]]:
    """Edit some records as people do; says which fields of the picture."""
    edited: list[tuple[str, Any, str]] = []
    for user in desk.moodle.users.all():
        if user.username.startswith("user") and dice.random() < 0.5:
            desk.moodle.users.update([{"id": user.id, "lastname": "Edited"}])
            edited.append(("user", user.username, "last"))
    for course in desk.moodle.courses.all():
        if course.idnumber and dice.random() < 0.5:
            desk.moodle.courses.update([{"id": course.id, "fullname": "Edited"}])
            edited.append(("course", course.idnumber, "name"))
    return edited
