"""Sending batches: journaled before and after, divided down to guilty rows, settled where no answer came."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from matricula.applying.keeping import keep_grades
from matricula.applying.outcomes import carried_out, ledger_rows, refused
from matricula.applying.progress import Progress, StopAsked
from matricula.applying.reasons import reason_for
from matricula.applying.recovery import settle, took_place
from matricula.errors import StopError, WaitError
from matricula.moodle import Busy, InDoubt, Refused
from matricula.planning import ENTITIES, Change, Ground
from matricula.planning.entity import Row, Step
from matricula.store import LedgerRow, Outcome, Store

#: After so many calls in a row that never answered, a batch is divided: one row may be what the site dies of.
PATIENCE_WITH_SILENCE = 3
FIRST_PAUSE = 0.5
_CODE = re.compile(r"[A-Za-z0-9_/-]{1,60}")
LONGEST_PAUSE = 20.0


class Item(NamedTuple):
    """A change with the row to send for it."""

    change: Change
    row: Row


class Sender:
    """Sends the batches of one run.

    Args:
        store: the state.
        ground: profile, ledger and site.
        run: the run.
        progress: told what gets done.
        stop: set when no further call is to begin.
    """

    def __init__(self, store: Store, ground: Ground, run: int, progress: Progress, stop: StopAsked) -> None:
        self._store = store
        self._ground = ground
        self._run = run
        self._progress = progress
        self._stop = stop

    def send(self, step: Step, lane: int, items: Sequence[Item]) -> None:
        """Send one batch until each of its changes has an outcome.

        Args:
            step: the kind of call.
            lane: which of the parallel callers sends it.
            items: changes of one kind with their rows.

        Raises:
            WaitError: the site could not serve for as long as the site document's patience, or a stop was asked.
            SettingError: the token or its service is no longer as it was.
            StopError: the site failed, or the run lost its lock.
        """
        waiting = list(items)
        silences, waited, pause = 0, 0.0, FIRST_PAUSE
        while waiting:
            if self._stop.is_set():
                raise WaitError("The run was asked to stop and did so between two calls.", code="stopped")
            waiting = self._with_grades_kept(waiting)
            if not waiting:
                return
            batch = self._prepare(step, lane, waiting)
            try:
                self._once(step, batch, waiting)
            except Refused as error:
                self._store.journal.refused(batch, _noted(error))
                self._divide(step, lane, waiting, error)
            except Busy as error:
                self._store.journal.refused(batch, _noted(error))
                pause, waited = self._wait(error, pause, waited)
                continue
            except InDoubt as error:
                silences += 1
                waiting = self._settle(step, batch, waiting)
                if waiting and silences >= PATIENCE_WITH_SILENCE:
                    self._divide(step, lane, waiting, error)
                    return
                continue
            return

    def _with_grades_kept(self, items: Sequence[Item]) -> list[Item]:
        """What may be sent: all but those that would destroy grades which cannot be read."""
        pause, waited = FIRST_PAUSE, 0.0
        while True:
            try:
                left = keep_grades(self._store, self._ground, self._run, [item.change for item in items])
            except Busy as error:
                pause, waited = self._wait(error, pause, waited)
            else:
                break
        if left:
            self._store.journal.record(self._run, left)
            self._progress.done(len(left))
        numbers = {outcome.change for outcome in left}
        return [item for item in items if item.change.number not in numbers]

    def _prepare(self, step: Step, lane: int, items: Sequence[Item]) -> int:
        numbers = [item.change.number for item in items]
        return self._store.journal.prepare(self._run, step.name, step.function, lane, numbers)

    def _once(self, step: Step, batch: int, items: Sequence[Item]) -> None:
        entity = ENTITIES[items[0].change.kind]
        results = entity.send(self._ground.moodle, step, [item.row for item in items])
        outcomes: list[Outcome] = []
        rows: list[LedgerRow] = []
        later = entity.steps[entity.steps.index(step) + 1 :]
        for item, result in zip(items, results, strict=True):
            change = item.change
            if result.refused:
                outcomes.append(refused(change, reason_for(self._ground, change, result.refused)))
            elif not any(entity.serves(each, change) for each in later):
                outcomes.append(carried_out(change, result.moodle_id))
                rows.extend(ledger_rows(change, result.moodle_id))
        self._store.journal.answered(batch, outcomes, rows)
        self._progress.done(len(outcomes))

    def _divide(self, step: Step, lane: int, items: Sequence[Item], error: Refused | InDoubt) -> None:
        """Send the halves of a batch that was refused, until the guilty rows stand alone."""
        if len(items) > 1:
            half = len(items) // 2
            self.send(step, lane, items[:half])
            self.send(step, lane, items[half:])
            return
        change = items[0].change
        # A run that was killed may have sent it in a call that the site finished only after the call was settled.
        done = took_place(self._ground, [change])
        if change.number not in done:
            told = reason_for(self._ground, change, error.what, error.errorcode)
            self._store.journal.record(self._run, [refused(change, told)])
        elif step is ENTITIES[change.kind].last_step(change):
            number = done[change.number]
            self._store.journal.record(self._run, [carried_out(change, number)], ledger_rows(change, number))
        else:
            return
        self._progress.done(1)

    def _settle(self, step: Step, batch: int, items: Sequence[Item]) -> list[Item]:
        """Find out what an unanswered call did, however long the site takes to be readable again."""
        pause, waited = FIRST_PAUSE, 0.0
        while True:
            try:
                left = settle(self._store, self._ground, batch, step.function, [item.change for item in items])
            except Busy as error:
                pause, waited = self._wait(error, pause, waited)
            else:
                self._progress.done(len(items) - len(left))
                numbers = {change.number for change in left}
                return [item for item in items if item.change.number in numbers]

    def _wait(self, error: Busy, pause: float, waited: float) -> tuple[float, float]:
        pause = min(max(pause, error.pause or 0), LONGEST_PAUSE)
        self._progress.step("waiting for the site")
        if waited + pause > self._ground.site.patience or self._stop.wait(pause):
            raise error
        return pause * 2, waited + pause


def _noted(error: Refused | Busy) -> str:
    """What the journal keeps of a refusal: codes alone, since the site's own words can quote names."""
    said = error.errorcode if _CODE.fullmatch(error.errorcode) else ""
    return f"{error.code} {said}".strip()


def heartbeat(store: Store, run: int, ended: StopAsked, every: float = 20.0) -> None:
    """Show that a run lives until it has ended; meant for a thread of its own.

    Args:
        store: the state.
        run: the run.
        ended: set when it has.
        every: seconds between two signs of life.
    """
    while not ended.wait(every):
        try:
            store.runs.heartbeat(run)
        except (StopError, WaitError):
            return
