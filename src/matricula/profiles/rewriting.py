"""A document's text changed so that it says something else, and every line that is not concerned as it was.

YAML is read with its places, and only what stands at the places that differ is written anew. Comments, order, quotes
and blank lines elsewhere are never touched, because they are never looked at.
"""

import io
import json
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import ScalarString

from matricula.errors import SettingError
from matricula.profiles.plain_yaml import BlockLines, inline

Path = tuple[str | int, ...]
#: The settings there are at a path, in the order in which new ones are put; none where names are free.
Order = Callable[[Path], tuple[str, ...]]


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same, `1`, `1.0` and `true` told from one another."""
    return _told(one) == _told(other)


def restated(body: str, wanted: Mapping[str, Any], order: Order) -> str:
    """A document's text, changed so that it says what is wanted.

    Args:
        body: the text.
        wanted: all values that it is to have.
        order: the settings there are at a path, in their order.

    Raises:
        SettingError: the text is written in a way that cannot be changed by parts.
    """
    if same(YAML(typ="safe").load(body), wanted):
        return body
    body = body.replace("\r\n", "\n")
    body += "" if body.endswith("\n") else "\n"
    changed = _Change(body, order).to(wanted)
    if changed is None:
        changed = _Change(_without_aliases(body), order).to(wanted)
    if changed is not None:
        return changed
    raise SettingError(
        "This document is written in a way that a form cannot change.",
        where=f"{wanted.get('kind', '')} {wanted.get('name', '')}".strip(),
        remedy="Change it as YAML.",
        code="document-not-changeable",
    )


def _told(value: Any) -> str:
    return json.dumps(_plain(value), default=repr)


def _plain(value: Any) -> Any:
    """A value for JSON, in which the order of a table does not count and its names stay what they are."""
    if isinstance(value, Mapping):
        return {"": sorted((repr(name), _told(each)) for name, each in value.items())}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


class _Change:
    """One text being changed."""

    def __init__(self, body: str, order: Order) -> None:
        self._body = body
        self._order = order
        self._edits: list[tuple[int, int, str]] = []
        self._content = YAML(typ="safe").load(body)

    def to(self, wanted: Mapping[str, Any]) -> str | None:
        """The text that says what is wanted; None where that could not be brought about."""
        if same(self._content, wanted):
            return self._body
        root = YAML(typ="safe", pure=True).compose(self._body)
        self._value(root, self._content, wanted, (), None)
        text = self._body
        for _, (start, end, put) in sorted(
            enumerate(self._edits), key=lambda each: (each[1][:2], each[0]), reverse=True
        ):
            text = text[:start] + put + text[end:]
        try:
            return text if same(YAML(typ="safe").load(text), wanted) else None
        except YAMLError:
            return None

    def _value(self, node: Node, old: Any, new: Any, path: Path, key: Node | None) -> None:
        """Make one value say something else.

        Args:
            node: where it stands.
            old: what it says.
            new: what it is to say.
            path: its path.
            key: the key it stands behind, of a block of settings.
        """
        if same(old, new):
            return
        filled = bool(old) and bool(new)
        if filled and isinstance(node, MappingNode) and isinstance(new, Mapping) and _is_plain(node):
            self._map(node, old, new, path, key)
        elif filled and isinstance(node, SequenceNode) and isinstance(new, list | tuple):
            self._list(node, old, list(new), path, key)
        else:
            self._replace(node, new, key)

    def _replace(self, node: Node, new: Any, key: Node | None) -> None:
        start, end, text = node.start_mark.index, self._end(node), inline(new)
        if key is None:
            self._put(start, end, text)
            return
        colon = self._body.index(":", key.end_mark.index) + 1
        if not self._body[start:end].strip():
            self._put(colon, colon, f" {text}")
        elif "\n" not in self._body[colon:start]:
            self._put(start, end, text)
        else:
            self._put(self._line(start) - 1, end, "")
            self._put(colon, colon, f" {text}")

    def _map(self, node: MappingNode, old: Any, new: Mapping[Any, Any], path: Path, key: Node | None) -> None:
        entries = {self._key(each): (each, value) for each, value in node.value}
        gone = [name for name in entries if name not in new]
        come = [name for name in new if name not in entries]
        renamed = _renamed(gone, come, old, new)
        if (gone or come) and node.flow_style:
            self._put(node.start_mark.index, self._end(node), self._flow_map(entries, old, new, renamed))
            return
        first = self._body[self._line(node.start_mark.index) : node.start_mark.index]
        if first.strip() and gone and gone[0] == next(iter(entries)) and gone[0] not in renamed:
            self._replace(node, new, key)
            return
        for name, (where, value) in entries.items():
            if name in renamed:
                self._put(where.start_mark.index, where.end_mark.index, inline(renamed[name]))
            elif name in gone:
                self._put(self._line(where.start_mark.index), self._next_line(self._entry_end(where, value)), "")
            else:
                self._value(value, old[name], new[name], (*path, name), where)
        self._add_to_map(entries, {n: new[n] for n in come if n not in renamed.values()}, path, node)

    def _add_to_map(
        self, entries: Mapping[Any, tuple[Node, Node]], added: Mapping[Any, Any], path: Path, node: Node
    ) -> None:
        known = self._order(path)
        lines = BlockLines(node.start_mark.column)
        for name in sorted(added, key=lambda each: known.index(each) if each in known else len(known)):
            place = known.index(name) if name in known else 0
            before = [each for each in entries if each in known and known.index(each) < place]
            text = lines.entry(name, added[name])
            if name in known and not before:
                first = self._line(next(iter(entries.values()))[0].start_mark.index)
                head = self._body[first : node.start_mark.index]
                if head.strip():  # it stands behind a dash
                    self._put(
                        node.start_mark.index, node.start_mark.index, text.lstrip() + " " * node.start_mark.column
                    )
                else:
                    self._put(first, first, text)
                continue
            behind = max(before, key=known.index) if before else list(entries)[-1]
            place = self._next_line(self._entry_end(*entries[behind]))
            self._put(place, place, text)

    def _flow_map(
        self, entries: Mapping[Any, tuple[Node, Node]], old: Any, new: Mapping[Any, Any], renamed: Mapping[Any, Any]
    ) -> str:
        pieces = []
        for name, (where, value) in entries.items():
            if name in renamed:
                pieces.append(f"{inline(renamed[name])}: {self._slice(value) or 'null'}")
            elif name in new:
                kept = same(old[name], new[name]) and self._slice(value)
                pieces.append(f"{self._slice(where)}: {kept or inline(new[name])}")
        pieces += [
            f"{inline(name)}: {inline(value)}"
            for name, value in new.items()
            if name not in entries and name not in renamed.values()
        ]
        return f"{{{', '.join(pieces)}}}"

    def _list(self, node: SequenceNode, old: list[Any], new: list[Any], path: Path, key: Node | None) -> None:
        steps = SequenceMatcher(None, list(map(_told, old)), list(map(_told, new)), autojunk=False).get_opcodes()
        even = all(end - start == to - begin for _, start, end, begin, to in steps)
        if node.flow_style and not even:
            kept = {
                begin + n: start + n
                for what, start, end, begin, _ in steps
                if what == "equal"
                for n in range(end - start)
            }
            pieces = [self._slice(node.value[kept[n]]) if n in kept else inline(each) for n, each in enumerate(new)]
            self._put(node.start_mark.index, self._end(node), f"[{', '.join(pieces)}]")
            return
        if not node.flow_style and self._body[self._line(node.start_mark.index) : node.start_mark.index].strip():
            self._replace(node, new, key)
            return
        lines = BlockLines(node.start_mark.column)
        for what, start, end, begin, to in steps:
            if what == "equal":
                continue
            paired = min(end - start, to - begin)
            for n in range(paired):
                self._value(node.value[start + n], old[start + n], new[begin + n], (*path, begin + n), None)
            for n in range(start + paired, end):
                self._put(self._dash(node, n), self._next_line(self._end(node.value[n])), "")
            for each in new[begin + paired : to]:
                last = start + paired
                place = self._next_line(self._end(node.value[last - 1])) if last else self._dash(node, 0)
                self._put(place, place, lines.item(each))

    def _dash(self, node: SequenceNode, number: int) -> int:
        """Where the line of an entry begins: that of its dash."""
        line = self._line(node.value[number].start_mark.index)
        while line and self._body[line + node.start_mark.column : line + node.start_mark.column + 1] != "-":
            line = self._line(line - 1)
        return line

    def _put(self, start: int, end: int, text: str) -> None:
        self._edits.append((start, end, text))

    def _key(self, node: Node) -> Any:
        return YAML(typ="safe").load(self._slice(node))

    def _slice(self, node: Node) -> str:
        return self._body[node.start_mark.index : self._end(node)]

    def _end(self, node: Node) -> int:
        """Where a value really ends: the mark of a block stands behind what follows it."""
        if isinstance(node, MappingNode) and not node.flow_style and node.value:
            return self._entry_end(*node.value[-1])
        if isinstance(node, SequenceNode) and not node.flow_style and node.value:
            return max(self._end(node.value[-1]), int(node.start_mark.index))
        start = int(node.start_mark.index)
        return start + len(self._body[start : node.end_mark.index].rstrip())

    def _entry_end(self, key: Node, value: Node) -> int:
        """Where a setting ends; one without a value behind its colon."""
        end = self._end(value)
        if isinstance(value, ScalarNode) and end == value.start_mark.index:
            return self._body.index(":", int(key.end_mark.index)) + 1
        return end

    def _line(self, place: int) -> int:
        return self._body.rfind("\n", 0, max(place, 0)) + 1

    def _next_line(self, place: int) -> int:
        return self._body.find("\n", place) + 1 or len(self._body)


def _is_plain(node: MappingNode) -> bool:
    """Whether its keys are plain texts, none of which brings another table's settings in (`<<`)."""
    return all(isinstance(key, ScalarNode) and not str(key.tag).endswith(":merge") for key, _ in node.value)


def _renamed(gone: list[Any], come: list[Any], old: Any, new: Mapping[Any, Any]) -> dict[Any, Any]:
    """Names that have taken others' places: their values are the same."""
    free, found = list(come), {}
    for name in gone:
        other = next((each for each in free if same(old[name], new[each])), None)
        if other is not None:
            found[name] = other
            free.remove(other)
    return found


def _without_aliases(body: str) -> str:
    """A text in which everything stands for itself, that was written once and named at several places."""
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 100_000
    text = io.StringIO()
    yaml.dump(_own(yaml.load(body)), text)
    return text.getvalue()


def _own(value: Any) -> Any:
    made: CommentedMap | CommentedSeq
    if isinstance(value, CommentedMap):
        made = CommentedMap((name, _own(each)) for name, each in value.items())
    elif isinstance(value, CommentedSeq):
        made = CommentedSeq(map(_own, value))
    else:
        if isinstance(value, ScalarString) and value.anchor.value:
            return type(value)(str(value))
        return value
    value.copy_attributes(made)
    made.__dict__.pop("_yaml_anchor", None)
    made.__dict__.pop("_yaml_merge", None)
    return made
