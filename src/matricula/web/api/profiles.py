"""Profiles beyond their documents: how they stand, switched on and off, carried over."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from matricula.hub.renewal import copy_profile, set_enabled
from matricula.hub.standing import Standing, standing_of, standings
from matricula.profiles.documents import Days
from matricula.profiles.reading import content_of
from matricula.service.permissions import May
from matricula.web.api.once import Once
from matricula.web.api.shapes import JobShape, SavedShape, StandingShape
from matricula.web.documents import demand_reach
from matricula.web.profile_pages import newest
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["profiles"])
starting = APIRouter(tags=["profiles"], route_class=Once)

Name = Annotated[str, Field(min_length=1, max_length=255)]


class Copy(BaseModel):
    """How a profile is carried over."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="The name of the copy.")
    period: str | None = Field(None, min_length=1, description="The academic period of the copy.")
    window: Days | None = Field(None, description="The synchronisation window of the copy.")
    source: str | None = Field(None, description="The source of the copy.")
    disable_old: bool = Field(False, description="Whether the old profile is disabled.")


class Changed(BaseModel):
    """Who and what has changed."""

    changed: list[Name] = Field(
        min_length=1,
        max_length=5000,
        description="People, classes and courses, by sourcedId, user name, e-mail address, full name, class code, "
        "short name or title.",
    )


@starting.post("/profiles/{profile}/changed", status_code=202)
def changed(profile: str, said: Changed, visit: Visit = needs(May.OPERATE)) -> JobShape:
    """Say who has changed: a run for just those follows within seconds, joined with what others say."""
    return JobShape.of(visit.service.wishes.changed(profile, said.changed, visit.by, address=visit.address))


@router.get("/standings")
def all_standings(visit: Visit = needs(May.SEE)) -> list[StandingShape]:
    """How all profiles stand, by name."""
    sites = visit.visitor.sites()
    found = standings(visit.service.home)
    return [_shape(each) for each in found if sites is None or each.site in sites]


@router.get("/profiles/{profile}/standing")
def standing(profile: str, visit: Visit = needs(May.SEE)) -> StandingShape:
    """How a profile stands."""
    return _shape(standing_of(visit.service.home, profile))


@router.post("/profiles/{profile}/enable")
def enable(profile: str, visit: Visit = needs(May.OPERATE)) -> SavedShape:
    """Enable a profile."""
    return _switch(visit, profile, enabled=True)


@router.post("/profiles/{profile}/disable")
def disable(profile: str, visit: Visit = needs(May.OPERATE)) -> SavedShape:
    """Disable a profile: plans of it can be made, and not applied."""
    return _switch(visit, profile, enabled=False)


@router.post("/profiles/{profile}/copy", status_code=201)
def copy(profile: str, copied: Copy, visit: Visit = needs(May.OPERATE)) -> SavedShape:
    """Carry a profile over, with what its ledger knows."""
    if copied.source is not None:
        before = content_of(newest(visit, profile).body)
        demand_reach(visit, before, before | {"source": copied.source})
    copy_profile(
        visit.service.home,
        profile,
        copied.name,
        period=copied.period,
        window=copied.window,
        source=copied.source,
        disable_old=copied.disable_old,
    )
    visit.note("profile.copied", f"profile {profile}", profile=profile, words=f"as {copied.name}")
    return _saved(visit, copied.name)


def _switch(visit: Visit, profile: str, *, enabled: bool) -> SavedShape:
    set_enabled(visit.service.home, profile, enabled=enabled)
    visit.note("profile.enabled" if enabled else "profile.disabled", f"profile {profile}", profile=profile)
    return _saved(visit, profile)


def _saved(visit: Visit, profile: str) -> SavedShape:
    document = visit.service.store.documents.get("profile", profile)
    return SavedShape(kind="profile", name=profile, revision=document.revision if document else 0)


def _shape(found: Standing) -> StandingShape:
    return StandingShape(
        profile=found.profile,
        site=found.site,
        source=found.source,
        status=found.status,
        says=found.says,
        obstacle=found.obstacle.what if found.obstacle else None,
    )


router.include_router(starting)
