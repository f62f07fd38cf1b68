"""What plans look at unasked, when it was looked at, and what became of the edits that were found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

import polars as pl

from matricula.errors import MatriculaError
from matricula.planning import ENTITIES, Ground, read_changes
from matricula.planning.shares import SHARES, due
from matricula.planning.stamps import Turn, turn_of
from matricula.planning.watch import Edit, State, Watch
from matricula.profiles import Profile
from matricula.profiles.desired import Desired
from matricula.store import Drifted, Store

LOOKED: Final = "looked"
"""In a plan's summary: the kinds of which all was looked at (`whole`), those that the site's plugin said have not
changed (`unchanged`), and how many shares of the others (`shares`)."""


def now() -> datetime:
    """The time by which shares come."""
    return datetime.now(UTC)


@dataclass
class Observing:
    """The part of one plan that looks at the site.

    Args:
        store: the state.
        profile: the profile.
        full: whether everything is looked at.
        only: whether the plan is for some people and courses alone.
        shares: the shares whose turn it is, with the moments to be noted for them.
        noted: the moments to be noted for shares.
        turn: what is looked at where the site's plugin tells of changes.
    """

    store: Store
    profile: Profile
    full: bool = False
    only: bool = False
    shares: dict[int, datetime] = field(default_factory=dict)
    noted: dict[int, datetime] = field(default_factory=dict)
    turn: Turn | None = None

    @classmethod
    def of(cls, store: Store, profile: Profile, *, full: bool, only: bool) -> "Observing":
        """What a plan is to look at; one that is for some people and courses alone looks at no share."""
        looked_at, moment = store.drift.looked_at(profile.name), now()
        shares = {} if full or only else due(looked_at, moment, profile.observe.within)
        if full or not looked_at:
            return cls(store, profile, full, only, shares, dict.fromkeys(range(SHARES), moment))
        set_back = {share: moment for share, at in looked_at.items() if at > moment}
        return cls(store, profile, full, only, shares, set_back | shares)

    def prepare(self, ground: Ground, desired: Desired) -> None:
        """Tell the ground what to look at; where the plugin tells of changes it is asked now.

        Args:
            ground: profile, ledger and site.
            desired: what the site should hold.
        """
        known = {each.place: _edit(each) for each in self.store.drift.all(self.profile.name)}
        noted = self.store.stamps.of(self.profile.name)
        self.turn = None if self.only else turn_of(ENTITIES, ground, desired, noted)
        ground.full = self.full
        if self.turn is None:
            ground.watch = Watch(frozenset(self.shares), known=known)
            return
        self.noted = dict.fromkeys(range(SHARES), now())
        if self.full:
            ground.watch = Watch(known=known)
            return
        ground.watch = Watch(known=known, whole=self.turn.whole, unchanged=self.turn.unchanged)
        ground.looked.trusted = self.turn.unchanged

    @property
    def told(self) -> dict[str, Any]:
        """What the plan looked at, for its summary."""
        if self.full:
            return {"whole": sorted(ENTITIES), "unchanged": [], "shares": SHARES}
        whole, unchanged = (self.turn.whole, self.turn.unchanged) if self.turn else ((), ())
        return {"whole": sorted(whole), "unchanged": sorted(unchanged), "shares": len(self.shares)}

    def keep(self, ground: Ground) -> None:
        """Note what the plan looked at and what it found; it must have been stored before."""
        moment, name = now(), self.profile.name
        found = [_drifted(name, edit, moment) for edit in ground.watch.edits]
        looked = ground.watch.looked
        with self.store.begin():
            self.store.drift.replace(name, looked, found)
            self.store.drift.strike(self._left(ground))
            self.store.drift.note_shares(name, self.noted)
            if self.turn is not None:
                seals = self.turn.seals
                in_order = {kind: seals[kind] for kind in ground.watch.in_order if kind in seals}
                self.store.stamps.note(name, in_order, moment)

    def _left(self, ground: Ground) -> Iterator[Drifted]:
        """Edits of records that the ledger does not hold any longer."""
        known = self.store.drift.all(self.profile.name)
        for kind in {each.kind for each in known}:
            there = {*ground.ledger(kind)["key"], *ground.watch.looked.get(kind, ())}
            yield from (each for each in known if each.kind == kind and each.key not in there)


def settle_written(store: Store, ground: Ground, run: int, changes: pl.DataFrame) -> None:
    """Look once more at edited fields that a run has written: those that hold are struck out, others were in vain.

    Moodle takes some values without a word and keeps its own, and somebody whose enrolment is suspended may be in the
    course by another method. Without this such a field would be put back every night.
    """
    written = dict(_written(store, ground.profile.name, run, changes))
    if not written:
        return
    ground.forget()
    try:
        for kind in {each.kind for each in written.values()}:
            ids = dict(ground.ledger(kind).select("key", "moodle_id").iter_rows())
            of_kind = [each for each in written.values() if each.kind == kind]
            records = [(key, ids.get(key)) for key in dict.fromkeys(each.key for each in of_kind)]
            seen = ENTITIES[kind].observe(ground, records)
            vain = [each for each in of_kind if seen.get(each.key, {}).get(each.field) == each.seen]
            store.drift.say(vain, "in-vain")
            store.drift.strike(each for each in of_kind if each not in vain)
    except MatriculaError:
        return  # the run is done; the next look tells


def _written(
    store: Store, profile: str, run: int, changes: pl.DataFrame
) -> Iterator[tuple[tuple[str, str, str], Drifted]]:
    known = {each.place: each for each in store.drift.all(profile)}
    if not known:
        return
    done = store.journal.outcomes(run).filter(pl.col("state") == "done").select(number="change")
    records = pl.DataFrame(
        sorted({place[:2] for place in known}), schema={"kind": pl.String, "key": pl.String}, orient="row"
    )
    concerned = changes.join(done, on="number", how="semi").join(records, on=["kind", "key"], how="semi")
    for change in read_changes(concerned):
        for name in change.after:
            place = (change.kind, change.key, name)
            if place in known:
                yield place, known[place]


def _edit(each: Drifted) -> Edit:
    fields: dict[str, Any] = {name: getattr(each, name) for name in ("kind", "key", "field", "name", "written", "seen")}
    return Edit(**fields, state=cast("State", each.state))


def _drifted(profile: str, edit: Edit, at: datetime) -> Drifted:
    return Drifted(
        profile, edit.kind, edit.key, edit.field, edit.name, edit.written, edit.seen, edit.state, since=at, at=at
    )
