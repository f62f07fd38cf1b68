"""Sources: how each stands, what it delivers, its files, its secrets and its settings."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import MatriculaError
from matricula.hub.deliveries import lacking
from matricula.hub.documents import remove, sites_of_source, used_by
from matricula.hub.source_diff import SourceDiff, compare_source
from matricula.hub.starters import starter_of
from matricula.hub.uploads import READ_FILES, Handed, hand_over, is_fed_by_uploads, remove_uploads, uploaded
from matricula.service.permissions import May
from matricula.service.set_up import last_look, sites_to_set_up
from matricula.web.document_page import DocumentPage
from matricula.web.pages.sites import refuse_untyped
from matricula.web.rendering import go
from matricula.web.source_form import files_of, keep_secrets, texts_of, whole_form
from matricula.web.visit import Visit, needs

router = APIRouter()
SHOWN = 50
"""So many records of a table are told by name."""


@router.get("/sources", name="sources")
def all_sources(visit: Visit = needs(May.SEE)) -> Response:
    """The sources there are."""
    home, seen = visit.service.home, visit.visitor.sites()
    names = [name for name in home.names("source") if seen is None or sites_of_source(home, name) & seen]
    rows = [
        {
            "name": name,
            "starter": starter_of(home.written("source", name).content),
            "type": home.source(name).settings.type,
            "kept": home.store.kept.last(name),
            "lacking": lacking(home, name),
            "used": used_by(home, "source", name),
        }
        for name in names
    ]
    sites = sites_to_set_up(visit.service)
    return visit.page("sources", rows=rows, add=f"/set-up/{quote(sites[0])}/system" if sites else "/set-up")


@router.get("/sources/{source}", name="source")
def one(source: str, visit: Visit = needs(May.SEE)) -> Response:
    """How a source stands."""
    return _page(visit, source)


@router.post("/sources/{source}/look")
def look(source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Look at what the source delivers; nothing is kept."""
    visit.service.jobs.ask("look", arguments={"source": source}, by=visit.by, address=visit.address)
    return go(visit.request, f"/sources/{quote(source)}")


@router.post("/sources/{source}/read")
def read(source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Read the source now and keep what it delivers."""
    job = visit.service.jobs.ask("read", arguments={"source": source}, by=visit.by, address=visit.address)
    return go(visit.request, f"/jobs/{job.id}", f"{source} is being read. What it delivers is kept for the next plan.")


@router.post("/sources/{source}/difference")
def difference(source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """What the source delivers now beside its last reading; nothing is kept."""
    return _page(visit, source, compare_source(visit.service.home, source))


@router.post("/sources/{source}/secrets")
async def secrets(request: Request, source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Keep what was typed in as its secrets."""
    sent = texts_of(await request.form())
    kept = await run_in_threadpool(keep_secrets, visit.service.home, source, sent)
    for each in kept:
        await run_in_threadpool(visit.note, "source.secret", f"source {source}", words=each)
    said = f"Kept: {', '.join(kept)}. Next: try it." if kept else "Nothing was entered; all is as it was."
    return go(request, f"/sources/{quote(source)}", said, tone="good" if kept else "warning")


@router.post("/sources/{source}/upload")
async def upload(request: Request, source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Take files in as the source's newest delivery, and make plans of it where that is wished."""
    form = await request.form()
    return await run_in_threadpool(_uploaded, visit, source, files_of(form), plan=bool(form.get("plan")))


@router.get("/sources/{source}/settings")
def settings(source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """The source's document."""
    return _document(source).show(visit, {})


@router.post("/sources/{source}/settings")
async def save_settings(request: Request, source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Save the source's document, from the form or as text."""
    return await run_in_threadpool(_saved, visit, source, texts_of(await request.form()))


@router.get("/sources/{source}/remove")
def ask_to_remove(source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Whether the source is really to be removed."""
    using = used_by(visit.service.home, "source", source)
    return visit.page("remove", kind="source", name=source, using=using, back=f"/sources/{quote(source)}")


@router.post("/sources/{source}/remove")
def remove_source(source: str, typed: Annotated[str, Form()] = "", visit: Visit = needs(May.OPERATE)) -> Response:
    """Remove the source."""
    refuse_untyped(typed, source)
    remove(visit.service.home, "source", source)
    remove_uploads(visit.service.home, source)
    visit.note("source.removed", f"source {source}")
    return go(visit.request, "/sources", f"The source {source} is removed. The school's system is as it was.")


def _page(
    visit: Visit, source: str, difference: SourceDiff | None = None, error: MatriculaError | None = None
) -> Response:
    home = visit.service.home
    content = home.written("source", source).content
    fed = is_fed_by_uploads(home, source, content)
    return visit.page(
        "source",
        status=400 if error else 200,
        source=source,
        starter=starter_of(content),
        settings=home.source(source).settings,
        fed=fed,
        files=uploaded(home, source) if fed else [],
        takes_files=content.get("type", "oneroster-csv") in READ_FILES,
        kept=home.store.kept.last(source),
        job=last_look(visit.service, source),
        lacking=lacking(home, source),
        used=used_by(home, "source", source),
        difference=difference,
        shown=SHOWN,
        error=error,
    )


def _uploaded(visit: Visit, source: str, files: list[Handed], *, plan: bool) -> Response:
    home = visit.service.home
    try:
        hand_over(home, source, files)
    except MatriculaError as error:
        return _page(visit, source, error=error)
    visit.note("source.uploaded", f"source {source}")
    if not plan:
        visit.service.jobs.ask("look", arguments={"source": source}, by=visit.by, address=visit.address)
        return go(visit.request, f"/sources/{quote(source)}", "The new files are there, and are being looked at.")
    profiles = [each for each in map(home.profile, home.names("profile")) if each.source == source]
    jobs = [
        visit.service.jobs.ask("plan", profile=each.name, by=visit.by, address=visit.address)
        for each in profiles
        if visit.may(May.OPERATE, each.site)
    ]
    if not jobs:
        return go(visit.request, f"/sources/{quote(source)}", "The new files are there. No profile reads them yet.")
    return go(visit.request, f"/jobs/{jobs[0].id}", "The new files are there, and a plan is being made of them.")


def _document(source: str) -> DocumentPage:
    return DocumentPage(
        "source",
        source,
        whole_form,
        "document",
        lambda: {
            "title": f"Settings of {source}",
            "trail": [("/sources", "Sources"), (f"/sources/{quote(source)}", source)],
            "action": f"/sources/{quote(source)}/settings",
            "note": "Where an address or the way of signing in changes, its secrets are asked for anew.",
        },
    )


def _saved(visit: Visit, source: str, sent: dict[str, str]) -> Response:
    refused = _document(source).save(visit, sent)
    if refused is not None:
        return refused
    missing = lacking(visit.service.home, source)
    said = f"Next: enter its {' and '.join(missing)}." if missing else "Try it to see what comes now."
    return go(visit.request, f"/sources/{quote(source)}", f"The settings of {source} are kept. {said}")
