"""Forms of sites, sources and the service, made of their models: one field for each setting, with what it is for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import AnyHttpUrl, BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from matricula.errors import MatriculaError, SettingError
from matricula.profiles.altering import UNSET, as_yaml
from matricula.profiles.outline import bare, inner, is_model

HEAD: Final = frozenset({"kind", "name", "type"})
"""Settings that a form never asks for."""


class Shape(StrEnum):
    """How a setting is asked for."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    SWITCH = "switch"
    LINES = "lines"
    YAML = "yaml"
    GROUP = "group"
    LIST = "list"


@dataclass(frozen=True)
class Entry:
    """One field of a form.

    Args:
        path: the setting, as `url` or `mail.host`; it is the field's name, too.
        label: what it is called.
        says: what it is for.
        shape: how it is asked for.
        choices: what may be chosen.
        required: whether it has to be filled in.
        default: what holds where it is left blank, for people; empty where nothing does.
        entries: the fields of a group, or of each entry of a list.
        rows: the entries of a list, each with its fields; the last one is blank.
        value: what it holds.
        fault: what is wrong with it.
    """

    path: str
    label: str
    says: str
    shape: Shape
    choices: tuple[str, ...] = ()
    required: bool = False
    default: str = ""
    entries: tuple["Entry", ...] = ()
    rows: tuple[tuple["Entry", ...], ...] = ()
    value: str = ""
    fault: str = ""

    @property
    def filled(self) -> bool:
        """Whether anything is said in it."""
        inside = [*self.entries, *(each for row in self.rows for each in row)]
        return bool(self.value or self.fault) or any(each.filled for each in inside)


_LABELS: Final = MappingProxyType(
    {
        "url": "Address",
        "base": "Address",
        "path": "Folder or file on the server",
        "ca_file": "Certificate of the school's own authority",
        "token_env": "Environment variable with the token",
        "callers": "Calls at once",
        "timeout": "Seconds to wait for an answer",
        "patience": "Seconds to wait for a site out of reach",
        "roles": "Role ids",
        "never_touch": "Accounts never touched",
        "timezone": "Time zone",
        "mail": "E-mail",
        "mail.host": "Mail server",
        "mail.security": "Encryption",
        "mail.user": "User name",
        "mail.secret": "Name of the password's secret",
        "mail.sender": "Sender's address",
        "sign_on": "Sign-on with OpenID Connect",
        "sign_on.secret": "Name of the client secret",
        "told": "People told by e-mail",
        "published": "Courses of other Moodles",
        "moodle": "Address of that Moodle",
        "tells": "What it is told",
        "hooks_out": "Webhooks that are told",
        "hooks_in": "Systems that may tell",
        "to": "E-mail addresses",
        "about": "Told of",
        "digest": "Time of the daily digest",
        "sites": "Only of these sites",
        "secret": "Name of its secret",
        "address": "Address of this console",
        "sessions.idle": "Minutes without a click",
        "sessions.longest": "Minutes at most",
        "bind_dn": "Account to read with",
        "auth": "Signing in",
        "tls": "Encryption",
        "users": "Where people stand",
        "groups": "Where groups stand",
        "files": "Files and their columns",
        "year": "School year",
        "absent": "Files that never come",
        "strict": "Refuse what is not by the standard",
    }
)


def form_of(
    model: type[BaseModel], *, without: Collection[str] = (), optional: Collection[str] = ()
) -> tuple[Entry, ...]:
    """The fields of a model's form, empty.

    Args:
        model: the model.
        without: settings that are not asked for, beside `HEAD`.
        optional: settings that may be left blank though the model needs them, as a recipe says them.
    """
    return tuple(
        replace(entry, required=entry.required and entry.path not in optional)
        for entry in _entries(model, "", needed=True)
        if entry.path not in HEAD and entry.path not in without
    )


def filled(
    form: tuple[Entry, ...], content: Mapping[str, Any], faults: Mapping[str, str] | None = None
) -> tuple[Entry, ...]:
    """A form with what a document says.

    Args:
        form: the form.
        content: the document's values.
        faults: what is wrong, by path.
    """
    told = faults or {}
    return tuple(_filled(entry, content.get(_name(entry)), told) for entry in form)


def _filled(entry: Entry, value: Any, told: Mapping[str, str]) -> Entry:
    rows = [_row(entry, number, _table(each), told) for number, each in enumerate([*_items(value), {}])]
    return replace(
        entry,
        value=_shown(entry, value),
        fault=told.get(entry.path, ""),
        entries=filled(entry.entries, _table(value), told) if entry.shape is Shape.GROUP else entry.entries,
        rows=tuple(rows) if entry.shape is Shape.LIST else (),
    )


def _row(entry: Entry, number: int, content: Mapping[str, Any], told: Mapping[str, str]) -> tuple[Entry, ...]:
    """One entry of a list: its fields, under paths of their own; faults count entries from 1."""
    fields = []
    for each in filled(entry.entries, content):
        of_list = {f"{entry.path}[{number + 1}].{each.path}", f"{entry.path}[{number + 1}].{each.path}[1]"}
        fault = next((told[path] for path in sorted(of_list) if path in told), "")
        fields.append(replace(each, path=f"{entry.path}.{number}.{each.path}", fault=fault))
    return tuple(fields)


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def as_sent(
    form: tuple[Entry, ...], sent: Mapping[str, str], faults: Mapping[str, str] | None = None
) -> tuple[Entry, ...]:
    """A form with what somebody typed into it."""
    told = faults or {}
    return tuple(_sent(entry, sent, told) for entry in form)


def _sent(entry: Entry, sent: Mapping[str, str], told: Mapping[str, str]) -> Entry:
    rows = []
    for number, row in enumerate(entry.rows):
        faults = [each.fault for each in _row(entry, number, {}, told)]
        fields = zip(row, faults, strict=True)
        rows.append(tuple(replace(each, value=sent.get(each.path, ""), fault=fault) for each, fault in fields))
    return replace(
        entry,
        value=sent.get(entry.path, ""),
        fault=told.get(entry.path, ""),
        entries=as_sent(entry.entries, sent, told) if entry.shape is Shape.GROUP else entry.entries,
        rows=tuple(rows),
    )


def untold(form: tuple[Entry, ...], faults: Mapping[str, str]) -> list[str]:
    """What is wrong and stands beside no field."""
    beside = set(_paths(form))
    return [f"{path}: {what}" if path[0] != "(" else what for path, what in faults.items() if path not in beside]


def _paths(form: tuple[Entry, ...]) -> Iterator[str]:
    for entry in form:
        yield entry.path
        yield from _paths(entry.entries)
        for row in entry.rows:
            yield from _paths(row)


def changes(form: tuple[Entry, ...], sent: Mapping[str, str]) -> dict[str, Any]:
    """What a form that was sent says otherwise than the document it was filled with, by path; blank takes out.

    Args:
        form: the form, filled with the document.
        sent: what came, by path; a field that did not come was not asked for, but for switches.

    Raises:
        SettingError: what stands in a field for YAML is none.
    """
    said: dict[str, Any] = {}
    for entry in form:
        if entry.shape is Shape.GROUP:
            said |= changes(entry.entries, sent)
        elif entry.shape is Shape.LIST:
            said |= _list_changes(entry, sent)
        elif entry.path in sent and _plain(sent[entry.path]) != _plain(entry.value):
            said[entry.path] = _read(entry, _plain(sent[entry.path]))
    return said


def _list_changes(entry: Entry, sent: Mapping[str, str]) -> dict[str, Any]:
    """What the entries of a list say, where that is otherwise than before; an entry left blank is none."""
    if not any(each.path in sent for row in entry.rows for each in row):
        return {}
    before = [{each.path: _plain(each.value) for each in row} for row in entry.rows]
    now = [{each.path: _plain(sent.get(each.path, each.value)) for each in row} for row in entry.rows]
    if before == now:
        return {}
    items = []
    for row in entry.rows:
        said = {each.path.rpartition(".")[2]: _read(each, _plain(sent.get(each.path, ""))) for each in row}
        if item := {name: value for name, value in said.items() if value is not UNSET}:
            items.append(item)
    return {entry.path: items or UNSET}


def faults_by_path(error: MatriculaError | None) -> dict[str, str]:
    """What is wrong with which setting, of a document that was refused; empty for any other error."""
    found: dict[str, str] = {}
    if error is None or error.code != "document-refused":
        return found
    for line in error.what.splitlines()[1:]:
        place, colon, what = line.strip().partition(": ")
        if colon:
            found.setdefault(place.partition(", line")[0], what.partition(" (came: ")[0])
    return found


def _entries(model: type[BaseModel], above: str, *, needed: bool) -> Iterator[Entry]:
    for name, field in model.model_fields.items():
        path, annotation = f"{above}{name}", bare(field.annotation)
        required, shape = needed and field.is_required(), _shape(annotation)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        inside = _entries(annotation, f"{path}.", needed=required) if shape is Shape.GROUP else _of_each(annotation)
        yield Entry(
            path=path,
            label=_LABELS.get(path) or _LABELS.get(name) or name.replace("_", " ").capitalize(),
            says=field.description or "",
            shape=shape,
            choices=_choices(annotation),
            required=required,
            default="" if shape in (Shape.GROUP, Shape.LIST) else _default(default),
            entries=tuple(inside),
        )


def _of_each(annotation: Any) -> Iterator[Entry]:
    """The fields of each entry of a list; their paths begin anew."""
    if _shape(annotation) is Shape.LIST:
        yield from _entries(inner(annotation), "", needed=False)


def _shape(annotation: Any) -> Shape:
    if is_model(annotation) and getattr(annotation, "short_form", None) is None:
        return Shape.GROUP
    if get_origin(annotation) is Literal:
        return Shape.CHOICE
    if annotation is bool:
        return Shape.SWITCH
    if annotation in (int, float):
        return Shape.NUMBER
    if annotation in (str, Path, AnyHttpUrl, date):
        return Shape.TEXT
    within = inner(annotation)
    if get_origin(annotation) is not tuple:
        return Shape.YAML
    if is_model(within) and _is_flat(within):
        return Shape.LIST
    return Shape.LINES if within is str or get_origin(within) is Literal else Shape.YAML


def _is_flat(model: type[BaseModel]) -> bool:
    """Whether the fields of a model are asked for without others within them."""
    shapes = {_shape(bare(field.annotation)) for field in model.model_fields.values()}
    return getattr(model, "short_form", None) is None and not shapes & {Shape.GROUP, Shape.LIST}


def _choices(annotation: Any) -> tuple[str, ...]:
    if annotation is bool:
        return ("true", "false")
    annotation = inner(annotation) or annotation
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def _default(value: Any) -> str:
    if value is None or value in ("", (), {}, []):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) if all(isinstance(each, str) for each in value) else ""
    return str(value) if isinstance(value, str | int | float) else ""


def _name(entry: Entry) -> str:
    return entry.path.rpartition(".")[2]


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _shown(entry: Entry, value: Any) -> str:
    if value is None or entry.shape is Shape.GROUP:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if entry.shape is Shape.LINES and isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return as_yaml(value) if entry.shape is Shape.YAML else str(value)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _read(entry: Entry, text: str) -> Any:
    if not text:
        return UNSET
    if entry.shape is Shape.LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if entry.shape is Shape.SWITCH:
        return text == "true"
    if entry.shape is Shape.NUMBER:
        return _number(text)
    return _yaml(entry, text) if entry.shape is Shape.YAML else text


def _number(text: str) -> Any:
    """A number where it is one; else the text, so that the model says what is wanted."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _yaml(entry: Entry, text: str) -> Any:
    try:
        return YAML(typ="safe").load(text)
    except YAMLError as error:
        raise SettingError(
            f"The document has 1 fault:\n  {entry.path}: this is not YAML: {getattr(error, 'problem', error)}",
            where=entry.label,
            remedy="Mend the field: each line is a name, a colon and a value; what belongs below a name is indented.",
            code="document-refused",
        ) from error
