# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Courses as they stand: their order, formats, sections, and what goes with them when they go."""

from typing import Any

from matricula.sandbox.access import COURSE, Place, context_id
from matricula.sandbox.functions.enrolment_state import add_methods
from matricula.sandbox.state import Row, State

WEEK = 7 * 24 * 3600

FORMAT_OPTIONS: dict[str, dict[str, int | str]] = {
    "topics": {"hiddensections": 1, "coursedisplay": 0},
    "weeks": {"hiddensections": 1, "coursedisplay": 0, "automaticenddate": 1},
    "social": {"numdiscussions": 10},
    "site": {"numsections": 1},
    "singleactivity": {"activitytype": "forum"},
}
"""By course format: its options and what they are unless said otherwise."""


def format_of(course: Row) -> str:
    """The format that is really used: an unknown one behaves as topics."""
    name = str(course["format"])
    return name if name in FORMAT_OPTIONS else "topics"


def format_options(state: State, course: Row) -> dict[str, int | str]:
    """The course's format options, in Moodle's order."""
    name = format_of(course)
    rows = state.all("SELECT name, value FROM course_option WHERE courseid = ? AND format = ?", course["id"], name)
    return FORMAT_OPTIONS[name] | {row["name"]: row["value"] for row in rows}


def set_format_options(state: State, course: Row, wanted: dict[str, Any]) -> None:
    """Stores those of the wanted options that the course's format has."""
    name = format_of(course)
    for option in FORMAT_OPTIONS[name].keys() & wanted.keys():
        value = str(wanted[option])
        number = int(value) if value.lstrip("-").isdecimal() else 0
        state.run(
            "INSERT OR REPLACE INTO course_option VALUES (?, ?, ?, ?)",
            course["id"],
            name,
            option,
            value if option == "activitytype" else number,
        )


def set_custom_fields(state: State, course: int, fields: list[Row]) -> None:
    """Stores custom fields by short name; those that the site does not have are passed over without a word."""
    for field in fields:
        number = state.value("SELECT id FROM course_field WHERE shortname = ?", field["shortname"])
        if number is not None:
            state.run("INSERT OR REPLACE INTO course_data VALUES (?, ?, ?)", course, number, field["value"])


def custom_fields(state: State, course: int) -> list[Row]:
    """All custom fields of the site with what a course holds in them (``export_instance_data``)."""
    rows = state.all(
        "SELECT f.*, d.data FROM course_field f LEFT JOIN course_data d ON d.fieldid = f.id AND d.courseid = ?"
        " ORDER BY f.id",
        course,
    )
    return [{"name": row["name"], "shortname": row["shortname"], "type": row["datatype"], **_held(row)} for row in rows]


def _held(field: Row) -> Row:
    """A value as it is kept and as it is shown; a menu keeps the number of a choice, from 1."""
    if field["datatype"] != "select":
        return {"valueraw": field["data"] or "", "value": field["data"] or None}
    chosen = int(field["data"]) if (field["data"] or "").isdecimal() else 0
    choices = field["choices"].split("\n")
    return {"valueraw": chosen, "value": choices[chosen - 1] if 0 < chosen <= len(choices) else None}


def last_section(state: State, course: int) -> int:
    """The number of the course's last section; a course without any has 0."""
    return int(state.value("SELECT COALESCE(MAX(section), 0) FROM course_sections WHERE course = ?", course))


def follow_weeks(state: State, course: int) -> None:
    """Lets the end date of a weekly course follow its number of sections (``format_weeks``)."""
    row = state.record("course", course)
    if format_of(row) == "weeks" and format_options(state, row)["automaticenddate"]:
        weeks = max(1, last_section(state, course))
        state.update("course", course, enddate=row["startdate"] + weeks * WEEK)


def add_course(state: State, record: Row, options: dict[str, Any], sections: int) -> int:
    """Creates a course with its enrolment methods and sections, first in its category.

    Parameters:
        record: its columns.
        options: format options, among other things.
        sections: how many sections follow the general one.
    """
    key = state.insert("course", **record, place=0)
    course = record | {"id": key}
    set_format_options(state, course, options)
    for number in range(min(sections, 1000) + 1):
        state.insert("course_sections", course=key, section=number)
    add_methods(state, key)
    follow_weeks(state, key)
    return key


_FORUMS = {"topics": "Announcements", "weeks": "Announcements", "social": "Social forum"}


def ensure_forum(state: State, course: int) -> None:
    """Gives a course that shows news the forum they are in (``mod_forum_observer``)."""
    row = state.record("course", course)
    name = _FORUMS.get(format_of(row))
    if name is None or not row["newsitems"]:
        return
    if state.value("SELECT 1 FROM course_modules WHERE course = ? AND module = 'forum'", course):
        return
    number = 1 + int(state.value("SELECT COALESCE(MAX(id), 0) FROM activity WHERE module = 'forum'"))
    state.run(
        "INSERT INTO activity (module, id, course, name, grade, timemodified) VALUES ('forum', ?, ?, ?, 0, ?)",
        number,
        course,
        name,
        state.now(),
    )
    state.insert("course_modules", course=course, module="forum", instance=number, section=0, added=state.now())


def arrange_courses(state: State, category: int) -> None:
    """Numbers the courses of a category from 1, new ones first (``fix_course_sortorder``)."""
    state.run(
        "UPDATE course SET place = sorted.number FROM (SELECT id AS course, ROW_NUMBER() OVER"
        " (ORDER BY place, id DESC) AS number FROM course WHERE category = ?) AS sorted"
        " WHERE course.id = sorted.course AND course.place <> sorted.number",
        category,
    )


def delete_course(state: State, course: int) -> None:
    """Removes a course and everything in it."""
    context = context_id(state, Place(COURSE, course))
    inside = {
        "user_enrolments": "enrolid IN (SELECT id FROM enrol WHERE courseid = ?)",
        "groups_members": "groupid IN (SELECT id FROM groups WHERE courseid = ?)",
        "groupings_groups": "groupingid IN (SELECT id FROM groupings WHERE courseid = ?)",
        "grade_grades": "itemid IN (SELECT id FROM grade_items WHERE courseid = ?)",
        "assign_grades": "assignment IN (SELECT id FROM activity WHERE module = 'assign' AND course = ?)",
        "assign_submission": "assignment IN (SELECT id FROM activity WHERE module = 'assign' AND course = ?)",
        "enrol": "courseid = ?",
        "groups": "courseid = ?",
        "groupings": "courseid = ?",
        "grade_items": "courseid = ?",
        "grade_categories": "courseid = ?",
        "activity": "course = ?",
        "course_modules": "course = ?",
        "course_sections": "course = ?",
        "course_option": "courseid = ?",
        "course_data": "courseid = ?",
        "course": "id = ?",
    }
    for table, condition in inside.items():
        state.run(f"DELETE FROM {table} WHERE {condition}", course)
    state.run("DELETE FROM enrol WHERE enrol = 'meta' AND customint1 = ?", course)
    state.run("DELETE FROM role_assignments WHERE contextid = ?", context)
    state.run("DELETE FROM context WHERE id = ?", context)
