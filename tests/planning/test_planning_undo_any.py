"""Whatever a run did, its undoing leaves the site as it was, but for what people edited in between."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from desk import Desk
from rosters import Roster, roster
from undo_desk import brought_back, last_run, picture, undone

from matricula.sandbox import Running

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
SEEDS = [3, pytest.param(None, marks=pytest.mark.long)]


def each_seed(site: Running, place: Path, seed: int | None, check: Callable[[Desk, int], None]) -> None:
    for number in range(100, 130) if seed is None else [seed]:
        site.sandbox.reset()
        folder = place / str(number)
        folder.mkdir()
        with Desk.open(folder, site) as desk:
            check(desk, number)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("gone", GONE)
def test_a_run_and_its_undoing_leave_a_site_as_it_was(
    site: Running, tmp_path: Path, seed: int | None, gone: str
) -> None:
    def check(desk: Desk, number: int) -> None:
        first, second = invented(2 * number), invented(2 * number + 1)
        desk.run(first, enrolments={"gone": gone}, **RULES)
        before = picture(desk)
        done = desk.run(second).changes
        between = picture(desk)
        undone(desk, last_run(desk))
        after = picture(desk)
        assert brought_back(before, after) == [], number
        made = done.filter(pl.col("action") == "create")
        again = desk.plan(first).changes.filter(pl.col("after") != "{}").join(made, on=["kind", "key"], how="anti")
        assert again.rows() == [], number
        undo_run = last_run(desk)
        desk.run(second)
        assert picture(desk) == between, number
        if gone == "suspend":
            undone(desk, last_run(desk))
            undone(desk, undo_run)
            assert picture(desk) == between, number

    each_seed(site, tmp_path, seed, check)


@pytest.mark.parametrize("seed", SEEDS)
def test_edits_by_hand_stand(site: Running, tmp_path: Path, seed: int | None) -> None:
    def check(desk: Desk, number: int) -> None:
        dice = random.Random(number)
        desk.run(invented(2 * number), **RULES)
        before = picture(desk)
        desk.run(invented(2 * number + 1))
        run = last_run(desk)
        edited = _edit(desk, dice)
        between = picture(desk)
        undone(desk, run)
        after = picture(desk)
        for kind, key, field in edited:
            assert after[kind][key][field] == between[kind][key][field], (number, kind, key, field)
            if key in before[kind]:
                before[kind][key][field] = after[kind][key][field]
        assert brought_back(before, after) == [], number

    each_seed(site, tmp_path, seed, check)


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
