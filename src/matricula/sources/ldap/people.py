"""People of a directory."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from matricula.errors import StopError
from matricula.roster import TABLES, FindingBook
from matricula.roster.extensions import METADATA
from matricula.roster.tables import Kind
from matricula.sources.ldap.locks import is_disabled
from matricula.sources.ldap.refusals import changed, empty
from matricula.sources.ldap.settings import LdapSettings, School, UserPart
from matricula.sources.ldap.templates import Template, template
from matricula.sources.ldap.values import Entry, dn_key

if TYPE_CHECKING:  # the library behind it takes longer to load than all the rest of Matricula
    from matricula.sources.ldap.directory import Directory

UID = "uid"
"""The attribute whose values stand in `memberUid` of groups (RFC 2307)."""
FILE = "users"

_LISTS = {column.name for column in TABLES["users"].columns if column.kind is Kind.LIST}
_AGENTS = "agentSourcedIds"


@dataclass
class Person:
    """Somebody as the directory gave them.

    Args:
        key: distinguished name in the form that compares.
        dn: the name as it was given.
        row: cells of `users`.
        logins: names by which `memberUid` may mean them, in small letters.
        schools: names of their schools.
        fits: numbers of the part's rules, among those by attribute, that fit.
        agents: keys of those who are named as their agents.
        role: OneRoster's role; blank until it is known.
    """

    key: str
    dn: str
    row: dict[str, str | None]
    logins: frozenset[str] = frozenset()
    schools: tuple[str, ...] = ()
    fits: frozenset[int] = frozenset()
    agents: tuple[str, ...] = ()
    role: str = ""

    @property
    def sourced_id(self) -> str | None:
        """Their sourcedId; None where the directory gave none."""
        return self.row.get("sourcedId")


@dataclass
class ReadPart:
    """What one part of the settings found.

    Args:
        part: the part.
        number: which one, from 1.
        people: those it found, roles not decided yet.
    """

    part: UserPart
    number: int
    people: list[Person] = field(default_factory=list)


def read_parts(directory: "Directory", settings: LdapSettings, book: FindingBook) -> list[ReadPart]:
    """Read the people of every part.

    Args:
        directory: the open directory.
        settings: what to read.
        book: where findings go.

    Raises:
        StopError: a part is empty, has an entry twice, or nobody in it has a sourcedId that may be read.
    """
    now = datetime.now(UTC)
    return [
        _Reading(directory, settings, part, number, book, now).read() for number, part in enumerate(settings.users, 1)
    ]


class _Reading:
    def __init__(
        self,
        directory: "Directory",
        settings: LdapSettings,
        part: UserPart,
        number: int,
        book: FindingBook,
        now: datetime,
    ) -> None:
        self._directory, self._settings, self._part, self._book, self._now = directory, settings, part, book, now
        self._number = number
        self._where = f"users {number}, {part.base}"
        self._filter = part.filter or settings.preset.users
        self._columns = settings.columns_of(part)
        self._school = SchoolOf(part.school or settings.school)
        self._by_attribute = {
            at: (template(rule.attribute), {value.casefold() for value in rule.values})
            for at, rule in enumerate(part.roles)
            if rule.attribute
        }
        self._several: Counter[str] = Counter()
        self._binary: Counter[str] = Counter()
        self._seen_attributes: set[str] = set()

    def read(self) -> ReadPart:
        disabled = self._disabled()
        read = ReadPart(self._part, self._number)
        seen = set()
        for entry in self._search(self._filter, sorted(self._attributes())):
            person = self._person(entry, disabled)
            if person.key in seen:
                raise changed(entry.dn, self._where)
            seen.add(person.key)
            self._seen_attributes |= set(entry.values)
            read.people.append(person)
        if not read.people:
            raise empty(self._part.base, self._filter, self._where)
        if not any(person.sourced_id for person in read.people):
            raise self._nobody_known()
        self._note()
        return read

    def _search(self, query: str, attributes: list[str]) -> Iterator[Entry]:
        return self._directory.search(self._part.base, query, self._part.scope, attributes, self._where)

    def _disabled(self) -> set[str]:
        if not self._part.disabled_filter:
            return set()
        query = f"(&{self._filter}{self._part.disabled_filter})"
        return {dn_key(entry.dn) for entry in self._search(query, [])}

    def _attributes(self) -> set[str]:
        templates = [
            *self._columns.values(),
            *(made for made, _ in self._by_attribute.values()),
            *self._school.templates,
        ]
        return {name for made in templates for name in made.attributes} | {UID, *self._settings.disabled_by}

    def _person(self, entry: Entry, disabled: set[str]) -> Person:
        key = dn_key(entry.dn)
        row = {column: self._cell(column, made, entry) for column, made in self._columns.items() if column != _AGENTS}
        off = key in disabled or is_disabled(entry, self._settings.disabled_by, self._now)
        row["enabledUser"] = "false" if off else row.get("enabledUser", "true")
        agents = self._columns[_AGENTS].texts(entry) if _AGENTS in self._columns else []
        return Person(
            key=key,
            dn=entry.dn,
            row=row,
            logins=frozenset(text.casefold() for text in (*entry.texts(UID), row.get("username")) if text),
            schools=self._school.names(entry),
            fits=frozenset(
                at
                for at, (made, values) in self._by_attribute.items()
                if any(text.casefold() in values for text in made.texts(entry))
            ),
            agents=tuple(dn_key(dn) for dn in agents),
        )

    def _cell(self, column: str, made: Template, entry: Entry) -> str | None:
        texts = made.texts(entry)
        if not texts:
            self._binary[column] += any(entry.has_bytes(name) for name in made.attributes)
            return None
        if column in _LISTS or column.startswith(METADATA):
            return ",".join(texts)
        self._several[column] += len(texts) > 1
        return texts[0]

    def _note(self) -> None:
        for code, counts, message in (
            (
                "directory-several-values",
                self._several,
                "Entries with several values of what {column} is made of: {count}.",
            ),
            ("directory-value-binary", self._binary, "Entries with bytes that are no text for {column}: {count}."),
        ):
            for column, count in counts.items():
                if count:
                    self._add(code, message.format(count=count, column=column), column, count)
        named = {*self._settings.attributes, *self._part.attributes}
        for column, made in self._columns.items():
            absent = [name for name in made.attributes if name.casefold() not in self._seen_attributes]
            if column in named and absent:
                self._add("directory-attribute-absent", f"No entry has {', '.join(absent)}.", column, 1)

    def _add(self, code: str, message: str, column: str, count: int) -> None:
        self._book.add(code, message, file=self._where, column=column, table="users", count=count)

    def _nobody_known(self) -> StopError:
        wanted = ", ".join(self._columns["sourcedId"].attributes)
        there = ", ".join(sorted(self._seen_attributes)) or "none"
        return StopError(
            f"No entry has {wanted}, by which people are known again.",
            where=self._where,
            remedy=f"Attributes that were asked for and came: {there}. Let the account read {wanted}, or make "
            "sourcedId of another attribute that never changes.",
            code="directory-no-sourced-id",
        )


class SchoolOf:
    """Tells the schools of entries.

    Args:
        school: the setting.
    """

    def __init__(self, school: School) -> None:
        self._name = school.name
        self.templates = (template(school.by),) if school.by else ()

    def names(self, entry: Entry) -> tuple[str, ...]:
        """Names of an entry's schools; the fixed one where it does not tell any."""
        found = [" ".join(text.split()) for made in self.templates for text in made.texts(entry)]
        return tuple(found) or ((self._name,) if self._name else ())


def orgs_of(schools: set[str], fixed: Mapping[str, str]) -> dict[str, str]:
    """SourcedIds of schools by their names; names that differ in capitals alone are one school.

    Args:
        schools: names, as entries have them.
        fixed: sourcedIds that the settings give to names.
    """
    return {name: fixed.get(name) or name.casefold() for name in sorted(schools)}
