"""Sinks: where grades go, how each stands, what is in it, its secrets and its settings."""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import MatriculaError
from matricula.hub.documents import remove, save, used_by
from matricula.hub.sinks import keep_secret, lacking, sink_kinds, sinks_of, sites_of_sink
from matricula.profiles.altering import altered, document
from matricula.service.permissions import May
from matricula.service.set_up import last_of
from matricula.sinks import settings_model
from matricula.web.document_page import DocumentPage
from matricula.web.pages.sites import refuse_untyped
from matricula.web.refusals import status_of
from matricula.web.rendering import go
from matricula.web.settings_form import as_sent, changes, faults_by_path, filled, form_of, untold
from matricula.web.source_form import SECRET, texts_of
from matricula.web.telling import KINDS
from matricula.web.visit import Visit, needs

router = APIRouter()
TITLES: Final = {
    "opensis": "openSIS Classic",
    "sql": "Tables of a database",
    "oneroster-csv": "OneRoster files",
    "spreadsheet": "A workbook",
    "oneroster-rest": "A OneRoster service",
}
"""What kinds of sink are called in the console; a kind that is not named here is called by its own word."""


@router.get("/sinks", name="sinks")
def all_sinks(visit: Visit = needs(May.SEE)) -> Response:
    """The sinks there are."""
    home, seen = visit.service.home, visit.visitor.sites()
    rows = [each for each in sinks_of(home) if seen is None or sites_of_sink(home, each.sink) & seen]
    return visit.page("sinks", rows=rows, titles=TITLES)


@router.get("/sinks/-/new")
def new(kind: Annotated[str, Query(alias="type", max_length=100)] = "", visit: Visit = needs(May.OWN)) -> Response:
    """What kinds of sink there are, or what is asked of a new one of a kind."""
    return _new(visit, kind, {})


@router.post("/sinks/-/new")
async def add(request: Request, visit: Visit = needs(May.OWN)) -> Response:
    """Take a new sink in."""
    return await run_in_threadpool(_added, visit, texts_of(await request.form()))


@router.get("/sinks/{sink}", name="sink")
def one(sink: str, visit: Visit = needs(May.SEE)) -> Response:
    """How a sink stands."""
    return _page(visit, sink)


@router.post("/sinks/{sink}/check")
def check(sink: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """See that it is reached, and count what stands in it; nothing is written."""
    visit.service.jobs.ask("sink-check", arguments={"sink": sink}, by=visit.by, address=visit.address)
    return go(visit.request, f"/sinks/{quote(sink)}")


@router.post("/sinks/{sink}/secrets")
async def secrets(request: Request, sink: str, visit: Visit = needs(May.OWN)) -> Response:
    """Keep what was typed in as its secrets."""
    return await run_in_threadpool(_kept, visit, sink, texts_of(await request.form()))


@router.get("/sinks/{sink}/settings")
def settings(sink: str, visit: Visit = needs(May.OWN)) -> Response:
    """The sink's document."""
    return _document(sink).show(visit, {})


@router.post("/sinks/{sink}/settings")
async def save_settings(request: Request, sink: str, visit: Visit = needs(May.OWN)) -> Response:
    """Save the sink's document, from the form or as text."""
    return await run_in_threadpool(_saved, visit, sink, texts_of(await request.form()))


@router.get("/sinks/{sink}/remove")
def ask_to_remove(sink: str, visit: Visit = needs(May.OWN)) -> Response:
    """Whether the sink is really to be removed."""
    using = used_by(visit.service.home, "sink", sink)
    return visit.page("remove", kind="sink", name=sink, using=using, back=f"/sinks/{quote(sink)}")


@router.post("/sinks/{sink}/remove")
def remove_sink(sink: str, typed: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)) -> Response:
    """Remove the sink; what it holds stays there."""
    refuse_untyped(typed, sink)
    remove(visit.service.home, "sink", sink)
    visit.note("sink.removed", f"sink {sink}")
    return go(visit.request, "/sinks", f"The sink {sink} is removed. The grades in it stay where they are.")


def _page(visit: Visit, sink: str) -> Response:
    home = visit.service.home
    settings = home.sink(sink).settings
    return visit.page(
        "sink",
        sink=sink,
        title=TITLES.get(settings.type, settings.type),
        where=getattr(settings, "url", None) or getattr(settings, "path", None) or "",
        needed=settings.secrets(),
        lacking=lacking(home, sink),
        used=[each.partition(" ")[2] for each in used_by(home, "sink", sink)],
        job=last_of(visit.service, "sink-check", sink=sink),
        kinds=KINDS,
    )


def _new(visit: Visit, kind: str, sent: Mapping[str, str], error: MatriculaError | None = None) -> Response:
    kinds = sink_kinds()
    chosen = kind if kind in kinds else ""
    form = filled(form_of(settings_model(chosen)), {}) if chosen else ()
    faults = faults_by_path(error)
    return visit.page(
        "sink_new",
        status=status_of(error) if error else 200,
        kinds=[(each, TITLES.get(each, each), says) for each, says in kinds.items()],
        kind=chosen,
        says=kinds.get(chosen, ""),
        title=TITLES.get(chosen, chosen),
        name=sent.get("name", ""),
        form=as_sent(form, sent, faults) if sent else form,
        error=error,
        faults=faults,
        rest=untold(form, faults),
    )


def _added(visit: Visit, sent: Mapping[str, str]) -> Response:
    kind, name, home = sent.get("type", ""), sent.get("name", "").strip(), visit.service.home
    try:
        said = changes(filled(form_of(settings_model(kind)), {}), sent)
        body = altered(document("sink", name, {"type": kind}), said)
        save(home, "sink", name, body, revision=0)
    except MatriculaError as error:
        return _new(visit, kind, sent, error)
    visit.note("sink.saved", f"sink {name}")
    missing = lacking(home, name)
    said_next = f"Next: enter its {' and '.join(missing)}." if missing else "Next: check it, and name it in a profile."
    return go(visit.request, f"/sinks/{quote(name)}", f"The sink {name} is there. {said_next}")


def _kept(visit: Visit, sink: str, sent: Mapping[str, str]) -> Response:
    home = visit.service.home
    given = {each: sent.get(SECRET + each, "").strip() for each in home.sink(sink).settings.secrets()}
    kept = [each for each, secret in given.items() if secret]
    for each in kept:
        keep_secret(home, sink, each, given[each])
        visit.note("sink.secret", f"sink {sink}", words=each)
    said = f"Kept: {', '.join(kept)}. Next: check it." if kept else "Nothing was entered; all is as it was."
    return go(visit.request, f"/sinks/{quote(sink)}", said, tone="good" if kept else "warning")


def _document(sink: str) -> DocumentPage:
    return DocumentPage(
        "sink",
        sink,
        lambda content: form_of(settings_model(content.get("type"))),
        "document",
        lambda: {
            "title": f"Settings of {sink}",
            "trail": [("/sinks", "Sinks"), (f"/sinks/{quote(sink)}", sink)],
            "action": f"/sinks/{quote(sink)}/settings",
            "note": "Where anything but the patience changes, its secrets are asked for anew, and transfers that are "
            "planned have to be planned again.",
        },
    )


def _saved(visit: Visit, sink: str, sent: dict[str, str]) -> Response:
    refused = _document(sink).save(visit, sent)
    if refused is not None:
        return refused
    missing = lacking(visit.service.home, sink)
    said = f"Next: enter its {' and '.join(missing)}." if missing else "Check whether it works."
    return go(visit.request, f"/sinks/{quote(sink)}", f"The settings of {sink} are kept. {said}")
