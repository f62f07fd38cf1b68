"""Groups and groupings of courses.

Name and idnumber of a group are unique within its course, and only people enrolled in the course can be members.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Required, TypedDict

from matricula.moodle.family import Family, in_parts, linked
from matricula.moodle.shapes import Record, each_answered, number, numbers, records, text

_CREATE = "core_group_create_groups"
_UPDATE = "core_group_update_groups"
_DELETE = "core_group_delete_groups"
_OF_COURSE = "core_group_get_course_groups"
_MEMBERS = "core_group_get_group_members"
_ADD = "core_group_add_group_members"
_REMOVE = "core_group_delete_group_members"
_CREATE_GROUPINGS = "core_group_create_groupings"
_DELETE_GROUPINGS = "core_group_delete_groupings"
_GROUPINGS_OF_COURSE = "core_group_get_course_groupings"
_GROUPINGS = "core_group_get_groupings"
_ASSIGN = "core_group_assign_grouping"
_UNASSIGN = "core_group_unassign_grouping"
_COLUMNS = ("id", "courseid", "name", "idnumber", "description")


class NewGroup(TypedDict, total=False):
    """A group or grouping to be made; Moodle wants a description, which may be empty."""

    courseid: Required[int]
    name: Required[str]
    description: Required[str]
    idnumber: str


class GroupUpdate(TypedDict, total=False):
    """Changes of a group; Moodle wants its name each time."""

    id: Required[int]
    name: Required[str]
    description: str
    idnumber: str


class Membership(TypedDict):
    """Somebody's membership in a group."""

    groupid: int
    userid: int


class Placement(TypedDict):
    """A group's place in a grouping."""

    groupingid: int
    groupid: int


@dataclass(frozen=True, slots=True)
class Group:
    """A group or a grouping of a course."""

    id: int
    course_id: int
    name: str
    idnumber: str
    description: str


class Groups(Family):
    """Calls about groups. Every writing call is one batch, all or none, and raises as `Moodle.call` does."""

    def of_course(self, course_id: int) -> list[Group]:
        """Groups of a course (`core_group_get_course_groups`), in no promised order.

        Raises:
            Refused: there is no such course.
        """
        return self.of_courses([course_id])[course_id]

    def of_courses(self, course_ids: Iterable[int]) -> dict[int, list[Group]]:
        """Groups of many courses by course; raises as `of_course`."""
        return self._of_courses("group", _OF_COURSE, course_ids)

    def members(self, group_ids: Iterable[int]) -> dict[int, set[int]]:
        """User ids by group id (`core_group_get_group_members`); a group that is not there refuses the call."""
        found: dict[int, set[int]] = {}
        if self._moodle.plugin.there:
            found, group_ids = linked(self._moodle, "group", "group-member", "groupid", "userid", group_ids)

        def read(part: Sequence[int]) -> list[Record]:
            return records(self._moodle.read(_MEMBERS, {"groupids": part}), _MEMBERS)

        rows = in_parts(self._moodle, group_ids, read)
        return found | {number(row, "groupid", _MEMBERS): set(numbers(row, "userids", _MEMBERS)) for row in rows}

    def create(self, rows: Sequence[NewGroup]) -> list[Group]:
        """Makes groups (`core_group_create_groups`)."""
        return self._create(_CREATE, "groups", rows)

    def update(self, rows: Sequence[GroupUpdate]) -> None:
        """Changes groups (`core_group_update_groups`)."""
        if rows:
            self._moodle.write(_UPDATE, {"groups": rows})

    def delete(self, ids: Sequence[int]) -> None:
        """Deletes groups (`core_group_delete_groups`); their members stay enrolled. Missing ones are no error."""
        if ids:
            self._moodle.write(_DELETE, {"groupids": ids})

    def add_members(self, rows: Sequence[Membership]) -> None:
        """Puts people into groups (`core_group_add_group_members`); members already are no error."""
        if rows:
            self._moodle.write(_ADD, {"members": rows})

    def remove_members(self, rows: Sequence[Membership]) -> None:
        """Takes people out of groups (`core_group_delete_group_members`); others than members are no error."""
        if rows:
            self._moodle.write(_REMOVE, {"members": rows})

    def groupings_of_course(self, course_id: int) -> list[Group]:
        """Groupings of a course (`core_group_get_course_groupings`), as `of_course`."""
        return self.groupings_of_courses([course_id])[course_id]

    def groupings_of_courses(self, course_ids: Iterable[int]) -> dict[int, list[Group]]:
        """Groupings of many courses by course; raises as `of_course`."""
        return self._of_courses("grouping", _GROUPINGS_OF_COURSE, course_ids)

    def of_groupings(self, grouping_ids: Iterable[int]) -> dict[int, set[int]]:
        """Group ids by grouping id (`core_group_get_groupings`); a grouping that is not there refuses the call."""
        found: dict[int, set[int]] = {}
        if self._moodle.plugin.there:
            found, grouping_ids = linked(
                self._moodle, "grouping", "grouping-member", "groupingid", "groupid", grouping_ids
            )

        def read(part: Sequence[int]) -> list[Record]:
            return records(self._moodle.read(_GROUPINGS, {"groupingids": part, "returngroups": True}), _GROUPINGS)

        return found | {
            number(row, "id", _GROUPINGS): {
                number(group, "id", _GROUPINGS) for group in records(row.get("groups", []), _GROUPINGS)
            }
            for row in in_parts(self._moodle, grouping_ids, read, other=1)
        }

    def create_groupings(self, rows: Sequence[NewGroup]) -> list[Group]:
        """Makes groupings (`core_group_create_groupings`)."""
        return self._create(_CREATE_GROUPINGS, "groupings", rows)

    def delete_groupings(self, ids: Sequence[int]) -> None:
        """Deletes groupings (`core_group_delete_groupings`); their groups stay."""
        if ids:
            self._moodle.write(_DELETE_GROUPINGS, {"groupingids": ids})

    def assign(self, rows: Sequence[Placement]) -> None:
        """Puts groups into groupings (`core_group_assign_grouping`)."""
        if rows:
            self._moodle.write(_ASSIGN, {"assignments": rows})

    def unassign(self, rows: Sequence[Placement]) -> None:
        """Takes groups out of groupings (`core_group_unassign_grouping`)."""
        if rows:
            self._moodle.write(_UNASSIGN, {"unassignments": rows})

    def _of_courses(
        self, kind: Literal["group", "grouping"], function: str, course_ids: Iterable[int]
    ) -> dict[int, list[Group]]:
        wanted = list(dict.fromkeys(course_ids))
        found: dict[int, list[Group]] = {course: [] for course in wanted}
        plugin = self._moodle.plugin
        if plugin.there:
            for row in plugin.snapshot(kind, _COLUMNS, {"courseid": wanted}).rows(named=True):
                found[row["courseid"]].append(_group(row, function, wrote=False))
            # One that has none may not be there at all: then Moodle says so in its own words.
            wanted = plugin.missing("course", [course for course, groups in found.items() if not groups])
        read = self._moodle.in_parallel([partial(self._of_one, function, course) for course in wanted])
        return found | dict(zip(wanted, read, strict=True))

    def _of_one(self, function: str, course_id: int) -> list[Group]:
        return _groups(self._moodle.read(function, {"courseid": course_id}), function)

    def _create(self, function: str, key: str, rows: Sequence[NewGroup]) -> list[Group]:
        if not rows:
            return []
        made = _groups(self._moodle.write(function, {key: rows}), function, wrote=True)
        each_answered(rows, made, function)
        return made


def _groups(value: object, function: str, *, wrote: bool = False) -> list[Group]:
    return [_group(row, function, wrote=wrote) for row in records(value, function, wrote=wrote)]


def _group(row: Record, function: str, *, wrote: bool) -> Group:
    return Group(
        id=number(row, "id", function, wrote=wrote),
        course_id=number(row, "courseid", function, wrote=wrote),
        name=text(row, "name"),
        idnumber=text(row, "idnumber"),
        description=text(row, "description"),
    )
