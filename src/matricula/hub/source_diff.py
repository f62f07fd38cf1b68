"""What a source delivers now beside what it delivered at the last reading, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from matricula.hub.deliveries import Reader, Say, silent
from matricula.hub.home import Home
from matricula.roster import TABLES, Delivery, Draft
from matricula.roster.tables import LINE

_ID = "sourcedId"
_SILENT = (_ID, LINE, "dateLastModified", "status")
"""Columns in which a difference tells nothing about the record."""


@dataclass(frozen=True)
class Differing:
    """A record that differs.

    Args:
        state: `new`, `gone` or `changed`.
        sourced_id: the record.
        name: what people call it.
        fields: for a changed record, its columns that differ, each with the value before and after.
    """

    state: str
    sourced_id: str
    name: str
    fields: Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True)
class TableDiff:
    """The differences of a table.

    Args:
        name: OneRoster's name.
        before: rows at the last reading.
        after: rows now.
        records: the records that differ: gone ones first, then new ones, then changed ones.
    """

    name: str
    before: int
    after: int
    records: tuple[Differing, ...]

    def count(self, state: str) -> int:
        """How many records are `new`, `gone` or `changed`."""
        return sum(record.state == state for record in self.records)


@dataclass(frozen=True)
class SourceDiff:
    """What changed in a source.

    Args:
        source: its name.
        since: when it was last read; None where that was never, so that this reading was kept as the first.
        tables: the differences, table by table; those without any are among them.
    """

    source: str
    since: datetime | None
    tables: tuple[TableDiff, ...]


def diff_source(home: Home, name: str, say: Say = silent) -> SourceDiff:
    """Read a source and compare with its last reading.

    Nothing is kept, so that the differences can be looked at again; only where the source has never been read is
    this reading kept, for the next time.

    Args:
        home: the home.
        name: the source.
        say: told in words what is being done.

    Raises:
        UsageError: there is no such source.
        MatriculaError: it cannot be read.
    """
    reader = Reader(home, say)
    delivered = reader.deliver(name)
    kept = home.store.kept.last(name)
    before = home.store.kept.delivery(name)
    if kept is None or before is None:
        delivered.whole.roster()
        reader.take(name, delivered)
        return SourceDiff(name, None, ())
    return SourceDiff(name, kept.at, tuple(differences(before, delivered.whole)))


def compare_source(home: Home, name: str, say: Say = silent) -> SourceDiff:
    """Read a source and compare with its last reading, as `diff_source`, but keep nothing in any case."""
    delivered = Reader(home, say, keep=False).deliver(name)
    kept, before = home.store.kept.last(name), home.store.kept.delivery(name)
    if kept is None or before is None:
        return SourceDiff(name, None, ())
    return SourceDiff(name, kept.at, tuple(differences(before, delivered.whole)))


def differences(before: Delivery, after: Delivery) -> list[TableDiff]:
    """The differences of two deliveries, table by table."""
    named = _names(before) | _names(after)
    return [
        _table_diff(name, before.drafts.get(name), after.drafts.get(name), named)
        for name in TABLES
        if name in before.drafts or name in after.drafts
    ]


def _table_diff(name: str, before: Draft | None, after: Draft | None, named: Mapping[str, str]) -> TableDiff:
    old, new = (draft.frame if draft else TABLES[name].text() for draft in (before, after))
    columns = [column for column in new.columns if column in old.columns and column not in _SILENT]
    old_rows, new_rows = (frame.drop_nulls(_ID).unique(_ID, keep="first", maintain_order=True) for frame in (old, new))
    gone = old_rows.join(new_rows, on=_ID, how="anti", maintain_order="left")
    fresh = new_rows.join(old_rows, on=_ID, how="anti", maintain_order="left")
    both = new_rows.select(_ID, *columns).join(
        old_rows.select(_ID, *columns), on=_ID, suffix=_BEFORE, maintain_order="left"
    )
    if columns:
        both = both.filter(pl.any_horizontal(pl.col(each).ne_missing(pl.col(each + _BEFORE)) for each in columns))
    records = [
        *(Differing("gone", row[_ID], _name(name, row, named), {}) for row in gone.iter_rows(named=True)),
        *(Differing("new", row[_ID], _name(name, row, named), {}) for row in fresh.iter_rows(named=True)),
        *(_changed(name, row, columns, named) for row in (both.iter_rows(named=True) if columns else ())),
    ]
    return TableDiff(name, old.height, new.height, tuple(records))


_BEFORE = "\0before"


def _changed(name: str, row: Mapping[str, str | None], columns: list[str], named: Mapping[str, str]) -> Differing:
    fields = {each: (row[each + _BEFORE], row[each]) for each in columns if row[each + _BEFORE] != row[each]}
    return Differing("changed", str(row[_ID]), _name(name, row, named), fields)


def _names(delivery: Delivery) -> dict[str, str]:
    """What people and classes are called, by sourcedId."""
    found: dict[str, str] = {}
    for table in ("users", "classes"):
        if table in delivery.drafts:
            rows = delivery.drafts[table].frame.drop_nulls(_ID).iter_rows(named=True)
            found |= {f"{table} {row[_ID]}": _name(table, row, {}) for row in rows}
    return found


def _name(table: str, row: Mapping[str, str | None], named: Mapping[str, str]) -> str:
    """What people call a record."""
    if table in ("enrollments", "roles"):
        person = row.get("userSourcedId") or ""
        place = row.get("classSourcedId") or row.get("orgSourcedId") or ""
        told = named.get(f"users {person}", person), named.get(f"classes {place}", place)
        return f"{' in '.join(filter(None, told))} ({row.get('role') or 'no role'})"
    if table == "users":
        whole = " ".join(filter(None, (row.get("givenName"), row.get("familyName"))))
        return whole or row.get("username") or row.get("email") or str(row[_ID])
    return row.get("title") or row.get("name") or str(row[_ID])
