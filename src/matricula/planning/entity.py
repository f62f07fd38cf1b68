"""What a kind of record must tell so that it can be compared, planned and written."""

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from matricula.moodle import Moodle
from matricula.planning.change import Change
from matricula.planning.ground import Ground
from matricula.planning.step import Result, Step
from matricula.profiles.desired import Desired
from matricula.profiles.moodle_fields import Write
from matricula.profiles.moodle_limits import digest

#: Beside the fields last written, the ledger remembers by this that a record left the roster, and which fields were
#: set on that account. Their values do not say so alone: a person may be disabled, and a course hidden, while the
#: roster has them.
LEFT = "left"

Fields = dict[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """What is known of a record that the site should hold under an id.

    Args:
        key: its key.
        moodle_id: the id; None for what Moodle gives none.
        fields: what was last written to it, is wanted of it, or is seen of it in a plan.
        origin: whether Matricula made it or only matched it.
        chosen: whether a person said that the record with the id is the one.
    """

    key: str
    moodle_id: int | None
    fields: tuple[Mapping[str, Any], ...] = ()
    origin: str = "made"
    chosen: bool = False


@dataclass(frozen=True)
class AsWritten:
    """What a comparison of frames has shown.

    Args:
        keys: records that are on the site, are what they were, and hold what was written.
        proven: fields that come back from the site as they were written.
    """

    keys: frozenset[str] = frozenset()
    proven: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Removal:
    """What is done to a record that left the roster.

    Args:
        action: the word for it.
        fields: what is set; `{GONE: True}` where the record ceases to be.
    """

    action: str
    fields: Fields


class Entity(ABC):
    """One kind of record: how it is recognised, observed, named and written.

    Class attributes:
        kind: its word.
        table: the roster table that its rows come from.
        marks: fields that are remembered and never sent.
        gone: the field values that take a record out of use, by whomever they are set.
        gone_action: the word for setting them; back_action: the word for taking them back.
        left_alone: origins of records that are only remembered and never written.
        as_found: whether a record that is matched keeps what the site holds in its fields, until the roster says
            something new.
        sent_along: fields that every call sets, so that they are sent as they are.
        doubled: whether Moodle takes one that is there already without a word, so that it has to be looked for.
        absence: why one is removed.
        identity: fields of which one at least has to be what it was, or a record with the same id is another one;
            empty where a record has no id of its own, or nothing to tell it by.
        nested: whether records of the kind refer to others of it.
        makes: actions that give a record the id by which the ledger knows it.
        stamps: kinds of the plugin's stamps that tell whether anything of what is observed has changed; empty where
            nothing tells.
        steps: the calls that write it, in order.
    """

    kind: ClassVar[str]
    table: ClassVar[str]
    marks: ClassVar[frozenset[str]] = frozenset()
    gone: ClassVar[Fields] = {}
    gone_action: ClassVar[str] = ""
    back_action: ClassVar[str] = ""
    left_alone: ClassVar[frozenset[str]] = frozenset()
    as_found: ClassVar[bool] = False
    sent_along: ClassVar[frozenset[str]] = frozenset()
    doubled: ClassVar[bool] = False
    absence: ClassVar[str] = "no longer in the roster"
    identity: ClassVar[tuple[str, ...]] = ()
    nested: ClassVar[bool] = False
    makes: ClassVar[frozenset[str]] = frozenset({"create"})
    stamps: ClassVar[tuple[str, ...]] = ()
    steps: ClassVar[tuple[Step, ...]]

    @abstractmethod
    def may_update(self, ground: Ground, fields: Fields) -> bool:
        """Whether the profile keeps a record with these desired fields in step."""

    @abstractmethod
    def removal(self, ground: Ground, key: str, written: Fields) -> Removal | None:
        """What the profile does to a record that left the roster; None where it is left as it is.

        Args:
            ground: where to look things up.
            key: the record's key.
            written: what the ledger remembers of it.
        """

    def removals(self, ground: Ground, gone: pl.DataFrame, desired: Desired) -> dict[str, Removal]:
        """What the profile does to records that left the roster, by key; those left as they are are not named.

        Args:
            ground: where to look things up.
            gone: the ledger's rows of the records.
            desired: what the site should hold.
        """
        del desired
        ordered = {
            key: self.removal(ground, key, json.loads(written))
            for key, written in gone.select("key", "written").iter_rows()
        }
        return {key: removal for key, removal in ordered.items() if removal}

    def writes(self, ground: Ground) -> Mapping[str, Write]:
        """How single fields are written; those not named are kept in step."""
        del ground
        return {}

    @abstractmethod
    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Changes for records that the ledger does not hold: matched with what is there, or made.

        Args:
            ground: where to look things up; what cannot be entered is reported to its findings.
            fresh: the desired rows concerned.
            wanted: all desired rows of this kind.
        """

    @abstractmethod
    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """The fields that the site holds now; records that are not there are left out.

        Args:
            ground: where to look things up.
            records: key and Moodle id of each.
        """

    @abstractmethod
    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Rows of the ledger with `name`, `person` and `course`, for records that are no longer desired."""

    @abstractmethod
    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row to send for a change.

        Args:
            ground: where to look things up.
            change: the change.
            step: the call it is for.
            ids: for each kind the Moodle ids by key of the records referred to.

        Raises:
            KeyError: a record referred to has no id, because making it failed.
        """

    @abstractmethod
    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Send rows in one call; one result a row."""

    @abstractmethod
    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Which records to be made are on the site already, by change number, with their Moodle ids.

        Used to settle a batch whose answer never came: a record counts as made by it when it carries what the
        change would have set.
        """

    @abstractmethod
    def references(self, change: Change) -> dict[str, str]:
        """Keys of the records a change refers to, by kind."""

    def needs(self, rows: pl.DataFrame) -> dict[str, Collection[str]]:
        """Keys of the records that others hang on, by kind: whom Moodle is told by id when it is asked about them.

        Args:
            rows: a frame with their `key`.
        """
        del rows
        return {}

    def glimpse(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """What tells records from others; as `observe`, for less work where that can be."""
        return self.observe(ground, records)

    def as_written(self, ground: Ground, rows: pl.DataFrame) -> AsWritten:
        """Which records hold just what was written to them, as far as that can be told of all at once.

        Args:
            ground: where to look things up.
            rows: records of the ledger (`planning.as_written.ROWS`).
        """
        del ground, rows
        return AsWritten()

    def known(self, ground: Ground, row: Mapping[str, Any]) -> Known:
        """What is known of a record of the ledger.

        Args:
            ground: where to look things up.
            row: its row of the ledger, with the desired `fields` where it is desired.
        """
        written = row["written"] and json.loads(row["written"])
        fields = json.loads(row["fields"]) if row.get("fields") else {}
        chosen = row["key"] in ground.reaffirmed and ground.is_decided(row["key"], row["moodle_id"])
        return Known(row["key"], row["moodle_id"], (written or {}, fields), row["origin"], chosen=chosen)

    def is_same(self, ground: Ground, known: Known, seen: Fields) -> bool:
        """Whether what the site holds under a record's id still is that record.

        Args:
            ground: where to look things up.
            known: what is known of the record.
            seen: what the site holds.
        """
        return alike(self.identity, known, seen, strict=ground.restore)

    def user_of(self, row: Row) -> Hashable:
        """The account that calls under way at once must not share; each row its own where that does not matter."""
        return id(row)

    def serves(self, step: Step, change: Change) -> bool:
        """Whether a change needs a step; a change that sets nothing needs none."""
        return change.action in step.actions and bool(change.after)

    def lost(self, ground: Ground, known: pl.DataFrame) -> set[str]:
        """Keys of records that cannot be on the site any more because what they belong to is made anew.

        Args:
            ground: what the plan brings so far.
            known: desired records that the ledger holds.
        """
        del ground, known
        return set()

    def inspect(self, ground: Ground, known: pl.DataFrame, seen: Mapping[str, Fields]) -> set[str]:
        """Report what is odd about records that are there.

        Args:
            ground: where to look things up, and where findings go.
            known: desired records that the ledger holds and that were looked at.
            seen: what the site holds of them.

        Returns:
            keys of those that are left alone until a person has said what they are.
        """
        del ground, known, seen
        return set()

    def last_step(self, change: Change) -> Step:
        """The step after which a change is carried out."""
        return next(step for step in reversed(self.steps) if self.serves(step, change))

    def word_for(self, after: Fields) -> tuple[str, bool]:
        """The action of a change of a known record that sets some fields, and whether it takes the record away."""
        for name, value in self.gone.items():
            if name in after:
                removes = bool(after[name] == value)
                return self.gone_action if removes else self.back_action, removes
        return "update" if after else "note", False

    def before(self, after: Fields, seen: Fields, written: Fields) -> Fields:
        """What a change shows of a known record as it was: what it sets, and edits that its call must send along."""
        along = [name for name in self.sent_along if name in seen and seen[name] != written.get(name)]
        return {name: seen[name] for name in (*after, *along) if name in seen} if after else {}

    def steady(self, seen: Fields) -> Fields:
        """What the site holds of a record in the fields that change by somebody's hand alone."""
        return seen

    def is_uncertain(self, name: str) -> bool:
        """Whether Moodle may keep a field otherwise than it was sent, fill it in by itself, or hide it from the token.

        Such a field is only taken for edited where another record shows that it comes back as it was written.
        """
        del name
        return False

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Of the ledger's rows that are not desired, those that were not merely unreadable in the delivery."""
        unreadable = pl.Series(list(desired.unreadable[self.kind]), dtype=pl.String)
        return absent.filter(~pl.col("key").is_in(unreadable.implode()))

    def is_gone(self, written: Mapping[str, Any]) -> bool:
        """Whether what the ledger remembers of a record says that it left the roster."""
        return LEFT in written

    def vanishes_with(self, ground: Ground, key: str) -> bool:
        """Whether a record goes by itself because the plan removes what it belongs to."""
        del ground, key
        return False

    def acceptable(self, ground: Ground, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Known records that are to change, without what the site is bound to refuse, which is reported.

        Args:
            ground: where to look things up.
            rows: desired and remembered fields of each, and under `difference` those that are to be set.
        """
        del ground
        return list(rows)

    def is_protected(self, ground: Ground, moodle_id: int | None, seen: Fields) -> bool:
        """Whether a record of the ledger must not be written to after all."""
        del ground, moodle_id, seen
        return False


def alike(names: Collection[str], known: Known, seen: Fields, *, strict: bool = False) -> bool:
    """Whether what is seen still is a record that is known.

    A record is another one where all that could tell the two apart differs. One single field that differs is an edit:
    a group without an ID number may have been renamed.

    Args:
        names: fields that tell records apart.
        known: what is known of the record.
        seen: what the site holds under its id.
        strict: whether a single field is enough, as where the site is known to have gone back in time.
    """
    told = {(name, form) for name in names if seen.get(name) for form in _forms(str(seen[name]))}
    remembered = {
        (name, form) for each in known.fields for name in names if each.get(name) for form in _forms(str(each[name]))
    }
    telling = {name for name, _ in told} & {name for name, _ in remembered}
    if not telling or (len(telling) == 1 and not strict):
        return True
    return not told.isdisjoint(remembered)


def _forms(value: str) -> Iterator[str]:
    """A value as it is compared, and without the digest that sets it apart from one with other accents or case.

    An ID number gets and loses that digest as the other one comes and goes, while what is on the site stays.
    """
    yield value.casefold()
    plain, mark, end = value.rpartition("~")
    if mark and digest(plain) == end:
        yield plain.casefold()
