"""Undoes runs without hub and command line, and tells what a site holds so that it can be compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from matricula.planning.change import read_changes
from matricula.planning.losing import given
from matricula.planning.undoing import plan_undo

if TYPE_CHECKING:
    from desk import Desk

    from matricula.planning import Draft

Picture = dict[str, dict[Any, dict[str, Any]]]


def last_run(desk: Desk) -> int:
    return desk.store.runs.all("default", 1)[0].id


def undo(desk: Desk, run: int) -> Draft:
    """The plan that takes a run back."""
    store = desk.store
    outcomes = store.journal.outcomes(run).filter(pl.col("state") == "done").select(number="change", made="moodle_id")
    changes = store.plans.changes(store.runs.get(run).plan).join(outcomes, on="number", how="inner")
    done = read_changes(changes.with_columns(moodle_id=pl.coalesce("made", "moodle_id")))
    earlier = {key: json.loads(written) for key, written in store.journal.written_before(run).items()}
    kept = {(each.person_key, each.course_key): given(each) for each in store.grades.find(run=run)}
    return plan_undo(desk.ground(), run, done, earlier, kept)


def undone(desk: Desk, run: int) -> Draft:
    """Take a run back; everything must go through."""
    draft = undo(desk, run)
    applied = desk.apply(draft)
    assert applied.left == 0, desk.store.journal.outcomes(applied.run).filter(pl.col("state") != "done")["reason"]
    return draft


def picture(desk: Desk) -> Picture:
    """What a run writes to a site, by record: fields by name."""
    moodle = desk.moodle
    users = {user.id: user for user in moodle.users.all()}
    categories = {category.id: category for category in moodle.categories.all()}
    courses = {course.id: course for course in moodle.courses.all()}
    named = {number: category.idnumber or category.name for number, category in categories.items()}
    held: Picture = {
        "user": {
            u.username: {"first": u.firstname, "last": u.lastname, "email": u.email, "suspended": u.suspended}
            for u in users.values()
        },
        "course": {
            c.idnumber: {"name": c.fullname, "in": named[c.category], "visible": c.visible, "end": c.end}
            for c in courses.values()
        },
        "category": {named[c.id]: {"name": c.name, "in": named.get(c.parent, "")} for c in categories.values()},
        "enrolment": {
            (users[e.user_id].username, courses[e.course_id].idnumber): {
                "roles": sorted(role.shortname for role in e.roles),
                "suspended": e.suspended,
            }
            for e in moodle.enrolments.of_courses(courses)
        },
        "place": {},
    }
    for course in courses.values():
        groups = {group.id: group.name for group in moodle.groups.of_course(course.id)}
        for group, members in moodle.groups.members(groups).items():
            held["place"] |= {(course.idnumber, groups[group], users[one].username): {} for one in members}
    cohorts = {cohort.id: cohort.idnumber for cohort in moodle.cohorts.all()}
    for cohort, members in moodle.cohorts.members(cohorts).items():
        held["place"] |= {(cohorts[cohort], users[one].username): {} for one in members}
    return held


OUT_OF_USE = {"user": {"suspended": True}, "course": {"visible": False}, "enrolment": {"suspended": True}}


def brought_back(before: Picture, after: Picture) -> list[tuple[Any, ...]]:
    """Where a site is not as it was before a run that was undone, as far as that can be brought back."""
    wrong: list[tuple[Any, ...]] = []
    for kind, records in before.items():
        wrong += [
            (kind, key, "was", fields, "is", after[kind].get(key))
            for key, fields in records.items()
            if after[kind].get(key) != fields
        ]
        for key in after[kind].keys() - records.keys():
            out = OUT_OF_USE.get(kind)
            stays = kind == "category"
            if not stays and (out is None or not out.items() <= after[kind][key].items()):
                wrong.append((kind, key, "was not there", after[kind][key]))
    return wrong
