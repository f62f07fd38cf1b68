"""The first import: what a Moodle holds, shown by name and then written for the school's system just so."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import MatriculaError, SettingError, UsageError
from matricula.hub.documents import free_name, refuse_odd_name
from matricula.hub.import_seen import changes_seen, import_seen
from matricula.hub.importing import (
    KIND_WORDS,
    has_import_password,
    import_settings,
    keep_import_password,
    package_of_import,
)
from matricula.importing import checksum
from matricula.importing.opensis.address import is_address
from matricula.profiles.documents import Import
from matricula.profiles.reading import parse_documents
from matricula.service import Service
from matricula.service.permissions import May
from matricula.store import Job
from matricula.web.document_page import DocumentPage
from matricula.web.paging import shown_page
from matricula.web.rendering import go
from matricula.web.settings_form import Entry, form_of
from matricula.web.source_form import texts_of
from matricula.web.starting import start
from matricula.web.visit import Visit, needs

router = APIRouter()
FEW = 8
"""So many names of each kind stand on the first page."""
PER_PAGE = 100
_LABELS = {
    "to": "Where it goes",
    "school": "Name of the school",
    "school_id": "Its sourcedId",
    "opensis_school": "Its number in openSIS",
    "year": "Academic year",
    "year_begins": "First day of an academic year",
    "teachers": "Roles whose people become staff",
    "students": "Roles whose people become students",
    "without": "User names that are left out",
    "unenrolled": "Accounts without such a role",
    "categories": "Course categories",
    "fields": "Custom profile fields",
    "history": "Older courses",
}
_OF_FIELDS = {"moodle": "Profile field in Moodle", "to": "Becomes"}


@router.get("/import", name="import")
def choose(visit: Visit = needs(May.SEE)) -> Response:
    """The sites that may be imported."""
    names = [name for name in visit.service.home.names("site") if visit.may(May.OWN, name)]
    return visit.page("import_sites", sites=names)


@router.get("/import/{site}")
def one(site: str, visit: Visit = needs(May.OWN), *, document: str = "") -> Response:
    """How an import stands: its settings, what was seen, what was written."""
    return _page(visit, site, document)


@router.get("/import/{site}/settings")
def settings(site: str, visit: Visit = needs(May.OWN), *, document: str = "") -> Response:
    """The import's document."""
    return _document(visit, site, document).show(visit, {})


@router.post("/import/{site}/settings")
async def save_settings(request: Request, site: str, visit: Visit = needs(May.OWN), *, document: str = "") -> Response:
    """Save the import's document, from the form or as text."""
    return await run_in_threadpool(_saved, visit, site, document, texts_of(await request.form()))


@router.post("/import/{site}/password")
def keep_password(
    site: str,
    password: Annotated[str, Form(max_length=1000)] = "",
    document: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OWN),
) -> Response:
    """Keep the password of the database that the import goes to; who may say where it goes, may say this."""
    visit.demand(May.OWN, "")
    given = _settings(visit, site, document)
    if not password:
        return go(visit.request, _address(site, document), "Nothing was entered; all is as it was.", tone="warning")
    keep_import_password(visit.service.home, given.name, password)
    visit.note("import.password", f"import {given.name}", site=site)
    return go(visit.request, _address(site, document), "The password is kept. Look what would be written.")


@router.post("/import/{site}/look")
def look(site: str, document: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)) -> Response:
    """Look at what would be written."""
    start(visit, "import", site=site, arguments=_named(visit, site, document))
    return go(visit.request, _address(site, document))


@router.get("/import/{site}/names")
def names(
    site: str,
    kind: Annotated[str, Query(max_length=100)] = "",
    page: str = "",
    document: str = "",
    visit: Visit = needs(May.OWN),
) -> Response:
    """What was seen of one kind, by name."""
    home, given = visit.service.home, _settings(visit, site, document)
    seen = import_seen(home, given.name, site)
    total = 0 if seen is None else sum(seen.counts.get(kind, {}).values())
    pages = shown_page(page, total, PER_PAGE)
    return visit.page(
        "import_names",
        site=site,
        document=document,
        kind=kind,
        word=KIND_WORDS.get(kind, kind),
        pages=pages,
        rows=[] if seen is None else changes_seen(home, seen, kind, pages.offset, PER_PAGE),
    )


@router.post("/import/{site}/write")
def write(
    site: str,
    shown: Annotated[str, Form()] = "",
    document: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OWN),
) -> Response:
    """Write what was shown."""
    return _write(visit, site, document, shown or "nothing", "")


@router.post("/import/{site}/profile")
def lead_back(
    site: str,
    profile: Annotated[str, Form()] = "",
    document: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OWN),
) -> Response:
    """Make a source and a profile of what was written; only while nothing is new in Moodle."""
    if not profile.strip():
        refuse_odd_name(profile)
    return _write(visit, site, document, checksum(()), profile)


@router.get("/import/{site}/package.zip")
def package(site: str, visit: Visit = needs(May.OWN), *, document: str = "") -> Response:
    """The package that was written."""
    given = _settings(visit, site, document)
    content = package_of_import(visit.service.home, given)
    visit.note("import.taken", f"import {given.name}")
    headers = {"content-disposition": f'attachment; filename="{given.name}.zip"', "cache-control": "no-store"}
    return Response(content, media_type="application/zip", headers=headers)


def _page(visit: Visit, site: str, document: str, error: MatriculaError | None = None) -> Response:
    home, found = visit.service.home, _documents(visit, site)
    given = None
    try:
        given = _settings(visit, site, document)
    except SettingError as refused:
        error = error or refused
    seen = None if given is None else import_seen(home, given.name, site)
    jobs = [] if given is None else list(_jobs(visit.service, site, given.name))
    written = next((job for job in jobs if job.state == "done" and "to" in job.result), None)
    return visit.page(
        "import",
        status=422 if error else 200,
        site=site,
        document=document,
        documents=found,
        settings=given,
        error=error,
        needs_password=given is not None and bool(given.to) and is_address(str(given.to)),
        has_password=given is not None and has_import_password(home, given.name),
        job=jobs[0] if jobs else None,
        written=written,
        profile="" if written is None else written.result.get("profile", ""),
        suggested=_led_back(visit, jobs) or _free(visit, site),
        seen=seen,
        sections=[] if seen is None else [(kind, changes_seen(home, seen, kind, 0, FEW)) for kind in seen.counts],
        words=KIND_WORDS,
    )


def _led_back(visit: Visit, jobs: list[Job]) -> str:
    """The profile that was made of an earlier import: it is told who came since."""
    there = visit.service.home.names("profile")
    return next((name for job in jobs if (name := str(job.result.get("profile", ""))) in there), "")


def _free(visit: Visit, site: str) -> str:
    """A name that neither a profile nor a source has."""
    home, taken = visit.service.home, visit.service.home.names("source")
    wanted = free_name(home, "profile", site)
    return free_name(home, "source", wanted) if wanted in taken else wanted


def _write(visit: Visit, site: str, document: str, shown: str, profile: str) -> Response:
    name = profile.strip()
    try:
        if name:
            refuse_odd_name(name)
            _refuse_others(visit, site, name)
        arguments = _named(visit, site, document) | {"checksum": shown} | ({"profile": name} if name else {})
        start(visit, "import", site=site, arguments=arguments)
    except UsageError as error:
        return _page(visit, site, document, error)
    return go(visit.request, _address(site, document))


def _refuse_others(visit: Visit, site: str, name: str) -> None:
    """Refuse a name by which another site's profile or some other source is known."""
    home = visit.service.home
    theirs = name in home.names("profile") and home.profile(name).site != site
    if theirs or (name in home.names("source") and name not in home.names("profile")):
        raise UsageError(
            f"There is something else of the name {name}.",
            where="the new profile",
            remedy="Give it a name that no profile and no source has.",
            code="import-profile-taken",
        )


def _documents(visit: Visit, site: str) -> list[str]:
    home = visit.service.home
    return [name for name in home.names("import") if home.written("import", name).content.get("site") == site]


def _named(visit: Visit, site: str, document: str) -> dict[str, str]:
    """The document that is meant, as the job takes it: the one that is named, else the first of the site."""
    found = _documents(visit, site)
    if document and document not in found:
        raise UsageError(f"There is no import {document[:63]} of {site}.", code="import-unknown")
    return {"document": document or found[0]} if found else {}


def _settings(visit: Visit, site: str, document: str) -> Import:
    return import_settings(visit.service.home, site, _named(visit, site, document).get("document"))


def _jobs(service: Service, site: str, name: str) -> Iterator[Job]:
    """Jobs on an import, newest first."""
    for job in service.jobs.all(kinds=("import",), sites=(site,), limit=50):
        if job.result.get("import", job.arguments.get("document", name)) == name:
            yield job


def _document(visit: Visit, site: str, document: str) -> DocumentPage:
    named = _named(visit, site, document).get("document")
    name = named or free_name(visit.service.home, "import", site)
    own = f"?document={quote(document)}" if document else ""
    return DocumentPage(
        "import",
        name,
        lambda _: tuple(_labelled(each) for each in form_of(Import, without=("site",))),
        "document",
        lambda: {
            "title": f"First import of {site}",
            "trail": [("/import", "First import"), (_address(site, document), site)],
            "action": f"/import/{quote(site)}/settings{own}",
            "note": "All of it may be left as it is. Nothing is read or written by saving.",
        },
        {"site": site},
    )


def _labelled(entry: Entry) -> Entry:
    inside = tuple(replace(each, label=_OF_FIELDS.get(each.path, each.label)) for each in entry.entries)
    return replace(entry, label=_LABELS.get(entry.path, entry.label), entries=inside)


def _saved(visit: Visit, site: str, document: str, sent: dict[str, str]) -> Response:
    page = _document(visit, site, document)
    try:
        _refuse_elsewhere(visit, site, page.name, sent)
    except SettingError as error:
        return page.show(visit, sent, error)
    refused = page.save(visit, sent)
    if refused is not None:
        return refused
    return go(visit.request, _address(site, document), "The settings are kept. Look what would be written with them.")


def _refuse_elsewhere(visit: Visit, site: str, name: str, sent: dict[str, str]) -> None:
    """See that it stays the import of this site, and that a place on the server is named by an owner of everything."""
    kept = visit.service.store.documents.get("import", name)
    before = parse_documents(kept.body, name)[0].content.get("to") if kept else None
    to: Any = sent.get("to", before or "").strip() or None
    if "body" in sent:
        for each in parse_documents(sent["body"], f"import {name}"):
            to = each.content.get("to")
            if each.content.get("site") != site:
                raise SettingError(
                    f"This page is for the import of {site}.",
                    where="site",
                    remedy=f"Keep the line “site: {site}” as it is.",
                    code="import-of-another-site",
                )
    if to != before:
        visit.demand(May.OWN, "")


def _address(site: str, document: str) -> str:
    return f"/import/{quote(site)}" + (f"?document={quote(document)}" if document else "")
