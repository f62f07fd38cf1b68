"""The difference between what a sink's gradebook should hold and what it holds, as changes and conflicts.

A field is compared in three ways: as it should be, as it was last sent, and as it stands. What Moodle says anew is
sent. What somebody has changed in the school's system since, and is not as it should be, is a conflict: nothing is done
before a person has said which of the two stands.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from matricula.grades.judging import changes_of, judged
from matricula.grades.sent import Standing, sent_before
from matricula.grades.wanted import Wanted
from matricula.planning.change import SCHEMA
from matricula.roster.gradebook import KINDS, REFERENCES, Gradebook, fields_of, fields_text
from matricula.sinks import Abilities

CONFLICTS: Final = pl.Schema(
    {"kind": pl.String(), "key": pl.String(), "name": pl.String(), "ours": pl.String(), "theirs": pl.String()}
)
"""Columns of conflicts; `state` besides says what was decided: `open`, `send` or `keep`."""


@dataclass(frozen=True)
class Difference:
    """What a transfer would do.

    Args:
        changes: in the columns of `planning.change.SCHEMA`, not numbered yet.
        conflicts: in the columns of `CONFLICTS`, with `state`; those that were decided, too.
        sent: how many results and final grades were sent before and stand.
        fixed: how many records should be taken away that this sink does not give up.
    """

    changes: pl.DataFrame
    conflicts: pl.DataFrame
    sent: int
    fixed: int


@dataclass(frozen=True)
class Kept:
    """What the state keeps of the transfers before.

    Args:
        sink: the sink's name.
        ledger: all rows of the ledger, by kind (`store.LEDGER_SCHEMA`).
        decisions: what was decided of conflicts (`store.conflicts.DECISIONS_SCHEMA`).
        people: `student` (sourcedId) and `person` (their name).
        adopted: `key` of items of ours and `id` of the school's own ones that they are to be.
    """

    sink: str
    ledger: dict[str, pl.DataFrame]
    decisions: pl.DataFrame
    people: pl.DataFrame
    adopted: pl.DataFrame


def differ(
    wanted: Wanted, standing: Gradebook | None, kept: Kept, abilities: Abilities, *, removes: bool
) -> Difference:
    """Work out what is to be written.

    Args:
        wanted: what should stand.
        standing: what stands; None where the sink cannot tell, and what was sent is taken to stand.
        kept: what is known of the transfers before.
        abilities: what the sink can take.
        removes: whether what is no longer in Moodle is taken away.
    """
    told = Standing(standing) if standing is not None else None
    differing = _Differing(wanted, told, kept, abilities, removes=removes)
    for kind in KINDS:
        if kind in abilities.kinds:
            differing.add(kind)
    return differing.ended()


class _Differing:
    def __init__(
        self, wanted: Wanted, standing: Standing | None, kept: Kept, abilities: Abilities, *, removes: bool
    ) -> None:
        self._wanted, self._standing, self._kept, self._abilities = wanted, standing, kept, abilities
        self._removes = removes
        self._changes: list[pl.DataFrame] = []
        self._conflicts: list[pl.DataFrame] = []
        self._usable: dict[str, pl.Series] = {}
        self._titles = pl.DataFrame(schema={"item": pl.String, "title": pl.String})
        self._sent = self._fixed = 0

    def add(self, kind: str) -> None:
        rows = judged(kind, self._three_ways(kind), self._decided(kind))
        rows = self._named(kind, rows)
        if kind in ("result", "final-grade"):
            self._sent += rows.filter("has.last").height
        rows = self._without_orphans(kind, rows)
        if not self._abilities.removes:
            self._fixed += rows.filter(pl.col("act") == "remove").height
            rows = rows.filter(pl.col("act").ne_missing("remove"))
        changed = rows.filter(pl.col("act").is_not_null())
        self._changes.append(changes_of(kind, changed, self._kept.sink))
        conflicts = rows.filter(pl.col("conflict")).with_columns(kind=pl.lit(kind))
        self._conflicts.append(conflicts.select(*CONFLICTS, "state"))
        stays = pl.col("has.now") & pl.col("act").ne_missing("remove")
        new = pl.col("act").is_in(["create", "match", "note"]).fill_null(value=False) & ~pl.col("ends")
        self._usable[kind] = rows.filter(stays & pl.col("has.last") | new)["key"]

    def ended(self) -> Difference:
        changes = pl.concat([pl.DataFrame(schema=SCHEMA), *self._changes])
        conflicts = pl.concat([pl.DataFrame(schema=CONFLICTS | {"state": pl.String()}), *self._conflicts])
        return Difference(without_filled(changes, self._standing), conflicts, self._sent, self._fixed)

    def _three_ways(self, kind: str) -> pl.DataFrame:
        """Each record as it should be (`field`), as it was last sent (`last.…`) and as it stands (`now.…`)."""
        fields = fields_of(kind)
        wanted = self._abilities.held(kind, self._wanted.book.frames[kind])
        if kind == "line-item" and "grade-category" not in self._abilities.kinds:
            wanted = wanted.with_columns(category=pl.lit(None, pl.String))
        last = sent_before(kind, self._kept.ledger[kind], self._kept.sink)
        adopted = self._kept.adopted if kind == "line-item" else self._kept.adopted.clear()
        if self._standing is None:
            now = last.select(*KINDS[kind]).with_columns(seen=fields_text(kind, last))
        else:
            now = self._standing.of(kind, last, wanted, adopted)
        gone = self._wanted.gone.filter(pl.col("kind") == kind).select("key", gone=pl.lit(True)).unique("key")
        joined = (
            wanted.select("key", *fields, **{"has.wanted": pl.lit(True)})
            .join(_prefixed(last, "last"), on="key", how="full", coalesce=True)
            .join(_prefixed(now, "now"), on="key", how="left")
            .join(gone, on="key", how="left")
            .join(adopted.select("key", adopted=pl.lit(True)).unique("key"), on="key", how="left")
        )
        flags = ("has.wanted", "has.last", "has.now", "gone", "adopted", "last.adopted")
        return joined.with_columns(pl.col(flags).fill_null(value=False)).with_columns(
            adopted=pl.col("adopted") | pl.col("last.adopted"),
            ends=pl.col("gone") & self._removes & (kind != "grade-category"),
        )

    def _decided(self, kind: str) -> pl.DataFrame:
        decisions = self._kept.decisions.filter(pl.col("kind") == kind)
        return decisions.select("key", state="state", ours_then="ours", theirs_then="theirs")

    def _named(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """With what people call each record, its person and its course; what is gone has its name from the ledger."""
        names = self._wanted.names.filter(pl.col("kind") == kind).unique("key")
        names = names.select("key", called="name", within="item", course="in")
        rows = rows.join(names, on="key", how="left")
        person, title = pl.lit(None, pl.String), pl.col("called")
        if kind == "line-item":
            title = pl.coalesce("called", "title", "last.title")
            self._titles = rows.select(item="key", title=title)
        elif kind == "grade-category":
            title = pl.coalesce("called", "title", "last.title")
        else:
            people = self._kept.people.select(_student="student", _person="person").unique("_student")
            rows = rows.with_columns(_student=pl.coalesce("student", "last.student"))
            rows = rows.join(people, on="_student", how="left")
            person = pl.coalesce("called", "_person", "_student")
            if kind == "result":
                rows = rows.with_columns(_item=pl.coalesce("item", "last.item"))
                rows = rows.join(self._titles.select(_item="item", _title="title"), on="_item", how="left")
                within = pl.coalesce("within", "_title", pl.lit("an item"))
            else:
                within = pl.coalesce("within", pl.lit("final grade"))
            title = pl.format("{}: {}", person, within)
        return rows.with_columns(
            name=pl.coalesce(title, "key"), person=person, course=pl.coalesce("course", "class", "last.class")
        )

    def _without_orphans(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Nothing is written into what is not there and is not made by this transfer."""
        if kind not in REFERENCES or REFERENCES[kind][1] not in self._abilities.kinds:
            return rows
        name, other = REFERENCES[kind]
        usable = self._usable[other].implode()
        lost = (
            pl.col(name).is_not_null()
            & ~pl.col(name).is_in(usable)
            & pl.col("act").is_in(["create", "update", "match"]).fill_null(value=False)
        )
        in_vain = pl.col("conflict") & ~pl.col("has.now") & pl.col(name).is_not_null() & ~pl.col(name).is_in(usable)
        return rows.with_columns(
            act=pl.when(lost).then(None).otherwise("act"), conflict=pl.col("conflict") & ~in_vain.fill_null(value=False)
        )


def without_filled(changes: pl.DataFrame, standing: Standing | None) -> pl.DataFrame:
    """Changes without removals of items and categories in which something stays, whosesoever it is.

    Args:
        changes: in the columns of `planning.change.SCHEMA`.
        standing: what stands, all kinds having been asked for; None where the sink cannot tell.
    """
    for kind, (name, other) in reversed(REFERENCES.items()):
        removed = changes.filter(pl.col("action") == "remove")
        if standing is None or not removed.filter(pl.col("kind") == other).height:
            continue
        going = removed.filter(pl.col("kind") == kind).select(held=pl.col("written").str.json_path_match(f"$.{name}"))
        held = standing.holding(kind).join(going.group_by("held").agg(going=pl.len()), on="held", how="left")
        staying = held.filter(pl.col("holds") > pl.col("going").fill_null(0))["held"].implode()
        stays = (pl.col("kind") == other) & (pl.col("action") == "remove") & pl.col("key").is_in(staying)
        changes = changes.filter(~stays)
    return changes


def _prefixed(frame: pl.DataFrame, word: str) -> pl.DataFrame:
    return frame.rename({name: f"{word}.{name}" for name in frame.columns if name != "key"}).with_columns(
        pl.lit(True).alias(f"has.{word}")
    )
