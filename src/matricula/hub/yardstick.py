"""The yardstick: the last delivery of a profile that went through, by which the next one is measured.

A delivery goes through when its plan need not wait, or when a person releases the plan (decision 14).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from matricula.planning import Draft
from matricula.planning.delivered import incomplete
from matricula.planning.plan import today_in
from matricula.profiles import Profile
from matricula.roster import Roster
from matricula.roster.shape import as_known, as_told, shape_of
from matricula.store import PlanRecord, Store

_KEY = "delivery"


def measured(store: Store, profile: Profile, roster: Roster, draft: Draft) -> tuple[Draft, dict[str, Any]]:
    """A plan with what holds it because its delivery is less complete than the last one that went through.

    Args:
        store: the state.
        profile: the profile.
        roster: what its source delivered.
        draft: the plan.

    Returns:
        the plan, and what has to be remembered of the delivery until it goes through.
    """
    shape = shape_of(roster)
    last = store.deliveries.last(profile.name)
    found = incomplete(as_known(last.shape), shape, profile.limits, today_in(profile.timezone)) if last else []
    known = {hold.words for hold in draft.held}
    if "empty delivery" in known:
        found = []
    held = (*draft.held, *(hold for hold in found if hold.words not in known))
    return replace(draft, held=held), {_KEY: {"counts": roster.counts(), "shape": as_told(shape)}}


def go_through(store: Store, profile: str, kept: dict[str, Any], at: datetime) -> None:
    """Make a delivery the yardstick, unless one that was read later is.

    Args:
        store: the state.
        profile: the profile.
        kept: what was remembered of it.
        at: when it was read.
    """
    delivery = kept[_KEY]
    store.deliveries.note(profile, delivery["counts"], at, delivery["shape"])


def release(store: Store, record: PlanRecord, person: str, words: str) -> None:
    """Release a held plan; its delivery has gone through with it, but for that of a manual run."""
    with store.begin():
        store.plans.set_state(record.number or 0, "released", person, words)
        if _KEY in record.summary:
            go_through(store, record.profile, record.summary, record.created_at)


def outdate_held(store: Store, record: PlanRecord, person: str) -> None:
    """Put away what still waits of earlier deliveries: a later one went through, and its plan need not wait."""
    for older in store.plans.all(record.profile, state="held"):
        if older.site == record.site and _KEY in older.summary:
            words = f"plan {record.number}, of a later delivery, need not wait"
            store.plans.set_state(older.number or 0, "superseded", person, words)
