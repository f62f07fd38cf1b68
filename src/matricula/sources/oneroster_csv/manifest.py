"""The manifest of a OneRoster CSV delivery: its version, and how each file is meant."""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from matricula.errors import StopError
from matricula.roster import TABLES, FindingBook
from matricula.roster.tables import VERSIONS
from matricula.sources.oneroster_csv.headers import OLDEST
from matricula.sources.rows import find_header, split_lines
from matricula.sources.text import clean_text

MANIFEST = "manifest.csv"
_ROSTER_FILES = ("academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "users")
_GRADE_FILES = ("categories", "lineItems", "results")
_RESOURCE_FILES = ("classResources", "courseResources", "resources")
_FILES_12 = (
    "roles",
    "userProfiles",
    "userResources",
    "scoreScales",
    "lineItemScoreScales",
    "resultScoreScales",
    "lineItemLearningObjectiveIds",
    "resultLearningObjectiveIds",
)
FILES = (*_ROSTER_FILES, *_GRADE_FILES, *_RESOURCE_FILES, *_FILES_12)
"""Every file that OneRoster 1.1 or 1.2 knows beside the manifest, without `.csv`."""

_PROPERTIES = frozenset(
    {"manifest.version", "oneroster.version", "source.systemName", "source.systemCode"}
    | {f"file.{name}" for name in FILES}
)
_MODES = ("absent", "bulk", "delta")


_HEADER = ["propertyName", "value"]


def files_of(version: str) -> tuple[str, ...]:
    """Names of the files that a version has beside the manifest, without `.csv`."""
    return tuple(name for name in FILES if version == "1.2" or name not in _FILES_12)


@dataclass(frozen=True)
class Manifest:
    """What the manifest says.

    Args:
        version: `1.0`, `1.1` or `1.2`; empty where it does not say.
        modes: `absent`, `bulk` or `delta` by file, without `.csv`; a file it does not name or says something unknown
            about is not in it.
    """

    version: str = ""
    modes: dict[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether a table of the roster comes as changes only (delta)."""
        return any(self.modes.get(name) == "delta" for name in TABLES)


def read_manifest(data: bytes, book: FindingBook, *, strict: bool = False) -> Manifest:
    """Read manifest.csv.

    Args:
        data: its bytes.
        book: where findings go.
        strict: whether what the binding demands of its form is looked at, too (CSV Binding 1.2.1, manifest.csv).

    Raises:
        StopError: it announces a version that is none of 1.0, 1.1 and 1.2.
    """
    properties = _properties(clean_text(data, MANIFEST, "", book), book, strict=strict)
    version = properties.get("oneroster.version", (0, ""))[1]
    if version and version not in (OLDEST, *VERSIONS):
        raise StopError(
            f"It is a delivery of OneRoster {version[:60]}.",
            where=MANIFEST,
            remedy=f"Ask the vendor for OneRoster {' or '.join(VERSIONS)}.",
            code="version-unknown",
        )
    modes = {name.removeprefix("file."): said for name, said in properties.items() if name.startswith("file.")}
    if strict:
        _check_complete(properties, version, book)
    return Manifest(version, _known_modes(modes, book, strict=strict))


def _properties(text: bytes, book: FindingBook, *, strict: bool) -> dict[str, tuple[int, str]]:
    known = {name.casefold(): name for name in _PROPERTIES}
    found: dict[str, tuple[int, str]] = {}
    header = find_header(split_lines(text))
    reader = csv.reader(io.StringIO(text.decode()), delimiter=header.separator if header else ",")
    if strict and header and (header.names != _HEADER or header.separator != ","):
        message = "The first line is not propertyName,value."
        book.add("manifest-form", message, file=MANIFEST, line=header.line, value=",".join(header.names))
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].casefold() == "propertyname":
            continue
        name = known.get(cells[0].casefold(), "")
        fault = _fault(cells, name, found)
        if fault:
            book.add("manifest-property", fault, file=MANIFEST, line=reader.line_num, value=cells[0])
            continue
        found[name] = (reader.line_num, cells[1])
        if strict and row[:2] != [name, cells[1]]:
            message = f"The standard writes {name}, without blanks around it and its value."
            book.add("manifest-form", message, file=MANIFEST, line=reader.line_num, value=row[0])
    return found


def _fault(cells: list[str], name: str, found: Collection[str]) -> str:
    if not name:
        return f"OneRoster knows no property “{cells[0][:60]}”."
    if len([cell for cell in cells if cell]) > 2 or len(cells) < 2:
        return "The line is not of the form name,value."
    if name in found:
        return f"“{name}” stands there twice; the first was taken."
    return ""


def _check_complete(properties: Mapping[str, tuple[int, str]], version: str, book: FindingBook) -> None:
    line, said = properties.get("manifest.version", (None, ""))
    if said != "1.0":
        message = f"manifest.version is {f'“{said[:60]}”' if said else 'missing'}; it must be 1.0."
        book.add("manifest-version", message, file=MANIFEST, line=line, value=said)
    if not version:
        book.add("manifest-version", "oneroster.version is missing.", file=MANIFEST)
    missing = [name for name in files_of(version) if f"file.{name}" not in properties]
    if missing:
        message = f"It says nothing of these files of the standard: {', '.join(missing)}."
        book.add("manifest-incomplete", message, file=MANIFEST, value=", ".join(missing))


def _known_modes(modes: Mapping[str, tuple[int, str]], book: FindingBook, *, strict: bool) -> dict[str, str]:
    known = {}
    for name, (line, mode) in modes.items():
        if mode.lower() in _MODES:
            known[name] = mode.lower()
            if strict and mode != mode.lower():
                message = f"“{mode}” was read as “{mode.lower()}”."
                book.add("manifest-form", message, file=MANIFEST, line=line, column=f"file.{name}", value=mode)
        else:
            message = f"“{mode[:60]}” is none of absent, bulk and delta."
            book.add("manifest-value", message, file=MANIFEST, line=line, column=f"file.{name}", value=mode)
    return known
