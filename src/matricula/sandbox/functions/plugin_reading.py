# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Snapshots of the plugin local_matricula: many records of a kind at once, packed into columns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from matricula.sandbox.functions.course_state import custom_fields, format_options, last_section
from matricula.sandbox.plugin_rows import CAPABILITY, packed, unpacked
from matricula.sandbox.refusals import invalid_parameter
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row
from matricula.sandbox.texts import fold

_PAGE = 50_000
_IN_COURSE = "JOIN context cx ON cx.id = ra.contextid AND cx.level = 50"
_ROLES = (
    "(SELECT group_concat(roleid, ',') FROM (SELECT DISTINCT ra.roleid FROM context cx JOIN role_assignments ra"
    " ON ra.contextid = cx.id AND ra.userid = ue.userid WHERE cx.level = 50 AND cx.instanceid = e.courseid"
    " ORDER BY ra.roleid))"
)


def _plain(alias: str, names: str) -> dict[str, str]:
    return {name: f"{alias}.{name}" for name in names.split()}


@dataclass(frozen=True)
class _Kind:
    """One kind of records: where they are, and the SQL of each column. ``made`` are columns that no SQL gives."""

    source: str
    columns: dict[str, str]
    where: str = "1"
    filters: dict[str, str] = field(default_factory=dict)
    made: dict[str, Callable[[Call, Row], Any]] = field(default_factory=dict)


def _options(call: Call, row: Row) -> str:
    return packed(format_options(call.state, call.state.record("course", row["id"])))


_KINDS = {
    "user": _Kind(
        "user u",
        _plain(
            "u",
            "id username email idnumber firstname lastname auth suspended confirmed middlename alternatename "
            "firstnamephonetic lastnamephonetic phone1 phone2 institution department address city country lang "
            "timezone theme calendartype mailformat maildisplay description interests lastaccess timemodified",
        ),
        "u.deleted = 0 AND u.username <> 'guest'",
        {"username": "u.username", "email": "fold(u.email)", "idnumber": "fold(u.idnumber)"},
    ),
    "course": _Kind(
        "course c",
        _plain(
            "c",
            "id shortname fullname idnumber visible summary summaryformat format startdate enddate lang showgrades "
            "newsitems groupmode groupmodeforce defaultgroupingid enablecompletion maxbytes showreports theme "
            "timecreated timemodified",
        )
        | {"categoryid": "c.category"},
        "c.category <> 0",
        made={"formatoptions": _options, "numsections": lambda call, row: last_section(call.state, row["id"])},
    ),
    "category": _Kind(
        "course_categories g",
        _plain("g", "id name idnumber parent visible description descriptionformat depth sortorder path")
        | {"coursecount": "(SELECT COUNT(*) FROM course c WHERE c.category = g.id)"},
    ),
    "enrolment": _Kind(
        "user_enrolments ue JOIN enrol e ON e.id = ue.enrolid JOIN user u ON u.id = ue.userid AND u.deleted = 0"
        " AND u.username <> 'guest'",
        _plain("ue", "id userid status timestart timeend")
        | {"courseid": "e.courseid", "method": "e.enrol", "instanceid": "e.id", "roles": f"COALESCE({_ROLES}, '')"}
        | {"enabled": "e.status = 0"},
    ),
    "group": _Kind("groups g", _plain("g", "id courseid name idnumber description")),
    "group-member": _Kind(
        "groups_members m JOIN groups g ON g.id = m.groupid",
        {"id": "m.groupid * 10000000 + m.userid"} | _plain("m", "groupid userid component"),
        filters={"courseid": "g.courseid"},
    ),
    "grouping": _Kind("groupings g", _plain("g", "id courseid name idnumber description")),
    "grouping-member": _Kind(
        "groupings_groups m JOIN groupings g ON g.id = m.groupingid",
        _plain("m", "id groupingid groupid"),
        filters={"courseid": "g.courseid"},
    ),
    "cohort": _Kind("cohort c", _plain("c", "id contextid name idnumber visible description") | {"component": "''"}),
    "cohort-member": _Kind(
        "cohort_members m", {"id": "m.cohortid * 10000000 + m.userid"} | _plain("m", "cohortid userid")
    ),
    "role": _Kind(
        f"role_assignments ra {_IN_COURSE}",
        _plain("ra", "id userid roleid component itemid") | {"courseid": "cx.instanceid"},
    ),
}


@function(
    "local_matricula_get_snapshot",
    takes="kind: alphanumext, fields: raw='', filter: raw='', after: int=0, limit: int=0",
)
def get_snapshot(call: Call, kind: str, fields: str, filter: str, after: int, limit: int) -> dict[str, Any]:  # noqa: A002
    """Records of one kind in the order of their ids, with the id after which the next page begins."""
    call.access.require(CAPABILITY)
    if kind not in _KINDS:
        raise invalid_parameter()
    found = _KINDS[kind]
    named = {**found.columns, **_custom(call, kind)}
    wanted = _wanted(fields, [*named, *found.made])
    most = min(limit, _PAGE) if limit > 0 else _PAGE
    rows = _rows(call, found, {name: named[name] for name in wanted if name in named}, filter, after, most + 1)
    page = rows[:most]
    columns = {name: _column(call, found, name, page) for name in wanted}
    following = page[-1]["key_"] if len(rows) > most else 0
    return {"count": len(page), "next": following, "columns": packed(columns), "now": call.state.now()}


def _wanted(fields: str, known: list[str]) -> list[str]:
    names = unpacked(fields) if fields else known
    if not isinstance(names, list) or not set(map(str, names)) <= set(known):
        raise invalid_parameter()
    return names


def _custom(call: Call, kind: str) -> dict[str, str]:
    """Columns that the site names itself; the SQL of those of courses is never run on its own."""
    if kind == "user":
        value = "(SELECT d.data FROM user_data d WHERE d.userid = u.id AND d.fieldid = {id})"
        rows = call.state.all("SELECT id, shortname FROM user_field ORDER BY id")
        return {f"profile_field_{row['shortname']}": value.format(id=row["id"]) for row in rows}
    if kind == "course":
        rows = call.state.all("SELECT shortname FROM course_field ORDER BY id")
        return {f"customfield_{row['shortname']}": "NULL" for row in rows}
    return {}


def _rows(call: Call, kind: _Kind, columns: dict[str, str], filtered: str, after: int, most: int) -> list[Row]:
    key = kind.columns["id"]
    shown = ", ".join([f"{key} AS key_", *(f'{sql} AS "{name}"' for name, sql in columns.items())])
    sql = f"SELECT {shown} FROM {kind.source} WHERE {kind.where} AND {key} > {after}"
    if not filtered:
        return call.state.all(f"{sql} ORDER BY key_ LIMIT {most}")
    column, values = _condition(kind, filtered)
    rows = call.state.among(f"{sql} AND {column} IN ({{}})", values)
    return sorted(rows, key=lambda row: int(row["key_"]))[:most]


def _condition(kind: _Kind, filtered: str) -> tuple[str, list[Any]]:
    asked = unpacked(filtered)
    if not isinstance(asked, dict) or len(asked) != 1:
        raise invalid_parameter()
    ((name, values),) = asked.items()
    allowed = {each: sql for each, sql in kind.columns.items() if each.endswith("id")} | kind.filters
    if name not in allowed or not isinstance(values, list):
        raise invalid_parameter()
    if name in ("email", "idnumber"):
        return allowed[name], list(dict.fromkeys(fold(str(value)) for value in values))
    return allowed[name], list(dict.fromkeys(values))


def _column(call: Call, kind: _Kind, name: str, rows: list[Row]) -> list[Any]:
    if name in kind.made:
        return [kind.made[name](call, row | {"id": row["key_"]}) for row in rows]
    if name.startswith("customfield_"):
        short = name.removeprefix("customfield_")
        return [_custom_value(call, row["key_"], short) for row in rows]
    return [row[name] for row in rows]


def _custom_value(call: Call, course: int, shortname: str) -> str:
    return next(str(row["valueraw"]) for row in custom_fields(call.state, course) if row["shortname"] == shortname)
