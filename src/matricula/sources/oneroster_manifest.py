"""The manifest of a OneRoster CSV delivery: its version, and how each file is meant."""

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass, field

from matricula.errors import SettingError, StopError
from matricula.roster import FindingBook
from matricula.roster.tables import VERSIONS
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


@dataclass(frozen=True)
class Manifest:
    """What the manifest says.

    Args:
        version: `1.1` or `1.2`; empty where it does not say.
        modes: `absent` or `bulk` by file, without `.csv`; a file it does not name or says something unknown about
            is not in it.
    """

    version: str = ""
    modes: dict[str, str] = field(default_factory=dict)


def read_manifest(data: bytes, book: FindingBook) -> Manifest:
    """Read manifest.csv.

    Args:
        data: its bytes.
        book: where findings go.

    Raises:
        SettingError: it announces changes only (`delta`).
        StopError: it announces a version that is neither 1.1 nor 1.2.
    """
    properties = _properties(clean_text(data, MANIFEST, "", book), book)
    version = properties.pop("oneroster.version", (0, ""))[1]
    if version and version not in VERSIONS:
        raise StopError(
            f"It is a delivery of OneRoster {version}.",
            where=MANIFEST,
            remedy=f"Ask the vendor for OneRoster {' or '.join(VERSIONS)}.",
            code="version-unknown",
        )
    modes = {
        name.removeprefix("file."): (line, value.lower())
        for name, (line, value) in properties.items()
        if name.startswith("file.")
    }
    _refuse_delta([name for name, (_, mode) in modes.items() if mode == "delta"])
    return Manifest(version, _known_modes(modes, book))


def _properties(text: bytes, book: FindingBook) -> dict[str, tuple[int, str]]:
    known = {name.casefold(): name for name in _PROPERTIES}
    found: dict[str, tuple[int, str]] = {}
    header = find_header(split_lines(text))
    reader = csv.reader(io.StringIO(text.decode()), delimiter=header.separator if header else ",")
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].casefold() == "propertyname":
            continue
        name = known.get(cells[0].casefold(), "")
        fault = _fault(cells, name, found)
        if fault:
            book.add("manifest-property", fault, file=MANIFEST, line=reader.line_num, value=cells[0])
        else:
            found[name] = (reader.line_num, cells[1])
    return found


def _fault(cells: list[str], name: str, found: Collection[str]) -> str:
    if not name:
        return f"OneRoster knows no property “{cells[0][:60]}”."
    if len([cell for cell in cells if cell]) > 2 or len(cells) < 2:
        return "The line is not of the form name,value."
    if name in found:
        return f"“{name}” stands there twice; the first was taken."
    return ""


def _refuse_delta(names: list[str]) -> None:
    if names:
        raise SettingError(
            f"The delivery holds changes only (delta) for {', '.join(sorted(names))}.",
            where=MANIFEST,
            remedy="Deltas come in a later version: set the export to complete deliveries (bulk).",
            code="delivery-delta",
        )


def _known_modes(modes: dict[str, tuple[int, str]], book: FindingBook) -> dict[str, str]:
    known = {}
    for name, (line, mode) in modes.items():
        if mode in _MODES:
            known[name] = mode
        else:
            message = f"“{mode[:60]}” is none of absent and bulk."
            book.add("manifest-value", message, file=MANIFEST, line=line, column=f"file.{name}", value=mode)
    return known
