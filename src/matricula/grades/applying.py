"""Carrying out a stored transfer: kind after kind, exactly what was shown, each call noted before and after."""

import threading
from typing import Protocol

import polars as pl

from matricula.errors import MatriculaError, SettingError, WaitError
from matricula.grades.sent import ids_of
from matricula.grades.settling import ledger_row, records_of, settle, summary_of
from matricula.roster.gradebook import KINDS, REFERENCES
from matricula.sinks import WRITES, Sink
from matricula.store import Outcome, Store

_SENT = ("create", "update", "remove")
_WORDS = {
    "grade-category": "categories",
    "line-item": "items",
    "result": "results",
    "final-grade": "final grades",
}


class Watcher(Protocol):
    """Told how far a transfer is (`applying.Progress`)."""

    def begin(self, total: int) -> None:
        """So many changes are to be carried out."""

    def step(self, name: str) -> None:
        """What is being done now."""

    def done(self, changes: int) -> None:
        """So many more changes have an outcome."""


class Transfer:
    """One transfer being carried out.

    Args:
        store: the state, in which the run has been started.
        sink: the sink, open.
        name: its name.
        profile: whose transfer it is.
        run: the run.
        watcher: told how far it is.
        stop: set when no further call is to begin.
    """

    def __init__(
        self, store: Store, sink: Sink, name: str, profile: str, run: int, watcher: Watcher, stop: threading.Event
    ) -> None:
        self._store, self._sink, self._name = store, sink, name
        self._profile, self._run, self._watcher, self._stop = profile, run, watcher, stop

    def carry_out(self, changes: pl.DataFrame) -> dict[str, int]:
        """Carry out what is still to be done.

        What others refer to is made before them, and taken away after them.

        Args:
            changes: all changes of the plan.

        Returns:
            how many changes of the run ended how.

        Raises:
            MatriculaError: it could not go on; it is marked interrupted and the same plan applied again goes on.
        """
        ended = threading.Event()
        alive = threading.Thread(target=self._store.runs.beat, args=(self._run, ended), daemon=True)
        alive.start()
        state = "interrupted"
        try:
            pending = changes.filter(pl.col("number").is_in(self._store.journal.pending(self._run)))
            self._watcher.begin(pending.height)
            removing = pl.col("action") == "remove"
            for kind in KINDS:
                self._kind(kind, pending.filter((pl.col("kind") == kind) & ~removing))
            for kind in reversed(KINDS):
                self._kind(kind, pending.filter((pl.col("kind") == kind) & removing))
            state = "done"
        finally:
            ended.set()
            alive.join()
            self._store.runs.finish(self._run, state, summary_of(self._store, self._run))
        return summary_of(self._store, self._run)

    def _kind(self, kind: str, changes: pl.DataFrame) -> None:
        if not changes.height:
            return
        self._watcher.step(f"writing {_WORDS[kind]}")
        sent = pl.col("action").is_in(_SENT)
        noted = changes.filter(~sent)
        self._record(
            [Outcome(number, "done") for number in noted["number"]],
            [ledger_row(row, None) for row in noted.iter_rows(named=True)],
        )
        rows = self._rows(kind, changes.filter(sent))
        size = self._sink.abilities.at_once or max(rows.height, 1)
        for batch in rows.iter_slices(size):
            self._send(kind, batch, changes.filter(pl.col("number").is_in(batch["number"].implode())))

    def _rows(self, kind: str, changes: pl.DataFrame) -> pl.DataFrame:
        """The rows to send, with the ids of what they refer to; those of which that is missing are noted as skipped."""
        rows = records_of(kind, changes).join(changes.select("number", "action", "before"), on="number")
        if kind in REFERENCES:
            name, other = REFERENCES[kind]
            ids = ids_of(other, self._store.ledger.frame(self._profile, other), self._name)
            rows = rows.join(ids.select(pl.col("key").alias(name), _found="id"), on=name, how="left")
            lost = pl.col(name).is_not_null() & pl.col("_found").is_null()
            told = f"Its {other.replace('-', ' ')} could not be made, or is not known any more. Plan again."
            self._record([Outcome(number, "skipped", None, told) for number in rows.filter(lost)["number"]])
            rows = rows.filter(~lost).with_columns(pl.col("_found").alias(name))
        return rows.select(*KINDS[kind], *WRITES).sort("number")

    def _send(self, kind: str, rows: pl.DataFrame, changes: pl.DataFrame) -> None:
        if self._stop.is_set():
            raise WaitError("The run was asked to stop and did so between two calls.", code="stopped")
        numbers = rows["number"].to_list()
        batch = self._store.journal.prepare(self._run, kind, f"write {kind}", 0, numbers)
        try:
            written = self._sink.write(kind, rows)
        except SettingError as error:
            self._store.journal.refused(batch, error.code)
            raise
        except MatriculaError:
            self._settle(batch, changes)
            raise
        ends = {row["number"]: row for row in written.iter_rows(named=True)}
        outcomes, entries = [], []
        for row in changes.iter_rows(named=True):
            end = ends[row["number"]]
            if end["state"] == "done":
                outcomes.append(Outcome(row["number"], "done"))
                entries.append(ledger_row(row, end["id"]))
            else:
                outcomes.append(Outcome(row["number"], end["state"], None, end["reason"] or ""))
        self._store.journal.answered(batch, outcomes, entries)
        self._watcher.done(len(outcomes))

    def _settle(self, batch: int, changes: pl.DataFrame) -> None:
        """Find out what a call did that failed, where the sink can be read again at once; else the next run does."""
        doubtful = next(each for each in self._store.journal.in_doubt(self._run) if each.id == batch)
        try:
            settle(self._store, self._profile, doubtful, changes, self._sink, self._name)
        except MatriculaError:
            return

    def _record(self, outcomes: list[Outcome], entries: list[object] | None = None) -> None:
        if outcomes:
            self._store.journal.record(self._run, outcomes, entries or ())  # type: ignore[arg-type]
            self._watcher.done(len(outcomes))
