"""Shares of a ledger, so that ordinary plans look at a part of a site and in a set time at all of it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from zlib import crc32

import polars as pl

from matricula.profiles.enrolment_frame import SEPARATOR

#: A ledger is looked at in so many shares: four a day where all is to be seen in a week.
SHARES = 28

#: Part of a kind's keys that says which share a record is in, and how many parts they have at most: what is read with
#: one course or cohort is in one share with it. Kinds that are not named go by the whole key.
_PARTS = {
    "group": (0, 2),
    "grouping": (0, 2),
    "grouping-member": (1, 3),
    "enrolment": (1, 2),
    "group-member": (1, 3),
    "cohort-member": (1, 2),
}


def due(looked_at: Mapping[int, datetime], now: datetime, within: int) -> dict[int, datetime]:
    """Shares that an ordinary plan is to look at, each with the moment to be noted for it.

    A share comes when its days are over, by the first plan after that. What is noted is when it was due, which is at
    most the time of one share ago, so that the hours between two plans are never lost.

    Args:
        looked_at: when each share was looked at; a moment after `now` was noted by a clock that went wrong.
        now: the time.
        within: days in which all shares are to be looked at; 0 for never.
    """
    if not within or not looked_at:
        return {}
    each = timedelta(days=within) // SHARES
    seen = {share: min(at, now) for share, at in looked_at.items()}
    waited = now - max(seen.values())
    number = waited // each
    if number >= SHARES:
        return dict.fromkeys(range(SHARES), now)
    oldest = sorted(range(SHARES), key=lambda share: (seen.get(share, datetime.min.replace(tzinfo=now.tzinfo)), share))
    return {share: now - waited + each * place for place, share in enumerate(oldest[:number], 1)}


def in_shares(frame: pl.DataFrame, kind: str, shares: Collection[int]) -> pl.DataFrame:
    """The rows of a frame that are in some of the shares.

    Args:
        frame: records of one kind, with `key`.
        kind: the kind.
        shares: numbers from 0 to `SHARES` - 1.
    """
    if not shares:
        return frame.clear()
    if len(shares) == SHARES:
        return frame
    part, parts = _PARTS.get(kind, (0, 1))
    told = pl.col("key")
    if parts > 1:
        told = told.str.splitn(SEPARATOR, parts).struct.field(f"field_{part}")
    place = frame.select(told.alias("key")).to_series()
    chosen = [each for each in place.unique() if crc32(each.encode()) % SHARES in shares]
    return frame.filter(place.is_in(pl.Series(chosen, dtype=pl.String).implode()))
