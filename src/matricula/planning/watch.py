"""What a plan looks at beyond the records that it changes, and what it finds edited there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

#: `open`: waits for a person; `accepted`: taken as right while it stays as it is; `put-back`: a person wants it put
#: back; `in-vain`: was put back, and the site shows it all the same.
State = Literal["open", "accepted", "put-back", "in-vain"]


@dataclass(frozen=True)
class Edit:
    """A field that Matricula keeps in step and that somebody edited in Moodle.

    Args:
        kind: kind of record.
        key: the record.
        field: the field.
        name: the record's name.
        written: what was last written.
        seen: what the site holds.
        state: what is known or decided of it.
    """

    kind: str
    key: str
    field: str
    name: str
    written: Any
    seen: Any
    state: State = "open"

    @property
    def place(self) -> tuple[str, str, str]:
        """Kind, key and field."""
        return self.kind, self.key, self.field

    def with_state(self, state: State) -> "Edit":
        """The same edit with another state."""
        return replace(self, state=state)


@dataclass
class Watch:
    """What a plan looks at unasked.

    Args:
        shares: the shares of the ledger whose turn it is.
        known: edits that were found before, by kind, key and field.
        whole: kinds of which all is looked at.
        unchanged: kinds of which nothing has changed since all of them was found in order.
        looked: keys of the records that the plan looked at, by kind.
        edits: what it found edited there.
        in_order: kinds of which all was looked at, and all was there.
    """

    shares: frozenset[int] = frozenset()
    known: Mapping[tuple[str, str, str], Edit] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    looked: dict[str, set[str]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    in_order: set[str] = field(default_factory=set)

    def shares_of(self, kind: str) -> frozenset[int]:
        """The shares of a kind that are looked at: none where something tells that nothing has changed."""
        return frozenset() if kind in self.unchanged else self.shares

    def begin_anew(self) -> None:
        """Forget what was looked at and found."""
        self.looked.clear()
        self.edits.clear()
        self.in_order.clear()

    def again(self, kind: str) -> set[str]:
        """Keys of the records of a kind that are looked at in each plan: those with an edit that is not accepted."""
        return {edit.key for edit in self.known.values() if edit.kind == kind and edit.state != "accepted"}
