"""A part of a plan: changes that a person chose, with those that they cannot do without, as a plan of its own.

What a change needs is what brings the records that it rests on and, where it only notes that a record goes with another
one, what takes that one away. No plan takes a name that another of its changes gives up: it waits until that is free.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from matricula.planning.change import GONE, REPLACES, Change, read_changes
from matricula.planning.emptied import emptied, stock_of
from matricula.planning.ground import Ground
from matricula.planning.limits import Hold, too_many
from matricula.planning.membership import Membership
from matricula.planning.plan import ENTITIES, live_of
from matricula.profiles.enrolment_frame import SEPARATOR

#: What brings a record that others rest on.
_BRINGING = ("create", "match", "move")
#: Reasons to hold a plan that come from its changes; the others come from its delivery, and stay.
_OF_CHANGES = ("too-many-removals", "course-emptied", "category-emptied")

Place = tuple[str, str]


@dataclass(frozen=True)
class Part:
    """A part of a plan's changes.

    Args:
        changes: the changes, numbered anew from 1.
        chosen: how many of them were chosen.
        needed: how many of them are there because the chosen ones need them.
    """

    changes: pl.DataFrame
    chosen: int
    needed: int


def parted(changes: pl.DataFrame, numbers: Collection[int]) -> Part:
    """A part of a plan.

    Args:
        changes: all changes of the plan.
        numbers: the numbers of those that are chosen; others that are not in the plan do not matter.
    """
    whole = {change.number: change for change in read_changes(changes)}
    chosen = whole.keys() & set(numbers)
    wanted, fresh = set(chosen), set(chosen)
    needs = _Needs(whole.values())
    while fresh:
        fresh = {number for each in fresh for number in needs.of(whole[each])} - wanted
        wanted |= fresh
    part = changes.filter(pl.col("number").is_in(sorted(wanted))).sort("number")
    numbered = part.with_columns(number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)).select(changes.columns)
    return Part(numbered, len(chosen), len(wanted) - len(chosen))


def holds_of_part(
    ground: Ground, whole: pl.DataFrame, part: pl.DataFrame, held: Iterable[Hold], today: date
) -> list[Hold]:
    """Why a part of a plan waits for a person: the limits of the profile, measured on the part.

    Args:
        ground: the profile and the ledger; the site is not looked at.
        whole: all changes of the plan.
        part: those of the part.
        held: why the plan as a whole waits; what was odd about its delivery holds any part of it.
        today: the day, in the school's time zone.
    """
    limits, live = ground.profile.limits, live_of(ground)
    matched = pl.col("action") == "match"
    for kind, number in whole.filter(matched).join(part, on=["kind", "key"], how="anti").group_by("kind").len().rows():
        live[kind] = live.get(kind, 0) + number
    known = ground.ledger("course").filter(~pl.col("removed"))["key"]
    courses = read_changes(whole.filter(pl.col("kind") == "course"))
    leaving = {change.key for change in courses if change.removes or ENTITIES["course"].is_gone(change.written)}
    staying = pl.Series(sorted({*known, *(change.key for change in courses)} - leaving), dtype=pl.String)
    return [
        *(hold for hold in held if hold.code not in _OF_CHANGES),
        *too_many(part, live, limits, today),
        *emptied(part, staying, stock_of(ground), limits, today),
    ]


class _Needs:
    """What each change of a plan needs of the others, by their numbers."""

    def __init__(self, changes: Collection[Change]) -> None:
        self._brought: dict[Place, list[int]] = defaultdict(list)
        self._ended: dict[Place, list[int]] = defaultdict(list)
        self._resting: dict[Place, list[int]] = defaultdict(list)
        for change in changes:
            place = (change.kind, change.key)
            if change.action in _BRINGING or REPLACES in change.written:
                self._brought[place].append(change.number)
            if GONE in change.written or GONE in change.after:
                self._ended[place].append(change.number)
        renamed = {place for change in changes if REPLACES in change.written for place in _places_of_renamed(change)}
        if renamed:
            for change in changes:
                for place in renamed.intersection(_rests_on(change)):
                    self._resting[place].append(change.number)

    def of(self, change: Change) -> Iterator[int]:
        """Numbers of the changes that one needs."""
        ends = GONE in change.written and not change.after
        of_parents = self._ended if ends else self._brought
        for place in _rests_on(change):
            yield from of_parents.get(place, ())
        if REPLACES in change.written:
            for place in _places_of_renamed(change):
                yield from self._resting.get(place, ())


def _places_of_renamed(change: Change) -> list[Place]:
    """A record that is called by another key from now on, under both keys."""
    return [(change.kind, change.key), (change.kind, str(change.written[REPLACES]))]


def _rests_on(change: Change) -> set[Place]:
    """The records without which a change cannot be carried out."""
    entity = ENTITIES[change.kind]
    places = {*entity.references(change).items()}
    if isinstance(entity, Membership):
        places |= {*entity.ends(change.key).items()}
    if change.kind == "meta-link":
        places |= {("course", key) for key in change.key.split(SEPARATOR)}
    if (category := change.after.get("category")) and change.kind in ("course", "cohort"):
        places.add(("category", str(category)))
    return places
