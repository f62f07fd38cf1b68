"""OneRoster services as the contract of sinks sees them, read without the sink."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from gradebooks import items, small
from sink_benches import SinkBench, Writer

from gradebook_service import SECRET, Gradebooks, running
from matricula.sinks import SinkSurroundings, open_sink

_COLLECTION = {"grade-category": "categories", "line-item": "lineItems", "result": "results", "final-grade": "results"}


class OneRosterBench:
    """A service with an empty gradebook."""

    classes = ("alg-1", "bio-2")
    students = ("ann", "bo", "cy", "dee")
    sessions = ("t1", "t2")
    surroundings = SinkSurroundings(secret=lambda _: SECRET)

    def __init__(self, served: Gradebooks) -> None:
        self.served = served

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.served.settings()

    def clear(self) -> None:
        self.served.reset()

    def seen(self, kind: str) -> list[Mapping[str, Any]]:
        return [_SEEN[kind](record) for record in self.served.tables[_COLLECTION[kind]].values()]

    def alter(self, kind: str, sourced_id: str, **fields: Any) -> None:
        self.served.tables[_COLLECTION[kind]][sourced_id] |= fields

    def lose(self, kind: str, sourced_id: str) -> None:
        del self.served.tables[_COLLECTION[kind]][sourced_id]


_SEEN = {
    "grade-category": lambda told: {"id": told["sourcedId"], "title": told["title"], "weight": told.get("weight")},
    "line-item": lambda told: {
        "id": told["sourcedId"],
        "title": told["title"],
        "category": told["category"]["sourcedId"],
        "maximum": told.get("resultValueMax"),
    },
    "result": lambda told: {
        "id": told["sourcedId"],
        "item": told["lineItem"]["sourcedId"],
        "student": told["student"]["sourcedId"],
        "status": told["scoreStatus"],
        "score": told.get("score"),
        "text": told.get("textScore"),
        "comment": told.get("comment"),
    },
}
_SEEN["final-grade"] = _SEEN["result"]


@contextmanager
def oneroster_service_1_1(folder: Path) -> Iterator[SinkBench]:
    """1.1, signed by OAuth 1.0a."""
    del folder
    with running(Gradebooks("1.1", "oauth1")) as served:
        yield OneRosterBench(served)


@contextmanager
def oneroster_service_1_2(folder: Path) -> Iterator[SinkBench]:
    """1.2, by OAuth 2 client credentials."""
    del folder
    with running(Gradebooks("1.2")) as served:
        yield OneRosterBench(served)


@contextmanager
def sink_of(bench, secret=SECRET, **changes):
    with open_sink({**bench.settings, **changes}, SinkSurroundings(secret=lambda _: secret)) as sink:
        yield sink


def only(served: Gradebooks, collection: str):
    (record,) = served.tables[collection].values()
    return record


def numbered(rows: pl.DataFrame, action: str = "create", before: pl.Series | None = None) -> pl.DataFrame:
    numbers = pl.Series("number", range(1, rows.height + 1), pl.Int64)
    seen = pl.Series("before", ["{}"] * rows.height, pl.String) if before is None else before.alias("before")
    return rows.with_columns(numbers, pl.lit(action).alias("action"), seen)


def items_of(writer: Writer, **fields):
    """One category and one item, as they were written."""
    frames = small(writer.bench)
    rows = items("alg-1", "t1", **fields).head(1)
    return writer.fill({"grade-category": frames["grade-category"], "line-item": rows})
