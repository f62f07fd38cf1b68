"""People whose account was suspended by hand while another one bears what they are matched by: perhaps a merger."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from matricula.planning.accounts import Accounts
from matricula.planning.ground import Ground
from matricula.planning.unclear import Decisions, put_into_queue, set_of
from matricula.profiles.people import MATCH


def report_merged(ground: Ground, known: pl.DataFrame, seen: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Put people into the queue of identities who seem to have another account by now.

    Args:
        ground: the site; the people concerned are added to its findings and its queue.
        known: desired people whom the ledger holds, with its columns.
        seen: what the site holds of their accounts.

    Returns:
        their keys.
    """
    left = Decisions.of(ground).left
    suspended = [
        row["key"]
        for row in known.iter_rows(named=True)
        if seen.get(row["key"], {}).get("suspended")
        and row["key"] not in left
        and not row["removed"]
        and not json.loads(row["written"]).get("suspended")
        and not row["suspended"]
    ]
    if not suspended:
        return set()
    rows = known.filter(pl.col("key").is_in(suspended))
    accounts = Accounts.look_up(ground, rows)
    taken = set(ground.ledger("user").filter(~pl.col("removed"))["moodle_id"])
    pairs = [(pair.field, f"{MATCH}{position}") for position, pair in enumerate(ground.profile.users.match)]
    asked_for: set[str] = set()
    for row in rows.sort("key").iter_rows(named=True):
        found = set_of(user for name, column in pairs for user in accounts.having(name, row[column]))
        others = [user for user in found if user.id not in taken and not user.suspended and not user.deleted]
        if others:
            told = {"id": row["moodle_id"], "account": others[0].username, "other": others[0].id}
            put_into_queue(ground, row, "account-perhaps-merged", others[0].username, others, **told)
            asked_for.add(row["key"])
    ground.looked.asked_about |= asked_for
    return asked_for
