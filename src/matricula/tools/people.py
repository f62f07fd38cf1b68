"""Who of a Moodle course goes to a tool."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from matricula.moodle import Moodle

_FIELDS = ("id", "firstname", "lastname", "email", "idnumber", "roles")


@dataclass(frozen=True)
class LocalPerson:
    """Somebody in a course of Moodle who has one of the roles wanted.

    Args:
        user: the account's id.
        email: the address; empty where there is none, or it is hidden.
        given: first name.
        family: last name.
        number: the account's ID number.
        section: the name of the group; empty where they are in none.
        suspended: whether the account is suspended, or no enrolment of theirs in the course is active now.
    """

    user: int
    email: str
    given: str
    family: str
    number: str = ""
    section: str = ""
    suspended: bool = False

    @property
    def name(self) -> str:
        """The name, for people."""
        return f"{self.given} {self.family}".strip() or f"account {self.user}"


def people_of(moodle: Moodle, course: int, roles: Collection[str]) -> list[LocalPerson]:
    """Read who of a course goes to a tool; nothing is written.

    No call of Moodle tells when somebody joined a group, so the section of somebody in several is the group that was
    made first.

    Args:
        moodle: the site.
        course: the course's id.
        roles: short names of the roles wanted.

    Raises:
        MoodleError: one of the tree; `Refused` where there is no such course.
    """
    enrolled = [
        each
        for each in moodle.enrolments.of_course(course, fields=_FIELDS)
        if any(role.shortname in roles for role in each.roles)
    ]
    if not enrolled:
        return []
    inactive = {each.id for each in moodle.enrolments.of_course(course, only="suspended", fields=("id",))}
    accounts = {each.id: each for each in moodle.users.find("id", (each.id for each in enrolled))}
    inactive |= {user for user, account in accounts.items() if account.suspended}
    sections = _sections(moodle, course)
    return [
        LocalPerson(
            each.id,
            (each.email or (accounts[each.id].email if each.id in accounts else "")).strip(),
            each.firstname.strip(),
            each.lastname.strip(),
            (each.idnumber or (accounts[each.id].idnumber if each.id in accounts else "")).strip(),
            sections.get(each.id, ""),
            each.id in inactive,
        )
        for each in enrolled
    ]


def _sections(moodle: Moodle, course: int) -> dict[int, str]:
    groups = sorted(moodle.groups.of_course(course), key=lambda each: each.id)
    members = moodle.groups.members([each.id for each in groups]) if groups else {}
    found: dict[int, str] = {}
    for group in groups:
        _first(found, members.get(group.id, ()), group.name.strip())
    return found


def _first(found: dict[int, str], members: Iterable[int], name: str) -> None:
    for member in members:
        found.setdefault(member, name)
