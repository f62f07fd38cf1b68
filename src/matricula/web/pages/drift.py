"""Fields that somebody edited in Moodle, and what becomes of them."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import UsageError
from matricula.hub.drift import ACTS, Decision, decide, edits_of, fate_of
from matricula.hub.problems import target_of
from matricula.hub.words import counted
from matricula.profiles import Profile
from matricula.service.permissions import May
from matricula.store import Drifted
from matricula.web.listing import chosen_of, paged, profiles_of
from matricula.web.rendering import go
from matricula.web.telling import FATES, Telling
from matricula.web.visit import Visit, needs

DONE: Final[dict[str, str]] = {
    "accepted": "Accepted: {0} listed no more until changed again.",
    "put-back": "Noted: the next plan puts {0} back. Nothing is written before it is applied.",
}
MOVED: Final = UsageError(
    "It has changed in Moodle since this page was made.",
    remedy="Look at what it holds now, and decide again.",
    code="drift-moved",
)
router = APIRouter()


@dataclass(frozen=True)
class Shown:
    """An edit with what is said of it.

    Args:
        profile: the profile's document.
        edit: the edit.
        page: the page of the person or course; empty where there is none.
        fate: what becomes of it.
        mark: tells whether it still is what was shown.
    """

    profile: Profile
    edit: Drifted
    page: str
    fate: str
    mark: str


@router.get("/drift", name="drift")
def drift(
    visit: Visit = needs(May.SEE),
    profile: str = "",
    kind: str = "",
    field: str = "",
    show: str = "waiting",
    page: int = 1,
) -> Response:
    """What was edited, as it was written and as it is seen."""
    seen = profiles_of(visit)
    chosen = chosen_of(seen, profile)
    known = [(each, edit) for each in chosen for edit in edits_of(visit.service.store, each.name)]
    everything = show == "all"
    known = [(each, edit) for each, edit in known if everything or edit.state != "accepted"]
    meant = [(each, edit) for each, edit in known if kind in ("", edit.kind) and field in ("", edit.field)]
    counts = Counter((each.name, edit.kind, edit.field) for each, edit in meant)
    shown = paged(visit, meant, page)
    by_name = {each.name: each for each in seen}
    return visit.page(
        "drift",
        profiles=seen,
        profile=profile,
        kind=kind,
        field=field,
        show="all" if everything else "waiting",
        kinds=sorted({edit.kind for _, edit in known}),
        fields=sorted({edit.field for _, edit in known if kind in ("", edit.kind)}),
        groups=[(by_name[name], *rest, number) for (name, *rest), number in counts.most_common()],
        shown=shown,
        edits=[_shown(each, edit) for each, edit in shown.items],
        tell={each.name: Telling(each.timezone) for each in seen},
        words=Telling("UTC"),
        fates=FATES,
        looked=_looked(visit, chosen),
    )


@router.post("/profiles/{profile}/drift/one")
def say(
    profile: str,
    visit: Visit = needs(May.OPERATE),
    kind: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
    field: Annotated[str, Form()] = "",
    mark: Annotated[str, Form()] = "",
    decision: Annotated[str, Form()] = "",
) -> Response:
    """Accept one edit, or have it put back."""
    said = _decision(decision)
    edits = edits_of(visit.service.store, profile, kind=kind, field=field, key=key)
    if any(mark != _mark(each) for each in edits):
        raise MOVED
    return _decided(visit, profile, edits, said)


@router.get("/profiles/{profile}/drift/all", name="drift-all")
def ask(
    profile: str, visit: Visit = needs(May.OPERATE), kind: str = "", field: str = "", decision: str = ""
) -> Response:
    """Whether all edits of a field are to be decided alike."""
    return _confirm(visit, profile, kind, field, decision)


@router.post("/profiles/{profile}/drift/all")
def say_all(
    profile: str,
    visit: Visit = needs(May.OPERATE),
    kind: Annotated[str, Form()] = "",
    field: Annotated[str, Form()] = "",
    mark: Annotated[str, Form()] = "",
    decision: Annotated[str, Form()] = "",
) -> Response:
    """Accept all edits of a field, or have them put back, as they were shown."""
    said = _decision(decision)
    edits = _alike(visit, profile, kind, field, said)
    if edits and mark != _marks(edits):
        return _confirm(visit, profile, kind, field, decision, MOVED)
    return _decided(visit, profile, edits, said)


def _looked(visit: Visit, chosen: Sequence[Profile]) -> datetime | None:
    """Since when everything was looked at, where one profile is meant."""
    if len(chosen) != 1:
        return None
    return min(visit.service.store.drift.looked_at(chosen[0].name).values(), default=None)


def _confirm(
    visit: Visit, profile: str, kind: str, field: str, decision: str, error: UsageError | None = None
) -> Response:
    said = _decision(decision)
    edits = _alike(visit, profile, kind, field, said)
    document = visit.service.home.profile(profile)
    return visit.page(
        "drift_all",
        status=400 if error else 200,
        profile=document,
        kind=kind,
        field=field,
        decision=said,
        edits=edits,
        mark=_marks(edits),
        error=error,
        tell=Telling(document.timezone),
    )


def _alike(visit: Visit, profile: str, kind: str, field: str, decision: Decision) -> list[Drifted]:
    """The edits of a field that are not decided so yet; those that are accepted stay so."""
    edits = edits_of(visit.service.store, profile, kind=kind, field=field)
    return [each for each in edits if each.state not in ("accepted", decision)]


def _decided(visit: Visit, profile: str, edits: list[Drifted], decision: Decision) -> Response:
    number = decide(visit.service.home, profile, edits, decision)
    told = DONE[decision].format(
        counted(number, "field is", "fields are") if decision == "accepted" else counted(number, "field")
    )
    return go(visit.request, f"/drift?profile={quote(profile, safe='')}", told)


def _decision(said: str) -> Decision:
    if said not in ACTS:
        raise UsageError("Say what becomes of it.", remedy="Accept it, or have it put back.", code="drift-unsaid")
    return said


def _shown(profile: Profile, edit: Drifted) -> Shown:
    part, _, key = (target_of(edit.kind, edit.key) or "").partition(":")
    pages = {"person": "people", "course": "courses"}.get(part, "")
    page = f"/profiles/{quote(profile.name, safe='')}/{pages}/{quote(key, safe='')}" if pages else ""
    return Shown(profile, edit, page, fate_of(profile, edit), _mark(edit))


def _mark(edit: Drifted) -> str:
    told = json.dumps([*edit.place, edit.written, edit.seen], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _marks(edits: list[Drifted]) -> str:
    return hashlib.sha256("".join(map(_mark, edits)).encode()).hexdigest()[:16]
