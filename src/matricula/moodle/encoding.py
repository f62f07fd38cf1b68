"""Form encoding as PHP reads it: `users[0][username]=…`.

Millions of fields go through here in a first load, so keys are built once and plain values skip quoting.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

# Asking for the exact type is many times quicker than asking an abstract class, and nearly every value is one.
_SINGLE = frozenset({str, int, bool, float})
_PLAIN = re.compile(r"[A-Za-z0-9_.\-\[\]@]*").fullmatch
_ODD = re.compile(r"[^A-Za-z0-9_.\-~]+").sub


def flatten(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Form fields of nested parameters, in order: name and text of each, not yet percent-encoded.

    Args:
        parameters: values are texts, numbers, booleans (sent as 0 and 1), lists or mappings of these to any
            depth. Empty lists and mappings give no field at all: a form cannot say "empty list".

    Raises:
        TypeError: for `None` (leave the key out instead) and other values that a form cannot hold.
    """
    fields: list[tuple[str, str]] = []
    for key, value in parameters.items():
        _add(fields, str(key), value)
    return fields


def encode(parameters: Mapping[str, Any]) -> str:
    """Body of a form, percent-encoded.

    Args:
        parameters: as `flatten` takes them.

    Raises:
        TypeError: as `flatten`.
        UnicodeEncodeError: for a text with half a surrogate pair, which no encoding can carry.
    """
    return "&".join(
        [
            f"{name if _PLAIN(name) else _quoted(name)}={text if _PLAIN(text) else _quoted(text)}"
            for name, text in flatten(parameters)
        ]
    )


def _quoted(text: str) -> str:
    """A text percent-encoded; packed values are long and mostly plain, so only what is not plain is looked at."""
    return _ODD(lambda found: _escaped(found[0]), text)


@lru_cache(maxsize=4096)
def _escaped(odd: str) -> str:
    return quote_plus(odd)


def count_fields(value: Any) -> int:
    """Number of form fields that a value becomes, to keep a call below the site's `max_input_vars`."""
    kind = type(value)
    if kind in _SINGLE:
        return 1
    if kind is dict or isinstance(value, Mapping):
        return sum([1 if type(item) in _SINGLE else count_fields(item) for item in value.values()])
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sum([1 if type(item) in _SINGLE else count_fields(item) for item in value])
    return 1


def _add(fields: list[tuple[str, str]], name: str, value: Any) -> None:
    kind = type(value)
    if kind is str:
        fields.append((name, value))
    elif kind is int:
        fields.append((name, str(value)))
    elif kind is dict or isinstance(value, Mapping):
        for key, item in value.items():
            _add(fields, f"{name}[{key}]", item)
    elif isinstance(value, (bool, int, float, Decimal, str)):
        fields.append((name, _text(value)))
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        for index, item in enumerate(value):
            _add(fields, f"{name}[{index}]", item)
    else:
        message = f"{name} is {type(value).__name__}: send text, numbers, booleans, lists or mappings"
        raise TypeError(message)


def _text(value: bool | float | Decimal | str) -> str:  # noqa: FBT001 - a field of a form
    if isinstance(value, bool):
        return "1" if value else "0"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
