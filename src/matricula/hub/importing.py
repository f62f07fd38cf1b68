"""The first import as the hub does it: which site, as what, to where; shown first, then written as it was shown."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from matricula import logs
from matricula.errors import SettingError, StopError, UsageError
from matricula.hub.deliveries import Say, silent
from matricula.hub.home import Home
from matricula.importing import KINDS, ImportChange, School, checksum, school_of
from matricula.importing.opensis.address import is_address, opened, read_address, told
from matricula.importing.opensis.database import OpenSis
from matricula.importing.package import packed, write_package
from matricula.profiles.documents import Import
from matricula.profiles.reading import checked
from matricula.roster import Finding
from matricula.store import ImportedRow

KIND_WORDS: Final[Mapping[str, str]] = {
    "category": "departments",
    "person": "people",
    "course": "courses",
    "enrolment": "enrolments",
    "result": "totals of older courses",
}
"""What records of each kind are called; rows in a database are called as their table."""
PASSWORD: Final = "MATRICULA_IMPORT_PASSWORD"  # noqa: S105 - the name of the environment variable that holds it
_FOLDER: Final = "imports"


@dataclass(frozen=True)
class ImportShown:
    """What an import would write; nothing is written yet.

    Args:
        settings: the import.
        to: where to: an absolute path, or an address without a password.
        school: everything that is told.
        changes: what is new or differs from what was told before.
        findings: what to look at, errors first.
        checksum: stands for the changes: what is written is what was shown.
    """

    settings: Import
    to: str
    school: School
    changes: tuple[ImportChange, ...]
    findings: tuple[Finding, ...]
    checksum: str

    @property
    def is_package(self) -> bool:
        """Whether it is written as files; else into a database."""
        return not is_address(self.to)

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many records of each kind, or rows of each table, are added and updated."""
        found: dict[str, dict[str, int]] = {}
        for (kind, action), number in Counter((each.kind, each.action) for each in self.changes).items():
            found.setdefault(kind, {})[action] = number
        return found


@dataclass(frozen=True)
class ImportWritten:
    """What was written.

    Args:
        to: where to.
        files: the files of the package; empty for a database.
        rows: rows written to the database; 0 for a package.
    """

    to: str
    files: tuple[str, ...] = ()
    rows: int = 0


def import_settings(home: Home, site: str, document: str | None = None, **given: Any) -> Import:
    """How a site is imported.

    Args:
        home: the home.
        site: the site; may be empty where a document names it.
        document: name of an import document; by default the one of the site that there is, else all defaults.
        given: settings that take the place of the document's: `to`, `year`, `name`; those that are None do not.

    Raises:
        UsageError: there is no such document or site, it is another site's, or there are several of the site.
        SettingError: a setting is wrong.
    """
    base = home.importing(document) if document is not None else _only_document(home, site)
    if base is not None and site and base.site != site:
        raise UsageError(
            f"The import {base.name} is of the site {base.site}.",
            where="matricula import",
            remedy=f"Name that site, or make an import document for {site}.",
            code="import-of-another-site",
        )
    whole: dict[str, Any] = {"name": site, "site": site} if base is None else base.model_dump(mode="json")
    settings = checked(Import, whole | {name: value for name, value in given.items() if value is not None}, "import")
    home.site(settings.site)
    _refuse_others_name(home, settings)
    return settings


def package_of_import(home: Home, settings: Import) -> bytes:
    """The package that an import wrote, as a zip.

    Args:
        home: the home.
        settings: the import.

    Raises:
        StopError: there is no package of this site where the import writes.
    """
    return packed(Path(_place(home, settings)), settings.site)


def look_at_import(home: Home, settings: Import, password: str = "", say: Say = silent) -> ImportShown:
    """Read a site and work out what an import of it would write. Nothing is written.

    Args:
        home: the home.
        settings: the import.
        password: of the database, where one is asked for.
        say: told in words what is being done.

    Raises:
        MatriculaError: the site or the database cannot be read, or a setting is wrong.
    """
    site = home.site(settings.site)
    to = _place(home, settings)
    rows = home.store.imported.rows(settings.name)
    today = datetime.now(ZoneInfo(settings.timezone)).date()
    with home.client(site) as moodle:
        school = school_of(moodle, settings, rows, today=today, protected=site.never_touch, say=say)
    if is_address(to):
        say(f"comparing with {to}")
        with _database(settings, to, password, rows) as opensis:
            changes = opensis.changes(opensis.acts(school))
            findings = (*school.findings, *opensis.findings)
    else:
        changes, findings = _of_package(school, to), school.findings
    ordered = sorted(findings, key=lambda each: (each.severity != "error", each.code))
    return ImportShown(settings, to, school, changes, tuple(ordered), checksum(changes))


def write_import(home: Home, shown: ImportShown, password: str = "", say: Say = silent) -> ImportWritten:
    """Write what was shown, as a whole or not at all, and remember it.

    Args:
        home: the home.
        shown: what was shown.
        password: of the database, where one is asked for.
        say: told in words what is being done.

    Raises:
        StopError: what was told before, or what the database holds, is no longer as it was when this was shown; or the
            package cannot be written.
        MatriculaError: the database cannot be written to; nothing was.
    """
    store, name, school = home.store, shown.settings.name, shown.school
    say(f"writing {shown.to}")
    with store.begin():
        rows = store.imported.rows(name)
        remembered = [record.row for kind in KINDS for record in school.of(kind)]
        _refuse_if_moved(shown, rows)
        if shown.is_package:
            written = ImportWritten(shown.to, tuple(write_package(school, shown.settings, Path(shown.to))))
        else:
            with _database(shown.settings, shown.to, password, rows) as opensis:
                acts = opensis.acts(school)
                if checksum(opensis.changes(acts)) != shown.checksum:
                    raise import_moved(shown)
                remembered += opensis.write(acts)
                written = ImportWritten(shown.to, rows=sum(act.action != "found" for act in acts))
                opensis.commit()
        known = {(row.kind, row.moodle_id): row for row in rows}
        store.imported.keep(name, [row for row in remembered if known.get((row.kind, row.moodle_id)) != row])
    logs.event("imported", site=shown.settings.site, changes=len(shown.changes))
    return written


def import_password(home: Home, settings: Import, file: Path | None = None) -> str:
    """The password of an import's database; empty where there is none.

    It comes from a file, else from the environment variable, else it is the one that is kept for where the import's
    document says that it goes: it is sent nowhere else.

    Args:
        home: the home.
        settings: the import.
        file: a file that holds it.

    Raises:
        SettingError: the file cannot be read.
    """
    if file is None:
        if given := os.environ.get(PASSWORD, ""):
            return logs.hide(given)
        kept = home.store.secrets.get(_secret_of(settings.name))
        if kept is None or home.importing(settings.name).to != settings.to:
            return ""
        return home.vault.decrypt(kept)
    try:
        return logs.hide(file.read_text(encoding="utf-8-sig").strip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            "The password cannot be read from this file.",
            where=str(file),
            remedy="See that the file is there, that you may read it, and that it is plain text.",
            code="password-file",
        ) from error


def keep_import_password(home: Home, name: str, password: str) -> None:
    """Keep the password of an import's database, encrypted; it is forgotten where the import goes elsewhere."""
    home.store.secrets.put(_secret_of(name), home.vault.encrypt(password))


def has_import_password(home: Home, name: str) -> bool:
    """Whether the password of an import's database is known, kept or in the environment."""
    return bool(os.environ.get(PASSWORD, "")) or home.store.secrets.get(_secret_of(name)) is not None


def _secret_of(name: str) -> str:
    return f"import:{name}:password"


def _refuse_others_name(home: Home, settings: Import) -> None:
    """See that nothing that was told of one site comes into the import of another."""
    name, site = settings.name, settings.site
    of_site = name != site and name in home.names("site")
    if of_site or (name in home.names("import") and home.importing(name).site != site):
        raise UsageError(
            f"“{name}” stands for the import of another site.",
            where=f"import {name}",
            remedy="Give this import another name.",
            code="import-name-taken",
        )


def _only_document(home: Home, site: str) -> Import | None:
    found = [each for each in map(home.importing, home.names("import")) if site in ("", each.site)]
    if len(found) > 1:
        raise UsageError(
            f"There are several imports{f' of the site {site}' if site else ''}.",
            where="matricula import",
            remedy=f"Say with --with which one is meant: {', '.join(each.name for each in found)}.",
            code="import-unsaid",
        )
    return found[0] if found else None


def _place(home: Home, settings: Import) -> str:
    if settings.to is None:
        return str(home.folder / _FOLDER / settings.name)
    return (
        told(read_address(settings.to)) if is_address(settings.to) else str(Path(settings.to).expanduser().absolute())
    )


@contextmanager
def _database(settings: Import, to: str, password: str, rows: Sequence[ImportedRow]) -> Iterator[OpenSis]:
    with opened(read_address(to), password) as connection:
        yield OpenSis(connection, settings, to, rows)


def _of_package(school: School, to: str) -> tuple[ImportChange, ...]:
    """What is new in a package; all of it where there is none yet, though it was told of elsewhere."""
    if Path(to).exists():
        return school.changes
    return tuple(
        ImportChange(kind, "add", each.key, each.name, {}, each.body) for kind in KINDS for each in school.of(kind)
    )


def _refuse_if_moved(shown: ImportShown, rows: Sequence[ImportedRow]) -> None:
    """See that nobody imported the same meanwhile: the keys that were shown could be others' by now."""
    known: Mapping[tuple[str, str], str] = {(row.kind, row.moodle_id): row.key for row in rows}
    records = {(kind, each.moodle_id): each.key for kind in KINDS for each in shown.school.of(kind)}
    vanished = any(place not in records for place in known if place[0] in KINDS)
    if vanished or any(known.get(place, key) != key for place, key in records.items()):
        raise import_moved(shown)


def import_moved(shown: ImportShown) -> StopError:
    """The error that what was shown no longer holds."""
    return StopError(
        "What is there is no longer as it was when this was shown. Nothing was written.",
        where=shown.to,
        remedy=f"Look again with `matricula import {shown.settings.site}`.",
        code="import-changed",
    )
