"""Groupings: groups of groups within a course (``group/externallib.php``)."""

from typing import Any

from matricula.sandbox.functions.groups import check_number, manage_groups, name_taken, shown_group
from matricula.sandbox.refusals import invalid_parameter
from matricula.sandbox.registry import Call, function, plain_format
from matricula.sandbox.state import Row

_CUSTOM = "customfields: [{shortname: alphanumext, value: raw}]?"
_PAIRS = "[{groupingid: int, groupid: int}]"


@function(
    "core_group_create_groupings",
    takes=f"""groupings: [{{courseid: int, name: text, description: raw, descriptionformat: int=1,
        idnumber: raw?, {_CUSTOM}}}]""",
    whole=True,
)
def create_groupings(call: Call, groupings: list[Row]) -> list[dict[str, Any]]:
    """Creates groupings, all or none; name and number are unique in their course."""
    made = []
    for grouping in groupings:
        course, name = grouping["courseid"], grouping["name"]
        if not name.strip() or name_taken(call, "groupings", course, name):
            raise invalid_parameter()
        if call.course_place(course) is None:
            raise call.missing("course")
        manage_groups(call, course)
        number = grouping.get("idnumber", "").strip()
        check_number(call, "groupings", course, number, 0)
        record = {
            "courseid": course,
            "name": name.strip(),
            "description": grouping["description"],
            "descriptionformat": plain_format(grouping["descriptionformat"]),
            "idnumber": number,
        }
        made.append(record | {"id": call.state.insert("groupings", **record)})
    return made


@function(
    "core_group_update_groupings",
    takes=f"""groupings: [{{id: int, name: text, description: raw, descriptionformat: int=1,
        idnumber: raw?, {_CUSTOM}}}]""",
    whole=True,
)
def update_groupings(call: Call, groupings: list[Row]) -> None:
    """Changes groupings, all or none."""
    for grouping in groupings:
        if not grouping["name"].strip():
            raise invalid_parameter()
        old = call.state.one("SELECT * FROM groupings WHERE id = ?", grouping["id"])
        if old is None:
            raise invalid_parameter()
        renamed = grouping["name"] != old["name"]
        if renamed and name_taken(call, "groupings", old["courseid"], grouping["name"]):
            raise invalid_parameter()
        manage_groups(call, old["courseid"])
        changes = {
            "name": grouping["name"].strip(),
            "description": grouping["description"],
            "descriptionformat": plain_format(grouping["descriptionformat"]),
        }
        if "idnumber" in grouping:
            changes["idnumber"] = grouping["idnumber"].strip()
            check_number(call, "groupings", old["courseid"], changes["idnumber"], old["id"])
        call.state.update("groupings", old["id"], **changes)


@function("core_group_get_groupings", takes="groupingids: [int], returngroups: bool=0")
def get_groupings(call: Call, groupingids: list[int], returngroups: bool) -> list[dict[str, Any]]:  # noqa: FBT001
    """The groupings with the given ids, with their groups where asked for and there are any."""
    found = []
    for key in groupingids:
        grouping = call.state.record("groupings", key)
        manage_groups(call, grouping["courseid"])
        entry = _shown(call, grouping) | {"customfields": []}
        groups = _groups(call, key) if returngroups else []
        if groups:
            entry["groups"] = groups
        found.append(entry)
    return found


def _shown(call: Call, grouping: Row) -> dict[str, Any]:
    text, kind = call.text(grouping["description"], grouping["descriptionformat"])
    return {
        "id": grouping["id"],
        "courseid": grouping["courseid"],
        "name": grouping["name"],
        "description": text,
        "descriptionformat": kind,
        "idnumber": grouping["idnumber"],
    }


def _groups(call: Call, grouping: int) -> list[dict[str, Any]]:
    rows = call.state.all(
        "SELECT g.* FROM groups g JOIN groupings_groups gg ON gg.groupid = g.id WHERE gg.groupingid = ? ORDER BY g.id",
        grouping,
    )
    shown = [shown_group(call, row) | {"name": row["name"], "customfields": []} for row in rows]
    hidden = ("visibility", "participation")
    return [{name: value for name, value in entry.items() if name not in hidden} for entry in shown]


@function("core_group_get_course_groupings", takes="courseid: int")
def get_course_groupings(call: Call, courseid: int) -> list[dict[str, Any]]:
    """All groupings of a course."""
    if call.course_place(courseid) is None:
        raise call.missing("course")
    manage_groups(call, courseid)
    rows = call.state.all("SELECT * FROM groupings WHERE courseid = ? ORDER BY fold(name), id", courseid)
    return [_shown(call, row) for row in rows]


@function("core_group_delete_groupings", takes="groupingids: [int]", whole=True)
def delete_groupings(call: Call, groupingids: list[int]) -> None:
    """Removes groupings, not their groups; those that are not there are passed over."""
    for key in groupingids:
        grouping = call.state.one("SELECT * FROM groupings WHERE id = ?", key)
        if grouping is None:
            continue
        manage_groups(call, grouping["courseid"])
        call.state.run("DELETE FROM groupings_groups WHERE groupingid = ?", key)
        call.state.run("DELETE FROM groupings WHERE id = ?", key)


@function("core_group_assign_grouping", takes=f"assignments: {_PAIRS}", whole=True)
def assign_grouping(call: Call, assignments: list[Row]) -> None:
    """Puts groups into groupings, all or none; those that are in stay in."""
    for row in assignments:
        grouping, group = _both(call, row)
        sql = "SELECT 1 FROM groupings_groups WHERE groupingid = ? AND groupid = ?"
        if call.state.value(sql, grouping, group):
            continue
        manage_groups(call, call.state.record("groupings", grouping)["courseid"])
        call.state.insert("groupings_groups", groupingid=grouping, groupid=group)


@function("core_group_unassign_grouping", takes=f"unassignments: {_PAIRS}", whole=True)
def unassign_grouping(call: Call, unassignments: list[Row]) -> None:
    """Takes groups out of groupings, all or none; those that are not in are passed over."""
    for row in unassignments:
        grouping, group = _both(call, row)
        manage_groups(call, call.state.record("groupings", grouping)["courseid"])
        call.state.run("DELETE FROM groupings_groups WHERE groupingid = ? AND groupid = ?", grouping, group)


def _both(call: Call, row: Row) -> tuple[int, int]:
    grouping = call.state.record("groupings", row["groupingid"])["id"]
    return grouping, call.state.record("groups", row["groupid"])["id"]
