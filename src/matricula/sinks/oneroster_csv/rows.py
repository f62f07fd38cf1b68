"""Rows of the files as records, and records as rows."""

import hashlib
from datetime import UTC, datetime
from typing import Final

import polars as pl

from matricula.errors import StopError
from matricula.roster.gradebook import KINDS
from matricula.sinks.oneroster_csv.columns import CLASS, FILES, FILLED, HEADERS, KEY, OWN, Version, session_column

_FIELDS: Final = {
    "grade-category": {"title": "title", "weight": "weight"},
    "line-item": {
        "title": "title",
        "description": "description",
        "assigned": "assignDate",
        "due": "dueDate",
        "class": "classSourcedId",
        "category": "categorySourcedId",
        "minimum": "resultValueMin",
        "maximum": "resultValueMax",
    },
    "result": {
        "item": "lineItemSourcedId",
        "student": "studentSourcedId",
        "status": "scoreStatus",
        "score": "score",
        "scored": "scoreDate",
        "comment": "comment",
        "text": "textScore",
        "class": "classSourcedId",
    },
}
_FORMATS: Final = ("%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d")
_SIGNS: Final = {"@": "@@", ":": "@.", "|": "@-", " ": "@_", "\t": "@/"}
_DIGEST: Final = "digest-"
_SOURCED_ID: Final = r"^[0-9a-zA-Z.\-_/@]{1,255}$"


def columns_of(kind: str, version: Version) -> dict[str, str]:
    """The column of the file by field, for the fields that a version has a column for."""
    told = dict(_FIELDS[kind]) | ({"session": session_column(version)} if kind == "line-item" else {})
    return {field: column for field, column in told.items() if column in HEADERS[version][kind]}


def records_of(kind: str, version: Version, rows: pl.DataFrame) -> pl.DataFrame:
    """Records of the rows of a file; `category` and `item` are sourcedIds, `class` may be missing.

    Args:
        kind: a kind of record that OneRoster has.
        version: of the package.
        rows: the file as text, with its header and our columns.

    Raises:
        StopError: a cell that must hold a number or a day holds something else.
    """
    if rows.is_empty():
        return pl.DataFrame(schema=KINDS[kind])
    columns = columns_of(kind, version)
    rows = _with_moments(kind, rows, columns)
    records = rows.select(
        pl.coalesce(KEY, "sourcedId").alias("key"),
        pl.col("sourcedId").alias("id"),
        *(
            _value(columns[field], dtype, filled=FILLED in OWN[kind]).alias(field)
            if field in columns
            else (pl.col(CLASS) if (kind, field) == ("grade-category", "class") else pl.lit(None, dtype)).alias(field)
            for field, dtype in KINDS[kind].items()
            if field not in ("key", "id")
        ),
    )
    _check(kind, rows, records, columns)
    return records


def _with_moments(kind: str, rows: pl.DataFrame, columns: dict[str, str]) -> pl.DataFrame:
    """The rows with their moments as `… read`; forms other than the binding's are looked for where there are such."""
    for field, column in columns.items():
        if not isinstance(KINDS[kind][field], pl.Datetime):
            continue
        moments = rows[column].str.to_datetime(_FORMATS[0], time_unit="ms", time_zone="UTC", strict=False)
        for form in _FORMATS[1:] if moments.null_count() > rows[column].null_count() else ():
            others = rows[column].str.to_datetime(form, time_unit="ms", time_zone="UTC", strict=False)
            moments = moments.zip_with(moments.is_not_null(), others)
        rows = rows.with_columns(moments.alias(f"{column} read"))
    return rows


def _value(column: str, dtype: pl.DataType, *, filled: bool) -> pl.Expr:
    cell = pl.col(column)
    if dtype == pl.Float64:
        return cell.cast(pl.Float64, strict=False)
    if not isinstance(dtype, pl.Datetime):
        return cell
    moment = pl.col(f"{column} read")
    if not filled:
        return moment
    return pl.when(pl.col(FILLED).str.split(" ").list.contains(column).fill_null(value=False).not_()).then(moment)


def _check(kind: str, rows: pl.DataFrame, records: pl.DataFrame, columns: dict[str, str]) -> None:
    for field, column in columns.items():
        odd = records[field].is_null() & rows[column].is_not_null()
        if FILLED in rows.columns:
            odd &= rows[FILLED].is_null()
        if odd.any():
            line = odd.arg_true()[0]
            raise StopError(
                "A cell holds what can be neither a number nor a day.",
                where=f"{FILES[kind]}.csv, {column} of {rows['sourcedId'][line]}",
                remedy="Mend the cell, or take the package away: it is then written anew.",
                code="package-value",
            )


def rows_of(kind: str, version: Version, records: pl.DataFrame, school: str) -> pl.DataFrame:
    """Rows of a file; moments and numbers are still such, and become text when they are written.

    Args:
        kind: a kind of record that OneRoster has.
        version: of the package.
        records: records whose references are sourcedIds and whose `id` is their own.
        school: sourcedId of the school.

    Returns:
        the columns of the file in their order, then ours.
    """
    now = pl.lit(datetime.now(UTC)).cast(pl.Datetime("ms", "UTC"))
    known = {column: pl.col(field) for field, column in columns_of(kind, version).items()}
    known |= {"sourcedId": pl.col("id"), "schoolSourcedId": pl.lit(school), CLASS: pl.col("class")}
    known[KEY] = pl.when(pl.col("key") != pl.col("id")).then("key")
    filled: list[tuple[str, pl.Expr]] = []
    if kind == "line-item":
        known |= {"assignDate": pl.coalesce("assigned", "due", now), "dueDate": pl.coalesce("due", "assigned", now)}
        filled = [("assignDate", pl.col("assigned").is_null()), ("dueDate", pl.col("due").is_null())]
    if kind == "result":
        known["scoreDate"] = pl.coalesce("scored", now)
        filled = [("scoreDate", pl.col("scored").is_null())]
    if filled:
        words = [pl.when(missing).then(pl.lit(column)) for column, missing in filled]
        told = pl.concat_str(words, separator=" ", ignore_nulls=True)
        known[FILLED] = pl.when(pl.any_horizontal(missing for _, missing in filled)).then(told)
    wanted = (*HEADERS[version][kind], *OWN[kind])
    return records.select(known.get(column, pl.lit(None, pl.String)).alias(column) for column in wanted)


def concerned(kind: str, text: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Those rows of a file that rows to be written are about: by sourcedId, by key, or as results of the same place.

    Args:
        kind: a kind of record that OneRoster has.
        text: the file as text.
        rows: as `Sink.write` gets them.
    """
    if text.is_empty():
        return text
    keys = rows["key"].drop_nulls()
    ids = pl.concat([rows["id"].drop_nulls(), sourced_ids(keys)])
    about = pl.col("sourcedId").is_in(ids.implode()) | pl.col(KEY).is_in(keys.implode()).fill_null(value=False)
    if kind == "result":
        columns = _FIELDS[kind]
        pairs = rows.select(pl.col(name).alias(columns[name]) for name in ("item", "student")).unique()
        text = text.join(pairs.with_columns(_pair=True), on=pairs.columns, how="left", maintain_order="left")
        return text.filter(about | pl.col("_pair").is_not_null()).drop("_pair")
    return text.filter(about)


def sourced_ids(keys: pl.Series) -> pl.Series:
    """The sourcedId of each key: the key, what may not stand in it told by other signs, or else a digest.

    The letters, digits and signs of a sourcedId: CSV Binding 1.2.1, GUID. Different keys have different sourcedIds.
    """
    told = keys.str.replace_many(list(_SIGNS), list(_SIGNS.values()))
    unfit = (told.str.contains(_SOURCED_ID) & ~told.str.starts_with(_DIGEST)).not_()
    if not unfit.any():
        return told
    digests = [f"{_DIGEST}{hashlib.sha256(key.encode()).hexdigest()[:40]}" for key in keys.filter(unfit)]
    return told.scatter(unfit.arg_true(), digests)
