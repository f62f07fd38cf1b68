"""Sending batches: journaled before and after, divided down to guilty rows, settled where no answer came."""

import re
import threading
import time
from collections.abc import Sequence

from matricula.applying.keeping import keep_grades
from matricula.applying.outcomes import carried_out, ledger_rows, refused
from matricula.applying.progress import Progress, StopAsked
from matricula.applying.reasons import reason_for
from matricula.applying.recovery import settle, took_place
from matricula.applying.sent import Item
from matricula.applying.verdicts import Verdicts
from matricula.applying.waiting import FIRST_PAUSE, Waiting
from matricula.errors import WaitError
from matricula.moodle import Busy, InDoubt, Refused, fitting, too_large
from matricula.planning import ENTITIES, Ground
from matricula.planning.step import Result, Step
from matricula.store import LedgerRow, Outcome, Store

#: After so many calls in a row that never answered, a batch is divided: one row may be what the site dies of.
PATIENCE_WITH_SILENCE = 3
#: A row alone is tried more often: a site that loses one call in eight must not have it taken for guilty.
PATIENCE_WITH_ONE = 6
LONGEST_REST = 4.0
#: What the plugin says of a row that went wrong for no reason it knows, perhaps a deadlock: it is sent once more.
FAILED = "failed"
_CODE = re.compile(r"[A-Za-z0-9_/-]{1,60}")


class Sender:
    """Sends the batches of one run.

    Args:
        store: the state.
        ground: profile, ledger and site.
        run: the run.
        progress: told what gets done.
        stop: set when no further call is to begin.

    Attributes:
        waiting: where the run waits while the site does not serve.
    """

    def __init__(self, store: Store, ground: Ground, run: int, progress: Progress, stop: StopAsked) -> None:
        self._store = store
        self._ground = ground
        self._run = run
        self._progress = progress
        self._stop = stop
        self._pace = ground.moodle.pace
        self._broken = threading.Event()
        self._verdicts = Verdicts()
        self._once_more: set[int] = set()
        self.waiting = Waiting(ground.moodle.see_that_it_serves, ground.site.patience, progress, stop)

    def send(self, step: Step, lane: int, items: Sequence[Item]) -> None:
        """Send changes, as many in one call as the site takes well, until each has an outcome.

        When another lane has failed, this one ends after the call under way; what it did not send stays pending.

        Args:
            step: the kind of call.
            lane: which of the parallel callers sends them.
            items: changes of one kind with their rows.

        Raises:
            WaitError: the site could not serve for as long as the site document's patience, or a stop was asked.
            SettingError: the token or its service is no longer as it was.
            StopError: the site failed, or the run lost its lock.
        """
        try:
            self._send(step, lane, list(items))
        except _AnotherFailed:
            return
        except BaseException:
            self._broken.set()
            raise

    def end_step(self) -> None:
        """Judge the rows that nothing could be compared with any more."""
        for suspect in self._verdicts.ended():
            self._judge(*suspect)

    def _send(self, step: Step, lane: int, queue: list[Item]) -> None:
        start, silences, doubted = 0, 0, False
        while start < len(queue):
            batch = queue[start : start + self._size(step, queue, start)]
            if not batch:
                self._judge(step, queue[start], too_large(queue[start].row, self._ground.moodle.form_fields))
                start += 1
                continue
            sparing = self._with_grades_kept(batch)
            queue[start : start + len(batch)] = sparing
            if not sparing:
                continue
            batch = sparing
            number, error, again = self._call(step, lane, batch)
            queue.extend(again)
            if isinstance(error, Busy):
                self.waiting.wait(error)
                continue
            if isinstance(error, InDoubt):
                left = self._settle(step, number, batch)
                silences, doubted = (silences + 1 if left else 0), True
                if silences < (PATIENCE_WITH_SILENCE if len(left) > 1 else PATIENCE_WITH_ONE):
                    queue[start : start + len(batch)] = left
                    self._rest(silences)
                    continue
                self._divide(step, lane, left, error)
            elif isinstance(error, Refused):
                # What an unanswered call did after it was looked up is refused now, as it is there already.
                left = self._not_there(step, batch) if doubted else batch
                if len(left) < len(batch):
                    queue[start : start + len(batch)] = left
                    continue
                self._divide(step, lane, batch, error)
            start, silences = start + len(batch), 0

    def _size(self, step: Step, queue: Sequence[Item], start: int) -> int:
        """How many of the waiting changes go into the next call: 0 where the first is too large for any."""
        if step.is_packed(self._ground.moodle):
            return min(len(queue) - start, self._pace.rows(step.packed, step.most_packed))
        most = self._pace.rows(step.function, step.most)
        rows = [item.row for item in queue[start : start + most]]
        # The first look at the limit asks the site.
        return fitting(rows, self.waiting.patiently(lambda: self._ground.moodle.form_fields))

    def _call(
        self, step: Step, lane: int, items: Sequence[Item]
    ) -> tuple[int, Refused | Busy | InDoubt | None, Sequence[Item]]:
        """One call, when it is its turn; the batch, how it failed, and what is to be sent once more."""
        function = step.called(self._ground.moodle)
        with self._pace.turn() as began:
            self.waiting.through()
            if self._broken.is_set():
                raise _AnotherFailed
            if self._stop.is_set():
                raise WaitError("The run was asked to stop and did so between two calls.", code="stopped")
            numbers = [item.change.number for item in items]
            batch = self._store.journal.prepare(self._run, step.name, function, lane, numbers)
            sent = time.monotonic()
            try:
                results = ENTITIES[items[0].change.kind].send(self._ground.moodle, step, [item.row for item in items])
            except (Refused, Busy) as error:
                self._store.journal.refused(batch, _noted(error))
                if isinstance(error, Busy) and error.soon:
                    self._pace.strained(began)
                return batch, error, ()
            except InDoubt as error:
                self._pace.strained(began, function)
                return batch, error, ()
            self._pace.answered(function, len(items), time.monotonic() - sent, began)
        again = self._note(step, batch, items, results)
        self.waiting.served()
        if all(result.code == FAILED for result in results):
            self._verdicts.unwritten(len(items) - len(again), self._ground.moodle.url)
            return batch, None, again
        for suspect in self._verdicts.went():
            self._judge(*suspect)
        return batch, None, again

    def _with_grades_kept(self, items: Sequence[Item]) -> list[Item]:
        """What may be sent: all but those that would destroy grades which cannot be read."""
        changes = [item.change for item in items]
        left = self.waiting.patiently(lambda: keep_grades(self._store, self._ground, self._run, changes))
        if left:
            self._store.journal.record(self._run, left)
            self._progress.done(len(left))
        numbers = {outcome.change for outcome in left}
        return [item for item in items if item.change.number not in numbers]

    def _note(self, step: Step, batch: int, items: Sequence[Item], results: Sequence[Result]) -> list[Item]:
        """Note what became of the rows of a call; those that are to be sent once more have no outcome yet."""
        entity = ENTITIES[items[0].change.kind]
        outcomes: list[Outcome] = []
        rows: list[LedgerRow] = []
        again: list[Item] = []
        later = entity.steps[entity.steps.index(step) + 1 :]
        for item, result in zip(items, results, strict=True):
            change = item.change
            if result.code == FAILED and change.number not in self._once_more:
                self._once_more.add(change.number)
                again.append(item)
            elif result.refused:
                told = reason_for(self._ground, change, result.refused, result.code)
                outcomes.append(refused(change, told))
            elif not any(entity.serves(each, change) for each in later):
                outcomes.append(carried_out(change, result.moodle_id))
                rows.extend(ledger_rows(change, result.moodle_id))
        self._store.journal.answered(batch, outcomes, rows)
        self._progress.done(len(outcomes))
        return again

    def _divide(self, step: Step, lane: int, items: list[Item], error: Refused | InDoubt) -> None:
        """Send the halves of a batch that did not go through, until the guilty rows stand alone."""
        if len(items) > 1:
            half = len(items) // 2
            self._send(step, lane, items[:half])
            self._send(step, lane, items[half:])
        elif isinstance(error, InDoubt):
            self._verdicts.silent(step, items[0], error)
        else:
            self._judge(step, items[0], error)
            self._verdicts.refused(error)

    def _judge(self, step: Step, item: Item, error: Refused | InDoubt) -> None:
        """Note that a row is refused, unless it is on the site after all."""
        # A run that was killed may have sent it in a call that the site finished only after the call was settled.
        for left in self._not_there(step, [item]):
            told = reason_for(self._ground, left.change, error.what, error.errorcode)
            self._store.journal.record(self._run, [refused(left.change, told)])
            self._progress.done(1)

    def _not_there(self, step: Step, items: Sequence[Item]) -> list[Item]:
        """Those that the site does not hold; the others are noted as carried out, if this is their last step."""
        changes = [item.change for item in items]
        there = self.waiting.patiently(lambda: took_place(self._ground, changes))
        last = ENTITIES[changes[0].kind].last_step
        done = [change for change in changes if change.number in there and step is last(change)]
        outcomes = [carried_out(change, there[change.number]) for change in done]
        rows = [row for change in done for row in ledger_rows(change, there[change.number])]
        if done:
            self._store.journal.record(self._run, outcomes, rows)
            self._progress.done(len(done))
        return [item for item in items if item.change.number not in there]

    def _settle(self, step: Step, batch: int, items: Sequence[Item]) -> list[Item]:
        """Find out what an unanswered call did, however long the site takes to be readable again."""
        changes = [item.change for item in items]
        left = self.waiting.patiently(
            lambda: settle(self._store, self._ground, batch, step.called(self._ground.moodle), changes)
        )
        self._progress.done(len(items) - len(left))
        numbers = {change.number for change in left}
        return [item for item in items if item.change.number in numbers]

    def _rest(self, silences: int) -> None:
        """Give a site that does not answer some time before it is asked the same again."""
        if silences > 1:
            self._stop.wait(min(LONGEST_REST, FIRST_PAUSE * 2**silences))


class _AnotherFailed(Exception):  # noqa: N818 - it says what happened
    """Another lane has met what ends the run."""


def _noted(error: Refused | Busy) -> str:
    """What the journal keeps of a refusal: codes alone, since the site's own words can quote names."""
    said = error.errorcode if _CODE.fullmatch(error.errorcode) else ""
    return f"{error.code} {said}".strip()
