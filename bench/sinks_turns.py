"""Writes results by a sink and bare, in turns, and prints the seconds of each as JSON.

    python -m bench.sinks_turns FOLDER STUDENTS CLASSES RESULTS ROUNDS

The bare write is `polars.write_csv` of the frame that the sink is given.
"""

import json
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from matricula.roster.gradebook import KINDS
from matricula.sinks import Sink, open_sink

ITEMS = 10
"""In each class."""


def main(folder: str, students: str, classes: str, results: str, rounds: str) -> None:
    """Do it; the first turn of each is not counted."""
    package, bare = Path(folder, "package"), Path(folder, "bare.csv")
    rows = _asked(_results(int(students), int(classes), int(results)))
    turns: list[dict[str, float]] = []
    for _ in range(int(rounds) + 1):
        start = time.perf_counter()
        rows.write_csv(bare)
        half = time.perf_counter()
        shutil.rmtree(package, ignore_errors=True)
        sink = _with_items(package, int(classes))
        begun = time.perf_counter()
        told = sink.write("result", rows)
        turns.append({"bare": half - start, "sink": time.perf_counter() - begun})
        if told["state"].unique().to_list() != ["done"]:
            raise RuntimeError(f"not all results were written: {told['reason'].drop_nulls().unique().to_list()}")
    names = ("sink", "bare")
    print(json.dumps({name: [turn[name] for turn in turns[1:]] for name in names} | {"rows": rows.height}))


def _with_items(package: Path, classes: int) -> Sink:
    sink = open_sink({"type": "oneroster-csv", "path": str(package), "school": "school"})
    named = pl.DataFrame({"class": [f"class-{number}" for number in range(classes)]})
    categories = named.with_columns(key=pl.format("{}.homework", "class"), title=pl.lit("Homework"))
    sink.write("grade-category", _asked(_whole("grade-category", categories)))
    items = categories.join(pl.DataFrame({"number": range(ITEMS)}), how="cross").select(
        "class",
        key=pl.format("{}.item-{}", "class", "number"),
        category="key",
        session=pl.lit("term"),
        title=pl.format("Assignment {}", "number"),
        maximum=pl.lit(100.0),
    )
    sink.write("line-item", _asked(_whole("line-item", items)))
    return sink


def _results(students: int, classes: int, results: int) -> pl.DataFrame:
    """Results with everything that real ones have: no score here and there, comments with quotes and commas."""
    number = pl.col("number")
    item, student = number % (classes * ITEMS), number // (classes * ITEMS) % students
    no_score = number % 20 == 0
    rows = pl.DataFrame({"number": range(results)}).select(
        **{"class": pl.format("class-{}", item // ITEMS)},
        key=pl.format("result-{}", number),
        item=pl.format("class-{}.item-{}", item // ITEMS, item % ITEMS),
        student=pl.format("student-{}", student),
        status=pl.when(no_score).then(pl.lit("not submitted")).otherwise(pl.lit("fully graded")),
        score=pl.when(~no_score).then(number % 1000 / 10),
        comment=pl.when(number % 10 == 1).then(pl.lit('Well done, "really"')),
        scored=pl.lit(datetime(2026, 1, 31, tzinfo=UTC)) + pl.duration(seconds=number),
    )
    return _whole("result", rows)


def _whole(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None).alias(name) for name in KINDS[kind] if name not in rows.columns]
    return rows.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in KINDS[kind].items())


def _asked(rows: pl.DataFrame) -> pl.DataFrame:
    numbers = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    return rows.with_columns(numbers.alias("number"), pl.lit("create").alias("action"), pl.lit("{}").alias("before"))


if __name__ == "__main__":
    main(*sys.argv[1:])
