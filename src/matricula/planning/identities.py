"""Who is who: people of the roster against accounts of the site, before anything is made.

Nobody is matched with “the first of several”, and no account that Moodle would refuse is planned: whoever is
unclear is reported by name and left out until a person has settled it.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import polars as pl

from matricula.moodle import User
from matricula.planning.change import to_json
from matricula.planning.ground import Ground
from matricula.planning.rules import RULES
from matricula.roster import Finding

KEPT = ("username", "firstname", "lastname", "email", "idnumber", "suspended")


@dataclass(frozen=True)
class Accounts:
    """Accounts of the site that have anything in common with new people, by field and value in lower case."""

    by: dict[str, dict[str, list[User]]]

    @classmethod
    def look_up(cls, ground: Ground, fresh: pl.DataFrame) -> "Accounts":
        """Ask the site for accounts with the user names, e-mails and (where matched by it) ID numbers of new people."""
        fields = dict.fromkeys(("username", "email", ground.profile.users.match))
        by: dict[str, dict[str, list[User]]] = {}
        for field in fields:
            values = fresh.filter(pl.col(field) != "")[field].unique().sort().to_list()
            ground.say(f"looking up {len(values)} people by {field}")
            by[field] = defaultdict(list)
            for user in ground.moodle.users.find(field, values):
                by[field][str(getattr(user, field)).lower()].append(user)
        return cls(by)

    def having(self, field: str, value: str) -> list[User]:
        """Accounts with a value in a field, without regard to case; none for an empty value."""
        return self.by.get(field, {}).get(value.lower(), []) if value else []

    def values(self, field: str) -> list[str]:
        """All values found, in lower case."""
        return list(self.by.get(field, {}))


def recognise(
    ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame, accounts: Accounts
) -> tuple[list[dict[str, Any]], list[str]]:
    """Divide new people into those with an account, those who are unclear, and (the rest) those without.

    Args:
        ground: profile, ledger and site; unclear people are added to its findings.
        fresh: the people whom the ledger does not hold.
        wanted: all desired people.
        accounts: what the site has in common with them.

    Returns:
        rows of `match` changes, and the keys of unclear people.
    """
    rules = ground.profile.users
    active = wanted.filter(~pl.col("suspended"))
    shared = {field: _shared(active, field) for field in ("username", "email")}
    taken = {number: key for key, number in ground.ledger("user").select("key", "moodle_id").iter_rows()}
    concerned = fresh.filter(
        pl.any_horizontal(
            pl.col(field)
            .str.to_lowercase()
            .is_in(pl.Series([*accounts.values(field), *more], dtype=pl.String).implode())
            for field in accounts.by
            for more in [shared.get(field, set())]
        )
    )
    matched: list[dict[str, Any]] = []
    unclear: list[str] = []
    for row in concerned.sort("key").iter_rows(named=True):
        candidates = accounts.having(rules.match, row[rules.match])
        fault = _fault(ground, row, candidates, accounts, shared, taken)
        if fault:
            ground.findings.append(fault)
            unclear.append(row["key"])
        elif candidates:
            taken[candidates[0].id] = row["key"]
            matched.append(_match(row, candidates[0], rules.match, update=rules.update))
    return matched, unclear


def _shared(wanted: pl.DataFrame, field: str) -> set[str]:
    lowered = wanted[field].str.to_lowercase()
    return set(lowered.filter(lowered.is_duplicated()))


def _fault(
    ground: Ground,
    row: dict[str, Any],
    candidates: list[User],
    accounts: Accounts,
    shared: dict[str, set[str]],
    taken: dict[int, str],
) -> Finding | None:
    match = ground.profile.users.match
    word, value = _WORDS[match], row[match]
    for field, values in shared.items():
        if row[field].lower() in values:
            return _finding(row, f"{field}-shared", row[field])
    if len(candidates) > 1:
        ids = ", ".join(str(user.id) for user in sorted(candidates, key=lambda user: user.id))
        return _finding(row, "several-accounts", value, word=word, ids=ids)
    found = candidates[0] if candidates else None
    if found and ground.protected(found.id, found.username):
        return _finding(row, "account-protected", value, account=found.username)
    if found and taken.get(found.id, row["key"]) != row["key"]:
        return _finding(row, "account-already-matched", value, word=word, owner=taken[found.id])
    if found and _contradicts(row, found, match):
        owner = f"{found.firstname} {found.lastname}"
        told = {"id": found.id, "owner": owner, "idnumber": found.idnumber, "email": found.email}
        return _finding(row, "account-contradicts", value, word=word, **told)
    if found and not ground.profile.users.update:
        return None
    return _taken(row, found.id if found else None, accounts)


def _contradicts(row: dict[str, Any], user: User, match: str) -> bool:
    """Whether all else that identifies a person says that the account is another's: namesakes share user names."""
    return (
        user.idnumber not in ("", row["idnumber"])
        and match != "idnumber"
        and all(getattr(user, field).lower() != row[field].lower() for field in ("username", "email") if field != match)
    )


def _taken(row: dict[str, Any], own: int | None, accounts: Accounts) -> Finding | None:
    """What is wrong where a value that the account would get is another account's."""
    for field in ("username", "email"):
        other = next((user for user in accounts.having(field, row[field]) if user.id != own), None)
        if other is not None:
            owner = f"{other.firstname} {other.lastname}"
            return _finding(row, f"{field}-taken", row[field], account=other.username, id=other.id, owner=owner)
    return None


_WORDS = {"username": "user name", "email": "e-mail address", "idnumber": "ID number"}


def _finding(row: dict[str, Any], code: str, value: str, **told: object) -> Finding:
    return RULES[code].finding(sourced_id=row["key"], line=row["line"], value=value, told={"name": row["name"], **told})


def _match(row: dict[str, Any], user: User, field: str, *, update: bool) -> dict[str, Any]:
    fields, allowed = json.loads(row["fields"]), KEPT if update else ("suspended",)
    after = {name: fields[name] for name in allowed if fields[name] not in (None, getattr(user, name))}
    before = {name: getattr(user, name) for name in after}
    told = f"matched by {_WORDS[field]} with the account “{user.username}”"
    return {
        "action": "match",
        "key": row["key"],
        "moodle_id": user.id,
        "name": row["name"],
        "person": row["name"],
        "before": to_json(before),
        "after": to_json(after),
        "written": row["fields"],
        "reason": f"{told}; differs in {', '.join(after)}" if after else told,
        "place": f"users.csv line {row['line']}" if row["line"] is not None else "users",
        "removes": bool(after.get("suspended")),
    }
