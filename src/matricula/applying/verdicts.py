"""Whether a single row or the whole site is to blame when even a row by itself does not go through."""

import threading

from matricula.applying.sent import Item
from matricula.errors import StopError
from matricula.moodle import InDoubt, Refused, RolledBack
from matricula.planning.step import Step

SILENT_ROWS = 3
"""After so many single rows in a row that got no answer, and none that did, it is the site."""

UNWRITTEN_ROWS = 25
"""After so many single rows in a row that the database would not write, and none that it did, it is the database."""


class Verdicts:
    """The single rows of one run that did not go through, since the last call that did. For several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._suspects: list[tuple[Step, Item, InDoubt]] = []
        self._silent = self._unwritten = 0

    def went(self) -> list[tuple[Step, Item, InDoubt]]:
        """A call went through, so the site is well: the rows that are to blame themselves."""
        with self._lock:
            self._silent = self._unwritten = 0
            return self._handed_over()

    def ended(self) -> list[tuple[Step, Item, InDoubt]]:
        """Nothing is left to compare with: the rows that have to be taken for guilty."""
        with self._lock:
            return self._handed_over()

    def silent(self, step: Step, item: Item, error: InDoubt) -> None:
        """A row by itself got no answer, several times.

        Raises:
            InDoubt: so did the rows before it; none of them is judged.
        """
        with self._lock:
            self._silent += 1
            self._suspects.append((step, item, error))
            if self._silent < SILENT_ROWS:
                return
        error.remedy = (
            f"{self._silent} records one after another got no answer, and none did: the site is not well. See its PHP "
            "error log. What was sent was looked up, and none of these records counts as refused."
        )
        raise error

    def refused(self, error: Refused) -> None:
        """A row by itself was refused.

        Raises:
            StopError: the database has taken no row for so long that it is to blame.
        """
        if isinstance(error, RolledBack):
            self.unwritten(1, error.where)
            return
        with self._lock:
            self._unwritten = 0

    def unwritten(self, rows: int, where: str) -> None:
        """So many rows were refused by the database, and none of the same call was taken.

        Args:
            rows: their number.
            where: the site.

        Raises:
            StopError: the database has taken no row for so long that it is to blame.
        """
        with self._lock:
            self._unwritten += rows
            if self._unwritten < UNWRITTEN_ROWS:
                return
        raise StopError(
            f"Moodle's database refused {self._unwritten} records one after another and took none.",
            where=where,
            remedy="See whether its disk is full or it may only be read. These records count as refused and are in "
            "the next plan again; all others wait.",
            code="database-refuses",
        )

    def _handed_over(self) -> list[tuple[Step, Item, InDoubt]]:
        suspects, self._suspects = self._suspects, []
        return suspects
