"""People of whom somebody must say which account is theirs."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import UsageError
from matricula.hub.identities import choices_of, may_be_another, next_open, person_told, queue, settle, to_be_brought
from matricula.hub.searching import moodle_address
from matricula.hub.words import counted
from matricula.service.permissions import May
from matricula.service.synchronising import plan_settled
from matricula.store import Identity
from matricula.web.listing import chosen_of, paged, profiles_of
from matricula.web.rendering import go
from matricula.web.telling import REASONS, isolated
from matricula.web.visit import Visit, needs

ANOTHER, REOPEN = "another", "reopen"
router = APIRouter()


@router.get("/identities", name="identities")
def identities(
    visit: Visit = needs(May.SEE), profile: str = "", kind: str = "", show: str = "open", page: int = 1
) -> Response:
    """Who waits, or who was settled."""
    seen = profiles_of(visit)
    chosen = [each.name for each in chosen_of(seen, profile)]
    store = visit.service.store
    state = "settled" if show == "settled" else "open"
    found = [each for each in queue(store, chosen) if each.state == state and kind in ("", each.code)]
    brought = {name: people for name in chosen if (people := to_be_brought(store, name))}
    return visit.page(
        "identities",
        profiles=seen,
        profile=profile,
        kind=kind,
        state=state,
        reasons=REASONS,
        shown=paged(visit, found, page),
        brought=brought,
        site_of={each.name: each.site for each in seen},
    )


@router.get("/profiles/{profile}/identities/{key:path}", name="identity")
def identity(profile: str, key: str, visit: Visit = needs(May.SEE)) -> Response:
    """One person beside the accounts that could be theirs."""
    return _one(visit, profile, key)


@router.post("/profiles/{profile}/identities/{key:path}")
def say(
    profile: str,
    key: str,
    visit: Visit = needs(May.OPERATE),
    decision: Annotated[str, Form()] = "",
    number: Annotated[str, Form()] = "",
) -> Response:
    """Take what was said, and go on to the next person."""
    found = _found(visit, profile, key)
    said = f"account:{number.strip()}" if decision == ANOTHER else decision
    try:
        settle(visit.service.home, profile, key, None if said == REOPEN else said)
    except UsageError as error:
        return _one(visit, profile, key, error)
    if said == REOPEN:
        return go(visit.request, _address(found), f"{isolated(found.name)} is in the queue again.")
    after, left = _next(visit, found)
    told = f"Noted for {isolated(found.name)}. The next plan goes by it."
    if after is None:
        return go(visit.request, "/identities", f"{told} Nobody else waits.")
    return go(visit.request, _address(after), f"{told} {counted(left, 'person waits', 'people wait')} yet.")


@router.post("/profiles/{profile}/settled/plan")
def plan_now(profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Ask for a plan for those who were settled."""
    job = plan_settled(visit.service, profile, by=visit.by, address=visit.address)
    return go(visit.request, f"/jobs/{job.id}", "The plan is being made. Nothing is written before it is applied.")


def _one(visit: Visit, profile: str, key: str, error: UsageError | None = None) -> Response:
    store, home = visit.service.store, visit.service.home
    found = _found(visit, profile, key)
    after, left = _next(visit, found)
    site = home.site(home.profile(profile).site)
    address = {each["id"]: moodle_address(site.url, "user", each["id"]) for each in found.candidates}
    values: dict[str, Any] = {
        "identity": found,
        "reason": REASONS.get(found.code, "It is unclear which account is theirs"),
        "told": person_told(home, found),
        "choices": choices_of(store, found),
        "another": may_be_another(store, found),
        "address": address,
        "after": _address(after) if after else "/identities",
        "left": left,
        "error": error,
    }
    return visit.page("identity", **values, status=400 if error else 200)


def _found(visit: Visit, profile: str, key: str) -> Identity:
    found = next((each for each in queue(visit.service.store, [profile]) if each.key == key), None)
    if found is None:
        raise UsageError(
            "This person is not in the queue.",
            where=f"profile {profile}",
            remedy="A later plan may have found it clear which account is theirs. See Identities for who waits.",
            code="identity-unknown",
        )
    return found


def _next(visit: Visit, found: Identity) -> tuple[Identity | None, int]:
    return next_open(visit.service.store, [each.name for each in profiles_of(visit)], found)


def _address(identity: Identity) -> str:
    return f"/profiles/{quote(identity.profile, safe='')}/identities/{quote(identity.key, safe='')}"
