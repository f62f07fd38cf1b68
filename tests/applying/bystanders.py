"""Accounts and enrolments that are not Matricula's, which must stay as they are to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consistency import rows

from matricula.store import schema

if TYPE_CHECKING:
    from matricula.sandbox.state import State
    from matricula.store import Store

Seen = dict[str, dict[tuple[int, ...], dict[str, Any]]]
Pair = tuple[int | None, int | None]

MANUAL = "SELECT u.*, e.courseid FROM user_enrolments u JOIN enrol e ON e.id = u.enrolid WHERE e.enrol = 'manual'"
ROLES = (
    "SELECT r.*, c.instanceid AS courseid FROM role_assignments r JOIN context c ON c.id = r.contextid "
    "WHERE c.level = 50 AND r.component = ''"
)


def accounts_and_places(state: State) -> Seen:
    """All accounts, manual enrolments and roles in courses as they are now; user and course are first in a key."""
    with state.lock:
        accounts = state.all("SELECT * FROM user")
        enrolments, roles = state.all(MANUAL), state.all(ROLES)
    return {
        "account": {(row["id"],): row for row in accounts},
        "enrolment": {(row["userid"], row["courseid"]): row for row in enrolments},
        "role": {(row["userid"], row["courseid"], row["roleid"]): row for row in roles},
    }


def touched(store: Store, before: Seen, now: Seen) -> list[str]:
    """What is no longer as it was, of accounts that the ledger does not hold and places that it did not make.

    Args:
        store: the state, after what was done.
        before: the site before it.
        now: the site after it.
    """
    ledger = rows(store, schema.ledger)
    sent = _under_way(store)
    ids = {(row["kind"], row["key"]): row["moodle_id"] for row in ledger if row["kind"] in ("user", "course")}
    made = [row for row in [*ledger, *sent] if row["kind"] == "enrolment" and row["origin"] == "made"]
    places = {_pair(ids, row["key"]) for row in made}
    ours = {row["moodle_id"] for row in [*ledger, *sent] if row["kind"] == "user"}
    return [
        f"{kind} {key} was {row} and is {now[kind].get(key)}"
        for kind, known in before.items()
        for key, row in known.items()
        if now[kind].get(key) != row and not (key[0] in ours if kind == "account" else key[:2] in places)
    ]


def _under_way(store: Store) -> list[dict[str, Any]]:
    """Changes that a killed run may have written."""
    sent = {(row["plan"], row["change"]) for row in rows(store, schema.outcome) if row["state"] == "sent"}
    return [row for row in rows(store, schema.change) if (row["plan"], row["number"]) in sent]


def _pair(ids: dict[tuple[str, str], int | None], key: str) -> Pair:
    user, course = key.split("\t", 1)
    return ids.get(("user", user)), ids.get(("course", course))
