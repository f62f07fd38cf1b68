"""Whether the site is the one that was written to: a site restored from a backup has lost what was made last.

A few records that the ledger holds are looked at by each plan, those with the highest ids. Moodle keeps the row of an
account that was deleted, so that one of which nothing is left at all was never deleted by anybody.
"""

from dataclasses import dataclass

import polars as pl

from matricula.planning.ground import Ground
from matricula.planning.limits import Hold
from matricula.planning.observing import Kinds, observed
from matricula.planning.rules import RULES
from matricula.profiles.desired import Desired

#: So many records of each kind are looked at.
LOOKED_AT = 10
#: So many accounts without a trace are no chance.
_WITHOUT_TRACE = 2
#: Of fewer records the greater part says nothing.
_FEW = 3


@dataclass(frozen=True)
class _Sight:
    """What became of the records with the highest ids: how many were looked at, and the keys of those lost."""

    number: int
    lost: frozenset[str]


def look_for_sentinels(kinds: Kinds, ground: Ground, desired: Desired) -> None:
    """Look at the newest records; where they are lost the whole site is read, and what went back is put back.

    Args:
        kinds: every kind of record.
        ground: the ledger and the site; single records that are lost are noted as worth a look.
        desired: what the site should hold.
    """
    users, courses = (_sight(kinds, kind, ground, desired) for kind in ("user", "course"))
    ground.looked.suspect("user", users.lost)
    ground.looked.suspect("course", courses.lost)
    if not users.lost and not courses.lost:
        return
    traceless = _without_trace(ground, users.lost)
    lost, number = traceless + len(courses.lost), users.number + courses.number
    if traceless < _WITHOUT_TRACE and (number < _FEW or lost * 2 <= number):
        return
    ground.full = ground.restore = True
    ground.looked.trusted = frozenset()
    ground.say("the site is not as it was left: reading all of it")
    told = {"lost": lost, "number": number}
    ground.looked.went_back = RULES["site-went-back"].finding(sourced_id="", line=None, value=lost, told=told)


def went_back(ground: Ground) -> list[Hold]:
    """Why a plan for a site that went back in time waits for a person."""
    found = ground.looked.went_back
    return [] if found is None else [Hold(found.code, f"{found.message} {found.remedy}", "restored site")]


def newest_of(ground: Ground, kind: str) -> pl.DataFrame:
    """Records of the ledger that have the highest ids."""
    live = ground.ledger(kind).filter(~pl.col("removed") & pl.col("moodle_id").is_not_null())
    return live.top_k(LOOKED_AT, by="moodle_id")


def _sight(kinds: Kinds, kind: str, ground: Ground, desired: Desired) -> _Sight:
    newest = newest_of(ground, kind)
    if not newest.height:
        return _Sight(0, frozenset())
    rows = newest.join(desired.parts[kind].frame, on="key", how="left").iter_rows(named=True)
    seen = observed(kinds, kind, ground, [kinds[kind].known(ground, row) for row in rows])
    return _Sight(newest.height, frozenset(newest["key"]) - set(seen))


def _without_trace(ground: Ground, keys: frozenset[str]) -> int:
    """How many accounts were not merely deleted."""
    ids = dict(ground.ledger("user").filter(pl.col("key").is_in(list(keys))).select("key", "moodle_id").iter_rows())
    deleted = {user.id for user in ground.moodle.users.find("id", ids.values()) if user.deleted} if ids else set()
    return len(set(ids.values()) - deleted)
