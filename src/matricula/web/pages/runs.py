"""Runs: the list of them, and the report of one."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from matricula.errors import MatriculaError
from matricula.hub import is_publication
from matricula.hub.undo import run_to_undo
from matricula.hub.words import duration
from matricula.service.permissions import May
from matricula.store import Run
from matricula.web.listing import names_seen
from matricula.web.paging import number_in, shown_page
from matricula.web.rendering import OUTCOMES, go
from matricula.web.visit import Visit, needs

router = APIRouter()

PER_PAGE = 50
LEFT_PER_PAGE = 100
STATES: Final = {
    "running": ("At work", "busy"),
    "done": ("Done", "good"),
    "interrupted": ("Broke off", "bad"),
    "failed": ("Failed", "bad"),
}


@router.get("/runs", name="runs")
def runs(visit: Visit = needs(May.SEE), *, profile: str = "", state: str = "", below: str = "") -> Response:
    """The runs there were, newest first."""
    found = visit.service.store.runs.all(
        profile or None,
        PER_PAGE + 1,
        sites=visit.visitor.sites(),
        states=(state,) if state in STATES else (),
        below=number_in(below),
    )
    return visit.page(
        "runs",
        runs=found[:PER_PAGE],
        more=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        states=STATES,
        state_words={name: words for name, (words, _) in STATES.items()},
        outcomes=OUTCOMES,
        profiles=names_seen(visit),
        given={"profile": profile, "state": state},
        took=took,
    )


@router.get("/runs/{run}", name="run")
def run(visit: Visit = needs(May.SEE), *, run: int, state: str = "", page: str = "") -> Response:
    """The report of a run: what became of its changes, and what was refused and why."""
    store = visit.service.store
    found = store.runs.get(run)
    plan = store.plans.get(found.plan)
    counts = store.views.outcomes(run)
    chosen = state if state in counts and state != "done" else ""
    left = sum(number for name, number in counts.items() if name != "done" and chosen in ("", name))
    pages = shown_page(page, left, LEFT_PER_PAGE)
    going = found.finished_at is None and found.state == "running"
    return visit.page(
        "run",
        run=found,
        plan=plan,
        state=STATES.get(found.state, (found.state, "plain")),
        going=going,
        job=store.views.job_of_run(run, found.profile),
        counts=counts,
        done=counts.get("done", 0),
        outcomes=OUTCOMES,
        chosen=chosen,
        pages=pages,
        left=store.views.left_over(run, state=chosen, limit=LEFT_PER_PAGE, offset=pages.offset),
        took=took(found),
        goes_on=found.state != "done" and not going and plan.state in ("ready", "released"),
        may_apply=visit.may(May.APPLY),
        may_undo=not going and counts.get("done", 0) > 0 and not is_publication(plan) and visit.may(May.APPROVE),
    )


@router.post("/runs/{run}/undo", name="run-undo")
def undo(visit: Visit = needs(May.APPROVE), *, run: int) -> Response:
    """Have a plan made that takes a run back."""
    try:
        run_to_undo(visit.service.home, run)
        job = visit.service.jobs.ask("undo", arguments={"run": run}, by=visit.by, address=visit.address)
    except MatriculaError as error:
        return go(visit.request, f"/runs/{run}", f"{error.what} {error.remedy}", tone="bad")
    said = (
        f"What takes run {run} back is being worked out. It becomes a plan; nothing is written before it is approved."
    )
    return go(visit.request, f"/jobs/{job.id}", said)


def took(run: Run) -> str:
    """How long a run took, in words; empty while it is at work."""
    return duration((run.finished_at - run.started_at).total_seconds()) if run.finished_at else ""
