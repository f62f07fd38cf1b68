"""Directories: Active Directory, OpenLDAP and others that speak LDAP."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from matricula.roster import Delivery, Draft, FindingBook, Marker
from matricula.sources.ldap.groups import Group, Members, read_groups, with_roles
from matricula.sources.ldap.people import Person, orgs_of, read_parts
from matricula.sources.ldap.settings import LdapSettings, Session
from matricula.sources.protocol import Surroundings
from matricula.sources.records import draft_of, frame_of

if TYPE_CHECKING:
    from matricula.sources.ldap.directory import Directory

_VERSION = "1.2"
_IN_CLASSES = {role: role for role in ("student", "teacher", "proctor")} | dict.fromkeys(
    ("principal", "siteAdministrator", "systemAdministrator", "districtAdministrator"), "administrator"
)
"""Roles in classes (OneRoster 1.2, 5.3) by roles in the school; all others are enrolled nowhere."""
_Row = dict[str, str | None]


class Ldap:
    """A source that reads a directory: its people, and groups as classes or cohorts.

    A directory has no snapshot: whether it changed while it was read is told in the notes where it tells itself.

    Args:
        settings: where the directory is and what is read.
        surroundings: gives the password.
    """

    Settings = LdapSettings

    def __init__(self, settings: LdapSettings, surroundings: Surroundings) -> None:
        self.settings = settings
        self._surroundings = surroundings

    def deliver(self, _: Marker | None = None) -> Delivery:
        """Read the directory; parameters, result and errors as `Source.deliver` has them."""
        from matricula.sources.ldap.directory import Directory  # loading its library takes half a second

        book = FindingBook()
        password = self._surroundings.secret("password") if self.settings.bind_dn else ""
        with Directory(self.settings, password, self._surroundings.say) as directory:
            before = directory.mark()
            parts = read_parts(directory, self.settings, book)
            everybody = {person.key: person.logins for read in parts for person in read.people}
            members = Members(directory, everybody, self.settings.nested)
            people, twice = with_roles(parts, members, book)
            groups = read_groups(directory, self.settings, members, book)
            tables = _Tables(self.settings, people, groups, book)
            drafts = tables.drafts()
            notes = (*_of_reading(directory, before, directory.mark()), *_of_people(twice, tables.not_enrolled))
            return Delivery(drafts, _VERSION, directory.origin, book, notes=notes)


def _of_reading(directory: "Directory", before: Sequence[str], after: Sequence[str]) -> Iterable[str]:
    if before != after:
        yield "The directory was changed while it was read; what changed comes with the next reading."
    if not before:
        yield "The directory does not tell whether it was changed while it was read."
    if not directory.pages:
        yield "The directory refuses to answer page by page; everything was asked for at once."
    if directory.references:
        hosts = ", ".join(sorted(directory.references))
        yield f"References to other servers were not followed: {hosts}."


def _of_people(twice: int, not_enrolled: int) -> Iterable[str]:
    if twice:
        yield f"{twice} people were found by several parts of users; the first part counted."
    if not_enrolled:
        yield f"{not_enrolled} members of groups are parents, aides or the like and were not enrolled."


class _Tables:
    """Makes the tables of a roster of what was read."""

    def __init__(self, settings: LdapSettings, people: list[Person], groups: list[Group], book: FindingBook) -> None:
        self._settings, self._people, self._book = settings, people, book
        self._classes = [group for group in groups if group.part.make == "classes"]
        self._cohorts = [group for group in groups if group.part.make == "cohorts"]
        self._with_classes = any(part.make == "classes" for part in settings.groups)
        self._ids = {person.key: person.sourced_id for person in people}
        schools = {name for person in people for name in person.schools}
        schools |= {name for group in self._classes for name in group.schools}
        fixed = [settings.school, *(part.school for part in settings.users), *(part.school for part in settings.groups)]
        self._orgs = orgs_of(schools, {school.name: school.id for school in fixed if school and school.id})
        self._session = settings.session or school_year(date.today())  # noqa: DTZ011 - the school's own day
        self.not_enrolled = 0

    def drafts(self) -> dict[str, Draft]:
        """The tables that a directory can give, all of them complete."""
        rows: dict[str, list[_Row]] = {"orgs": self._org_rows()}
        if self._with_classes:
            rows |= {"academicSessions": self._session_rows(), "courses": self._course_rows()}
            rows |= {"classes": self._class_rows()}
        rows |= {"users": self._user_rows(), "roles": self._role_rows()}
        if self._with_classes:
            rows |= {"enrollments": self._enrolment_rows()}
        return {name: self._draft(name, each) for name, each in rows.items()}

    def _draft(self, name: str, rows: list[_Row]) -> Draft:
        columns = list(dict.fromkeys(column for row in rows for column in row)) or ["sourcedId"]
        return draft_of(name, _VERSION, frame_of(rows, columns), name, self._book, complete=True)

    def _org_rows(self) -> list[_Row]:
        ids = {sourced_id: name for name, sourced_id in reversed(self._orgs.items())}
        return [{"sourcedId": sourced_id, "name": name, "type": "school"} for sourced_id, name in sorted(ids.items())]

    def _session_rows(self) -> list[_Row]:
        session = self._session
        return [
            {
                "sourcedId": _session_id(session),
                "title": session.title,
                "type": "schoolYear",
                "startDate": session.start.isoformat(),
                "endDate": session.end.isoformat(),
                "schoolYear": str(session.end.year),
            }
        ]

    def _org_of(self, schools: Sequence[str]) -> str | None:
        return self._orgs[schools[0]] if schools else None

    def _course_rows(self) -> list[_Row]:
        return [
            {
                "sourcedId": _course_id(group),
                "title": group.row.get("title"),
                "courseCode": group.row.get("classCode"),
                "grades": group.row.get("grades"),
                "subjects": group.row.get("subjects"),
                "subjectCodes": group.row.get("subjectCodes"),
                "orgSourcedId": self._org_of(group.schools),
                "schoolYearSourcedId": _session_id(self._session),
            }
            for group in self._classes
        ]

    def _class_rows(self) -> list[_Row]:
        return [
            {
                "classType": "scheduled",
                **group.row,
                "courseSourcedId": _course_id(group),
                "schoolSourcedId": self._org_of(group.schools),
                "termSourcedIds": _session_id(self._session),
            }
            for group in self._classes
        ]

    def _user_rows(self) -> list[_Row]:
        cohorts = self._cohort_cells()
        return [
            {
                **person.row,
                "agentSourcedIds": ",".join(found for key in person.agents if (found := self._ids.get(key))) or None,
                "primaryOrgSourcedId": self._org_of(person.schools),
                **cohorts.get(person.key, {}),
            }
            for person in self._people
        ]

    def _role_rows(self) -> list[_Row]:
        return [
            {
                "sourcedId": f"{person.sourced_id}:{org or ''}",
                "userSourcedId": person.sourced_id,
                "roleType": "secondary" if number else "primary",
                "role": person.role,
                "orgSourcedId": org,
            }
            for person in self._people
            if person.sourced_id
            for number, org in enumerate(dict.fromkeys(self._orgs[name] for name in person.schools) or [None])
        ]

    def _enrolment_rows(self) -> list[_Row]:
        roles = {person.key: person.role for person in self._people}
        rows: list[_Row] = []
        for group in self._classes:
            for key in group.members.people:
                role = _IN_CLASSES.get(roles.get(key, ""))
                if role is None:
                    self.not_enrolled += 1
                    continue
                rows.append(
                    {
                        "sourcedId": f"{group.row.get('sourcedId')}:{self._ids[key]}",
                        "classSourcedId": group.row.get("sourcedId"),
                        "schoolSourcedId": self._org_of(group.schools),
                        "userSourcedId": self._ids[key],
                        "role": role,
                    }
                )
        return rows

    def _cohort_cells(self) -> dict[str, _Row]:
        """For each person the columns of cohorts: `metadata.club`, `metadata.club.id`, `metadata.club.2` and so on."""
        cells: dict[str, _Row] = {person.key: {} for person in self._people}
        for part in dict.fromkeys(group.part.column for group in self._cohorts):
            groups = [group for group in self._cohorts if group.part.column == part]
            most = max(group.part.most for group in groups)
            held: dict[str, list[tuple[str, str]]] = {person.key: [] for person in self._people}
            for group in groups:
                for key in group.members.people:
                    if key in held:
                        held[key].append((group.row.get("title") or "", group.row.get("sourcedId") or ""))
            for key, places in held.items():
                cells[key] |= _cohort_columns(part, sorted(set(places)), most)
            self._note_beyond(part, sum(len(set(places)) > most for places in held.values()), most)
        return cells

    def _note_beyond(self, column: str, count: int, most: int) -> None:
        if count:
            message = f"People in more groups of column {column} than {most}: {count}."
            self._book.add("directory-cohorts-beyond", message, file="users", table="users", count=count)


def _cohort_columns(column: str, places: list[tuple[str, str]], most: int) -> _Row:
    row: _Row = {}
    for number in range(1, most + 1):
        name = f"metadata.{column}" if number == 1 else f"metadata.{column}.{number}"
        title, sourced_id = places[number - 1] if number <= len(places) else ("", "")
        row |= {name: title or None, f"{name}.id": sourced_id or None}
    return row


def _course_id(group: Group) -> str | None:
    sourced_id = group.row.get("sourcedId")
    return f"course:{sourced_id}" if sourced_id else None


def _session_id(session: Session) -> str:
    return f"year-{session.end.year}"


def school_year(day: date) -> Session:
    """The school year, from 1 August to 31 July, in which a day lies."""
    first = day.year if day.month >= 8 else day.year - 1
    return Session(title=f"{first}/{(first + 1) % 100:02}", start=date(first, 8, 1), end=date(first + 1, 7, 31))
