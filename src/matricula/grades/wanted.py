"""What working out a gradebook starts from, and what comes of it."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from matricula.roster import Finding
from matricula.roster.gradebook import Gradebook

GONE: Final = pl.Schema({"kind": pl.String(), "key": pl.String()})
"""Columns of records that are positively no longer in Moodle."""

NAMES: Final = pl.Schema(
    {
        "kind": pl.String(),
        "key": pl.String(),
        "name": pl.String(),
        "item": pl.String(),
        "class": pl.String(),
        "in": pl.String(),
    }
)
"""Columns of names: the title of a category or item, the person of a result or final grade; `item`, what the person has
it in; the sourcedId of the class, and what people call that."""


@dataclass(frozen=True)
class Learnt:
    """Learning data of one site, each frame with the columns of its table in `store.schema_learning` but `site`.

    Args:
        courses: `learnt_course`.
        categories: `learnt_category`.
        items: `learnt_item`.
        grades: `learnt_grade`.
        activities: `learnt_activity`.
    """

    courses: pl.DataFrame
    categories: pl.DataFrame
    items: pl.DataFrame
    grades: pl.DataFrame
    activities: pl.DataFrame


@dataclass(frozen=True)
class Known:
    """Which record of Moodle is which of the school.

    Args:
        courses: `course` (Moodle's id), `key` (that of the ledger) and `title`.
        people: `user` (Moodle's id), `key` (the roster's sourcedId), `name` and `username`.
        classes: `class` (sourcedId) and `course` (the ledger's key of the course that it leads to), as
            `Desired.classes` has them.
        zone: the time zone in which days begin.
    """

    courses: pl.DataFrame
    people: pl.DataFrame
    classes: pl.DataFrame
    zone: str = "UTC"


@dataclass(frozen=True)
class Wanted:
    """What the school's gradebook should hold.

    A record that is in neither `book` nor `gone` is none of a transfer's business: it was left out by a rule or a
    finding, or its course was not read. Nothing may be removed on that account.

    Args:
        book: the records, without ids. Keys are `c…` of categories, `i…` of items, the item's key, a tab and the
            student for results, and `f…` of final grades; each holds the class, so that a course that several classes
            share has records in each.
        names: what people call each record of `book`, in the columns of `NAMES`.
        gone: records that may have been sent and whose grade, item or category is no longer in Moodle (`GONE`).
        findings: what could not be taken as it is.
    """

    book: Gradebook
    names: pl.DataFrame
    gone: pl.DataFrame
    findings: tuple[Finding, ...] = ()
