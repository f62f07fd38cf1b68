"""What the plugin local_matricula tells of its site, and the stamps by which changes are noticed."""

import hashlib
from typing import Any

from matricula.sandbox.access import COURSE, SITE_COURSE, Place
from matricula.sandbox.plugin_rows import CAPABILITY, has_plugin, packed
from matricula.sandbox.registry import Call, function

VERSION, RELEASE = 2026112601, "1.0.0"
_MOODLES_OWN = {"4.5": 2024100700, "5.1": 2025100600}
_OURS = ("enrol_matricula", "block_matricula", "auth_matricula")
_METHODS = ("enrol_manual", "enrol_meta", "enrol_cohort")


@function("local_matricula_get_site")
def get_site(call: Call) -> dict[str, Any]:
    """The plugins, roles and settings of the site that matter to Matricula."""
    call.access.require(CAPABILITY)
    state = call.state
    assignable = call.access.assignable_roles(Place(COURSE, SITE_COURSE))
    roles = [
        row | {"archetype": row["shortname"], "assignable": row["id"] in assignable}
        for row in state.all("SELECT id, shortname FROM role ORDER BY sortorder")
    ]
    versions = dict.fromkeys(_OURS, VERSION) | dict.fromkeys(_METHODS, _MOODLES_OWN[state.moodle])
    return {
        "version": int(state.setting("plugin_version", str(VERSION))),
        "release": RELEASE,
        "plugins": packed(
            {name: {"version": each, "enabled": has_plugin(call, name)} for name, each in versions.items()}
        ),
        "roles": packed(roles),
        "settings": packed(
            {
                "welcome": state.setting("sendcoursewelcomemessage", "1") == "1",
                "maxinputvars": 5000,
                "sessiontimeout": int(state.setting("sessiontimeout", "28800")),
            }
        ),
    }


_STAMPED = {
    "user": "SELECT * FROM user WHERE deleted = 0 AND username <> 'guest'",
    "course": "SELECT * FROM course WHERE category <> 0",
    "category": "SELECT * FROM course_categories",
    "enrolment": "SELECT ue.*, e.status AS off FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid",
    "role": "SELECT ra.* FROM role_assignments ra JOIN context c ON c.id = ra.contextid WHERE c.level = 50",
    "group": "SELECT * FROM groups",
    "group-member": "SELECT * FROM groups_members",
    "grouping": "SELECT * FROM groupings",
    "grouping-member": "SELECT * FROM groupings_groups",
    "cohort": "SELECT * FROM cohort",
    "cohort-member": "SELECT * FROM cohort_members",
}
_BESIDE = {"user": "SELECT * FROM user_data", "course": "SELECT * FROM course_data"}
_MOVING = frozenset({"lastaccess", "firstaccess"})


@function("local_matricula_get_stamps")
def get_stamps(call: Call) -> dict[str, Any]:
    """A text for each kind of record that changes whenever one of them does."""
    call.access.require(CAPABILITY)
    return {"stamps": packed({kind: _stamp(call, kind) for kind in _STAMPED})}


def _stamp(call: Call, kind: str) -> str:
    found = hashlib.sha256()
    for sql in filter(None, (_STAMPED[kind], _BESIDE.get(kind))):
        for row in call.state.all(sql):
            found.update(repr([value for name, value in row.items() if name not in _MOVING]).encode())
    return found.hexdigest()[:32]
