"""User names that are taken: the first free number is added to the names of new accounts."""

import json
from collections.abc import Iterable, Mapping

import polars as pl

from matricula.planning.accounts import Accounts
from matricula.planning.change import to_json
from matricula.planning.ground import Ground
from matricula.profiles.moodle_limits import LENGTHS
from matricula.profiles.people import placeholder_of

#: Numbers asked for at once beyond those that people of one name need themselves.
_AHEAD = 5


def numbered(ground: Ground, new: pl.DataFrame, reserved: Iterable[str], accounts: Accounts) -> pl.DataFrame:
    """New people with user names that nobody has.

    Of several people of one name the first by sourcedId keeps it bare, whatever the order of rows.

    Args:
        ground: ledger and site.
        new: people to get accounts.
        reserved: names that other people of the roster wait for.
        accounts: where names on the site are looked up.

    Returns:
        the people; `username`, and with it `email` where it is a placeholder, and `fields` are changed, and
        `bare` is the name they would have had.
    """
    others = ground.ledger("user").join(new, on="key", how="anti")
    written = others["written"].str.json_path_match("$.username").drop_nulls()
    taken = {*written, *reserved, *accounts.values("username")}
    names = _assigned(dict(new.select("key", "username").iter_rows()), taken, accounts)
    rows = new.with_columns(bare="username")
    moved = rows.filter(pl.col("username") != pl.col("key").replace_strict(names, return_dtype=pl.String))
    if moved.is_empty():
        return rows
    changed = [_renamed(row, names[row["key"]]) for row in moved.iter_rows(named=True)]
    return rows.update(pl.DataFrame(changed, schema=rows.schema), on="key")


def _renamed(row: dict[str, object], name: str) -> dict[str, object]:
    fields = to_json(json.loads(str(row["fields"])) | {"username": name})
    email = placeholder_of(name) if row["placeholder"] else row["email"]
    return row | {"username": name, "email": email, "fields": fields}


def _assigned(wanted: Mapping[str, str], taken: set[str], accounts: Accounts) -> dict[str, str]:
    """A free name for each key, first for those who can have it bare."""
    names: dict[str, str] = {}
    used = set(taken)
    for key in sorted(wanted):
        if wanted[key] not in used:
            names[key] = wanted[key]
            used.add(wanted[key])
    left = [key for key in sorted(wanted) if key not in names]
    _look_up_numbers(left, wanted, used, accounts)
    for key in left:
        number = 2
        while (name := with_number(wanted[key], number)) in used or _on_site(name, accounts):
            number += 1
        names[key] = name
        used.add(name)
    return names


def _look_up_numbers(left: list[str], wanted: Mapping[str, str], used: set[str], accounts: Accounts) -> None:
    """Ask the site for the numbered names that will be needed, all in one go."""
    bare = [wanted[key] for key in left]
    likely = []
    for name in set(bare):
        free = number = 0
        while free < bare.count(name) + _AHEAD:
            free += (candidate := with_number(name, number + 2)) not in used
            number += 1
            likely.append(candidate)
    accounts.find("username", pl.Series(likely, dtype=pl.String))


def _on_site(name: str, accounts: Accounts) -> bool:
    accounts.find("username", pl.Series([name]))
    return bool(accounts.having("username", name))


def with_number(name: str, number: int) -> str:
    """A name with a number, no longer than Moodle takes."""
    return f"{name[: LENGTHS['username'] - len(str(number))]}{number}"
