"""Whatever levels a profile has and however a school's structure moves: courses stand where the roster says."""

import tempfile
from pathlib import Path

import polars as pl
import pytest
from desk import Desk, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rosters import Roster, roster, rows_of, shuffled

from matricula.planning import ACTIONS
from matricula.profiles import desire
from matricula.profiles.documents.courses import LEVEL_NAMES
from matricula.sandbox import Running

LEVELS = st.lists(st.sampled_from(sorted(LEVEL_NAMES)), max_size=4, unique=True)
YEARS = [{}, {"sourcedId": "y28", "schoolYear": "2028", "title": "2027/28"}]
TERMS = [{"sourcedId": f"t{n}", "title": f"Term {n}", "type": "term", "parentSourcedId": f"y2{n}"} for n in (7, 8)]
DEPARTMENTS = [{"sourcedId": f"d{n}", "name": f"Department {n}", "type": "department"} for n in (1, 2)]


@st.composite
def days(draw: st.DrawFn) -> Roster:
    """Two schools, two departments, two subjects and up to four classes, each somewhere among them."""
    numbers = draw(st.lists(st.sampled_from([1, 2, 3, 4]), unique=True))
    return roster(
        orgs=[{}, {"sourcedId": "o2", "name": draw(st.sampled_from(["Elm School", "Oak School"]))}, *DEPARTMENTS],
        academicSessions=YEARS + TERMS,
        courses=[
            {"sourcedId": f"co{n}", "title": f"Subject {n}", "orgSourcedId": draw(st.sampled_from(["d1", "d2", "o1"]))}
            for n in (1, 2)
        ],
        classes=[
            {
                "sourcedId": f"c{n}",
                "classCode": f"C{n}",
                "title": f"Class {n}",
                "courseSourcedId": draw(st.sampled_from(["co1", "co2"])),
                "schoolSourcedId": draw(st.sampled_from(["o1", "o2", None])),
                "termSourcedIds": [draw(st.sampled_from(["y27", "t7", "t8"]))],
                "grades": draw(st.sampled_from([["9"], ["10"], None])),
                "location": draw(st.sampled_from(["R 1", "R/2"])),
            }
            for n in numbers
        ],
        users=[],
        roles=[],
        enrollments=[],
    )


def places(desk: Desk) -> dict[str, list[str]]:
    """Where each visible course of the ledger stands, by key: names of its categories from the top."""
    there = {each.id: each for each in desk.moodle.categories.all()}
    ledger = desk.store.ledger.frame("default", "course").filter(~pl.col("removed"))
    keys = dict(ledger.select("moodle_id", "key").iter_rows())

    def path(number: int) -> list[str]:
        return [*path(there[number].parent), there[number].name] if number else []

    return {keys[course.id]: path(course.category) for course in desk.moodle.courses.by_ids(list(keys))}


def wanted(desk: Desk, made: Roster) -> dict[str, list[str]]:
    """Where the profile wants its courses to stand; those of unknown place are left out."""
    desired = desire(made, desk.ground().profile)
    nodes = rows_of(desired, "category")

    def path(key: str) -> list[str]:
        return [*path(nodes[key]["parent"]), nodes[key]["name"]] if key else []

    courses = rows_of(desired, "course").items()
    return {key: path(row["fields"]["category"]) for key, row in courses if row["fields"]["category"]}


@pytest.mark.long
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    schools=st.lists(days(), min_size=2, max_size=4),
    chains=st.lists(LEVELS, min_size=1, max_size=2),
    match=st.sampled_from(["idnumber", "name"]),
    gone=st.sampled_from(["hide", "archive", "delete"]),
)
def test_courses_stand_where_the_roster_says_and_a_second_plan_is_empty(
    site: Running, schools: list[Roster], chains: list[list[str]], match: str, gone: str
):
    site.sandbox.reset()
    with tempfile.TemporaryDirectory() as place, Desk.open(Path(place), site) as desk:
        for number, made in enumerate([*schools, schools[0]]):
            levels = [{"level": level, "match": match} for level in chains[number % len(chains)]]
            draft = desk.run(made, categories={"levels": levels}, courses={"gone": gone})
            assert {action for _, action, _ in told(draft)} <= set(ACTIONS)
            assert told(desk.plan(shuffled(made, 3))) == []
            assert told(desk.plan(made, full=True)) == []
            seen = places(desk)
            assert {key: seen[key] for key in wanted(desk, made)} == wanted(desk, made)
