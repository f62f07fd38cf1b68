"""Grades that somebody changed in the school's system: which one stands, and having them transferred."""

import hashlib
import json
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import UsageError
from matricula.grades.drafting import side_in_words
from matricula.hub.grades import settle_conflicts
from matricula.hub.words import counted
from matricula.service.permissions import May
from matricula.store import Conflict
from matricula.web.listing import chosen_of, counted_page, profiles_of
from matricula.web.rendering import go
from matricula.web.telling import KINDS
from matricula.web.visit import Visit, needs

FATES: Final = {
    "open": "Nobody has said yet which one stands.",
    "send": "Moodle's stands: the next transfer sends it.",
    "keep": "That of the school's system stands.",
}
DONE: Final = {
    "send": "Noted: the next transfer sends {0}. Nothing is written before.",
    "keep": "Noted: {0} stay as they are in the school's system.",
}
MOVED: Final = UsageError(
    "It has changed since this page was made.",
    remedy="Look at what both sides hold now, and decide again.",
    code="conflict-moved",
)
router = APIRouter()


@router.get("/conflicts", name="conflicts")
def conflicts(visit: Visit = needs(May.SEE), profile: str = "", show: str = "open", page: int = 1) -> Response:
    """What is in conflict, with both sides."""
    seen, everything = profiles_of(visit), show == "all"
    chosen = chosen_of(seen, profile)
    states = () if everything else ("open",)
    store, names = visit.service.store.conflicts, [each.name for each in chosen]

    def read(limit: int, offset: int) -> list[Conflict]:
        return store.some(names, states=states, limit=limit, offset=offset)

    shown = counted_page(visit, store.count(names, states=states), read, page)
    marks: dict[str, list[str]] = {}
    for each in shown.items:
        marks.setdefault(each.profile, []).append(mark_of(each))
    return visit.page(
        "conflicts",
        profiles=seen,
        profile=profile,
        show="all" if everything else "open",
        shown=shown,
        marks=marks,
        mark_of=mark_of,
        fates=FATES,
        kinds=KINDS,
        side=side_in_words,
        sites={each.name: each.site for each in seen},
        sending=[each for each in chosen if each.grades.sink is not None],
        learnt=sorted({each.site for each in seen}),
    )


@router.post("/profiles/{profile}/conflicts")
def settle(
    profile: str,
    marks: Annotated[str, Form(max_length=10_000)] = "",
    decision: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OPERATE),
) -> Response:
    """Say which side stands, of one conflict or of all that were shown."""
    if decision not in DONE or not marks.split():
        raise UsageError("Say which one stands.", remedy="Go back, and press a button.", code="conflict-unsaid")
    known = {mark_of(each): each for each in visit.service.store.conflicts.all(profile)}
    meant = [known.get(mark) for mark in marks.split()]
    chosen = [each for each in meant if each is not None]
    if len(chosen) < len(meant):
        raise MOVED
    number = settle_conflicts(visit.service.home, profile, chosen, send=decision == "send")
    told = DONE[decision].format(counted(number, "grade"))
    return go(visit.request, f"/conflicts?profile={quote(profile, safe='')}", told)


@router.post("/profiles/{profile}/transfer")
def transfer(profile: str, full: Annotated[str, Form()] = "", visit: Visit = needs(May.OPERATE)) -> Response:
    """Have grades planned and, unless they wait for a person, sent."""
    arguments = {"full": True} if full else {}
    visit.service.hub.ready_to_write(profile)
    job = visit.service.jobs.ask("grades", profile=profile, arguments=arguments, by=visit.by, address=visit.address)
    said = "The gradebooks are read and compared. What is in conflict, or beyond the limits, waits for you."
    return go(visit.request, f"/jobs/{job.id}", said)


def mark_of(conflict: Conflict) -> str:
    """Stands for a conflict with its two sides as they were shown."""
    told = json.dumps([conflict.kind, conflict.key, conflict.ours, conflict.theirs])
    return hashlib.sha256(told.encode()).hexdigest()[:16]
