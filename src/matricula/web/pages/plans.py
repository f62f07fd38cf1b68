"""Plans: the list of them, one in full, and what a person decides on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import MatriculaError
from matricula.hub import UNDO, Chosen, is_publication, is_transfer, is_undo, outcomes_of, stored_plan
from matricula.hub.changes_told import FIELD_WORDS, heading, many, place_of
from matricula.hub.grades import read_in_words
from matricula.hub.looked_told import looked_in_words
from matricula.hub.parting import parts_of
from matricula.hub.plan_file import FORMS, Shown, plan_text, teller_for
from matricula.planning import ACTIONS, KINDS, read_changes
from matricula.service.approving import OPEN, approve, permission_for, words_wanted
from matricula.service.permissions import May
from matricula.store import FindingRecord, PlanRecord, Run, Tallied, Wanted
from matricula.web.listing import names_seen
from matricula.web.paging import number_in, shown_page
from matricula.web.rendering import OUTCOMES, go
from matricula.web.visit import Visit, needs

router = APIRouter()

PER_PAGE = 100
PLANS_PER_PAGE = 50
FINDINGS_SHOWN = 20
GRADES_SHOWN = 100
STATES = {
    "ready": ("Ready", "good"),
    "held": ("Waits for you", "warning"),
    "released": ("Released", "good"),
    "applied": ("Written", "plain"),
    "rejected": ("Rejected", "plain"),
    "superseded": ("Outdated", "plain"),
}


@router.get("/plans", name="plans")
def plans(visit: Visit = needs(May.SEE), profile: str = "", state: str = "", below: str = "") -> Response:
    """The plans there are, newest first."""
    states = {"": (), "open": OPEN}.get(state, (state,))
    found = visit.service.store.plans.all(
        profile or None,
        PLANS_PER_PAGE + 1,
        sites=visit.visitor.sites(),
        states=states,
        below=number_in(below),
    )
    return visit.page(
        "plans",
        plans=found[:PLANS_PER_PAGE],
        more=found[PLANS_PER_PAGE - 1].number if len(found) > PLANS_PER_PAGE else None,
        profiles=names_seen(visit),
        states=STATES,
        state_words=state_words(),
        given={"profile": profile, "state": state},
        changes_of=changes_of,
        is_undo=is_undo,
    )


@router.get("/plans/{plan}", name="plan")
def plan(
    visit: Visit = needs(May.SEE),
    *,
    plan: int,
    kind: str = "",
    action: str = "",
    q: str = "",
    outcome: str = "",
    findings: str = "",
    page: str = "",
) -> Response:
    """One plan: what it would change, why, and what holds it."""
    wanted = _wanted(kind, action, q, outcome)
    return _page(visit, plan, wanted, page=page, all_findings=findings == "all")


@router.get("/plans/{plan}/file.{form}", name="plan-file")
def file(
    visit: Visit = needs(May.SEE), *, plan: int, form: str, kind: str = "", action: str = "", q: str = ""
) -> Response:
    """A plan to be kept as a page, a table or JSON."""
    store = visit.service.store
    planned = stored_plan(store, plan)
    chosen = store.views.changes(plan, _wanted(kind, action, q, ""))
    outcomes = {row["change"]: row for row in outcomes_of(store, plan).iter_rows(named=True)}
    told = {"kind": kind, "action": action, "text": q}
    chosen_by = ", ".join(f"{name} {value}" for name, value in told.items() if value)
    shown = Shown(planned, chosen, outcomes, store.grades.find(plan=plan), chosen_by)
    known = form if form in FORMS else "html"
    visit.note("plan.downloaded", f"plan {plan}", profile=planned.record.profile, words=known)
    return Response(
        plan_text(known, shown, teller_for(visit.service.home, planned.record.profile)),
        media_type=FORMS[known],
        headers={"content-disposition": f'attachment; filename="plan-{plan}.{known}"'},
    )


@router.post("/plans/{plan}/approve", name="plan-approve")
def approve_plan(visit: Visit = needs(May.APPLY), *, plan: int, words: Annotated[str, Form()] = "") -> Response:
    """Have a plan written."""
    record = visit.service.store.plans.get(plan)
    visit.demand(permission_for(record), record.site)
    try:
        job = approve(visit.service, plan, words, by=visit.by, address=visit.address)
    except MatriculaError as error:
        return _page(visit, plan, Wanted(), error=error, typed=words)
    return go(visit.request, f"/jobs/{job.id}", f"Plan {plan} is approved. This page shows how it is written.")


@router.post("/plans/{plan}/reject", name="plan-reject")
def reject(visit: Visit = needs(May.APPROVE), *, plan: int, words: Annotated[str, Form()] = "") -> Response:
    """Put a plan away for good."""
    try:
        visit.service.hub.reject(plan, words.strip()[:1000])
    except MatriculaError as error:
        return _page(visit, plan, Wanted(), error=error)
    profile = visit.service.store.plans.get(plan).profile
    visit.note("plan.rejected", f"plan {plan}", profile=profile, words=words.strip()[:1000])
    return go(visit.request, f"/plans/{plan}", f"Plan {plan} is rejected. Nothing of it will be written.")


@router.post("/plans/{plan}/part", name="plan-part")
def part(
    visit: Visit = needs(May.APPROVE),
    *,
    plan: int,
    change: Annotated[list[str] | None, Form()] = None,
    group: Annotated[list[str] | None, Form()] = None,
    shown: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    action: Annotated[str, Form()] = "",
    q: Annotated[str, Form()] = "",
) -> Response:
    """Make a plan of what was ticked."""
    numbers = tuple(number for text in change or () if (number := number_in(text)) is not None)
    groups = [_wanted(*each.partition(" ")[::2], "", "") for each in group or ()]
    groups = [each for each in groups if each.kind and each.action]
    if shown and (search := _wanted(kind, action, q, "")) != Wanted():
        groups.append(search)
    try:
        made = visit.service.hub.part(plan, Chosen(numbers, tuple(groups)))
    except MatriculaError as error:
        return _page(visit, plan, Wanted(), error=error)
    visit.note("plan.parted", f"plan {plan}", profile=made.record.profile, words=f"plan {made.number}")
    said = f"Plan {made.number} holds what you chose of plan {plan}. Nothing of it is written before it is approved."
    return go(visit.request, f"/plans/{made.number}", said)


def _page(
    visit: Visit,
    number: int,
    wanted: Wanted,
    *,
    page: str = "",
    all_findings: bool = False,
    error: MatriculaError | None = None,
    typed: str = "",
) -> Response:
    store = visit.service.store
    record = store.plans.get(number)
    whole = store.views.tally(number)
    tallied = whole if wanted.everything else store.views.tally(number, wanted)
    pages = shown_page(page, sum(each.changes for each in tallied), PER_PAGE)
    changes = read_changes(store.views.changes(number, wanted, limit=PER_PAGE, offset=pages.offset))
    findings = store.plans.findings(number)
    grades = store.grades.find(plan=number)
    runs = store.runs.all(plan=number)
    is_open = record.state in OPEN
    teller = teller_for(visit.service.home, record.profile)
    return visit.page(
        "plan",
        status=200 if error is None else 400,
        record=record,
        state=STATES[record.state],
        total=sum(each.changes for each in whole),
        taken=sum(each.removes for each in whole),
        bars=_bars(whole),
        kinds={each.kind: many(each.kind) for each in _ordered(whole)},
        actions=list(dict.fromkeys(each.action for each in _ordered(whole))),
        wanted=wanted,
        pages=pages,
        changes=changes,
        ended=store.views.ended(number, [each.number for each in changes]) if runs else {},
        outcomes=OUTCOMES,
        outcome_words={name: words for name, (words, _) in OUTCOMES.items()},
        states=STATES,
        parts=parts_of(store, record),
        may_part=_may_part(visit, record, runs),
        teller=teller,
        field_words=FIELD_WORDS,
        findings=_grouped(findings if all_findings else findings[:FINDINGS_SHOWN]),
        findings_left=0 if all_findings else max(0, len(findings) - FINDINGS_SHOWN),
        place_of=place_of,
        grades=grades[:GRADES_SHOWN],
        grades_left=max(0, len(grades) - GRADES_SHOWN),
        runs=runs,
        moves=store.plans.audit(number),
        undoes=record.summary.get(UNDO),
        publication=is_publication(record),
        transfer=is_transfer(record),
        read=read_in_words(record),
        looked=looked_in_words(record),
        revision=_revision(visit, record),
        is_open=is_open,
        obstacle=_obstacle(visit, record) if is_open else None,
        words=words_wanted(store, record) if is_open else "",
        may_approve=is_open and visit.may(permission_for(record)),
        may_decide=is_open and visit.may(May.APPROVE),
        error=error,
        typed=typed,
        heading=heading,
    )


def state_words() -> dict[str, str]:
    """What the states of plans are called."""
    return {name: words for name, (words, _) in STATES.items()}


def changes_of(record: PlanRecord) -> int:
    """How many changes a plan has, or had before they were purged."""
    return sum(number for actions in record.summary.get("counts", {}).values() for number in actions.values())


def _wanted(kind: str, action: str, text: str, outcome: str) -> Wanted:
    return Wanted(
        kind=kind if kind in KINDS else "",
        action=action if action in ACTIONS else "",
        text=text.strip()[:200],
        outcome=outcome if outcome in (*OUTCOMES, "left") else "",
    )


def _ordered(tallied: list[Tallied]) -> list[Tallied]:
    return sorted(tallied, key=lambda each: (KINDS.index(each.kind), ACTIONS.index(each.action)))


def _bars(tallied: list[Tallied]) -> list[dict[str, Any]]:
    most = max((each.changes for each in tallied), default=1)
    return [
        {"each": each, "share": each.changes / most, "tone": "warning" if each.removes else "good"}
        for each in _ordered(tallied)
    ]


def _grouped(findings: list[FindingRecord]) -> list[tuple[FindingRecord, list[FindingRecord]]]:
    """Findings of one kind and remedy together, errors first."""
    groups: dict[tuple[bool, str, str], list[FindingRecord]] = {}
    for each in findings:
        groups.setdefault((each.severity != "error", each.code, each.remedy or ""), []).append(each)
    return [(groups[key][0], groups[key]) for key in sorted(groups, key=lambda key: key[0])]


def _obstacle(visit: Visit, record: PlanRecord) -> MatriculaError | None:
    if is_undo(record):
        return None
    try:
        return visit.service.hub.obstacle(record.profile)
    except MatriculaError as error:
        return error


def _may_part(visit: Visit, record: PlanRecord, runs: list[Run]) -> bool:
    whole = "redacted" not in record.summary and not is_publication(record) and not is_transfer(record)
    return record.state in OPEN and whole and not runs and visit.may(May.APPROVE)


def _revision(visit: Visit, record: PlanRecord) -> tuple[int, int] | None:
    """The revision of the profile that the plan was made with, and the newest one."""
    kept = visit.service.store.documents.revisions("profile", record.profile)
    made_with = [each.revision for each in kept if each.saved_at <= record.created_at]
    return (max(made_with), max(each.revision for each in kept)) if made_with else None
