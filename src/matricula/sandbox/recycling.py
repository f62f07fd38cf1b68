# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""What happens to a Moodle behind its web services: courses restored from the recycle bin, sites from a backup."""

import sqlite3
from dataclasses import dataclass

from matricula.sandbox.access import COURSE, Place, context_id
from matricula.sandbox.refusals import refuse
from matricula.sandbox.state import Row, State


@dataclass(frozen=True)
class Recycled:
    """A deleted course as it lies in the recycle bin: rows by table."""

    rows: dict[str, list[Row]]


_INSIDE = {
    "course": "id = ?1",
    "enrol": "courseid = ?1 AND enrol <> 'meta'",
    "user_enrolments": "enrolid IN (SELECT id FROM enrol WHERE courseid = ?1 AND enrol <> 'meta')",
    "groups": "courseid = ?1",
    "groupings": "courseid = ?1",
    "groups_members": "groupid IN (SELECT id FROM groups WHERE courseid = ?1)",
    "groupings_groups": "groupingid IN (SELECT id FROM groupings WHERE courseid = ?1)",
    "role_assignments": "contextid = ?2 AND component = ''",
    "course_option": "courseid = ?1",
    "course_sections": "course = ?1",
}
#: Which columns hold an id that a restored course gets anew, and of what.
_POINTS_TO = {
    "courseid": "course",
    "course": "course",
    "enrolid": "enrol",
    "groupid": "groups",
    "groupingid": "groupings",
}


def recycle(state: State, course: int) -> Recycled:
    """Take a course down as it is before it is deleted, with its people and groups and without its contents."""
    context = context_id(state, Place(COURSE, course))
    queries = {table: f"SELECT * FROM {table} WHERE {condition}" for table, condition in _INSIDE.items()}
    return Recycled(
        {
            table: state.all(query, *((course, context) if "?2" in query else (course,)))
            for table, query in queries.items()
        }
    )


def restore_course(state: State, recycled: Recycled, *, beside: bool = False) -> int:
    """Restore a course from the recycle bin, or from a backup file.

    It gets new ids throughout. People whose accounts were deleted meanwhile are left out.

    Parameters:
        state: the site.
        recycled: the course.
        beside: whether it is restored from a file as a new course: its short name is numbered, and its ID number left
            out, where another course has them. The recycle bin refuses where the short name is taken.

    Returns:
        the id of the course.
    """
    (course,) = recycled.rows["course"]
    if not beside and state.value("SELECT 1 FROM course WHERE fold(shortname) = fold(?)", course["shortname"]):
        raise refuse("shortnametaken", a=course["fullname"])
    new: dict[tuple[str, int], int] = {}
    here = {row["id"] for row in state.all("SELECT id FROM user WHERE deleted = 0")}
    for table, rows in recycled.rows.items():
        for row in rows:
            if "userid" in row and row["userid"] not in here:
                continue
            values = {
                name: new.get((_POINTS_TO[name], value), value) if name in _POINTS_TO else value
                for name, value in row.items()
                if name != "id"
            }
            if table == "course":
                values |= _free_names(state, row)
            if table == "role_assignments":
                values["contextid"] = context_id(state, Place(COURSE, next(iter(new.values()))))
            if "id" in row:
                new[table, row["id"]] = state.insert(table, **values)
            else:
                names, marks = ", ".join(values), ", ".join("?" * len(values))
                state.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())
    return next(iter(new.values()))


def _free_names(state: State, course: Row) -> Row:
    def taken(column: str, value: str) -> bool:
        return state.value(f"SELECT 1 FROM course WHERE fold({column}) = fold(?)", value) is not None

    names = {"shortname": course["shortname"], "fullname": course["fullname"], "idnumber": course["idnumber"]}
    number = 0
    while taken("shortname", names["shortname"]):
        number += 1
        names["shortname"] = f"{course['shortname']}_{number}"
        names["fullname"] = f"{course['fullname']} copy {number}"
    if names["idnumber"] and taken("idnumber", names["idnumber"]):
        names["idnumber"] = ""
    return names


class Backup:
    """A backup of a whole site, to which it can go back. Ids are counted from where they stood then."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        with state.lock:
            state.copy_to(self._copy)

    def restore(self) -> None:
        """Make the site what it was."""
        with self._state.lock:
            self._state.copy_from(self._copy)
