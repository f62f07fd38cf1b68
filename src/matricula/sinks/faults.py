"""What is wrong with records by themselves: what no sink, or not this one, can take."""

from collections.abc import Iterable, Iterator

import polars as pl

from matricula.roster.gradebook import KINDS, REFERENCES, STATUSES
from matricula.sinks.protocol import WRITTEN, Abilities

_NEEDED = {
    "grade-category": ("class", "title"),
    "line-item": ("class", "title"),
    "result": ("item", "class", "student", "status"),
    "final-grade": ("class", "student"),
}


Fault = tuple[pl.Expr, str]
"""What is true of a row with this fault, and what is wrong in a sentence."""


def faults_of(kind: str, abilities: Abilities) -> Iterator[Fault]:
    """What can be wrong with records.

    Args:
        kind: one of `roster.gradebook.KINDS`.
        abilities: what the sink can take.
    """
    for name in _NEEDED[kind]:
        yield pl.col(name).is_null() | (pl.col(name) == ""), f"It has no {name}."
    for name, dtype in KINDS[kind].items():
        if dtype == pl.Float64:
            yield pl.col(name).is_finite().not_(), f"Its {name} is no number."
    if kind == "line-item":
        yield pl.col("minimum") > pl.col("maximum"), "Its minimum is above its maximum."
    if kind == "result":
        yield from _result_faults(abilities)


def told(rows: pl.DataFrame, faults: Iterable[Fault]) -> pl.Series:
    """The first fault of each row, as a sentence; null where nothing is wrong.

    Args:
        rows: with the columns that the faults are about.
        faults: what can be wrong.
    """
    known = list(faults)
    wrong = rows.select(pl.any_horizontal(each for each, _ in known).fill_null(value=False)).to_series()
    # Hardly ever is anything wrong, and sentences for a million rows take longer than to write them.
    if not wrong.any():
        return pl.Series("fault", [None], pl.String).new_from_index(0, rows.height)
    return rows.select(pl.coalesce(pl.when(each).then(pl.lit(sentence)) for each, sentence in known)).to_series()


def _result_faults(abilities: Abilities) -> Iterator[Fault]:
    graded = pl.any_horizontal(pl.col("score", "text").is_not_null())
    without = pl.col("status").is_in(("exempt", "not submitted"))
    yield pl.col("status").is_in(STATUSES).not_(), "OneRoster has no such status of a score."
    yield without & graded, "It says that there is no score, and has one."
    yield (pl.col("status") == "fully graded") & ~graded, "It says that it is graded, and has no score."
    if not abilities.exempt:
        yield pl.col("status") == "exempt", "Nobody can be excused from an item here."
    if not abilities.letters:
        yield (
            pl.col("score").is_null() & pl.col("text").is_not_null(),
            "It has a letter alone, and letters have no place.",
        )


def orphans(kind: str, parents: pl.DataFrame | None) -> Iterator[Fault]:
    """That a record refers, by an id of the sink, to one that is not there.

    Args:
        kind: one of `roster.gradebook.KINDS`.
        parents: the records that there are to refer to, with their `id`; None where the kind refers to none.
    """
    if kind in REFERENCES and parents is not None:
        pointer = pl.col(REFERENCES[kind][0])
        yield pointer.is_not_null() & ~pointer.is_in(parents["id"].implode()), "What it belongs to is not there."


def refused(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    """The answer to rows of which none can be taken.

    Args:
        rows: as `Sink.write` gets them.
        reason: why, in a sentence.
    """
    state = pl.lit("refused").alias("state")
    return rows.select("number", state, "id", pl.lit(reason).alias("reason")).cast(dict(WRITTEN))  # type: ignore[arg-type]
