"""Single settings of a form: texts, mappings, numbers, shares, days, switches, choices, and lists of words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from matricula.web.forms.base import NOT_SET, SET, UNSET, Flat, Node, Path, Reading, Showing
from matricula.web.forms.views import View
from matricula.web.forms.words import choice_label, in_words

LeafKind = Literal["text", "mapping", "whole", "number", "share", "day", "zone", "choice"]


@dataclass(frozen=True)
class Leaf:
    """A setting with one text; where that is empty, the document does not have it.

    Args:
        label: what it is called.
        help: what it is.
        kind: what the text is.
        default: what holds where it is not set.
        choices: of a choice the words there are; of a text some that are likely.
        required: whether it is needed.
        scalar: whether a number or `true` may stand for a text.
        locked: why it cannot be changed.
    """

    label: str
    help: str
    kind: LeafKind = "text"
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    scalar: bool = False
    locked: str = ""

    def show(self, value: Any, name: str, flat: Flat) -> None:
        """Put what a document says into a form."""
        flat[name] = [self._text(value)]

    def read(self, old: Any, name: str, path: Path, reading: Reading) -> Any:
        """What the form says; see `Node.read`."""
        reading.names[path] = name
        came = (reading.flat.get(name) or [self._text(old)])[0].replace("\r\n", "\n")
        if self.locked or came == self._text(old):
            return old
        came = came.strip() if self.kind not in ("text", "mapping") else came.rstrip("\n")
        return UNSET if came == "" else self._value(came)

    def view(self, name: str, showing: Showing) -> View:
        """How it is shown."""
        value = (showing.flat.get(name) or [""])[0]
        return View(
            kind=self.kind,
            name=name,
            label=self.label,
            help=self.help,
            value=value,
            choices=self.choices,
            default=in_words(self.default, self.kind, self.choices),
            is_set=value != "",
            locked=self.locked,
            required=self.required,
            faults=showing.faults.get(name, ()),
            path=showing.paths.get(name, ()),
            tried=showing.tried.get(name),
        )

    def find(self, steps: list[str]) -> Node | None:
        """The node that the rest of a name leads to."""
        return None if steps else self

    def _text(self, value: Any) -> str:
        if value is UNSET or value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if self.kind == "share" and isinstance(value, int | float):
            return f"{value * 100:.10g}"
        return value.isoformat() if isinstance(value, date) else str(value)

    def _value(self, came: str) -> Any:
        try:
            if self.kind == "whole":
                return int(came)
            if self.kind == "number":
                return float(came)
            if self.kind == "share":
                return round(float(came.removesuffix("%").replace(",", ".")) / 100, 10)
            if self.kind == "day":
                return date.fromisoformat(came)
        except (ValueError, OverflowError):
            return came  # it is refused with all the other faults
        if self.scalar:
            return _scalar(came)
        return came


def _scalar(came: str) -> Any:
    if came in ("true", "false"):
        return came == "true"
    return int(came) if came.isascii() and came.isdigit() and str(int(came)) == came else came


@dataclass(frozen=True)
class Switch:
    """A setting that is true or false, as a box to tick."""

    label: str
    help: str
    default: bool = False
    required: bool = False

    def show(self, value: Any, name: str, flat: Flat) -> None:
        """Put what a document says into a form."""
        known = isinstance(value, bool)
        flat[name] = [SET if known else NOT_SET, *(["yes"] if (value if known else self.default) else [])]

    def read(self, old: Any, name: str, path: Path, reading: Reading) -> Any:
        """What the form says; see `Node.read`."""
        reading.names[path] = name
        came = reading.flat.get(name)
        if not came:
            return old
        ticked = "yes" in came[1:]
        if came[0] == NOT_SET and ticked == self.default:
            return UNSET if isinstance(old, bool) else old
        return old if isinstance(old, bool) and old == ticked else ticked

    def view(self, name: str, showing: Showing) -> View:
        """How it is shown."""
        came = showing.flat.get(name) or [NOT_SET]
        return View(
            kind="switch",
            name=name,
            label=self.label,
            help=self.help,
            value="yes" if "yes" in came[1:] else "",
            default="yes" if self.default else "no",
            is_set=came[0] == SET,
            faults=showing.faults.get(name, ()),
            path=showing.paths.get(name, ()),
        )

    def find(self, steps: list[str]) -> Node | None:
        """The node that the rest of a name leads to."""
        return None if steps else self


@dataclass(frozen=True)
class Words:
    """A list of words: some to tick where they are known, others one on each line.

    Args:
        label: what it is called.
        help: what it is.
        default: what holds where it is not set.
        known: the words that can be ticked.
        required: whether at least one is needed.
    """

    label: str
    help: str
    default: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    required: bool = False

    def show(self, value: Any, name: str, flat: Flat) -> None:
        """Put what a document says into a form."""
        known = value is not UNSET and value is not None
        flat[name] = [SET if known else NOT_SET, *(self._listed(value) if known else self.default)]
        flat[f"{name}.more"] = ["\n".join(each for each in flat[name][1:] if each not in self.known)]
        flat[name] = [flat[name][0], *(each for each in flat[name][1:] if each in self.known)]

    def read(self, old: Any, name: str, path: Path, reading: Reading) -> Any:
        """What the form says; see `Node.read`."""
        reading.names[path] = name
        shown: Flat = {}
        self.show(old, name, shown)
        came, before = self._came(reading.flat, name), self._came(shown, name)
        if came is None or before is None or (came == before):
            return old
        marker, words = came
        if marker == NOT_SET and sorted(words) == sorted(self.default):
            return UNSET
        if not words and not self.default:
            return UNSET
        return words

    def view(self, name: str, showing: Showing) -> View:
        """How it is shown."""
        marker, words = self._came(showing.flat, name) or (NOT_SET, [])
        return View(
            kind="words",
            name=name,
            label=self.label,
            help=self.help,
            value="\n".join(each for each in words if each not in self.known),
            values=tuple(words),
            choices=tuple((each, each) for each in self.known),
            default=", ".join(self.default),
            is_set=marker == SET,
            required=self.required,
            faults=showing.faults.get(name, ()),
            path=showing.paths.get(name, ()),
        )

    def find(self, steps: list[str]) -> Node | None:
        """The node that the rest of a name leads to."""
        return None if steps else self

    def _listed(self, value: Any) -> list[str]:
        return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]

    def _came(self, flat: Mapping[str, list[str]], name: str) -> tuple[str, list[str]] | None:
        if not flat.get(name):
            return None
        more = (flat.get(f"{name}.more") or [""])[0].splitlines()
        ticked = [each for each in self.known if each in flat[name][1:]]
        return flat[name][0], [*ticked, *(each.strip() for each in more if each.strip())]


def choices_of(setting: str, words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Words to choose from, with what people read."""
    return tuple((word, choice_label(setting, word)) for word in words)
