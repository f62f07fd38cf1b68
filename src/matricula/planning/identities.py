"""Who is who: people of the roster against accounts of the site, before anything is made.

Nobody is matched with “the first of several”, and no account that Moodle would refuse is planned: whoever is
unclear is reported by name and left out until a person has settled it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from matricula.moodle import User
from matricula.planning.change import to_json
from matricula.planning.ground import Ground
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
    shared = {field: _shared(wanted, field) for field in ("username", "email")}
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
    match, name = ground.profile.users.match, row["name"]
    word, value = _WORDS[match], row[match]
    for field, values in shared.items():
        if row[field].lower() in values:
            told = f"Several people of the roster have the {_WORDS[field]} “{row[field]}”; {name} is one."
            return _finding(row, f"{field}-shared", field, told)
    if len(candidates) > 1:
        ids = ", ".join(str(user.id) for user in candidates)
        told = f"{name} could be any of several accounts with the {word} “{value}” (ids {ids})."
        return _finding(row, "several-accounts", match, told)
    if candidates and ground.protected(candidates[0].id, candidates[0].username):
        told = f"{name} has the {word} of the account “{candidates[0].username}”, which is never touched."
        return _finding(row, "account-protected", match, told)
    if candidates and taken.get(candidates[0].id, row["key"]) != row["key"]:
        owner = taken[candidates[0].id]
        told = f"{name} has the {word} “{value}” of an account that belongs to another person of the roster ({owner})."
        return _finding(row, "account-already-matched", match, told)
    return _taken(row, {user.id for user in candidates}, accounts)


def _taken(row: dict[str, Any], own: set[int], accounts: Accounts) -> Finding | None:
    for field in ("username", "email"):
        other = next((user for user in accounts.having(field, row[field]) if user.id not in own), None)
        if other is not None:
            told = (
                f"The {_WORDS[field]} “{row[field]}” of {row['name']} belongs to the account “{other.username}” "
                f"(id {other.id}, {other.firstname} {other.lastname})."
            )
            return _finding(row, f"{field}-taken", field, told)
    return None


_WORDS = {"username": "user name", "email": "e-mail address", "idnumber": "ID number"}
REMEDIES = {
    "username-shared": "Give each a user name of their own in the school's system; until then none gets a new account.",
    "email-shared": "Give each an address of their own in the school's system; until then none gets a new account.",
    "several-accounts": "Merge or rename the accounts, or match by another field in the profile (users.match).",
    "account-protected": "Change the person's user name in the school's system, or the site's never_touch.",
    "account-already-matched": "Mend the value in the school's system.",
    "username-taken": "If it is the same person, match by another field in the profile (users.match) or give the "
    "account the person's ID number; else change one of the user names.",
    "email-taken": "If it is the same person, set users.match: email in the profile or give the account the person's "
    "user name; else change one of the addresses.",
}


def _finding(row: dict[str, Any], code: str, column: str, message: str) -> Finding:
    return Finding(
        code=code,
        severity="error",
        message=message,
        file="users.csv",
        line=row["line"],
        column=column,
        value=str(row[column])[:60],
        remedy=REMEDIES[code],
        table="users",
        sourced_id=row["key"],
    )


def _match(row: dict[str, Any], user: User, field: str, *, update: bool) -> dict[str, Any]:
    allowed: Iterable[str] = KEPT if update else ("suspended",)
    after = {name: row[name] for name in allowed if row[name] != getattr(user, name)}
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
