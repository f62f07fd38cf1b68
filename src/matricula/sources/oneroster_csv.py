"""OneRoster CSV 1.1 and 1.2: complete (bulk) deliveries in a folder or a zip."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from matricula.errors import StopError
from matricula.roster import TABLES, Delivery, Draft, FindingBook, Marker
from matricula.roster.tables import CORE_TABLES, Table
from matricula.sources.containers import Container, open_container
from matricula.sources.oneroster_manifest import FILES, MANIFEST, Manifest, read_manifest
from matricula.sources.oneroster_table import read_table
from matricula.sources.protocol import Surroundings
from matricula.sources.rows import find_header, split_lines
from matricula.sources.settings import SourceDocument

_SUFFIX = ".csv"
_KNOWN = {f"{name}{_SUFFIX}".casefold(): f"{name}{_SUFFIX}" for name in (*FILES, "manifest")}


class OneRosterCsvSettings(SourceDocument):
    """OneRoster CSV files, version 1.1 or 1.2, in a folder or a zip."""

    NEUTRAL = frozenset({"strict"})

    type: Literal["oneroster-csv"] = Field("oneroster-csv", description="Reads OneRoster CSV 1.1 or 1.2.")
    path: Path = Field(description="The folder that holds the CSV files, or the zip of them.")
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
    """

    Settings = OneRosterCsvSettings

    def __init__(self, settings: OneRosterCsvSettings, _: Surroundings | None = None) -> None:
        self.settings = settings

    def deliver(self, _: Marker | None = None) -> Delivery:
        """Read the delivery.

        Raises:
            SettingError: the path leads nowhere, or the delivery holds changes only.
            StopError: a file cannot be used at all, such as one without a column that every record needs.
        """
        book = FindingBook()
        files = _Files(open_container(self.settings.path, _KNOWN.values()), book)
        return Delivery(files.drafts(), files.version, files.origin, book, strict=self.settings.strict)


class _Files:
    """The files of one delivery and what the manifest says of them."""

    def __init__(self, container: Container, book: FindingBook) -> None:
        self._container = container
        self._book = book
        self._names = self._find_files()
        self._manifest = self._read_manifest()
        self.origin = container.origin
        self.version = self._manifest.version if self._manifest else ""
        self.version = self.version or self._guess_version()

    def drafts(self) -> dict[str, Draft]:
        """The tables that the delivery holds or promises, as text."""
        found = {}
        for table in TABLES.values():
            draft = self._draft(table) if self.version in table.versions else None
            if draft is not None:
                found[table.name] = draft
        return found

    def _find_files(self) -> dict[str, str]:
        if self._container.folder:
            message = f"The files are in the folder {self._container.folder}."
            self._book.add("folder-nested", message, value=self._container.folder)
        names = self._container.names
        found = {name: name for name in names if name in _KNOWN.values()}
        for name in names:
            standard = _KNOWN.get(name.casefold(), "")
            if name in found or not name.casefold().endswith(_SUFFIX):
                continue
            if standard and standard not in found:
                found[standard] = name
                self._book.add("file-name", f"The standard's name is {standard}.", file=name)
            else:
                self._book.add("file-unknown", "OneRoster knows no such file; it was not read.", file=name)
        return found

    def _read_manifest(self) -> Manifest | None:
        if MANIFEST in self._names:
            return read_manifest(self._container.read(self._names[MANIFEST]), self._book)
        self._book.add("manifest-missing", "There is no manifest.csv.", file=MANIFEST)
        return None

    def _guess_version(self) -> str:
        if "roles.csv" in self._names:
            return "1.2"
        if "users.csv" in self._names:
            header = find_header(split_lines(self._container.read(self._names["users.csv"])))
            if header and "role" not in (name.casefold() for name in header.names):
                return "1.2"
        return "1.1"

    def _draft(self, table: Table) -> Draft | None:
        standard = f"{table.name}{_SUFFIX}"
        present = standard in self._names
        mode = self._manifest.modes.get(table.name, "") if self._manifest else ""
        if not present:
            if mode == "bulk":
                message = "manifest.csv promises the file and it is not there."
                self._book.add("file-missing", message, file=standard, table=table.name)
                return Draft(table, table.text(), standard, readable=False)
            return None
        if mode == "absent":
            message = "The file is there, but manifest.csv marks it absent; it was not read."
            self._book.add("file-undeclared", message, file=standard, table=table.name)
            return None
        if self._manifest and not mode:
            message = "manifest.csv does not say that the file is complete (bulk)."
            self._book.add("file-undeclared", message, file=standard, table=table.name)
        complete = mode == "bulk" or (self._manifest is None and self._has_core())
        data = self._container.read(self._names[standard])
        try:
            return read_table(table, self.version, data, self._names[standard], self._book, complete=complete)
        except StopError as error:
            raise StopError(
                error.what,
                where=error.where or f"{self.origin}, {self._names[standard]}",
                remedy=error.remedy,
                code=error.code,
            ) from error

    def _has_core(self) -> bool:
        return all(f"{name}{_SUFFIX}" in self._names for name in CORE_TABLES)
