"""Jobs: the list of them, one as it goes on, and what a person may do with it."""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import MatriculaError, UsageError
from matricula.service.following import look
from matricula.service.kinds import KINDS
from matricula.service.permissions import May
from matricula.store import Job
from matricula.web.listing import names_seen
from matricula.web.live import Live, parts_of
from matricula.web.paging import number_in
from matricula.web.rendering import go
from matricula.web.starting import right_to_start
from matricula.web.visit import Visit, needs, visitor_of

router = APIRouter()

PER_PAGE = 50
STATES: Final = {
    "waiting": ("Waits", "plain"),
    "working": ("At work", "busy"),
    "done": ("Done", "good"),
    "failed": ("Failed", "bad"),
    "cancelled": ("Cancelled", "plain"),
}
TITLES: Final = {
    "read": "Read the source",
    "plan": "Make a plan",
    "run": "Synchronise",
    "apply": "Write plan {plan}",
    "undo": "Work out what takes run {run} back",
    "observe": "Look for edits in Moodle",
    "move": "Move enrolments to Matricula's own method",
    "verify": "Compare everything",
    "learning": "Read grades and submissions",
    "grades": "Send grades to the school",
    "check": "Check the site",
    "import": "Take the site as a roster for the school",
    "sink-check": "Check the sink {sink}",
    "tool-check": "Check the learning tool {tool}",
    "tools-check": "Check the learning tools",
    "tool-roster": "Compare the people of two courses",
    "tool-grades": "Compare the grades of two courses",
    "tool-apply": "Write a preview of a learning tool",
    "purge": "Remove what is old",
}
_NAMED: Final = {"plan": "a", "run": "a", "sink": "", "tool": ""}
"""Arguments that titles name, with what stands for them where a kind is meant."""
_ASKED_HERE: Final = ("read", "plan", "run", "observe", "verify", "learning", "grades", "move")
_CHECKED_EVERY: Final = 60
"""So many pieces of news after which it is looked up whether the viewer may still see them."""


@router.get("/jobs", name="jobs")
def jobs(
    visit: Visit = needs(May.SEE), *, state: str = "", profile: str = "", kind: str = "", below: str = ""
) -> Response:
    """The jobs there are, newest first."""
    states = {"": (), "open": ("waiting", "working")}.get(state, (state,))
    found = visit.service.jobs.all(
        sites=visit.visitor.sites(),
        profile=profile or None,
        states=states,
        kinds=(kind,) if kind in KINDS else (),
        below=number_in(below),
        limit=PER_PAGE + 1,
    )
    return visit.page(
        "jobs",
        jobs=found[:PER_PAGE],
        more=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        states=STATES,
        state_words={name: words for name, (words, _) in STATES.items()},
        kind_words={name: title_of_kind(name) for name in KINDS},
        profiles=names_seen(visit),
        given={"state": state, "profile": profile, "kind": kind},
        title_of=title_of,
    )


@router.get("/jobs/{job}", name="job")
def job(visit: Visit = needs(May.SEE), *, job: int) -> Response:
    """One job as it is now; the page keeps itself up to date while it goes on."""
    seen = look(visit.service, job)
    found = seen.job
    store = visit.service.store
    return visit.page(
        "job",
        job=found,
        seen=seen,
        parts=parts_of(visit.request.app.state.rendering, seen),
        title=title_of(found),
        says=KINDS[found.kind].says if found.kind in KINDS else "",
        state=STATES[found.state],
        states=STATES,
        plan=store.plans.get(found.plan) if found.plan else None,
        run=store.runs.get(found.run) if found.run else None,
        may_stop=not found.ended and visit.may(right_to_start(found.kind)),
        may_retry=found.state in ("failed", "cancelled") and visit.may(right_to_start(found.kind)),
    )


@router.get("/jobs/{job}/live", name="job-live", response_class=EventSourceResponse)
async def live(
    visit: Visit = needs(May.SEE),
    *,
    job: int,
    after: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> AsyncIterator[ServerSentEvent]:
    """What is new of a job, as it happens, until it has ended."""
    following: Live = visit.request.app.state.live
    last = number_in(last_event_id or after) or 0
    zone = ZoneInfo(visit.service.home.service().timezone)
    pieces = 0
    async for news in following.follow(job, last):
        for line in news.lines:
            last = line.number
            at = line.at.astimezone(zone)
            told = {"at": at.isoformat(timespec="seconds"), "clock": f"{at:%H:%M:%S}"}
            shown = told | {"number": line.number, "level": line.level, "text": line.text}
            yield ServerSentEvent(event="line", id=str(last), data=shown)
        yield ServerSentEvent(event="progress", id=str(last), data=news.parts)
        if news.ended:
            yield ServerSentEvent(event="end", id=str(last), data={})
        pieces += 1
        if pieces % _CHECKED_EVERY == 0 and not await run_in_threadpool(_may_still_see, visit):
            return


def _may_still_see(visit: Visit) -> bool:
    visitor = visitor_of(visit.request)
    return visitor is not None and visitor.may(May.SEE, visit.site)


@router.get("/jobs/{job}/cancel", name="job-cancel")
def ask_to_cancel(visit: Visit = needs(May.APPLY), *, job: int) -> Response:
    """Ask whether a job is really to be cancelled."""
    found = visit.service.jobs.get(job)
    visit.demand(right_to_start(found.kind), found.site)
    return visit.page("job_cancel", job=found, title=title_of(found))


@router.post("/jobs/{job}/cancel")
def cancel(visit: Visit = needs(May.APPLY), *, job: int) -> Response:
    """Cancel a job, or ask it to stop."""
    found = visit.service.jobs.get(job)
    visit.demand(right_to_start(found.kind), found.site)
    try:
        after = visit.service.jobs.cancel(job, visit.by, address=visit.address)
    except UsageError:
        return go(visit.request, f"/jobs/{job}", "It had ended already.", tone="warning")
    said = "It is cancelled." if after.ended else "It was asked to stop. What is under way is finished first."
    return go(visit.request, f"/jobs/{job}", said)


@router.post("/jobs/{job}/retry", name="job-retry")
def retry(visit: Visit = needs(May.APPLY), *, job: int) -> Response:
    """Ask for a job once more."""
    found = visit.service.jobs.get(job)
    visit.demand(right_to_start(found.kind), found.site)
    if found.kind == "apply" and visit.service.store.plans.get(int(found.arguments["plan"])).state == "held":
        visit.demand(May.APPROVE, found.site)
    try:
        anew = visit.service.jobs.retry(job, visit.by, address=visit.address)
    except MatriculaError as error:
        return go(visit.request, f"/jobs/{job}", f"{error.what} {error.remedy}", tone="bad")
    return go(visit.request, f"/jobs/{anew.id}", "It is tried once more. This page shows how far it is.")


@router.post("/profiles/{profile}/jobs/{kind}", name="job-ask")
def ask(visit: Visit = needs(May.OPERATE), *, profile: str, kind: str, full: Annotated[str, Form()] = "") -> Response:
    """Ask for work on a profile."""
    if kind not in _ASKED_HERE:
        raise UsageError(
            f"There is no kind of job named “{kind}”.",
            remedy=f"There are: {', '.join(_ASKED_HERE)}.",
            code="job-kind",
        )
    arguments = {"full": True} if full and kind in ("plan", "run") else {}
    try:
        if kind == "run":
            visit.service.hub.ready_to_write(profile)
        asked = visit.service.jobs.ask(kind, profile=profile, arguments=arguments, by=visit.by, address=visit.address)
    except MatriculaError as error:
        return go(visit.request, "/", f"{error.what} {error.remedy}", tone="bad")
    return go(visit.request, f"/jobs/{asked.id}", "It is asked for. This page shows how far it is.")


def title_of(job: Job) -> str:
    """What a job does, in a few words."""
    given = {name: job.arguments.get(name, "") for name in _NAMED}
    told = TITLES.get(job.kind, job.kind).format(**given)
    about = job.profile or job.site
    return f"{told} ({about})" if about else told


def title_of_kind(kind: str) -> str:
    """What jobs of a kind do, in a few words."""
    return (
        " ".join(TITLES.get(kind, kind).format(**_NAMED).split())
        .replace("plan a", "a plan")
        .replace("run a back", "a run back")
    )
