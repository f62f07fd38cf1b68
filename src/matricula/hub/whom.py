"""Whom and what a question means: people and courses found by whatever a person calls them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from matricula.errors import UsageError
from matricula.profiles import Desired
from matricula.roster import Roster

TOLD = 10
"""So many candidates are named where several are meant."""


@dataclass(frozen=True)
class Meant:
    """A person or a course that is meant.

    Args:
        key: its sourcedId.
        name: its name, for people.
        row: its row in the roster; None where the roster has none that can be used.
    """

    key: str
    name: str
    row: dict[str, Any] | None


def person_meant(asked: str, roster: Roster | None, ledger: pl.DataFrame, *, partly: bool = True) -> Meant:
    """The person with this sourcedId, user name, e-mail address or name: in the roster, else in the ledger.

    Args:
        asked: what a person called them.
        roster: the roster; None where there is none.
        ledger: the ledger of users.
        partly: whether a part of a name may do.

    Raises:
        UsageError: nobody is meant, or several people are; then they are named.
    """
    rows = roster.users.iter_rows(named=True) if roster is not None else ()
    unreadable = roster.unreadable.get("users") if roster is not None else None
    people = [Meant(row["sourcedId"], full_name(row), row) for row in rows]
    known = [_person_known(key, written) for key, written in ledger.select("key", "written").iter_rows()]
    ways: list[Callable[[Meant], Iterable[str | None]]] = [
        lambda each: (each.key,),
        lambda each: ((each.row or {}).get("username"),),
        lambda each: ((each.row or {}).get("email"),),
        lambda each: (each.name, _turned(each.row or {})),
    ]
    return _one(asked, people, known, ways, _Words("person", "people", unreadable, partly=partly))


def course_meant(asked: str, roster: Roster, desired: Desired, ledger: pl.DataFrame, *, partly: bool = True) -> Meant:
    """The class with this sourcedId, code, course short name or title: in the roster, else in the ledger.

    Courses that several classes lead to are found by their own short name and title.

    Args:
        asked: what a person called it.
        roster: the roster.
        desired: what the site should hold.
        ledger: the ledger of courses.
        partly: whether a part of a name may do.

    Raises:
        UsageError: no class is meant, or several are; then they are named.
    """
    wanted = {row["key"]: row for row in desired.parts["course"].frame.iter_rows(named=True)}

    def fitted(row: dict[str, Any]) -> Meant:
        course = wanted.get(row["sourcedId"], {})
        return Meant(row["sourcedId"], course.get("name") or row["title"], row | {"shortname": course.get("shortname")})

    classes = [fitted(row) for row in roster.classes.iter_rows(named=True)]
    known = [_course_known(key, written) for key, written in ledger.select("key", "written").iter_rows()]
    ways: list[Callable[[Meant], Iterable[str | None]]] = [
        lambda each: (each.key,),
        lambda each: ((each.row or {}).get("classCode"), (each.row or {}).get("shortname")),
        lambda each: (each.name, (each.row or {}).get("title")),
    ]
    of_classes = set(roster.classes["sourcedId"])
    classes += [Meant(key, row["name"], row) for key, row in wanted.items() if key not in of_classes]
    words = _Words("course", "courses", roster.unreadable.get("classes"), partly=partly)
    return _one(asked, classes, known, ways, words)


def person_of_key(key: str, roster: Roster | None, ledger: pl.DataFrame) -> Meant:
    """The person with this sourcedId and no other, whatever somebody else is called.

    Args:
        key: the sourcedId.
        roster: the roster; None where there is none.
        ledger: the ledger of users.

    Raises:
        UsageError: nobody has it.
    """
    rows = roster.users.filter(pl.col("sourcedId") == key) if roster is not None else pl.DataFrame()
    if rows.height:
        row = rows.row(0, named=True)
        return Meant(key, full_name(row), row)
    for _, written in ledger.filter(pl.col("key") == key).select("key", "written").iter_rows():
        return Meant(key, _person_known(key, written or "{}").name, None)
    if roster is not None and key in roster.unreadable.get("users", frozenset()):
        return Meant(key, key, None)
    raise _nobody("person", key)


def course_of_key(key: str, roster: Roster, desired: Desired, ledger: pl.DataFrame) -> Meant:
    """The course, or the class that leads to one, with this key and no other.

    Args:
        key: the course's key or the class's sourcedId.
        roster: the roster.
        desired: what the site should hold.
        ledger: the ledger of courses.

    Raises:
        UsageError: there is none.
    """
    wanted = desired.parts["course"].frame.filter(pl.col("key") == key)
    row = wanted.row(0, named=True) if wanted.height else None
    classes = roster.classes.filter(pl.col("sourcedId") == key)
    if classes.height:
        came = classes.row(0, named=True)
        return Meant(key, str(row["name"]) if row else came["title"] or key, came)
    if row is not None:
        return Meant(key, str(row["name"]), row)
    for _, written in ledger.filter(pl.col("key") == key).select("key", "written").iter_rows():
        return Meant(key, _course_known(key, written or "{}").name, None)
    if key in roster.unreadable.get("classes", frozenset()):
        return Meant(key, key, None)
    raise _nobody("course", key)


@dataclass(frozen=True)
class _Words:
    one: str
    many: str
    unreadable: frozenset[str] | None
    partly: bool


def _one(
    asked: str,
    there: list[Meant],
    known: list[Meant],
    ways: list[Callable[[Meant], Iterable[str | None]]],
    words: _Words,
) -> Meant:
    wanted = _folded(asked)
    current = {each.key for each in there}
    gone = [each for each in known if each.key not in current]
    for candidates in (there, gone):
        for way in ways:
            found = [each for each in candidates if wanted in map(_folded, way(each))]
            if found:
                return _only(asked, found, words, known=candidates is gone)
    if words.partly and (alike := [each for each in there if wanted in _folded(each.name)]):
        return _only(asked, alike, words, known=False)
    if asked in (words.unreadable or ()):
        return Meant(asked, asked, None)
    raise _nobody(words.one, asked)


def _nobody(word: str, asked: str) -> UsageError:
    return UsageError(
        f"Neither the roster nor the ledger knows a {word} “{asked}”.",
        where="matricula why",
        remedy="A person is asked for by sourcedId, user name, e-mail address or full name; a course by sourcedId, "
        "class code, short name or title. Put names with blanks in quotation marks.",
        code=f"{word}-unknown",
    )


def _only(asked: str, found: list[Meant], words: _Words, *, known: bool) -> Meant:
    if len(found) > 1:
        raise _several(asked, found, words)
    return Meant(found[0].key, found[0].name, None) if known else found[0]


def _several(asked: str, found: list[Meant], words: _Words) -> UsageError:
    named = "\n".join(f"  {each.key}  {each.name}{_aside(each)}" for each in found[:TOLD])
    more = f"\n  … and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return UsageError(
        f"{len(found)} {words.many} answer to “{asked}”:\n{named}{more}",
        where="matricula why",
        remedy="Ask again with the sourcedId, the first word of a line.",
        code=f"{words.one}-ambiguous",
    )


def _aside(each: Meant) -> str:
    told = (each.row or {}).get("username") or (each.row or {}).get("classCode")
    return f" ({told})" if told else ""


def _folded(text: str | None) -> str:
    return " ".join((text or "").split()).casefold() or "\0"


def full_name(row: dict[str, Any]) -> str:
    """A person's name as it is told: the one they prefer, else that of the papers, else the sourcedId."""
    given = row.get("preferredGivenName") or row.get("givenName") or ""
    family = row.get("preferredFamilyName") or row.get("familyName") or ""
    return f"{given} {family}".strip() or str(row["sourcedId"])


def full_names(row: dict[str, Any]) -> list[str]:
    """A person's full names, in both orders, with the names they prefer and those of the papers."""
    givens = [row[name] for name in ("givenName", "preferredGivenName") if row.get(name)]
    families = [row[name] for name in ("familyName", "preferredFamilyName") if row.get(name)]
    pairs = [(given, family) for given in givens for family in families]
    return [told for one, other in pairs for told in (f"{one} {other}", f"{other} {one}", f"{other}, {one}")]


def _turned(row: dict[str, Any]) -> str | None:
    return f"{row['familyName']}, {row['givenName']}" if row.get("familyName") and row.get("givenName") else None


def _person_known(key: str, written: str) -> Meant:
    fields = json.loads(written)
    return Meant(key, f"{fields.get('firstname', '')} {fields.get('lastname', '')}".strip() or key, fields)


def _course_known(key: str, written: str) -> Meant:
    fields = json.loads(written)
    return Meant(key, fields.get("fullname") or key, {"title": fields.get("fullname")} | fields)
