"""How far the first set-up of a site is; nothing is kept of it but what it made."""

from dataclasses import dataclass
from typing import Final, Literal

from matricula.hub.deliveries import lacking
from matricula.hub.documents import sites_of_source
from matricula.service.demo import NAME as DEMO
from matricula.service.service import Service
from matricula.store import Job, PlanRecord

State = Literal["done", "attention", "next", "later"]
TITLES: Final = ("Your Moodle", "The checklist", "Your school's system", "What should happen", "The first plan")


@dataclass(frozen=True)
class Step:
    """One step of the set-up.

    Args:
        number: from 1.
        title: what it is called.
        state: `done`; `attention`, where it was done and something is to be mended; `next`; `later`.
        says: how it stands, in one sentence.
        path: where it is done.
    """

    number: int
    title: str
    state: State
    says: str
    path: str


@dataclass(frozen=True)
class Progress:
    """How far a site's set-up is.

    Args:
        site: the site; empty where none has been named yet.
        token: whether its token is known.
        checked: the last look at it; None where there was none.
        source: the source; empty where there is none yet.
        looked: the last look at that.
        profile: the profile; empty where there is none yet.
        plan: its last plan; None where there is none yet.
        steps: the steps.
    """

    site: str
    token: bool
    checked: Job | None
    source: str
    looked: Job | None
    profile: str
    plan: PlanRecord | None
    steps: tuple[Step, ...]

    @property
    def next(self) -> Step | None:
        """The step to go on with; None where all is done."""
        return next((each for each in self.steps if each.state in ("attention", "next")), None)


def progress_of(service: Service, site: str) -> Progress:
    """How far a site's set-up is.

    Args:
        service: the service.
        site: the site; empty where none has been named yet.
    """
    home = service.home
    token = bool(site) and home.has_token(home.site(site))
    checked = last_check(service, site) if site else None
    profile = _profile(service, site)
    source = home.profile(profile).source if profile else _loose_source(service)
    looked = last_look(service, source) if source else None
    plan = home.store.plans.latest(profile) if profile else None
    found = Progress(site, token, checked, source, looked, profile, plan, ())
    return Progress(site, token, checked, source, looked, profile, plan, tuple(_steps(service, found)))


def sites_to_set_up(service: Service) -> list[str]:
    """The sites that are the school's own, the one that was made last first."""
    documents = service.store.documents.all("site")
    made = {each.name: service.store.documents.revisions("site", each.name)[0].saved_at for each in documents}
    return sorted((name for name in made if name != DEMO), key=lambda name: made[name], reverse=True)


def last_check(service: Service, site: str) -> Job | None:
    """The last look at what a site is able to do."""
    return next(iter(service.jobs.all(sites=[site], kinds=["check"], limit=1)), None)


def last_look(service: Service, source: str) -> Job | None:
    """The last look at what a source delivers."""
    return last_of(service, "look", source=source)


def last_of(service: Service, kind: str, **arguments: str) -> Job | None:
    """The last job of a kind that was asked for with these arguments, among the newest of its kind."""
    found = service.jobs.all(kinds=[kind], limit=200)
    return next((each for each in found if arguments.items() <= each.arguments.items()), None)


def _profile(service: Service, site: str) -> str:
    profiles = map(service.home.profile, service.home.names("profile"))
    return next((each.name for each in profiles if site and each.site == site), "")


def _loose_source(service: Service) -> str:
    """A source that no profile reads yet, the one that was saved last."""
    documents = sorted(service.store.documents.all("source"), key=lambda each: each.saved_at, reverse=True)
    names = [each.name for each in documents if each.name != DEMO]
    return next((each for each in names if not sites_of_source(service.home, each)), "")


def _steps(service: Service, found: Progress) -> list[Step]:
    told = [
        _moodle(service, found),
        _checklist(found),
        _system(service, found),
        _rules(found),
        _plan(found),
    ]
    paths = _paths(found)
    open_yet = True
    steps = []
    for number, (state, says) in enumerate(told, 1):
        shown: State = "next" if state == "later" and open_yet else state
        open_yet = open_yet and state == "done"
        steps.append(Step(number, TITLES[number - 1], shown, says, paths[number - 1]))
    return steps


def _paths(found: Progress) -> tuple[str, ...]:
    if not found.site:
        return ("/set-up/moodle", "", "", "", "")
    base = f"/set-up/{found.site}"
    plan = f"{base}/plan/{found.profile}" if found.profile else ""
    rules = f"{base}/rules" if found.source else ""
    system = f"{base}/tried/{found.source}" if found.source else f"{base}/system"
    return (f"{base}/moodle", f"{base}/checklist", system, rules, plan)


Told = tuple[State, str]


def _moodle(service: Service, found: Progress) -> Told:
    if not found.site:
        return "later", "Which Moodle is to be kept in step."
    address = service.home.site(found.site).url
    if not found.token:
        return "attention", f"{address} is named; its token is still missing."
    return "done", f"{address}, with its token."


def _checklist(found: Progress) -> Told:
    job = found.checked
    if job is None:
        return "later", "Whether that Moodle has all that is needed."
    if not job.ended:
        return "later", "It is being looked at."
    failed = int(job.result.get("failed", 1))
    if job.state != "done" or failed:
        return "attention", f"{failed} to mend in Moodle." if job.state == "done" else "The look at it failed."
    return "done", "Moodle has all that is needed."


def _system(service: Service, found: Progress) -> Told:
    if not found.source:
        return "later", "Where the school's people and classes come from."
    if missing := lacking(service.home, found.source):
        return "attention", f"{found.source}: its {' and '.join(missing)} is still missing."
    job = found.looked
    if job is None or not job.ended:
        return ("done" if found.plan else "later"), f"{found.source} is there; try it next."
    if job.state != "done":
        return "attention", f"{found.source} could not be read."
    rows = {each["name"]: each["usable"] for each in job.result.get("tables", ())}
    return "done", f"{found.source}: {rows.get('users', 0):,} people, {rows.get('classes', 0):,} classes."


def _rules(found: Progress) -> Told:
    if not found.profile:
        return "later", "What becomes of them in Moodle."
    return "done", f"Profile {found.profile}."


def _plan(found: Progress) -> Told:
    if found.plan is None:
        return "later", "What would change, by name. Nothing is written by it."
    return "done", f"Plan {found.plan.number}."
