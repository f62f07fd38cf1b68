"""Carrying out a stored plan: kind after kind in the order of dependency, exactly what was shown."""

import threading
from dataclasses import dataclass
from functools import partial

import polars as pl

from matricula.applying.freshness import check
from matricula.applying.outcomes import carried_out, ledger_rows
from matricula.applying.progress import Progress, StopAsked
from matricula.applying.recovery import summary_of
from matricula.applying.sending import Sender
from matricula.applying.sent import Item
from matricula.moodle import lanes
from matricula.planning import ENTITIES, Change, Ground, read_changes
from matricula.planning.entity import Entity
from matricula.planning.step import Step
from matricula.store import LedgerRow, Outcome, Store


@dataclass(frozen=True)
class Applied:
    """What became of a plan.

    Args:
        run: the run.
        states: number of changes by outcome: `done`, `refused`, `stale`, `skipped`.
    """

    run: int
    states: dict[str, int]

    @property
    def left(self) -> int:
        """Changes that were not carried out."""
        return sum(number for state, number in self.states.items() if state != "done")


def apply_plan(
    store: Store, ground: Ground, run: int, changes: pl.DataFrame, progress: Progress, stop: StopAsked
) -> Applied:
    """Carry out what is still to be done of a plan.

    Args:
        store: the state, in which the run has been started.
        ground: profile, ledger and site.
        run: the run.
        changes: all changes of its plan.
        progress: told how far it is.
        stop: set when no further call is to begin.

    Returns:
        how many changes of the run ended how.

    Raises:
        MatriculaError: the run could not go on; it is marked interrupted and the same plan applied again goes on.
    """
    ended = StopAsked()
    ground.run = run
    alive = threading.Thread(target=store.runs.beat, args=(run, ended), daemon=True)
    alive.start()
    state = "interrupted"
    try:
        pending = changes.filter(pl.col("number").is_in(store.journal.pending(run)))
        progress.begin(pending.height)
        work = _Work(store, ground, run, progress, Sender(store, ground, run, progress, stop))
        for kind, entity in ENTITIES.items():
            work.kind(entity, read_changes(pending.filter(pl.col("kind") == kind)))
        state = "done"
    finally:
        ended.set()
        alive.join()
        _note_problems(store, ground.profile.name, run, changes)
        store.runs.finish(run, state, summary_of(store, run))
    return Applied(run, summary_of(store, run))


class _Work:
    """The pending changes of one run, worked through kind by kind."""

    def __init__(self, store: Store, ground: Ground, run: int, progress: Progress, sender: Sender) -> None:
        self._store = store
        self._ground = ground
        self._run = run
        self._progress = progress
        self._sender = sender

    def kind(self, entity: Entity, changes: list[Change]) -> None:
        if not changes:
            return
        self._ground.forget()
        self._progress.step(f"looking at {entity.kind} records once more")
        checked = self._sender.waiting.patiently(lambda: check(self._ground, entity.kind, changes))
        self._record(
            [*checked.stale, *map(carried_out, checked.there)],
            [row for change in checked.there for row in ledger_rows(change, change.moodle_id)],
        )
        left = checked.todo
        for step in entity.steps:
            served = [change for change in left if entity.serves(step, change)]
            for level in _levels(entity, served):
                self._progress.step(step.name)
                failed = self._send(entity, step, level)
                left = [change for change in left if change.number not in failed]

    def _send(self, entity: Entity, step: Step, changes: list[Change]) -> set[int]:
        """Send the changes of one step; returns the numbers of changes of the run that were not carried out."""
        self._ground.forget()
        items, skipped = self._sender.waiting.patiently(lambda: self._rows(entity, step, changes))
        self._record(skipped, [])
        self._in_lanes(entity, step, items)
        return self._store.journal.failed(self._run)

    def _rows(self, entity: Entity, step: Step, changes: list[Change]) -> tuple[list[Item], list[Outcome]]:
        """The rows to send; for some kinds the site is looked at."""
        refers = [(change, entity.references(change)) for change in changes]
        wanted: dict[str, set[str]] = {}
        for _, references in refers:
            for kind, key in references.items():
                wanted.setdefault(kind, set()).add(key)
        ids = {kind: self._ground.ids(kind, keys) for kind, keys in wanted.items()}
        items, skipped = [], []
        for change, references in refers:
            try:
                items.append(Item(change, entity.row(self._ground, change, step, ids)))
            except KeyError:
                missing = next((kind for kind, key in references.items() if key not in ids[kind]), "course")
                skipped.append(Outcome(change.number, "skipped", None, self._why(missing, references.get(missing))))
        return items, skipped

    def _why(self, kind: str, key: str | None) -> str:
        """Why a change was skipped that needs a record which has no id."""
        looked = self._ground.looked
        if key in {each for each, _ in looked.others.get(kind, ())}:
            return f"Its {kind} is another record by now. Plan again."
        if key in {each for each, _ in looked.gone.get(kind, ())}:
            return f"Its {kind} is no longer on the site. Plan again."
        return f"Its {kind} could not be made."

    def _in_lanes(self, entity: Entity, step: Step, items: list[Item]) -> None:
        moodle = self._ground.moodle
        of_row = {id(item.row): item for item in items}
        count = 1 if step.alone else max(1, min(moodle.callers, -(-len(items) // step.most)))
        divided = lanes([item.row for item in items], user=entity.user_of, count=count)
        moodle.in_parallel(
            [
                partial(self._sender.send, step, number, [of_row[id(row)] for row in lane])
                for number, lane in enumerate(divided)
            ]
        )
        self._sender.end_step()

    def _record(self, outcomes: list[Outcome], rows: list[LedgerRow]) -> None:
        if outcomes:
            self._store.journal.record(self._run, outcomes, rows)
            self._progress.done(len(outcomes))


def _levels(entity: Entity, changes: list[Change]) -> list[list[Change]]:
    """Changes in the order in which they may be sent: those that others of their kind refer to come first."""
    if not entity.nested:
        return [changes] if changes else []
    levels = []
    left = changes
    while left:
        waiting = {change.key for change in left}
        ready = [change for change in left if entity.references(change).get(entity.kind) not in waiting]
        levels.append(ready or left)
        done = {change.number for change in levels[-1]}
        left = [change for change in left if change.number not in done]
    return levels


def _note_problems(store: Store, profile: str, run: int, changes: pl.DataFrame) -> None:
    """Keep refused records as open problems, and close those that went through."""
    outcomes = store.journal.outcomes(run).rename({"change": "number", "reason": "why", "moodle_id": "id"})
    ended = changes.select("number", "kind", "key", "name").join(outcomes, on="number", how="inner")
    known = store.problems.all(profile)
    with store.begin():
        for row in ended.filter(pl.col("state").is_in(["refused", "skipped"])).iter_rows(named=True):
            store.problems.open(profile, row["kind"], row["key"], row["name"], row["why"], run)
        for kind in {problem.kind for problem in known}:
            open_keys = pl.Series([problem.key for problem in known if problem.kind == kind], dtype=pl.String)
            done = ended.filter((pl.col("state") == "done") & (pl.col("kind") == kind))
            store.problems.close(profile, kind, done.filter(pl.col("key").is_in(open_keys.implode()))["key"])
