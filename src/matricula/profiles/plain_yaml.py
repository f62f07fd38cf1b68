"""Values as YAML the way people write it: short tables in braces, long ones in lines."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ruamel.yaml import YAML

#: So long may a line become before a table is written in lines.
_WIDE = 100
_BARE = re.compile(r"[A-Za-z_](?:[\w./@+ -]*[\w./@+-])?", re.ASCII)
#: Words that other readers of YAML take for something else than text.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{inline(name)}: {inline(each)}' for name, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inline, value))}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else str(value)


class BlockLines:
    """Lines of a block that begins at a column.

    Args:
        column: the column of its keys or dashes.
    """

    def __init__(self, column: int) -> None:
        self._column = column

    def entry(self, name: Any, value: Any) -> str:
        """The lines of one setting."""
        head = f"{' ' * self._column}{inline(name)}:"
        line = f"{head} {inline(value)}\n"
        inner = BlockLines(self._column + 2)
        if isinstance(value, Mapping) and value and (not self._column or len(line) > _WIDE):
            return f"{head}\n{''.join(inner.entry(each, value[each]) for each in value)}"
        several = isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value)
        if several or (isinstance(value, list | tuple) and len(line) > _WIDE):
            return f"{head}\n{''.join(map(inner.item, value))}"
        return line

    def item(self, value: Any) -> str:
        """The lines of one entry of a list."""
        line = f"{' ' * self._column}- {inline(value)}\n"
        if len(line) <= _WIDE or not isinstance(value, Mapping):
            return line
        inner = BlockLines(self._column + 2)
        lines = "".join(inner.entry(each, value[each]) for each in value)
        return f"{' ' * self._column}- {lines.lstrip()}"


def _text(value: str) -> str:
    if _BARE.fullmatch(value) and value.lower() not in _WORDS and YAML(typ="safe").load(value) == value:
        return value
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter == "\n":
        return "\\n"
    if letter == "\t":
        return "\\t"
    if letter.isprintable():
        return letter
    number = ord(letter)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
