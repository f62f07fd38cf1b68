"""One person or one course: what was delivered, what is wanted, what was written, and why."""

from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from matricula.errors import MatriculaError
from matricula.hub.looking import Look, look_at
from matricula.hub.passwords import has_password, password_of_person
from matricula.hub.records import (
    Record,
    enrolments_of,
    grades_of,
    groups_of,
    history_of,
    record_of,
    rows_of,
)
from matricula.hub.why import explain_course, explain_kept
from matricula.service.permissions import May
from matricula.service.synchronising import synchronise
from matricula.web.listing import PAGE, Page, address_of, paged
from matricula.web.rendering import go
from matricula.web.telling import FATES, Telling
from matricula.web.visit import Visit, needs

PARTS: Final = {"summary": "Summary", "enrolments": "Enrolments", "rows": "Rows in the roster", "history": "History"}
SEEN_AT_ONCE: Final = 20
"""So many courses of a person at most are looked at together: each costs the site a call."""
router = APIRouter()


@router.get("/profiles/{profile}/people/{key:path}", name="person")
def person(profile: str, key: str, visit: Visit = needs(May.SEE), show: str = "summary", page: int = 1) -> Response:
    """A person."""
    return _page(visit, record_of(visit.service.home, profile, "person", key), show, page)


@router.get("/profiles/{profile}/courses/{key:path}", name="course")
def course(profile: str, key: str, visit: Visit = needs(May.SEE), show: str = "summary", page: int = 1) -> Response:
    """A course."""
    return _page(visit, record_of(visit.service.home, profile, "course", key), show, page)


@router.post("/profiles/{profile}/people-look/{key:path}")
def look_at_person(profile: str, key: str, visit: Visit = needs(May.SEE), show: str = "summary") -> Response:
    """A person with what Moodle holds of them now."""
    return _looked(visit, record_of(visit.service.home, profile, "person", key), show)


@router.post("/profiles/{profile}/courses-look/{key:path}")
def look_at_course(profile: str, key: str, visit: Visit = needs(May.SEE), show: str = "summary") -> Response:
    """A course with what Moodle holds of it now."""
    return _looked(visit, record_of(visit.service.home, profile, "course", key), show)


@router.post("/profiles/{profile}/people-run/{key:path}")
def synchronise_person(profile: str, key: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Ask for a run for just this person."""
    return _synchronised(visit, record_of(visit.service.home, profile, "person", key))


@router.post("/profiles/{profile}/courses-run/{key:path}")
def synchronise_course(profile: str, key: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Ask for a run for just this course."""
    return _synchronised(visit, record_of(visit.service.home, profile, "course", key))


@router.post("/profiles/{profile}/people-password/{key:path}")
def password(profile: str, key: str, visit: Visit = needs(May.OWN)) -> Response:
    """A person with the first password of their account."""
    record = record_of(visit.service.home, profile, "person", key)
    shown = password_of_person(visit.service.home, profile, key)
    return _page(visit, record, "summary", 1, password=shown)


def path_of(record: Record) -> str:
    """Where a person or a course is in the console."""
    pages = "people" if record.what == "person" else "courses"
    return f"/profiles/{quote(record.kept.profile.name, safe='')}/{pages}/{quote(record.key, safe='')}"


def _page(visit: Visit, record: Record, show: str, page: int, **more: Any) -> Response:
    part = show if show in PARTS else "summary"
    words = Telling(record.kept.profile.timezone)
    values = {
        "record": record,
        "part": part,
        "parts": PARTS,
        "tell": words,
        "path": path_of(record),
        "fates": FATES,
        "fate": _fate(record),
    }
    values |= {"look": None, "look_error": None, "password": None}
    return visit.page(f"record_{part}", **values | _PARTS[part](visit, record, page) | more)


def _looked(visit: Visit, record: Record, show: str) -> Response:
    part = "enrolments" if show == "enrolments" else "summary"
    looked: dict[str, Any] = {}
    try:
        looked["look"] = _look(visit, record, part)
    except MatriculaError as error:
        looked["look_error"] = error
    return _page(visit, record, part, _number(visit), **looked)


def _look(visit: Visit, record: Record, part: str) -> Look:
    keys: list[str] = []
    if part == "enrolments":
        page = paged(visit, enrolments_of(visit.service.home, record), _number(visit))
        most = SEEN_AT_ONCE if record.what == "person" else PAGE
        keys = [each.key for each in page.items[:most]]
    return look_at(visit.service.hub, record, keys)


def _number(visit: Visit) -> int:
    told = visit.request.query_params.get("page", "1")
    return int(told) if told.isdigit() and len(told) < 6 else 1


def _synchronised(visit: Visit, record: Record) -> Response:
    asked = {"by": visit.by, "address": visit.address}
    job = synchronise(visit.service, record.kept.profile.name, record.kind, record.key, **asked)
    return go(visit.request, f"/jobs/{job.id}", "It is asked for. This page shows how far it is.")


def _fate(record: Record) -> Any:
    return lambda edit: record.kept.profile.drift.of(edit.kind, edit.field) if edit.state == "open" else edit.state


def _summary(visit: Visit, record: Record, _page_number: int) -> dict[str, Any]:
    hub, kept = visit.service.hub, record.kept
    if record.what == "person":
        answer = _answered(lambda: explain_kept(hub, kept, record.key))
        facts = None if answer is None else (answer.verdict, answer.facts)
    else:
        facts = _answered(lambda: explain_course(hub, kept, record.key))
    verdict, told = facts or ("", ())
    return {
        "verdict": verdict,
        "facts": told,
        "has_password": record.what == "person"
        and visit.may(May.OWN)
        and has_password(hub.home, kept.profile.name, record.key),
    }


def _answered(ask: Any) -> Any:
    """An answer, where the roster and the ledger can give one."""
    try:
        return ask()
    except MatriculaError:
        return None


def _enrolments(visit: Visit, record: Record, page: int) -> dict[str, Any]:
    home = visit.service.home
    return {
        "shown": paged(visit, enrolments_of(home, record), page, path_of(record)),
        "groups": groups_of(home, record),
        "grades": grades_of(home, record),
    }


def _rows(_visit: Visit, record: Record, _page_number: int) -> dict[str, Any]:
    tables: dict[str, list[Any]] = {}
    for row in rows_of(record):
        tables.setdefault(row.table, []).append(row)
    return {"tables": tables}


def _history(visit: Visit, record: Record, page: int) -> dict[str, Any]:
    number = max(1, min(page, 10_000))
    found = history_of(visit.service.home, record, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return {"shown": Page(found[:PAGE], number, None, len(found) > PAGE, address_of(visit, path_of(record)))}


_PARTS: Final = {"summary": _summary, "enrolments": _enrolments, "rows": _rows, "history": _history}
