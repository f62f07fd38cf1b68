"""Settling what a run left open: calls that were sent and whose answer never came."""

from collections.abc import Callable, Sequence

import polars as pl

from matricula.applying.outcomes import carried_out, ledger_rows
from matricula.planning import ENTITIES, Change, Ground, holds, known_of, make_sure, observed, read_changes
from matricula.store import Store


def recover(store: Store, site: str, ground_of: Callable[[str], Ground]) -> int:
    """Settle every run on a site that ended without saying so.

    Args:
        store: the state.
        site: the site's name.
        ground_of: gives the ground of a profile by its name.

    Returns:
        the number of calls that had been in doubt.

    Raises:
        MoodleError: the site cannot be read; nothing is lost, the next call of this goes on.
    """
    settled = 0
    while run := store.runs.unfinished(site):
        if doubtful := store.journal.in_doubt(run.id):
            ground, changes = ground_of(run.profile), store.plans.changes(run.plan)
            for batch in doubtful:
                sent = changes.filter(pl.col("number").is_in(batch.changes))
                settle(store, ground, batch.id, batch.function, read_changes(sent))
                settled += 1
        store.runs.finish(run.id, "interrupted", summary_of(store, run.id))
    return settled


def settle(store: Store, ground: Ground, batch: int, function: str, changes: Sequence[Change]) -> list[Change]:
    """Read the site and note which changes of a batch in doubt took place.

    Args:
        store: the state.
        ground: profile, ledger and site.
        batch: the batch.
        function: the Moodle function that was called.
        changes: its changes.

    Returns:
        those that did not take place.
    """
    done = took_place(ground, changes)
    held = [change for change in changes if change.number in done]
    # The plugin may have come or gone since the call was sent.
    last = {change.number for change in held if function in ENTITIES[change.kind].last_step(change).functions}
    store.journal.settled(
        batch,
        [carried_out(change, done[change.number]) for change in held if change.number in last],
        [row for change in held if change.number in last for row in ledger_rows(change, done[change.number])],
    )
    return [change for change in changes if change.number not in done]


def took_place(ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
    """Numbers of changes that the site holds, with the Moodle ids of records made.

    Args:
        ground: profile, ledger and site.
        changes: changes of one kind.
    """
    if not changes:
        return {}
    ground.forget()
    kind = changes[0].kind
    make_sure(ENTITIES, ground, ENTITIES[kind].needs(pl.DataFrame({"key": [change.key for change in changes]})))
    makes = ENTITIES[kind].makes
    made = ENTITIES[kind].find_made(ground, [change for change in changes if change.action in makes])
    others = [change for change in changes if change.action not in makes]
    seen = observed(ENTITIES, kind, ground, [known_of(ground, change) for change in others])
    return made | {
        change.number: change.moodle_id
        for change in others
        if ground.looked.other(kind, change.key, change.moodle_id) is None and holds(change.after, seen.get(change.key))
    }


def summary_of(store: Store, run: int) -> dict[str, int]:
    """How many changes of a run ended in each state."""
    return dict(store.journal.outcomes(run)["state"].value_counts(sort=True).iter_rows())
