"""What a look at a first import showed, kept until the next one, so that somebody can page through it and write it.

It names people. So it lies in the home's own folder, closed to others, and goes when it has been written or when
somebody is forgotten.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from matricula.hub.home import Home
from matricula.hub.importing import ImportShown

_FOLDER: Final = ("imports", ".seen")
_OF_FINDINGS: Final = 20
"""So many findings of one kind are kept; the number of all is."""


@dataclass(frozen=True)
class ImportSeen:
    """What was shown, but for the changes themselves.

    Args:
        name: the import.
        site: the site that was read.
        to: where to.
        is_package: whether that is files; else a database.
        year: the academic year, as 2026/27.
        at: when it was looked at, with a time zone.
        checksum: stands for the changes.
        counts: changes by kind and action.
        kept: records by kind that are no longer in Moodle and stay.
        findings: those to look at, errors first: code, severity, message and remedy; of each code the first ones.
        finding_counts: how many there are of each code.
    """

    name: str
    site: str
    to: str
    is_package: bool
    year: str
    at: datetime
    checksum: str
    counts: Mapping[str, Mapping[str, int]]
    kept: Mapping[str, int]
    findings: tuple[Mapping[str, str], ...]
    finding_counts: Mapping[str, int]

    @property
    def changes(self) -> int:
        """How many changes there are."""
        return sum(number for of_kind in self.counts.values() for number in of_kind.values())


def keep_seen(home: Home, shown: ImportShown) -> None:
    """Keep what a look showed, in the place of the one before."""
    path = _path(home, shown.settings.name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    codes = Counter(each.code for each in shown.findings)
    taken: Counter[str] = Counter()
    findings = []
    for each in shown.findings:
        taken[each.code] += 1
        if taken[each.code] <= _OF_FINDINGS:
            findings.append({name: str(getattr(each, name)) for name in ("code", "severity", "message", "remedy")})
    seen = ImportSeen(
        shown.settings.name,
        shown.settings.site,
        shown.to,
        shown.is_package,
        shown.school.year.title,
        datetime.now(UTC),
        shown.checksum,
        shown.counts,
        dict(shown.school.vanished),
        tuple(findings),
        dict(codes),
    )
    handle, new = tempfile.mkstemp(prefix=".new.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            _line(file, asdict(seen) | {"at": seen.at.isoformat()})
            for change in _in_order(shown):
                _line(file, change)
        Path(new).replace(path)
    except BaseException:
        Path(new).unlink(missing_ok=True)
        raise


def import_seen(home: Home, name: str, site: str) -> ImportSeen | None:
    """What the last look at an import of a site showed; None where there is none, or it has been written."""
    try:
        with _path(home, name).open(encoding="utf-8") as file:
            told = json.loads(file.readline())
    except FileNotFoundError:
        return None
    seen = ImportSeen(**told | {"at": datetime.fromisoformat(told["at"]), "findings": tuple(told["findings"])})
    return seen if seen.site == site else None


def changes_seen(home: Home, seen: ImportSeen, kind: str, offset: int, limit: int) -> list[dict[str, Any]]:
    """Some of the changes of a kind that were shown, new ones first.

    Args:
        home: the home.
        seen: what was shown.
        kind: the kind of record, or the table.
        offset: so many are passed over.
        limit: so many are given at most.

    Returns:
        `kind`, `action`, `key` and `name` of each, and of one that is updated `before` and `after`; none where another
        look has taken the place of this one.
    """
    first = 1
    for each, of_kind in seen.counts.items():
        if each == kind:
            break
        first += sum(of_kind.values())
    total = sum(seen.counts.get(kind, {}).values())
    with suppress(FileNotFoundError), _path(home, seen.name).open(encoding="utf-8") as file:
        if json.loads(file.readline())["checksum"] == seen.checksum:
            begin = first - 1 + offset
            return [json.loads(line) for line in islice(file, begin, begin + max(0, min(limit, total - offset)))]
    return []


def drop_seen(home: Home, name: str | None = None) -> None:
    """Remove what a look showed; of all imports where none is named."""
    folder = home.folder.joinpath(*_FOLDER)
    for path in [_path(home, name)] if name is not None else [*folder.glob("*")]:
        path.unlink(missing_ok=True)


def _path(home: Home, name: str) -> Path:
    return home.folder.joinpath(*_FOLDER, f"{name}.jsonl")


def _in_order(shown: ImportShown) -> Iterator[dict[str, Any]]:
    """The changes kind by kind, as they are counted, those that are new before the others."""
    for kind in shown.counts:
        for action in ("add", "update"):
            for each in shown.changes:
                if (each.kind, each.action) != (kind, action):
                    continue
                told: dict[str, Any] = {"kind": kind, "action": action, "key": each.key, "name": each.name}
                if action == "update":
                    told |= {"before": dict(each.before), "after": dict(each.after)}
                yield told


def _line(file: Any, value: Any) -> None:
    file.write(json.dumps(value, ensure_ascii=False) + "\n")
