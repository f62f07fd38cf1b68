"""What stands in a recipe for a value: JSON paths into a row, texts with places to fill, fixed texts."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from jsonpath import JSONPathEnvironment, JSONPathError

Outer = Mapping[str, list[Any]]
"""What the paths that begin with `each$` found, by path: kept in the place of the whole row they look into."""

Nodes = Callable[["Path"], list[Any]]
"""Gives what a path finds."""

_ENVIRONMENT = JSONPathEnvironment(strict=True)
_PLACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_EACH = "each"
_NAMES_ALONE = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*)+")
_NAMED = re.compile(r"(parameter|secret)\.([A-Za-z_][A-Za-z0-9_]*)")


class TemplateError(ValueError):
    """A text of a recipe that cannot be read."""


@dataclass(frozen=True)
class Path:
    """A JSON path (RFC 9535) into a row, or with `each` before it into the row that this one is read for.

    Args:
        text: as it stands in the recipe, such as `$.school.id` or `each$.id`.
    """

    text: str

    @cached_property
    def outer(self) -> bool:
        """Whether it looks into the row that this one is read for."""
        return self.text.startswith(_EACH)

    def finder(self) -> Callable[[Any], list[Any]]:
        """What finds its nodes in a row.

        Raises:
            TemplateError: it is no JSON path.
        """
        bare = self.text.removeprefix(_EACH)
        if _NAMES_ALONE.fullmatch(bare):
            # Nearly all paths are names alone, and following those takes a tenth of the library's time.
            names = bare.split(".")[1:]
            return lambda row: _follow(row, names)
        finder: Callable[[Any], list[Any]] = _compiled(bare, self.text).findall
        return finder


def _follow(row: Any, names: list[str]) -> list[Any]:
    for name in names:
        if not isinstance(row, dict) or name not in row:
            return []
        row = row[name]
    return [row]


def _compiled(bare: str, text: str) -> Any:
    try:
        return _ENVIRONMENT.compile(bare)
    except JSONPathError as error:
        raise TemplateError(f"“{text}” is no JSON path: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def is_path(text: str) -> bool:
    """Whether a text of a recipe stands for what a path finds."""
    return text.startswith(("$", f"{_EACH}$"))


def condition(text: str, parameters: Mapping[str, Any]) -> Callable[[Any], bool]:
    """What tells whether a row meets a condition.

    Args:
        text: the inside of a JSONPath filter (RFC 9535, 2.3.5), in which `@` is the row: `@.systemStatus == 1`.
        parameters: values that stand in the place of `{parameter.NAME}`.

    Raises:
        TemplateError: it is none.
    """
    filled = Template(text).filled({}, {name: json.dumps(value) for name, value in parameters.items()})
    compiled = _compiled(f"$[?{filled}]", text)
    return lambda row: bool(compiled.findall([row]))


class Template:
    """A text with places: `{$.path}`, `{each$.path}`, `{parameter.name}`, `{secret.name}`; `{{` stands for a brace.

    A text that is a path as a whole is a single place. `paths` are the paths in it.

    Args:
        text: as it stands in the recipe.

    Raises:
        TemplateError: a place is none of these, or a path is none.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts: list[str | Path | tuple[str, str]] = [Path(text)] if is_path(text) else list(_parts(text))
        self.paths = [part for part in self._parts if isinstance(part, Path)]
        for path in self.paths:
            path.finder()

    def named(self, kind: str) -> list[str]:
        """Names of its parameters or secrets; `kind` is `parameter` or `secret`."""
        return [part[1] for part in self._parts if isinstance(part, tuple) and part[0] == kind]

    def filled(self, secrets: Mapping[str, str], parameters: Mapping[str, Any], nodes: Nodes | None = None) -> str:
        """The text with every place filled; places whose path finds nothing become empty."""
        return "".join(
            part
            if isinstance(part, str)
            else _plain(part, secrets, parameters)
            if isinstance(part, tuple)
            else "".join(map(str, nodes(part) if nodes else []))
            for part in self._parts
        )

    def combinations(self, parameters: Mapping[str, Any], found: Callable[[Path], list[str]]) -> list[str]:
        """The texts it stands for in a row: one, several where a path finds several, none where one finds nothing."""
        each = [
            [part]
            if isinstance(part, str)
            else [_plain(part, {}, parameters)]
            if isinstance(part, tuple)
            else found(part)
            for part in self._parts
        ]
        return ["".join(texts) for texts in product(*each)]


def _plain(place: tuple[str, str], secrets: Mapping[str, str], parameters: Mapping[str, Any]) -> str:
    kind, name = place
    if kind == "secret":
        return secrets[name]
    value = parameters[name]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parts(text: str) -> Any:
    at = 0
    for match in _PLACES.finditer(text):
        if at < match.start():
            yield text[at : match.start()]
        at = match.end()
        if match[0] in ("{{", "}}"):
            yield match[0][0]
        elif match[1] is None:
            raise TemplateError(f"“{text}” has a single brace; write it twice where a brace is meant")
        elif is_path(match[1]):
            yield Path(match[1])
        elif named := _NAMED.fullmatch(match[1]):
            yield named[1], named[2]
        else:
            raise TemplateError(
                f"“{{{match[1]}}}” is none of {{$.path}}, {{each$.path}}, {{parameter.name}} and {{secret.name}}"
            )
    if at < len(text):
        yield text[at:]
