"""SourcedIds of records that we make.

A service knows a new record by the sourcedId that we put it at, so that putting it twice is putting it once. It is made
of our key, and the key can be read off it again: many services keep no `metadata`. SourcedIds are made of letters,
digits, `.`, `-`, `_`, `/` and `@`, 255 at most (CSV binding 1.2, GUID). Of these `/` and `@` are left out: they are
written in several ways in an address, and signatures would differ.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

PREFIX: Final = "matricula"
LONGEST: Final = 255

_PLAIN = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-")
_ESCAPED = re.compile(r"_([0-9A-F]{2})")


@dataclass(frozen=True)
class Name:
    """What a sourcedId of ours says.

    Args:
        kind: one letter for the kind of record.
        parts: our key, behind what else the kind needs; empty where they were too long to stand in a sourcedId.
    """

    kind: str
    parts: tuple[str, ...]


def sourced_id(kind: str, *parts: str) -> str:
    """The sourcedId of a record of ours: `matricula.KIND.PART.PART`, or with a digest where that is too long.

    Args:
        kind: one letter for the kind of record.
        parts: what names it; any text.
    """
    made = ".".join((PREFIX, kind, *map(_escaped, parts)))
    if len(made) <= LONGEST:
        return made
    return ".".join((PREFIX, f"{kind}_", hashlib.sha256("\0".join(parts).encode()).hexdigest()))


def read(sourced: str) -> Name | None:
    """What a sourcedId says; None where it is none of ours."""
    prefix, _, rest = sourced.partition(".")
    kind, said, told = rest.partition(".")
    if prefix != PREFIX or not kind or not said:
        return None
    if kind.endswith("_"):
        return Name(kind[:-1], ())
    return Name(kind, tuple(_plain(part) for part in told.split(".")))


def in_address(sourced: str) -> str:
    """A sourcedId as it stands in an address."""
    return quote(sourced, safe="")


def _escaped(part: str) -> str:
    return "".join(chr(byte) if byte in _PLAIN else f"_{byte:02X}" for byte in part.encode())


def _plain(part: str) -> str:
    return (
        _ESCAPED.sub(lambda found: chr(int(found[1], 16)), part).encode("latin-1", "replace").decode(errors="replace")
    )
