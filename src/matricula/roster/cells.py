"""From text to typed cells: blanks, enumerations, booleans, dates, years and lists."""

import re
from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from matricula.roster.draft import Draft
from matricula.roster.extensions import extensions_of
from matricula.roster.findings import FindingBook, shortened
from matricula.roster.tables import EXTENSION_PREFIX, LINE, Column, Enumeration, Kind, Need

_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
_TRUTH: dict[bool | None, str | None] = {True: "true", False: "false", None: None}
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)
_DATE_WITH_TIME = r"^\d{4}-\d{2}-\d{2}[T ]"
_ONE_YEAR = r"^\d{4}$"
_TWO_YEARS = r"^\d{4}\s*[-/–]\s*(\d{4}|\d{2})$"


def check_cells(draft: Draft, version: str, book: FindingBook) -> None:
    """Leave out unusable rows and bring every column to its type.

    Args:
        draft: the table; its frame is replaced by one with the table's schema and, after it, the extension columns.
        version: OneRoster version of the delivery, `1.1` or `1.2`.
        book: where findings go.
    """
    columns = [column for column in draft.table.of(version) if column.kept]
    given = [column for column in columns if column.name in draft.frame.columns]
    missing = [name for name in draft.table.schema if name not in draft.frame.columns]
    draft.frame = draft.frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
    _leave_out_unusable(draft, columns, book)
    for column in given:
        if column.need is Need.REQUIRED and draft.frame[column.name].null_count():
            message = f"{column.name} is blank."
            draft.note_together(book, "required-blank", pl.col(column.name).is_null(), column.name, message)
        _check_column(draft, column, version, book)
    schema = draft.table.schema | dict.fromkeys(extensions_of(draft.table, draft.frame.columns), pl.String())
    draft.frame = draft.frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _leave_out_unusable(draft: Draft, columns: list[Column], book: FindingBook) -> None:
    if draft.frame["sourcedId"].null_count():
        draft.frame = draft.frame.filter(~pl.all_horizontal(pl.exclude(LINE).is_null()))
    for column in columns:
        if column.need is Need.KEY and draft.frame[column.name].null_count():
            blank = pl.col(column.name).is_null()
            message = f"{column.name} is blank; the record was left out."
            draft.note_together(book, "record-unusable", blank, column.name, message)
            draft.leave_out(blank)
    if draft.table.one_of:
        nameless = pl.all_horizontal(pl.col(*draft.table.one_of).is_null())
        message = f"{', '.join(draft.table.one_of)} are all blank; the record was left out."
        draft.note_together(book, "record-unusable", nameless, draft.table.one_of[0], message)
        draft.leave_out(nameless)


def _check_column(draft: Draft, column: Column, version: str, book: FindingBook) -> None:
    if draft.frame[column.name].null_count() == draft.frame.height:
        return
    if column.name == "status":
        _check_status(draft, book)
    elif column.values is not None:
        _check_enumeration(draft, column, column.values, version, book)
    elif column.kind in _CHECKS:
        _CHECKS[column.kind](draft, column, book)


def _values(draft: Draft, column: Column) -> list[str]:
    return sorted(draft.frame[column.name].drop_nulls().unique())


def _replace(draft: Draft, column: Column, changed: Mapping[str, str | None]) -> None:
    old, new = list(changed), pl.Series(list(changed.values()), dtype=pl.String)
    draft.frame = draft.frame.with_columns(pl.col(column.name).replace(old, new))


def _check_status(draft: Draft, book: FindingBook) -> None:
    other = pl.col("status").is_not_null() & (pl.col("status").str.to_lowercase() != "active")
    draft.note(
        book,
        "status-in-bulk",
        other,
        "status",
        lambda value: f"The status is “{shortened(value)}” in a complete delivery, where it means nothing.",
    )


def _folded(value: str) -> str:
    return "".join(value.split()).replace("_", "").replace("-", "").casefold()


def _check_enumeration(draft: Draft, column: Column, values: Enumeration, version: str, book: FindingBook) -> None:
    legal = set(values.of(version))
    by_folded = {_folded(value): value for value in (*values.everywhere(), *values.of(version))}
    meant: dict[str, str | None] = {
        value: by_folded.get(_folded(value))
        for value in _values(draft, column)
        if value not in legal and not value.startswith(EXTENSION_PREFIX)
    }
    if not meant:
        return
    cell = pl.col(column.name)
    draft.note(
        book,
        "value-spelling",
        cell.is_in([value for value, real in meant.items() if real in legal]),
        column.name,
        lambda value: f"“{shortened(value)}” was read as “{meant[value]}”.",
    )
    draft.note(
        book,
        "value-version",
        cell.is_in([value for value, real in meant.items() if real is not None and real not in legal]),
        column.name,
        lambda value: f"“{shortened(value)}” is not of OneRoster {version}; it was kept as “{meant[value]}”.",
    )
    _drop_unknown(draft, column, cell.is_in([value for value, real in meant.items() if real is None]), book)
    _replace(draft, column, meant)


def _drop_unknown(draft: Draft, column: Column, unknown: pl.Expr, book: FindingBook) -> None:
    if column.need is Need.KEY:
        draft.note(
            book,
            "role-unknown",
            unknown,
            column.name,
            lambda value: f"“{shortened(value)}” is no role that OneRoster knows; the record was left out.",
        )
        draft.leave_out(unknown)
        return
    draft.note(
        book,
        "value-unknown",
        unknown,
        column.name,
        lambda value: f"“{shortened(value)}” is no {column.name} that OneRoster knows; it was taken as blank.",
    )


def _check_booleans(draft: Draft, column: Column, book: FindingBook) -> None:
    cell = pl.col(column.name)
    odd = sorted(draft.frame.select(cell.filter((cell != "true") & (cell != "false")).unique()).to_series())
    meant = {value: _BOOLEANS.get(value.casefold()) for value in odd}
    if odd:
        draft.note(
            book,
            "value-spelling",
            cell.is_in([value for value in odd if meant[value] is not None]),
            column.name,
            lambda value: f"“{shortened(value)}” was read as “{str(meant[value]).lower()}”.",
        )
        draft.note(
            book,
            "boolean-unknown",
            cell.is_in([value for value in odd if meant[value] is None]),
            column.name,
            lambda value: f"“{shortened(value)}” is neither true nor false; it was taken as blank.",
        )
        _replace(draft, column, {value: _TRUTH[meant[value]] for value in odd})
    draft.frame = draft.frame.with_columns(cell == _TRUTH[True])


def _check_dates(draft: Draft, column: Column, book: FindingBook) -> None:
    cell = pl.col(column.name)
    with_time = cell.str.contains(_DATE_WITH_TIME)
    parsed = cell.str.to_date("%Y-%m-%d", strict=False)
    dates = draft.frame.select(pl.when(parsed.is_between(_EARLIEST, _LATEST)).then(parsed)).to_series()
    if dates.null_count() > draft.frame[column.name].null_count():
        draft.note(
            book,
            "date-spelling",
            with_time,
            column.name,
            lambda value: f"“{shortened(value)}” has a time; the date was taken.",
        )
        day = pl.when(with_time).then(cell.str.slice(0, 10)).otherwise(cell)
        parsed = day.str.to_date("%Y-%m-%d", strict=False)
        known = pl.when(parsed.is_between(_EARLIEST, _LATEST)).then(parsed)
        draft.note(
            book,
            "date-unknown",
            cell.is_not_null() & known.is_null(),
            column.name,
            lambda value: f"“{shortened(value)}” is no date of the form YYYY-MM-DD; it was taken as blank.",
        )
        dates = draft.frame.select(known).to_series()
    draft.frame = draft.frame.with_columns(dates.alias(column.name))


def _check_years(draft: Draft, column: Column, book: FindingBook) -> None:
    cell = pl.col(column.name)
    two = cell.str.contains(_TWO_YEARS)
    draft.note(
        book,
        "year-spelling",
        two,
        column.name,
        lambda value: f"“{shortened(value)}” was read as the school year that ends in {_end_year(value)}.",
    )
    draft.note(
        book,
        "year-unknown",
        ~two & ~cell.str.contains(_ONE_YEAR),
        column.name,
        lambda value: f"“{shortened(value)}” is not a year; it was taken as blank.",
    )
    meant = {value: _end_year(value) for value in _values(draft, column)}
    _replace(draft, column, meant)


def _end_year(value: str) -> str | None:
    first, last = value[:4], value[-4:]
    if re.fullmatch(_ONE_YEAR, value):
        return value
    if not re.fullmatch(_TWO_YEARS, value):
        return None
    return last if last.isdecimal() else first[:2] + value[-2:]


def _check_lists(draft: Draft, column: Column, _book: FindingBook) -> None:
    entry = pl.element().str.strip_chars()
    entries = pl.col(column.name).str.split(",").list.eval(entry.filter(entry != ""))
    draft.frame = draft.frame.with_columns(pl.when(entries.list.len() > 0).then(entries).alias(column.name))


_CHECKS: dict[Kind, Callable[[Draft, Column, FindingBook], None]] = {
    Kind.BOOLEAN: _check_booleans,
    Kind.DATE: _check_dates,
    Kind.YEAR: _check_years,
    Kind.LIST: _check_lists,
}
