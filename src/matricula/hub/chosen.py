"""Whom and what a manual run is for, from what a person calls them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from matricula.errors import UsageError
from matricula.hub.whom import Meant, course_meant, person_meant
from matricula.planning.only import Only
from matricula.profiles import Desired
from matricula.roster import Roster

_HOW = (
    "People are named by sourcedId, user name, e-mail address or full name, classes and courses by sourcedId, class "
    "code, short name or title. Put names with blanks in quotation marks."
)


@dataclass(frozen=True)
class Chosen:
    """What a manual run is for.

    Args:
        only: the keys.
        names: what was named, by the names it has, in the order it was named in.
    """

    only: Only
    names: tuple[str, ...]


def choose(asked: Sequence[str], roster: Roster, desired: Desired, ledger: Callable[[str], pl.DataFrame]) -> Chosen:
    """The people, classes and courses that are named.

    Args:
        asked: what a person called them; parts of names do not do.
        roster: the roster.
        desired: what the site should hold.
        ledger: gives the ledger of a kind.

    Raises:
        UsageError: one of them means nobody and nothing, or several.
    """
    meant = [_meant(each, roster, desired, ledger) for each in asked]
    people = frozenset(each.key for kind, each in meant if kind == "person")
    places = frozenset(each.key for kind, each in meant if kind == "course")
    among = pl.col("class").is_in(list(places)) | pl.col("course").is_in(list(places))
    led = desired.classes.filter(among)
    of_people = pl.col("userSourcedId").is_in(list(people)) | pl.col("classSourcedId").is_in(led["class"].implode())
    rows = {*roster.enrollments.filter(of_people)["sourcedId"], *led["class"]}
    only = Only(people, places | {*led["course"]}, frozenset(rows))
    return Chosen(only, tuple(each.name for _, each in meant))


def _meant(asked: str, roster: Roster, desired: Desired, ledger: Callable[[str], pl.DataFrame]) -> tuple[str, Meant]:
    """A person or a course, whichever it is."""
    ways: dict[str, Callable[[], Meant]] = {
        "person": lambda: person_meant(asked, roster, ledger("user"), partly=False),
        "course": lambda: course_meant(asked, roster, desired, ledger("course"), partly=False),
    }
    found = [(kind, meant) for kind, way in ways.items() if (meant := _if_known(way))]
    if not found:
        raise UsageError(
            f"Neither the roster nor the ledger knows a person, class or course “{asked}”.",
            where="--only",
            remedy=_HOW,
            code="only-unknown",
        )
    if len(found) > 1:
        told = " and ".join(f"the {kind} {meant.name} ({meant.key})" for kind, meant in found)
        raise UsageError(f"“{asked}” means {told}.", where="--only", remedy=_HOW, code="only-ambiguous")
    return found[0]


def _if_known(way: Callable[[], Meant]) -> Meant | None:
    try:
        return way()
    except UsageError as error:
        if error.code.endswith("-unknown"):
            return None
        raise UsageError(error.what, where="--only", remedy=error.remedy, code=error.code) from error
