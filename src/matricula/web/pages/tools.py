"""Learning tools: how each connection stands, its token, its settings, and the courses that are mapped."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import MatriculaError
from matricula.hub.documents import remove, save
from matricula.hub.tools import has_tool_token, keep_tool_token, mappings_of, tools_of
from matricula.profiles.altering import document
from matricula.profiles.documents import Tool
from matricula.profiles.reading import parse_documents
from matricula.service.permissions import May
from matricula.service.set_up import last_of
from matricula.web.document_page import DocumentPage
from matricula.web.pages.sites import refuse_untyped
from matricula.web.rendering import go
from matricula.web.settings_form import form_of
from matricula.web.source_form import texts_of
from matricula.web.visit import Visit, needs

router = APIRouter()
KINDS = {"kuracloud": "kuraCloud", "oneroster": "OneRoster"}


@router.get("/tools", name="tools")
def all_tools(visit: Visit = needs(May.SEE)) -> Response:
    """The learning tools there are."""
    seen = visit.visitor.sites()
    rows = [each for each in tools_of(visit.service.home) if seen is None or each.site in seen]
    return visit.page("tools", rows=rows, kinds=KINDS)


@router.get("/tools/-/new")
def new(visit: Visit = needs(May.OWN)) -> Response:
    """What is asked of a new tool."""
    return _new(visit, {})


@router.post("/tools/-/new")
def add(
    name: Annotated[str, Form()] = "",
    type: Annotated[str, Form()] = "kuracloud",  # noqa: A002 - the name of the setting
    site: Annotated[str, Form()] = "",
    url: Annotated[str, Form()] = "",
    token: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OWN),
) -> Response:
    """Take a new tool in, and try its connection."""
    home, sent = visit.service.home, {"name": name.strip(), "type": type, "site": site, "url": url.strip()}
    try:
        home.site(site)
        body = document("tool", sent["name"], {key: sent[key] for key in ("type", "site", "url")})
        save(home, "tool", sent["name"], body, revision=0)
    except MatriculaError as error:
        return _new(visit, sent, error)
    visit.note("tool.saved", f"tool {sent['name']}", site=site)
    if token.strip():
        keep_tool_token(home, sent["name"], token)
        _ask_to_check(visit, sent["name"])
    return go(visit.request, f"/tools/{quote(sent['name'])}", f"The tool {sent['name']} is there.")


@router.get("/tools/{tool}", name="tool")
def one(tool: str, visit: Visit = needs(May.SEE)) -> Response:
    """How a tool stands."""
    home = visit.service.home
    return visit.page(
        "tool",
        tool=home.tool(tool),
        kind=KINDS[home.tool(tool).type],
        standing=home.store.tools.standing(tool),
        token=has_tool_token(home, tool),
        mappings=mappings_of(home, tool),
        job=last_of(visit.service, "tool-check", tool=tool),
    )


@router.post("/tools/{tool}/check")
def check(tool: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Try the connection, and look at the mapped courses."""
    _ask_to_check(visit, tool)
    return go(visit.request, f"/tools/{quote(tool)}")


@router.post("/tools/{tool}/token")
def keep_token(tool: str, token: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)) -> Response:
    """Keep another token, and try it."""
    keep_tool_token(visit.service.home, tool, token)
    visit.note("tool.token", f"tool {tool}")
    _ask_to_check(visit, tool)
    return go(visit.request, f"/tools/{quote(tool)}", "The token is kept, and the tool is being looked at with it.")


@router.get("/tools/{tool}/settings")
def settings(tool: str, visit: Visit = needs(May.OWN)) -> Response:
    """The tool's document."""
    return _document(tool).show(visit, {})


@router.post("/tools/{tool}/settings")
async def save_settings(request: Request, tool: str, visit: Visit = needs(May.OWN)) -> Response:
    """Save the tool's document, from the form or as text."""
    return await run_in_threadpool(_saved, visit, tool, texts_of(await request.form()))


@router.get("/tools/{tool}/remove")
def ask_to_remove(tool: str, visit: Visit = needs(May.OWN)) -> Response:
    """Whether the tool is really to be removed."""
    using = [f"course {each.course_name}" for each in mappings_of(visit.service.home, tool)]
    return visit.page("remove", kind="tool", name=tool, using=using, back=f"/tools/{quote(tool)}")


@router.post("/tools/{tool}/remove")
def remove_tool(tool: str, typed: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)) -> Response:
    """Remove the tool with its token; its students stay."""
    refuse_untyped(typed, tool)
    home = visit.service.home
    remove(home, "tool", tool)
    visit.note("tool.removed", f"tool {tool}")
    return go(visit.request, "/tools", f"The tool {tool} and its token are removed. Its students are as they were.")


def _ask_to_check(visit: Visit, tool: str) -> None:
    visit.service.jobs.ask("tool-check", arguments={"tool": tool}, by=visit.by, address=visit.address)


def _new(visit: Visit, sent: dict[str, str], error: MatriculaError | None = None) -> Response:
    return visit.page(
        "tool_new",
        status=422 if error else 200,
        sites=visit.service.home.names("site"),
        kinds=KINDS,
        sent=sent,
        error=error,
    )


def _document(tool: str) -> DocumentPage:
    return DocumentPage(
        "tool",
        tool,
        lambda _: form_of(Tool),
        "document",
        lambda: {
            "title": f"Settings of {tool}",
            "trail": [("/tools", "Learning tools"), (f"/tools/{quote(tool)}", tool)],
            "action": f"/tools/{quote(tool)}/settings",
            "note": "Where the address changes, the token of that tool is asked for.",
        },
    )


def _saved(visit: Visit, tool: str, sent: dict[str, str]) -> Response:
    _refuse_foreign_site(visit, sent)
    refused = _document(tool).save(visit, sent)
    if refused is not None:
        return refused
    return go(visit.request, f"/tools/{quote(tool)}", f"The settings of {tool} are kept. Check whether it works.")


def _refuse_foreign_site(visit: Visit, sent: dict[str, str]) -> None:
    """Refuse to move a tool to a site that the visitor does not own; what cannot be read is refused on saving."""
    if sent.get("site"):
        visit.demand(May.OWN, sent["site"])
    try:
        written = parse_documents(sent.get("body", ""), "settings")
    except MatriculaError:
        return
    for each in written:
        visit.demand(May.OWN, str(each.content.get("site", "")))
