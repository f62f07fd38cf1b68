"""Puts what a ledger says into the database of a sandbox, so that both agree.

python -m bench.fill HOME SANDBOX [newest]

With `newest` only the accounts and courses are put there that every plan looks at.
"""

import json
import sys
from collections.abc import Iterator
from heapq import nlargest
from operator import itemgetter
from pathlib import Path
from typing import Any

from bench.prepared import PROFILE
from matricula.hub import Home
from matricula.planning.sentinels import LOOKED_AT
from matricula.sandbox.access import COURSE, Place, context_id
from matricula.sandbox.functions.enrolment_state import add_methods
from matricula.sandbox.state import State

ROLES = {"student": 5, "teacher": 4, "editingteacher": 3}
_USER = ("id", "username", "firstname", "lastname", "email", "idnumber", "suspended")
_COURSE = ("id", "category", "fullname", "shortname", "idnumber", "startdate", "enddate", "visible")


def main(home: str, database: str, which: str = "all") -> None:
    """Do it."""
    state = State(database)
    with Home(Path(home)) as opened, state.lock, state.transaction():
        records = {kind: _records(opened, kind) for kind in ("category", "user", "course", "enrolment")}
        if which == "newest":
            records |= {kind: _newest(records[kind]) for kind in ("user", "course")} | {"enrolment": iter(())}
        for _, number, fields in records["category"]:
            state.insert("course_categories", id=number, name=fields["name"], idnumber=fields["idnumber"])
        for _, number, fields in records["user"]:
            row = {name: fields.get(name) or "" for name in _USER} | {"id": number}
            state.insert("user", **row | {"suspended": int(fields["suspended"])})
        users, places = (_ids(opened, kind) for kind in ("user", "category"))
        courses = {}
        for key, number, fields in records["course"]:
            row = {name: fields.get(name) or 0 for name in _COURSE} | {"id": number}
            state.insert("course", **row | {"category": places[fields["category"]]})
            add_methods(state, number)
            courses[key] = (_manual(state, number), context_id(state, Place(COURSE, number)))
        _enrol(state, records["enrolment"], users, courses)
    state.close()


def _records(home: Home, kind: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    frame = home.store.ledger.frame(PROFILE, kind).select("key", "moodle_id", "written")
    for key, number, written in frame.iter_rows():
        yield key, number, json.loads(written)


def _newest(records: Iterator[tuple[str, int, dict[str, Any]]]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    return iter(nlargest(LOOKED_AT, records, key=itemgetter(1)))


def _ids(home: Home, kind: str) -> dict[str, int]:
    return dict(home.store.ledger.frame(PROFILE, kind).select("key", "moodle_id").iter_rows())


def _manual(state: State, course: int) -> int:
    return int(state.value("SELECT id FROM enrol WHERE courseid = ? AND enrol = 'manual'", course))


def _enrol(
    state: State,
    records: Iterator[tuple[str, int, dict[str, Any]]],
    users: dict[str, int],
    courses: dict[str, tuple[int, int]],
) -> None:
    for key, _, fields in records:
        person, course = key.split("\t", 1)
        user, (method, context) = users[person], courses[course]
        state.run("INSERT INTO user_enrolments (status, enrolid, userid) VALUES (0, ?, ?)", method, user)
        state.run(
            "INSERT INTO role_assignments (roleid, contextid, userid) VALUES (?, ?, ?)",
            ROLES[fields["role"]],
            context,
            user,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
