"""Who is who: people of the roster against accounts of the site, before anything is made.

Nobody is matched with “the first of several”, and no account that Moodle would refuse is planned: whoever is
unclear is reported by name and waits in the queue of identities until a person has settled it.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from matricula.moodle import User
from matricula.planning.accounts import Accounts, fields_told, ways_of_writing
from matricula.planning.change import to_json
from matricula.planning.ground import Ground
from matricula.planning.unclear import Decisions, put_into_queue, set_of
from matricula.profiles.documents.users import PROFILE_PREFIX
from matricula.profiles.people import MATCH

_WORDS = {"username": "user name", "email": "e-mail address", "idnumber": "ID number"}


@dataclass
class Recognised:
    """New people by what becomes of them; those not named here have no account.

    Args:
        matched: rows of `match` changes.
        unclear: keys of people who wait for a person's word, or are left out by it.
    """

    matched: list[dict[str, Any]] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def recognise(ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame, accounts: Accounts) -> Recognised:
    """Divide new people into those with an account, those who are unclear, and (the rest) those without.

    Args:
        ground: profile, ledger and site; unclear people are added to its findings and its queue.
        fresh: the people whom the ledger does not hold.
        wanted: all desired people.
        accounts: what the site has in common with them.
    """
    return _Recognition(ground, wanted, accounts).of(fresh)


class _Recognition:
    """One look at all new people."""

    def __init__(self, ground: Ground, wanted: pl.DataFrame, accounts: Accounts) -> None:
        self._ground, self._accounts, self._wanted = ground, accounts, wanted
        self._rules = ground.profile.users
        self._pairs = [(pair.field, f"{MATCH}{position}") for position, pair in enumerate(self._rules.match)]
        self._decisions = Decisions.of(ground)
        self._numbered = self._rules.taken_username == "number"
        self._ways = ways_of_writing(ground)
        active = wanted.filter(~pl.col("suspended") & ~pl.col("key").is_in(list(self._decisions.left)))
        self._shared = {"email": _shared(active.filter(~pl.col("placeholder")) if self._numbered else active, "email")}
        if not self._numbered:
            self._shared["username"] = _shared(active, "username")
        self._ids = dict(ground.ledger("user").select("key", "moodle_id").iter_rows())
        self._taken = {
            number: key for key, number in self._ids.items() if not ground.looked.is_lost("user", key, number)
        }

    def of(self, fresh: pl.DataFrame) -> Recognised:
        found = Recognised()
        decided = self._decided(fresh)
        strangers = self._strangers(fresh)
        rows = [row for row in self._concerned(fresh).sort("key").iter_rows(named=True) if row["key"] not in decided]
        candidates = {row["key"]: self._candidates(row) for row in rows}
        claims = Counter(user.id for users in candidates.values() for user in users)
        for row in rows:
            users = candidates[row["key"]]
            if self._is_left(row["key"], strangers) or self._is_unclear(row, users, claims):
                found.unclear.append(row["key"])
            elif users and row["key"] not in self._decisions.new:
                found.matched.append(self._match(row, users[0], self._told(row, users[0])))
            elif row["key"] in strangers:
                self._ask_for(row, strangers[row["key"]])
                found.unclear.append(row["key"])
        for row, user in decided.values():
            if user is None:
                found.unclear.append(row["key"])
            else:
                found.matched.append(self._match(row, user, "matched by a person's decision", freely=False))
        return found

    def _strangers(self, fresh: pl.DataFrame) -> dict[str, Mapping[str, Any]]:
        """What is seen of the accounts that have the ids of new people's old ones, where that is a puzzle.

        It is none where the site went back in time, or where a person said that somebody is to get a new account.
        """
        if self._ground.restore:
            return {}
        looked = self._ground.looked
        others = {key: looked.other("user", key, self._ids.get(key)) for key in fresh["key"]} if looked.others else {}
        new = self._decisions.new & self._ground.reaffirmed
        return {key: seen for key, seen in others.items() if seen is not None and key not in new}

    def _is_left(self, key: str, strangers: Mapping[str, Any]) -> bool:
        return key in self._decisions.left and (key not in strangers or key in self._ground.reaffirmed)

    def _ask_for(self, row: dict[str, Any], seen: Mapping[str, Any]) -> None:
        number = self._ids[row["key"]]
        there = self._accounts.by_ids([number]).values()
        told = {"id": number, "owner": f"{seen.get('firstname', '?')} {seen.get('lastname', '?')}"}
        put_into_queue(self._ground, row, "account-is-somebody-else", str(seen.get("username", "")), there, **told)

    def _concerned(self, fresh: pl.DataFrame) -> pl.DataFrame:
        """The few who have anything in common with an account or with one another."""
        columns = [("username", "username"), ("email", "email"), *self._pairs]
        decided = fresh["key"].is_in([*self._decisions.new, *self._decisions.left, *self._strangers(fresh)])
        return fresh.filter(
            pl.any_horizontal(
                decided,
                *(
                    pl.col(column)
                    .str.to_lowercase()
                    .is_in(pl.Series([*self._accounts.values(name), *more], dtype=pl.String).implode())
                    for name, column in columns
                    for more in [self._shared.get(name, set()) if name == column else set()]
                ),
            )
        )

    def _candidates(self, row: dict[str, Any]) -> list[User]:
        """Every account that one of the pairs of fields finds.

        Where user names get numbers, an account that is another person's already is no candidate for its name alone.
        """
        found = set_of(user for name, column in self._pairs for user in self._accounts.having(name, row[column]))
        if not self._numbered:
            return found
        others = [(name, column) for name, column in self._pairs if name != "username"]
        sure = {user.id for name, column in others for user in self._accounts.having(name, row[column])}
        return [user for user in found if user.id in sure or self._taken.get(user.id, row["key"]) == row["key"]]

    def _decided(self, fresh: pl.DataFrame) -> dict[str, tuple[dict[str, Any], User | None]]:
        """The new people of whom a person said which account is theirs; None where it cannot be theirs."""
        chosen = {key: number for key, number in self._decisions.accounts.items() if self._stands(key, number)}
        rows = fresh.filter(pl.col("key").is_in(list(chosen))).sort("key").rows(named=True)
        users = self._accounts.by_ids([chosen[row["key"]] for row in rows]) if rows else {}
        return {row["key"]: (row, self._allowed(row, chosen[row["key"]], users)) for row in rows}

    def _stands(self, key: str, number: int) -> bool:
        """Whether a decision still says something: not where the very account became another one after it."""
        lost = self._ground.looked.is_lost("user", key, number)
        return not lost or self._ids.get(key) != number or key in self._ground.reaffirmed

    def _allowed(self, row: dict[str, Any], number: int, users: dict[int, User]) -> User | None:
        user = users.get(number)
        if user is None:
            put_into_queue(self._ground, row, "decided-account-missing", str(number))
        elif self._ground.protected(user.id, user.username):
            put_into_queue(self._ground, row, "account-protected", str(number), [user], account=user.username)
        elif self._taken.setdefault(number, row["key"]) != row["key"]:
            told = {"word": "id", "owner": self._taken[number]}
            put_into_queue(self._ground, row, "account-already-matched", str(number), [user], **told)
        else:
            return user
        return None

    def _is_unclear(self, row: dict[str, Any], users: list[User], claims: Counter[int]) -> bool:
        """Whether somebody has to say who the person is; it is reported."""
        matching = [] if row["key"] in self._decisions.new else users
        fault = self._shares(row) or self._misfit(row, matching, claims)
        if fault is None and (not matching or self._rules.of_kind(row["kind"]).update):
            fault = self._has_a_taken_value(row, matching[0].id if matching else None)
        if fault is None:
            return False
        code, value, candidates, told = fault
        put_into_queue(self._ground, row, code, value, candidates, **told)
        return True

    def _shares(self, row: dict[str, Any]) -> "_Fault | None":
        for name in ("username", "email"):
            if row[name].lower() in self._shared.get(name, set()):
                return f"{name}-shared", row[name], self._accounts.having(name, row[name]), {}
        return None

    def _misfit(self, row: dict[str, Any], users: list[User], claims: Counter[int]) -> "_Fault | None":
        """What speaks against the accounts that were found."""
        if not users:
            return None
        word, value = self._word_and_value(row, users[0])
        if len(users) > 1:
            ids = ", ".join(str(user.id) for user in sorted(users, key=lambda user: user.id))
            return "several-accounts", value, users, {"word": word, "ids": ids}
        (found,) = users
        if self._ground.protected(found.id, found.username):
            return "account-protected", value, users, {"account": found.username}
        if self._taken.get(found.id, row["key"]) != row["key"]:
            return "account-already-matched", value, users, {"word": word, "owner": self._taken[found.id]}
        if claims[found.id] > 1:
            return "account-wanted-twice", value, users, {"word": word, "account": found.username, "id": found.id}
        if self._contradicts(row, found):
            owner = f"{found.firstname} {found.lastname}"
            told = {"id": found.id, "owner": owner, "idnumber": found.idnumber, "email": found.email}
            return "account-contradicts", value, users, {"word": word, **told}
        return None

    def _contradicts(self, row: dict[str, Any], user: User) -> bool:
        """Whether all else that identifies a person says that the account is another's: namesakes share user names."""
        matched = {name for name, column in self._pairs if user in self._accounts.having(name, row[column])}
        if user.idnumber in ("", row["idnumber"]) or "idnumber" in matched:
            return False
        others = [name for name in ("username", "email") if name not in matched]
        return all(getattr(user, name).lower() != row[name].lower() for name in others)

    def _has_a_taken_value(self, row: dict[str, Any], own: int | None) -> "_Fault | None":
        """What is wrong where a value that the account would get is another account's."""
        for name in ("email",) if self._numbered else ("username", "email"):
            other = next((user for user in self._accounts.having(name, row[name]) if user.id != own), None)
            if other is not None and not (self._numbered and row["placeholder"]):
                told = {"account": other.username, "id": other.id, "owner": f"{other.firstname} {other.lastname}"}
                return f"{name}-taken", row[name], [other], told
        return None

    def _word_and_value(self, row: dict[str, Any], user: User) -> tuple[str, str]:
        """The first field by which an account was found, in words, and its value."""
        name, column = next(pair for pair in self._pairs if user in self._accounts.having(pair[0], row[pair[1]]))
        return _WORDS.get(name, f"profile field {name.removeprefix(PROFILE_PREFIX)}"), row[column]

    def _told(self, row: dict[str, Any], user: User) -> str:
        word, _ = self._word_and_value(row, user)
        return f"matched by {word} with the account “{user.username}”"

    def _match(self, row: dict[str, Any], user: User, told: str, *, freely: bool = True) -> dict[str, Any]:
        """The change that takes an account for a person's; `freely` where no other account has the values."""
        fields = json.loads(row["fields"])
        old = self._ids.get(row["key"])
        if old not in (None, user.id):
            told = f"{told} (id {user.id}), no longer with the account {old}"
        update = self._rules.of_kind(row["kind"]).update
        names = [name for name in fields if update or name == "suspended"]
        seen = fields_told(user, (name for name in names if name != "kind"))
        after = {name: fields[name] for name in names if self._is_to_be_set(name, fields[name], seen)}
        if not freely:
            taken = self._has_a_taken_value(row, user.id) or self._shares(row)
            after = {name: value for name, value in after.items() if not (taken and name in ("username", "email"))}
        before = {name: seen[name] for name in after if name in seen}
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

    def _is_to_be_set(self, name: str, value: Any, seen: dict[str, Any]) -> bool:
        way = self._ways.get(name, "in-step")
        if value is None or name == "kind" or way == "create-only":
            return False
        if way == "if-empty":
            return name in seen and not seen[name] and value != ""
        return name not in seen or seen[name] != value


_Fault = tuple[str, str, list[User], dict[str, object]]


def _shared(wanted: pl.DataFrame, name: str) -> set[str]:
    lowered = wanted[name].str.to_lowercase()
    return set(lowered.filter(lowered.is_duplicated()))
