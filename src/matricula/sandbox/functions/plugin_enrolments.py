"""Enrolments by the plugin local_matricula: by a method of its own or by hand, each row with its outcome."""

from typing import Any

from matricula.sandbox.access import COURSE, Place, context_id
from matricula.sandbox.functions.enrolment_state import ACTIVE, SUSPENDED, enrol, own_method, unenrol
from matricula.sandbox.plugin_rows import ROWS, NotDone, course_of, has_plugin, outcomes, user_of
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row

OWN, MANUAL = "matricula", "manual"


@function("local_matricula_enrol", takes=ROWS)
def enrol_rows(call: Call, rows: str) -> dict[str, str]:
    """Makes enrolments or brings them to what is said; nobody is mailed."""
    return outcomes(call, rows, _enrol)


def _enrol(call: Call, row: Row) -> Row:
    user, course = user_of(call, row), course_of(call, row)
    name, role, wanted = _named(row), int(row.get("roleid") or 0), row.get("id")
    if not has_plugin(call, f"enrol_{name}"):
        raise NotDone("noplugin" if name == OWN else "noinstance")
    method = own_method(call.state, course) if name == OWN else _method(call, course, MANUAL)
    if method is None or method["status"] != ACTIVE:
        raise NotDone("noinstance")
    if role and role not in call.access.assignable_roles(Place(COURSE, course)):
        raise NotDone("norole")
    if wanted and wanted != _enrolment(call, method, user):
        raise NotDone("other")
    start, end = int(row.get("timestart") or 0), int(row.get("timeend") or 0)
    if end and end < start:
        raise NotDone("failed", "The enrolment would end before it begins.")
    status = SUSPENDED if row.get("suspended") else ACTIVE
    enrol(call.state, method, user, role=role, start=start, end=end, status=status)
    return {"id": _enrolment(call, method, user)}


def _named(row: Row) -> str:
    name = row.get("method", OWN)
    if name not in (OWN, MANUAL):
        raise NotDone("failed", "“method” must be matricula or manual.")
    return str(name)


def _method(call: Call, course: int, name: str) -> Row | None:
    return call.state.one("SELECT * FROM enrol WHERE courseid = ? AND enrol = ? ORDER BY status, id", course, name)


def _enrolment(call: Call, method: Row, user: int) -> int | None:
    sql = "SELECT id FROM user_enrolments WHERE enrolid = ? AND userid = ?"
    found: int | None = call.state.value(sql, method["id"], user)
    return found


@function("local_matricula_unenrol", takes=ROWS)
def unenrol_rows(call: Call, rows: str) -> dict[str, str]:
    """Ends enrolments of one method; who is not enrolled by it is done."""
    return outcomes(call, rows, _unenrol)


def _unenrol(call: Call, row: Row) -> Row:
    name, wanted = _named(row), row.get("id")
    method = _method(call, int(row["courseid"]), name)
    held = method and _enrolment(call, method, int(row["userid"]))
    if not method or not held:
        return {"id": None}
    if wanted and wanted != held:
        raise NotDone("other")
    unenrol(call.state, method, int(row["userid"]))
    return {"id": held}


@function("local_matricula_take_roles", takes=ROWS)
def take_roles(call: Call, rows: str) -> dict[str, str]:
    """Takes roles away that were given in a course by hand or by the own method."""
    return outcomes(call, rows, _take_role)


def _take_role(call: Call, row: Row) -> Row:
    here, role = Place(COURSE, int(row["courseid"])), int(row["roleid"])
    found = call.state.all(
        "SELECT ra.id FROM role_assignments ra JOIN context c ON c.id = ra.contextid WHERE c.level = ?"
        " AND c.instanceid = ? AND ra.userid = ? AND ra.roleid = ? AND ra.component IN ('', 'enrol_matricula')",
        here.level,
        here.instance,
        int(row["userid"]),
        role,
    )
    if found and role not in call.access.assignable_roles(here):
        raise NotDone("norole")
    for each in found:
        call.state.run("DELETE FROM role_assignments WHERE id = ?", each["id"])
    return {"id": found[0]["id"] if found else None}


@function("local_matricula_move_enrolments", takes=f"{ROWS}, preview: bool=0")
def move_enrolments(call: Call, rows: str, *, preview: bool) -> dict[str, str]:
    """Moves enrolments by hand to the own method, in place."""
    return outcomes(call, rows, lambda call, row: _move(call, row, preview=preview))


def _move(call: Call, row: Row, *, preview: bool) -> Row:
    if not has_plugin(call, "enrol_matricula"):
        raise NotDone("noplugin")
    user, course, state = user_of(call, row), course_of(call, row), call.state
    own, manual = _method(call, course, OWN), _method(call, course, MANUAL)
    told: dict[str, Any] = {"grades": _grades(call, course, user)}
    already = own and _enrolment(call, own, user)
    if already:
        return {"id": already, "from": OWN, **told}
    key = manual and _enrolment(call, manual, user)
    if not key:
        raise NotDone("notmanual")
    if not preview:
        method = own_method(state, course)
        if method["status"] != ACTIVE:
            raise NotDone("noinstance")
        target = method["id"]
        state.update("user_enrolments", int(key), enrolid=target)
        state.run(
            "UPDATE OR REPLACE role_assignments SET component = 'enrol_matricula', itemid = ?"
            " WHERE contextid = ? AND userid = ? AND component = ''",
            target,
            context_id(state, Place(COURSE, course)),
            user,
        )
    return {"id": key, "from": MANUAL, **told}


def _grades(call: Call, course: int, user: int) -> int:
    sql = (
        "SELECT COUNT(*) FROM grade_grades g JOIN grade_items i ON i.id = g.itemid"
        " WHERE i.courseid = ? AND g.userid = ? AND g.finalgrade IS NOT NULL"
        " AND i.itemtype IN ('mod', 'manual')"
    )
    return int(call.state.value(sql, course, user))
