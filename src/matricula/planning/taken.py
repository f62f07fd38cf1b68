"""Known accounts that are to get a user name or e-mail which somebody else has."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from matricula.moodle import User
from matricula.planning.accounts import Accounts
from matricula.planning.change import to_json
from matricula.planning.ground import Ground
from matricula.planning.unclear import Decisions, put_into_queue

_UNIQUE = ("username", "email")


def without_taken_values(ground: Ground, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without new user names and e-mails that another account has or another person gets, too.

    Args:
        ground: the site; the people concerned are reported and put into the queue of identities, unless a person
            said that they are to be left as they are.
        rows: desired fields of known accounts, and under `difference` those that are to be set.

    Returns:
        the rows of which something is left; a field left out counts as not known, so that it is tried again.
    """
    accounts, left = Accounts(ground), Decisions.of(ground).left
    taken: dict[str, set[str]] = {}
    for name in _UNIQUE:
        concerned = [row for row in rows if row["difference"].get(name)]
        wanted = Counter(str(row["difference"][name]).lower() for row in concerned)
        accounts.find(name, pl.Series([row["difference"][name] for row in concerned], dtype=pl.String))
        for row in concerned:
            others = [user for user in accounts.having(name, row["difference"][name]) if user.id != row["moodle_id"]]
            if others or wanted[row["difference"][name].lower()] > 1:
                taken.setdefault(row["key"], set()).add(name)
                if row["key"] not in left:
                    _report(ground, row, name, others)
    rest = [_without(row, taken.get(row["key"], set())) for row in rows]
    return [row for row in rest if row["difference"]]


def _report(ground: Ground, row: dict[str, Any], name: str, others: list[User]) -> None:
    value = row["difference"][name]
    if not others:
        put_into_queue(ground, row, f"{name}-shared", value)
        return
    other = others[0]
    told = {"account": other.username, "id": other.id, "owner": f"{other.firstname} {other.lastname}"}
    put_into_queue(ground, row, f"{name}-taken", value, others, **told)


def _without(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    if not names:
        return row
    fields = json.loads(row["fields"]) | dict.fromkeys(names)
    difference = {name: value for name, value in row["difference"].items() if name not in names}
    return row | {"fields": to_json(fields), "difference": difference}
