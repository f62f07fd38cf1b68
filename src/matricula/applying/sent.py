"""What is sent for a change."""

from typing import NamedTuple

from matricula.planning import Change
from matricula.planning.entity import Row


class Item(NamedTuple):
    """A change with the row to send for it."""

    change: Change
    row: Row
