"""What is printed: lines and tables for people, JSON for machines."""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from matricula.hub.words import as_json_text, counted, duration, moment

__all__ = ["Screen", "counted", "duration", "moment", "plain"]

# A name out of a roster could otherwise steer the terminal it is shown on.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: object) -> str:
    """A text as it may be shown on a terminal: control characters and changes of direction are replaced."""
    return _CONTROLS.sub("�", str(text).replace("\t", " "))


class Screen:
    """Where a command prints: results on standard output, what accompanies them on standard error.

    Args:
        as_json: whether a machine reads the results; then nothing else is printed on standard output.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = Console(markup=False, emoji=False, highlight=False)
        self.notes = Console(stderr=True, markup=False, emoji=False, highlight=False)

    def line(self, text: str = "", style: str = "", *, indent: int = 0, hang: int = 0) -> None:
        """A paragraph, wrapped to the width of the screen.

        Args:
            text: the paragraph; line breaks in it are kept.
            style: a style of rich, for example `bold`.
            indent: blanks before each line.
            hang: further blanks before all lines but the first.
        """
        _paragraph(self.console, text, style, indent, hang)

    def note(self, text: str, style: str = "") -> None:
        """A paragraph on standard error."""
        _paragraph(self.notes, text, style, 0, 0)

    def status(self, text: str) -> None:
        """What is being done now, on standard error; machines are not told."""
        if not self.as_json:
            self.note(f"… {text}", "dim")

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> None:
        """A table without lines.

        Args:
            headers: names of the columns.
            rows: the cells.
            numbers: names of the columns that are set to the right.
        """
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for header in headers:
            table.add_column(header, justify="right" if header in numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*(plain(cell) for cell in row))
        self.console.print(table)

    def json(self, value: Any) -> None:
        """A value as JSON, for machines."""
        sys.stdout.write(as_json_text(value))


def _paragraph(console: Console, text: str, style: str, indent: int, hang: int) -> None:
    for given in plain(text).split("\n"):
        for blanks, line in _lines(console, given, indent, hang):
            console.print(Text(" " * blanks) + Text(line, style), soft_wrap=True)


def _lines(console: Console, text: str, indent: int, hang: int) -> Iterator[tuple[int, str]]:
    """A paragraph's lines, each with the blanks before it."""
    wrapped = Text(text).wrap(console, max(20, console.width - indent))
    first = wrapped[0].plain if wrapped else ""
    yield (indent if text else 0), first.rstrip()
    rest = text[len(first) :].lstrip()
    if rest:
        for line in Text(rest).wrap(console, max(20, console.width - indent - hang)):
            yield indent + hang, line.plain.rstrip()
