"""What is known of a person or a course, from the row in the roster to the ledger, as facts in words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from matricula.errors import UsageError
from matricula.hub.rules_told import roles_given, why_no_account, why_no_course
from matricula.hub.whom import Meant
from matricula.hub.why_lines import Fact
from matricula.profiles import Desired, Profile
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.roster import Roster
from matricula.store import LedgerRow, Store

WAITING = ("ready", "held", "released")
BY_HAND = "A run for just this person makes it (`matricula run --only`)."


@dataclass(frozen=True)
class Place(Meant):
    """A course that is meant, with the classes that lead to it."""

    classes: tuple[str, ...]


class Facts:
    """What a roster, a profile's rules and the state say of people and courses.

    Args:
        store: the state.
        profile: the profile.
        roster: the roster.
        desired: what the rules make of it.
    """

    def __init__(self, store: Store, profile: Profile, roster: Roster, desired: Desired) -> None:
        self._store = store
        self._profile = profile
        self.roster = roster
        self.desired = desired
        self._findings = [*roster.findings, *desired.findings]

    def place(self, meant: Meant) -> Place:
        """The course of a class, or the course itself; a class may lead to several with basis group-subject."""
        leads = self.desired.classes
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
        name = (self.wanted("course", key) or {"name": meant.name})["name"]
        return Place(key, str(name), meant.row, tuple(classes or [meant.key]))

    def about_person(self, person: Meant) -> Iterator[Fact]:
        """A person and their account."""
        if person.row is not None:
            place = self.roster.place_of("users", person.key)
            role = ", ".join(self.roles_of(person)) or "no role"
            yield Fact("roster", f"{place}: {person.name}, {role}, sourcedId {person.key}.")
        elif person.key in self.roster.unreadable.get("users", frozenset()):
            yield Fact("roster", f"The row of {person.key} in {self._read_from('users')} could not be used.")
        else:
            yield Fact("roster", f"{person.name} ({person.key}) is no longer in the roster.")
        yield from self.found(person.key)
        wanted = self.wanted("user", person.key)
        if wanted is not None and not self._profile.users.of_kind(wanted["kind"]).create:
            yield Fact("profile", why_no_account(self._profile, self.roles_of(person)), denies=True)
        elif wanted is not None:
            account = f"user name {wanted['username']}, e-mail {wanted['email']}, ID number {wanted['idnumber']}"
            state = "; suspended, as the roster has the person disabled" if wanted["suspended"] else ""
            kind = f"A {wanted['kind']} by users.{wanted['kind']} of the profile. "
            yield Fact("profile", f"{kind}The rules make the account {account}{state}.")
        elif person.row is not None and person.key not in self.desired.unreadable["user"]:
            yield Fact("profile", why_no_account(self._profile, self.roles_of(person)), denies=True)
        yield from self._remembered("user", person.key, person.name)

    def _read_from(self, table: str) -> str:
        """What a table was read from."""
        return self.roster.files.get(table, table)

    def about_course(self, course: Place) -> Iterator[Fact]:
        """A course and the classes that lead to it."""
        read = set(self.roster.classes["sourcedId"]).intersection(course.classes)
        for each in sorted(read):
            yield Fact("roster", f"{self.roster.place_of('classes', each)}: {course.name}.")
            yield from self.found(each)
        if not read:
            yield Fact("roster", f"{course.name} ({course.key}) is no longer in the roster, or not readable.")
        elif self.wanted("course", course.key) is None:
            yield Fact("profile", f"The rules make no course of it, {why_no_course(self._profile)}", denies=True)
        if course.key not in read:
            yield from self.found(course.key)
        yield from self._remembered("course", course.key, course.name)

    def about_enrolment(self, person: Meant, course: Place) -> Iterator[Fact]:
        """A person's place in a course."""
        rows = self.enrolment_rows(person, course)
        roles = self._profile.enrolments.roles
        if not rows:
            yield Fact("roster", f"No row of {self._read_from('enrollments')} puts {person.name} into this class.")
        for line, sourced_id, role in rows:
            place = self._read_from("enrollments") + (f" line {line}" if line is not None else "")
            yield Fact("roster", f"{place}: {role} in this class.")
            yield from self.found(sourced_id)
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
        key = pair_of(person, course)
        wanted = self.wanted("enrolment", key)
        if wanted is not None and wanted["early"]:
            since = self._profile.enrolments.since
            yield Fact("profile", f"It begins before enrolments.since ({since}): {BY_HAND}", denies=True)
        yield from self.found(key)
        yield from self._remembered("enrolment", key, f"{person.name} in {course.name}")

    def found(self, subject: str) -> Iterator[Fact]:
        """What was found wrong with a record, now and when the latest plan was made."""
        latest = self._store.plans.latest(self._profile.name, self._profile.site)
        then = self._store.plans.findings(latest.number or 0) if latest else []
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
        store, profile = self._store, self._profile.name
        row = store.ledger.get(profile, kind, key)
        if row is None:
            yield Fact("ledger", f"The ledger holds no {kind} {name}: no run has written it.")
        else:
            yield Fact("ledger", self._ledger_words(kind, row))
        for problem in store.problems.all(profile):
            if (problem.kind, problem.key) == (kind, key):
                yield Fact("problem", f"Run {problem.run} could not write it: {problem.reason}")
        yield from self.waiting(kind, key)

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
        run = self._store.runs.get(row.run)
        at = f"{run.started_at.astimezone():%Y-%m-%d %H:%M}"
        return f"{origin}{number}{role}{state}; last written by run {run.id} (plan {run.plan}) on {at}."

    def waiting(self, kind: str, key: str) -> Iterator[Fact]:
        """What a plan that is not applied yet would do to a record."""
        latest = self._store.plans.latest(self._profile.name, self._profile.site)
        if latest is None or latest.state not in WAITING:
            return
        changes = self._store.plans.changes(latest.number or 0, kind=kind)
        for action, reason in changes.filter(pl.col("key") == key).select("action", "reason").iter_rows():
            yield Fact("plan", f"Plan {latest.number} ({latest.state}, not applied) would {action} it: {reason}.")

    def wanted(self, kind: str, key: str) -> dict[str, Any] | None:
        """The row of a record that the rules make; None where they make none."""
        found = self.desired.parts[kind].frame.filter(pl.col("key") == key)
        return found.row(0, named=True) if found.height else None

    def roles_of(self, person: Meant) -> list[str]:
        """A person's roles, as OneRoster names them."""
        rows = self.roster.roles.filter(pl.col("userSourcedId") == person.key)
        return rows["role"].drop_nulls().unique().sort().to_list()

    def enrolment_rows(self, person: Meant, course: Place) -> list[tuple[int, str, str]]:
        """Line, sourcedId and role of the rows that put a person into a course."""
        rows = self.roster.enrollments.filter(
            (pl.col("userSourcedId") == person.key) & pl.col("classSourcedId").is_in(course.classes)
        )
        return list(rows.select("line", "sourcedId", "role").iter_rows())

    def id_of(self, kind: str, meant: Meant) -> int | None:
        """The Moodle id that the ledger has for a person or course."""
        row = self._store.ledger.get(self._profile.name, kind, meant.key)
        return row.moodle_id if row else None


def pair_of(person: Meant, course: Meant) -> str:
    """The key of a person's enrolment in a course."""
    return f"{person.key}{SEPARATOR}{course.key}"
