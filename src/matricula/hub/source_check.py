"""A look at a source: whether it can be read, what it delivers, and what of that is missing or odd."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from matricula.hub.deliveries import Reader, Say, silent
from matricula.hub.home import Home
from matricula.roster import TABLES, Delivery, Draft, Finding, Roster
from matricula.roster.extensions import METADATA
from matricula.roster.tables import LINE, Need

SAMPLES = 5
_OPEN = ("enabledUser", "role", "grades", "status", "dateLastModified")
"""Columns of people whose cells tell nothing about anybody; all others are shortened."""


@dataclass(frozen=True)
class TableSeen:
    """One table of a delivery.

    Args:
        name: OneRoster's name.
        read_from: the file, query or address it came from.
        rows: how many rows came.
        usable: how many of them are in the roster.
        complete: whether a record that is missing in it is gone.
        changes: whether changes only came.
        filled: for each column that came the share of rows that have a value, from 0 to 1.
        samples: the first rows, personal data shortened; blank cells are left out.
    """

    name: str
    read_from: str
    rows: int
    usable: int
    complete: bool
    changes: bool
    filled: Mapping[str, float]
    samples: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class SourceSeen:
    """What a look at a source showed.

    Args:
        source: its name.
        type: its kind.
        origin: where it reads from.
        version: OneRoster version whose columns came.
        seconds: how long reading took.
        checking_seconds: how long checking what came took.
        notes: what the source says of the reading.
        tables: what came, table by table.
        missing: what is missing, one sentence each.
        findings: what was wrong with rows.
    """

    source: str
    type: str
    origin: str
    version: str
    seconds: float
    checking_seconds: float
    notes: tuple[str, ...]
    tables: tuple[TableSeen, ...]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]


def check_source(home: Home, name: str, say: Say = silent, samples: int = SAMPLES) -> SourceSeen:
    """Read all that a source has and tell of it. Nothing is kept.

    Args:
        home: the home.
        name: the source.
        say: told in words what is being done.
        samples: how many rows of each table are shown.

    Raises:
        UsageError: there is no such source.
        MatriculaError: it cannot be read.
    """
    started = time.monotonic()
    delivered = Reader(home, say, keep=False, anew=True).deliver(name)
    read = time.monotonic()
    whole = replace(delivered.whole, strict=False)
    roster = whole.roster()
    changed = delivered.came.changed_tables
    return SourceSeen(
        source=name,
        type=home.source(name).settings.type,
        origin=whole.origin,
        version=whole.version,
        seconds=read - started,
        checking_seconds=time.monotonic() - read,
        notes=delivered.came.notes,
        tables=tuple(_seen(draft, roster, samples, changes=table in changed) for table, draft in whole.drafts.items()),
        missing=tuple(_missing(whole, roster)),
        findings=roster.findings,
    )


def _seen(draft: Draft, roster: Roster, samples: int, *, changes: bool) -> TableSeen:
    frame = draft.frame.drop(LINE)
    name = draft.table.name
    rows = frame.height
    return TableSeen(
        name=name,
        read_from=draft.file,
        rows=rows,
        usable=roster.table(name).height,
        complete=roster.scope.covers(name),
        changes=changes,
        filled={column: 1 - frame[column].null_count() / rows for column in frame.columns} if rows else {},
        samples=tuple(_sample(name, row) for row in frame.head(samples).iter_rows(named=True)),
    )


def _sample(table: str, row: Mapping[str, str | None]) -> dict[str, str]:
    return {name: shown(table, name, cell) for name, cell in row.items() if cell is not None}


def shown(table: str, column: str, cell: str) -> str:
    """A cell as it may be shown to somebody who only looks whether the right things come.

    Args:
        table: the roster's table.
        column: its column.
        cell: the value.

    Returns:
        the value itself where it tells nothing about a person; of names and numbers of people the first letter and how
        long they are, of an e-mail address the first letter and its domain.
    """
    local, at, domain = cell.partition("@")
    if at:
        return f"{local[:1]}…@{domain}"
    pointer = column.endswith(("sourcedId", "SourcedId", "SourcedIds"))
    of_people = table == "users" or (table == "enrollments" and column.startswith(METADATA))
    if pointer or not of_people or column in _OPEN:
        return cell
    return f"{cell[:1]}… ({len(cell)})"


def _missing(whole: Delivery, roster: Roster) -> Iterable[str]:
    for name, table in TABLES.items():
        if whole.version not in table.versions:
            continue
        draft = whole.drafts.get(name)
        if draft is None:
            yield f"{name} did not come: {_LACK[name]}"
        elif not roster.scope.covers(name):
            yield f"{name} is not taken as complete: nothing will be removed for missing in it."
        if draft is not None and not draft.frame.is_empty():
            yield from _blank(draft, whole.version)


def _blank(draft: Draft, version: str) -> Iterable[str]:
    """Columns that the standard wants filled, or that accounts are commonly made of, and that are not."""
    rows = draft.frame.height
    for column in draft.table.of(version):
        wanted = column.need is not Need.OPTIONAL or (draft.table.name, column.name) in _USEFUL
        if not column.kept or not wanted:
            continue
        there = draft.frame[column.name] if column.name in draft.frame.columns else pl.Series([None] * rows)
        blank = there.null_count()
        if blank == rows:
            yield f"{draft.table.name}.{column.name} is blank in every row."
        elif blank:
            yield f"{draft.table.name}.{column.name} is blank in {blank:,} of {rows:,} rows ({blank / rows:.0%})."


_USEFUL = {("users", "email"), ("users", "identifier"), ("classes", "classCode"), ("courses", "courseCode")}
_LACK = {
    "orgs": "schools have no names, and categories by school cannot be made.",
    "academicSessions": "there are no school years or terms; courses have no dates.",
    "courses": "there are no subjects; classes are known by their own titles alone.",
    "classes": "no courses can be made.",
    "users": "no accounts can be made.",
    "roles": "nobody's role is known.",
    "enrollments": "nobody can be enrolled.",
}
