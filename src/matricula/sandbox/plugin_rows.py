"""Rows as the plugin local_matricula takes and answers them: packed, each with an outcome of its own."""

import json
from collections.abc import Callable
from typing import Any

from matricula.sandbox.refusals import Refusal, invalid_parameter, write_error
from matricula.sandbox.registry import Call
from matricula.sandbox.state import Row

ROWS = "rows: raw"
"""What most of its functions take."""

CAPABILITY = "local/matricula:synchronise"

_MESSAGES = {
    "nouser": "There is no such user.",
    "nocourse": "There is no such course.",
    "nocategory": "There is no such category.",
    "nocohort": "There is no such cohort.",
    "norole": "This role may not be assigned in this course by this caller.",
    "noinstance": "This course has no enrolment instance of this method.",
    "noplugin": "This enrolment method is not installed or disabled.",
    "other": "This enrolment is not this user's enrolment by this method in this course.",
    "notmanual": "This user is not enrolled by hand in this course.",
    "noitem": "There is no such manual grade item in this course.",
    "notenrolled": "This user is not enrolled in this course.",
    "locked": "This grade is locked.",
    "overridden": "This grade was overridden by a teacher.",
    "beyond": "This grade is beyond what the item allows.",
    "nofield": "Courses of this site have no such custom field.",
    "badvalue": "This custom field does not take this value.",
    "nogroup": "This course has no such group.",
    "taken": "Another record has this name or ID number.",
    "failed": "Moodle could not do this.",
}


class NotDone(Exception):  # noqa: N818 — an outcome, no error
    """A row that is not done, with the reason's code."""

    def __init__(self, code: str, message: str = "") -> None:
        self.outcome = {"code": code, "message": message or _MESSAGES[code]}
        super().__init__(code)


def packed(value: Any) -> str:
    """A value as one text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> Any:
    """The value in a packed text, or the refusal for one that is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise invalid_parameter() from None


def outcomes(call: Call, rows: str, act: Callable[[Call, Row], Row]) -> dict[str, str]:
    """Carries out packed rows, each in a transaction of its own.

    Parameters:
        act: does one row and gives its outcome, or raises :class:`NotDone` or a refusal.
    """
    call.access.require(CAPABILITY)
    found = unpacked(rows)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise invalid_parameter()
    return {"outcomes": packed([_outcome(call, row, act) for row in found])}


def _outcome(call: Call, row: Row, act: Callable[[Call, Row], Row]) -> Row:
    try:
        with call.state.transaction():
            if not call.state.refused_rows.isdisjoint(f"{name}={value}" for name, value in row.items()):
                raise write_error()
            return act(call, row)
    except NotDone as reason:
        return reason.outcome
    except Refusal as reason:
        return {"code": "failed", "message": f"Moodle could not do this ({reason.code})."}
    except (KeyError, TypeError, ValueError):
        return {"code": "failed", "message": "A value of this row is missing or of the wrong type."}


def course_of(call: Call, row: Row) -> int:
    """The course of a row; the front page is none."""
    return _known(call, "SELECT id FROM course WHERE id = ? AND category <> 0", row["courseid"], "nocourse")


def user_of(call: Call, row: Row) -> int:
    """The user of a row; suspended ones are users, the guest and deleted ones are none."""
    sql = "SELECT id FROM user WHERE id = ? AND deleted = 0 AND username <> 'guest'"
    return _known(call, sql, row["userid"], "nouser")


def _known(call: Call, sql: str, key: Any, code: str) -> int:
    found = call.state.value(sql, int(key))
    if found is None:
        raise NotDone(code)
    return int(found)


def has_plugin(call: Call, name: str) -> bool:
    """Whether an enrolment plugin is installed and switched on; the setting ``off_NAME`` switches one off."""
    return call.state.setting(f"off_{name}") != "1"
