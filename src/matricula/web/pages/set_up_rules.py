"""First start, fourth and fifth step: what should happen, and the first plan."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import MatriculaError, SettingError, UsageError
from matricula.hub.documents import free_name, save
from matricula.hub.rules_told import what_happens
from matricula.hub.templates import Template, template, templates
from matricula.profiles.altering import altered
from matricula.profiles.documents import PERSON_KINDS
from matricula.profiles.reading import content_of, read_profile
from matricula.service.permissions import May
from matricula.service.set_up import progress_of
from matricula.store import Job
from matricula.web.rendering import go
from matricula.web.source_form import texts_of
from matricula.web.visit import Visit, needs

router = APIRouter()
PEOPLE = {"student": "Students", "teacher": "Teachers", "employee": "Other staff", "parent": "Parents and guardians"}
_ALWAYS = ("student", "teacher", "employee")


@router.get("/set-up/{site}/rules")
def ask(site: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """What should happen."""
    progress = progress_of(visit.service, site)
    if not progress.source:
        return go(visit.request, f"/set-up/{quote(site)}/system", "First say where people come from.", tone="warning")
    return _form(visit, site, {})


@router.post("/set-up/{site}/rules")
async def take(request: Request, site: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Make the profile, and ask for its first plan."""
    form = await request.form()
    people = [each for each in form.getlist("people") if isinstance(each, str)]
    return await run_in_threadpool(_take, visit, site, texts_of(form), people)


@router.get("/set-up/{site}/plan/{profile}")
def plan(site: str, profile: str, visit: Visit = needs(May.SEE)) -> Response:
    """The first plan: being made, or there to be looked at."""
    job = _last_plan(visit, profile)
    made = visit.service.store.plans.latest(profile)
    return visit.page(
        "set_up_plan",
        progress=progress_of(visit.service, site),
        here=5,
        site=site,
        profile=profile,
        happens=what_happens(visit.service.home.profile(profile)),
        job=job,
        plan=made,
        counts=made.summary["counts"] if made else {},
    )


@router.post("/set-up/{site}/plan/{profile}")
def make_plan(site: str, profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Ask for a plan."""
    visit.service.jobs.ask("plan", profile=profile, by=visit.by, address=visit.address)
    return go(visit.request, f"/set-up/{quote(site)}/plan/{quote(profile)}")


def _form(visit: Visit, site: str, sent: dict[str, str], error: MatriculaError | None = None) -> Response:
    progress, people = progress_of(visit.service, site), sent.get("kinds", ",".join(_ALWAYS)).split(",")
    return visit.page(
        "set_up_rules",
        status=400 if error else 200,
        progress=progress,
        here=4,
        site=site,
        source=progress.source,
        templates=[(each, _told(each)) for each in templates()],
        chosen=sent.get("template") or templates()[0].name,
        people=PEOPLE,
        ticked=people,
        timezone=sent.get("timezone", "") or guessed_zone(visit),
        guess=not sent.get("timezone"),
        zones=_zones(),
        error=error,
    )


@cache
def _told_of(text: str) -> tuple[str, ...]:
    return tuple(what_happens(read_profile(content_of(text), "template")))


def _told(each: Template) -> tuple[str, ...]:
    return _told_of(each.text("source", "site", "profile", "UTC"))


def _take(visit: Visit, site: str, sent: dict[str, str], people: list[str]) -> Response:
    home, progress = visit.service.home, progress_of(visit.service, site)
    sent["kinds"] = ",".join(people)
    try:
        name = free_name(home, "profile", "default" if not home.names("profile") else site)
        body = _document(sent, people, progress.source, site, name)
        save(home, "profile", name, body, revision=0)
    except MatriculaError as error:
        return _form(visit, site, sent, error)
    visit.note("profile.added", f"profile {name}", site=site, profile=name, words=sent.get("template", ""))
    visit.service.jobs.ask("plan", profile=name, by=visit.by, address=visit.address)
    said = "The rules are kept. The first plan is being made; nothing is written to Moodle by it."
    return go(visit.request, f"/set-up/{quote(site)}/plan/{quote(name)}", said)


def _document(sent: dict[str, str], people: list[str], source: str, site: str, name: str) -> str:
    chosen = template(sent.get("template", ""))
    if not set(people) & set(PEOPLE):
        raise UsageError(
            "Nobody would get an account.",
            where="people",
            remedy="Tick at least one kind of people.",
            code="people-unsaid",
        )
    zone = sent.get("timezone", "").strip()
    if zone not in available_timezones():
        raise SettingError(
            f"“{zone[:60]}” is no time zone.",
            where="timezone",
            remedy="Write it as Europe/London or America/New_York; the list under the field has all of them.",
            code="timezone-unknown",
        )
    values: dict[str, Any] = {}
    for kind in PERSON_KINDS:
        if (kind in people) != (kind in _ALWAYS):
            values |= {f"users.{kind}.{act}": kind in people for act in ("create", "update", "deactivate")}
    return altered(chosen.text(source, site, name, zone), values)


def _last_plan(visit: Visit, profile: str) -> Job | None:
    return next(iter(visit.service.jobs.all(profile=profile, kinds=["plan"], limit=1)), None)


@cache
def _zones() -> list[str]:
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))


def guessed_zone(visit: Visit) -> str:
    """The time zone that the service says, or this computer's own."""
    said = visit.service.home.service().timezone
    parts = Path("/etc/localtime").resolve().parts
    own = "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "UTC"
    return said if said != "UTC" else own.removeprefix("Etc/")
