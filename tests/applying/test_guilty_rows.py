"""With k guilty rows of n, O(k log n) calls find them, whatever the kind, and each gets a reason in words."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import stamina
from every_change import TinyDesk, tiny_desk
from rosters import people, roster

from matricula.sandbox import Running, running

PUPILS, CLASSES = 72, 24
EACH = 8
"""Calls for one guilty row at each halving: two halves, and what the database refuses is tried four times."""

KINDS = [
    ("user", "core_user_create_users", "username=user{}"),
    ("course", "core_course_create_courses", "idnumber=k{}"),
    ("group", "core_group_create_groups", "name=Gk{}"),
    ("enrolment", "enrol_manual_enrol_users", "userid={}"),
    ("group-member", "core_group_add_group_members", "userid={}"),
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TinyDesk]:
    stamina.set_testing(testing=True, attempts=4, cap=True)
    with running(fixture="empty") as site, tiny_desk(tmp_path, site) as desk:
        yield desk
    stamina.set_testing(testing=False)


def large_school() -> Any:
    pupils = people(*({} for _ in range(PUPILS)))
    classes = [{"sourcedId": f"k{number}", "classCode": f"C{number}"} for number in range(1, CLASSES + 1)]
    places = [
        {"sourcedId": f"e{number}", "userSourcedId": f"u{number}", "classSourcedId": f"k{(number - 1) % CLASSES + 1}"}
        for number in range(1, PUPILS + 1)
    ]
    return roster(**pupils, classes=classes, enrollments=places)


def account(site: Running, number: int) -> int:
    return int(site.state.value("SELECT id FROM user WHERE username = ?", f"user{number}"))


CASES = [
    pytest.param(*kind, guilty, id=f"{kind[0]}-{len(guilty)}", marks=() if quick else pytest.mark.long)
    for kind in KINDS
    for guilty in ([17], [3, 11, 22])
    for quick in [kind[0] in {"user", "enrolment"} and len(guilty) > 1]
]


@pytest.mark.parametrize(("kind", "function", "mark", "guilty"), CASES)
def test_few_calls_find_the_guilty_rows(desk: TinyDesk, kind: str, function: str, mark: str, guilty: list[int]) -> None:
    site, made = desk.sandbox, large_school()
    if mark.startswith("userid"):
        desk.run(made, enrolments={"roles": {}}) if kind == "enrolment" else desk.run(made)
        guilty_ids = [account(site, number) for number in guilty]
    else:
        guilty_ids = guilty
    groups = [{"name": "G{group.id}"}]
    draft = desk.plan(made, enrolments={"roles": {"student": "student"}}, groups=groups)
    written = (pl.col("kind") == kind) & (pl.col("action") == "create")
    rows = draft.changes.filter(written).height
    assert rows >= CLASSES
    site.faults.clear()
    site.faults.set(refuse_rows=[mark.format(each) for each in guilty_ids])
    applied = desk.apply(draft)
    calls = site.faults.calls[function]
    outcomes = desk.store.journal.outcomes(applied.run).join(draft.changes, left_on="change", right_on="number")
    refused = outcomes.filter(written & (pl.col("state") == "refused"))
    assert refused.height == len(guilty)
    assert all("Look at the record" in told for told in refused["reason"])
    assert outcomes.filter(written & (pl.col("state") == "done")).height == rows - len(guilty)
    assert calls <= EACH * len(guilty) * (math.log2(rows) + 1) + 4
