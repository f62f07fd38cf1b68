"""The ground a plan stands on: the profile, the ledger, and the site as far as it has to be seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from matricula.moodle import Moodle
from matricula.planning.looked import Looked
from matricula.planning.only import Only
from matricula.planning.watch import Watch
from matricula.profiles import Profile, Site
from matricula.roster import Finding

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Unclear:
    """A person of whom it is unclear which account is theirs.

    Args:
        key: the person's sourcedId.
        name: their name.
        code: the finding that says why.
        message: its sentence.
        candidates: accounts that could be theirs: `id`, `username`, `name`, `email`, `idnumber` of each.
    """

    key: str
    name: str
    code: str
    message: str
    candidates: tuple[dict[str, Any], ...] = ()


def _no_password(key: str, username: str) -> str:
    raise AssertionError(f"nobody said how to make a password for {username} ({key})")


@dataclass
class Ground:
    """What planning and applying look things up in.

    Args:
        moodle: the site's client.
        site: the site's document.
        profile: the profile.
        read_ledger: gives the ledger's frame of a kind (`key`, `moodle_id`, `origin`, `written`, `removed`).
        run: the run that is writing, where one is.
        full: whether every record that the ledger holds is looked at, not only those that changes concern.
        restore: whether the site went back in time: every record is looked at, and every field that differs from what
            was written is put back, whatever the profile says.
        watch: what is looked at beyond the records that changes concern, and what was found edited.
        adopt: whether what is on the site just as the roster wants it, and was not made by Matricula as far as the
            ledger knows, is its own from now on.
        say: told in words what is being read, for a person who waits.
        only: whom and which courses a manual run is for; empty for all.
        decisions: what persons decided of people in the queue of identities, by key: `account:ID`, `new` or `leave`.
        reaffirmed: keys of people whose decision was taken after their account turned out to be another one.
        password_of: gives the password of a new account by the person's key and user name.
        unclear: people of whom the plan finds it unclear which account is theirs.
        expected: records that the plan brings so far, with their Moodle ids where these are known.
        leaving: keys of records that the plan takes off the site or finds gone from it, by kind.
        replaced: new keys of records that the rules call by another key from now on, by kind and old key.
        looked: what looking at records of the ledger has shown.
    """

    moodle: Moodle
    site: Site
    profile: Profile
    read_ledger: Callable[[str], pl.DataFrame]
    run: int | None = None
    full: bool = False
    restore: bool = False
    adopt: bool = False
    watch: Watch = field(default_factory=Watch)
    say: Progress = lambda _: None
    only: Only = field(default_factory=Only)
    decisions: Mapping[str, str] = field(default_factory=dict)
    reaffirmed: frozenset[str] = frozenset()
    password_of: Callable[[str, str], str] = _no_password
    unclear: list[Unclear] = field(default_factory=list)
    expected: dict[str, dict[str, int | None]] = field(default_factory=dict)
    leaving: dict[str, frozenset[str]] = field(default_factory=dict)
    replaced: dict[str, dict[str, str]] = field(default_factory=dict)
    looked: Looked = field(default_factory=Looked)
    findings: list[Finding] = field(default_factory=list)
    _ledgers: dict[str, pl.DataFrame] = field(default_factory=dict)

    def ledger(self, kind: str) -> pl.DataFrame:
        """The ledger of a kind, read once until `forget`."""
        if kind not in self._ledgers:
            self._ledgers[kind] = self.read_ledger(kind)
            self._trust_what_was_written(kind)
        return self._ledgers[kind]

    def _trust_what_was_written(self, kind: str) -> None:
        """What the run itself has made is there, even under an id that was found gone before."""
        if self.run is not None and self.looked.has_lost(kind):
            own = self._ledgers[kind].filter(pl.col("run") == self.run)
            self.looked.found(kind, own.select("key", "moodle_id").iter_rows())

    def forget(self) -> None:
        """Read the ledger anew when it is needed next: a run has written to it."""
        self._ledgers.clear()

    def begin_anew(self) -> None:
        """Give up what a plan has brought so far; what was seen of the site is kept."""
        self.looked.asked_about.clear()
        for told in (self.unclear, self.expected, self.leaving, self.replaced, self.findings):
            told.clear()
        self.watch.begin_anew()

    def is_decided(self, key: str, moodle_id: int | None) -> bool:
        """Whether a person said that an account is somebody's."""
        return self.decisions.get(key) == f"account:{moodle_id}"

    def protected(self, user_id: int, username: str) -> bool:
        """Whether an account must never be touched: the token's own, and those the site document names."""
        return user_id == self.moodle.site().user_id or username.lower() in map(str.lower, self.site.never_touch)

    def expect(self, kind: str, changes: pl.DataFrame) -> None:
        """Remember records that the plan enters under their keys, with their Moodle ids where these are known.

        Args:
            kind: the kind.
            changes: what `Entity.enter` gave; what is made has no id yet, or that of a record it takes the place of.
        """
        there = pl.when(pl.col("action") != "create").then("moodle_id")
        self.expected.setdefault(kind, {}).update(changes.select("key", there).iter_rows())

    def ids(self, kind: str, keys: Iterable[str]) -> dict[str, int]:
        """Moodle ids of records, from the ledger or from accounts and courses that this plan matches.

        Those of records that were looked at and are not there, or are others by now, are left out.
        """
        wanted = pl.Series("key", list(keys), pl.String).unique()
        known = self.ledger(kind).filter(pl.col("key").is_in(wanted.implode()))
        standing = dict(zip(known["key"].to_list(), known["moodle_id"].to_list(), strict=True))
        if self.looked.has_lost(kind):
            standing = {key: number for key, number in standing.items() if not self.looked.is_lost(kind, key, number)}
        ids: dict[str, int | None] = standing | self.expected.get(kind, {})
        return {key: number for key, number in ids.items() if number is not None}

    def made_anew(self, kind: str) -> set[str]:
        """Keys of records that the ledger holds and that this plan makes once more."""
        coming = pl.Series(list(self.expected.get(kind, {})), dtype=pl.String)
        return set(self.ledger(kind).filter(pl.col("key").is_in(coming.implode()))["key"])

    def matched_again(self, kind: str) -> set[str]:
        """Of these, keys of records that are on the site under another id than the ledger has."""
        there = {key for key, number in self.expected.get(kind, {}).items() if number is not None}
        return self.made_anew(kind) & there

    def coming(self, kind: str) -> pl.Series:
        """Keys of records that the ledger holds and the site has not lost, or that this plan brings."""
        lost = [key for key, _ in (*self.looked.gone.get(kind, ()), *self.looked.others.get(kind, ()))]
        known = self.ledger(kind)
        if kind == "user" and self.looked.asked_about:
            known = known.filter(~pl.col("key").is_in(sorted(self.looked.asked_about)))
        if lost:
            # One that was looked at under an id it has had before is not lost.
            kept = self.ids(kind, lost)
            known = known.filter(~pl.col("key").is_in([key for key in lost if key not in kept]))
        return pl.concat([known["key"], pl.Series("key", list(self.expected.get(kind, {})), pl.String)])

    def role_id(self, role: str) -> int:
        """The site's id of a role by its short name, or by its id written as text."""
        return self.site.roles[role] if role in self.site.roles else int(role)


def to_be_adopted(ground: Ground, ledger: pl.DataFrame) -> set[str]:
    """Keys of records of the ledger that were only matched, where a person said that they may be Matricula's."""
    if not ground.adopt:
        return set()
    return set(ledger.filter(~pl.col("removed") & (pl.col("origin") == "matched"))["key"])
