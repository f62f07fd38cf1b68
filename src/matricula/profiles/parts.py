"""What the rules for people, courses and enrolments share: their result, and how they report rows."""

from dataclasses import dataclass

import polars as pl

from matricula.roster import Finding

#: More warnings of one kind than this are told as one with a count, so that a report stays readable.
MANY = 20


@dataclass(frozen=True)
class Part:
    """The desired records of one kind.

    Args:
        frame: one row a record with `key`, `name`, `fields` (canonical JSON text), `line` and columns of its kind.
        findings: rows that could not be taken as they are.
        held: keys of records left out for an error. They are not absent: nothing may be removed on their account.
    """

    frame: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    held: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """One check of rows: what it is called, how it is told, and what mends it."""

    code: str
    severity: str
    column: str
    message: str
    remedy: str


def report(rows: pl.DataFrame, rule: Rule, table: str) -> list[Finding]:
    """Findings for rows that a rule caught.

    Args:
        rows: the rows, with `sourcedId`, `line`, `value` (what came) and `label` (the record's name).
        rule: the rule; `{label}` and `{value}` in its message are filled in.
        table: the roster table that the rows stand in.
    """
    count = 1
    if rule.severity == "warning" and rows.height > MANY:
        count, rows = rows.height, rows.head(1)
    return [
        Finding(
            code=rule.code,
            severity="error" if rule.severity == "error" else "warning",
            message=rule.message.format(label=row["label"], value=row["value"]),
            file=f"{table}.csv",
            line=row["line"],
            column=rule.column,
            value=str(row["value"] or "")[:80],
            remedy=rule.remedy,
            table=table,
            sourced_id=row["sourcedId"],
            count=count,
        )
        for row in rows.select("sourcedId", "line", "value", "label").iter_rows(named=True)
    ]


def as_json(*fields: str | pl.Expr) -> pl.Expr:
    """Columns packed as one JSON text, by which the ledger remembers a record and equality is judged."""
    return pl.struct(*fields).struct.json_encode().alias("fields")
