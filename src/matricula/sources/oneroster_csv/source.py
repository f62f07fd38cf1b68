"""OneRoster CSV 1.0, 1.1 and 1.2, complete (bulk) or changes (delta): a folder, a zip, or those of a watched folder."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Literal

from pydantic import Field

from matricula.roster import Delivery, DeliveryRefusedError, FindingBook, Marker, lay_over
from matricula.sources.containers import open_container
from matricula.sources.oneroster_csv.files import KNOWN, DeliveryFiles
from matricula.sources.oneroster_csv.newest import (
    Found,
    came_late,
    chain_to_read,
    find_deliveries,
    marker_after,
    nothing_there,
    place_of,
)
from matricula.sources.protocol import Surroundings
from matricula.sources.settings import SourceDocument


class OneRosterCsvSettings(SourceDocument):
    """OneRoster CSV files, version 1.0, 1.1 or 1.2, in a folder, a zip or a watched folder."""

    NEUTRAL = frozenset({"strict"})

    type: Literal["oneroster-csv"] = Field("oneroster-csv", description="Reads OneRoster CSV 1.0, 1.1 or 1.2.")
    path: Path = Field(
        description=(
            "The folder that holds the CSV files, or the zip of them; with `take: newest` the folder into which such "
            "zips or folders are put."
        )
    )
    take: Literal["whole", "newest"] = Field(
        default="whole",
        description=(
            "`whole`: the delivery at `path`. `newest`: of the deliveries in the folder `path`, the newest complete "
            "one (bulk) and all changes (delta) after it that were not read before, ordered by when they were written, "
            "then by name."
        ),
    )
    pattern: str = Field(
        default="*",
        description="With `take: newest`: which names count as deliveries, as `roster-*.zip`; `*` stands for anything.",
    )
    strict: bool = Field(
        default=False,
        description=(
            "Refuse the whole delivery if anything in it is not by the standard. Without it, what is wrong is "
            "listed and only the rows concerned are left out."
        ),
    )


class OneRosterCsv:
    """A source that reads OneRoster CSV files.

    Args:
        settings: where the files are and how strictly they are read.
        surroundings: told what is being read.
    """

    Settings = OneRosterCsvSettings

    def __init__(self, settings: OneRosterCsvSettings, surroundings: Surroundings | None = None) -> None:
        self.settings = settings
        self._say = (surroundings or Surroundings()).say

    def deliver(self, since: Marker | None = None) -> Delivery:
        """Read what has come.

        Args:
            since: the marker of the delivery before. Changes that were read before are not read again.

        Raises:
            SettingError: the path leads nowhere.
            WaitError: the only delivery in a watched folder is still being written.
            StopError: a file cannot be used at all, such as one without a column that every record needs; in a watched
                folder nothing is read then.
            DeliveryRefusedError: one of several deliveries is not by the standard, and the source is strict.
        """
        found = self._found()
        written = [each for each in found if self._watches and each.being_written]
        there = [each for each in found if each not in written]
        if not self._watches and place_of(since) != there[0].place:
            since = None
        chain = chain_to_read(there, since, self._opened)
        notes = [f"{each.name} may still be being written; it is left for the next reading." for each in written]
        if chain:
            whole = self._read(chain)
        elif since:
            whole = Delivery({}, since["version"], str(self.settings.path), partial=True)
            notes.append(f"Nothing has come since {since['name']}.")
        else:
            raise nothing_there(self.settings.path, self.settings.pattern, written)
        for note in notes:
            self._say(note)
        return replace(
            whole,
            book=self._with_late(whole.book, came_late(there, since)),
            marker=marker_after(chain, there, since, whole.version),
            notes=(*whole.notes, *notes),
            strict=self.settings.strict,
        )

    @property
    def _watches(self) -> bool:
        return self.settings.take == "newest"

    def _found(self) -> list[Found]:
        if self._watches:
            return find_deliveries(self.settings.path, self.settings.pattern)
        return [Found.at(self.settings.path)]

    def _opened(self, found: Found) -> DeliveryFiles:
        return DeliveryFiles(open_container(found.path, KNOWN), strict=self.settings.strict)

    def _read(self, chain: Sequence[tuple[Found, DeliveryFiles]]) -> Delivery:
        deliveries = []
        for found, files in chain:
            self._say(f"reading {found.name}")
            deliveries.append(files.deliver())
        for delivery in deliveries[:-1]:
            # Laying others over it would hide how this one was written.
            if self.settings.strict and (faults := tuple(delivery.book)):
                raise DeliveryRefusedError(faults, delivery.origin)
        whole = reduce(lay_over, deliveries)
        return replace(whole, notes=tuple(dict.fromkeys(note for each in deliveries for note in each.notes)))

    def _with_late(self, book: FindingBook, late: Sequence[Found]) -> FindingBook:
        book = FindingBook(book)
        for each in late:
            if self._opened(each).changes:
                message = f"{each.name} came after a later delivery had been read; its changes were not made."
                book.add("delta-late", message, file=each.name, value=each.name)
        return book
