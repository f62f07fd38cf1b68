"""Which kinds of records a plan has to look at, where the site's plugin tells whether anything of them has changed.

What a look shows follows from the site, the ledger, the roster and the rules. Where all four are what they were when
all records of a kind were last looked at, and were found in order, it would show the same again.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import polars as pl

from matricula.moodle.plugin_calls import GET_STAMPS
from matricula.planning.ground import Ground
from matricula.planning.observing import Kinds
from matricula.profiles.desired import Desired

_OF_LEDGER = ("key", "moodle_id", "origin", "written", "removed")


@dataclass(frozen=True)
class Turn:
    """The kinds of records by what a plan does with them.

    Args:
        whole: kinds of which all is looked at.
        unchanged: kinds that need no look.
        seals: for kinds of which the site tells: what is to be noted when all of them was found in order.
    """

    whole: frozenset[str]
    unchanged: frozenset[str]
    seals: Mapping[str, str]


def turn_of(kinds: Kinds, ground: Ground, desired: Desired, noted: Mapping[str, str]) -> Turn | None:
    """What a plan is to look at; None where the site has no plugin that tells of changes.

    The site is asked here, before anything is looked at: what changes meanwhile is seen the next time.

    Args:
        kinds: every kind of record.
        ground: profile, ledger and site.
        desired: what the site should hold.
        noted: seals of kinds when all of them was last found in order.
    """
    if not ground.moodle.plugin.offers(GET_STAMPS):
        return None
    stamps = ground.moodle.plugin.stamps()
    rules = "\n".join((ground.profile.model_dump_json(), ground.site.model_dump_json()))
    told = [entity for entity in kinds.values() if entity.stamps and all(each in stamps for each in entity.stamps)]
    seals = {
        entity.kind: _seal(
            [stamps[each] for each in entity.stamps],
            _content(ground.ledger(entity.kind), _OF_LEDGER),
            _content(desired.parts[entity.kind].frame, ("key", "fields")) if entity.kind in desired.parts else "",
            rules,
        )
        for entity in told
    }
    unchanged = frozenset(kind for kind, seal in seals.items() if noted.get(kind) == seal)
    there = {kind for kind in kinds if _is_any(ground, desired, kind)}
    return Turn(frozenset(there) - unchanged, unchanged & there, seals)


def _is_any(ground: Ground, desired: Desired, kind: str) -> bool:
    part = desired.parts.get(kind)
    return bool(ground.ledger(kind).height or (part is not None and part.frame.height))


def _content(frame: pl.DataFrame, columns: tuple[str, ...]) -> str:
    """What stands for the content of a frame, whatever the order of its rows."""
    rows = frame.select(columns).hash_rows(seed=0).sort()
    return sha256(array("Q", rows.to_list()).tobytes()).hexdigest()


def _seal(stamps: list[str], ledger: str, wanted: str, rules: str) -> str:
    return sha256("\0".join([*stamps, ledger, wanted, rules]).encode()).hexdigest()
