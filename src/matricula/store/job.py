"""One job as its row in the table says it, and one line of its log."""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Row

JobState = Literal["waiting", "working", "done", "failed", "cancelled"]
Level = Literal["info", "warning", "error"]
ENDED: Final = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Job:
    """Work that was asked for.

    Args:
        id: counts upward over all jobs.
        kind: what is to be done, one of the service's kinds.
        site: the site concerned; empty where none is.
        profile: the profile concerned; empty where none is.
        arguments: what else was said of it.
        same: fingerprint of what is asked; it waits at most once.
        state: where it stands.
        asked_by: who asked, an account or `schedule`.
        asked_at: when.
        not_before: from when on it may begin.
        began_at: when it began last; None before.
        ended_at: when it ended; None before.
        attempts: how often it was begun.
        worker: who works on it, or did last.
        alive_at: when that was last heard of.
        stop_asked: whether it was asked to stop while at work.
        step: what is being done now, in words.
        done: how much of it is done.
        total: how much there is to do; None where that is not known.
        plan: the plan it made or carries out, from when that is known.
        run: the run it carries out, from when that has begun.
        result: what came of it.
        error: why it failed, or waits for another attempt: `code`, `what`, `where`, `remedy`; None where nothing did.
        queued: its number in the queue of PostgreSQL; None where it is in none.
    """

    id: int
    kind: str
    site: str
    profile: str
    arguments: dict[str, Any]
    same: str
    state: JobState
    asked_by: str
    asked_at: datetime
    not_before: datetime
    began_at: datetime | None
    ended_at: datetime | None
    attempts: int
    worker: str | None
    alive_at: datetime | None
    stop_asked: bool
    step: str
    done: int
    total: int | None
    plan: int | None
    run: int | None
    result: dict[str, Any]
    error: dict[str, str] | None
    queued: int | None

    @property
    def fraction(self) -> float | None:
        """Which share of it is done, from 0 to 1; None where that is not known."""
        if self.state == "done":
            return 1.0
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class JobLine:
    """One line of a job's log.

    Args:
        job: the job.
        number: counts from 1 within the job.
        at: when.
        level: `info`, `warning` or `error`.
        text: what is told.
    """

    job: int
    number: int
    at: datetime
    level: Level
    text: str


def job_of(row: Row[*tuple[Any, ...]]) -> Job:
    """A job from its row."""
    values = row._asdict()
    values["stop_asked"] = bool(values["stop_asked"])
    for name in ("arguments", "result", "error"):
        values[name] = None if values[name] is None else json.loads(values[name])
    return Job(**{each.name: values[each.name] for each in fields(Job)})
