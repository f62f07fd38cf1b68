"""Who is in which course.

Traps that these calls respect: Moodle tells neither the status nor the method of an enrolment, so the suspended
ones are asked for separately; enrolling again without dates erases the dates that were there; and a method's
last enrolment ending deletes the person's grades in that course.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple, Required, TypedDict

import polars as pl

from matricula.moodle.family import Family
from matricula.moodle.seen_enrolments import COLUMNS, SEEN, seen_enrolments
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


class OwnEnrolment(NamedTuple):
    """An enrolment by Matricula's own method (the plugin enrol_matricula).

    Args:
        id: the enrolment (`user_enrolments`).
        suspended: whether it is suspended.
        timestart, timeend: Unix times in seconds, 0 for no limit.
    """

    id: int
    suspended: bool
    timestart: int
    timeend: int


class CourseEnrolment(NamedTuple):
    """That somebody is in a course, by whatever method.

    Args:
        suspended: no enrolment of this person in the course is active now. That is so for suspended ones, for
            those whose dates lie in the past or future, and for those of a disabled method.
        own: the enrolment by Matricula's own method; None where there is none, or the site has no plugin that tells.
        methods: all methods by which the person is in the course, such as `manual` and `meta`; empty where the site
            has no plugin that tells.
    """

    course_id: int
    user_id: int
    roles: tuple[CourseRole, ...]
    suspended: bool
    own: OwnEnrolment | None = None
    methods: tuple[str, ...] = ()


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

        Where the site has the plugin, it is one call for all, which tells methods and own enrolments too.

        Raises:
            MoodleError: as `of_course`; the first one ends the reading.
        """
        wanted = list(dict.fromkeys(course_ids))
        if self._moodle.plugin.there:
            return self._of_courses_by_plugin(wanted)
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

    def _of_courses_by_plugin(self, wanted: Sequence[int]) -> list[CourseEnrolment]:
        plugin = self._moodle.plugin
        found = seen_enrolments(plugin.look("enrolment", COLUMNS, {"courseid": wanted})).collect()
        # A course without people may not be there at all: then Moodle says so in its own words.
        empty = set(wanted) - set(found["courseid"])
        for course in plugin.missing("course", [course for course in wanted if course in empty]):
            self.of_course(course, fields=("id",))
        place = pl.DataFrame({"courseid": wanted, "place": range(len(wanted))}, schema_overrides={"courseid": pl.Int64})
        ordered = found.join(place, on="courseid").sort("place", "userid")
        roles = {told: self._roles_of(told) for told in ordered["roles"].unique()}
        return [
            CourseEnrolment(
                row[0],
                row[1],
                roles[row[2]],
                row[3],
                None if row[5] is None else OwnEnrolment(*row[5:9]),
                tuple(row[4]),
            )
            for row in ordered.select(*SEEN).iter_rows()
        ]

    def _roles_of(self, told: str) -> tuple[CourseRole, ...]:
        """The roles that are told as ids, in the site's own order."""
        named = [(key, self._moodle.plugin.role_of(key)) for key in map(int, filter(None, told.split(",")))]
        order = {role.id: place for place, role in enumerate(self._moodle.plugin.about().roles)}
        sorted_ = sorted(named, key=lambda pair: order.get(pair[0], len(order)))
        return tuple(CourseRole(key, role.shortname if role else "") for key, role in sorted_)

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
        # A role that is held twice, by hand and by a method, is told twice.
        roles=tuple(
            dict.fromkeys(CourseRole(number(role, "roleid", _READ), text(role, "shortname")) for role in roles)
        ),
    )


def _role(row: Record) -> CourseRole:
    return CourseRole(number(row, "roleid", _READ), text(row, "shortname"))
