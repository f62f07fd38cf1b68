"""The tables of gradebooks: their names, and their columns by the fields that they keep."""

from typing import Any, Final

from sqlalchemy import Column, DateTime, Double, MetaData, String, Table, Text
from sqlalchemy.dialects import mssql, mysql
from sqlalchemy.types import TypeEngine

from matricula.roster.gradebook import REFERENCES

TABLES: Final = {
    "categories": "grade-category",
    "line_items": "line-item",
    "results": "result",
    "finals": "final-grade",
}
"""The kinds of records by the tables that they stand in."""

COLUMNS: Final = {
    "grade-category": {
        "key": "sourced_id",
        "class": "class_sourced_id",
        "title": "title",
        "weight": "weight",
    },
    "line-item": {
        "key": "sourced_id",
        "class": "class_sourced_id",
        "category": "category_sourced_id",
        "session": "session_sourced_id",
        "title": "title",
        "description": "description",
        "assigned": "assign_date",
        "due": "due_date",
        "minimum": "result_value_min",
        "maximum": "result_value_max",
    },
    "result": {
        "key": "sourced_id",
        "item": "line_item_sourced_id",
        "class": "class_sourced_id",
        "student": "student_sourced_id",
        "status": "score_status",
        "score": "score",
        "text": "text_score",
        "comment": "comment",
        "scored": "score_date",
    },
    "final-grade": {
        "key": "sourced_id",
        "class": "class_sourced_id",
        "student": "student_sourced_id",
        "session": "session_sourced_id",
        "percent": "percent",
        "letter": "letter",
        "comment": "comment",
    },
}
"""The columns of each kind's table by the fields that they keep; `key` is what names the record."""

OWN_ID: Final = "id"
"""The word in settings for a column with a number that the database gives."""

NEEDED: Final = {
    "grade-category": ("key", "class", "title"),
    "line-item": ("key", "class", "title"),
    "result": ("key", "item", "class", "student", "score"),
    "final-grade": ("key", "class", "student", "percent"),
}
"""Fields for which a table of the school's own must have a column."""

_EXACT: Final = String(255).with_variant(
    mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
)
_LONG: Final = Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb").with_variant(mssql.NVARCHAR(None), "mssql")
_MOMENT: Final = (
    DateTime()
    .with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")
    .with_variant(mssql.DATETIME2(precision=3), "mssql")  # type: ignore[no-untyped-call]
)
_NUMBERS: Final = ("weight", "minimum", "maximum", "score", "percent")
_LONGS: Final = ("title", "description", "comment")
_MOMENTS: Final = ("assigned", "due", "scored")


def _type_of(field: str) -> TypeEngine[Any]:
    if field in _NUMBERS:
        return Double()
    if field in _LONGS:
        return _LONG
    return _MOMENT if field in _MOMENTS else _EXACT


def table_of(kind: str, name: str) -> Table:
    """The table that Matricula makes for a kind of record.

    Args:
        kind: one of `roster.gradebook.KINDS`.
        name: of the table.
    """
    indexed = {"class", REFERENCES[kind][0]} if kind in REFERENCES else {"class"}
    columns = []
    for field, column in COLUMNS[kind].items():
        blank = field not in NEEDED[kind] or field in _NUMBERS
        columns.append(
            Column(column, _type_of(field), primary_key=field == "key", index=field in indexed, nullable=blank)
        )
    options = {"engine": "InnoDB", "charset": "utf8mb4", "collate": "utf8mb4_bin"}
    told: dict[str, Any] = {
        f"{dialect}_{name}": value for dialect in ("mysql", "mariadb") for name, value in options.items()
    }
    return Table(name, MetaData(), *columns, **told)
