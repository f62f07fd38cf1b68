"""What looking at records of the ledger has shown: whether the site still has them under the ids they had.

A site that was restored from a backup counts its ids from where it stood then, so that an id of the ledger may
belong to another record made since.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from matricula.roster import Finding

Pair = tuple[str, int]


@dataclass
class Looked:
    """Records that were looked at.

    Args:
        suspects: keys, by kind, that there is reason to look at although nothing changed.
        same: keys and Moodle ids, by kind, of records that the site holds and that are what they were.
        others: what the site shows of another record that has the id of one of the ledger, by kind, key and id.
        gone: keys and ids of records that the site does not hold.
        asked_about: keys of people whose account is there and perhaps no longer theirs: nothing is made for it.
        went_back: that the site went back in time, where it did.
        trusted: kinds of which something tells that all are what they were when they were last looked at.
    """

    suspects: dict[str, set[str]] = field(default_factory=dict)
    same: dict[str, set[Pair]] = field(default_factory=dict)
    others: dict[str, dict[Pair, Mapping[str, Any]]] = field(default_factory=dict)
    gone: dict[str, set[Pair]] = field(default_factory=dict)
    asked_about: set[str] = field(default_factory=set)
    went_back: Finding | None = None
    trusted: frozenset[str] = frozenset()

    def knows(self, kind: str, key: str, moodle_id: int) -> bool:
        """Whether a record has been looked at."""
        pair = (key, moodle_id)
        return kind in self.trusted or pair in self.same.get(kind, ()) or self.is_lost(kind, key, moodle_id)

    def is_lost(self, kind: str, key: str, moodle_id: int | None) -> bool:
        """Whether the site has a record no longer, or another one in its place."""
        pair = (key, moodle_id)
        return pair in self.gone.get(kind, ()) or pair in self.others.get(kind, {})

    def has_lost(self, kind: str) -> bool:
        """Whether any record of a kind was found lost."""
        return bool(self.gone.get(kind) or self.others.get(kind))

    def found(self, kind: str, pairs: Iterable[Pair]) -> None:
        """Note records that are there after all."""
        for pair in pairs:
            self.gone.get(kind, set()).discard(pair)
            self.others.get(kind, {}).pop(pair, None)

    def other(self, kind: str, key: str, moodle_id: int | None) -> Mapping[str, Any] | None:
        """What is seen of the record that has a record's id by now; None where it is not another one."""
        return None if moodle_id is None else self.others.get(kind, {}).get((key, moodle_id))

    def suspect(self, kind: str, keys: Iterable[str]) -> None:
        """Note records that have to be looked at."""
        self.suspects.setdefault(kind, set()).update(keys)

    @property
    def reasons(self) -> int:
        """How many records there is reason to look at."""
        return sum(map(len, self.suspects.values()))
