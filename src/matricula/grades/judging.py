"""What becomes of each record of a gradebook, by the three-way rule, and the changes that follow.

Rows have each field three times: as it should be (`score`), as it was last sent (`last.score`) and as it stands
(`now.score`).
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from matricula.grades.sent import written_text
from matricula.planning.change import changes_frame
from matricula.roster.gradebook import KINDS, fields_of

GONE_TEXT: Final = '{"gone":true}'
"""Stands for a record that is not there, or should not be."""

IDENTITY: Final = {
    "grade-category": ("class",),
    "line-item": ("class",),
    "result": ("item", "class", "student"),
    "final-grade": ("class", "student", "session"),
}
#: What is sent along and makes no difference by itself.
ALONG: Final = ("scored",)
#: Of all other fields nothing is said where they are null; then it is nobody's business that something stands there.
_ALWAYS_SAID: Final = ("title", "category", "status", "score", "percent")
#: Kinds that others refer to: their ids have to be known even while they are in dispute.
_REFERRED: Final = ("grade-category", "line-item")


def judged(kind: str, rows: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Judge records.

    Args:
        kind: one of `KINDS`.
        rows: the fields three times, the flags `has.wanted`, `has.last` and `has.now`, `adopted` for items of the
            school's own, and `ends` for what is no longer in Moodle and to be taken away.
        decided: `key`, `state`, `ours_then` and `theirs_then` of what was decided.

    Returns:
        the rows with `act` (null for nothing), `conflict`, `state`, `ours`, `theirs` and `fields`, the names of those
        that differ.
    """
    compared = [name for name in fields_of(kind) if name not in IDENTITY[kind] and name not in ALONG]
    # What is said is what the ledger remembers; where nothing is said, what stands is as good as any.
    rows = rows.with_columns(pl.col(name).alias(f"said.{name}") for name in fields_of(kind))
    rows = rows.with_columns(
        pl.when("has.wanted", "has.now", pl.col(name).is_null(), pl.col(f"last.{name}").is_null())
        .then(f"now.{name}")
        .otherwise(name)
        .alias(name)
        for name in compared
        if name not in _ALWAYS_SAID
    )
    differs = {name: unlike(name, f"now.{name}") for name in compared}
    moved = {name: unlike(f"now.{name}", f"last.{name}") for name in compared}
    rows = rows.with_columns(
        differs=pl.any_horizontal(list(differs.values())),
        clash=pl.any_horizontal([differs[name] & moved[name] for name in compared]),
        moved=pl.any_horizontal(list(moved.values())),
        told=pl.any_horizontal([unlike(f"said.{name}", f"last.{name}") for name in compared]),
    )
    rows = rows.with_columns(_act_and_conflict(kind))
    some = rows["conflict"] | rows["act"].eq_missing("update")
    busy, idle = rows.filter(some), rows.filter(~some)
    busy = busy.with_columns(
        fields=pl.concat_str(
            [pl.when(differs[name]).then(pl.lit(name)) for name in compared], separator=", ", ignore_nulls=True
        ),
        ours=pl.when("ends").then(pl.lit(GONE_TEXT)).otherwise(as_json(compared, differs, "")),
        theirs=pl.when("has.now").then(as_json(compared, differs, "now.")).otherwise(pl.lit(GONE_TEXT)),
    )
    both = pl.concat([busy, idle], how="diagonal")
    return _with_decisions(both.join(decided, on="key", how="left"))


def changes_of(kind: str, rows: pl.DataFrame, sink: str) -> pl.DataFrame:
    """The changes that follow from judged rows with an act.

    Args:
        kind: one of `KINDS`.
        rows: judged rows with `name`, `person` and `course`; what is said of each field is in `said.…`.
        sink: the sink's name.

    Returns:
        the columns of `planning.change.SCHEMA`, without numbers.
    """
    act, ends = pl.col("act"), pl.col("ends")
    own = ~ends & pl.col("adopted")
    noted = ~ends & (act == "note")
    chosen = rows.with_columns(
        [
            pl.when(ends)
            .then(f"last.{name}")
            .when(own)
            .then(f"now.{name}")
            .when(~noted)
            .then(f"said.{name}")
            .alias(name)
            for name in fields_of(kind)
        ]
    ).with_columns(id=pl.when(act != "create").then(pl.coalesce("now.id", "last.id")), own=own)
    new = [name for name in fields_of(kind) if name not in IDENTITY[kind]]
    chosen = chosen.with_columns(
        kind=pl.lit(kind),
        action=act,
        before=pl.when(act.is_in(["update", "remove"])).then("now.seen").otherwise(pl.lit("{}")),
        after=pl.when(ends)
        .then(pl.lit(GONE_TEXT))
        .when(act == "create")
        .then(as_json(new, {name: pl.col(name).is_not_null() for name in new}, ""))
        .when(act == "update")
        .then("ours")
        .otherwise(pl.lit("{}")),
        origin=pl.when(act == "create").then(pl.lit("made")).otherwise(pl.coalesce("last.origin", pl.lit("matched"))),
        reason=_reason(),
        place=pl.lit(""),
        removes=ends & (act == "remove"),
    )
    parts = [
        part.with_columns(written_text(kind, part, sink, adopted=adopted))
        for adopted, part in ((True, chosen.filter("own")), (False, chosen.filter(~pl.col("own"))))
    ]
    return changes_frame(pl.concat(parts))


def _act_and_conflict(kind: str) -> list[pl.Expr]:
    wanted, last, now = pl.col("has.wanted"), pl.col("has.last"), pl.col("has.now")
    own, differs, clash = pl.col("adopted"), pl.col("differs"), pl.col("clash")
    ends = ~wanted & last & pl.col("ends")
    # A category without items is not told by every kind of sink, and making it again takes nothing away from anybody.
    both = wanted & now & ~own
    conflict = (
        (wanted & last & ~now & (kind != "grade-category"))
        | (both & ~last & differs)
        | (both & last & clash)
        | (ends & now & pl.col("moved") & _made())
    )
    act = (
        pl.when(conflict)
        .then(pl.lit("note") if kind in _REFERRED else None)
        .when(wanted & ~now)
        .then(pl.lit("create"))
        .when(wanted & own & ~last)
        .then(pl.lit("match"))
        .when(both & ~differs & (~last | pl.col("told")))
        .then(pl.lit("match"))
        .when(both & differs)
        .then(pl.lit("update"))
        .when(ends & now & _made())
        .then(pl.lit("remove"))
        .when(ends)
        .then(pl.lit("note"))
    )
    # A record in dispute that the ledger knows already needs no note.
    known = conflict & (last | ~now)
    return [conflict.alias("conflict"), pl.when(~known).then(act).alias("act"), ends.alias("ends")]


def _made() -> pl.Expr:
    """Whether the record was made by a transfer: what was there before is never taken away."""
    return (pl.col("last.origin") == "made").fill_null(value=False) & ~pl.col("adopted")


def _with_decisions(rows: pl.DataFrame) -> pl.DataFrame:
    holds = (pl.col("ours") == pl.col("ours_then")) & (pl.col("theirs") == pl.col("theirs_then"))
    rows = rows.with_columns(
        state=pl.when(pl.col("conflict") & holds.fill_null(value=False)).then("state").otherwise(pl.lit("open"))
    )
    sent = pl.col("conflict") & (pl.col("state") == "send")
    act = pl.when("ends").then(pl.lit("remove")).when("has.now").then(pl.lit("update")).otherwise(pl.lit("create"))
    return rows.with_columns(act=pl.when(sent).then(act).otherwise("act"), sent=sent)


def _reason() -> pl.Expr:
    act, sent = pl.col("act"), pl.col("sent")
    return (
        pl.when(sent)
        .then(pl.lit("somebody decided that what Moodle says stands"))
        .when(act == "create")
        .then(pl.lit("new in Moodle"))
        .when(act == "update")
        .then(pl.format("changed in Moodle: {}", "fields"))
        .when((act == "match") & pl.col("adopted"))
        .then(pl.lit("the school's own item is filled in"))
        .when(act == "match")
        .then(pl.lit("it stands there just so already"))
        .when(act == "remove")
        .then(pl.lit("no longer in Moodle"))
        .when("ends")
        .then(pl.lit("no longer in Moodle; nothing of ours stands there"))
        .otherwise(pl.lit("it stands there otherwise; which one it is is noted, and nothing is written to it"))
    )


def unlike(one: str, other: str) -> pl.Expr:
    """Whether two columns hold different values of a field; null and null are alike."""
    return _plain(one).ne_missing(_plain(other))


def _plain(name: str) -> pl.Expr:
    """A field for comparing: a number in a database may have lost its last bits."""
    return pl.col(name).round(6) if name.rpartition(".")[2] in _NUMBERS else pl.col(name)


_NUMBERS: Final = {name for schema in KINDS.values() for name, dtype in schema.items() if dtype == pl.Float64}


def as_json(names: Sequence[str], chosen: dict[str, pl.Expr], prefix: str) -> pl.Expr:
    """Those of some fields that are chosen in each row, as a JSON object."""
    parts = []
    for name in names:
        told = pl.col(f"{prefix}{name}")
        if name in _MOMENTS:
            told = told.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        text = pl.struct(told.alias(name)).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")
        parts.append(pl.when(chosen[name]).then(text))
    return pl.concat_str([pl.lit("{"), pl.concat_str(parts, separator=",", ignore_nulls=True), pl.lit("}")])


_MOMENTS: Final = {name for schema in KINDS.values() for name, each in schema.items() if isinstance(each, pl.Datetime)}
