"""History: who did what, when, from where; searched, paged, and taken along as a file."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from matricula.errors import UsageError
from matricula.hub.plan_file import plain_cells
from matricula.hub.words import as_json
from matricula.service.permissions import May
from matricula.store import Happened
from matricula.web.acts import GROUPS, in_words, link_of, words_of
from matricula.web.listing import names_seen
from matricula.web.visit import Visit, needs

router = APIRouter()

PER_PAGE: Final = 100
_AT_ONCE: Final = 1_000
_COLUMNS: Final = ("at", "by", "address", "act", "subject", "site", "profile", "words")


@router.get("/history", name="history")
def history(
    visit: Visit = needs(May.SEE),
    *,
    q: str = "",
    kind: str = "",
    by: str = "",
    profile: str = "",
    since: str = "",
    until: str = "",
    before: str = "",
) -> Response:
    """What happened, newest first."""
    given = {"q": q, "kind": kind, "by": by, "profile": profile, "since": since, "until": until}
    try:
        wanted, error = _wanted(visit, **given), None
    except UsageError as refused:
        wanted, error = _wanted(visit, **given | {"since": "", "until": ""}), refused
    found = visit.service.store.stream.find(**wanted, before=_place(before), limit=PER_PAGE + 1)
    return visit.page(
        "history",
        status=400 if error else 200,
        error=error,
        entries=found[:PER_PAGE],
        more=_cursor(found[PER_PAGE - 1]) if len(found) > PER_PAGE else "",
        given=given,
        groups=GROUPS,
        profiles=names_seen(visit),
        in_words=in_words,
        link_of=link_of,
        words_of=words_of,
    )


@router.get("/history/file.{form}", name="history-file")
def file(
    visit: Visit = needs(May.SEE),
    *,
    form: str,
    q: str = "",
    kind: str = "",
    by: str = "",
    profile: str = "",
    since: str = "",
    until: str = "",
) -> Response:
    """All that happened and that the search finds, as a table or as JSON."""
    wanted = _wanted(visit, q=q, kind=kind, by=by, profile=profile, since=since, until=until)
    as_table = form != "json"
    visit.note("history.exported", words="csv" if as_table else "json")
    pieces = _as_csv(_all(visit, wanted)) if as_table else _as_json(_all(visit, wanted))
    name = f"history.{'csv' if as_table else 'json'}"
    return StreamingResponse(
        pieces,
        media_type="text/csv" if as_table else "application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _all(visit: Visit, wanted: dict[str, Any]) -> Iterator[Happened]:
    before = None
    while True:
        found = visit.service.store.stream.find(**wanted, before=before, limit=_AT_ONCE)
        yield from found
        if len(found) < _AT_ONCE:
            return
        before = (found[-1].at, found[-1].source, found[-1].id)


def _as_csv(entries: Iterator[Happened]) -> Iterator[str]:
    yield "\ufeff" + _row(_COLUMNS)
    for each in entries:
        cells = [each.at.astimezone(UTC).isoformat(timespec="seconds"), *(getattr(each, name) for name in _COLUMNS[1:])]
        yield _row(plain_cells(cells))


def _row(cells: Any) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _as_json(entries: Iterator[Happened]) -> Iterator[str]:
    divider = "["
    for each in entries:
        told = {name: value for name, value in asdict(each).items() if name in _COLUMNS}
        yield divider + json.dumps(told, ensure_ascii=False, default=as_json)
        divider = ",\n"
    yield "[]\n" if divider == "[" else "]\n"


def _wanted(visit: Visit, *, q: str, kind: str, by: str, profile: str, since: str, until: str) -> dict[str, Any]:
    zone = ZoneInfo(visit.service.home.service().timezone)
    return {
        "text": q.strip()[:200],
        "act": kind if kind in GROUPS else "",
        "by": by.strip(),
        "profile": profile,
        "sites": visit.visitor.sites(),
        "since": _day(since, zone),
        "until": _day(until, zone, timedelta(days=1)),
    }


def _day(text: str, zone: ZoneInfo, more: timedelta = timedelta()) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(text.strip()) + more, time(), zone)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"“{text[:30]}” is no day.", where="history", remedy="Write it as 2026-08-31.", code="day-wanted"
        ) from error


def _cursor(entry: Happened) -> str:
    return f"{entry.at.astimezone(UTC).isoformat()}~{entry.source}~{entry.id}"


def _place(cursor: str) -> tuple[datetime, str, int] | None:
    parts = cursor.split("~")
    try:
        at = datetime.fromisoformat(parts[0])
        return (at, parts[1], int(parts[2])) if at.tzinfo and len(parts) == 3 else None
    except (ValueError, IndexError):
        return None
