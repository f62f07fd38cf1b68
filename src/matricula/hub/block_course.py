"""A course as the block inside it shows it: how it stands, and who is missing and why. From the state alone.

Neither the source nor the site is asked: somebody is looking at the course and waits for its page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import polars as pl

from matricula.errors import UsageError
from matricula.hub.home import Home
from matricula.hub.hub import Hub
from matricula.hub.kept_roster import KeptRoster, kept_roster
from matricula.hub.rules_told import roles_given
from matricula.hub.standing import obstacle_of
from matricula.hub.storing import COURSE_ALONE, PART
from matricula.hub.undo import is_undo
from matricula.hub.why import explain_kept
from matricula.profiles import Profile
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.store import CourseMapping, LedgerRow, PlanRecord

EXPLAINED: Final = 25
"""Of so many missing people it is said why; of the others only how many they are."""
_LOOKED_THROUGH: Final = 30
"""So many plans are gone through for the last one that brought the course in step."""
_NOTHING: Final = "no plan has brought it yet"


@dataclass(frozen=True)
class BlockCourse:
    """A course of a site that a profile keeps in step.

    Args:
        site: the site.
        id: its id in Moodle.
        profile: the profile.
        row: what the ledger holds of it.
    """

    site: str
    id: int
    profile: Profile
    row: LedgerRow

    @property
    def key(self) -> str:
        """Its key in the roster."""
        return self.row.key


@dataclass(frozen=True)
class Synchronised:
    """When a course was last in step.

    Args:
        at: when a plan last went over it and was written, or had nothing to write; None where that never was.
        changed_at: when something in it was last written; None where that is not known any more.
        run: the run that did so.
        read_at: when the source was last read; None where nothing of it is kept.
        waits: what stands between now and being in step, in words; empty where nothing does.
    """

    at: datetime | None
    changed_at: datetime | None
    run: int | None
    read_at: datetime | None
    waits: str


@dataclass(frozen=True)
class Missing:
    """Somebody who is in the roster of a course and not enrolled in it.

    Args:
        name: the name.
        role: the role in the roster.
        why: why, in words.
    """

    name: str
    role: str
    why: str


def course_for_block(home: Home, site: str, course: int) -> BlockCourse | None:
    """The course of a site with this id in Moodle; None where no profile of the site keeps it in step.

    Where several do, it is the first by name that is enabled.

    Args:
        home: the home.
        site: the site.
        course: its id in Moodle.
    """
    found = []
    for profile in home.profiles(readable=True):
        row = home.store.ledger.by_moodle_id(profile.name, "course", course) if profile.site == site else None
        if row is not None and not row.removed:
            found.append(BlockCourse(site, course, profile, row))
    return min(found, key=lambda each: (not each.profile.enabled, each.profile.name), default=None)


def tools_of_course(home: Home, site: str, course: int) -> list[CourseMapping]:
    """The courses of learning tools that are mapped to a course of a site."""
    return [each for each in home.store.tools.mappings(site=site) if each.course == course]


def why_not_now(home: Home, profile: Profile) -> str:
    """Why no plan of a profile may be written now, in words; empty where one may."""
    obstacle = obstacle_of(profile, home.profiles(readable=True), datetime.now(UTC))
    return obstacle.what if obstacle else ""


class CourseLook:
    """One look at a course.

    Args:
        hub: the hub.
        course: the course.
    """

    def __init__(self, hub: Hub, course: BlockCourse) -> None:
        self._hub = hub
        self._store = hub.store
        self._course = course
        self._kept: KeptRoster = kept_roster(hub.home, course.profile.name)
        self._rows = self._store.ledger.ending(course.profile.name, "enrolment", course.key)

    def synchronised(self) -> Synchronised:
        """When it was last in step."""
        number = max((each.run for each in (self._course.row, *self._rows) if each.run), default=None)
        run = self._store.runs.get(number) if number is not None else None
        changed = (run.finished_at or run.started_at) if run is not None else None
        looked, waits = self._looked()
        at = max((each for each in (looked, changed) if each is not None), default=None)
        return Synchronised(at, changed, number, self._kept.at, waits)

    def missing(self) -> tuple[list[Missing], int]:
        """Who is in the roster of the course and not enrolled: the first ones with why, and how many others."""
        live = {each.key.partition(SEPARATOR)[0] for each in self._rows if not each.removed}
        wanted = {user: role for user, role in self._wanted() if user not in live}
        named = sorted((self._name(user).casefold(), user) for user in wanted)
        told = [Missing(self._name(user), wanted[user], self._why(user)) for _, user in named[:EXPLAINED]]
        return told, max(0, len(named) - EXPLAINED)

    def _looked(self) -> tuple[datetime | None, str]:
        """When a plan last went over the course to the end, and what a newer one waits for."""
        waits = ""
        name, site = self._course.profile.name, self._course.site
        for plan in self._store.plans.all(name, limit=_LOOKED_THROUGH, sites=[site]):
            if not goes_over(plan, self._course.key):
                continue
            if plan.state == "applied":
                runs = self._store.runs.all(plan=plan.number, limit=1)
                return (runs[0].finished_at or runs[0].started_at) if runs else plan.created_at, waits
            if not plan.summary.get("counts"):
                return plan.created_at, waits
            waits = waits or _waits(plan)
        return None, waits

    def _wanted(self) -> Iterator[tuple[str, str]]:
        """People and roles by the rows of the roster, those whose rows could not be used among them."""
        roster, roles = self._kept.roster, self._course.profile.enrolments.roles
        leads = self._kept.desired.classes
        classes = leads.filter(pl.col("course") == self._course.key)["class"].to_list()
        for user, each in roster.unreadable_pairs:
            if user and each in classes:
                yield user, ""
        rows = roster.enrollments.filter(pl.col("classSourcedId").is_in(classes))
        for user, role in rows.select("userSourcedId", "role").iter_rows():
            if roles_given(role, roles):
                yield user, role

    def _name(self, user: str) -> str:
        entry = self._kept.people.get(user)
        return entry.name if entry is not None else user

    def _why(self, user: str) -> str:
        name = self._course.profile.name
        if user in self._unclear:
            return "It is not clear which account is theirs. Somebody has to say so in Matricula, under Identities."
        try:
            answer = explain_kept(self._hub, self._kept, user, self._course.key)
        except UsageError:
            return f"The row of this person could not be used; profile {name} says why."
        # Of what is known only what keeps the person out: a finding may be about the course and harmless.
        about = next((each for each in ("problem", "finding") if f"see the {each}" in answer.verdict), "")
        for fact in answer.facts:
            if fact.about == about:
                return fact.says
        why = answer.verdict.partition(": ")[2] or answer.verdict
        return "It is new, and the next synchronisation brings it." if why.startswith(_NOTHING) else _begun(why)

    @cached_property
    def _unclear(self) -> frozenset[str]:
        """People of whom nobody has said yet which account is theirs."""
        found = self._store.identities.all(self._course.profile.name)
        return frozenset(each.key for each in found if each.kind == "user" and each.state == "open")


def goes_over(plan: PlanRecord, key: str) -> bool:
    """Whether a plan looks at a course as a whole: one for all, or for just this one."""
    if PART in plan.summary or is_undo(plan):
        return False
    return "only" not in plan.summary or plan.summary.get(COURSE_ALONE) == key


def _waits(plan: PlanRecord) -> str:
    if plan.state == "held":
        told = " ".join(str(hold["message"]) for hold in plan.held)
        return f"Plan {plan.number} waits for a person: {told}"
    return ""


def _begun(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
