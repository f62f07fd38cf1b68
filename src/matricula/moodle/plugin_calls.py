"""The functions of the plugin local_matricula: what each takes and what comes back.

Many rows travel as one packed value: a JSON text in one form field, so that no limit of form fields counts. What the
plugin itself says (`moodle-plugins/local_matricula`) is compared with this table by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import polars as pl

PREFIX: Final = "local_matricula_"
#: The version of local_matricula that has everything said here; an older one is told by the preflight.
PLUGIN_VERSION: Final = 2026112601
#: The first version that reads all that is read by it; an older one is left aside.
OLDEST_VERSION: Final = 2026112601
#: Values of one filter that are sent with one call: databases take some ten thousands in one condition.
FILTERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Args:
        type: Moodle's word for what it may hold (`PARAM_INT` is `int`); packed values are `raw`.
        required: whether the call is refused without it.
        default: what counts where it is left out.
    """

    type: str
    required: bool = True
    default: Any = None


@dataclass(frozen=True, slots=True)
class PluginCall:
    """One function of the plugin.

    Args:
        writes: whether it alters the site.
        purpose: what it is called for, for people.
        parameters: by name.
        returns: Moodle's word for the type of each value that comes back, by name.
    """

    writes: bool
    purpose: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    returns: Mapping[str, str] = field(default_factory=dict)


_ROWS: Final = {"rows": Parameter("raw")}
_OUTCOMES: Final = {"outcomes": "raw"}


def _written(purpose: str) -> PluginCall:
    return PluginCall(writes=True, purpose=purpose, parameters=_ROWS, returns=_OUTCOMES)


GET_SITE: Final = PREFIX + "get_site"
GET_STAMPS: Final = PREFIX + "get_stamps"
GET_SNAPSHOT: Final = PREFIX + "get_snapshot"
ENROL: Final = PREFIX + "enrol"
UNENROL: Final = PREFIX + "unenrol"
TAKE_ROLES: Final = PREFIX + "take_roles"
MOVE_ENROLMENTS: Final = PREFIX + "move_enrolments"
SAVE_GRADE_ITEMS: Final = PREFIX + "save_grade_items"
DELETE_GRADE_ITEMS: Final = PREFIX + "delete_grade_items"
SAVE_GRADES: Final = PREFIX + "save_grades"
COPY_COURSES: Final = PREFIX + "copy_courses"
SAVE_LINKS: Final = PREFIX + "save_links"
DELETE_LINKS: Final = PREFIX + "delete_links"
SAVE_COHORT_SYNCS: Final = PREFIX + "save_cohort_syncs"
DELETE_COHORT_SYNCS: Final = PREFIX + "delete_cohort_syncs"
SAVE_COURSE_FIELDS: Final = PREFIX + "save_course_fields"
SILENCE: Final = PREFIX + "silence"

CALLS: Final[Mapping[str, PluginCall]] = {
    GET_SITE: PluginCall(
        writes=False,
        purpose="know plugins, roles and settings of the site",
        returns={"version": "int", "release": "text", "plugins": "raw", "roles": "raw", "settings": "raw"},
    ),
    GET_STAMPS: PluginCall(
        writes=False, purpose="know which kinds of records changed since the last look", returns={"stamps": "raw"}
    ),
    GET_SNAPSHOT: PluginCall(
        writes=False,
        purpose="read many records with one call",
        parameters={
            "kind": Parameter("alphanumext"),
            "fields": Parameter("raw", required=False, default=""),
            "filter": Parameter("raw", required=False, default=""),
            "after": Parameter("int", required=False, default=0),
            "limit": Parameter("int", required=False, default=0),
        },
        returns={"count": "int", "next": "int", "columns": "raw", "now": "int"},
    ),
    ENROL: _written("enrol people by a method of Matricula's own"),
    UNENROL: _written("end single enrolments"),
    TAKE_ROLES: _written("take roles in courses away"),
    MOVE_ENROLMENTS: PluginCall(
        writes=True,
        purpose="move enrolments by hand to Matricula's own method",
        parameters=_ROWS | {"preview": Parameter("bool", required=False, default=False)},
        returns=_OUTCOMES,
    ),
    SAVE_GRADE_ITEMS: _written("make and change grade items that no activity has"),
    DELETE_GRADE_ITEMS: _written("delete such grade items"),
    SAVE_GRADES: _written("write grades into such grade items"),
    COPY_COURSES: _written("copy courses of a template"),
    SAVE_LINKS: _written("make meta-links"),
    DELETE_LINKS: _written("end meta-links"),
    SAVE_COHORT_SYNCS: _written("let cohorts enrol their members"),
    DELETE_COHORT_SYNCS: _written("end such enrolment of cohorts"),
    SAVE_COURSE_FIELDS: _written("write custom fields of courses"),
    SILENCE: PluginCall(
        writes=True,
        purpose="switch off welcome messages of courses",
        parameters={"courseids": Parameter("raw")},
        returns=_OUTCOMES,
    ),
}
"""Every function of the plugin."""

Kind = Literal[
    "user",
    "course",
    "category",
    "enrolment",
    "group",
    "group-member",
    "grouping",
    "grouping-member",
    "cohort",
    "cohort-member",
    "role",
]
"""What a snapshot can be of. `role` is who has which role in which course."""

_INT, _TEXT = pl.Int64(), pl.String()


def _columns(numbers: str, texts: str) -> dict[str, pl.DataType]:
    return dict.fromkeys(numbers.split(), _INT) | dict.fromkeys(texts.split(), _TEXT)


#: Columns that the site names itself begin so; they are texts.
CUSTOM: Final = ("profile_field_", "customfield_")

COLUMNS: Final[Mapping[Kind, Mapping[str, pl.DataType]]] = {
    "user": _columns(
        "id suspended confirmed mailformat maildisplay lastaccess timemodified",
        "username email idnumber firstname lastname auth middlename alternatename firstnamephonetic lastnamephonetic "
        "phone1 phone2 institution department address city country lang timezone theme calendartype description "
        "interests",
    ),
    "course": _columns(
        "id categoryid visible summaryformat startdate enddate showgrades newsitems groupmode groupmodeforce "
        "defaultgroupingid enablecompletion maxbytes showreports numsections timecreated timemodified",
        "shortname fullname idnumber summary format lang theme formatoptions",
    ),
    "category": _columns(
        "id parent visible descriptionformat depth sortorder coursecount", "name idnumber description path"
    ),
    "enrolment": _columns("id courseid userid instanceid status enabled timestart timeend", "method roles"),
    "group": _columns("id courseid", "name idnumber description"),
    "group-member": _columns("id groupid userid", "component"),
    "grouping": _columns("id courseid", "name idnumber description"),
    "grouping-member": _columns("id groupingid groupid", ""),
    "cohort": _columns("id contextid visible", "name idnumber description component"),
    "cohort-member": _columns("id cohortid userid", ""),
    "role": _columns("id courseid userid roleid itemid", "component"),
}
"""The columns of each kind, with their types."""


def type_of(kind: Kind, column: str) -> pl.DataType | None:
    """The type of a column of a kind, None for one that is not known."""
    return _TEXT if column.startswith(CUSTOM) else COLUMNS[kind].get(column)
