"""What all parts of a form share: a form as names and texts, and how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Protocol

from matricula.web.forms.views import View

Path = tuple[str | int, ...]
Flat = dict[str, list[str]]
"""A form as browsers send it: texts by name."""

#: What stands in the hidden field of a setting that has no empty text: whether the document has it.
NOT_SET: Final = "not-set"
SET: Final = "set"


class Unset(Enum):
    """A setting that the document does not have."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass
class Reading:
    """A form being read.

    Args:
        flat: the form.
        names: found while reading: the name of the form's field for each setting.
        doubles: found while reading: what stands there twice, by the name of the field.
    """

    flat: Flat
    names: dict[Path, str] = field(default_factory=dict)
    doubles: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Showing:
    """A form being shown.

    Args:
        flat: the form.
        faults: what is wrong, by the name of the field.
        paths: the setting of each field, by its name.
        tried: what mappings make of real rows, by the name of the field.
    """

    flat: Flat
    faults: Mapping[str, tuple[str, ...]]
    paths: Mapping[str, Path]
    tried: Mapping[str, Any]


class Node(Protocol):
    """One setting of a form, or several."""

    @property
    def label(self) -> str:
        """What it is called."""

    @property
    def help(self) -> str:
        """What it is."""

    def show(self, value: Any, name: str, flat: Flat) -> None:
        """Put what a document says, or `UNSET`, into a form."""

    def read(self, old: Any, name: str, path: Path, reading: Reading) -> Any:
        """What the form says: the old value itself where nobody touched it, `UNSET` where the setting is to go."""

    def view(self, name: str, showing: Showing) -> View:
        """How it is shown."""

    def find(self, steps: list[str]) -> "Node | None":
        """The node that the rest of a name leads to."""
