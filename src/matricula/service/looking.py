"""The job that looks at a source: what comes, what is missing, what is odd. It keeps nothing of the delivery."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from matricula.errors import MatriculaError, WaitError
from matricula.hub.source_check import SourceSeen, TableSeen, check_source
from matricula.roster import Finding
from matricula.roster.codes import CODES
from matricula.service.work import Work

T = TypeVar("T")
MOST_PLACES = 5
"""So many places are named of findings of one kind."""


def look(work: Work) -> dict[str, Any]:
    """Look at the source that a job names; what comes of it tells nobody's name."""
    source = source_of(work)
    work.step(f"reading the source {source}")
    return _told(at_once(work, lambda: check_source(work.hub.home, source, work.step)))


def at_once(work: Work, act: Callable[[], T]) -> T:
    """Do something that a person waits for: where only time would mend it they are told so, and try again themselves.

    Raises:
        MatriculaError: it did not work; never one that has the job tried again by itself.
    """
    try:
        return act()
    except WaitError as error:
        if work.stop.is_set():
            raise
        raise MatriculaError(error.what, where=error.where, remedy=error.remedy, code=error.code) from error


def source_of(work: Work) -> str:
    """The source that a job names, by itself or by the profile that reads it."""
    return str(work.job.arguments.get("source") or work.hub.home.profile(work.job.profile).source)


def _told(seen: SourceSeen) -> dict[str, Any]:
    by_code: dict[str, list[Finding]] = defaultdict(list)
    for finding in seen.findings:
        by_code[finding.code].append(finding)
    return {
        "source": seen.source,
        "origin": seen.origin,
        "version": seen.version,
        "seconds": round(seen.seconds + seen.checking_seconds, 2),
        "notes": list(seen.notes),
        "tables": [_table(each) for each in seen.tables],
        "missing": list(seen.missing),
        "findings": [_kind(code, found) for code, found in by_code.items()],
    }


def _table(seen: TableSeen) -> dict[str, Any]:
    return {
        "name": seen.name,
        "read_from": seen.read_from,
        "rows": seen.rows,
        "usable": seen.usable,
        "complete": seen.complete,
        "samples": list(seen.samples),
    }


def _kind(code: str, found: list[Finding]) -> dict[str, Any]:
    """Findings of one kind, in words that hold for all of them; messages of single ones may name people."""
    kind = CODES[code]
    return {
        "code": code,
        "severity": found[0].severity,
        "rows": sum(each.count for each in found),
        "means": kind.meaning,
        "remedy": kind.remedy,
        "places": [place for each in found[:MOST_PLACES] if (place := _place(each))],
    }


def _place(finding: Finding) -> str:
    where = f"{finding.file} line {finding.line}" if finding.line is not None else finding.file or finding.table
    return f"{where}, column {finding.column}" if finding.column else where
