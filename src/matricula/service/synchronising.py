"""Runs and plans for just some people and courses, asked for where somebody looks at them."""

from collections.abc import Iterable, Sequence
from typing import Final

from matricula.hub.chosen import PERSON
from matricula.hub.identities import to_be_brought
from matricula.hub.problems import target_of
from matricula.service.service import Service
from matricula.store import Job, Problem

MOST: Final = 200
"""Of so many people and courses at most a run is for just those; of more it is for all."""


def synchronise(service: Service, profile: str, kind: str, key: str, *, by: str, address: str = "") -> Job:
    """Ask for a run for one person or course.

    Args:
        service: the service.
        profile: the profile.
        kind: kind of record, as in plans.
        key: the record.
        by: who asks.
        address: the network address that it is asked from.
    """
    return _ask(service, "run", profile, [target_of(kind, key)], by, address)


def try_again(service: Service, profile: str, problems: Iterable[Problem], *, by: str, address: str = "") -> Job:
    """Ask for a run that tries refused records again; for all where there are many, or where some need it.

    Args:
        service: the service.
        profile: the profile.
        problems: what was refused.
        by: who asks.
        address: the network address that it is asked from.
    """
    return _ask(service, "run", profile, [target_of(each.kind, each.key) for each in problems], by, address)


def plan_settled(service: Service, profile: str, *, by: str, address: str = "") -> Job:
    """Ask for a plan for those of whom somebody has said which account is theirs.

    Args:
        service: the service.
        profile: the profile.
        by: who asks.
        address: the network address that it is asked from.
    """
    settled = [f"{PERSON}{each.key}" for each in to_be_brought(service.store, profile)]
    return _ask(service, "plan", profile, settled, by, address)


def _ask(service: Service, kind: str, profile: str, targets: Sequence[str | None], by: str, address: str) -> Job:
    named = list(dict.fromkeys(each for each in targets if each is not None))
    only = named if None not in targets and len(named) <= MOST else []
    return service.jobs.ask(kind, profile=profile, arguments={"only": only}, by=by, address=address)
