"""The files of one OneRoster CSV delivery, and what its manifest says of them."""

import codecs
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import polars as pl

from matricula.errors import StopError
from matricula.roster import TABLES, Delivery, Draft, FindingBook
from matricula.roster.tables import CORE_TABLES, Table
from matricula.sources.containers import Container
from matricula.sources.oneroster_csv.headers import OLDEST, version_of
from matricula.sources.oneroster_csv.manifest import FILES, MANIFEST, Manifest, files_of, read_manifest
from matricula.sources.oneroster_csv.table import read_table

AT_ONCE = 2
"""So many files are read at once; more would only take more memory."""
_SUFFIX = ".csv"
_STANDARD = {f"{name}{_SUFFIX}".casefold(): f"{name}{_SUFFIX}" for name in (*FILES, "manifest")}
KNOWN = tuple(_STANDARD.values())
"""Names of the files by which a delivery is told."""


class DeliveryFiles:
    """One delivery; made of its files, it has read no more than the manifest.

    Args:
        container: where the files are.
        strict: whether everything that the binding demands is looked at.

    Raises:
        StopError: the manifest is no text or announces a version that is not known.
    """

    def __init__(self, container: Container, *, strict: bool = False) -> None:
        self._container = container
        self.origin = container.origin
        self._strict = strict
        self._book = FindingBook()
        self._names = self._find_files()
        self._manifest = self._read_manifest()

    @property
    def changes(self) -> bool:
        """Whether it can only be laid over an earlier delivery."""
        return self._manifest is not None and self._manifest.changes

    @cached_property
    def version(self) -> str:
        """The OneRoster version of the files, `1.0`, `1.1` or `1.2`."""
        told = self._manifest.version if self._manifest else ""
        # A manifest that says 1.0 may well mean its own version: 1.0 had no manifest.
        return version_of(self._names, self._container.read) if told in ("", OLDEST) else told

    def deliver(self) -> Delivery:
        """Read the tables.

        Raises:
            StopError: a file cannot be used at all, or none of the tables is there.
        """
        version = "1.1" if self.version == OLDEST else self.version
        if self._manifest is None and self.version != OLDEST:
            self._book.add("manifest-missing", "There is no manifest.csv.", file=MANIFEST)
        if self._strict and self._manifest is not None:
            self._check_other_files(self._manifest)
        tables = [table for table in TABLES.values() if version in table.versions]
        # Reading a file takes one core at a time for the most part, and one file is often half of a delivery.
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(self._draft, tables))
        drafts = {draft.table.name: draft for draft in found if draft is not None}
        if not drafts:
            raise _nothing(self.origin)
        notes = () if self.version != OLDEST else ("The files are of OneRoster 1.0; they were read as complete.",)
        return Delivery(
            drafts, version, self.origin, self._book, notes=notes, strict=self._strict, partial=self.changes
        )

    def _find_files(self) -> dict[str, str]:
        if self._container.folder:
            message = f"The files are in the folder {self._container.folder}."
            self._book.add("folder-nested", message, value=self._container.folder)
        names = self._container.names
        found = {name: name for name in names if name in KNOWN}
        for name in names:
            standard = _STANDARD.get(name.casefold(), "")
            if name in found or not name.casefold().endswith(_SUFFIX):
                continue
            if standard and standard not in found:
                found[standard] = name
                self._book.add("file-name", f"The standard's name is {standard}.", file=name)
            else:
                self._book.add("file-unknown", "OneRoster knows no such file; it was not read.", file=name)
        return found

    def _read_manifest(self) -> Manifest | None:
        if MANIFEST not in self._names:
            return None
        try:
            return read_manifest(self._bytes(MANIFEST), self._book, strict=self._strict)
        except StopError as error:
            raise self._placed(error, MANIFEST) from error

    def _draft(self, table: Table) -> Draft | None:
        standard = f"{table.name}{_SUFFIX}"
        mode = self._manifest.modes.get(table.name, "") if self._manifest else ""
        if standard not in self._names:
            return self._promised(table, mode) if mode in ("bulk", "delta") else None
        if mode == "absent":
            self._undeclared(table, "The file is there, but manifest.csv marks it absent; it was not read.")
            return None
        if self.changes and not mode:
            what = "manifest.csv does not say whether the file is complete (bulk) or changes (delta); it was not read."
            self._undeclared(table, what)
            return None
        if self._manifest and not mode:
            self._undeclared(table, "manifest.csv does not say that the file is complete (bulk).")
        draft = self._read(table, standard, mode)
        if draft.changes and not draft.readable:
            return None
        return draft if self._manifest else self._if_complete(draft)

    def _promised(self, table: Table, mode: str) -> Draft | None:
        file = f"{table.name}{_SUFFIX}"
        message = "manifest.csv promises the file and it is not there."
        self._book.add("file-missing", message, file=file, table=table.name)
        return Draft(table, table.text(), file, readable=False) if mode == "bulk" else None

    def _undeclared(self, table: Table, message: str) -> None:
        self._book.add("file-undeclared", message, file=f"{table.name}{_SUFFIX}", table=table.name)

    def _read(self, table: Table, standard: str, mode: str) -> Draft:
        name = self._names[standard]
        has_core = all(f"{core}{_SUFFIX}" in self._names for core in CORE_TABLES)
        try:
            return read_table(
                table,
                self.version,
                self._bytes(standard),
                name,
                self._book,
                complete=mode == "bulk" or (self._manifest is None and has_core),
                changes=mode == "delta",
                strict=self._strict,
            )
        except StopError as error:
            raise self._placed(error, name) from error

    def _bytes(self, standard: str) -> bytes:
        data = self._container.read(self._names[standard])
        # Both bindings want a reader to pass over a byte order mark, so it is no fault.
        return data.removeprefix(codecs.BOM_UTF8) if self._strict else data

    def _placed(self, error: StopError, name: str) -> StopError:
        """The same error with the delivery it is about."""
        where = error.where if error.where.startswith(self.origin) else f"{self.origin}, {error.where or name}"
        return StopError(error.what, where=where, remedy=error.remedy, code=error.code)

    def _if_complete(self, draft: Draft) -> Draft:
        """A table that no manifest speaks of; where records are marked as gone it may be changes only."""
        if draft.complete and "status" in draft.frame.columns:
            gone = pl.col("status").str.to_lowercase() == "tobedeleted"
            message = "There is no manifest.csv, and records are marked tobedeleted: the file may hold changes only."
            draft.note_together(self._book, "changes-suspected", gone, "status", message)
            draft.complete = draft.frame.filter(gone).is_empty()
        return draft

    def _check_other_files(self, manifest: Manifest) -> None:
        """See that the manifest is right about the files that are never opened, too."""
        for name in files_of(self.version):
            file, mode = f"{name}{_SUFFIX}", manifest.modes.get(name, "")
            if name in TABLES:
                continue
            if mode in ("bulk", "delta") and file not in self._names:
                self._book.add("file-missing", "manifest.csv promises the file and it is not there.", file=file)
            elif mode not in ("bulk", "delta") and file in self._names:
                self._book.add("file-undeclared", "The file is there, but not by the manifest.", file=file)


def _nothing(origin: str) -> StopError:
    return StopError(
        "It holds nothing of the roster: every file that manifest.csv names is missing, empty or marked absent.",
        where=origin,
        remedy="It must hold users.csv, classes.csv, enrollments.csv and the others, and name them in manifest.csv.",
        code="delivery-empty",
    )
