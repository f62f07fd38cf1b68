"""Groups and groupings of courses."""

from collections.abc import Mapping, Sequence
from typing import cast

import polars as pl

from matricula.moodle import Group, GroupUpdate, Moodle, NewGroup
from matricula.planning.change import Change
from matricula.planning.containers import Container, course_of, recognised
from matricula.planning.entity import Fields, Row
from matricula.planning.ground import Ground
from matricula.planning.members import GroupingMembers, GroupMembers
from matricula.planning.standing import groupings_there, groups_there, in_courses
from matricula.planning.step import Result, Step
from matricula.profiles.moodle_fields import Write


class Groups(Container):
    """Groups in courses."""

    kind = "group"
    stamps = ("group",)
    table = "classes"
    places = GroupMembers()
    steps = (
        Step("delete groups", "core_group_delete_groups", frozenset({"delete"}), alone=True),
        Step("create groups", "core_group_create_groups", frozenset({"create"}), alone=True),
        Step("update groups", "core_group_update_groups", frozenset({"match", "update"}), alone=True),
    )

    def look(self, ground: Ground, fresh: pl.DataFrame) -> dict[str, int]:
        """Groups with the ID number or name in the same course."""
        held = in_courses(ground, ground.ids("course", fresh["course"]), ground.moodle.groups.of_courses)
        return recognised(fresh.rows(named=True), _rows(held))

    def standing(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, tuple[int, Fields]]:
        """Groups with their names and ID numbers."""
        there = groups_there(ground, {key: number for key, number in records if number is not None})
        return {key: (group.id, {"name": group.name, "idnumber": group.idnumber}) for key, group in there.items()}

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_group_create_groups` or `core_group_update_groups`, or the id."""
        del ground, step
        if change.action == "delete":
            return {"id": change.moodle_id}
        fields = {"name": change.written["name"], "idnumber": change.written["idnumber"]}
        if change.action != "create":
            return {"id": change.moodle_id} | fields
        return {"courseid": ids["course"][course_of(change.key)], "description": ""} | fields

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Create, update or delete groups."""
        delete, create, _ = self.steps
        if step is create:
            return [Result(moodle_id=made.id) for made in moodle.groups.create(cast("list[NewGroup]", rows))]
        if step is delete:
            moodle.groups.delete([row["id"] for row in rows])
        else:
            moodle.groups.update(cast("list[GroupUpdate]", rows))
        return [Result(moodle_id=row["id"]) for row in rows]

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Groups of the course with the very name and ID number."""
        courses = ground.ids("course", {course_of(change.key) for change in changes})
        held = in_courses(ground, courses, ground.moodle.groups.of_courses)
        there = {(course, name, number): found for course, found, name, number in _rows(held)}
        told = {
            change.number: (course_of(change.key), change.after["name"], change.after["idnumber"]) for change in changes
        }
        return {number: there[each] for number, each in told.items() if each in there}


class Groupings(Container):
    """Groupings in courses. Two whose names differ in case alone are one, so its name is set once."""

    kind = "grouping"
    stamps = ("grouping",)
    table = "classes"
    places = GroupingMembers()
    steps = (
        Step("delete groupings", "core_group_delete_groupings", frozenset({"delete"}), alone=True),
        Step("create groupings", "core_group_create_groupings", frozenset({"create"}), alone=True),
    )

    def writes(self, ground: Ground) -> Mapping[str, Write]:
        """A name is set once."""
        del ground
        return {"name": "create-only"}

    def look(self, ground: Ground, fresh: pl.DataFrame) -> dict[str, int]:
        """Groupings with the name in the same course."""
        held = in_courses(ground, ground.ids("course", fresh["course"]), ground.moodle.groups.groupings_of_courses)
        return recognised(fresh.rows(named=True), _rows(held))

    def standing(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, tuple[int, Fields]]:
        """Groupings with their names."""
        there = groupings_there(ground, {key: number for key, number in records if number is not None})
        return {key: (found.id, {"name": found.name}) for key, found in there.items()}

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_group_create_groupings`, or the id."""
        del ground, step
        if change.action == "delete":
            return {"id": change.moodle_id}
        return {"courseid": ids["course"][course_of(change.key)], "name": change.after["name"], "description": ""}

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Create or delete groupings."""
        if step is self.steps[0]:
            moodle.groups.delete_groupings([row["id"] for row in rows])
            return [Result(moodle_id=row["id"]) for row in rows]
        return [Result(moodle_id=made.id) for made in moodle.groups.create_groupings(cast("list[NewGroup]", rows))]

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Groupings of the course with the very name."""
        courses = ground.ids("course", {course_of(change.key) for change in changes})
        held = in_courses(ground, courses, ground.moodle.groups.groupings_of_courses)
        there = {(course, name): found for course, found, name, _ in _rows(held)}
        told = {change.number: (course_of(change.key), change.after["name"]) for change in changes}
        return {number: there[each] for number, each in told.items() if each in there}


def _rows(held: Mapping[str, list[Group]]) -> list[tuple[str, int, str, str]]:
    """Course key, id, name and ID number of each."""
    return [(course, found.id, found.name, found.idnumber) for course, groups in held.items() for found in groups]
