"""What people are told of, in words: counts and reasons, and never the name of a person.

An e-mail goes through many hands and is kept for long. Whoever may see names follows the link.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from matricula.profiles.documents.limits import REMOVALS
from matricula.service.failing import told_of
from matricula.store import Cause, CourseMapping, EndedJob, LastRun, PlanRecord, Problem, ToolStanding

#: Reasons to hold a plan whose messages hold nothing but counts; of others, names may follow a colon.
_COUNTS_ALONE: Final = (
    "too-many-removals",
    "empty-delivery",
    "rows-down",
    "column-blank",
    "too-many-grades-changed",
    "too-many-grades-removed",
    "no-grades",
)
_MANY: Final = {"category": "categories"}
_DOING: Final = {
    "run": "The run",
    "apply": "Applying a plan",
    "changed": "The run for what has changed",
    "grades": "The transfer of grades",
    "plan": "Planning",
}
_MAKE_ANOTHER: Final = (
    "Make a new one in Moodle under Site administration > Server > Web services > Manage tokens, and enter it"
)


def held(plan: PlanRecord, site: str = "") -> Cause:
    """A plan that waits for a person.

    Args:
        plan: the plan.
        site: the site whose people are told; by default the plan's.
    """
    removals = sum(
        number
        for kind, actions in plan.summary.get("counts", {}).items()
        for action, number in actions.items()
        if action in REMOVALS.get(kind, ())
    )
    codes = ",".join(sorted({str(hold["code"]) for hold in plan.held}))
    what = f"{counted(removals, 'removal')} for {plan.site}" if removals else f"plan {plan.number} for {plan.site}"
    waits = "wait" if removals > 1 else "waits"
    return Cause(
        cause=f"held-plan:{plan.profile}:{plan.site}:{codes}",
        kind="held-plan",
        site=site or plan.site,
        profile=plan.profile,
        subject=f"Held: {what} {waits} for you",
        body=_paragraphs(
            f"Plan {plan.number} of profile {plan.profile} waits for a person. Nothing of it is written to {plan.site} "
            "until somebody approves it.",
            *map(_reason, plan.held),
            "Look at it, and approve or reject it.",
        ),
        link=f"/plans/{plan.number}",
        mark=f"plan {plan.number}",
    )


def failed(job: EndedJob) -> Cause:
    """A job that failed for good."""
    code = job.error.get("code", "fault")
    whose = f"profile {job.profile}" if job.profile else job.site or "the service"
    doing = _DOING.get(job.kind, f"The job “{job.kind}”")
    return Cause(
        cause=f"failed-run:{job.kind}:{job.profile or job.site}:{code}",
        kind="failed-run",
        site=job.site,
        profile=job.profile,
        subject=f"Failed: {doing[:1].lower()}{doing[1:]} for {whose}",
        body=_paragraphs(f"{doing} for {whose} failed.", *told_of(job.error)),
        link=f"/jobs/{job.id}",
        mark=f"job {job.id}",
    )


def broken_off(run: LastRun) -> Cause:
    """A run from the command line that did not come to its end."""
    return Cause(
        cause=f"failed-run:run:{run.profile}:broken-off",
        kind="failed-run",
        site=run.site,
        profile=run.profile,
        subject=f"Failed: run {run.id} for profile {run.profile} broke off",
        body=_paragraphs(
            f"Run {run.id}, which applied plan {run.plan} to {run.site}, broke off. What it had done is noted and "
            "stays done.",
            "Apply the plan again to go on, or make a new one.",
        ),
        link=f"/runs/{run.id}",
        mark=f"run {run.id}",
    )


def more_problems(
    profile: str, site: str, problems: Sequence[Problem], since: datetime | None, newest: datetime
) -> Cause:
    """Records that the site would not take, and that nobody was told of yet.

    Args:
        profile: the profile.
        site: its site.
        problems: all that it has.
        since: up to when people were told; None where they never were.
        newest: when the newest was met.
    """
    new = [problem for problem in problems if since is None or problem.opened_at > since]
    kinds = Counter(problem.kind for problem in new)
    told = " and ".join(counted(number, kind) for kind, number in sorted(kinds.items()))
    known = len(problems) - len(new)
    also = f" {counted(known, 'earlier one')} {'is' if known == 1 else 'are'} open, too." if known else ""
    return Cause(
        cause=f"new-problems:{profile}:{newest.isoformat()}",
        kind="new-problems",
        site=site,
        profile=profile,
        subject=f"Refused: {counted(len(new), 'record')} of profile {profile}",
        body=_paragraphs(
            f"{site} did not take {told} of profile {profile}; all others went through.{also}",
            "The page says of each why, and what to do.",
        ),
        link=f"/problems?profile={profile}",
        mark=newest.isoformat(),
    )


def conflicts(profile: str, site: str, number: int, newest: datetime) -> Cause:
    """Grades that somebody changed in the school's system, and that wait until somebody says which one stands.

    Args:
        profile: the profile.
        site: its site.
        number: how many there are.
        newest: when the newest was found.
    """
    are = "was" if number == 1 else "were"
    return Cause(
        cause=f"grade-conflicts:{profile}:{newest.isoformat()}",
        kind="grade-conflicts",
        site=site,
        profile=profile,
        subject=f"Conflict: {counted(number, 'grade')} of profile {profile}",
        body=_paragraphs(
            f"{counted(number, 'grade')} of profile {profile} {are} changed in the school's system and "
            f"{'is' if number == 1 else 'are'} not as in Moodle. Nothing is written over.",
            "The page shows them; say of each which one stands.",
        ),
        link=f"/conflicts?profile={profile}",
        mark=newest.isoformat(),
    )


def expires(site: str, day: date, left: int, step: int) -> Cause:
    """A token that is about to expire, or has.

    Args:
        site: the site.
        day: the last day on which it is valid.
        left: days from today to that.
        step: which warning this is.
    """
    when = f"expires in {counted(left, 'day')}" if left > 0 else "expires today" if left == 0 else "has expired"
    return Cause(
        cause=f"token-expires:{site}:{day}:{step}",
        kind="token-expires",
        site=site,
        profile="",
        subject=f"The token of {site} {when}",
        body=_paragraphs(
            f"The token with which Matricula signs in to {site} {when}: its last day is {day:%d %B %Y}. Then "
            "nothing can be read or written there.",
            f"{_MAKE_ANOTHER}, and set the new last day in the site's settings.",
        ),
        link=f"/sites/{site}",
        mark=f"{step}",
    )


def token_refused(job: EndedJob) -> Cause:
    """A token that a site does not take."""
    return Cause(
        cause=f"token-refused:{job.site}",
        kind="token-expires",
        site=job.site,
        profile="",
        subject=f"The token of {job.site} is refused",
        body=_paragraphs(
            f"{job.site} no longer takes the token with which Matricula signs in: it expired, or was removed. "
            "Until there is a new one, nothing can be read or written there.",
            f"{_MAKE_ANOTHER}.",
        ),
        link=f"/sites/{job.site}",
        mark=f"job {job.id}",
    )


def tool_wrong(standing: ToolStanding, site: str) -> Cause:
    """A learning tool with which the connection is not well."""
    return Cause(
        cause=f"tool-wrong:{standing.tool}",
        kind="tool-wrong",
        site=site,
        profile="",
        subject=f"The connection with the tool {standing.tool} is not well",
        body=_paragraphs(
            f"When the learning tool {standing.tool} was last looked at, it could not be reached, did not take its "
            "token, or answered what cannot be used.",
            f"`matricula tool list` says what was wrong; try it again with: matricula tool check {standing.tool}",
        ),
        link=f"/tools/{standing.tool}",
        mark=standing.state,
    )


def mapping_wrong(mapping: CourseMapping) -> Cause:
    """Two courses that are kept together, of which one is not there, or not ready."""
    return Cause(
        cause=f"tool-wrong:{mapping.tool}:{mapping.id}",
        kind="tool-wrong",
        site=mapping.site,
        profile="",
        subject=f"A course mapped with the tool {mapping.tool} is not as it should be",
        body=_paragraphs(
            f"Course {mapping.course} of {mapping.site} and course {mapping.remote} of {mapping.tool} are kept "
            f"together. {mapping.message}",
            "The mapping stays, and is well again when that is. To end it: "
            f"matricula tool unmap {mapping.tool} {mapping.course}",
        ),
        link=f"/tools/{mapping.tool}/courses/{mapping.id}",
        mark=mapping.state,
    )


def _paragraphs(*told: str) -> str:
    return "\n".join(told)


def counted(number: int, one: str) -> str:
    """A number with its noun: `1 removal`, `62 removals`."""
    return f"{number:,} {one if number == 1 else _MANY.get(one, f'{one}s')}"


def _reason(hold: dict[str, object]) -> str:
    message = str(hold["message"])
    if hold["code"] in _COUNTS_ALONE:
        return message
    return f"{message.partition(':')[0].rstrip('.')}."
