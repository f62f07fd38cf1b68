"""Why somebody has an account or is in a course, or why not: from the row in the roster to the site as it is now."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from matricula.errors import MatriculaError
from matricula.hub.deliveries import Reader
from matricula.hub.hub import Hub
from matricula.hub.kept_roster import KeptRoster
from matricula.hub.rules_told import roles_given
from matricula.hub.whom import Meant, course_meant, course_of_key, person_meant, person_of_key
from matricula.hub.why_facts import BY_HAND, Facts, Place, pair_of
from matricula.hub.why_lines import Fact, three_lines
from matricula.moodle import CourseEnrolment, Moodle, User
from matricula.profiles import Desired, Profile, desire
from matricula.roster import Roster
from matricula.store import LedgerRow

_EDITED = "Edits made in Moodle stand until the roster says something new."
_BACK = "The next plan that looks at it puts it back."
_READ, _NOT_ASKED, _FAILED = "", "by what was last written", "by the ledger; Moodle could not be asked"


@dataclass(frozen=True)
class Answer:
    """What is known of a person, or of a person in a course.

    Args:
        profile: the profile whose rules were looked at.
        person: the person's name.
        person_id: the person's sourcedId.
        course: the course's name; None where none was asked for.
        course_id: the course's key, as a rule the class's sourcedId; None where none was asked for.
        verdict: the answer in one sentence.
        lines: the row, the rule and the run that it comes from.
        facts: what it rests on, from the roster to the site.
    """

    profile: str
    person: str
    person_id: str
    course: str | None
    course_id: str | None
    verdict: str
    lines: tuple[Fact, Fact, Fact]
    facts: tuple[Fact, ...]


def explain(hub: Hub, profile_name: str, person: str, course: str | None = None) -> Answer:
    """Follow a person, or a person in a course, from the roster to the site. Nothing is written.

    Args:
        hub: the hub.
        profile_name: the profile.
        person: sourcedId, user name, e-mail address or name.
        course: sourcedId, class code, short name or title.

    Raises:
        UsageError: nobody, nothing or more than one is meant.
        MatriculaError: the roster cannot be read.
    """
    profile = hub.home.profile(profile_name)
    roster = Reader(hub.home, keep=False).read(profile.source)
    desired, ledger = desire(roster, profile), hub.store.ledger
    meant = person_meant(person, roster, ledger.frame(profile.name, "user"))
    where = None if course is None else course_meant(course, roster, desired, ledger.frame(profile.name, "course"))
    return _Inquiry(hub, profile, roster, desired, live=True).answer(meant, where)


def explain_kept(hub: Hub, kept: KeptRoster, person: str, course: str | None = None) -> Answer:
    """The same by the roster that was last read and by what was last written; neither source nor site is asked.

    Args:
        hub: the hub.
        kept: the roster.
        person: the person's sourcedId.
        course: the course's key, or the sourcedId of a class.

    Raises:
        UsageError: there is no such person or course.
    """
    meant = person_of_key(person, kept.roster, _row_of(hub, kept, "user", person))
    where = None
    if course is not None:
        where = course_of_key(course, kept.roster, kept.desired, _row_of(hub, kept, "course", course))
    return _Inquiry(hub, kept.profile, kept.roster, kept.desired, live=False).answer(meant, where)


def explain_course(hub: Hub, kept: KeptRoster, course: str) -> tuple[str, tuple[Fact, ...]]:
    """Why there is a course or why not, by the roster that was last read.

    Args:
        hub: the hub.
        kept: the roster.
        course: the course's key, or the sourcedId of a class.

    Returns:
        the answer in one sentence, and what it rests on.

    Raises:
        UsageError: there is no such course.
    """
    meant = course_of_key(course, kept.roster, kept.desired, _row_of(hub, kept, "course", course))
    return _Inquiry(hub, kept.profile, kept.roster, kept.desired, live=False).about(meant)


def _row_of(hub: Hub, kept: KeptRoster, kind: str, key: str) -> pl.DataFrame:
    """The row of the ledger of one record: the whole would be read for a single key."""
    row = hub.store.ledger.get(kept.profile.name, kind, key)
    rows = [] if row is None else [(row.key, row.written)]
    return pl.DataFrame(rows, schema={"key": pl.String, "written": pl.String}, orient="row")


class _Inquiry:
    """One question, with a roster and the ledger."""

    def __init__(self, hub: Hub, profile: Profile, roster: Roster, desired: Desired, *, live: bool) -> None:
        self._hub = hub
        self._profile = profile
        self._live = live
        self._facts = Facts(hub.store, profile, roster, desired)

    def answer(self, person: Meant, where: Meant | None) -> Answer:
        course = self._facts.place(where) if where is not None else None
        facts = [*self._facts.about_person(person)]
        if course is not None:
            facts += [*self._facts.about_course(course), *self._facts.about_enrolment(person, course)]
        account, enrolment, error = self._on_site(person, course)
        if error:
            facts.append(Fact("moodle", f"Moodle could not be asked: {error}"))
        elif self._live:
            facts += self._seen_account(person, account)
            if course is not None:
                facts.append(_seen_enrolment(person, course, enrolment))
        unread = _FAILED if error else _READ if self._live else _NOT_ASKED
        if course is None:
            verdict = self._account_verdict(person, account, unread)
        else:
            verdict = self._course_verdict(person, course, enrolment, unread)
        return Answer(
            self._profile.name,
            person.name,
            person.key,
            course.name if course else None,
            course.key if course else None,
            verdict,
            three_lines(facts, self._profile, course=course is not None),
            tuple(facts),
        )

    def about(self, where: Meant) -> tuple[str, tuple[Fact, ...]]:
        """A course alone."""
        course = self._facts.place(where)
        facts = tuple(self._facts.about_course(course))
        row = self._hub.store.ledger.get(self._profile.name, "course", course.key)
        if row is None:
            return f"{course.name} is not in Moodle by Matricula: {self._why_no_course(course)}", facts
        state = "; it was taken out of use when it left the roster" if row.removed else ""
        return f"{course.name} is in Moodle (id {row.moodle_id}){state}.", facts

    def _why_no_course(self, course: Place) -> str:
        if any(fact.denies for fact in self._facts.about_course(course)):
            return "the profile's rules make none."
        return self._not_written("course", course.key)

    def _on_site(self, person: Meant, course: Place | None) -> tuple[User | None, CourseEnrolment | None, str]:
        """The account and the enrolment as they are now, or why they could not be read."""
        if not self._live:
            return None, None, ""
        user_id, course_id = self._facts.id_of("user", person), self._facts.id_of("course", course) if course else None
        if user_id is None:
            return None, None, ""
        try:
            with self._hub.ground(self._profile) as ground:
                account = next((user for user in ground.moodle.users.find("id", [user_id]) if not user.deleted), None)
                enrolment = _enrolled_now(ground.moodle, course_id, user_id) if course_id is not None else None
        except MatriculaError as error:
            return None, None, str(error)
        return account, enrolment, ""

    def _seen_account(self, person: Meant, account: User | None) -> Iterator[Fact]:
        row = self._hub.store.ledger.get(self._profile.name, "user", person.key)
        if row is None:
            return
        if account is None:
            yield Fact("moodle", f"The account with the id {row.moodle_id} is no longer in Moodle.")
            return
        state = "suspended" if account.suspended else "active"
        yield Fact("moodle", f"Now: account “{account.username}”, {state}, id {account.id}.")
        written = json.loads(row.written or "{}")
        for name, value in written.items():
            now = getattr(account, name, value)
            if value is not None and now != value:
                fate = _BACK if self._profile.drift.of("user", name) == "put-back" else _EDITED
                yield Fact(
                    "moodle", f"Somebody changed {name} in Moodle: “{value}” was written, it holds “{now}”. {fate}"
                )

    def _account_verdict(self, person: Meant, account: User | None, unread: str) -> str:
        row = self._hub.store.ledger.get(self._profile.name, "user", person.key)
        if account is not None:
            state = "a suspended account" if account.suspended else "an active account"
            return f"{person.name} has {state} in Moodle, “{account.username}”."
        if row is None:
            return f"{person.name} has no account by Matricula: {self._why_no_account(person)}"
        if not unread:
            return f"{person.name} had an account that is no longer in Moodle (id {row.moodle_id})."
        return f"{person.name} has an account (id {row.moodle_id}), {unread}."

    def _why_no_account(self, person: Meant) -> str:
        if person.row is None:
            return "the roster has no usable row for this person."
        if person.key in self._facts.desired.unreadable["user"]:
            return "the row was left out, see the finding."
        wanted = self._facts.wanted("user", person.key)
        if wanted is None or not self._profile.users.of_kind(wanted["kind"]).create:
            return "the profile's rules make none."
        if not self._profile.users.without_enrolments and not wanted["enrolled"]:
            return "the person is enrolled in no course, and users.without_enrolments is false."
        return self._not_written("user", person.key)

    def _not_written(self, kind: str, key: str) -> str:
        if any((found.kind, found.key) == (kind, key) for found in self._hub.store.problems.all(self._profile.name)):
            return "Moodle refused it, see the problem."
        if any(True for _ in self._facts.waiting(kind, key)):
            return "the plan that makes it is not applied yet."
        if any(fact.about == "finding" for fact in self._facts.found(key)):
            return "it was left out, see the finding."
        return "no plan has brought it yet: make one."

    def _course_verdict(self, person: Meant, course: Place, seen: CourseEnrolment | None, unread: str) -> str:
        said = f"{person.name} is {{}} in {course.name}"
        row = self._hub.store.ledger.get(self._profile.name, "enrolment", pair_of(person, course))
        if seen is not None and not seen.suspended:
            return said.format(f"enrolled as {_roles(seen)}") + "."
        if seen is not None:
            fate = _BACK if self._profile.drift.of("enrolment", "suspended") == "put-back" else _EDITED
            reason = (
                "the enrolment left the roster"
                if row and row.removed
                else f"somebody suspended it in Moodle. {fate[:-1]}"
            )
            return said.format("suspended") + f": {reason}."
        if row is not None and unread:
            return said.format("suspended" if row.removed else "enrolled") + f", {unread}."
        return said.format("not enrolled") + f": {self._why_not_enrolled(person, course, row)}"

    def _why_not_enrolled(self, person: Meant, course: Place, row: LedgerRow | None) -> str:
        if row is not None:
            return f"somebody took the person out in Moodle. {_EDITED}"
        rows = self._facts.enrolment_rows(person, course)
        if not rows:
            return "the roster does not say so."
        if not any(roles_given(role, self._profile.enrolments.roles) for _, _, role in rows):
            return "the profile's rules do not enrol this role."
        if self._facts.id_of("user", person) is None:
            return f"there is no account; {self._why_no_account(person)}"
        if self._facts.id_of("course", course) is None:
            return f"there is no course; {self._not_written('course', course.key)}"
        if (self._facts.wanted("enrolment", pair_of(person, course)) or {}).get("early"):
            return f"it begins before enrolments.since: {BY_HAND}"
        return self._not_written("enrolment", pair_of(person, course))


def _enrolled_now(moodle: Moodle, course_id: int, user_id: int) -> CourseEnrolment | None:
    if not moodle.courses.by_ids([course_id]):
        return None
    return next((seen for seen in moodle.enrolments.of_courses([course_id]) if seen.user_id == user_id), None)


def _roles(seen: CourseEnrolment) -> str:
    return ", ".join(role.shortname for role in seen.roles) or "nothing"


def _seen_enrolment(person: Meant, course: Meant, seen: CourseEnrolment | None) -> Fact:
    if seen is None:
        return Fact("moodle", f"Now: {person.name} is not enrolled in {course.name}.")
    return Fact("moodle", f"Now: enrolled as {_roles(seen)}, {'suspended' if seen.suspended else 'active'}.")
