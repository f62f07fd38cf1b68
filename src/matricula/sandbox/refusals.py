"""The ways a Moodle refuses a call: exception class, error code and message, as they travel.

Error codes and messages are part of Moodle's protocol (``lang/en/error.php``, ``webservice.php``,
``debug.php`` and the plugins' own language files); clients tell refusals apart by them.
"""

from typing import Any

_MESSAGES = {
    "accessdenied": "Access denied",
    "cannotmovecategory": "Cannot move category",
    "categoryidnumbertaken": "ID number is already used for another category",
    "categorynamerequired": "Category name is required",
    "categorytoolong": "Category name too long",
    "codingerror": "Coding error detected, it must be fixed by a programmer: {a}",
    "courseidnumbertaken": "ID number is already used for another course ({a})",
    "criteriaerror": "Missing permissions to search on a criterion.",
    "dmlwriteexception": "Error writing to database",
    "enddatebeforestartdate": "The course end date must be after the start date.",
    "errorcatcontextnotvalid": (
        "You cannot execute functions in the category context (category id:{a}). "
        "The context error message was: {reason}"
    ),
    "errorcoursecontextnotvalid": (
        "You cannot execute functions in the course context (course id:{a}). The context error message was: {reason}"
    ),
    "errorinvalidparam": 'The param "{a}" is invalid.',
    "coursehidden": "This course is currently unavailable to students",
    "errorremovenotpermitted": "You do not have permission to remove automatically-added group member {a}",
    "guestsarenotallowed": "The guest user is not allowed to do this",
    "idnumbertaken": "This ID number is already in use",
    "idnumbertoolong": "ID number is too long",
    "invalidcourse": "Invalid course",
    "invalidcourseid": "You are trying to use an invalid course ID",
    "invalidextparam": "Invalid external api parameter: {a}",
    "invalidcoursemodule": "Invalid course module ID",
    "invalidparameter": "Invalid parameter value detected",
    "invalidrecordunknown": "Can't find data record in database.",
    "invalidresponse": "Invalid response value detected",
    "invalidtoken": "Invalid token - token not found",
    "invaliduser": "Invalid user",
    "invaliduserfield": "Invalid user field: {a}",
    "invaliduserid": "Invalid user ID",
    "movecatcontentstoroot": (
        "Moving the category content to root is not allowed. You must move the contents to an existing category!"
    ),
    "nopermissiontoviewgrades": "Cannot view grades.",
    "nopermissions": "Sorry, but you do not currently have permissions to do that ({a}).",
    "nostartdatenoenddate": "A course end date can only be set if a start date is also set.",
    "requireloginerror": "Course or activity not accessible.",
    "shortnametaken": "Short name is already used for another course ({a})",
    "sitemaintenance": "The site is undergoing maintenance and is currently not available",
    "unknowcategory": "Category not known!",
    "unknowncategory": 'Unknown category with category ID number "{a}"',
    "useradminodelete": "Administrator accounts cannot be deleted.",
    "useremailduplicate": "Duplicate address",
    "usernotdeletederror": "User not deleted - error",
    "usernotupdatedadmin": "Cannot update admin accounts",
    "wsaccessuserdeleted": "Refused web service access for deleted username: {a}",
    "wsaccessusersuspended": "Refused web service access for suspended username: {a}",
    "wsnoinstance": ("Manual enrolment plugin instance doesn't exist or is disabled for the course (id = {a})"),
    "wsusercannotassign": (
        "You don't have the permission to assign this role ({roleid}) to this user ({userid}) "
        "in this course ({courseid})."
    ),
    "youcannotdeletecategory": (
        "You cannot delete category '{a}' because you can neither delete the contents, nor move them elsewhere."
    ),
}


class Refusal(Exception):  # noqa: N818 — the protocol's word; most are no errors
    """A call that Moodle refuses.

    Parameters:
        kind: the PHP class that travels as ``exception``.
        code: the ``errorcode``.
        message: the ``message``; taken from Moodle's language files by code where not given.
        a: what Moodle's messages call ``{$a}``.
        values: further placeholders of the message.
    """

    def __init__(self, kind: str, code: str, message: str = "", a: Any = "", **values: Any) -> None:
        self.kind = kind
        self.code = code
        self.message = message or _MESSAGES.get(code, f"error/{code}").format(a=a, **values)
        super().__init__(f"{code}: {self.message}")


def refuse(code: str, a: Any = "", **values: Any) -> Refusal:
    """A ``moodle_exception`` with the given error code."""
    return Refusal("core\\exception\\moodle_exception", code, a=a, **values)


def invalid_parameter() -> Refusal:
    """What ``validate_parameters`` and most value checks throw; it never names the guilty one."""
    return Refusal("core\\exception\\invalid_parameter_exception", "invalidparameter")


def invalid_response() -> Refusal:
    """What ``clean_returnvalue`` throws when an answer does not fit its own description."""
    return Refusal("core\\exception\\invalid_response_exception", "invalidresponse")


def no_permission(what: str) -> Refusal:
    """A missing capability; ``what`` is the capability's own name in words."""
    return Refusal("core\\exception\\required_capability_exception", "nopermissions", a=what)


def no_access() -> Refusal:
    """A course or activity that the caller may not enter (``require_login``)."""
    return Refusal("core\\exception\\require_login_exception", "requireloginerror")


def access_control() -> Refusal:
    """What the web service layer throws before a function runs."""
    return Refusal("webservice_access_exception", "accessexception", "Access control exception")


def coding_error(hint: str) -> Refusal:
    """A ``coding_exception``: a value that only a programmer could have sent."""
    return Refusal("core\\exception\\coding_exception", "codingerror", a=hint)


def write_error() -> Refusal:
    """The database refuses a write: too long, not unique, or a deadlock."""
    return Refusal("dml_write_exception", "dmlwriteexception")


def missing_record(table: str, moodle: str) -> Refusal:
    """``MUST_EXIST`` without a record.

    Parameters:
        table: the table looked in, without prefix.
        moodle: the release, "4.5" or "5.1"; 5.1 no longer tells the table.
    """
    kind = "dml_missing_record_exception"
    if moodle != "4.5":
        return Refusal(kind, "invalidrecordunknown")
    if table == "user":
        return Refusal(kind, "invaliduser")
    if table == "course_modules":
        return Refusal(kind, "invalidcoursemodule")
    return Refusal(kind, "invalidrecord", f"Can't find data record in database table {table}.")
