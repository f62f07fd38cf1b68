"""How everything stands: each profile in a sentence, and what waits for a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from matricula.errors import MatriculaError
from matricula.hub.standing import Standing, standings
from matricula.hub.words import counted, duration
from matricula.service.scheduling import Next
from matricula.service.service import Service
from matricula.store import Job, PlanRecord, Run

_OUTCOMES = {"done": "done", "refused": "refused", "stale": "left alone", "skipped": "not tried"}


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person.

    Args:
        says: what, in a sentence.
        link: where it is done.
        profile: the profile concerned.
    """

    says: str
    link: str
    profile: str


@dataclass(frozen=True)
class ProfileNow:
    """How one profile stands.

    Args:
        profile: its name.
        site: its site.
        state: in one or two words.
        tone: `good`, `warning`, `bad`, `busy` or `plain`.
        says: in a sentence.
        last: the last run, if there was one.
        last_says: what it did, in a sentence; empty where there was none.
        next: what is done next by itself; None where that cannot be said.
        job: the job that is at work for it or waits.
        waiting: what of it waits for a person.
        enabled: whether it is in use.
    """

    profile: str
    site: str
    state: str
    tone: str
    says: str
    last: Run | None
    last_says: str
    next: Next | None
    job: Job | None
    waiting: tuple[Waiting, ...]
    enabled: bool


@dataclass(frozen=True)
class Overview:
    """How everything stands.

    Args:
        profiles: each profile.
        waiting: what waits for a person.
        at_work: how many jobs are at work or wait.
    """

    profiles: tuple[ProfileNow, ...]
    waiting: tuple[Waiting, ...]
    at_work: int


def overview(service: Service, sites: frozenset[str] | None, at: datetime | None = None) -> Overview:
    """How everything stands.

    Args:
        service: the service.
        sites: only profiles of these sites; None for all.
        at: the moment meant; by default now.
    """
    now = at or datetime.now(UTC)
    figures, conflicts = service.store.measuring.figures(()), service.store.conflicts.counts()
    open_jobs = service.jobs.all(sites=sites, states=("working", "waiting"), limit=None)
    profiles = []
    for standing in standings(service.home, now):
        if sites is not None and standing.site not in sites:
            continue
        name = standing.profile
        counts = {
            "identities": figures.identities.get(name, 0),
            "problems": figures.problems.get(name, 0),
            "drift": figures.drift.get(name, 0),
            "conflicts": conflicts.get(name, 0),
        }
        job = next((each for each in open_jobs if each.profile == name), None)
        profiles.append(_profile_now(service, standing, counts, job, now))
    waiting = (*(each for profile in profiles for each in profile.waiting), *_told_of(service, sites))
    return Overview(tuple(profiles), waiting, len(open_jobs))


def _told_of(service: Service, sites: frozenset[str] | None) -> Iterator[Waiting]:
    """What people were told of that no profile's own numbers say, and messages that did not reach them."""
    for each in service.notices.open(sites):
        if each.kind in ("token-expires", "tool-wrong"):
            yield Waiting(each.subject, each.link, each.profile)
    lost = len(service.notices.undelivered()) if sites is None else 0
    if lost:
        yield Waiting(f"{counted(lost, 'message')} could not be delivered: see the mail settings.", "/settings", "")


def _profile_now(
    service: Service, standing: Standing, counts: dict[str, int], job: Job | None, now: datetime
) -> ProfileNow:
    store, name = service.store, standing.profile
    latest = store.plans.latest(name, standing.site)
    last = next(iter(store.runs.all(name, 1, sites=(standing.site,))), None)
    state, tone, says = _in_words(standing, latest, last)
    return ProfileNow(
        profile=name,
        site=standing.site,
        state=state,
        tone=tone,
        says=says,
        last=last,
        last_says=_told(last) if last else "",
        next=_next(service, name, now),
        job=job,
        waiting=tuple(_waiting(service, name, latest, counts)),
        enabled=standing.status != "Disabled",
    )


def _in_words(standing: Standing, latest: PlanRecord | None, last: Run | None) -> tuple[str, str, str]:
    if standing.status == "Running":
        return "At work", "busy", "Moodle is being written to now."
    if standing.obstacle is not None:
        plain = "Not in use" if standing.status == "Disabled" else "Not now"
        return plain, "plain", standing.obstacle.what
    if latest is not None and latest.state == "held":
        return "Waits for you", "warning", f"Plan {latest.number} waits until somebody has looked at it."
    if last is not None and last.state != "done":
        return "Broke off", "bad", f"Run {last.id} broke off. What it did stays done, and it can go on."
    if latest is not None and latest.state in ("ready", "released") and _changes(latest):
        return "Plan ready", "good", f"Plan {latest.number} is ready: {counted(_changes(latest), 'change')}."
    if last is None and latest is None:
        return "New", "plain", "Nothing has been planned or written yet."
    if last is None:
        return "New", "plain", "Nothing has been written yet."
    return "In step", "good", "Moodle holds what the last delivery said."


def _told(run: Run) -> str:
    if run.state == "running" and run.finished_at is None:
        return "It is at work."
    counts = [f"{run.summary[name]:,} {words}" for name, words in _OUTCOMES.items() if run.summary.get(name)]
    took = f" in {duration((run.finished_at - run.started_at).total_seconds())}" if run.finished_at else ""
    broken = "" if run.state == "done" else "It broke off; "
    return f"{broken}{', '.join(counts) or 'nothing to do'}{took}."


def _next(service: Service, profile: str, now: datetime) -> Next | None:
    try:
        return service.schedules.next_of(service.home.profile(profile), now)
    except MatriculaError:
        return None


def _waiting(service: Service, name: str, latest: PlanRecord | None, counts: dict[str, int]) -> list[Waiting]:
    found = [
        Waiting(f"Plan {plan.number} of {name} waits for your word.", f"/plans/{plan.number}", name)
        for plan in service.store.plans.all(name, 5, states=("held",))
    ]
    if latest is not None and latest.state in ("ready", "released") and _changes(latest):
        told = f"Plan {latest.number} of {name} is ready to be approved: {counted(_changes(latest), 'change')}."
        found.append(Waiting(told, f"/plans/{latest.number}", name))
    failed = service.jobs.all(profile=name, limit=1)
    if failed and failed[0].state == "failed":
        what = failed[0].error["what"] if failed[0].error else ""
        found.append(Waiting(f"The last job of {name} failed: {what}", f"/jobs/{failed[0].id}", name))
    if number := counts["identities"]:
        people = f"{number:,} people have an account" if number != 1 else "1 person has an account"
        told = f"{people} of which somebody must say whether it is theirs ({name})."
        found.append(Waiting(told, f"/identities?profile={name}", name))
    if number := counts["problems"]:
        told = f"{counted(number, 'record')} of {name} could not be written to Moodle."
        found.append(Waiting(told, f"/problems?profile={name}", name))
    if number := counts["drift"]:
        told = f"{counted(number, 'field was', 'fields were')} edited in Moodle ({name})."
        found.append(Waiting(told, f"/drift?profile={name}", name))
    if number := counts["conflicts"]:
        told = (
            f"{counted(number, 'grade was', 'grades were')} changed in the school's system: say which stands ({name})."
        )
        found.append(Waiting(told, f"/conflicts?profile={name}", name))
    return found


def _changes(plan: PlanRecord) -> int:
    return sum(number for actions in plan.summary["counts"].values() for number in actions.values())
