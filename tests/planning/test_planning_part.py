"""A part of a plan: just what was chosen and what that needs is written, and planning again gives just the rest."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from desk import Desk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rosters import Roster, roster
from test_planning_undo_any import RULES, invented
from undo_desk import picture

from matricula.planning import Draft, checksum, read_changes
from matricula.planning.change import SCHEMA
from matricula.planning.limits import Hold
from matricula.planning.part import holds_of_part, parted
from matricula.planning.plan import today_in

if TYPE_CHECKING:
    from matricula.sandbox import Running

GONE = ["suspend", "unenrol", "suspend-without-roles"]


def same(changes: pl.DataFrame) -> set[tuple[Any, ...]]:
    """Changes without their numbers."""
    return set(changes.select("kind", "action", "key", "before", "after", "written", "removes").rows())


def as_draft(changes: pl.DataFrame) -> Draft:
    return Draft(changes, (), (), checksum(changes))


def check_any_part(desk: Desk, seed: int, gone: str, pick: random.Random) -> None:
    first, second = invented(2 * seed), invented(2 * seed + 1)
    desk.run(first, enrolments={"gone": gone}, **RULES)
    whole = desk.plan(second).changes
    share = pick.random()
    chosen = {number for number in whole["number"] if pick.random() < share}
    part = parted(whole, chosen).changes
    before, known = picture(desk), ledger(desk)
    applied = desk.apply(as_draft(part))
    assert applied.left == 0, desk.store.journal.outcomes(applied.run).filter(pl.col("state") != "done")["reason"]
    places = set(part.select("kind", "key").rows())
    assert {place for place, row in ledger(desk).items() if known.get(place) != row} <= places | replaced(part)
    assert moved(before, picture(desk), desk) <= places
    again = desk.plan(second).changes
    assert same(again) == same(whole.join(part, on=["kind", "key", "action"], how="anti"))
    desk.run(second)
    assert desk.plan(second).changes.rows() == []


def ledger(desk: Desk) -> dict[tuple[str, str], tuple[Any, ...]]:
    kinds = ("user", "course", "category", "enrolment", "group", "grouping", "group-member", "cohort", "cohort-member")
    rows = {kind: desk.store.ledger.frame("default", kind) for kind in kinds}
    return {
        (kind, row["key"]): (row["written"], row["removed"])
        for kind, frame in rows.items()
        for row in frame.iter_rows(named=True)
    }


def replaced(part: pl.DataFrame) -> set[tuple[str, str]]:
    found = [(change.kind, change.written.get("replaces")) for change in read_changes(part)]
    return {(kind, str(key)) for kind, key in found if key}


def moved(before: Any, after: Any, desk: Desk) -> set[tuple[str, str]]:
    """Accounts, courses and enrolments that are not as they were, by their keys."""
    users = desk.store.ledger.frame("default", "user")
    keys = {json.loads(row["written"])["username"]: row["key"] for row in users.iter_rows(named=True)}
    found = set()
    for kind in ("user", "course", "enrolment"):
        for key in before[kind].keys() | after[kind].keys():
            if before[kind].get(key) == after[kind].get(key):
                continue
            told = {"user": lambda k: keys.get(k, k), "course": str}.get(kind, lambda k: f"{keys[k[0]]}\t{k[1]}")
            found.add((kind, told(key)))
    return found


@pytest.mark.long
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 400), gone=st.sampled_from(GONE), pick=st.randoms(use_true_random=False))
def test_any_part_is_written_alone_and_leaves_just_the_rest(
    site: Running, seed: int, gone: str, pick: random.Random
) -> None:
    site.sandbox.reset()
    with tempfile.TemporaryDirectory() as place, Desk.open(Path(place), site) as desk:
        check_any_part(desk, seed, gone, pick)


@pytest.mark.long
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 4000), gone=st.sampled_from(GONE), pick=st.randoms(use_true_random=False))
def test_very_many_parts(site: Running, seed: int, gone: str, pick: random.Random) -> None:
    site.sandbox.reset()
    with tempfile.TemporaryDirectory() as place, Desk.open(Path(place), site) as desk:
        check_any_part(desk, seed, gone, pick)


@given(numbers=st.sets(st.integers(1, 60)))
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_a_part_is_numbered_and_complete(first_day: pl.DataFrame, numbers: set[int]) -> None:
    part = parted(first_day, numbers)
    there = numbers & set(first_day["number"])
    assert part.chosen == len(there)
    assert part.changes.height == part.chosen + part.needed
    assert part.changes["number"].to_list() == list(range(1, part.changes.height + 1))
    assert part.changes.schema == pl.Schema(SCHEMA)
    picked = first_day.filter(pl.col("number").is_in(sorted(there)))
    assert same(picked) <= same(part.changes) <= same(first_day)
    whole = set(part.changes["key"])
    for change in read_changes(part.changes.filter(kind="enrolment")):
        assert set(change.key.split("\t")) <= whole
    assert part.changes.drop("number").equals(parted(first_day, numbers | there).changes.drop("number"))


@pytest.fixture(scope="module")
def first_day(site: Running) -> pl.DataFrame:
    """The plan for a school that is not in Moodle yet."""
    site.sandbox.reset()
    with tempfile.TemporaryDirectory() as place, Desk.open(Path(place), site) as desk:
        return desk.plan(invented(3), **RULES).changes


def test_a_chosen_enrolment_brings_account_course_and_category(first_day: pl.DataFrame) -> None:
    enrolment = first_day.filter(kind="enrolment").row(0, named=True)
    part = parted(first_day, {enrolment["number"]})
    user, course = enrolment["key"].split("\t")
    told = set(part.changes.select("kind", "key").rows())
    assert {("user", user), ("course", course), ("enrolment", enrolment["key"])} <= told
    assert {kind for kind, _ in told} == {"category", "user", "course", "enrolment"}
    assert (part.chosen, part.needed) == (1, part.changes.height - 1)


def people_of(people: list[dict[str, Any]]) -> Roster:
    return roster(users=people, roles=[{"userSourcedId": each["sourcedId"], "role": "student"} for each in people])


def test_a_part_is_held_by_the_limits_of_what_it_takes_away(desk: Desk) -> None:
    people = [{"sourcedId": f"u{n}", "username": f"user{n}", "email": f"u{n}@school.example"} for n in range(1, 21)]
    desk.run(people_of(people), limits={"share": 0.2, "floor": 1})
    draft = desk.plan(people_of(people[:10]))
    assert [hold.code for hold in draft.held] == ["too-many-removals"]
    leaving = draft.changes.filter("removes")["number"].to_list()
    today = today_in("UTC")
    for count, held in ((5, True), (4, False)):
        part = parted(draft.changes, leaving[:count]).changes
        holds = holds_of_part(desk.ground(), draft.changes, part, draft.held, today)
        assert [hold.words for hold in holds] == ([f"suspend {count} users"] if held else [])


def test_what_is_odd_about_a_delivery_holds_any_part(desk: Desk) -> None:
    desk.run(people_of([{"sourcedId": "u1", "username": "ann"}]))
    draft = desk.plan(people_of([{"sourcedId": "u1", "username": "ann"}, {"sourcedId": "u2", "username": "bob"}]))
    odd = Hold("rows-down", "Half of the rows are missing.", "half the rows")
    holds = holds_of_part(desk.ground(), draft.changes, draft.changes, [odd], today_in("UTC"))
    assert holds == [odd]
