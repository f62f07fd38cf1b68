"""The settings of documents as rows of a table, read off their models: one row a setting, by its path."""

import json
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from matricula.profiles.documents.courses import LEVEL_NAMES, course_defaults
from matricula.profiles.documents.limits import REMOVALS
from matricula.profiles.documents.users import USER_DEFAULTS
from matricula.profiles.mapping import Vocabulary
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS, MoodleField
from matricula.profiles.outline import bare, inner, is_model
from matricula.profiles.vocabulary import CLASSES, ENROLMENTS, PEOPLE, Basis

Row = tuple[str, str, str, str]

_WORDS = {"bool": "`true` or `false`", "int": "a whole number", "float": "a number", "Path": "a path"}
_WORDS |= {"AnyHttpUrl": "an address", "date": "a day, as 2026-08-15", "str": "text"}


def rows_of(model: type[BaseModel], prefix: str = "") -> Iterator[Row]:
    """Every setting of a model: its path, what it takes, its default, and what it is.

    `[]` in a path stands for each entry of a list, `NAME` for each name of a table.
    """
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        part, below = _part(bare(field.annotation), path)
        yield f"`{path}`", _takes(field.annotation, field), _default(field), _escaped(field.description or "")
        if part is not None:
            yield from rows_of(part, f"{below}.")


def _part(annotation: Any, path: str) -> tuple[type[BaseModel] | None, str]:
    """The model whose settings stand below a path, if there is one, and the path it stands at."""
    if is_model(annotation):
        return annotation, path
    within = inner(annotation)
    if within is None:
        return None, path
    return _part(within, f"{path}.NAME" if get_origin(annotation) is dict else f"{path}[]")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if is_model(bare(field.annotation)) and field.default_factory is not None:
        return ""
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or value == {} or value == ():
        return "none"
    return f"`{json.dumps(_short(value), ensure_ascii=False, default=str)}`"


def _short(value: Any) -> Any:
    """A default as a person would write it."""
    if isinstance(value, BaseModel):
        told = {name: _short(each) for name, each in value if name in value.model_fields_set}
        return next(iter(told.values())) if len(told) == 1 and value.short_form is not None else told  # type: ignore[attr-defined]
    return [_short(each) for each in value] if isinstance(value, tuple) else value


def _takes(annotation: Any, field: FieldInfo | None = None) -> str:
    """A type in words."""
    annotation = bare(annotation)
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    if origin in (UnionType, Union):
        return " or ".join(_takes(each) for each in get_args(annotation) if each is not NoneType)
    if origin is dict:
        return f"a table of names to {_takes(inner(annotation))}"
    if origin is tuple:
        return f"a list of {_takes(inner(annotation))}{''.join(_bounds(field))}"
    if is_model(annotation):
        short = getattr(annotation, "short_form", None)
        return "settings, see below" if short is None else "text or settings, see below"
    return f"{_WORDS.get(getattr(annotation, '__name__', ''), 'text')}{''.join(_bounds(field))}"


def _bounds(field: FieldInfo | None) -> Iterator[str]:
    for bound in field.metadata if field else ():
        if isinstance(bound, Ge):
            yield f", at least {bound.ge}"
        elif isinstance(bound, Gt):
            yield f", more than {bound.gt}"
        elif isinstance(bound, Le):
            yield f", at most {bound.le}"
        elif isinstance(bound, MinLen):
            yield f", at least {bound.min_length}"
        elif isinstance(bound, MaxLen):
            yield f", at most {bound.max_length}"


def field_rows(fields: Mapping[str, MoodleField], defaults: Mapping[str, Any]) -> Iterator[Row]:
    """Moodle's fields that can be mapped: name, what it takes, default mapping, and how it is written."""
    for name, field in fields.items():
        words = " or ".join(f"`{word}`" for word in field.choices)
        takes = words or _KINDS[field.kind] + (f", at most {field.length} characters" if field.length else "")
        mapped = f"`{defaults[name].value}`" if name in defaults else "none"
        yield f"`{name}`", takes, mapped, f"`{field.write}`{'; locked' if field.locked else ''}"


_KINDS = {
    "text": "text",
    "prose": "text",
    "number": "a whole number",
    "boolean": "`true` or `false`",
    "date": "a day",
    "choice": "a word",
}


def property_rows(vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    """What mappings may name: property, kind and meaning."""
    for name, each in vocabulary.properties.items():
        yield f"`{name}`", each.kind, each.meaning
    for prefix in vocabulary.open_ended:
        yield f"`{prefix}NAME`", "text", "Any extension column of the roster (`metadata.NAME`)."


def level_rows() -> Iterator[tuple[str, str]]:
    """The levels of the tree of categories: name and default name of its categories."""
    for level, name in LEVEL_NAMES.items():
        yield f"`{level}`", f"`{name}`"


#: Headings of the lists of words that settings take, with what stands in them.
WORDS: Mapping[str, tuple[tuple[str, ...], list[Any]]] = {
    "Fields of users": (("field", "takes", "default", "written"), list(field_rows(USER_FIELDS, USER_DEFAULTS))),
    "Fields of courses": (
        ("field", "takes", "default with basis `group`", "written"),
        list(field_rows(COURSE_FIELDS, course_defaults("group"))),
    ),
    "Defaults of course fields by basis": (
        ("field", *(f"`{basis}`" for basis in get_args(Basis))),
        [
            (f"`{name}`", *(f"`{course_defaults(basis)[name].value}`" for basis in get_args(Basis)))
            for name in course_defaults("group")
        ],
    ),
    "Levels of categories": (("level", "default name"), list(level_rows())),
    "Kinds and actions with limits": (
        ("kind", "actions"),
        [(f"`{kind}`", " or ".join(f"`{action}`" for action in actions)) for kind, actions in REMOVALS.items()],
    ),
    "Properties of people": (("property", "holds", "what it is"), list(property_rows(PEOPLE))),
    "Properties of classes": (("property", "holds", "what it is"), list(property_rows(CLASSES))),
    "Properties of enrolments": (
        ("property", "holds", "what it is"),
        [row for row in property_rows(ENROLMENTS) if row[0].startswith("`enrolment.")],
    ),
}


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;")
