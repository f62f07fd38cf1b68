"""Whom and what a manual run is for, from what a person calls them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from matricula.errors import UsageError
from matricula.hub.whom import Meant, course_meant, course_of_key, person_meant, person_of_key
from matricula.planning.only import Only
from matricula.profiles import Desired
from matricula.roster import Roster

_HOW = (
    "People are named by sourcedId, user name, e-mail address or full name, classes and courses by sourcedId, class "
    "code, short name or title. Put names with blanks in quotation marks."
)


PERSON, COURSE = "person:", "course:"
"""Before a sourcedId these say that it alone is meant: a person and a class may have the same one."""


@dataclass(frozen=True)
class Chosen:
    """What a manual run is for.

    Args:
        only: the keys.
        names: what was named, by the names it has, in the order it was named in.
        course: the key of the course, where it is for one course and for nothing else.
    """

    only: Only
    names: tuple[str, ...]
    course: str | None = None


Missed = Callable[[UsageError], None]
"""Told of a name that means nobody and nothing, or several."""


def choose(
    asked: Sequence[str],
    roster: Roster,
    desired: Desired,
    ledger: Callable[[str], pl.DataFrame],
    missed: Missed | None = None,
) -> Chosen:
    """The people, classes and courses that are named.

    Args:
        asked: what a person called them; parts of names do not do. `person:` or `course:` before a sourcedId says
            that nothing else is meant.
        roster: the roster.
        desired: what the site should hold.
        ledger: gives the ledger of a kind.
        missed: told of those that are not to be had, where the others are to be gone on with.

    Raises:
        UsageError: one of them, or where `missed` is told each of them, means nobody and nothing, or several.
    """
    kinds = {kind: ledger(kind) for kind in ("user", "course")} if asked else {}
    meant = []
    for each in asked:
        try:
            meant.append(_meant(each, roster, desired, kinds.__getitem__))
        except UsageError as error:
            if missed is None:
                raise
            missed(error)
    if asked and not meant:  # a run for nobody would be one for all
        raise UsageError("None of those named is known.", where="--only", remedy=_HOW, code="only-unknown")
    people = frozenset(each.key for kind, each in meant if kind == "person")
    places = frozenset(each.key for kind, each in meant if kind == "course")
    among = pl.col("class").is_in(list(places)) | pl.col("course").is_in(list(places))
    led = desired.classes.filter(among)
    of_people = pl.col("userSourcedId").is_in(list(people)) | pl.col("classSourcedId").is_in(led["class"].implode())
    rows = {*roster.enrollments.filter(of_people)["sourcedId"], *led["class"]}
    only = Only(people, places | {*led["course"]}, frozenset(rows))
    alone = next(iter(places)) if len(places) == 1 and not people else None
    return Chosen(only, tuple(each.name for _, each in meant), alone)


def _meant(asked: str, roster: Roster, desired: Desired, ledger: Callable[[str], pl.DataFrame]) -> tuple[str, Meant]:
    """A person or a course, whichever it is."""
    kind, colon, key = asked.partition(":")
    if f"{kind}{colon}" in (PERSON, COURSE) and (
        exact := _if_known(lambda: _of_key(kind, key, roster, desired, ledger))
    ):
        return kind, exact
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


def _of_key(kind: str, key: str, roster: Roster, desired: Desired, ledger: Callable[[str], pl.DataFrame]) -> Meant:
    if kind == "person":
        return person_of_key(key, roster, ledger("user"))
    return course_of_key(key, roster, desired, ledger("course"))


def _if_known(way: Callable[[], Meant]) -> Meant | None:
    try:
        return way()
    except UsageError as error:
        if error.code.endswith("-unknown"):
            return None
        raise UsageError(error.what, where="--only", remedy=error.remedy, code=error.code) from error
