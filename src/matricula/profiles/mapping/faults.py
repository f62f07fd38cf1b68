"""What is wrong with a template, all at once."""

from collections.abc import Iterable
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing wrong with a template.

    Args:
        position: character of the template, from 1.
        message: what is wrong, where, and what may stand there.
    """

    position: int
    message: str


class MappingFault(ValueError):  # noqa: N818 - a template has faults, as a document has
    """A template that cannot be used.

    Args:
        template: its text.
        faults: everything wrong with it, at least one.

    Attributes:
        faults: position and message of each, in the order of the template.
        position: of the first one.
        message: all messages, a line each.
    """

    def __init__(self, template: str, faults: Iterable[Fault]) -> None:
        self.template = template
        self.faults = tuple(sorted(faults, key=lambda fault: fault.position))
        self.position = self.faults[0].position
        self.message = "\n".join(fault.message for fault in self.faults)
        super().__init__(self.message)


class FaultBook:
    """Collects the faults of one template."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._faults: list[Fault] = []

    def note(self, position: int, what: str, may: str) -> None:
        """Take down one fault.

        Args:
            position: character of the template, from 1.
            what: is wrong.
            may: stand there, or be done.
        """
        self._faults.append(Fault(position, f"{what} at character {position}; {may}"))

    def close(self) -> None:
        """Raise MappingFault if anything was taken down."""
        if self._faults:
            raise MappingFault(self._template, self._faults)
