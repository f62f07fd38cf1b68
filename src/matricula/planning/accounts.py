"""Accounts of the site that people of the roster could be, and how their fields compare with what is mapped."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl

from matricula.moodle import User
from matricula.moodle.users import UserField
from matricula.planning.as_written import read
from matricula.planning.ground import Ground
from matricula.profiles.documents.users import PROFILE_PREFIX
from matricula.profiles.fields import field_of
from matricula.profiles.moodle_fields import USER_FIELDS, Write
from matricula.profiles.people import MATCH

PREFERENCE_PREFIX = "preference:"
#: Telephone numbers are told to some tokens alone: where none comes it is not known that there is none.
_PERHAPS_HIDDEN = ("phone1", "phone2")
_OTHERWISE_NAMED = {"mailformat": "mail_format"}


def fields_told(user: User, names: Iterable[str]) -> dict[str, Any]:
    """The fields of an account by the profile's names for them; those that Moodle does not tell are left out."""
    return {name: value for name in names if (value := _told(user, name)) is not None}


def _told(user: User, name: str) -> Any:
    if name.startswith(PROFILE_PREFIX):
        return user.custom_fields.get(name.removeprefix(PROFILE_PREFIX), "")
    if name in _PERHAPS_HIDDEN:
        return getattr(user, name) or None
    if name != "suspended" and not field_of(name, USER_FIELDS).seen:
        return None
    return getattr(user, _OTHERWISE_NAMED.get(name, name))


def accounts_told(ground: Ground, names: Iterable[str], ids: Collection[int]) -> pl.DataFrame | None:
    """The fields of accounts by the profile's names for them, in a frame; None where the plugin does not tell one.

    Texts are as `fields_told` gives them, but for a `0`, which Moodle takes for nothing: it is empty.

    Args:
        ground: the site.
        names: the fields; those that Moodle never tells are left out, as it does not tell them record by record either.
        ids: the accounts.
    """
    columns = account_columns(names)

    def told(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select("id", *(_as_told(name, column, frame.schema[column]) for name, column in columns.items()))

    return read(ground, "user", columns.values(), ids, told)


def account_columns(names: Iterable[str]) -> dict[str, str]:
    """The plugin's columns for fields of accounts, by the profile's names for them; those never told are left out."""
    return {name: _column(name) for name in dict.fromkeys(names) if _is_told(name)}


def _is_told(name: str) -> bool:
    if name.startswith(PROFILE_PREFIX) or name in ("suspended", *_PERHAPS_HIDDEN):
        return True
    return not name.startswith(PREFERENCE_PREFIX) and field_of(name, USER_FIELDS).seen


def _column(name: str) -> str:
    return f"profile_field_{name.removeprefix(PROFILE_PREFIX)}" if name.startswith(PROFILE_PREFIX) else name


def _as_told(name: str, column: str, dtype: pl.DataType) -> pl.Expr:
    if name == "suspended":
        told = pl.col(column) != 0
    elif dtype != pl.String:
        told = pl.col(column)
    else:
        told = pl.when(pl.col(column) == "0").then(pl.lit("")).otherwise(pl.col(column)).fill_null("")
    if name in _PERHAPS_HIDDEN:
        told = pl.when(told != "").then(told)
    return told.alias(name)


def ways_of_writing(ground: Ground) -> Mapping[str, Write]:
    """How the fields of accounts are written that are not kept in step.

    User names that got a number stay for good, so that names are set once where the profile has them numbered.
    """
    ways: dict[str, Write] = {
        name: way
        for name, mapped in ground.profile.users.mapped().items()
        if (way := field_of(name, USER_FIELDS).way(mapped.write)) != "in-step"
    }
    if ground.profile.users.taken_username == "number":
        ways["username"] = "create-only"
    return ways


def as_row(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by the profile's names as Moodle's calls take them; those that are not known are left out."""
    row: dict[str, Any] = {}
    for name, value in fields.items():
        if value is None:
            continue
        if name.startswith(PROFILE_PREFIX):
            custom = {"type": name.removeprefix(PROFILE_PREFIX), "value": str(value)}
            row.setdefault("customfields", []).append(custom)
        elif name.startswith(PREFERENCE_PREFIX):
            preference = {"type": name.removeprefix(PREFERENCE_PREFIX), "value": str(value)}
            row.setdefault("preferences", []).append(preference)
        else:
            row[name] = int(value) if isinstance(value, bool) else value
    return row


@dataclass
class Accounts:
    """Accounts of the site that have anything in common with new people, by field and value in lower case."""

    ground: Ground
    by: dict[str, dict[str, list[User]]] = field(default_factory=dict)

    @classmethod
    def look_up(cls, ground: Ground, fresh: pl.DataFrame) -> "Accounts":
        """Ask the site for accounts with the user names and e-mails of new people, and by which they are recognised.

        Moodle looks nothing up by a profile field: where one is to be matched by, all accounts are read.
        """
        accounts = cls(ground)
        for name in ("username", "email"):
            accounts.find(name, fresh[name])
        for position, pair in enumerate(ground.profile.users.match):
            accounts.find(pair.field, fresh[f"{MATCH}{position}"])
        return accounts

    def find(self, name: str, values: pl.Series) -> None:
        """Ask for accounts with some values in a field; what is known already is not asked for again."""
        index = self.by.setdefault(name, defaultdict(list))
        if name.startswith(PROFILE_PREFIX):
            if not index:
                self._all_by_profile_field(name, index)
            return
        wanted = values.filter(values != "").unique().sort().to_list()
        missing = [value for value in wanted if value.lower() not in index]
        if not missing:
            return
        self.ground.say(f"looking up {len(missing)} people by {name}")
        for value in missing:
            index[value.lower()] = []
        for user in self.ground.moodle.users.find(cast("UserField", name), missing):
            index[str(getattr(user, name)).lower()].append(user)

    def _all_by_profile_field(self, name: str, index: dict[str, list[User]]) -> None:
        self.ground.say("reading all accounts, since Moodle looks nothing up by a profile field")
        for user in self.ground.moodle.users.all():
            if value := user.custom_fields.get(name.removeprefix(PROFILE_PREFIX), "").strip().lower():
                index[value].append(user)

    def having(self, name: str, value: str) -> list[User]:
        """Accounts with a value in a field, without regard to case; none for an empty value."""
        return self.by.get(name, {}).get(value.lower(), []) if value else []

    def values(self, name: str) -> list[str]:
        """All values that accounts were found with, in lower case."""
        return [value for value, users in self.by.get(name, {}).items() if users]

    def by_ids(self, ids: Iterable[int]) -> dict[int, User]:
        """Accounts by their ids, deleted ones left out."""
        return {user.id: user for user in self.ground.moodle.users.find("id", ids) if not user.deleted}
