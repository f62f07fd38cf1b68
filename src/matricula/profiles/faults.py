"""What is wrong with a document, in words: the path, the line, what came, and what may stand there."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from matricula.profiles.outline import is_model, step

Path = tuple[str | int, ...]
Lines = Mapping[Path, int]

#: So many characters of what came are repeated.
SHOWN = 60
_NUMBERED = ("int", "float")
_SECRET = re.compile(r"(://[^\s/@:\"]*:)[^\s\"]*@")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a document.

    Args:
        path: the setting.
        line: the line on which it stands; 0 where that is not known.
        says: what is wrong, what came, and what may stand there.
    """

    path: Path
    line: int
    says: str

    def __str__(self) -> str:
        """With its place: `users.fields.email, line 7: … (came: "{person.emial}")`."""
        place = f"{path_text(self.path)}, line {self.line}" if self.line else path_text(self.path)
        return f"{place}: {self.says}"


def lines_of(content: Any, above: Path = ()) -> Iterator[tuple[Path, int]]:
    """The line, from 1, of every setting of a document that ruamel read with its places.

    Args:
        content: the document, or what stands at `above`.
        above: its path.
    """
    if not isinstance(content, CommentedMap | CommentedSeq):
        return
    entries = content.items() if isinstance(content, CommentedMap) else enumerate(content)
    for name, value in entries:
        place = content.lc.data.get(name) if content.lc.data else None
        if place:
            yield (*above, name), place[0] + 1
        yield from lines_of(value, (*above, name))


def faults_of(error: ValidationError, model: type[BaseModel], content: Any, lines: Lines) -> list[Fault]:
    """Every fault of a document, in the order of its lines.

    Args:
        error: what Pydantic found.
        model: the document's model.
        content: its values as they came.
        lines: its lines, as far as they are known.
    """
    told: dict[Fault, None] = {}
    for fault in error.errors(include_url=False):
        if fault["type"] == "too_short" and fault["input"]:
            continue  # it is not empty: its entries have faults, each of which is told
        path = _as_written(fault, content)
        line = _line(path, lines)
        words = _in_words(fault, model)
        for sentence in words.split("\n"):
            told[Fault(path, line, f"{sentence}{_came(fault)}")] = None
    return sorted(told, key=lambda each: each.line)


def path_text(path: Iterable[str | int]) -> str:
    """A path as people write it; entries of lists are counted from 1: `groups[2].name`."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "(whole document)"


def path_of(text: str) -> Path:
    """A path from what people write; see `path_text`."""
    parts = re.findall(r"[^.\[\]]+|\[\d{1,4}\]", text)
    return tuple(int(part[1:-1]) - 1 if part.startswith("[") else part for part in parts)


def _as_written(fault: ErrorDetails, content: Any) -> Path:
    """The path up to what was written: of `email: "{…}"`, which stands for `email: {value: …}`, it ends at email."""
    path: list[str | int] = []
    for part in fault["loc"]:
        if isinstance(content, dict):
            if isinstance(part, int) and part not in content:
                continue  # the one entry of a list that was written without the list
            if part == "[key]":
                break
            content = content.get(part)
        elif isinstance(content, list | tuple) and isinstance(part, int):
            content = content[part]
        else:
            break
        path.append(part)
    return tuple(path)


def _line(path: Path, lines: Lines) -> int:
    return next((lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines), 0)


def _came(fault: ErrorDetails) -> str:
    if fault["type"] in ("missing", "extra_forbidden"):
        return ""
    # What came may be an address with a password in it, or hold one.
    came = _SECRET.sub(r"\1…@", json.dumps(fault["input"], ensure_ascii=False, default=str))
    return f" (came: {came if len(came) <= SHOWN else came[: SHOWN - 1] + '…'})"


def _in_words(fault: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "missing":
        return f"this setting is needed. {_description(model, fault['loc'])}".strip()
    if kind == "extra_forbidden":
        return _unknown(model, fault["loc"])
    if kind == "literal_error":
        return f"may be {context['expected'].replace(chr(39), '')}"
    if kind == "string_pattern_mismatch":
        return "a name is needed: small letters, digits, - and _, at most 63, as `school-2`"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return _table(model, fault["loc"])
    if kind in ("too_short", "string_too_short"):
        return "it is empty; at least one is needed"
    if kind in ("too_long", "string_too_long"):
        return f"it is too long; at most {context['max_length']} are possible"
    if kind in _BOUNDS:
        bound = next(value for name, value in context.items() if name in ("ge", "gt", "le", "lt"))
        return f"a number {_BOUNDS[kind]} {bound:g} is needed"
    stem = kind.partition("_")[0]
    return _NEEDED.get(stem) or fault["msg"].removeprefix("Value error, ")


_BOUNDS = {
    "greater_than_equal": "of at least",
    "greater_than": "of more than",
    "less_than_equal": "of at most",
    "less_than": "of less than",
}
_NEEDED = {
    "string": "a text is needed",
    "bool": "may be true or false",
    "int": "a whole number is needed",
    "float": "a number is needed",
    "finite": "a number is needed",
    "date": "a day is needed, as 2026-08-15",
    "tuple": "a list is needed, as [one, two]",
    "list": "a list is needed, as [one, two]",
    "url": "an address is needed, as https://moodle.school.example",
    "path": "a path is needed, as /srv/roster",
}


def _at(model: type[BaseModel], path: Iterable[str | int]) -> Any:
    found: Any = model
    for part in path:
        found = step(found, part)
    return found


def _description(model: type[BaseModel], path: Path) -> str:
    part = _at(model, path[:-1])
    field = part.model_fields.get(path[-1]) if is_model(part) else None
    return field.description or "" if field else ""


def _unknown(model: type[BaseModel], path: Path) -> str:
    part = _at(model, path[:-1])
    known = list(part.model_fields) if is_model(part) else []
    near = get_close_matches(str(path[-1]), known, 3)
    if near:
        return f"there is no such setting; did you mean {' or '.join(near)}?"
    return f"there is no such setting; known here are {', '.join(known)}"


def _table(model: type[BaseModel], path: Path) -> str:
    part = _at(model, path)
    if not is_model(part):
        return "a table is needed, as {name: value}"
    if "value" in part.model_fields:
        return "a template is needed, as “{person.email}”, or {value: …}"
    return f"settings are needed; known here are {', '.join(part.model_fields)}"
