"""Several settings of a form together: parts of a document, lists, tables, and Moodle's fields with their mappings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matricula.profiles.rewriting import same
from matricula.web.forms.base import NOT_SET, SET, UNSET, Flat, Node, Path, Reading, Showing
from matricula.web.forms.leaves import Leaf
from matricula.web.forms.views import Row, View


@dataclass(frozen=True)
class Part:
    """Settings with names, as a part of a document.

    Args:
        label: what it is called.
        help: what it is.
        parts: its settings by name.
        short: the setting that may stand for the whole; empty where none may.
        filled: what stands for the setting `short` where it is not set and others are.
        fold: whether it is shown folded away.
    """

    label: str
    help: str
    parts: Mapping[str, Node]
    short: str = ""
    filled: Any = UNSET
    fold: bool = False

    def show(self, value: Any, name: str, flat: Flat) -> None:
        """Put what a document says into a form."""
        inside = self._inside(value)
        for each, node in self.parts.items():
            node.show(inside.get(each, UNSET), f"{name}.{each}", flat)

    def read(self, old: Any, name: str, path: Path, reading: Reading) -> Any:
        """What the form says; see `Node.read`."""
        reading.names[path] = name
        before = self._inside(old)
        after = dict(before)
        for each, node in self.parts.items():
            value = node.read(before.get(each, UNSET), f"{name}.{each}", (*path, each), reading)
            if value is UNSET:
                after.pop(each, None)
            else:
                after[each] = value
        if same(after, before):
            return old
        if not after:
            return UNSET
        if self.short and self.short not in after and self.filled is not UNSET:
            after = {self.short: self.filled, **after}
        return after[self.short] if self.short and set(after) == {self.short} else after

    def view(self, name: str, showing: Showing) -> View:
        """How it is shown."""
        parts = tuple(node.view(f"{name}.{each}", showing) for each, node in self.parts.items())
        return View(
            kind="part",
            name=name,
            label=self.label,
            help=self.help,
            is_set=any(each.is_set for each in parts),
            parts=parts,
            faults=showing.faults.get(name, ()),
            path=showing.paths.get(name, ()),
            extra={"short": self.short, "fold": self.fold},
        )

    def find(self, steps: list[str]) -> Node | None:
        """The node that the rest of a name leads to."""
        if not steps:
            return self
        node = self.parts.get(steps[0])
        return node.find(steps[1:]) if node else None

    def _inside(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Mapping):
            return dict(value)
        return {} if value is UNSET or value is None or not self.short else {self.short: value}


@dataclass(frozen=True)
class Rows:
    """A list of which each entry has settings; or a table, of which each entry has a name, too.

    Args:
        label: what it is called.
        help: what it is.
        item: one entry.
        default: what holds where it is not set, as a document would have it; None where nothing does.
        key: the name of an entry; None for a list.
        told: the default in words.
        one: what one entry is called.
        clears: whether a list without an entry means something else than no list.
    """

    label: str
    help: str
    item: Node
    default: Any = None
    key: Leaf | None = None
    told: str = ""
    one: str = "entry"
    clears: bool = False

    def show(self, value: Any, name: str, flat: Flat) -> None:
        """Put what a document says into a form."""
        entries = self._entries(value)
        flat[f"{name}.?"] = [SET if value is not UNSET and value is not None else NOT_SET]
        flat[f"{name}.#"] = [str(number) for number in range(len(entries))]
        self._show_each(entries, name, flat, "")

    def show_default(self, name: str, flat: Flat) -> None:
        """Put the default into a form, to be changed there."""
        entries = self._entries(self.default)
        flat[f"{name}.?"] = [SET]
        flat[f"{name}.#"] = [f"n{number}" for number in range(len(entries))]
        self._show_each(entries, name, flat, "n")

    def add(self, name: str, flat: Flat) -> str:
        """Add an entry to a form; returns its id."""
        there = flat.setdefault(f"{name}.#", [])
        flat[f"{name}.?"] = [SET]
        number = next(f"n{number}" for number in range(len(there) + 1) if f"n{number}" not in there)
        for each in [each for each in flat if each.startswith(f"{name}.{number}.")]:
            del flat[each]
        there.append(number)
        if self.key is not None:
            flat[f"{name}.{number}.="] = [""]
        self.item.show(UNSET, f"{name}.{number}", flat)
        return number

    def read(self, old: Any, name: str, path: Path, reading: Reading) -> Any:
        """What the form says; see `Node.read`."""
        reading.names[path] = name
        marker = reading.flat.get(f"{name}.?")
        if not marker:
            return old
        if marker[0] == NOT_SET:
            return old if old is None else UNSET
        before = self._entries(old)
        after: list[tuple[Any, Any]] = []
        for number in reading.flat.get(f"{name}.#", []):
            known = int(number) if number.isdigit() and int(number) < len(before) else None
            was_key, was = before[known] if known is not None else (None, UNSET)
            place = len(after) if self.key is None else self._key_of(was_key, f"{name}.{number}", reading)
            value = self.item.read(was, f"{name}.{number}", (*path, place), reading)
            if self.key is not None:
                reading.names.setdefault((*path, place), f"{name}.{number}.=")
                if place == "":
                    if value is UNSET:
                        continue
                    reading.doubles[f"{name}.{number}.="] = "a name is needed"
                elif value is UNSET and known is None:
                    value = None
                if any(place == key for key, _ in after):
                    reading.doubles[f"{name}.{number}.="] = f"“{place}” stands there twice"
            if value is not UNSET:
                after.append((place, value))
        return self._whole(old, before, after)

    def view(self, name: str, showing: Showing) -> View:
        """How it is shown."""
        numbers = showing.flat.get(f"{name}.#", [])
        is_set = (showing.flat.get(f"{name}.?") or [NOT_SET])[0] == SET
        rows = []
        for place, number in enumerate(numbers):
            entry = self.item.view(f"{name}.{number}", showing)
            parts = (entry,) if self.key is None else (self.key.view(f"{name}.{number}.=", showing), entry)
            rows.append(Row(number, parts, is_first=place == 0))
        return View(
            kind="rows" if self.key is None else "table",
            name=name,
            label=self.label,
            help=self.help,
            default=self.told,
            is_set=is_set,
            rows=tuple(rows),
            faults=showing.faults.get(name, ()),
            path=showing.paths.get(name, ()),
            extra={"one": self.one, "has_default": bool(self.default)},
        )

    def find(self, steps: list[str]) -> Node | None:
        """The node that the rest of a name leads to."""
        return self.item.find(steps[1:]) if steps else self

    def _show_each(self, entries: list[tuple[Any, Any]], name: str, flat: Flat, prefix: str) -> None:
        for number, (key, value) in enumerate(entries):
            if self.key is not None:
                self.key.show(key, f"{name}.{prefix}{number}.=", flat)
            self.item.show(value, f"{name}.{prefix}{number}", flat)

    def _entries(self, value: Any) -> list[tuple[Any, Any]]:
        if value is UNSET or value is None:
            return []
        if isinstance(value, Mapping):
            return list(value.items())
        return list(enumerate(value)) if isinstance(value, list | tuple) else [(0, value)]

    def _key_of(self, was: Any, name: str, reading: Reading) -> Any:
        came = (reading.flat.get(f"{name}.=") or [str(was or "")])[0].strip()
        return was if was is not None and came == str(was) else came

    def _whole(self, old: Any, before: list[tuple[Any, Any]], after: list[tuple[Any, Any]]) -> Any:
        whole = [value for _, value in after] if self.key is None else dict(after)
        unchanged = [value for _, value in before] if self.key is None else dict(before)
        if old is not UNSET and old is not None and same(whole, unchanged):
            return old
        return UNSET if not whole and not self.clears else whole


@dataclass(frozen=True)
class MoodleFields:
    """Fields of accounts or courses, each with what it is made of.

    Args:
        label: what they are called.
        help: what they are.
        fields: all there are, by Moodle's names.
        always: those that are shown whether or not the document has them.
        locked: why some cannot be taken out.
    """

    label: str
    help: str
    fields: Mapping[str, Part]
    always: tuple[str, ...]
    locked: Mapping[str, str]

    def show(self, value: Any, name: str, flat: Flat) -> None:
        """Put what a document says into a form."""
        there = dict(value) if isinstance(value, Mapping) else {}
        flat[f"{name}.+"] = [each for each in self.fields if each in there or each in self.always]
        for each in flat[f"{name}.+"]:
            self._show_one(there.get(each, UNSET), f"{name}.{each}", flat)

    def add(self, name: str, which: str, flat: Flat) -> str:
        """Add a field to a form; returns its name."""
        there = flat.setdefault(f"{name}.+", [])
        if which in self.fields and which not in there:
            there.append(which)
            self._show_one(UNSET, f"{name}.{which}", flat)
        return which

    def read(self, old: Any, name: str, path: Path, reading: Reading) -> Any:
        """What the form says; see `Node.read`."""
        reading.names[path] = name
        before = dict(old) if isinstance(old, Mapping) else {}
        after = dict(before)
        for each in reading.flat.get(f"{name}.+", []):
            if each not in self.fields:
                continue
            value = self._read_one(before.get(each, UNSET), each, f"{name}.{each}", (*path, each), reading)
            if value is UNSET:
                after.pop(each, None)
            else:
                after[each] = value
        if same(after, before):
            return old
        return after or UNSET

    def view(self, name: str, showing: Showing) -> View:
        """How it is shown."""
        shown = [each for each in showing.flat.get(f"{name}.+", []) if each in self.fields]
        parts = tuple(self._view_one(each, f"{name}.{each}", showing) for each in shown)
        return View(
            kind="fields",
            name=name,
            label=self.label,
            help=self.help,
            parts=parts,
            is_set=any(each.is_set for each in parts),
            faults=showing.faults.get(name, ()),
            path=showing.paths.get(name, ()),
            adds=tuple((each, part.label) for each, part in self.fields.items() if each not in shown),
        )

    def find(self, steps: list[str]) -> Node | None:
        """The node that the rest of a name leads to."""
        if not steps:
            return self
        part = self.fields.get(steps[0])
        return part.find(steps[1:]) if part else None

    def _show_one(self, value: Any, name: str, flat: Flat) -> None:
        flat[f"{name}.out"] = [NOT_SET, *(["yes"] if value is None else [])]
        part = self.fields[name.rpartition(".")[2]]
        part.show(UNSET if value is None else value, name, flat)

    def _read_one(self, old: Any, field: str, name: str, path: Path, reading: Reading) -> Any:
        out = reading.flat.get(f"{name}.out") or [NOT_SET, *(["yes"] if old is None else [])]
        value = self.fields[field].read(UNSET if old is None else old, name, path, reading)
        return None if "yes" in out else value

    def _view_one(self, field: str, name: str, showing: Showing) -> View:
        view = self.fields[field].view(name, showing)
        out = "yes" in showing.flat.get(f"{name}.out", [])
        locked = self.locked.get(field, "")
        extra = {
            **view.extra,
            "field": field,
            "out": out,
            "may_go": not locked and (field in self.always or out),
        }
        return View(**{**vars(view), "kind": "field", "locked": locked, "extra": extra})
