"""Whether site, ledger and journal agree with one another, whatever went before.

The site is looked at in the sandbox's own tables, not through the client whose work is judged.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from matricula.store import schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Table

    from matricula.sandbox.state import State
    from matricula.store import Store

Row = dict[str, Any]

#: What must never be on a site twice, as a query that tells it once for each time it is there.
ONCE = {
    "user name": "SELECT lower_(username) AS it FROM user WHERE deleted = 0",
    "ID number of a user": "SELECT idnumber AS it FROM user WHERE deleted = 0 AND idnumber <> ''",
    "short name of a course": "SELECT fold(shortname) AS it FROM course",
    "ID number of a course": "SELECT idnumber AS it FROM course WHERE idnumber <> ''",
    "ID number of a category": "SELECT idnumber AS it FROM course_categories WHERE idnumber <> ''",
    "enrolment": "SELECT courseid || ' ' || userid AS it FROM user_enrolments u JOIN enrol e ON e.id = u.enrolid "
    "WHERE e.enrol = 'manual'",
    "enrolment of the own method": "SELECT courseid || ' ' || userid AS it FROM user_enrolments u "
    "JOIN enrol e ON e.id = u.enrolid WHERE e.enrol = 'matricula'",
    "own method of a course": "SELECT courseid AS it FROM enrol WHERE enrol = 'matricula'",
    "group": "SELECT courseid || ' ' || fold(name) AS it FROM groups",
    "ID number of a group": "SELECT courseid || ' ' || idnumber AS it FROM groups WHERE idnumber <> ''",
    "grouping": "SELECT courseid || ' ' || fold(name) AS it FROM groupings",
    "cohort": "SELECT idnumber AS it FROM cohort WHERE idnumber <> ''",
    "place in a group": "SELECT groupid || ' ' || userid AS it FROM groups_members",
    "place of a group": "SELECT groupingid || ' ' || groupid AS it FROM groupings_groups",
    "place in a cohort": "SELECT cohortid || ' ' || userid AS it FROM cohort_members",
}
#: Where records with an id of their own are, and what of them nobody but Matricula sets.
OWN = {
    "category": ("course_categories", "idnumber"),
    "user": ("user", "idnumber"),
    "course": ("course", "idnumber"),
    "cohort": ("cohort", "idnumber"),
    "group": ("groups", "idnumber"),
    "grouping": ("groupings", "name"),
}


def faults(store: Store, state: State, *, by_hand: Collection[str] = ()) -> list[str]:
    """Everything that does not agree, in words; empty where all is well.

    Args:
        store: the state, in which nothing is under way.
        state: the sandbox's tables.
        by_hand: keys of records that somebody took away in Moodle, and with them what stood in them.
    """
    with state.lock:
        return [*doubled(state), *of_journal(store), *of_ledger(store, state, by_hand)]


def doubled(state: State) -> Iterator[str]:
    """What is on the site twice."""
    for name, query in ONCE.items():
        for it, times in Counter(row["it"] for row in state.all(query)).items():
            if times > 1:
                yield f"{name} “{it}” is there {times} times"


def of_journal(store: Store) -> Iterator[str]:
    """Calls in doubt, runs that never ended, locks left over, changes with none or a wrong outcome."""
    runs = {row["id"]: row for row in rows(store, schema.run)}
    batches = {row["id"]: row for row in rows(store, schema.batch)}
    outcomes = rows(store, schema.outcome)
    yield from (f"{row['site']} is locked by run {row['run']}" for row in rows(store, schema.site_lock))
    for run in runs.values():
        if run["finished_at"] is None or run["state"] not in ("done", "interrupted"):
            yield f"run {run['id']} is {run['state']} and ended at {run['finished_at']}"
    yield from (f"batch {batch['id']} is in doubt" for batch in batches.values() if batch["state"] == "sent")
    for row in outcomes:
        batch = batches.get(row["batch"])
        told = f"change {row['change']} of plan {row['plan']}"
        if row["state"] == "sent":
            yield f"{told} is under way"
        if batch is not None and (batch["state"] == "refused" or row["change"] not in json.loads(batch["changes"])):
            yield f"{told} has its outcome from batch {batch['id']}, which does not hold it or was refused"
        if row["state"] != "done" and not row["reason"]:
            yield f"{told} is {row['state']}, and nobody says why"
    yield from _of_plans(store, runs, {(row["plan"], row["change"]) for row in outcomes})


def _of_plans(store: Store, runs: dict[int, Row], reached: set[tuple[int, int]]) -> Iterator[str]:
    applied = {row["number"] for row in rows(store, schema.plan) if row["state"] == "applied"}
    done = {run["plan"] for run in runs.values() if run["state"] == "done"}
    yield from (f"plan {plan} is applied and no run of it is done" for plan in sorted(applied - done))
    for row in rows(store, schema.change):
        if row["plan"] in applied and (row["plan"], row["number"]) not in reached:
            yield f"change {row['number']} of plan {row['plan']} has no outcome"


def of_ledger(store: Store, state: State, by_hand: Collection[str]) -> Iterator[str]:
    """Rows of the ledger of which the site knows nothing, or which mean the same; what was made without a row."""
    ledger = {(row["profile"], row["kind"], row["key"]): row for row in rows(store, schema.ledger)}
    profiles = {row["number"]: row["profile"] for row in rows(store, schema.plan)}
    changes = {(row["plan"], row["number"]): row for row in rows(store, schema.change)}
    for row in rows(store, schema.outcome):
        change = changes[row["plan"], row["change"]]
        if row["state"] == "done" and (profiles[row["plan"]], change["kind"], change["key"]) not in ledger:
            yield f"{change['action']} {change['kind']} {change['key']} is done and not in the ledger"
    live = [row for row in ledger.values() if not row["removed"]]
    ids = Counter((row["profile"], row["kind"], row["moodle_id"]) for row in live if row["moodle_id"])
    yield from (f"{of} is {times} rows of the ledger" for of, times in ids.items() if times > 1)
    taken = [set(key.split("\t")) for key in by_hand]
    for row in live:
        if not any(key <= set(row["key"].split("\t")) for key in taken):
            yield from _of_row(ledger, state, row)


def _of_row(ledger: dict[tuple[str, str, str], Row], state: State, row: Row) -> Iterator[str]:
    told = f"{row['kind']} {row['key']} of the ledger"
    if row["kind"] in OWN:
        table, mark = OWN[row["kind"]]
        there = state.one(f"SELECT * FROM {table} WHERE id = ?", row["moodle_id"])
        if there is None or there.get("deleted"):
            yield f"{told} is not on the site"
        elif row["origin"] == "made" and (there[mark] or "") != (json.loads(row["written"]).get(mark) or ""):
            yield f"{told} has the {mark} “{there[mark]}”"
        return
    query, ends = PAIRS[row["kind"]](row["key"])
    found = [ledger.get((row["profile"], kind, key)) for kind, key in ends]
    if any(end is None or end["moodle_id"] is None for end in found):
        yield f"{told} stands in what the ledger does not hold"
    elif not (there := state.all(query, *(end["moodle_id"] for end in found if end))):
        yield f"{told} is not on the site"
    elif row["moodle_id"] is not None and not any(
        (each["id"], each["enrol"]) == (row["moodle_id"], "matricula") for each in there
    ):
        yield f"{told} is not of the own method with the id {row['moodle_id']}"


Ends = list[tuple[str, str]]


def _enrolment(key: str) -> tuple[str, Ends]:
    user, course = key.split("\t", 1)
    query = (
        "SELECT u.id, e.enrol FROM user_enrolments u JOIN enrol e ON e.id = u.enrolid"
        " WHERE u.userid = ? AND e.courseid = ?"
    )
    return query, [("user", user), ("course", course)]


def _in_group(key: str) -> tuple[str, Ends]:
    user, group = key.split("\t", 1)
    return "SELECT 1 FROM groups_members WHERE userid = ? AND groupid = ?", [("user", user), ("group", group)]


def _in_grouping(key: str) -> tuple[str, Ends]:
    group, grouping = key.split("\t", 1)
    ends = [("group", f"{grouping.split(chr(9), 1)[0]}\t{group}"), ("grouping", grouping)]
    return "SELECT 1 FROM groupings_groups WHERE groupid = ? AND groupingid = ?", ends


def _in_cohort(key: str) -> tuple[str, Ends]:
    user, cohort = key.split("\t", 1)
    return "SELECT 1 FROM cohort_members WHERE userid = ? AND cohortid = ?", [("user", user), ("cohort", cohort)]


def _linked(key: str) -> tuple[str, Ends]:
    parent, child = key.split("\t", 1)
    query = "SELECT 1 FROM enrol WHERE enrol = 'meta' AND courseid = ? AND customint1 = ?"
    return query, [("course", parent), ("course", child)]


PAIRS = {
    "enrolment": _enrolment,
    "group-member": _in_group,
    "grouping-member": _in_grouping,
    "cohort-member": _in_cohort,
    "meta-link": _linked,
}


def rows(store: Store, table: Table) -> list[Row]:
    """A table of the state, whole."""
    with store.begin() as connection:
        return [row._asdict() for row in connection.execute(select(table))]
