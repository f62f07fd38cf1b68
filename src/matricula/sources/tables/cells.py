"""From the columns of a file to fields of the roster: the map applied."""

import polars as pl

from matricula.roster import FindingBook
from matricula.roster.findings import LINES_NAMED
from matricula.roster.tables import LINE
from matricula.sources.tables.fields import DATES, LISTS, NUMBERS
from matricula.sources.tables.headings import Headings
from matricula.sources.tables.settings import NAMED, Column, Part, TablesSettings, strptime
from matricula.sources.tables.sheet import Sheet

_WHOLE = {".": r"^(\d+)\.0+$", ",": r"^(\d+),0+$"}
_SHORTENED = r"^-?\d[.,]\d+[eE]\+\d+$"
_EARLIEST, _LATEST = pl.date(1900, 1, 1), pl.date(2200, 1, 1)


def fields_of_sheet(sheet: Sheet, part: Part, settings: TablesSettings, book: FindingBook) -> pl.DataFrame:
    """Apply the map of a part.

    Args:
        sheet: what was read of its file.
        part: the part.
        settings: what holds where the part says nothing.
        book: where findings go.

    Returns:
        a column of text for each field by its full name, as `class.title`, and `line`. A cell that holds several
        pointers has become several rows.

    Raises:
        SettingError: a column is not there.
    """
    _check_headings(sheet.headings, part)
    _note_twice(sheet, part, book)
    frame = _rows_meant(sheet, part)
    decimal = part.decimal or settings.decimal
    columns: dict[str, pl.Expr] = {}
    for name, column in part.mapped.items():
        cell = _cell(column, sheet.headings)
        field = name.partition(".")[2]
        if cell is not None:
            columns[name] = _whole(cell, decimal) if decimal and field in NUMBERS else cell
    read = frame.select(**columns, **{LINE: pl.col(LINE)})
    for name, column in part.mapped.items():
        if name in columns and column.separator:
            read = _several(read, name, column.separator)
    read = _leave_out_shortened(read, sheet, part, book)
    return _with_dates(read, sheet, part.dates or settings.dates, book)


def _check_headings(headings: Headings, part: Part) -> None:
    missing = []
    for column in part.columns.values():
        there = [headings.position(heading) is not None for heading in column.column]
        if column.column and not any(there) and not column.optional:
            missing.append(" or ".join(column.column))
        missing += [
            name
            for name, optional in NAMED.findall(column.template)
            if not optional and headings.position(name) is None
        ] * (not column.optional)
    missing += [name for name in (*part.fill_down, *part.only, *part.leave_out) if headings.position(name) is None]
    if missing:
        raise headings.missing(list(dict.fromkeys(missing)))


def _note_twice(sheet: Sheet, part: Part, book: FindingBook) -> None:
    used = {sheet.headings.position(each) for column in part.columns.values() for each in column.headings}
    names = [name for name in dict.fromkeys(sheet.headings.twice) if sheet.headings.position(name) in used and name]
    if names:
        message = f"Columns stand there twice; the first was read: {', '.join(names)}."
        book.add("column-twice", message, file=sheet.file, value=", ".join(names))


def _rows_meant(sheet: Sheet, part: Part) -> pl.DataFrame:
    frame = sheet.frame
    frame = frame.with_columns(_named(sheet.headings, name).forward_fill() for name in part.fill_down)
    for wanted, kept in ((part.only, True), (part.leave_out, False)):
        for name, values in wanted.items():
            among = _named(sheet.headings, name).str.to_lowercase().is_in([value.strip().lower() for value in values])
            frame = frame.filter(among.fill_null(value=False) if kept else ~among.fill_null(value=False))
    return frame


def _named(headings: Headings, heading: str) -> pl.Expr:
    return pl.col(str(headings.position(heading)))


def _cell(column: Column, headings: Headings) -> pl.Expr | None:
    """What stands in the field; None where its optional column is not there."""
    if column.value is not None:
        return pl.lit(column.value or None, dtype=pl.String)
    cell = _filled_in(column.template, headings) if column.template else None
    for heading in column.column:
        if cell is None and headings.position(heading) is not None:
            cell = _named(headings, heading)
    if cell is None:
        return None
    if column.before or column.after:
        parts = cell.str.splitn(column.before or column.after, 2).struct
        cell = (parts.field("field_0") if column.before else parts.field("field_1")).str.strip_chars()
    if column.values:
        meant = {word.strip().lower(): meaning or None for word, meaning in column.values.items()}
        other = cell if column.other is None else pl.lit(column.other or None, dtype=pl.String)
        known = cell.str.to_lowercase().replace_strict(meant, default=None, return_dtype=pl.String)
        among = cell.str.to_lowercase().is_in(list(meant))
        cell = pl.when(cell.is_null()).then(None).when(among).then(known).otherwise(other)
    return pl.when(cell != "").then(cell)


def _filled_in(template: str, headings: Headings) -> pl.Expr | None:
    texts: list[pl.Expr] = []
    needed: list[pl.Expr] = []
    there = False
    end = 0
    for found in NAMED.finditer(template):
        texts.append(pl.lit(template[end : found.start()]))
        end = found.end()
        if headings.position(found[1]) is None:
            continue
        there = True
        cell = _named(headings, found[1])
        texts.append(cell.fill_null(""))
        if not found[2]:
            needed.append(cell.is_not_null())
    if not there:
        return None
    texts.append(pl.lit(template[end:]))
    joined = pl.concat_str(texts).str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(pl.all_horizontal(needed)).then(joined) if needed else joined


def _whole(cell: pl.Expr, decimal: str) -> pl.Expr:
    return cell.str.replace(_WHOLE[decimal], "$1")


def _several(read: pl.DataFrame, name: str, separator: str) -> pl.DataFrame:
    entry = pl.element().str.strip_chars()
    entries = pl.col(name).str.split(separator).list.eval(entry.filter(entry != "")).list.unique(maintain_order=True)
    if name.partition(".")[2] in LISTS:
        return read.with_columns(pl.when(entries.list.len() > 0).then(entries.list.join(",")).alias(name))
    return read.with_columns(entries.alias(name)).explode(name)


def _leave_out_shortened(read: pl.DataFrame, sheet: Sheet, part: Part, book: FindingBook) -> pl.DataFrame:
    """Leave out rows with numbers that a spreadsheet program has shortened: nobody knows the digits that are gone."""
    for name in part.mapped:
        if name in read.columns and name.partition(".")[2] in ("sourcedId", "identifier"):
            shortened = pl.col(name).str.contains(_SHORTENED).fill_null(value=False)
            lines = read.filter(shortened)[LINE]
            if lines.len():
                value = read.filter(shortened)[name][0]
                message = f"“{value}” is a number that a spreadsheet program has shortened; the row was left out."
                _note(book, "number-shortened", message, sheet.file, lines, name)
                sheet.lost += lines.len()
                read = read.filter(~shortened)
    return read


def _with_dates(read: pl.DataFrame, sheet: Sheet, forms: tuple[str, ...], book: FindingBook) -> pl.DataFrame:
    for name in read.columns:
        if name.partition(".")[2] not in DATES or read[name].null_count() == read.height:
            continue
        cell = pl.col(name)
        days = [_day(cell, form) for form in ("YYYY-MM-DD", *forms)]
        read = read.with_columns(pl.coalesce(days).alias("day"))
        unknown = read.filter(cell.is_not_null() & pl.col("day").is_null())
        if not unknown.is_empty():
            known = " or ".join(forms or ("YYYY-MM-DD",))
            message = f"“{unknown[name][0]}” is no date of the form {known}; such cells were taken as blank."
            _note(book, "date-form", message, sheet.file, unknown[LINE], name)
        read = read.with_columns(pl.col("day").dt.to_string("%Y-%m-%d").alias(name)).drop("day")
    return read


def _day(cell: pl.Expr, form: str) -> pl.Expr:
    # A year of two digits must not be read as one of four.
    long = cell if "YYYY" not in form else pl.when(cell.str.contains(r"(?:^|\D)\d{4}(?:\D|$)|^\d{8}$")).then(cell)
    day = long.str.to_date(strptime(form), strict=False)
    return pl.when(day.is_between(_EARLIEST, _LATEST)).then(day)


def _note(book: FindingBook, code: str, message: str, file: str, lines: pl.Series, column: str) -> None:
    book.add(
        code,
        message,
        file=file,
        line=lines[0],
        lines=lines.head(LINES_NAMED).to_list(),
        count=lines.len(),
        column=column,
    )
