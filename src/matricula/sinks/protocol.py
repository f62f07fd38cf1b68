"""What is asked of a sink, and what a sink may ask for."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Protocol, Self

import polars as pl

from matricula.errors import SettingError
from matricula.roster.gradebook import KINDS, STATUSES, Gradebook
from matricula.sinks.settings import SinkDocument

WRITES: Final = pl.Schema({"number": pl.Int64, "action": pl.String, "before": pl.String})
"""Columns of rows to be written beside those of their kind (`roster.gradebook.KINDS`): the number of the change,
`create`, `update` or `remove`, and what the record was seen to hold as JSON (`{}` for a new one), which is the
`roster.gradebook.fields_text` of what `read` gave of it."""

WRITTEN: Final = pl.Schema({"number": pl.Int64, "state": pl.String, "id": pl.String, "reason": pl.String})
"""Columns of what came of rows: `done`, `refused` or `stale`; the record's id; why, for all but `done`."""


def _no_secret(name: str) -> str:
    raise SettingError(
        f"No {name} is known.",
        where="sink",
        remedy="Enter it with `matricula grades secret`.",
        code="secret-missing",
    )


@dataclass(frozen=True)
class SinkSurroundings:
    """What a sink may ask for.

    Args:
        secret: gives a secret of this sink by the name its settings have for it, such as `password`; raises
            SettingError where none is known.
        say: told in a few words what is being done.
        names: gives the names of records by their sourcedIds, for sinks that people read: of each `class` its title, of
            each `student` the name, of each `session` its title; those it does not know are left out.
    """

    secret: Callable[[str], str] = _no_secret
    say: Callable[[str], None] = lambda _: None
    names: Callable[[str, Collection[str]], Mapping[str, str]] = lambda _kind, _sourced_ids: {}


@dataclass(frozen=True)
class Abilities:
    """What a kind of sink can take.

    Args:
        kinds: kinds of records, of `roster.gradebook.KINDS`.
        weights: whether categories have weights.
        letters: whether results have a letter beside or in the place of points.
        comments: whether results have a comment.
        exempt: whether a student can be excused from an item.
        removes: whether records can be taken away again.
        readable: whether it can tell what it holds; else only what was written before is known.
        at_once: so many rows in one call of `write` at most; 0 where all of a kind are written together.
        statuses: those of results that it tells apart; others become `fully graded` or `not submitted`.
        without: fields that it has no place for, such as `line-item.description`.
        lengths: how many characters a field takes, such as 50 of `line-item.title`; what is longer is cut.
        decimals: places after the point that scores and percentages keep; None for all.
        days: whether moments lose the time of the day.
    """

    kinds: frozenset[str]
    weights: bool = True
    letters: bool = True
    comments: bool = True
    exempt: bool = True
    removes: bool = True
    readable: bool = True
    at_once: int = 200
    statuses: frozenset[str] = frozenset(STATUSES)
    without: frozenset[str] = frozenset()
    lengths: Mapping[str, int] = field(default_factory=dict)
    decimals: int | None = None
    days: bool = False

    def held(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Records as they are read back after they were written; what should stand is compared in this form.

        Args:
            kind: one of `roster.gradebook.KINDS`.
            rows: records of that kind.

        Returns:
            them with what the sink keeps, without those that it cannot take: an excuse or a letter alone, where it has
            no place for such.
        """
        if kind == "result":
            rows = self._held_results(rows)
        lost = {name.partition(".")[2] for name in self._lost() if name.startswith(f"{kind}.")}
        return rows.with_columns(
            (pl.lit(None, dtype) if name in lost else self._kept(kind, name, dtype)).alias(name)
            for name, dtype in KINDS[kind].items()
        )

    def _lost(self) -> frozenset[str]:
        lost = set(self.without)
        lost |= set() if self.weights else {"grade-category.weight"}
        lost |= set() if self.letters else {"result.text"}
        return frozenset(lost | (set() if self.comments else {"result.comment"}))

    def _kept(self, kind: str, name: str, dtype: pl.DataType) -> pl.Expr:
        kept = pl.col(name)
        if (length := self.lengths.get(f"{kind}.{name}")) is not None:
            kept = kept.str.head(length).str.strip_chars_end()
        if self.days and isinstance(dtype, pl.Datetime):
            kept = kept.dt.truncate("1d")
        if self.decimals is not None and dtype == pl.Float64:
            kept = kept.round(self.decimals)
        return kept

    def _held_results(self, rows: pl.DataFrame) -> pl.DataFrame:
        if not self.exempt:
            rows = rows.filter(pl.col("status") != "exempt")
        if not self.letters:
            rows = rows.filter(pl.col("score").is_not_null() | pl.col("text").is_null())
        graded = pl.any_horizontal(pl.col("score", "text").is_not_null())
        plain = pl.when(graded).then(pl.lit("fully graded")).otherwise(pl.lit("not submitted"))
        told = [status for status in self.statuses if status != "exempt" or self.exempt]
        return rows.with_columns(pl.when(pl.col("status").is_in(told)).then("status").otherwise(plain).alias("status"))


class Sink(Protocol):
    """Where grades go.

    A sink is made of its settings (of the model `Settings`) and its surroundings, and touches nothing before it is
    asked to read or write. Use it as a context manager: connections end with it.
    """

    Settings: ClassVar[type[SinkDocument]]

    @property
    def settings(self) -> Any:
        """The settings it was made of."""
        ...

    @property
    def abilities(self) -> Abilities:
        """What it can take."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def read(self, classes: Collection[str]) -> Gradebook:
        """What stands in the gradebooks of classes now.

        Args:
            classes: sourcedIds of classes; those that are unknown are simply absent.

        Returns:
            every record of those classes, whoever made it. `key` is ours where we wrote the record and the sink keeps
            it, else the `id`; `category` and `item` are these keys.

        Raises:
            SettingError: address, password or the like is wrong.
            WaitError: the school's system is out of reach or busy.
            StopError: what came cannot be used.
        """
        ...

    def write(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Write records of one kind, each on its own: a bad row never refuses the others.

        A record that is no longer as `before` says is left and told as `stale`, and so is a new result or final grade
        where there is one already. Writing a row twice does what writing it once does: a record that is as the row
        wants it is `done`. What the sink cannot take is `refused`, and never written as something else.

        Args:
            kind: one of `roster.gradebook.KINDS`.
            rows: columns of that kind and of `WRITES`, as `Abilities.held` gives them. References (`category`, `item`)
                are ids of this sink; in `before` they are as `read` gave them. A new record has a `key` and no `id`.

        Returns:
            one row for each, in the columns of `WRITTEN`.

        Raises:
            SettingError: address, password or the like is wrong; nothing was written.
            WaitError: the school's system is out of reach or busy; what was written is found by reading.
            StopError: what came cannot be used.
        """
        ...
