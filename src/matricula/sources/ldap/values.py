"""Values of a directory as text: distinguished names, identifiers in bytes, moments."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

Rdn = tuple[tuple[str, str], ...]
"""One part of a distinguished name: types, in small letters, and values; mostly one pair."""

_ESCAPE = re.compile(rb"\\(?:([0-9a-fA-F]{2})|(.))", re.DOTALL)
_UNIQUE_MEMBER = re.compile(r"#'[01]*'B$")
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = timedelta(days=365 * 5000)
_NEVER = {0, 0x7FFF_FFFF_FFFF_FFFF}


@dataclass(frozen=True)
class Entry:
    """One entry as the directory gave it.

    Args:
        dn: its distinguished name.
        values: values in bytes by name of attribute in small letters; an attribute without values is not among them.
    """

    dn: str
    values: Mapping[str, Sequence[bytes]]

    def texts(self, attribute: str) -> list[str]:
        """Values of an attribute as text, in an order that stays the same: a directory promises none.

        The value that the entry is named by comes first. Values in bytes that are no text are left out.
        """
        read = _BINARY.get(attribute.casefold(), _utf8)
        texts = sorted(text for value in self.values.get(attribute.casefold(), ()) if (text := read(value)))
        if len(texts) > 1:
            naming = {
                value.casefold() for kind, value in (dn_parts(self.dn) or ((),))[0] if kind == attribute.casefold()
            }
            texts.sort(key=lambda text: text.casefold() not in naming)
        return texts

    def has_bytes(self, attribute: str) -> bool:
        """Whether an attribute has values that are no text."""
        read = _BINARY.get(attribute.casefold(), _utf8)
        return any(value and not read(value) for value in self.values.get(attribute.casefold(), ()))


def dn_parts(dn: str) -> tuple[Rdn, ...]:
    """The parts of a distinguished name (RFC 4514), the entry's own first.

    Args:
        dn: the name; blanks around types and values, escapes and quotes of RFC 2253 are understood.
    """
    return tuple(
        tuple((kind.strip().casefold(), _unescaped(value)) for kind, _, value in (pair.partition("=") for pair in rdn))
        for part in _split(dn, ",")
        if part.strip()
        for rdn in [_split(part, "+")]
    )


@lru_cache(maxsize=100_000)  # groups name the same people over and over
def dn_key(dn: str) -> str:
    """A distinguished name in a form in which equal ones are equal: as directories compare, without regard to case."""
    return ",".join(
        "+".join(sorted(f"{kind}={' '.join(value.split()).casefold()}".replace(",", r"\,") for kind, value in rdn))
        for rdn in dn_parts(_UNIQUE_MEMBER.sub("", dn))
    )


def component(dn: str, kind: str, number: int = 1) -> str:
    """The value of a part of a distinguished name; blank where there is none.

    Args:
        dn: the name.
        kind: type of the part, as `ou`.
        number: which one, the nearest to the entry being 1.
    """
    found = [value for rdn in dn_parts(dn) for each, value in rdn if each == kind.casefold()]
    return found[number - 1] if len(found) >= number else ""


def _split(text: str, at: str) -> list[str]:
    if "\\" not in text and '"' not in text:
        return text.split(at)
    parts, start, quoted, place = [], 0, False, 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] == '"':
            quoted = not quoted
        elif text[place] == at and not quoted:
            parts.append(text[start:place])
            start = place + 1
        place += 1
    return [*parts, text[start:]]


def _unescaped(value: str) -> str:
    if "\\" not in value and '"' not in value:
        return value.strip()
    value = value.lstrip()
    bare = value.rstrip()
    if bare.endswith("\\") and len(bare) < len(value):
        bare += value[len(bare)]
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    raw = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2], bare.encode())
    return raw.decode(errors="replace")


def _utf8(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else text.strip()


def guid(value: bytes) -> str:
    """An objectGUID as people know it: its first three groups are stored backwards (MS-DTYP 2.3.4.2)."""
    return str(uuid.UUID(bytes_le=bytes(value))) if len(value) == 16 else ""


def sid(value: bytes) -> str:
    """An objectSid as `S-1-5-…` (MS-DTYP 2.4.2)."""
    if len(value) < 8 or len(value) != 8 + 4 * value[1]:
        return ""
    parts = [int.from_bytes(value[at : at + 4], "little") for at in range(8, len(value), 4)]
    return "-".join(["S", str(value[0]), str(int.from_bytes(value[2:8], "big")), *map(str, parts)])


_BINARY = {"objectguid": guid, "ms-ds-consistencyguid": guid, "objectsid": sid}


def moment_of_filetime(text: str) -> datetime | None:
    """The moment of a Windows FILETIME, in units of 100 ns since 1601; None for never and for what is no number."""
    number = _number(text)
    if number is None or number in _NEVER or timedelta(microseconds=number // 10) > _LATEST:
        return None
    return _FILETIME_EPOCH + timedelta(microseconds=number // 10)


def day_of_shadow(text: str) -> datetime | None:
    """The day of `shadowExpire`, in days since 1970 (RFC 2307); None for never (negative) and for no number."""
    number = _number(text)
    return None if number is None or number < 0 or number > _LATEST.days else _UNIX_EPOCH + timedelta(days=number)


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
