"""Records to store in the tests of the state database."""

from datetime import UTC, datetime

import polars as pl

from matricula.store import CHANGES_SCHEMA, PlanRecord


def plan_record(profile="school", state="ready", site="moodle"):
    return PlanRecord(
        number=None,
        profile=profile,
        site=site,
        source="export",
        created_at=datetime(2026, 9, 1, 6, 30, tzinfo=UTC),
        state=state,
        checksum="abc",
        summary={"create user": 3, "name": "Schüler"},
        held=[{"kind": "user", "limit": 10}] if state == "held" else [],
    )


def changes_frame(count=3):
    numbers = range(1, count + 1)
    return pl.DataFrame(
        {
            "number": numbers,
            "kind": ["user" if n % 2 else "enrolment" for n in numbers],
            "action": ["create" if n % 3 else "suspend" for n in numbers],
            "key": [f"u{n}" if n % 2 else f"u{n}\tc1" for n in numbers],
            "moodle_id": [None if n % 3 else n for n in numbers],
            "name": [f"Zoë Ångström {n}" for n in numbers],
            "person": [f"u{n}" for n in numbers],
            "course": [None if n % 2 else "c1" for n in numbers],
            "before": [None] * count,
            "after": [f'{{"firstname":"Zoë {n}"}}' for n in numbers],
            "written": ["{}"] * count,
            "origin": ["made"] * count,
            "reason": ["new in the roster"] * count,
            "place": ["users.csv:2"] * count,
            "removes": [n % 3 == 0 for n in numbers],
        },
        schema=CHANGES_SCHEMA,
    )


def add_plan(store, count=3, **options):
    return store.plans.add(plan_record(**options), changes_frame(count), [])


def start_run(store, count=3, **options):
    number = add_plan(store, count, **options)
    plan = store.plans.get(number)
    return store.runs.start(number, plan.profile, plan.site, "tester")
