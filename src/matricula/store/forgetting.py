"""Forgetting a person: their rows taken out, their names blanked, in every table of the state."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, or_, select, text, tuple_, update

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import chunks_of
from matricula.store.kept import forget_people
from matricula.store.terms import Terms

SEPARATOR: Final = "\t"
REPLACES: Final = "replaces"
"""Under this name a ledger's text holds the key that a record had before."""
OF_PEOPLE: Final = ("enrolment", "group-member", "cohort-member")
"""Kinds of records whose keys begin with a person's."""
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
    """

    profile: str
    keys: frozenset[str]
    sources: frozenset[str]
    texts: frozenset[str]
    usernames: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()


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
        return {name: number for name, number in counts.items() if number}

    def done(self, by: str) -> dict[str, int]:
        """Remove and blank everything; rows by table."""
        counts: dict[str, int] = {}
        counts["kept_table"] = self._in_deliveries(keep=False)
        counts["change"], counts["plan"] = self._blank_changes(by)
        for table, where in self._own_rows():
            counts[table.name] = (
                counts.get(table.name, 0) + self._connection.execute(delete(table).where(where)).rowcount
            )
        for name, number in self._scrub_texts():
            counts[name] = counts.get(name, 0) + number
        return {name: number for name, number in counts.items() if number}

    def _own_rows(self) -> Iterator[tuple[Table, ColumnElement[bool]]]:
        """Rows that are about them alone, to be deleted."""
        for table in (schema.ledger, schema.problem, schema.identity, schema.drift):
            theirs = [and_(table.c.profile == each.profile, _theirs(table, each.keys)) for each in self._people]
            yield table, or_(*theirs)
        grade, finding = schema.kept_grade, schema.finding
        yield grade, or_(*(and_(grade.c.profile == p.profile, grade.c.person_key.in_(p.keys)) for p in self._people))
        subjects = {
            p.profile: or_(_begins(finding.c.subject, p.keys), finding.c.subject.in_(p.records)) for p in self._people
        }
        yield finding, or_(*(and_(finding.c.plan.in_(_plans_of(name)), one) for name, one in subjects.items()))

    def _count(self, table: Table, where: ColumnElement[bool]) -> int:
        return self._connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()

    def _changes(self) -> list[tuple[int, int, str]]:
        """Plan, number and key of their changes."""
        change = schema.change
        found = []
        for each in self._people:
            where = and_(change.c.plan.in_(_plans_of(each.profile)), _theirs(change, each.keys))
            rows = self._connection.execute(select(change.c.plan, change.c.number, change.c.key).where(where))
            found += [(plan, number, key) for plan, number, key in rows]
        return found

    def _blank_changes(self, by: str) -> tuple[int, int]:
        """Blank their changes, and mark the plans: one that waited can never be applied any more."""
        change, outcome, rows = schema.change, schema.outcome, self._changes()
        blank = {"name": self._placeholder, "person": self._placeholder, "moodle_id": None, "place": ""}
        blank |= {"before": None, "after": None, "written": None, "reason": "forgotten on request"}
        for tail in {_tail(key) for _, _, key in rows}:
            same = [(plan, number) for plan, number, key in rows if _tail(key) == tail]
            for chunk in chunks_of(same, _KEYS_AT_ONCE):
                here = tuple_(change.c.plan, change.c.number).in_(chunk)
                self._connection.execute(update(change).where(here).values(key=self._placeholder + tail, **blank))
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
        ]
        for table, columns, where in of_json:
            yield table.name, self._scrub(table, columns, where, self._scrub_json)

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


def _plans_of(profile: str) -> Any:
    return select(schema.plan.c.number).where(schema.plan.c.profile == profile)


def _theirs(table: Table, keys: Iterable[str]) -> ColumnElement[bool]:
    """Rows of kinds that are about a person, by kind and key."""
    return or_(
        and_(table.c.kind == "user", table.c.key.in_(keys)),
        and_(table.c.kind.in_(OF_PEOPLE), _begins(table.c.key, keys, alone=False)),
    )


def _begins(column: Any, keys: Iterable[str], *, alone: bool = True) -> ColumnElement[bool]:
    """Whether a key is one of these, or begins with one and a TAB; LIKE would take capitals for small letters."""
    prefixes = [f"{key}{SEPARATOR}" for key in keys]
    begun = [func.substr(column, 1, len(prefix)) == prefix for prefix in prefixes]
    return or_(column.in_(keys), *begun) if alone else or_(*begun)


def _tail(key: str) -> str:
    """What follows a person's key in the key of an enrolment or a membership."""
    return key[key.index(SEPARATOR) :] if SEPARATOR in key else ""
