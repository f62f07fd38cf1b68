"""What the rules for people, courses and enrolments share: their result, and how they report rows."""

from dataclasses import dataclass

import polars as pl

from matricula.profiles.rules import RULES
from matricula.roster import Finding

#: More warnings of one kind than this are told as one with a count, so that a report stays readable.
MANY = 20


@dataclass(frozen=True)
class Part:
    """The desired records of one kind.

    Args:
        frame: one row a record with `key`, `name`, `fields` (canonical JSON text), `line` and columns of its kind.
            A field that is null is not known: it is left as it is on a record that is there.
        findings: rows that could not be taken as they are.
        held: keys of records left out for an error. They are not absent: nothing may be removed on their account.
    """

    frame: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    held: frozenset[str] = frozenset()


def report(rows: pl.DataFrame, code: str) -> list[Finding]:
    """Findings for rows that a rule caught.

    Args:
        rows: the rows, with `sourcedId`, `line`, `value` (what came) and `label` (the record's name).
        code: the rule, one of `RULES`; `{label}` and `{value}` in its message are filled in.
    """
    rule, count = RULES[code], 1
    if rule.severity == "warning" and rows.height > MANY:
        count, rows = rows.height, rows.sort("sourcedId").head(1)
    return [
        rule.finding(
            sourced_id=row["sourcedId"],
            line=row["line"],
            value=row["value"] or "",
            count=count,
            told={"label": row["label"]},
        )
        for row in rows.select("sourcedId", "line", "value", "label").iter_rows(named=True)
    ]


def as_json(*fields: str | pl.Expr) -> pl.Expr:
    """Columns packed as one JSON text, by which the ledger remembers a record and equality is judged."""
    return pl.struct(*fields).struct.json_encode().alias("fields")
