"""The files that a map of columns names, found and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from matricula.errors import SettingError, StopError
from matricula.roster import FindingBook
from matricula.sources.containers import Container
from matricula.sources.tables.csv_sheet import read_csv
from matricula.sources.tables.settings import Part, TablesSettings
from matricula.sources.tables.sheet import Sheet
from matricula.sources.tables.workbook import is_workbook, read_workbook

_HTML = (b"<html", b"<!doctype html", b"<table", b"<?xml")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Found:
    """The files of a part.

    Args:
        part: what they hold.
        names: which files of the container they are; none where an optional part is not there.
    """

    part: Part
    names: tuple[str, ...]


def find(part: Part, container: Container) -> Found:
    """The files that fit the name of a part.

    Raises:
        StopError: none fits though the part is needed, or several do and it is not said which are meant.
    """
    there = container.names
    if not part.file:
        if len(there) != 1:
            raise SettingError(
                "It is not said which file is meant.",
                where=f"{container.origin}, a part that holds {part.holds}",
                remedy=f"Name it as `file`. There are: {_listed(there)}.",
                code="file-not-named",
            )
        return Found(part, there)
    pattern = part.file.casefold()
    fits = [name for name in there if fnmatchcase(name.casefold(), pattern)]
    fits = fits or [name for name in there if fnmatchcase(PurePosixPath(name).name.casefold(), pattern)]
    if not fits and not part.optional:
        raise StopError(
            f"There is no file {part.file}.",
            where=container.origin,
            remedy=f"There are: {_listed(there)}. Mend `file`, or see that the export has ended.",
            code="file-missing",
        )
    if len(fits) > 1 and part.several == "refuse":
        raise StopError(
            f"Several files fit {part.file}: {_listed(fits)}.",
            where=container.origin,
            remedy="Take away those that are not meant, or set `several` to all, or to last for the last by name.",
            code="file-several",
        )
    return Found(part, tuple(fits[-1:] if part.several == "last" else fits))


def read(name: str, part: Part, container: Container, settings: TablesSettings, book: FindingBook) -> Sheet:
    """Read a file of a part: a workbook or CSV, whatever its name says.

    Raises:
        SettingError: a sheet or a column is not there.
        StopError: the file cannot be used.
    """
    data = container.read(name)
    wanted = wanted_headings(part)
    if is_workbook(data):
        return read_workbook(data, name, wanted, book, sheet=part.sheet, header=part.header, skip_last=part.skip_last)
    if data.removeprefix(_BOM).lstrip()[:200].lower().startswith(_HTML):
        raise StopError(
            "The file is a web page (HTML), not a table, though its name may say so.",
            where=name,
            remedy="Open it in a spreadsheet program and save it as .xlsx, or export CSV.",
            code="file-html",
        )
    return read_csv(
        data,
        name,
        wanted,
        book,
        encoding=part.encoding or settings.encoding,
        delimiter=part.delimiter or settings.delimiter,
        header=part.header,
        skip_last=part.skip_last,
    )


def wanted_headings(part: Part) -> list[str]:
    """The headings that a part names anywhere."""
    named = [heading for column in part.columns.values() for heading in column.headings]
    return list(dict.fromkeys([*named, *part.fill_down, *part.only, *part.leave_out]))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown or "none"
