"""Courses by the plugin local_matricula: copies, links, synchronised cohorts, custom fields, welcome messages."""

from typing import Any

from matricula.sandbox.access import COURSE, Place
from matricula.sandbox.functions.copying import duplicate_course
from matricula.sandbox.functions.course_state import set_custom_fields
from matricula.sandbox.functions.enrolment_state import follow_cohort, unenrol
from matricula.sandbox.functions.enrolments import add_links, delete_links
from matricula.sandbox.plugin_rows import ROWS, NotDone, course_of, has_plugin, outcomes, packed, unpacked
from matricula.sandbox.refusals import invalid_parameter
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row

_COPIED = ("idnumber", "startdate", "enddate", "summary", "visible")


@function("local_matricula_copy_courses", takes=ROWS)
def copy_courses(call: Call, rows: str) -> dict[str, str]:
    """Makes courses from others, without people."""
    return outcomes(call, rows, _copy)


def _copy(call: Call, row: Row) -> Row:
    state, template = call.state, course_of(call, {"courseid": row["templateid"]})
    if not state.value("SELECT 1 FROM course_categories WHERE id = ?", int(row["categoryid"])):
        raise NotDone("nocategory")
    for column in ("shortname", "idnumber"):
        value = row.get(column) or ""
        if value and state.value(f"SELECT 1 FROM course WHERE fold({column}) = fold(?)", value):  # noqa: S608
            raise NotDone("taken", f"Another course has this {column}.")
    made = duplicate_course(
        call,
        template,
        str(row["fullname"]),
        str(row["shortname"]),
        int(row["categoryid"]),
        int(row.get("visible", True)),
        [{"name": "users", "value": "0"}],
    )
    key = int(made["id"])
    state.update("course", key, **{name: row[name] for name in _COPIED if row.get(name) is not None})
    _set_fields(call, key, row.get("customfields") or {})
    return {"id": key}


def _set_fields(call: Call, course: int, fields: dict[str, Any]) -> None:
    known = {row["shortname"]: row for row in call.state.all("SELECT * FROM course_field")}
    if not fields.keys() <= known.keys():
        raise NotDone("nofield")
    rows = [{"shortname": name, "value": _stored(known[name], str(each))} for name, each in fields.items()]
    set_custom_fields(call.state, course, rows)


def _stored(field: Row, text: str) -> str:
    """A value as it is kept: of a menu the place of the option, which may be named by its words."""
    if field["datatype"] != "select" or not text:
        return text
    options = field["choices"].split("\n")
    place = options.index(text) + 1 if text in options else int(text) if text.isdecimal() else 0
    if not 0 < place <= len(options):
        raise NotDone("badvalue")
    return str(place)


@function("local_matricula_save_course_fields", takes=ROWS)
def save_course_fields(call: Call, rows: str) -> dict[str, str]:
    """Writes custom fields of courses."""
    return outcomes(call, rows, _save_fields)


def _save_fields(call: Call, row: Row) -> Row:
    course = course_of(call, row)
    _set_fields(call, course, dict(row["fields"]))
    return {"id": course}


def _link(call: Call, row: Row) -> int | None:
    sql = "SELECT id FROM enrol WHERE enrol = 'meta' AND courseid = ? AND customint1 = ?"
    found: int | None = call.state.value(sql, int(row["courseid"]), int(row["linkedid"]))
    return found


@function("local_matricula_save_links", takes=ROWS)
def save_links(call: Call, rows: str) -> dict[str, str]:
    """Links courses; a link that is there is done."""
    return outcomes(call, rows, _save_link)


def _save_link(call: Call, row: Row) -> Row:
    if not has_plugin(call, "enrol_meta"):
        raise NotDone("noplugin")
    course, linked = course_of(call, row), course_of(call, {"courseid": row["linkedid"]})
    if course == linked:
        raise NotDone("failed", "A course cannot be linked with itself.")
    if _link(call, row) is None:
        add_links(call, [{"metacourseid": course, "courseid": str(linked), "creategroup": False}])
    return {"id": _link(call, row)}


@function("local_matricula_delete_links", takes=ROWS)
def end_links(call: Call, rows: str) -> dict[str, str]:
    """Ends links; one that is not there is done."""
    return outcomes(call, rows, _end_link)


def _end_link(call: Call, row: Row) -> Row:
    found = _link(call, row)
    if found is not None:
        delete_links(call, [{"metacourseid": int(row["courseid"]), "courseid": str(int(row["linkedid"]))}])
    return {"id": found}


def _sync(call: Call, row: Row) -> Row | None:
    sql = "SELECT * FROM enrol WHERE enrol = 'cohort' AND courseid = ? AND customint1 = ? AND roleid = ?"
    return call.state.one(sql, int(row["courseid"]), int(row["cohortid"]), int(row["roleid"]))


@function("local_matricula_save_cohort_syncs", takes=ROWS)
def save_cohort_syncs(call: Call, rows: str) -> dict[str, str]:
    """Lets cohorts enrol their members; what is synchronised already is done."""
    return outcomes(call, rows, _save_sync)


def _save_sync(call: Call, row: Row) -> Row:
    if not has_plugin(call, "enrol_cohort"):
        raise NotDone("noplugin")
    course, state, group = course_of(call, row), call.state, int(row.get("groupid") or 0)
    if not state.value("SELECT 1 FROM cohort WHERE id = ?", int(row["cohortid"])):
        raise NotDone("nocohort")
    if int(row["roleid"]) not in call.access.assignable_roles(Place(COURSE, course)):
        raise NotDone("norole")
    if group and not state.value("SELECT 1 FROM groups WHERE id = ? AND courseid = ?", group, course):
        raise NotDone("nogroup")
    found = _sync(call, row)
    if found is not None:
        state.update("enrol", found["id"], customint2=group)
        key = int(found["id"])
    else:
        key = state.insert(
            "enrol", enrol="cohort", courseid=course, roleid=int(row["roleid"]), customint1=int(row["cohortid"]),
            customint2=group,
        )  # fmt: skip
    for member in state.all("SELECT userid FROM cohort_members WHERE cohortid = ?", int(row["cohortid"])):
        follow_cohort(state, int(row["cohortid"]), member["userid"])
    return {"id": key}


@function("local_matricula_delete_cohort_syncs", takes=ROWS)
def delete_cohort_syncs(call: Call, rows: str) -> dict[str, str]:
    """Ends synchronisation with cohorts, and the enrolments it made."""
    return outcomes(call, rows, _end_sync)


def _end_sync(call: Call, row: Row) -> Row:
    found = _sync(call, row)
    if found is None:
        return {"id": None}
    for user in call.state.all("SELECT userid FROM user_enrolments WHERE enrolid = ?", found["id"]):
        unenrol(call.state, found, user["userid"])
    call.state.run("DELETE FROM enrol WHERE id = ?", found["id"])
    return {"id": found["id"]}


@function("local_matricula_silence", takes="courseids: raw")
def silence(call: Call, courseids: str) -> dict[str, str]:
    """Switches off the welcome messages of manual enrolment in courses."""
    wanted = unpacked(courseids)
    if not isinstance(wanted, list):
        raise invalid_parameter()
    return outcomes(call, packed([{"courseid": each} for each in wanted]), _silence)


def _silence(call: Call, row: Row) -> Row:
    course = course_of(call, row)
    call.state.run("UPDATE enrol SET customint1 = 0 WHERE enrol = 'manual' AND courseid = ?", course)
    return {"id": call.state.value("SELECT MIN(id) FROM enrol WHERE enrol = 'manual' AND courseid = ?", course)}
