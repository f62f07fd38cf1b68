"""First start, third step: the school's system, what it asks for, and a look at what it delivers."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import MatriculaError, UsageError
from matricula.hub.deliveries import lacking
from matricula.hub.documents import free_name, save
from matricula.hub.starters import STARTERS, Starter
from matricula.hub.uploads import delivery_folder, remove_uploads, take_upload
from matricula.profiles.altering import document
from matricula.profiles.reading import content_of
from matricula.service.permissions import May
from matricula.service.set_up import last_look, progress_of
from matricula.web.rendering import go
from matricula.web.settings_form import as_sent, changes, faults_by_path, filled, untold
from matricula.web.source_form import (
    asked_of,
    files_of,
    keep_secrets,
    more_of,
    refuse_blank,
    secrets_of,
    texts_of,
)
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.get("/set-up/{site}/system")
def choose(site: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """What the school has."""
    there = [name for name in visit.service.home.names("source") if name != "demo"]
    return visit.page(
        "set_up_system",
        progress=progress_of(visit.service, site),
        here=3,
        site=site,
        starters=list(STARTERS.values()),
        there=there,
        may_add=visit.may(May.OPERATE, ""),
    )


@router.get("/set-up/{site}/system/{starter}")
def ask(site: str, starter: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """What is asked of it."""
    visit.demand(May.OPERATE, "")
    return _form(visit, site, _starter(starter), {})


@router.post("/set-up/{site}/system/{starter}")
async def take(request: Request, site: str, starter: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Take a new source in, with its files and secrets."""
    form = await request.form()
    return await run_in_threadpool(_take, visit, site, _starter(starter), texts_of(form), files_of(form))


@router.get("/set-up/{site}/tried/{source}")
def tried(site: str, source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """What a look at the source showed."""
    home = visit.service.home
    return visit.page(
        "set_up_tried",
        progress=progress_of(visit.service, site),
        here=3,
        site=site,
        source=source,
        job=last_look(visit.service, source),
        lacking=lacking(home, source),
        needed=home.source(source).settings.secrets(),
    )


@router.post("/set-up/{site}/tried/{source}")
async def try_it(request: Request, site: str, source: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Take its secrets, where some were typed in, and look at what it delivers."""
    sent = texts_of(await request.form())
    return await run_in_threadpool(_look, visit, site, source, sent)


@router.post("/set-up/{site}/system")
def take_one_that_is_there(
    site: str, source: Annotated[str, Form()] = "", visit: Visit = needs(May.OPERATE)
) -> Response:
    """Go on with a source that is there."""
    if source not in visit.service.home.names("source"):
        raise UsageError("No source was chosen.", where="source", remedy="Go back and choose.", code="source-unsaid")
    return go(visit.request, f"/set-up/{quote(site)}/tried/{quote(source)}")


def _starter(name: str) -> Starter:
    if name not in STARTERS:
        raise UsageError(f"There is no “{name[:40]}” to choose.", remedy="Go back and choose.", code="starter-unknown")
    return STARTERS[name]


def _form(
    visit: Visit, site: str, starter: Starter, sent: dict[str, str], error: MatriculaError | None = None
) -> Response:
    asked, more = asked_of(starter), filled(more_of(starter), {})
    faults = faults_by_path(error)
    if sent:
        asked, more = as_sent(asked, sent, faults), as_sent(more, sent, faults)
    name = sent.get("name") or free_name(visit.service.home, "source", "school")
    return visit.page(
        "set_up_source",
        status=400 if error else 200,
        progress=progress_of(visit.service, site),
        here=3,
        site=site,
        starter=starter,
        asked=asked,
        more=more,
        name=name,
        where=sent.get("where", "upload"),
        server_path=sent.get("path", ""),
        error=error,
        faults=faults,
        rest=untold((*asked, *more), faults),
    )


def _take(visit: Visit, site: str, starter: Starter, sent: dict[str, str], files: list[Any]) -> Response:
    visit.demand(May.OPERATE, "")
    name = sent.get("name", "").strip() or "school"
    try:
        body = _document(visit, starter, name, sent)
        if starter.files and sent.get("where") == "upload":
            take_upload(visit.service.home, name, starter.type, files)
        _saved(visit, name, body)
    except MatriculaError as error:
        return _form(visit, site, starter, sent, error)
    visit.note("source.added", f"source {name}", words=starter.title)
    path = f"/set-up/{quote(site)}/tried/{quote(name)}"
    if secrets_of(content_of(body)):
        return go(visit.request, path, f"The source {name} is kept. Next: what it is opened with.")
    visit.service.jobs.ask("look", arguments={"source": name}, by=visit.by, address=visit.address)
    return go(visit.request, path, f"The source {name} is kept, and is being tried.")


def _document(visit: Visit, starter: Starter, name: str, sent: dict[str, str]) -> str:
    if name in visit.service.home.names("source"):
        raise UsageError(
            f"There is a source named “{name}” already.",
            where="name",
            remedy="Give this one another name, or go back and choose the one that is there.",
            code="source-taken",
        )
    asked = asked_of(starter)
    refuse_blank(asked, sent)
    form = as_sent(asked, {}) + filled(more_of(starter), {})
    values: dict[str, Any] = {"type": starter.type, **starter.settings}
    if starter.files:
        on_server = sent.get("where") == "server"
        if on_server and not sent.get("path", "").strip():
            raise UsageError(
                "No folder was named.", where="path", remedy="Name the folder, or upload the files.", code="path-unsaid"
            )
        folder = delivery_folder(visit.service.home, name).absolute()
        values["path"] = sent["path"].strip() if on_server else str(folder)
    return document("source", name, values | changes(form, sent))


def _saved(visit: Visit, name: str, body: str) -> None:
    try:
        save(visit.service.home, "source", name, body, revision=0)
    except MatriculaError:
        remove_uploads(visit.service.home, name)
        raise


def _look(visit: Visit, site: str, source: str, sent: dict[str, str]) -> Response:
    home = visit.service.home
    for kept in keep_secrets(home, source, sent):
        visit.note("source.secret", f"source {source}", words=kept)
    path = f"/set-up/{quote(site)}/tried/{quote(source)}"
    if missing := lacking(home, source):
        return go(visit.request, path, f"Still missing: {', '.join(missing)}.", tone="warning")
    visit.service.jobs.ask("look", arguments={"source": source}, by=visit.by, address=visit.address)
    return go(visit.request, path)
