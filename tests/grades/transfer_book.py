"""Small gradebooks by hand, what was sent of them, and the difference."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from matricula.grades.difference import Difference, Kept, differ
from matricula.grades.sent import with_id
from matricula.grades.settling import records_of
from matricula.grades.wanted import GONE, NAMES, Wanted
from matricula.planning.change import SCHEMA
from matricula.roster.gradebook import KINDS, Gradebook
from matricula.sinks import Abilities
from matricula.store import LEDGER_SCHEMA
from matricula.store.conflicts import DECISIONS_SCHEMA

SINK = "sis"
ABLE = Abilities(kinds=frozenset(KINDS))

CATEGORY: dict[str, Any] = {"key": "c1", "class": "7a", "title": "Homework", "weight": 40.0}
ITEM: dict[str, Any] = {
    "key": "i1",
    "class": "7a",
    "category": "c1",
    "session": "T1",
    "title": "Essay",
    "minimum": 0.0,
    "maximum": 100.0,
}


def result(student: str, score: float | None, item: str = "i1", **more: Any) -> dict[str, Any]:
    """A result of a student in an item."""
    status = "not submitted" if score is None else "fully graded"
    row = {"key": f"{item}\t{student}", "item": item, "class": "7a", "student": student, "score": score}
    return row | {"status": status} | more


def final(student: str, percent: float, **more: Any) -> dict[str, Any]:
    """A final grade of a student."""
    return {"key": f"f7a\t{student}", "class": "7a", "student": student, "session": "T1", "percent": percent} | more


def book(
    categories: list[dict[str, Any]], items: list[dict[str, Any]], results: list[dict[str, Any]], finals: Any = ()
) -> Gradebook:
    """A gradebook of rows that have some of the columns."""
    rows = dict(zip(KINDS, (categories, items, results, list(finals)), strict=True))
    return Gradebook({kind: _frame(kind, rows[kind]) for kind in KINDS})


def _frame(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in KINDS[kind]} for row in rows], schema=KINDS[kind])


@dataclass
class School:
    """A gradebook as it should be, what stands, and what was sent."""

    wanted: Gradebook
    standing: Gradebook = field(default_factory=Gradebook)
    ledger: dict[str, pl.DataFrame] = field(
        default_factory=lambda: {kind: pl.DataFrame(schema=LEDGER_SCHEMA) for kind in KINDS}
    )
    decisions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DECISIONS_SCHEMA))
    gone: list[tuple[str, str]] = field(default_factory=list)
    adopted: list[tuple[str, str]] = field(default_factory=list)

    def differ(self, *, removes: bool = False, able: Abilities = ABLE, readable: bool = True) -> Difference:
        """The difference."""
        return differ(self.gradebook(), self.standing if readable else None, self.kept(), able, removes=removes)

    def gradebook(self) -> Wanted:
        """What should stand, and what is gone."""
        return Wanted(self.wanted, NAMES.to_frame(), pl.DataFrame(self.gone, schema=GONE, orient="row"))

    def kept(self) -> Kept:
        """What is known of the transfers before."""
        people = pl.DataFrame({"student": ["ann", "ben"], "person": ["Ann Lee", "Ben Low"]})
        adopted = pl.DataFrame(self.adopted, schema={"key": pl.String, "id": pl.String}, orient="row")
        return Kept(SINK, self.ledger, self.decisions, people, adopted)

    def write(self, difference: Difference) -> None:
        """Carry changes out as a sink does that keeps our keys, and remember them."""
        for kind in KINDS:
            changes = difference.changes.filter(pl.col("kind") == kind)
            for row in changes.iter_rows(named=True):
                self._write(kind, row)

    def _write(self, kind: str, row: dict[str, Any]) -> None:
        frames = self.standing.frames
        found = f"x-{row['key']}" if row["action"] == "create" else None
        written = with_id(row["written"], found)
        ident = pl.Series([written]).str.json_path_match("$.id")[0]
        if row["action"] in ("create", "update", "remove"):
            frames[kind] = frames[kind].filter(pl.col("id") != ident)
        if row["action"] in ("create", "update"):
            change = pl.DataFrame([row | {"number": 1}], schema=SCHEMA, infer_schema_length=None)
            fields = records_of(kind, change).with_columns(id=pl.lit(ident))
            frames[kind] = pl.concat([frames[kind], fields.select(*KINDS[kind])])
        entry = {
            "key": row["key"],
            "moodle_id": None,
            "origin": row["origin"],
            "written": written,
            "removed": row["after"] == '{"gone":true}',
            "run": 1,
        }
        kept = self.ledger[kind].filter(pl.col("key") != row["key"])
        self.ledger[kind] = pl.concat([kept, pl.DataFrame([entry], schema=LEDGER_SCHEMA)])


def acts(difference: Difference) -> list[tuple[str, str, str]]:
    """Kind, action and key of each change."""
    return difference.changes.sort("kind", "key").select("kind", "action", "key").rows()
