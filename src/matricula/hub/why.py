"""Why somebody has an account or is in a course, or why not: from the row in the roster to the site as it is now."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from matricula.errors import MatriculaError, UsageError
from matricula.hub.deliveries import Reader
from matricula.hub.hub import Hub
from matricula.hub.rules_told import roles_given, why_no_account, why_no_course
from matricula.hub.whom import Meant, course_meant, person_meant
from matricula.hub.why_lines import Fact, three_lines
from matricula.moodle import CourseEnrolment, Moodle, User
from matricula.profiles import Profile, desire
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.store import LedgerRow

WAITING = ("ready", "held", "released")
_BY_HAND = "`matricula run --only` makes it."
_EDITED = "Edits made in Moodle stand until the roster says something new."
_BACK = "The next plan that looks at it puts it back."


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
    return _Inquiry(hub, hub.home.profile(profile_name)).answer(person, course)


@dataclass(frozen=True)
class _Place(Meant):
    """A course that is meant, with the classes that lead to it."""

    classes: tuple[str, ...]


class _Inquiry:
    """One question, with the roster as it is now and the ledger."""

    def __init__(self, hub: Hub, profile: Profile) -> None:
        self._hub = hub
        self._profile = profile
        self._roster = Reader(hub.home, keep=False).read(profile.source)
        self._desired = desire(self._roster, profile)
        self._findings = [*self._roster.findings, *self._desired.findings]

    def answer(self, asked: str, asked_course: str | None) -> Answer:
        ledger = self._hub.store.ledger
        person = person_meant(asked, self._roster, ledger.frame(self._profile.name, "user"))
        course = None
        if asked_course is not None:
            known = ledger.frame(self._profile.name, "course")
            course = self._place(course_meant(asked_course, self._roster, self._desired, known))
        facts = [*self._about_person(person)]
        if course is not None:
            facts += [*self._about_course(course), *self._about_enrolment(person, course)]
        account, enrolment, unread = self._on_site(person, course)
        if unread:
            facts.append(Fact("moodle", f"Moodle could not be asked: {unread}"))
        else:
            facts += self._seen_account(person, account)
            if course is not None:
                facts.append(_seen_enrolment(person, course, enrolment))
        if course is None:
            verdict = self._account_verdict(person, account, read=not unread)
        else:
            verdict = self._course_verdict(person, course, enrolment, read=not unread)
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

    def _place(self, meant: Meant) -> _Place:
        """The course of a class, or the course itself; a class may lead to several with basis group-subject."""
        leads = self._desired.classes
        courses = leads.filter(pl.col("class") == meant.key)["course"].unique().sort().to_list()
        if len(courses) > 1:
            raise UsageError(
                f"The class {meant.name} leads to {len(courses)} courses: {', '.join(courses)}.",
                where="matricula why",
                remedy="Ask again with one of them.",
                code="course-ambiguous",
            )
        key = courses[0] if courses else meant.key
        classes = leads.filter(pl.col("course") == key)["class"].to_list()
        name = (self._wanted("course", key) or {"name": meant.name})["name"]
        return _Place(key, str(name), meant.row, tuple(classes or [meant.key]))

    def _about_person(self, person: Meant) -> Iterator[Fact]:
        if person.row is not None:
            place = self._roster.place_of("users", person.key)
            role = ", ".join(self._roles_of(person)) or "no role"
            yield Fact("roster", f"{place}: {person.name}, {role}, sourcedId {person.key}.")
        elif person.key in self._roster.unreadable.get("users", frozenset()):
            yield Fact("roster", f"The row of {person.key} in {self._read_from('users')} could not be used.")
        else:
            yield Fact("roster", f"{person.name} ({person.key}) is no longer in the roster.")
        yield from self._found(person.key)
        wanted = self._wanted("user", person.key)
        if wanted is not None and not self._profile.users.of_kind(wanted["kind"]).create:
            yield Fact("profile", why_no_account(self._profile, self._roles_of(person)), denies=True)
        elif wanted is not None:
            account = f"user name {wanted['username']}, e-mail {wanted['email']}, ID number {wanted['idnumber']}"
            state = "; suspended, as the roster has the person disabled" if wanted["suspended"] else ""
            kind = f"A {wanted['kind']} by users.{wanted['kind']} of the profile. "
            yield Fact("profile", f"{kind}The rules make the account {account}{state}.")
        elif person.row is not None and person.key not in self._desired.unreadable["user"]:
            yield Fact("profile", why_no_account(self._profile, self._roles_of(person)), denies=True)
        yield from self._remembered("user", person.key, person.name)

    def _read_from(self, table: str) -> str:
        """What a table was read from."""
        return self._roster.files.get(table, table)

    def _about_course(self, course: _Place) -> Iterator[Fact]:
        read = set(self._roster.classes["sourcedId"]).intersection(course.classes)
        for each in sorted(read):
            yield Fact("roster", f"{self._roster.place_of('classes', each)}: {course.name}.")
            yield from self._found(each)
        if not read:
            yield Fact("roster", f"{course.name} ({course.key}) is no longer in the roster, or not readable.")
        elif self._wanted("course", course.key) is None:
            yield Fact("profile", f"The rules make no course of it, {why_no_course(self._profile)}", denies=True)
        if course.key not in read:
            yield from self._found(course.key)
        yield from self._remembered("course", course.key, course.name)

    def _about_enrolment(self, person: Meant, course: _Place) -> Iterator[Fact]:
        rows = self._enrolment_rows(person, course)
        roles = self._profile.enrolments.roles
        if not rows:
            yield Fact("roster", f"No row of {self._read_from('enrollments')} puts {person.name} into this class.")
        for line, sourced_id, role in rows:
            place = self._read_from("enrollments") + (f" line {line}" if line is not None else "")
            yield Fact("roster", f"{place}: {role} in this class.")
            yield from self._found(sourced_id)
            given = roles_given(role, roles)
            if given:
                yield Fact("profile", f"The rules make {role} the Moodle role {' or '.join(given)}.")
            else:
                yield Fact(
                    "profile",
                    f"The rules do not enrol the role {role}: enrolments.roles of profile {self._profile.name} names "
                    f"{', '.join(roles)}.",
                    denies=True,
                )
        key = _pair(person, course)
        wanted = self._wanted("enrolment", key)
        if wanted is not None and wanted["early"]:
            since = self._profile.enrolments.since
            yield Fact("profile", f"It begins before enrolments.since ({since}): {_BY_HAND}", denies=True)
        yield from self._found(key)
        yield from self._remembered("enrolment", key, f"{person.name} in {course.name}")

    def _found(self, subject: str) -> Iterator[Fact]:
        """What was found wrong with a record, now and when the latest plan was made."""
        latest = self._hub.store.plans.latest(self._profile.name, self._profile.site)
        then = self._hub.store.plans.findings(latest.number or 0) if latest else []
        told: set[str] = set()
        for finding in self._findings:
            if finding.sourced_id == subject and finding.message not in told:
                told.add(finding.message)
                yield Fact("finding", f"{finding.place}: {finding.message} {finding.remedy}".strip())
        for record in then:
            if record.subject == subject and record.message not in told:
                told.add(record.message)
                yield Fact("finding", f"{record.message} {record.remedy or ''}".strip())

    def _remembered(self, kind: str, key: str, name: str) -> Iterator[Fact]:
        store, profile = self._hub.store, self._profile.name
        row = store.ledger.get(profile, kind, key)
        if row is None:
            yield Fact("ledger", f"The ledger holds no {kind} {name}: no run has written it.")
        else:
            yield Fact("ledger", self._ledger_words(kind, row))
        for problem in store.problems.all(profile):
            if (problem.kind, problem.key) == (kind, key):
                yield Fact("problem", f"Run {problem.run} could not write it: {problem.reason}")
        yield from self._waiting(kind, key)

    def _ledger_words(self, kind: str, row: LedgerRow) -> str:
        origin = (
            f"The {kind} was made by Matricula" if row.origin == "made" else f"The {kind} was there and was matched"
        )
        number = f", Moodle id {row.moodle_id}" if row.moodle_id is not None else ""
        fields = json.loads(row.written or "{}")
        role = f", as {fields['role']}" if "role" in fields else ""
        state = {True: "; taken back when it left the roster", False: ""}[row.removed]
        if row.run is None:
            return f"{origin}{number}{role}{state}."
        run = self._hub.store.runs.get(row.run)
        at = f"{run.started_at.astimezone():%Y-%m-%d %H:%M}"
        return f"{origin}{number}{role}{state}; last written by run {run.id} (plan {run.plan}) on {at}."

    def _waiting(self, kind: str, key: str) -> Iterator[Fact]:
        """What a plan that is not applied yet would do to a record."""
        latest = self._hub.store.plans.latest(self._profile.name, self._profile.site)
        if latest is None or latest.state not in WAITING:
            return
        changes = self._hub.store.plans.changes(latest.number or 0, kind=kind)
        for action, reason in changes.filter(pl.col("key") == key).select("action", "reason").iter_rows():
            yield Fact("plan", f"Plan {latest.number} ({latest.state}, not applied) would {action} it: {reason}.")

    def _wanted(self, kind: str, key: str) -> dict[str, Any] | None:
        found = self._desired.parts[kind].frame.filter(pl.col("key") == key)
        return found.row(0, named=True) if found.height else None

    def _roles_of(self, person: Meant) -> list[str]:
        rows = self._roster.roles.filter(pl.col("userSourcedId") == person.key)
        return rows["role"].drop_nulls().unique().sort().to_list()

    def _enrolment_rows(self, person: Meant, course: _Place) -> list[tuple[int, str, str]]:
        rows = self._roster.enrollments.filter(
            (pl.col("userSourcedId") == person.key) & pl.col("classSourcedId").is_in(course.classes)
        )
        return list(rows.select("line", "sourcedId", "role").iter_rows())

    def _id(self, kind: str, meant: Meant) -> int | None:
        row = self._hub.store.ledger.get(self._profile.name, kind, meant.key)
        return row.moodle_id if row else None

    def _on_site(self, person: Meant, course: _Place | None) -> tuple[User | None, CourseEnrolment | None, str]:
        """The account and the enrolment as they are now, or why they could not be read."""
        user_id, course_id = self._id("user", person), self._id("course", course) if course else None
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

    def _account_verdict(self, person: Meant, account: User | None, *, read: bool) -> str:
        row = self._hub.store.ledger.get(self._profile.name, "user", person.key)
        if account is not None:
            state = "a suspended account" if account.suspended else "an active account"
            return f"{person.name} has {state} in Moodle, “{account.username}”."
        if row is None:
            return f"{person.name} has no account by Matricula: {self._why_no_account(person)}"
        if read:
            return f"{person.name} had an account that is no longer in Moodle (id {row.moodle_id})."
        return f"{person.name} has an account by the ledger (id {row.moodle_id}); Moodle could not be asked."

    def _why_no_account(self, person: Meant) -> str:
        if person.row is None:
            return "the roster has no usable row for this person."
        if person.key in self._desired.unreadable["user"]:
            return "the row was left out, see the finding."
        wanted = self._wanted("user", person.key)
        if wanted is None or not self._profile.users.of_kind(wanted["kind"]).create:
            return "the profile's rules make none."
        if not self._profile.users.without_enrolments and not wanted["enrolled"]:
            return "the person is enrolled in no course, and users.without_enrolments is false."
        return self._not_written("user", person.key)

    def _not_written(self, kind: str, key: str) -> str:
        if any((found.kind, found.key) == (kind, key) for found in self._hub.store.problems.all(self._profile.name)):
            return "Moodle refused it, see the problem."
        if any(True for _ in self._waiting(kind, key)):
            return "the plan that makes it is not applied yet."
        if any(fact.about == "finding" for fact in self._found(key)):
            return "it was left out, see the finding."
        return "no plan has brought it yet. Make one: matricula plan"

    def _course_verdict(self, person: Meant, course: _Place, seen: CourseEnrolment | None, *, read: bool) -> str:
        said = f"{person.name} is {{}} in {course.name}"
        row = self._hub.store.ledger.get(self._profile.name, "enrolment", _pair(person, course))
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
        if row is not None and not read:
            return (
                said.format("suspended" if row.removed else "enrolled") + " by the ledger; Moodle could not be asked."
            )
        return said.format("not enrolled") + f": {self._why_not_enrolled(person, course, row)}"

    def _why_not_enrolled(self, person: Meant, course: _Place, row: LedgerRow | None) -> str:
        if row is not None:
            return f"somebody took the person out in Moodle. {_EDITED}"
        rows = self._enrolment_rows(person, course)
        if not rows:
            return "the roster does not say so."
        if not any(roles_given(role, self._profile.enrolments.roles) for _, _, role in rows):
            return "the profile's rules do not enrol this role."
        if self._id("user", person) is None:
            return f"there is no account; {self._why_no_account(person)}"
        if self._id("course", course) is None:
            return f"there is no course; {self._not_written('course', course.key)}"
        if (self._wanted("enrolment", _pair(person, course)) or {}).get("early"):
            return f"it begins before enrolments.since: {_BY_HAND}"
        return self._not_written("enrolment", _pair(person, course))


def _pair(person: Meant, course: Meant) -> str:
    return f"{person.key}{SEPARATOR}{course.key}"


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
