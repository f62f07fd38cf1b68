"""How the parts of a form look, for templates."""

from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class View:
    """One setting of a form, or several.

    Args:
        kind: which macro shows it.
        name: name of the form's field.
        label: what it is called.
        help: what it is.
        value: its text.
        values: of several texts all.
        choices: words that may be chosen, each with what people read.
        default: what holds where it is not set, in words; empty where nothing does.
        is_set: whether the document has it.
        locked: why it cannot be changed, or be taken out.
        required: whether it is needed.
        faults: what is wrong with it.
        path: the setting of the document.
        parts: the settings that it consists of.
        rows: the entries of a list or table, each with its id.
        tried: what a mapping makes of real rows.
        adds: what can be added to it.
        extra: what else its macro needs.
    """

    kind: str
    name: str
    label: str
    help: str = ""
    value: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    is_set: bool = False
    locked: str = ""
    required: bool = False
    faults: tuple[str, ...] = ()
    path: Path = ()
    parts: tuple["View", ...] = ()
    rows: tuple["Row", ...] = ()
    tried: Any = None
    adds: tuple[tuple[str, str], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> str:
        """Its name as the id of an element."""
        return f"f-{self.name}"


@dataclass(frozen=True)
class Row:
    """An entry of a list or table.

    Args:
        id: what the form calls it, whatever place it has.
        parts: its settings; of a table the first is its name.
        is_first: whether there is none above it.
    """

    id: str
    parts: tuple[View, ...]
    is_first: bool
