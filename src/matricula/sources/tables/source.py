"""The source: CSV files and spreadsheets of a school's own making."""

from collections.abc import Sequence

from matricula.errors import StopError
from matricula.roster import Delivery, Draft, FindingBook, Marker
from matricula.sources.containers import open_files
from matricula.sources.protocol import Surroundings
from matricula.sources.tables.cells import fields_of_sheet
from matricula.sources.tables.files import find, read, wanted_headings
from matricula.sources.tables.ground import VERSION, Ground
from matricula.sources.tables.layouts import parts_of
from matricula.sources.tables.people import people
from matricula.sources.tables.places import enrolments
from matricula.sources.tables.settings import Part, TablesSettings
from matricula.sources.tables.sheet import Sheet
from matricula.sources.tables.structure import classes, courses, schools, sessions
from matricula.sources.tables.told import Plan, Told


class Tables:
    """A source that reads CSV files and spreadsheets by a map of columns.

    Args:
        settings: where the files are, and what their columns are.
        surroundings: told which file is being read.
    """

    Settings = TablesSettings

    def __init__(self, settings: TablesSettings, surroundings: Surroundings | None = None) -> None:
        self.settings = settings
        self._say = (surroundings or Surroundings()).say

    def deliver(self, _: Marker | None = None) -> Delivery:
        """Read the files.

        Raises:
            SettingError: the path leads nowhere, or a sheet or column is not there.
            StopError: a file is not there, holds no rows, or cannot be used at all.
        """
        parts = parts_of(self.settings)
        plan = Plan(parts)
        book = FindingBook()
        container = open_files(self.settings.path)
        told: list[Told] = []
        missed: list[Part] = []
        notes: list[str] = []
        for part in parts:
            found = find(part, container)
            if not found.names and not _stands_in(part.file, self.settings.absent):
                missed.append(part)
            for name in found.names:
                self._say(f"reading {name}")
                sheet = read(name, part, container, self.settings, book)
                frame = fields_of_sheet(sheet, part, self.settings, book)
                _need_rows(sheet, frame.is_empty(), part)
                told.append(Told(part, sheet.file, frame, sheet.lost))
                notes += _notes(sheet, part)
        partial = _partial(parts, missed, plan, book)
        ground = Ground(told, plan, self.settings, partial, book)
        return Delivery(_drafts(ground), VERSION, container.origin, book, notes=tuple(notes))


def _drafts(ground: Ground) -> dict[str, Draft]:
    made = {"orgs": schools(ground), "academicSessions": sessions(ground)}
    made |= {"courses": courses(ground), "classes": classes(ground)}
    made |= people(ground)
    made["enrollments"] = enrolments(ground)
    return {name: draft for name, draft in made.items() if draft is not None}


def _need_rows(sheet: Sheet, nothing: bool, part: Part) -> None:  # noqa: FBT001 - it reads as a sentence
    if nothing and not sheet.frame.is_empty():
        raise StopError(
            f"Of {sheet.frame.height} rows none is left.",
            where=sheet.file,
            remedy="See what `only` and `leave_out` say of it: they pass over every row.",
            code="file-without-rows",
        )
    if nothing and not part.optional:
        raise StopError(
            "There is no row below the headings.",
            where=sheet.file,
            remedy="Export it again. If it may be empty, set `optional: true` for it.",
            code="file-without-rows",
        )


def _stands_in(name: str, names: Sequence[str]) -> bool:
    return name.casefold() in {each.casefold() for each in names}


def _partial(parts: Sequence[Part], missed: Sequence[Part], plan: Plan, book: FindingBook) -> set[str]:
    """The tables of which a file that was not there may tell, and others do."""
    partial: set[str] = set()
    there = [part for part in parts if part not in missed]
    for part in missed:
        tables = plan.tables(part) & {table for each in there for table in plan.tables(each)}
        partial |= tables
        if tables:
            message = f"The file is not there; {', '.join(sorted(tables))} are not taken as complete."
            book.add("part-absent", message, file=part.file)
    return partial


def _notes(sheet: Sheet, part: Part) -> list[str]:
    wanted = {sheet.headings.position(heading) for heading in wanted_headings(part)}
    unread = [name for position, name in enumerate(sheet.headings.names) if name and position not in wanted]
    notes = [sheet.note] if sheet.note else []
    told = f"{sheet.headings.where}: headings, {sheet.frame.height} rows below."
    return [*notes, f"{told} Not read: {', '.join(unread)}." if unread else told]
