"""Which line of a file names its columns, and which column is meant by a heading."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from matricula.errors import SettingError

LOOKED_AT = 40
"""The line of the headings is looked for among so many first lines."""


def folded(heading: str) -> str:
    """A heading as headings are compared: letters and digits alone, capitals not told from small ones."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(letter for letter in plain if letter.isalnum()) or "".join(plain.split())


@dataclass(frozen=True)
class Candidate:
    """A line that may name the columns.

    Args:
        line: its number, from 1.
        cells: what stands in it.
        separator: what stands between its cells; empty in a spreadsheet.
    """

    line: int
    cells: list[str]
    separator: str = ""


def choose(candidates: Sequence[Candidate], wanted: Sequence[str]) -> Candidate:
    """The line that names most of the wanted columns; the first of those that name as many.

    Args:
        candidates: at least one.
        wanted: headings.
    """
    names = {folded(heading) for heading in wanted}
    return max(
        candidates,
        key=lambda each: (len(names & {folded(cell) for cell in each.cells}), -each.line, len(each.cells)),
    )


class Headings:
    """The headings of a file.

    Args:
        cells: what stands in the line of the headings.
        where: file and line, for messages.
    """

    def __init__(self, cells: Sequence[str], where: str) -> None:
        self.where = where
        self.names = [" ".join(cell.split()) for cell in cells]
        self._exact: dict[str, int] = {}
        self._folded: dict[str, int] = {}
        self.twice: list[str] = []
        for position, name in enumerate(self.names):
            if name in self._exact:
                self.twice.append(name)
            self._exact.setdefault(name, position)
            self._folded.setdefault(folded(name), position)

    def position(self, heading: str) -> int | None:
        """Where a column stands, from 0; None where there is none of that heading."""
        exact = self._exact.get(" ".join(heading.split()))
        return self._folded.get(folded(heading)) if exact is None else exact

    def missing(self, headings: Sequence[str]) -> SettingError:
        """The refusal of columns that are not there, with what there is instead."""
        there = [name for name in self.names if name]
        near = [
            each for heading in headings for each in get_close_matches(heading, there, 1, 0.6) if each not in headings
        ]
        meant = f" Do you mean {', '.join(dict.fromkeys(near))}?" if near else ""
        several = len(headings) > 1
        return SettingError(
            f"There {'are no columns' if several else 'is no column'} {', '.join(headings)}.{meant}",
            where=self.where,
            remedy=f"There are: {', '.join(there) or 'none'}. Name one of these in `columns`, or set `header` to the "
            "line of the headings.",
            code="column-needed",
        )
