"""A form from a document's model: every setting by its own type, description, default and bounds."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from matricula.profiles.documents import Profile
from matricula.profiles.documents.courses import LEVEL_NAMES, course_defaults
from matricula.profiles.documents.drift import DriftRules
from matricula.profiles.documents.grades import ITEM_KINDS
from matricula.profiles.documents.limits import REMOVALS
from matricula.profiles.documents.mapped import MAPPING, Condition, Mapped
from matricula.profiles.documents.roles import TEACHER_KINDS, TEACHER_RANKS
from matricula.profiles.documents.users import MATCH_FIELDS, USER_DEFAULTS
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS, MoodleField
from matricula.profiles.outline import bare, inner, is_model
from matricula.profiles.vocabulary import Basis
from matricula.roster.tables import ENROLLMENTS, USERS, Table
from matricula.web.forms.base import UNSET, Node
from matricula.web.forms.gathered import MoodleFields, Part, Rows
from matricula.web.forms.leaves import Leaf, LeafKind, Switch, Words, choices_of
from matricula.web.forms.moodle_words import FIELD_LABELS, FIXED, takes
from matricula.web.forms.words import label_of

Place = tuple[str, ...]
"""A path without numbers and free names."""


def _roles(table: Table) -> tuple[str, ...]:
    known = next(column.values for column in table.columns if column.name == "role")
    return tuple(known.everywhere()) if known else ()


_USER_ROLES: Final = _roles(USERS)
_ENROLMENT_ROLES: Final = (*_roles(ENROLLMENTS), *TEACHER_RANKS, *(f"ext:{kind}" for kind in TEACHER_KINDS))
_MOODLE_ROLES: Final = ("student", "teacher", "editingteacher", "manager", "coursecreator")
_OF_DRIFT: Final = {
    "user": (*USER_FIELDS, "suspended"),
    "course": (*COURSE_FIELDS, "category"),
    "enrolment": ("role", "suspended", "timestart", "timeend"),
}
_ONE: Final = {
    ("groups",): "group",
    ("cohorts",): "cohort",
    ("meta_links",): "long-lived course",
    ("categories", "levels"): "level",
    ("users", "match"): "field",
    ("tables",): "table",
    ("schedule", "entries"): "moment",
    ("schedule", "quiet"): "stretch of hours",
    ("enrolments", "roles"): "role",
    ("limits", "kinds"): "kind",
    ("grades", "category_titles"): "title",
    ("grades", "letters"): "letter",
    ("grades", "scales"): "word",
}
#: Lists of which none at all means something else than not to be set.
_CLEARS: Final = {("groups",), ("categories", "levels"), ("enrolments", "roles"), ("users", "match")}


class Builder:
    """Makes the nodes of a form of profiles.

    Args:
        basis: the profile's basis, which some defaults go by.
        choices: words that a setting may have in this home, as the names of sources, by its place.
    """

    def __init__(self, basis: Basis = "group", choices: Mapping[Place, tuple[str, ...]] | None = None) -> None:
        self._basis = basis
        self._choices = choices or {}

    def part_of(self, path: Place) -> Node:
        """The node of one setting of a profile."""
        model: type[BaseModel] = Profile
        for each in path[:-1]:
            model = bare(model.model_fields[each].annotation)
        return self._field(path, model.model_fields[path[-1]])

    def _field(self, place: Place, field: FieldInfo) -> Node:
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        default = None if default is PydanticUndefined else default
        help_text = field.description or ""
        return self._node(
            place, field.annotation, help_text, default, required=field.is_required(), bounds=field.metadata
        )

    def _node(
        self, place: Place, annotation: Any, help_text: str, default: Any, *, required: bool = False, bounds: Any = ()
    ) -> Node:
        label, kind = label_of(place), bare(annotation)
        if place in _MOODLE:
            return _MOODLE[place](self, place, help_text)
        if is_model(kind):
            part = self._part(place, kind, help_text)
            return part if kind is annotation or _is_needed(annotation) else _optional(part)
        if get_origin(kind) is dict:
            return self._table(place, annotation, help_text, default)
        if get_origin(kind) is tuple:
            return self._several(place, kind, help_text, default, required=required)
        if get_origin(kind) is Literal:
            return Leaf(label, help_text, "choice", default, choices_of(place[-1], get_args(kind)), required=required)
        if kind is bool:
            return Switch(label, help_text, bool(default), required=required)
        if place in self._choices:
            named = tuple((each, each) for each in self._choices[place])
            return Leaf(label, help_text, "choice", default, named, required=required)
        chosen = _kind_of(place, annotation, kind, bounds)
        scalar = chosen == "mapping" and help_text.startswith("Template or fixed value")
        return Leaf(label, help_text, chosen, default, self._likely(place), required=required, scalar=scalar)

    def _likely(self, place: Place) -> tuple[tuple[str, str], ...]:
        if place == ("users", "match", "field"):
            return choices_of("field", MATCH_FIELDS)
        if place == ("enrolments", "roles", "NAME"):
            return tuple((each, each) for each in _MOODLE_ROLES)
        return ()

    def _part(self, place: Place, model: type[BaseModel], help_text: str) -> Part:
        parts = {name: self._field((*place, name), field) for name, field in model.model_fields.items()}
        if place[:1] == ("users",) and place[1:] in (("student",), ("teacher",), ("employee",), ("parent",)):
            parts = {name: parts[name] for name in ("create", "update", "deactivate", "roles")}
        if issubclass(model, Condition):
            parts = {"value": parts.pop("value"), **parts}
        short = next(iter(parts)) if getattr(model, "short_form", None) is not None else ""
        if place == ("categories", "levels"):
            parts["name"] = replace(parts["name"], default="its own name")  # type: ignore[type-var]
        return Part(label_of(place), help_text, parts, short)

    def _several(self, place: Place, kind: Any, help_text: str, default: Any, *, required: bool) -> Node:
        item = inner(kind)
        label = label_of(place)
        if not is_model(item):
            named = tuple(map(str, default or ()))
            return Words(label, help_text, named, self._words(place), required=required)
        written = [_as_written(each) for each in default or ()]
        told = ", ".join(_in_words(place, each) for each in written)
        one = _ONE.get(place, "entry")
        return Rows(label, help_text, self._part(place, item, ""), written or None, None, told, one, place in _CLEARS)

    def _table(self, place: Place, annotation: Any, help_text: str, default: Any) -> Rows:
        value = _annotated_inner(annotation)
        item = self._node((*place, "NAME"), value, "", None)
        known = self._keys(place)
        key = Leaf(_KEYS.get(place, "Name"), "", "text", choices=known)
        told = ", ".join(f"{name}: {each}" for name, each in (default or {}).items())
        if isinstance(item, Leaf | Switch):
            item = replace(item, label=_VALUES.get(place, "Value"))
        elif isinstance(item, Rows):
            item = replace(item, label=_VALUES.get(place, "Entries"))
        return Rows(
            label_of(place), help_text, item, default or None, key, told, _ONE.get(place, "entry"), place in _CLEARS
        )

    def _keys(self, place: Place) -> tuple[tuple[str, str], ...]:
        if place == ("enrolments", "roles"):
            return tuple((each, each) for each in _ENROLMENT_ROLES)
        if place == ("limits", "kinds"):
            return tuple((each, each) for each in REMOVALS)
        if place == ("limits", "kinds", "NAME"):
            actions = dict.fromkeys(action for actions in REMOVALS.values() for action in actions)
            return tuple((each, each) for each in actions)
        if place[:1] == ("drift",):
            return tuple((each, each) for each in _OF_DRIFT.get(place[1], ("name", "idnumber")))
        return ()

    def _words(self, place: Place) -> tuple[str, ...]:
        if place in self._choices:
            return self._choices[place]
        if place[-1] == "roles" and place[0] == "users":
            return _USER_ROLES
        if place == ("grades", "items", "kinds"):
            return ITEM_KINDS
        return _ENROLMENT_ROLES if place[-1] in ("roles", "not_for") else ()

    def fields(
        self, place: Place, help_text: str, known: Mapping[str, MoodleField], defaults: Mapping[str, Mapped]
    ) -> Node:
        """Moodle's fields of a kind of record."""
        made = {}
        for name, field in known.items():
            default = defaults.get(name)
            label = f"{FIELD_LABELS.get(name, name.capitalize())} ({name})"
            model = Mapped if not defaults else type(next(iter(defaults.values())))
            part = self._part((*place, "NAME"), model, takes(field))
            value = part.parts["value"]
            assert isinstance(value, Leaf)  # noqa: S101 - a mapping is a text
            parts: dict[str, Node] = {
                "value": replace(value, default=default.value if default else None, required=False, help=""),
                "case": replace(part.parts["case"], default=default.case if default else "none"),  # type: ignore[type-var]
                "write": replace(part.parts["write"], default=field.write),  # type: ignore[type-var]
            }
            filled = default.value if default else UNSET
            made[name] = replace(part, label=label, parts=parts, filled=filled)
        reasons = {name: FIXED["locked"] for name, field in known.items() if field.locked}
        return MoodleFields(label_of(place), help_text, made, tuple(defaults), reasons)

    def _user_fields(self, place: Place, help_text: str) -> Node:
        return self.fields(place, help_text, USER_FIELDS, USER_DEFAULTS)

    def _course_fields(self, place: Place, help_text: str) -> Node:
        return self.fields(place, help_text, COURSE_FIELDS, course_defaults(self._basis))


_MOODLE: Final[Mapping[Place, Callable[[Builder, Place, str], Node]]] = {
    ("users", "fields"): Builder._user_fields,  # noqa: SLF001
    ("courses", "fields"): Builder._course_fields,  # noqa: SLF001
}
_KEYS: Final[Mapping[Place, str]] = {
    ("enrolments", "roles"): "Role in the roster",
    ("limits", "kinds"): "Kind",
    ("limits", "kinds", "NAME"): "What is done",
    ("grades", "category_titles"): "Title in Moodle",
    ("grades", "scales"): "Word",
} | {("drift", kind): "Field" for kind in DriftRules.model_fields}
_VALUES: Final[Mapping[Place, str]] = {
    ("enrolments", "roles"): "Role in Moodle",
    ("tables", "NAME"): "Becomes",
    ("tables",): "Entries",
    ("limits", "kinds"): "Limits",
    ("grades", "category_titles"): "Title in the school's system",
    ("grades", "scales"): "Points",
} | {("drift", kind): "An edit of it" for kind in DriftRules.model_fields}


def _kind_of(place: Place, annotation: Any, kind: Any, bounds: Any) -> LeafKind:
    if place[-1] == "timezone":
        return "zone"
    if MAPPING in bounds or _has(annotation, MAPPING):
        return "mapping"
    if kind is date:
        return "day"
    if kind is int:
        return "whole"
    if kind is float:
        least = any(getattr(each, "ge", getattr(each, "gt", None)) == 0 for each in bounds)
        return "share" if least and any(isinstance(each, Le) and each.le == 1 for each in bounds) else "number"
    return "text"


def _has(annotation: Any, mark: str) -> bool:
    if get_origin(annotation) is Annotated:
        return mark in annotation.__metadata__ or _has(annotation.__origin__, mark)
    if get_origin(annotation) in (Union, UnionType):
        return any(_has(each, mark) for each in get_args(annotation) if each is not NoneType)
    return False


def _is_needed(annotation: Any) -> bool:
    """Whether a setting cannot be left away by writing nothing."""
    while get_origin(annotation) is Annotated:
        annotation = annotation.__origin__
    return NoneType not in get_args(annotation)


def _optional(part: Part) -> Part:
    """A part of which everything may stay empty: then it is not there."""
    parts = {
        name: replace(node, required=False) if isinstance(node, Leaf | Words) else node
        for name, node in part.parts.items()
    }
    return replace(part, parts=parts)


def _annotated_inner(annotation: Any) -> Any:
    """What stands in a table, with what is said beside its type."""
    while get_origin(annotation) is Annotated:
        annotation = annotation.__origin__
    if get_origin(annotation) in (Union, UnionType):
        return _annotated_inner(next(each for each in get_args(annotation) if each is not NoneType))
    return get_args(annotation)[1]


def _as_written(value: Any) -> Any:
    """A default as a document would have it."""
    if isinstance(value, BaseModel):
        told = {name: _as_written(each) for name, each in value if name in value.model_fields_set and each is not None}
        short = getattr(value, "short_form", None) is not None
        return next(iter(told.values())) if short and len(told) == 1 else told
    return value


def _in_words(place: Place, value: Any) -> str:
    if place == ("categories", "levels"):
        return dict(choices_of("level", tuple(LEVEL_NAMES)))[value]
    return dict(choices_of("field", MATCH_FIELDS)).get(value, str(value)) if isinstance(value, str) else str(value)
