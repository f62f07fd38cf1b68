# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Cohorts: site-wide sets of users (``cohort/externallib.php``)."""

from typing import Any

from matricula.sandbox.access import CATEGORY, SITE, SYSTEM, Place, context_id, path, place_from, place_of
from matricula.sandbox.cleaning import clean_int
from matricula.sandbox.functions.enrolment_state import follow_cohort
from matricula.sandbox.refusals import coding_error, invalid_parameter, no_permission
from matricula.sandbox.registry import Call, function, plain_format
from matricula.sandbox.state import Row
from matricula.sandbox.texts import FORMAT_PLAIN

_FIELDS = """categorytype: {type: text, value: raw}, name: raw, idnumber: raw, description: raw?,
    descriptionformat: int=1, visible: bool?, theme: theme?,
    customfields: [{shortname: alphanumext, value: raw}]?"""


@function("core_cohort_create_cohorts", takes=f"cohorts: [{{{_FIELDS}}}]", whole=True)
def create_cohorts(call: Call, cohorts: list[Row]) -> list[dict[str, Any]]:
    """Creates cohorts, all or none; their numbers are unique."""
    made = []
    for cohort in cohorts:
        here = _home(call, cohort["categorytype"])
        if call.state.value("SELECT 1 FROM cohort WHERE fold(idnumber) = fold(?)", cohort["idnumber"]):
            raise invalid_parameter()
        call.access.require("moodle/cohort:manage", here)
        record = {
            "contextid": context_id(call.state, here),
            "name": cohort["name"],
            "idnumber": cohort["idnumber"],
            "description": cohort.get("description", ""),
            "descriptionformat": plain_format(cohort["descriptionformat"]),
            "visible": int(cohort.get("visible", True)),
        }
        key = call.state.insert("cohort", **record)
        made.append(_shown(call, record | {"id": key}))
    return made


def _home(call: Call, where: dict[str, str]) -> Place:
    if where["type"] == "system":
        return SITE
    found = None
    if where["type"] == "id":
        sql = "SELECT id FROM course_categories WHERE id = ?"
        found = call.state.value(sql, clean_int(where["value"]))
    elif where["type"] == "idnumber":
        sql = "SELECT id FROM course_categories WHERE fold(idnumber) = fold(?)"
        found = call.state.value(sql, where["value"])
    if not found:
        raise invalid_parameter()
    return Place(CATEGORY, found)


def _shown(call: Call, cohort: Row) -> dict[str, Any]:
    text, kind = call.text(cohort["description"], cohort["descriptionformat"])
    return {
        "id": cohort["id"],
        "name": cohort["name"] if call.state.moodle == "4.5" else call.string(cohort["name"]),
        "idnumber": cohort["idnumber"],
        "description": text,
        "descriptionformat": kind,
        "visible": bool(cohort["visible"]),
        "theme": "",
    }


@function("core_cohort_update_cohorts", takes=f"cohorts: [{{id: int, {_FIELDS}}}]", whole=True)
def update_cohorts(call: Call, cohorts: list[Row]) -> None:
    """Changes cohorts, all or none; here the number is not checked to be unique."""
    for cohort in cohorts:
        if not cohort["name"].strip():
            raise invalid_parameter()
        old = call.state.record("cohort", cohort["id"])
        call.access.require("moodle/cohort:manage", _place(call, old))
        here = _home(call, cohort["categorytype"])
        call.access.require("moodle/cohort:manage", here)
        if cohort.get("description"):
            plain_format(cohort["descriptionformat"])
        changes = {"contextid": context_id(call.state, here)}
        for name in ("name", "idnumber", "description", "descriptionformat", "visible"):
            if name in cohort:
                changes[name] = cohort[name]
        call.state.update("cohort", old["id"], **changes)


def _place(call: Call, cohort: Row) -> Place:
    return place_of(call.state, cohort["contextid"]) or SITE


@function("core_cohort_delete_cohorts", takes="cohortids: [int]", whole=True)
def delete_cohorts(call: Call, cohortids: list[int]) -> None:
    """Removes cohorts, all or none."""
    for key in cohortids:
        cohort = call.state.record("cohort", key)
        call.access.require("moodle/cohort:manage", _place(call, cohort))
        members = call.state.all("SELECT userid FROM cohort_members WHERE cohortid = ?", key)
        call.state.run("DELETE FROM cohort_members WHERE cohortid = ?", key)
        for member in members:
            follow_cohort(call.state, key, member["userid"])
        call.state.run("DELETE FROM enrol WHERE enrol = 'cohort' AND customint1 = ?", key)
        call.state.run("DELETE FROM cohort WHERE id = ?", key)


def _require_view(call: Call, place: Place) -> None:
    if not any(call.access.can(f"moodle/cohort:{right}", place) for right in ("manage", "view")):
        raise no_permission("View site-wide cohorts")


@function("core_cohort_get_cohorts", takes="cohortids: [int]=[]")
def get_cohorts(call: Call, cohortids: list[int]) -> list[dict[str, Any]]:
    """The cohorts with the given ids, or all; those that are not there are left out."""
    state = call.state
    cohorts = (
        state.among("SELECT * FROM cohort WHERE id IN ({}) ORDER BY id", dict.fromkeys(cohortids))
        if cohortids
        else state.all("SELECT * FROM cohort ORDER BY id")
    )
    for cohort in cohorts:
        _require_view(call, _place(call, cohort))
    return [_shown(call, cohort) | {"customfields": []} for cohort in cohorts]


@function(
    "core_cohort_search_cohorts",
    takes="""query: raw, context: {contextid: int=0, contextlevel: alphanum='', instanceid: int=0},
        includes: alpha=parents, limitfrom: int=0, limitnum: int=25""",
)
def search_cohorts(
    call: Call, query: str, context: Row, includes: str, limitfrom: int, limitnum: int
) -> dict[str, Any]:
    """Cohorts whose name, number or description holds the text; ``limitfrom`` counts pages."""
    place = place_from(call.state, context)
    call.access.enter(place)
    if place is None:
        raise invalid_parameter()
    _require_view(call, place)
    if includes not in ("self", "parents", "all"):
        raise coding_error("Invalid parameter value for 'includes'.")
    own = _search(call, [place] if includes != "all" else [], query, limitfrom * limitnum, limitnum)
    shown = [_shown(call, row) for row in own]
    if includes == "parents" and place.level != SYSTEM:
        above = _search(call, path(call.state, place)[1:], query, limitfrom, limitnum)
        shown += [_shown_from_above(call, row) for row in above]
    return {"cohorts": [entry | {"customfields": []} for entry in shown]}


def _shown_from_above(call: Call, cohort: Row) -> dict[str, Any]:
    """A cohort of a context further up: known by name and number alone."""
    entry = _shown(call, cohort | {"description": "", "descriptionformat": FORMAT_PLAIN})
    del entry["theme"]
    return entry


def _search(call: Call, places: list[Place], query: str, start: int, number: int) -> list[Row]:
    where, values = ["1"], []
    if places:
        contexts = [str(context_id(call.state, place)) for place in places]
        where.append(f"contextid IN ({','.join(contexts)})")
    if query not in ("", "0"):
        escaped = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        fields = ("name", "idnumber", "description")
        like = " OR ".join(f"lower_({field}) LIKE lower_(?) ESCAPE '\\'" for field in fields)
        where.append(f"({like})")
        values += [f"%{escaped}%"] * len(fields)
    sql = f"SELECT * FROM cohort WHERE {' AND '.join(where)} ORDER BY fold(name), fold(idnumber)"
    return call.state.all(f"{sql} LIMIT {number or -1} OFFSET {start}", *values)


@function(
    "core_cohort_add_cohort_members",
    takes="""members: [{cohorttype: {type: alphanumext, value: raw},
        usertype: {type: alphanumext, value: raw}}]""",
    whole=True,
)
def add_cohort_members(call: Call, members: list[Row]) -> dict[str, Any]:
    """Adds members; what is unknown or already there is a warning, the rest goes on."""
    warnings = []
    for member in members:
        trouble = _add_member(call, member["cohorttype"], member["usertype"])
        if trouble:
            code, message = trouble
            warnings.append({"warningcode": code, "message": message})
    return {"warnings": warnings}


_COHORT_BY = {
    "id": "SELECT * FROM cohort WHERE id = ?",
    "idnumber": "SELECT * FROM cohort WHERE fold(idnumber) = fold(?)",
}
_USER_BY = {
    "id": "SELECT id FROM user WHERE deleted = 0 AND id = ?",
    "username": "SELECT id FROM user WHERE deleted = 0 AND username = ?",
}


def _add_member(call: Call, cohort: Row, user: Row) -> tuple[str, str] | None:
    of_cohort, of_user = (f"{each['type']}={each['value']}" for each in (cohort, user))
    if cohort["type"] not in _COHORT_BY:
        return "1", f"invalid parameter: cohortype={cohort['type']}"
    if user["type"] not in _USER_BY:
        return "1", f"invalid parameter: usertype={user['type']}"
    found = call.state.one(_COHORT_BY[cohort["type"]], _key(cohort))
    if found is None:
        return "2", f"cohort {of_cohort} not exists"
    person = call.state.value(_USER_BY[user["type"]], _key(user))
    if not person:
        return "2", f"user {of_user} not exists"
    if call.state.value("SELECT 1 FROM cohort_members WHERE cohortid = ? AND userid = ?", found["id"], person):
        return "3", f"record already exists: cohort({of_cohort} {of_user})"
    _require_assign(call, found)
    call.state.run("INSERT INTO cohort_members VALUES (?, ?)", found["id"], person)
    follow_cohort(call.state, found["id"], person)
    return None


def _key(named: Row) -> str | int:
    return clean_int(named["value"]) if named["type"] == "id" else named["value"].lower()


def _require_assign(call: Call, cohort: Row) -> None:
    here = _place(call, cohort)
    if not any(call.access.can(f"moodle/cohort:{right}", here) for right in ("manage", "assign")):
        raise no_permission("Add and remove cohort members")


@function("core_cohort_delete_cohort_members", takes="members: [{cohortid: int, userid: int}]", whole=True)
def delete_cohort_members(call: Call, members: list[Row]) -> None:
    """Takes members out, all or none; who is no member is passed over."""
    for member in members:
        cohort = call.state.record("cohort", member["cohortid"])
        if not call.state.value("SELECT 1 FROM user WHERE id = ? AND deleted = 0", member["userid"]):
            raise call.missing("user")
        _require_assign(call, cohort)
        call.state.run("DELETE FROM cohort_members WHERE cohortid = ? AND userid = ?", cohort["id"], member["userid"])
        follow_cohort(call.state, cohort["id"], member["userid"])


@function("core_cohort_get_cohort_members", takes="cohortids: [int]")
def get_cohort_members(call: Call, cohortids: list[int]) -> list[dict[str, Any]]:
    """The members of cohorts, by last and first name."""
    found = []
    for key in cohortids:
        _require_view(call, _place(call, call.state.record("cohort", key)))
        members = call.state.all(
            "SELECT u.id FROM cohort_members m JOIN user u ON u.id = m.userid"
            " WHERE m.cohortid = ? ORDER BY fold(u.lastname), fold(u.firstname)",
            key,
        )
        found.append({"cohortid": key, "userids": [member["id"] for member in members]})
    return found
