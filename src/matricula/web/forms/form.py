"""A whole form of a document: shown, read, changed by its own buttons, and shown again with what is wrong."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from matricula.profiles.faults import Fault
from matricula.web.forms.base import UNSET, Flat, Node, Path, Reading, Showing
from matricula.web.forms.gathered import MoodleFields, Rows
from matricula.web.forms.views import View

#: More texts than this no form has, however many rows.
MOST_FIELDS = 20_000


@dataclass(frozen=True)
class Section:
    """One setting of the document at its top, or a part of one."""

    path: tuple[str, ...]
    node: Node

    @property
    def name(self) -> str:
        """Name of its field."""
        return ".".join(self.path)


@dataclass(frozen=True)
class Posted:
    """What somebody made of a document in a form.

    Args:
        content: the values that the document would have.
        names: the name of the field of each setting.
        doubles: what stands twice in a table, by the name of the field.
    """

    content: dict[str, Any]
    names: Mapping[Path, str]
    doubles: Mapping[str, str]


class Form:
    """A form of some settings of a document.

    Args:
        sections: the settings.
    """

    def __init__(self, sections: Iterable[Section]) -> None:
        self._sections = tuple(sections)

    def show(self, content: Mapping[str, Any]) -> Flat:
        """A document in the form."""
        flat: Flat = {}
        for section in self._sections:
            section.node.show(_at(content, section.path), section.name, flat)
        return flat

    def read(self, content: Mapping[str, Any], flat: Flat) -> Posted:
        """What the form says.

        Args:
            content: the document that it was made from; what nobody touched is just as it is there.
            flat: the form.
        """
        reading = Reading(flat)
        after: dict[str, Any] = deepcopy(dict(content))
        for section in self._sections:
            old = _at(content, section.path)
            value = section.node.read(old, section.name, section.path, reading)
            if value is not old:
                _put(after, section.path, value)
        return Posted(after, reading.names, reading.doubles)

    def act(self, flat: Flat, what: str) -> str:
        """What a button of the form does to it; nothing is saved.

        Args:
            flat: the form, which is changed.
            what: `add:NAME`, `drop:NAME:ID`, `up:NAME:ID`, `reset:NAME`, `change:NAME`.

        Returns:
            The name of the field to look at next.
        """
        act, _, rest = what.partition(":")
        name, _, entry = rest.partition(":")
        node = self._find(name)
        if node is None:
            return ""
        if act == "reset":
            for each in [each for each in flat if each == name or each.startswith(f"{name}.")]:
                del flat[each]
            node.show(UNSET, name, flat)
        elif act == "add" and isinstance(node, MoodleFields):
            return f"{name}.{node.add(name, (flat.get(f'{name}.+new') or [''])[0], flat)}.value"
        elif act == "add" and isinstance(node, Rows) and len(flat) < MOST_FIELDS:
            return f"{name}.{node.add(name, flat)}"
        elif act == "change" and isinstance(node, Rows):
            node.show_default(name, flat)
        elif act in ("drop", "up") and isinstance(node, Rows):
            _move(flat.get(f"{name}.#", []), entry, gone=act == "drop")
        return name

    def views(
        self,
        flat: Flat,
        posted: Posted,
        faults: Iterable[Fault] = (),
        tried: Mapping[str, Any] | None = None,
    ) -> tuple[View, ...]:
        """The form as it is shown.

        Args:
            flat: the form.
            posted: what it says.
            faults: what is wrong with it.
            tried: what its mappings make of real rows, by the name of the field.
        """
        at: dict[str, tuple[str, ...]] = {name: (told,) for name, told in posted.doubles.items()}
        for fault in faults:
            if name := field_of(fault.path, posted.names):
                at[name] = (*at.get(name, ()), fault.says)
        showing = Showing(flat, at, {name: path for path, name in posted.names.items()}, tried or {})
        return tuple(section.node.view(section.name, showing) for section in self._sections)

    def _find(self, name: str) -> Node | None:
        for section in self._sections:
            if name == section.name:
                return section.node
            if name.startswith(f"{section.name}."):
                return section.node.find(name.removeprefix(f"{section.name}.").split("."))
        return None


def field_of(path: Path, names: Mapping[Path, str]) -> str:
    """The field of the form that a setting stands in, or the nearest around it; empty where none is."""
    for length in range(len(path), 0, -1):
        found = names.get(path[:length])
        if found is not None:
            # What stands for a whole part of the document has a field of its own in it.
            short = (names.get((*path[:length], each)) for each in ("level", "field", "value"))
            return next((name for name in short if name), found)
    return ""


def _at(content: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = content
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            return UNSET
        found = found[part]
    return found


def _put(content: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    around: list[dict[str, Any]] = [content]
    for part in path[:-1]:
        inside = around[-1].get(part)
        around[-1][part] = inside = dict(inside) if isinstance(inside, Mapping) else {}
        around.append(inside)
    if value is UNSET:
        around[-1].pop(path[-1], None)
        for part, outer, inside in zip(reversed(path[:-1]), reversed(around[:-1]), reversed(around[1:]), strict=True):
            if not inside:
                outer.pop(part, None)
    else:
        around[-1][path[-1]] = value


def _move(numbers: list[str], entry: str, *, gone: bool) -> None:
    if entry not in numbers:
        return
    place = numbers.index(entry)
    numbers.pop(place)
    if not gone:
        numbers.insert(max(place - 1, 0), entry)
