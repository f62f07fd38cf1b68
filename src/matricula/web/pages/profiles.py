"""Profiles: how each stands, and making, copying, switching and deleting them."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import MatriculaError, UsageError
from matricula.hub.grades import place_of
from matricula.hub.profile_saving import profile_exists, remove_profile, save_profile, was_applied
from matricula.hub.renewal import copy_profile, days_of, set_enabled
from matricula.hub.standing import standings
from matricula.hub.templates import template, templates
from matricula.profiles import Profile
from matricula.profiles.reading import content_of, rewritten
from matricula.service import Service
from matricula.service.permissions import May
from matricula.service.reach import sites_within, sources_within
from matricula.web.documents import demand_reach
from matricula.web.pages import profile_parts, profile_text
from matricula.web.pages.plans import STATES, changes_of
from matricula.web.profile_pages import head, newest, note_saved
from matricula.web.refusals import ForbiddenError, status_of
from matricula.web.rendering import go
from matricula.web.visit import Visit, needs

router = APIRouter()
_KINDS = (("Students", "student"), ("Teachers", "teacher"), ("Other employees", "employee"), ("Parents", "parent"))
#: No profile can have this name: names begin with a letter or digit.
NEW = "/profiles/-/new"


@router.get("/profiles", name="profiles")
def index(visit: Visit = needs(May.SEE)) -> Response:
    """Each profile in a sentence."""
    sites = visit.visitor.sites()
    shown = [each for each in standings(visit.service.home) if sites is None or each.site in sites]
    able = visit.visitor.sites(May.OPERATE)
    return visit.page(
        "profiles",
        profiles=[(each, next_run(visit.service, each.profile)) for each in shown],
        may_make=able is None or bool(able),
    )


def next_run(service: Service, profile: str) -> datetime | None:
    """When a schedule runs a profile next; None where none does."""
    return service.schedules.next_of(service.home.profile(profile), datetime.now(UTC)).at


@router.get(NEW, name="new-profile")
def show_new(visit: Visit = needs(May.SEE)) -> Response:
    """The form of a new profile."""
    _demand_any(visit)
    zone = visit.service.home.service().timezone
    return _new(visit, {"template": "plain", "name": "", "source": "", "site": "", "timezone": zone})


@router.post(NEW)
def make(
    name: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
    site: Annotated[str, Form()] = "",
    timezone: Annotated[str, Form()] = "UTC",
    template_name: Annotated[str, Form(alias="template")] = "plain",
    visit: Visit = needs(May.SEE),
) -> Response:
    """Make a profile of a template; it is disabled at first."""
    given = {"template": template_name, "name": name, "source": source, "site": site, "timezone": timezone}
    _demand_any(visit)
    demand_reach(visit, {}, given)
    home = visit.service.home
    try:
        text = template(template_name).text(source, site, name, timezone or "UTC")
        text = rewritten(text, {"enabled": False})
        saved = save_profile(home, name, text, after=0)
    except MatriculaError as error:
        return _new(visit, given, error)
    visit.note("profile.made", f"profile {name}", site=site, profile=name, words=f"template {template_name}")
    note_saved(visit, name, saved.revision, "", text)
    return go(
        visit.request,
        f"/profiles/{name}",
        f"The profile {name} is made, and disabled. Next: make a plan, look at it, then enable the profile.",
    )


@router.get("/profiles/{profile}", name="profile")
def show(profile: str, visit: Visit = needs(May.SEE)) -> Response:
    """One profile: what it does and what can be done with it."""
    home = visit.service.home
    found = home.profile(profile)
    return visit.page(
        "profile",
        **head(visit, profile, ""),
        profile=found,
        kinds=[(title, found.users.of_kind(kind)) for title, kind in _KINDS],
        kept=home.store.kept.last(found.source),
        revision=newest(visit, profile),
        unmet=home.unmet(profile),
        next_run=next_run(visit.service, profile),
        transfers=_transfers(visit.service, found),
        plugged=bool(home.store.stamps.of(profile)),
    )


@router.post("/profiles/{profile}/enable", name="enable-profile")
def enable(profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Let plans of it be applied."""
    return _switch(visit, profile, enabled=True)


@router.post("/profiles/{profile}/disable", name="disable-profile")
def disable(profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Let no plan of it be applied."""
    return _switch(visit, profile, enabled=False)


@router.post("/profiles/{profile}/plan", name="plan-profile")
def plan(profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Ask for a plan."""
    job = visit.service.jobs.ask("plan", profile=profile, by=visit.by, address=visit.address)
    return go(visit.request, f"/jobs/{job.id}", f"A plan of {profile} is being made. Nothing is written to Moodle.")


@router.post("/profiles/{profile}/read", name="read-roster")
def read(profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Ask for the roster to be read."""
    job = visit.service.jobs.ask("read", profile=profile, by=visit.by, address=visit.address)
    return go(visit.request, f"/jobs/{job.id}", "The roster is being read; then mappings can be tried on it.")


@router.get("/profiles/{profile}/copy", name="copy-profile")
def show_copy(profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """The form of a copy."""
    return _copy(visit, profile, dict.fromkeys(("name", "period", "start", "end", "source", "site", "disable_old"), ""))


@router.post("/profiles/{profile}/copy")
def copy(
    profile: str,
    name: Annotated[str, Form()] = "",
    period: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
    site: Annotated[str, Form()] = "",
    disable_old: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OPERATE),
) -> Response:
    """Copy a profile: to its own site with all that it knows, to another one with its rules alone."""
    given = {"name": name, "period": period, "start": start, "end": end, "source": source, "site": site}
    before = content_of(newest(visit, profile).body)
    demand_reach(visit, before, before | {"site": site or before["site"], "source": source or before["source"]})
    try:
        window = days_of(f"{start}..{end}") if start or end else None
        if site and site != before["site"]:
            _to_other_site(visit, profile, given)
            if disable_old:
                set_enabled(visit.service.home, profile, enabled=False)
        else:
            copy_profile(
                visit.service.home,
                profile,
                name.strip(),
                period=period.strip() or None,
                window=window,
                source=source or None,
                disable_old=bool(disable_old),
            )
    except MatriculaError as error:
        return _copy(visit, profile, {**given, "disable_old": disable_old}, error)
    visit.note("profile.copied", f"profile {name}", profile=name, site=site or None, words=f"from {profile}")
    return go(visit.request, f"/profiles/{name}", f"{name} is a copy of {profile}. Next: make a plan of it.")


@router.get("/profiles/{profile}/delete", name="delete-profile")
def show_delete(profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """What deleting means, and the word to type."""
    return _delete(visit, profile)


@router.post("/profiles/{profile}/delete")
def delete(profile: str, typed: Annotated[str, Form()] = "", visit: Visit = needs(May.OPERATE)) -> Response:
    """Delete a profile of which nothing was ever applied."""
    if typed.strip() != profile:
        error = UsageError("That is not its name.", remedy=f"Type {profile}.", code="word-wrong")
        return _delete(visit, profile, error)
    remove_profile(visit.service.home, profile)
    visit.note("profile.deleted", f"profile {profile}", profile=profile)
    return go(visit.request, "/profiles", f"The profile {profile} is deleted.")


@router.get("/profiles/{profile}/{part}", name="profile-part")
def show_part(profile: str, part: str, visit: Visit = needs(May.SEE)) -> Response:
    """One part of the editor."""
    return profile_parts.show(visit, profile, part)


@router.post("/profiles/{profile}/{part}")
def change_part(profile: str, part: str, sent: profile_parts.Sent, visit: Visit = needs(May.OPERATE)) -> Response:
    """Save a part of the editor, or do what one of its buttons says."""
    return profile_parts.change(visit, profile, part, sent)


def _transfers(service: Service, profile: Profile) -> dict[str, Any] | None:
    """How the transfers of a profile stand; None where it names no sink."""
    if profile.grades.sink is None:
        return None
    latest = service.store.plans.latest(profile.name, place_of(profile.grades.sink))
    return {
        "sink": profile.grades.sink,
        "latest": latest,
        "state": STATES[latest.state] if latest is not None else ("", ""),
        "changes": changes_of(latest) if latest is not None else 0,
        "next": service.schedules.next_of(profile, datetime.now(UTC), "grades").at,
        "conflicts": service.store.conflicts.counts().get(profile.name, 0),
    }


def _switch(visit: Visit, profile: str, *, enabled: bool) -> Response:
    revision = set_enabled(visit.service.home, profile, enabled=enabled)
    word = "enabled" if enabled else "disabled"
    visit.note(f"profile.{word}", f"profile {profile}", profile=profile, words=f"revision {revision}")
    says = "Its plans can be applied." if enabled else "Plans can be made, and none is applied."
    return go(visit.request, f"/profiles/{profile}", f"{profile} is {word}. {says}")


def _to_other_site(visit: Visit, profile: str, given: dict[str, str]) -> None:
    home, name = visit.service.home, given["name"].strip()
    if name in home.names("profile"):
        raise profile_exists(name)
    window = days_of(f"{given['start']}..{given['end']}") if given["start"] or given["end"] else None
    settings: dict[str, Any] = {"name": name, "site": given["site"], "enabled": False}
    settings |= {"source": given["source"]} if given["source"] else {}
    settings |= {"period": given["period"].strip()} if given["period"].strip() else {}
    settings |= {"window": window.model_dump(exclude_none=True)} if window else {}
    save_profile(home, name, rewritten(newest(visit, profile).body, settings), after=0)


def _demand_any(visit: Visit) -> None:
    """Refuse whoever may change rules of no site at all."""
    able = visit.visitor.sites(May.OPERATE)
    if able is not None and not able:
        raise ForbiddenError(May.OPERATE, "")


def _new(visit: Visit, given: dict[str, str], error: MatriculaError | None = None) -> Response:
    home = visit.service.home
    return visit.page(
        "profile_new",
        status=status_of(error) if error else 200,
        given=given,
        error=error,
        templates=templates(),
        sources=sources_within(home, visit.visitor),
        sites=sites_within(home, visit.visitor),
    )


def _copy(visit: Visit, profile: str, given: dict[str, str], error: MatriculaError | None = None) -> Response:
    home = visit.service.home
    return visit.page(
        "profile_copy",
        status=status_of(error) if error else 200,
        **head(visit, profile, "-"),
        given=given,
        error=error,
        sources=sources_within(home, visit.visitor),
        sites=sites_within(home, visit.visitor),
    )


def _delete(visit: Visit, profile: str, error: MatriculaError | None = None) -> Response:
    home = visit.service.home
    return visit.page(
        "profile_delete",
        status=status_of(error) if error else 200,
        **head(visit, profile, "-"),
        profile=home.profile(profile),
        applied=was_applied(home, profile),
        error=error,
    )


#: Those with longer addresses come first.
ROUTERS = (profile_text.router, profile_parts.router, router)
