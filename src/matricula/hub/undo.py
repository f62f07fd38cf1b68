"""Undoing as the hub does it: which run can be undone, and what the state knows of it."""

import json

import polars as pl

from matricula.errors import StopError, UsageError, WaitError
from matricula.hub.grades import is_transfer
from matricula.hub.home import Home
from matricula.hub.publishing import is_publication
from matricula.hub.whole import refuse_purged
from matricula.planning import Change, Draft, Ground, read_changes
from matricula.planning.losing import given
from matricula.planning.undoing import needs_earlier, plan_undo
from matricula.store import PlanRecord, Run, Store

#: In a plan's summary: the run that it undoes.
UNDO = "undo"


def is_undo(record: PlanRecord) -> bool:
    """Whether a plan takes a run back: a person has asked for it, whatever the profile's standing is."""
    return UNDO in record.summary


def run_to_undo(home: Home, number: int) -> Run:
    """The run, if it can be undone.

    Raises:
        UsageError: there is no such run, or it wrote tables.
        WaitError: it is at work.
        StopError: its profile writes to another site by now, or its plan was purged.
    """
    run = home.store.runs.get(number)
    plan = home.store.plans.get(run.plan)
    refuse_purged(plan)
    if is_publication(plan):
        raise UsageError(
            f"Run {number} wrote tables for External database plugins; such a run cannot be undone.",
            where=f"run {number}",
            remedy=f"Mend the roster or the profile and publish again: matricula publish {run.profile}",
            code="undo-publication",
        )
    live = home.store.runs.live(run.site)
    if live is not None and live.id == number:
        raise WaitError(
            f"Run {number} is at work.",
            where=f"run {number}",
            remedy="Wait until it has ended, or stop it (Ctrl-C); what it has done by then can be undone.",
            code="undo-live",
        )
    site = home.profile(run.profile).site
    if site != run.site and not is_transfer(plan):
        raise StopError(
            f"Run {number} wrote to {run.site}, and its profile {run.profile} writes to {site} by now.",
            where=f"run {number}",
            remedy="Let the profile name the old site, undo the run, and change it back.",
            code="undo-site",
        )
    return run


def drafted_undo(store: Store, ground: Ground, run: Run) -> Draft:
    """What takes a run back; everything that it left open must be settled.

    Args:
        store: the state.
        ground: profile, ledger and site.
        run: the run.
    """
    done = _done(store, run)
    earlier = store.journal.written_before(run.id) if any(map(needs_earlier, done)) else {}
    kept = {(each.person_key, each.course_key): given(each) for each in store.grades.find(run=run.id)}
    return plan_undo(
        ground, run.id, done, {record: json.loads(written or "{}") for record, written in earlier.items()}, kept
    )


def _done(store: Store, run: Run) -> list[Change]:
    """The changes that a run carried out, with the ids of what it made."""
    outcomes = store.journal.outcomes(run.id).filter(pl.col("state") == "done")
    made = outcomes.select(number="change", made="moodle_id")
    # What was done for somebody who was forgotten since is blank: it stays as it is.
    changes = store.plans.changes(run.plan).filter(pl.col("after").is_not_null())
    changes = changes.join(made, on="number", how="inner", maintain_order="left")
    return read_changes(changes.with_columns(moodle_id=pl.coalesce("made", "moodle_id")))
