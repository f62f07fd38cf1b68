"""The profile editor: each part as a form, with what its mappings make of real rows, and the YAML beside it."""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from matricula.errors import StopError
from matricula.hub.profile_saving import save_profile
from matricula.profiles.faults import Fault, path_text
from matricula.profiles.mapping import FUNCTIONS, Property
from matricula.profiles.vocabulary import CLASSES, COURSES, ENROLMENTS, PEOPLE
from matricula.service.permissions import May
from matricula.web.documents import demand_reach
from matricula.web.forms import Posted
from matricula.web.forms.base import Flat
from matricula.web.forms.form import field_of
from matricula.web.profile_editor import Editing, flat_of
from matricula.web.profile_pages import diff_of, head, newest, note_saved
from matricula.web.rendering import go
from matricula.web.visit import Visit, needs, number_of

router = APIRouter()


async def _sent(request: Request) -> FormData:
    # Starlette's own bound on the number of fields is lower than what a profile with many groups needs.
    return await request.form(max_fields=20_000)


Sent = Annotated[FormData, Depends(_sent)]


def show(visit: Visit, profile: str, part: str) -> Response:
    """One part of a profile as a form."""
    editing = Editing(visit, profile, part)
    form = editing.form()
    flat = form.show(editing.content)
    posted = form.read(editing.content, flat)
    return _page(editing, flat, posted, seek=visit.request.query_params.get("seek", ""))


@router.post("/profiles/{profile}/{part}/try", name="try-profile-part")
def try_out(profile: str, part: str, sent: Sent, visit: Visit = needs(May.OPERATE)) -> Response:
    """The form as it is being written, tried on other rows; nothing is saved."""
    flat = flat_of(sent)
    editing = Editing(visit, profile, part, _revision(flat))
    posted = editing.form(flat).read(editing.content, flat)
    return _page(editing, flat, posted, faults=editing.faults(posted, editing.text(posted)), seek=_seek(flat))


@router.post("/profiles/{profile}/{part}/preview", name="preview-mapping")
def preview(
    profile: str,
    part: str,
    sent: Sent,
    of: Annotated[str, Query(max_length=500)],
    visit: Visit = needs(May.OPERATE),
) -> Response:
    """What one mapping makes of real rows, while it is being written."""
    flat = flat_of(sent)
    editing = Editing(visit, profile, part, _revision(flat))
    form = editing.form(flat)
    posted = form.read(editing.content, flat)
    tried = editing.tryouts(posted, form.views(flat, posted), _seek(flat), only=of).get(of)
    rendering = visit.request.app.state.rendering
    values = {"tried": tried, "seek": _seek(flat), "editable": True, "address": "", "has_roster": True}
    return HTMLResponse(rendering.part("parts/tryout", csrf="", **values))


def change(visit: Visit, profile: str, part: str, sent: FormData) -> Response:
    """Save a part, or do to its form what one of its buttons says."""
    flat = flat_of(sent)
    act = flat.pop("act", ["save"])[-1]
    editing = Editing(visit, profile, part, _revision(flat))
    form = editing.form(flat)
    if act.startswith("try:"):
        posted = form.read(editing.content, flat)
        found = editing.faults(posted, editing.text(posted))
        return _page(editing, flat, posted, faults=found, seek=_seek(flat), tried=act.partition(":")[2])
    if act != "save":
        form.act(flat, act)
        return _page(editing, flat, form.read(editing.content, flat), seek=_seek(flat))
    return _save(editing, flat, form.read(editing.content, flat))


def _save(editing: Editing, flat: Flat, posted: Posted) -> Response:
    visit, name = editing.visit, editing.name
    text = editing.text(posted)
    faults = editing.faults(posted, text)
    if faults:
        return _page(editing, flat, posted, faults=faults, seek=_seek(flat), status=422, refused=True)
    here = f"/profiles/{name}/{editing.part_name}"
    if text == editing.base.body and editing.base.revision == newest(visit, name).revision:
        return go(visit.request, here, "Nothing was changed.", tone="warning")
    demand_reach(visit, editing.content, posted.content)
    try:
        saved = save_profile(editing.home, name, text, after=editing.base.revision)
    except StopError as error:
        if error.code != "document-newer":
            raise
        theirs = newest(visit, name)
        more: dict[str, Any] = {
            "newer": theirs,
            "their_diff": diff_of(editing.base.body, theirs.body),
            "my_diff": diff_of(editing.base.body, text),
        }
        return _page(editing, flat, posted, seek=_seek(flat), status=409, **more)
    note_saved(visit, name, saved.revision, editing.base.body, text)
    return go(
        visit.request,
        here,
        f"Saved as revision {saved.revision}. Nothing is written to Moodle yet: make a plan to see what it changes.",
    )


def _page(
    editing: Editing,
    flat: Flat,
    posted: Posted,
    *,
    faults: Iterable[Fault] = (),
    seek: str = "",
    status: int = 200,
    refused: bool = False,
    tried: str = "",
    **more: Any,
) -> Response:
    visit, found = editing.visit, list(faults)
    form, text = editing.form(flat), editing.text(posted)
    plain = form.views(flat, posted, found)
    tryouts = editing.tryouts(posted, plain, seek)
    if tried:
        tryouts |= editing.tryouts(posted, plain, seek, only=tried)
    views = form.views(flat, posted, found, tryouts)
    has_mappings = bool(editing.part.vocabularies)
    values = {
        **head(visit, editing.name, editing.part_name),
        "part": editing.part,
        "address": f"/profiles/{editing.name}/{editing.part_name}",
        "revision": editing.base.revision,
        "views": views,
        "lines": editing.lines(text, found),
        "summary": _summary(found, posted) if refused else [],
        "mappings": has_mappings,
        "has_roster": has_mappings and visit.service.rosters.of(str(editing.content["source"])) is not None,
        "vocabularies": _vocabularies(editing),
        "functions": FUNCTIONS.values(),
        "fixed": editing.fixed,
        "seek": seek,
        "zones": _zones() if any(view.kind == "zone" for view in views) else (),
        "newer": None,
    }
    return visit.page("profile_part", status=status, **values | more)


def _summary(faults: list[Fault], posted: Posted) -> list[tuple[str, str, str]]:
    """Each fault with the field it is of; those of other parts with where they stand."""
    doubles = {told: name for name, told in posted.doubles.items()}
    return [
        (name, fault.says, "" if name else str(path_text(fault.path)))
        for fault in faults
        for name in [field_of(fault.path, posted.names) or doubles.get(fault.says, "")]
    ]


def _vocabularies(editing: Editing) -> list[tuple[str, tuple[Property, ...]]]:
    basis = editing.content.get("basis") or "group"
    known = {
        "people": ("People", PEOPLE),
        "courses": ("Classes and courses", COURSES[basis]),  # type: ignore[index]
        "classes": ("Classes, for conditions", CLASSES),
        "enrolments": ("Enrolments", ENROLMENTS),
    }
    return [(known[word][0], tuple(known[word][1].properties.values())) for word in editing.part.vocabularies]


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(each for each in available_timezones() if "/" in each and not each.startswith("Etc/")))


def _revision(flat: Flat) -> int:
    return number_of(flat.get("revision", [""])[0], "revision")


def _seek(flat: Flat) -> str:
    return flat.get("seek", [""])[0][:200]
