"""What a template consists of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

_SPECIAL = re.compile(r"[{}\[\]]")


@dataclass(frozen=True)
class Argument:
    """One argument of a function.

    Args:
        form: `text` in quotes, whole `number`, or a bare `word`: a property or lookup table.
        value: the text or word, or the number.
        position: character of the template, from 1.
    """

    form: Literal["text", "number", "word"]
    value: str | int
    position: int


@dataclass(frozen=True)
class Call:
    """One function of a pipeline with its arguments."""

    function: str
    arguments: tuple[Argument, ...]
    position: int


@dataclass(frozen=True)
class Placeholder:
    """`{…}`: properties, and the functions that their values go through."""

    properties: tuple[str, ...]
    calls: tuple[Call, ...]
    position: int


@dataclass(frozen=True)
class Optional:
    """`[…]`: a part that is left out when a placeholder directly in it is empty."""

    content: "Content"
    position: int


Content = tuple[str | Placeholder | Optional, ...]
"""Plain text (never empty, never two in a row), placeholders and optional parts, in the template's order."""


@dataclass(frozen=True)
class Template:
    """A template that was read.

    Args:
        text: as it was written.
        content: what it consists of.
        names: the properties it uses, each once, in the order of the text: the columns its expression needs.
        tables: the lookup tables it uses, each once, in the order of the text.
    """

    text: str
    content: Content
    names: tuple[str, ...]
    tables: tuple[str, ...]


def all_or_nothing(template: Template) -> Template:
    """A template that gives nothing where a placeholder of it outside optional parts is empty."""
    if not any(isinstance(item, Placeholder) for item in template.content):
        return template
    return replace(template, content=(Optional(template.content, 1),))


def placeholders(content: Content) -> Iterator[Placeholder]:
    """All placeholders, those in optional parts, too."""
    for item in content:
        if isinstance(item, Placeholder):
            yield item
        elif isinstance(item, Optional):
            yield from placeholders(item.content)


def escape(text: str) -> str:
    """Text as it is written in a template, so that it stands for itself."""
    return _SPECIAL.sub(lambda found: found[0] * 2, text)
