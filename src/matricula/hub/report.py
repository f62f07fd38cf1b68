"""What is told of plans: as they were stored, and what became of their changes."""

import polars as pl

from matricula.hub.storing import Planned
from matricula.store import OUTCOMES_SCHEMA, Run, Store


def stored_plan(store: Store, number: int) -> Planned:
    """A plan as it was stored.

    Raises:
        UsageError: there is no such plan.
    """
    return Planned(store.plans.get(number), store.plans.changes(number), tuple(store.plans.findings(number)))


def runs_of(store: Store, number: int) -> list[Run]:
    """The runs that carried a plan out, oldest first; more than one where the first ones were cut off."""
    return store.runs.all(plan=number)[::-1]


def outcomes_of(store: Store, number: int) -> pl.DataFrame:
    """What became of a plan's changes, over all its runs.

    Returns:
        A frame with the columns of `OUTCOMES_SCHEMA` and `run`; changes without an outcome are not in it.
    """
    empty = pl.DataFrame(schema={**OUTCOMES_SCHEMA, "run": pl.Int64})
    parts = [store.journal.outcomes(run.id).with_columns(run=pl.lit(run.id)) for run in runs_of(store, number)]
    return pl.concat([empty, *parts], how="vertical_relaxed").sort("change")
