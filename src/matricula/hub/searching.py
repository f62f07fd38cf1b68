"""Finding people, courses and classes by whatever is known of them, also those who have left."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from matricula.hub.home import Home
from matricula.hub.kept_roster import Entry, folded, kept_roster, left_entry
from matricula.store import LEDGER_SCHEMA

What = Literal["people", "courses", "classes"]
WHATS: Final[tuple[What, ...]] = ("people", "courses", "classes")
_KINDS: Final = {"people": "user", "courses": "course"}


@dataclass(frozen=True)
class Found:
    """One person, course or class that was found.

    Args:
        profile: the profile that knows it.
        site: its site.
        what: one of `WHATS`.
        key: the sourcedId, of a course its key.
        name: its name.
        aside: what else it is called.
        state: `used`, `unusable` (its row in the delivery) or `left`.
        courses: of a class, the keys of the courses that it leads to.
        moodle_id: the account or course; None where there is none.
        removed: whether it was suspended or hidden when it left.
        address: where it is in Moodle; empty where it is not.
    """

    profile: str
    site: str
    what: What
    key: str
    name: str
    aside: tuple[str, ...]
    state: str
    courses: tuple[str, ...] = ()
    moodle_id: int | None = None
    removed: bool = False
    address: str = ""


@dataclass(frozen=True)
class Hits:
    """What was found, a page of it.

    Args:
        found: the page.
        total: how many there are.
    """

    found: tuple[Found, ...]
    total: int


def search(home: Home, profiles: Sequence[str], what: What, asked: str, *, limit: int = 50, offset: int = 0) -> Hits:
    """Find people, courses or classes in kept deliveries and ledgers; sources and sites are not asked.

    Args:
        home: the home.
        profiles: the profiles to look in.
        what: whether people, courses or classes are meant.
        asked: parts of names, user names, addresses, sourcedIds, codes or short names, all of which must fit; without
            regard to capitals and accents. Empty for all.
        limit: at most so many.
        offset: leave out so many of the first.

    Raises:
        UsageError: there is no such profile.
    """
    words = folded(asked).split()
    ledgers = {name: _ledger(home, name, what) for name in profiles}
    hits = [(name, each) for name in profiles for each in _in_profile(home, name, what, words, ledgers[name])]
    hits.sort(key=lambda hit: (_rank(hit[1], words), hit[1].sorting, hit[1].key, hit[0]))
    page = hits[offset : offset + limit]
    return Hits(tuple(_found(home, name, what, entry, ledgers[name]) for name, entry in page), len(hits))


def moodle_address(site_url: object, kind: str, moodle_id: int | None) -> str:
    """Where an account or a course is in Moodle; empty where it has no id."""
    if moodle_id is None:
        return ""
    base = str(site_url).rstrip("/")
    page = {"user": "user/profile.php?id=", "course": "course/view.php?id="}.get(kind)
    return f"{base}/{page}{moodle_id}" if page else ""


def _in_profile(home: Home, profile: str, what: What, words: Sequence[str], ledger: pl.DataFrame) -> Iterator[Entry]:
    kept = kept_roster(home, profile)
    entries = {"people": kept.people, "courses": kept.courses, "classes": kept.classes}[what]
    for entry in (*entries.values(), *_left(ledger, entries)):
        if all(word in entry.text for word in words):
            yield entry


def _left(ledger: pl.DataFrame, there: Iterable[str]) -> Iterator[Entry]:
    """Entries of those whom only the ledger knows."""
    gone = ledger.filter(~pl.col("key").is_in(pl.Series(list(there), dtype=pl.String).implode()))
    for key, written in gone.select("key", "written").iter_rows():
        yield left_entry(key, written or "{}")


def _rank(entry: Entry, words: Sequence[str]) -> int:
    asked = " ".join(words)
    if not asked:
        return 0
    if asked in entry.exact:
        return 0
    return 1 if entry.sorting == asked else 2 if entry.sorting.startswith(asked) else 3


def _ledger(home: Home, profile: str, what: What) -> pl.DataFrame:
    if what not in _KINDS:
        return pl.DataFrame(schema=LEDGER_SCHEMA)
    return home.store.ledger.frame(profile, _KINDS[what])


def _found(home: Home, profile: str, what: What, entry: Entry, ledger: pl.DataFrame) -> Found:
    site = home.profile(profile).site
    row = ledger.filter(pl.col("key") == entry.key)
    number = row["moodle_id"][0] if row.height else None
    url = home.site(site).url if number is not None else ""
    return Found(
        profile=profile,
        site=site,
        what=what,
        key=entry.key,
        name=entry.name,
        aside=entry.aside,
        state=entry.state,
        courses=entry.courses,
        moodle_id=number,
        removed=bool(row["removed"][0]) if row.height else False,
        address=moodle_address(url, _KINDS.get(what, ""), number),
    )
