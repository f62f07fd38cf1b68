"""The properties that a mapping may name."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

PropertyKind = Literal["text", "list", "date", "number", "boolean"]

_NEAR = 0.7
_NEARER = 0.1
_SAME_LAST_PART = 0.75
_AT_MOST = 3


@dataclass(frozen=True)
class Property:
    """One thing a mapping may name.

    Args:
        name: `person.email`, `group.title` …; also the name of the column in the frame.
        kind: what the column holds: String, List(String), Date, a number type, or Boolean.
        meaning: for the reference page.
    """

    name: str
    kind: PropertyKind
    meaning: str


@dataclass(frozen=True)
class Vocabulary:
    """All that the mappings of one kind of record may name.

    Args:
        properties: by name.
        open_ended: prefixes under which any name is known, for example `person.metadata.`; such names hold text.
    """

    properties: Mapping[str, Property]
    open_ended: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        """Whether a mapping may name it."""
        return name in self.properties or self._is_open_ended(name)

    def kind_of(self, name: str) -> PropertyKind:
        """What it holds; KeyError for a name that is not known."""
        return "text" if self._is_open_ended(name) else self.properties[name].kind

    def nearest(self, name: str) -> list[str]:
        """Known names that may have been meant, the likeliest first, at most three."""
        rated = [(_likeness(name, known), known) for known in (*self.properties, *self._open_ended_like(name))]
        least = max(_NEAR, max(rated, default=(0.0, ""))[0] - _NEARER)
        near = sorted((pair for pair in rated if pair[0] >= least), key=lambda pair: (-pair[0], pair[1]))
        return [known for _, known in near[:_AT_MOST]]

    def prefixes(self) -> list[str]:
        """What known names begin with, for example `person.`."""
        names = (*self.properties, *self.open_ended)
        return list(dict.fromkeys(f"{name.partition('.')[0]}." if "." in name else name for name in names))

    def _is_open_ended(self, name: str) -> bool:
        return name not in self.properties and any(
            name.startswith(prefix) and name != prefix for prefix in self.open_ended
        )

    def _open_ended_like(self, name: str) -> list[str]:
        """The name with a slip in an open-ended prefix put right."""
        like = []
        for prefix in self.open_ended:
            parts = name.split(".", prefix.count("."))
            rest = parts.pop()
            if rest and _ratio(".".join([*parts, ""]), prefix) >= _NEAR:
                like.append(prefix + rest)
        return like


def _likeness(one: str, other: str) -> float:
    ours, theirs = one.lower(), other.lower()
    ratio = _ratio(ours, theirs)
    if ours.rpartition(".")[2] == theirs.rpartition(".")[2]:
        return _SAME_LAST_PART + ratio * (1 - _SAME_LAST_PART)
    return ratio


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
