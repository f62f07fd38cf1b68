"""Snapshots that are read before they are asked for, beside other work."""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

import polars as pl

from matricula.errors import MatriculaError
from matricula.moodle.plugin_calls import Kind
from matricula.moodle.snapshot import Snapshot, Where

AT_ONCE: Final = 2
"""Snapshots that are read at a time: more take the processor from one another, and from whoever waits for them."""
Read = Callable[[Kind, Sequence[str], Where | None], Snapshot | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A snapshot that will be wanted.

    Args:
        kind: kind of records.
        fields: the columns.
        where: which records, as in `Plugin.snapshot`.
    """

    kind: Kind
    fields: tuple[str, ...]
    where: Where | None = None


class Ahead:
    """Snapshots on their way.

    What is asked for is taken out of them where they hold all of it, so that everything is seen as it stood at one
    moment. One that could not be read tells nothing: whoever asks then asks the site.

    Args:
        read: reads a snapshot; None where there is nothing to read it by.
        asked: the snapshots that will be wanted, in the order in which they are read; the largest best comes first.
    """

    def __init__(self, read: Read, asked: Iterable[Asked]) -> None:
        wanted = list(asked)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ahead")
        self._coming: list[tuple[Asked, Future[Snapshot | None]]] = [
            (each, self._pool.submit(read, each.kind, each.fields, each.where)) for each in wanted
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def find(self, kind: Kind, fields: Sequence[str], where: Where | None) -> Snapshot | None:
        """What is asked for, waited for where it is on its way; None where it is not."""
        for asked, coming in self._coming:
            if asked.kind != kind or not _covers(asked.fields, fields):
                continue
            chosen = _chosen(asked.where, where)
            if chosen is None:
                continue
            column, values = chosen
            if column and asked.fields and column not in asked.fields:
                continue
            try:
                found = coming.result()
            except MatriculaError:
                return None
            return found and replace(found, frame=_part(found.frame, fields, column, values))
        return None


def _covers(asked: Sequence[str], fields: Sequence[str]) -> bool:
    """Whether columns are among others; none names all there are."""
    return set(fields) <= set(asked) if fields else not asked


def _chosen(asked: Where | None, where: Where | None) -> tuple[str, Collection[int]] | None:
    """The column and the numbers by which records are taken out of others; None where those are not among them.

    Texts are compared by the site's database in ways of its own.
    """
    if where is None:
        return ("", ()) if asked is None else None
    ((column, values),) = where.items()
    numbers = [value for value in values if isinstance(value, int)]
    if len(numbers) < len(values):
        return None
    if asked is None:
        return column, numbers
    there = set(asked.get(column, ()))
    if not there.issuperset(numbers):
        return None
    return (column, numbers) if len(there) > len(set(numbers)) else ("", ())


def _part(frame: pl.DataFrame, fields: Sequence[str], column: str, values: Collection[int]) -> pl.DataFrame:
    if column:
        frame = frame.filter(pl.col(column).is_in(pl.Series(list(values), dtype=pl.Int64).implode()))
    return frame.select(fields) if fields else frame
