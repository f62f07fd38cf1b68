"""Groups of a directory: who is in them, and what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matricula.errors import StopError
from matricula.roster import FindingBook
from matricula.sources.ldap.people import Person, ReadPart, SchoolOf
from matricula.sources.ldap.refusals import changed, empty
from matricula.sources.ldap.settings import GroupPart, LdapSettings
from matricula.sources.ldap.values import Entry, dn_key

if TYPE_CHECKING:  # the library behind it takes longer to load than all the rest of Matricula
    from matricula.sources.ldap.directory import Directory

BY_NAME = ("member", "uniqueMember")
"""Attributes that hold distinguished names of members; a range of `member` (MS-ADTS 3.1.1.3.1.3.3) is read on."""
BY_LOGIN = "memberUid"

_MEMBERS = (*BY_NAME, BY_LOGIN)


@dataclass(frozen=True)
class Membership:
    """Who is in a group.

    Args:
        people: keys of those who are among the people read, in the order of their keys.
        unknown: names of members who are not.
    """

    people: tuple[str, ...]
    unknown: tuple[str, ...]


class Members:
    """Finds out who is in a group, directly or by way of groups within it.

    Args:
        directory: the open directory.
        people: keys of all people read, and the logins of each.
        nested: how many levels of groups within groups are followed.
    """

    def __init__(self, directory: "Directory", people: Mapping[str, frozenset[str]], nested: int) -> None:
        self._directory = directory
        self._people = people
        self._by_login = {login: key for key, logins in people.items() for login in logins}
        self._nested = nested
        self._groups: dict[str, Entry | None] = {}

    def know(self, group: Entry) -> None:
        """Remember a group that was read, so that it need not be asked for when it stands within another."""
        self._groups[dn_key(group.dn)] = group

    def named(self, dn: str, where: str) -> Membership:
        """The members of a group by its name.

        Raises:
            StopError: there is no such group, or it shows no members.
        """
        group = self._group(dn)
        if group is None:
            raise StopError(
                f"There is no group “{dn}” with members, or the account may not see them.",
                where=where,
                remedy="Mend member_of, or let the directory's administrator give the account the right to read it.",
                code="directory-group",
            )
        return self.of(group)

    def of(self, group: Entry) -> Membership:
        """The members of a group; one that stands within itself is looked at once."""
        people, unknown, seen = set(), [], {dn_key(group.dn)}
        level = [group]
        for depth in range(self._nested + 1):
            further = []
            for each in level:
                logins = {login: self._by_login.get(login.casefold()) for login in each.texts(BY_LOGIN)}
                people |= {key for key in logins.values() if key}
                unknown += [login for login, key in logins.items() if not key]
                for dn in (dn for name in BY_NAME for dn in each.texts(name)):
                    key = dn_key(dn)
                    if key in self._people:
                        people.add(key)
                    elif key not in seen:
                        seen.add(key)
                        within = self._group(dn) if depth < self._nested else None
                        further += [within] if within else []
                        unknown += [] if within else [dn]
            level = further
        return Membership(tuple(sorted(people)), tuple(unknown))

    def _group(self, dn: str) -> Entry | None:
        key = dn_key(dn)
        if key not in self._groups:
            found = self._directory.entry(dn, _MEMBERS)
            self._groups[key] = found if found and any(found.texts(name) for name in _MEMBERS) else None
        return self._groups[key]


@dataclass
class Group:
    """A group as it was read.

    Args:
        part: the part of the settings that found it.
        row: its columns.
        schools: names of its schools.
        members: who is in it.
    """

    part: GroupPart
    row: dict[str, str | None]
    schools: tuple[str, ...]
    members: Membership


@dataclass
class _Found:
    part: GroupPart
    where: str
    entries: list[Entry] = field(default_factory=list)


def read_groups(directory: "Directory", settings: LdapSettings, members: Members, book: FindingBook) -> list[Group]:
    """Read the groups of every part and who is in them.

    Args:
        directory: the open directory.
        settings: what to read.
        members: finds out who is in a group.
        book: where findings go.

    Raises:
        StopError: a part has no groups, or no group of it shows a member who is among the people.
    """
    found = [_find(directory, settings, part, number) for number, part in enumerate(settings.groups, 1)]
    for each in found:
        for entry in each.entries:
            members.know(entry)
    return [group for each in found for group in _groups(each, settings, members, book)]


def _find(directory: "Directory", settings: LdapSettings, part: GroupPart, number: int) -> _Found:
    found = _Found(part, f"groups {number}, {part.base}")
    made = [*settings.columns_of_groups(part).values(), *SchoolOf(part.school or settings.school).templates]
    attributes = sorted({name for each in made for name in each.attributes} | set(_MEMBERS))
    query = part.filter or settings.preset.groups
    seen = set()
    for entry in directory.search(part.base, query, part.scope, attributes, found.where):
        key = dn_key(entry.dn)
        if key in seen:
            raise changed(entry.dn, found.where)
        seen.add(key)
        found.entries.append(entry)
    if not found.entries:
        raise empty(part.base, query, found.where)
    return found


def _groups(found: _Found, settings: LdapSettings, members: Members, book: FindingBook) -> list[Group]:
    columns = settings.columns_of_groups(found.part)
    school = SchoolOf(found.part.school or settings.school)
    groups = []
    for entry in found.entries:
        row = {column: ",".join(made.texts(entry)) or None for column, made in columns.items() if column in _LISTS}
        row |= {column: made.text(entry) for column, made in columns.items() if column not in _LISTS}
        groups.append(Group(found.part, row, school.names(entry), members.of(entry)))
        if unknown := groups[-1].members.unknown:
            book.add(
                "directory-member-unknown",
                f"Members of {row.get('title') or entry.dn} who are not among the people read: {len(unknown)}.",
                file=found.where,
                value=unknown[0],
                count=len(unknown),
                sourced_id=row.get("sourcedId"),
            )
    if not any(group.members.people for group in groups):
        raise _no_members(found, sum(len(group.members.unknown) for group in groups))
    return groups


_LISTS = ("grades", "subjects", "subjectCodes")


def _no_members(found: _Found, unknown: int) -> StopError:
    what = f"None of their {unknown} members is among the people read" if unknown else "None of them shows a member"
    return StopError(
        f"{len(found.entries)} groups were read. {what}.",
        where=found.where,
        remedy=f"Members are looked for in {', '.join(_MEMBERS)}. See that the bases of people hold them, and that the "
        "account may read who is in a group.",
        code="directory-no-members",
    )


def with_roles(parts: list[ReadPart], members: Members, book: FindingBook) -> tuple[list[Person], int]:
    """Give everybody a role by the rules of their part, and keep whom several parts found once, by the first.

    Args:
        parts: the people read.
        members: finds out who is in a group.
        book: where findings go.

    Returns:
        the people with a role, and how many were found by several parts.

    Raises:
        StopError: a group that a rule names is not there.
    """
    chosen: dict[str, Person] = {}
    twice = 0
    for read in parts:
        where = f"users {read.number}, {read.part.base}"
        groups = {
            at: frozenset(members.named(rule.member_of, where).people)
            for at, rule in enumerate(read.part.roles)
            if rule.member_of
        }
        without = []
        for person in read.people:
            role = _role(read, person, groups)
            if not role:
                without.append(person)
            elif person.key in chosen:
                twice += 1
            else:
                person.role = role
                chosen[person.key] = person
        if without:
            book.add(
                "directory-role-none",
                f"Entries to which no rule gives a role: {len(without)}.",
                file=where,
                value=without[0].dn,
                count=len(without),
                table="users",
            )
    return list(chosen.values()), twice


def _role(read: ReadPart, person: Person, groups: Mapping[int, frozenset[str]]) -> str:
    for at, rule in enumerate(read.part.roles):
        if at in person.fits or person.key in groups.get(at, ()):
            return rule.role
    return read.part.role or ""
