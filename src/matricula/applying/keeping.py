"""Grades kept: read once more and stored just before a call that destroys them."""

from collections.abc import Sequence

from matricula.applying.outcomes import refused
from matricula.planning import Change, Ground
from matricula.planning.losing import destroys, losses, unreadable_words
from matricula.store import Outcome, Store


def keep_grades(store: Store, ground: Ground, run: int, changes: Sequence[Change]) -> list[Outcome]:
    """Store the grades that changes of one kind are about to destroy.

    A run that is killed after this and goes on later stores them twice; none is ever lost.

    Args:
        store: the state.
        ground: profile, ledger and site.
        run: the run.
        changes: the changes of one call.

    Returns:
        Outcomes of those whose grades could not be read: they must not be sent.

    Raises:
        MoodleError: the site cannot serve now, or does not know the token.
    """
    destroying = [change for change in changes if destroys(change)]
    if not destroying:
        return []
    lost = losses(ground, destroying)
    kept = [each for people in lost.grades.values() for each in people]
    store.grades.keep(kept, plan=store.runs.get(run).plan, profile=ground.profile.name, run=run)
    return [
        refused(change, unreadable_words(lost.unreadable[change.key]))
        for change in destroying
        if change.key in lost.unreadable
    ]
