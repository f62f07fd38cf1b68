"""Who is in which course.

Traps that these calls respect: Moodle tells neither the status nor the method of an enrolment, so the suspended
ones are asked for separately; enrolling again without dates erases the dates that were there; and a method's
last enrolment ending deletes the person's grades in that course.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple, Required, TypedDict

from matricula.moodle.family import Family
from matricula.moodle.shapes import Record, flag, number, records, text

_READ = "core_enrol_get_enrolled_users"
_ENROL = "enrol_manual_enrol_users"
_UNENROL = "enrol_manual_unenrol_users"
_METHODS = "core_enrol_get_course_enrolment_methods"


class Enrolment(TypedDict, total=False):
    """A manual enrolment with one role.

    `timestart` and `timeend` are Unix times in seconds; left out they become 0 (no limit) and erase what was
    there before. `suspend` true suspends, false or left out makes active.
    """

    roleid: Required[int]
    userid: Required[int]
    courseid: Required[int]
    timestart: int
    timeend: int
    suspend: bool


class Unenrolment(TypedDict):
    """A manual enrolment to be ended, whatever its roles."""

    userid: int
    courseid: int


class CourseRole(NamedTuple):
    """A role that somebody has in a course."""

    id: int
    shortname: str


@dataclass(frozen=True, slots=True)
class EnrolledUser:
    """Somebody enrolled in a course; texts are empty where they were not asked for or are hidden."""

    id: int
    username: str
    firstname: str
    lastname: str
    email: str
    idnumber: str
    roles: tuple[CourseRole, ...]


class CourseEnrolment(NamedTuple):
    """That somebody is in a course, by whatever method.

    Args:
        suspended: no enrolment of this person in the course is active now. That is so for suspended ones, for
            those whose dates lie in the past or future, and for those of a disabled method.
    """

    course_id: int
    user_id: int
    roles: tuple[CourseRole, ...]
    suspended: bool


@dataclass(frozen=True, slots=True)
class Method:
    """An enrolment method that offers something to learners; manual enrolment never shows up here."""

    id: int
    type: str
    name: str
    enabled: bool


class Enrolments(Family):
    """Calls about enrolments."""

    def of_course(
        self,
        course_id: int,
        *,
        only: Literal["active", "suspended"] | None = None,
        fields: Sequence[str] = ("id", "username", "roles"),
    ) -> list[EnrolledUser]:
        """Who is enrolled in a course, by any method (`core_enrol_get_enrolled_users`).

        Args:
            course_id: course.
            only: `active` or `suspended` enrolments; see `CourseEnrolment` for what counts as suspended.
            fields: what to ask for; fewer fields are quicker.

        Raises:
            Refused: there is no such course, or the token's user may not enter it.
            AccessRefused: the token's user may not see participants.
            MoodleError: one of the tree.
        """
        options: list[dict[str, Any]] = [{"name": "userfields", "value": ",".join(fields)}]
        if only:
            options.append({"name": f"only{only}", "value": 1})
        answer = self._moodle.read(_READ, {"courseid": course_id, "options": options})
        return [_enrolled(row) for row in records(answer, _READ)]

    def of_courses(self, course_ids: Iterable[int]) -> list[CourseEnrolment]:
        """Every enrolment of many courses with roles and status, read in parallel, two calls a course.

        Raises:
            MoodleError: as `of_course`; the first one ends the reading.
        """
        wanted = list(dict.fromkeys(course_ids))
        found = self._moodle.in_parallel([partial(self._of_one, course_id) for course_id in wanted])
        return [enrolment for part in found for enrolment in part]

    def enrol(self, rows: Sequence[Enrolment]) -> None:
        """Enrols, or changes status and dates of those enrolled, in one call (`enrol_manual_enrol_users`).

        All or none. A role is added; roles that a person has already stay.

        Args:
            rows: one batch that fits into a call and shares no user with another call under way;
                `matricula.moodle.lanes` makes such batches.

        Raises:
            Refused: at least one row is wrong (missing user or course, no manual enrolment method, role not
                assignable), or the database took the batch back; nothing was written.
            MoodleError: one of the tree.
        """
        if rows:
            self._moodle.write(_ENROL, {"enrolments": rows})

    def unenrol(self, rows: Sequence[Unenrolment]) -> None:
        """Ends manual enrolments in one call, all or none (`enrol_manual_unenrol_users`).

        Where it is the person's last enrolment in the course, grades and group memberships there are deleted
        and do not come back. Somebody who is not enrolled is no error.

        Raises:
            Refused: a user or course is missing, or a course has no manual method; nothing was written.
            MoodleError: one of the tree.
        """
        if rows:
            self._moodle.write(_UNENROL, {"enrolments": rows})

    def methods(self, course_id: int) -> list[Method]:
        """Methods by which learners may enrol themselves (`core_enrol_get_course_enrolment_methods`)."""
        answer = self._moodle.read(_METHODS, {"courseid": course_id})
        return [
            Method(number(row, "id", _METHODS), text(row, "type"), text(row, "name"), flag(row, "status"))
            for row in records(answer, _METHODS)
        ]

    def _of_one(self, course_id: int) -> list[CourseEnrolment]:
        everybody = self.of_course(course_id, fields=("id", "roles"))
        if not everybody:
            return []
        suspended = {user.id for user in self.of_course(course_id, only="suspended", fields=("id",))}
        return [CourseEnrolment(course_id, user.id, user.roles, user.id in suspended) for user in everybody]


def _enrolled(row: Record) -> EnrolledUser:
    roles = records(row["roles"], _READ) if "roles" in row else []
    return EnrolledUser(
        id=number(row, "id", _READ),
        username=text(row, "username"),
        firstname=text(row, "firstname"),
        lastname=text(row, "lastname"),
        email=text(row, "email"),
        idnumber=text(row, "idnumber"),
        roles=tuple(CourseRole(number(role, "roleid", _READ), text(role, "shortname")) for role in roles),
    )
