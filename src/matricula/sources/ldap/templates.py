"""What a column of the roster is made of: an attribute, or text with attributes in braces."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from matricula.sources.ldap.values import Entry, component

DN = "dn"
"""The name under which an entry's own distinguished name stands in templates."""

_NAME = r"(?:[A-Za-z][\w-]*(?:;[\w-]+)*)"
_ATTRIBUTE = re.compile(rf"(?P<name>{_NAME})(?:\.(?P<part>[A-Za-z]+)(?:\.(?P<number>[1-9]))?)?")
_PIECE = re.compile(r"(?P<text>[^{}]+)|\{(?P<inner>[^{}]*)\}|(?P<odd>[{}])")


@dataclass(frozen=True)
class Taken:
    """An attribute, or a part of a distinguished name that it holds.

    Args:
        name: the attribute; `dn` is the entry's own distinguished name.
        part: type of the part that is meant, as `ou`; blank for the whole value.
        number: which one of several, the nearest to the entry being 1.
    """

    name: str
    part: str = ""
    number: int = 1

    def texts(self, entry: Entry) -> list[str]:
        """Its values."""
        whole = [entry.dn] if self.name == DN else entry.texts(self.name)
        if not self.part:
            return whole
        return [text for dn in whole if (text := component(dn, self.part, self.number))]


@dataclass(frozen=True)
class Template:
    """What a column is made of.

    Args:
        pieces: text, and attributes between.
    """

    pieces: tuple[str | Taken, ...]

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that must be asked for."""
        return tuple(piece.name for piece in self.pieces if isinstance(piece, Taken) and piece.name != DN)

    def texts(self, entry: Entry) -> list[str]:
        """What it makes of an entry: all values of a single attribute, else one text, or none where one is empty."""
        if len(self.pieces) == 1 and isinstance(only := self.pieces[0], Taken):
            return only.texts(entry)
        made = [piece if isinstance(piece, str) else "".join(piece.texts(entry)[:1]) for piece in self.pieces]
        return ["".join(made)] if all(made) else []

    def text(self, entry: Entry) -> str | None:
        """The first of what it makes of an entry; None where there is nothing."""
        return next(iter(self.texts(entry)), None)


def template(text: str) -> Template:
    """Read what a column is made of: `mail`, `{givenName} {sn}`, `{dn.ou}`, `{dn.ou.2}`, `{manager.cn}`.

    Raises:
        ValueError: it cannot be understood; the message says why.
    """
    if "{" not in text and "}" not in text:
        return Template((_taken(text.strip()),))
    return Template(tuple(_pieces(text)))


def _pieces(text: str) -> Iterable[str | Taken]:
    for piece in _PIECE.finditer(text):
        if piece["odd"]:
            raise ValueError(f"“{text}” has a brace without its other half at character {piece.start() + 1}")
        yield _taken(piece["inner"].strip()) if piece["inner"] is not None else piece["text"]


def _taken(text: str) -> Taken:
    named = _ATTRIBUTE.fullmatch(text)
    if named is None:
        raise ValueError(f"“{text}” is no name of an attribute, such as mail, or of a part of a name, such as dn.ou")
    return Taken(named["name"], named["part"] or "", int(named["number"] or 1))
