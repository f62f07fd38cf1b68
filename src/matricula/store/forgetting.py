"""Forgetting a person: their rows taken out, their names blanked, in every table of the state."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, or_, select, text, tuple_, update

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.forgetting_rows import (
    OF_PEOPLE,
    asked_by_block,
    begins,
    blanked,
    ends,
    jobs_of,
    plans_of,
    replaced,
    rows_about,
)
from matricula.store.frames import chunks_of
from matricula.store.imported import about
from matricula.store.kept import forget_people
from matricula.store.learning import forget_in_marks
from matricula.store.portal_sessions import forget_at_portal
from matricula.store.sign_on_grants import forget_given
from matricula.store.terms import Terms
from matricula.store.tool_forgetting import forget_in_tools

REPLACES: Final = "replaces"
"""Under this name a ledger's text holds the key that a record had before."""
WAITING: Final = ("ready", "held", "released")
_KEYS_AT_ONCE: Final = 400


@dataclass(frozen=True)
class Person:
    """Somebody to be forgotten, as one profile knows them.

    Args:
        profile: the profile.
        keys: their sourcedIds, also former ones.
        sources: the sources whose kept deliveries the profile is made of.
        texts: what they are called (`Terms`).
        usernames: user names of theirs.
        records: sourcedIds of their enrolments, by which findings name them.
        site: the profile's site.
        accounts: ids of their accounts on it.
    """

    profile: str
    keys: frozenset[str]
    sources: frozenset[str]
    texts: frozenset[str]
    usernames: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()
    site: str = ""
    accounts: frozenset[int] = frozenset()


@dataclass
class Traces:
    """What the ledger, the plans and the queue know of somebody.

    Args:
        keys: their sourcedIds, also former ones.
        fields: values of fields by name, as written or to be written.
        names: full names.
        accounts: ids of their Moodle accounts.
    """

    keys: set[str]
    fields: dict[str, set[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)

    def read(self, written: str | None) -> None:
        """Take the fields of a JSON text in."""
        for name, value in json.loads(written or "{}").items():
            if name == REPLACES:
                self.keys.add(value)
            elif isinstance(value, str) and value:
                self.fields.setdefault(name, set()).add(value)


class Forgetting:
    """Queries that find and remove a person.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def traces(self, profile: str, keys: Iterable[str]) -> Traces:
        """What is known of people with these keys in a profile."""
        found = Traces(set(keys))
        with self._database.reading() as connection:
            known = -1
            while known != len(found.keys):  # a key that was given up leads to what is kept under it
                known = len(found.keys)
                self._read_traces(connection, profile, found)
        return found

    def named_in_plans(self, profile: str, asked: str) -> dict[str, str]:
        """People whom only plans or the queue of identities know, by key or full name: their names by key."""
        wanted = asked.strip().casefold()
        change, identity = schema.change, schema.identity
        of_profile = select(schema.plan.c.number).where(schema.plan.c.profile == profile)
        statements = [
            select(change.c.key, change.c.name).where(change.c.kind == "user", change.c.plan.in_(of_profile)),
            select(identity.c.key, identity.c.name).where(identity.c.profile == profile),
        ]
        with self._database.reading() as connection:
            rows = [tuple(row) for statement in statements for row in connection.execute(statement.distinct())]
        return {key: name for key, name in rows if wanted in (key.casefold(), name.casefold())}

    def counts(self, people: Sequence[Person]) -> dict[str, int]:
        """How many rows of each table are about people."""
        with self._database.reading() as connection:
            return _Work(connection, people, "").counted()

    def forget(self, people: Sequence[Person], placeholder: str, by: str) -> dict[str, int]:
        """Remove people; in one transaction, which notes the act.

        Args:
            people: the same person in each profile concerned.
            placeholder: what stands in the place of their keys and names.
            by: who asked for it.

        Returns:
            How many rows of each table were removed or blanked.
        """
        with self._database.writing() as connection:
            if not self._database.is_sqlite:
                # A run that starts meanwhile must see the plans as they are afterwards.
                connection.execute(text("lock table plan in access exclusive mode"))
            counts = _Work(connection, people, placeholder).done(by)
            values = {"kind": "forget", "by": by, "at": datetime.now(UTC), "counts": json.dumps(counts)}
            connection.execute(insert(schema.act).values(**values))
        return counts

    def _read_traces(self, connection: Connection, profile: str, found: Traces) -> None:
        ledger, change, identity = schema.ledger, schema.change, schema.identity
        users = and_(ledger.c.profile == profile, ledger.c.kind == "user", ledger.c.key.in_(found.keys))
        for account, written in connection.execute(select(ledger.c.moodle_id, ledger.c.written).where(users)).all():
            found.accounts |= {account} - {None}
            found.read(written)
        of_profile = select(schema.plan.c.number).where(schema.plan.c.profile == profile)
        columns = (change.c.name, change.c.before, change.c.after, change.c.written)
        theirs = and_(change.c.kind == "user", change.c.key.in_(found.keys), change.c.plan.in_(of_profile))
        for name, *texts in connection.execute(select(*columns).where(theirs)).all():
            found.names.add(name)
            for each in texts:
                found.read(each)
        queued = and_(identity.c.profile == profile, identity.c.key.in_(found.keys))
        found.names |= set(connection.execute(select(identity.c.name).where(queued)).scalars())
        for key in connection.execute(
            select(ledger.c.key).where(
                ledger.c.profile == profile,
                ledger.c.kind == "user",
                or_(*(ledger.c.written.contains(f'"{REPLACES}":{json.dumps(k)}', autoescape=True) for k in found.keys)),
            )
        ).scalars():
            found.keys.add(key)


class _Work:
    """One transaction's look at people, or their removal."""

    def __init__(self, connection: Connection, people: Sequence[Person], placeholder: str) -> None:
        self._connection = connection
        self._people = people
        self._placeholder = placeholder
        self._terms = Terms((text for person in people for text in person.texts), placeholder)

    def counted(self) -> dict[str, int]:
        """Rows by table."""
        counts = {table.name: self._count(table, where) for table, where in self._own_rows()}
        counts["change"] = len(self._changes())
        counts["kept_table"] = self._in_deliveries(keep=True)
        counts |= self._elsewhere(keep=True)
        return {name: number for name, number in counts.items() if number}

    def done(self, by: str) -> dict[str, int]:
        """Remove and blank everything; rows by table."""
        counts: dict[str, int] = {}
        counts["kept_table"] = self._in_deliveries(keep=False)
        counts |= self._elsewhere(keep=False)
        counts["change"], counts["plan"] = self._blank_changes(by)
        for table, where in self._own_rows():
            counts[table.name] = (
                counts.get(table.name, 0) + self._connection.execute(delete(table).where(where)).rowcount
            )
        for each in self._people:
            forget_in_marks(self._connection, each.site, each.accounts)
        for name, number in (*self._blank_asked(), *self._scrub_texts()):
            counts[name] = counts.get(name, 0) + number
        return {name: number for name, number in counts.items() if number}

    def _own_rows(self) -> Iterator[tuple[Table, ColumnElement[bool]]]:
        """Rows that are about them alone, to be deleted."""
        for table in (schema.ledger, schema.problem, schema.identity, schema.drift, schema.grade_conflict):
            theirs = [and_(table.c.profile == each.profile, rows_about(table, each.keys)) for each in self._people]
            yield table, or_(*theirs)
        grade, finding, wish = schema.kept_grade, schema.finding, schema.wish
        texts = {person.profile: {text.strip().casefold() for text in person.texts} for person in self._people}
        yield wish, or_(*(and_(wish.c.profile == p, func.lower(wish.c.whom).in_(said)) for p, said in texts.items()))
        yield grade, or_(*(and_(grade.c.profile == p.profile, grade.c.person_key.in_(p.keys)) for p in self._people))
        for read in (schema.learnt_grade, schema.learnt_submission):
            yield read, or_(*(and_(read.c.site == p.site, read.c.user.in_(p.accounts)) for p in self._people))
        keys = {key for person in self._people for key in person.keys}
        usernames = {name for person in self._people for name in person.usernames}
        imported, found = schema.imported, about(self._connection, keys, usernames)
        place = tuple_(imported.c.name, imported.c.kind, imported.c.moodle_id)
        yield imported, place.in_(found) if found else text("1 = 0")  # type: ignore[misc]
        subjects = {
            p.profile: or_(
                begins(finding.c.subject, p.keys), ends(finding.c.subject, p.keys), finding.c.subject.in_(p.records)
            )
            for p in self._people
        }
        yield finding, or_(*(and_(finding.c.plan.in_(plans_of(name)), one) for name, one in subjects.items()))

    def _count(self, table: Table, where: ColumnElement[bool]) -> int:
        return self._connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()

    def _changes(self) -> list[tuple[int, int, str]]:
        """Plan and number of their changes, and the key with the placeholder in the place of theirs."""
        change = schema.change
        found = []
        for each in self._people:
            where = and_(change.c.plan.in_(plans_of(each.profile)), rows_about(change, each.keys))
            columns = (change.c.plan, change.c.number, change.c.kind, change.c.key)
            rows = self._connection.execute(select(*columns).where(where))
            found += [(plan, number, blanked(kind, key, self._placeholder)) for plan, number, kind, key in rows]
        return found

    def _blank_changes(self, by: str) -> tuple[int, int]:
        """Blank their changes, and mark the plans: one that waited can never be applied any more."""
        change, outcome, rows = schema.change, schema.outcome, self._changes()
        blank = {"name": self._placeholder, "person": self._placeholder, "moodle_id": None, "place": ""}
        blank |= {"before": None, "after": None, "written": None, "reason": "forgotten on request"}
        alike: dict[str, list[tuple[int, int]]] = {}
        for plan, number, key in rows:
            alike.setdefault(key, []).append((plan, number))
        for key, same in alike.items():
            for chunk in chunks_of(same, _KEYS_AT_ONCE):
                here = tuple_(change.c.plan, change.c.number).in_(chunk)
                self._connection.execute(update(change).where(here).values(key=key, **blank))
                there = tuple_(outcome.c.plan, outcome.c.change).in_(chunk)
                self._connection.execute(update(outcome).where(there).values(moodle_id=None, reason=""))
        plans: dict[int, int] = {}
        for plan, _, _ in rows:
            plans[plan] = plans.get(plan, 0) + 1
        for number, count in plans.items():
            self._mark(number, count, by)
        return len(rows), len(plans)

    def _mark(self, number: int, count: int, by: str) -> None:
        plan, audit = schema.plan, schema.plan_audit
        state, summary = self._connection.execute(
            select(plan.c.state, plan.c.summary).where(plan.c.number == number)
        ).one()
        told = json.loads(summary)
        told["redacted"] = told.get("redacted", 0) + count
        values = {"summary": json.dumps(told, ensure_ascii=False)}
        if state in WAITING:
            values["state"] = "superseded"
            words = "a person in it was forgotten"
            note = {"plan": number, "before": state, "after": "superseded", "by": by, "words": words}
            self._connection.execute(insert(audit).values(**note, at=datetime.now(UTC)))
        self._connection.execute(update(plan).where(plan.c.number == number).values(**values))

    def _in_deliveries(self, *, keep: bool) -> int:
        wanted: dict[str, tuple[set[str], set[str]]] = {}
        for each in self._people:
            for source in each.sources:
                keys, names = wanted.setdefault(source, (set(), set()))
                keys |= each.keys
                names |= each.usernames
        return sum(
            forget_people(self._connection, source, keys, names, self._terms, keep=keep)
            for source, (keys, names) in wanted.items()
        )

    def _elsewhere(self, *, keep: bool) -> dict[str, int]:
        texts = {text.strip().casefold() for person in self._people for text in person.texts}
        own = {
            "portal_session": forget_at_portal(self._connection, texts, keep=keep),
            "sign_on_grant": forget_given(self._connection, texts, keep=keep),
        }
        return forget_in_tools(self._connection, texts, self._terms, keep=keep) | own

    def _blank_asked(self) -> Iterator[tuple[str, int]]:
        """Blank what was asked for and decided about them by key, however short, in the audit log."""
        audited = schema.audited
        for each in self._people:
            subjects = [f"{kind} {key}" for kind in ("person", *OF_PEOPLE) for key in each.keys]
            here = and_(audited.c.profile == each.profile, begins(audited.c.subject, subjects))
            blank = update(audited).where(here).values(subject=f"person {self._placeholder}", words="")
            yield audited.name, self._connection.execute(blank).rowcount
            for table, asked in asked_by_block(each.site, each.usernames, self._placeholder):
                yield table.name, self._connection.execute(asked).rowcount

    def _scrub_texts(self) -> Iterator[tuple[str, int]]:
        """What is said of them in other rows: sentences, and JSON with sentences in it."""
        plans = or_(*(schema.plan.c.profile == each.profile for each in self._people))
        numbers = select(schema.plan.c.number).where(plans)
        profiles = {each.profile for each in self._people}
        sentences: list[tuple[Table, tuple[str, ...], ColumnElement[bool]]] = [
            (schema.finding, ("message", "value", "remedy", "subject"), schema.finding.c.plan.in_(numbers)),
            (schema.outcome, ("reason",), and_(schema.outcome.c.reason != "", schema.outcome.c.plan.in_(numbers))),
            (schema.batch, ("error",), and_(schema.batch.c.error.is_not(None), schema.batch.c.plan.in_(numbers))),
            (schema.plan_audit, ("words",), schema.plan_audit.c.plan.in_(numbers)),
            (schema.problem, ("name", "reason"), schema.problem.c.profile.in_(profiles)),
            (schema.identity, ("message",), schema.identity.c.profile.in_(profiles)),
            (schema.audited, ("subject", "words"), schema.audited.c.profile.in_([*profiles, ""])),
            (schema.job, ("step",), schema.job.c.profile.in_(profiles)),
            (schema.job_line, ("text",), schema.job_line.c.job.in_(jobs_of(profiles))),
            (schema.learnt_grade, ("feedback",), schema.learnt_grade.c.site.in_({each.site for each in self._people})),
        ]
        for table, columns, where in sentences:
            yield (
                table.name,
                self._scrub(table, columns, and_(where, self._mentioned(table, columns)), self._terms.scrub),
            )
        of_json: list[tuple[Table, tuple[str, ...], ColumnElement[bool]]] = [
            (schema.plan, ("summary", "held"), schema.plan.c.profile.in_(profiles)),
            (schema.run, ("summary",), schema.run.c.profile.in_(profiles)),
            (schema.identity, ("candidates",), schema.identity.c.profile.in_(profiles)),
            (schema.job, ("result", "error"), schema.job.c.profile.in_(profiles)),
        ]
        yield "job", self._scrub_jobs(profiles)
        for table, columns, where in of_json:
            yield table.name, self._scrub(table, columns, where, self._scrub_json)

    def _scrub_jobs(self, profiles: Iterable[str]) -> int:
        """Take them out of what jobs are for; one that waits is cancelled, as it could never be done any more."""
        job = schema.job
        # Here a text stands for a person as a whole, so that those too short to be looked for in sentences count, too.
        short = {text.strip().casefold() for person in self._people for text in person.texts}
        short |= {f"person:{key}".casefold() for person in self._people for key in person.keys}
        changed = 0
        statement = select(job.c.id, job.c.state, job.c.arguments).where(job.c.profile.in_(profiles))
        for number, state, arguments in self._connection.execute(statement).all():
            given = json.loads(arguments)
            scrubbed = replaced(self._terms.scrub_all(given), short, self._placeholder)
            if scrubbed == given:
                continue
            told = json.dumps(scrubbed, ensure_ascii=False)
            values: dict[str, Any] = {"arguments": told, "same": f"{number} {self._placeholder}"}
            values |= {"state": "cancelled", "ended_at": datetime.now(UTC)} if state == "waiting" else {}
            self._connection.execute(update(job).where(job.c.id == number).values(**values))
            changed += 1
        return changed

    def _mentioned(self, table: Table, columns: Iterable[str]) -> ColumnElement[bool]:
        found = [
            func.lower(table.c[name]).contains(term, autoescape=True) for name in columns for term in self._terms.texts
        ]
        return or_(*found) if found else text("1 = 0")  # type: ignore[return-value]

    def _scrub_json(self, given: str) -> str:
        return json.dumps(self._terms.scrub_all(json.loads(given)), ensure_ascii=False)

    def _scrub(
        self, table: Table, columns: tuple[str, ...], where: ColumnElement[bool], scrub: Callable[[str], str]
    ) -> int:
        keys = list(table.primary_key)
        changed = 0
        statement = select(*keys, *(table.c[name] for name in columns)).where(where)
        for row in self._connection.execute(statement).all():
            before = dict(zip(columns, row[len(keys) :], strict=True))
            after = {name: scrub(value) for name, value in before.items() if value}
            if all(before[name] == value for name, value in after.items()):
                continue
            here = and_(*(key == value for key, value in zip(keys, row[: len(keys)], strict=True)))
            self._connection.execute(update(table).where(here).values(**after))
            changed += 1
        return changed
