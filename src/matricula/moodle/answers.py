"""What an HTTP answer of a Moodle means: a value, or one of the errors of `matricula.moodle.errors`."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from matricula.moodle.errors import (
    AccessRefused,
    Busy,
    FunctionMissing,
    InDoubt,
    MoodleError,
    NotMoodle,
    Refused,
    RolledBack,
    SiteFailure,
    TokenRefused,
)
from matricula.moodle.exchange import Answer, Asked

ONE_TRANSACTION = frozenset(
    {
        "core_user_create_users",
        "core_user_delete_users",
        "core_course_create_courses",
        "core_course_create_categories",
        "core_course_update_categories",
        "core_course_delete_categories",
        "enrol_manual_enrol_users",
        "enrol_manual_unenrol_users",
        "core_role_assign_roles",
        "core_role_unassign_roles",
        "core_group_create_groups",
        "core_group_update_groups",
        "core_group_delete_groups",
        "core_group_add_group_members",
        "core_group_delete_group_members",
        "core_group_create_groupings",
        "core_group_update_groupings",
        "core_group_delete_groupings",
        "core_group_assign_grouping",
        "core_group_unassign_grouping",
        "core_cohort_create_cohorts",
        "core_cohort_update_cohorts",
        "core_cohort_delete_cohorts",
        "core_cohort_add_cohort_members",
        "core_cohort_delete_cohort_members",
    }
)
"""Functions that take their whole batch back when they are refused (Moodle's delegated transactions)."""

_SERVICES = "Site administration > Server > Web services"
_ROLES = "Site administration > Users > Permissions > Define roles"
_FRONT_PAGE = (
    "Give the address that people see on Moodle's front page, and make sure that no sign-in page or other "
    "program stands before /webservice/rest/server.php there."
)
_TOKEN_CODES = frozenset({"invalidtoken", "invalidtimedtoken", "missingtoken"})
_USER_CODES = frozenset(
    {
        "wsaccessuserdeleted",
        "wsaccessuserunconfirmed",
        "wsaccessusersuspended",
        "wsaccessuserexpired",
        "wsaccessusernologin",
        "usernotconfirmed",
        "passwordisexpired",
        "forcepasswordchangenotice",
    }
)
_CAPABILITY_CODES = frozenset({"nopermissions", "nopermissiontoshow", "requireloginerror", "criteriaerror"})
_WAIT_CODES = frozenset({"sitemaintenance", "cannotexecduringupgrade", "upgraderunning"})
_FAILURE_CODES = frozenset(
    {"dmlreadexception", "ddlexecuteerror", "invaliddatarootpermissions", "generalexceptionmessage"}
)
_UNKNOWN_FUNCTION_CODES = frozenset({"invalidrecord", "invalidrecordunknown"})
_GONE = "A record that the call names is not on the site (any more): plan again."
_ADVICE = {
    "invalidparameter": "A value is missing, not allowed, or already taken by another record.",
    "invalidusername": "Usernames may hold lower-case letters, digits and . - _ @ only.",
    "dmlwriteexception": "A value is probably longer than Moodle's column (names 100, idnumber 255 characters).",
    "passwordpolicy": "Give the account a password that keeps to these rules.",
    "invaliduser": _GONE,
    "invalidrecord": _GONE,
    "invalidrecordunknown": _GONE,
    "shortnametaken": "Give the course another short name, or match it with the course that has it.",
    "courseidnumbertaken": "Give the course another ID number, or match it with the course that has it.",
    "categoryidnumbertaken": "Give the category another ID number, or match it with the one that has it.",
    "wsusercannotassign": f"Let the token's user assign the role: {_ROLES} > Allow role assignments.",
    "wsnoinstance": "Add or enable manual enrolment in the course: Participants > Enrolment methods.",
    "enddatebeforestartdate": "Mend the course's start and end dates.",
}


def read(answer: Answer, asked: Asked) -> Any:
    """The value that Moodle answered.

    Raises:
        MoodleError: one of the tree, when the answer is no value.
    """
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        if answer.status == 200:
            _raise_for_text(answer, asked)
        _raise_for_status(answer, asked)
    if isinstance(value, dict) and _tells_error(value):
        raise error_for(value, asked)
    if answer.status != 200:
        _raise_for_status(answer, asked)
    return value


def _tells_error(value: dict[str, Any]) -> bool:
    """Errors come as `exception` with `errorcode`, of PHP itself without, and of a broken start as `error`."""
    if "exception" in value:
        return "errorcode" in value or "message" in value
    return "error" in value and "errorcode" in value


def error_for(told: dict[str, Any], asked: Asked) -> MoodleError:
    """The error that Moodle's `{exception, errorcode, message}` stands for."""
    code = asked.plain(told.get("errorcode") or "", 100)
    if "<" in str(told.get("errorcode")):  # Moodle puts the words of its password policy here
        code = "passwordpolicy"
    message = (
        asked.plain(told.get("message") or told.get("error") or "no reason given").removeprefix("error/").strip(" .")
    )
    if told.get("debuginfo"):
        message = f"{message} ({asked.plain(told['debuginfo'])})"
    if code in _TOKEN_CODES:
        return asked.error(
            TokenRefused,
            f"Moodle does not know this token: {message}.",
            f"Copy the token again, or make a new one: {_SERVICES} > Manage tokens.",
            code,
        )
    if code == "accessexception" or code in _UNKNOWN_FUNCTION_CODES:
        if _is_unknown_function(asked, anew=code == "accessexception"):
            return _function_missing(asked, code)
        if code == "accessexception":
            return _access_refused(message, asked, code)
    if code in _USER_CODES:
        return asked.error(
            AccessRefused,
            f"The token's user may not use web services: {message}.",
            "Mend that account (confirmed, not suspended, able to sign in): "
            "Site administration > Users > Accounts > Browse list of users.",
            code,
        )
    if code in _CAPABILITY_CODES:
        return asked.error(
            AccessRefused,
            f"The token's user lacks a permission: {message}.",
            f"Allow it in that user's role: {_ROLES}.",
            code,
        )
    return _other_error(code, message, asked) if code else _php_error(message, asked)


def _php_error(message: str, asked: Asked) -> MoodleError:
    """PHP's own errors (a bug in Moodle or a plugin) come without a code."""
    if not asked.repeatable:
        return in_doubt(f"Moodle broke off with a programming error: {message}.", asked)
    return asked.error(
        SiteFailure, f"Moodle broke off with a programming error: {message}.", "Look at the site's PHP error log."
    )


def _other_error(code: str, message: str, asked: Asked) -> MoodleError:
    if code in _WAIT_CODES:
        return _maintenance(asked, code)
    if code == "dbconnectionfailed":
        return asked.error(Busy, "Moodle could not reach its database.", "Try again in some minutes.", code)
    if code == "invalidresponse" and not asked.repeatable:
        return asked.error(
            InDoubt,
            "Moodle ran the call and then found its own answer invalid, so part or all of it was done.",
            "Read the records and send again what is missing.",
            code,
        )
    if code == "dmlwriteexception" and asked.repeatable:
        return asked.error(Busy, "Moodle's database was too busy to answer.", "Try again in some minutes.", code)
    if code == "dmlwriteexception" and asked.function not in ONE_TRANSACTION:
        return asked.error(
            InDoubt,
            "The database refused part of the call, and this function does not take the rest back.",
            "Read the records and send again what is missing.",
            code,
        )
    if code in _FAILURE_CODES or (code in {"invalidresponse", "codingerror"} and asked.repeatable):
        return asked.error(
            SiteFailure,
            f"Moodle failed: {message}.",
            "Look at the site's PHP error log, or switch on debugging there to learn more.",
            code,
        )
    kind = RolledBack if code == "dmlwriteexception" else Refused
    return asked.error(kind, f"Moodle refused this: {message}.", _ADVICE.get(code, ""), code)


def _is_unknown_function(asked: Asked, *, anew: bool) -> bool:
    """Moodle answers "missing record" for a function that does not exist, as for any record."""
    functions = asked.functions(False)  # noqa: FBT003
    if anew and functions is not None and asked.function in functions:
        functions = asked.functions(True)  # noqa: FBT003
    return functions is not None and asked.function not in functions


def _function_missing(asked: Asked, code: str) -> MoodleError:
    return asked.error(
        FunctionMissing,
        f"The token's service does not have the function {asked.function}.",
        f"Add it: {_SERVICES} > External services > Functions > Add functions. If it is not in the "
        "list there, this Moodle is too old for it or the plugin that brings it is disabled.",
        code,
    )


def _access_refused(message: str, asked: Asked, code: str) -> MoodleError:
    return asked.error(
        AccessRefused,
        f"Moodle knows the token and refuses the call: {message}.",
        f"Check in this order: the token's expiry date and IP restriction ({_SERVICES} > Manage tokens); "
        "that the service is enabled and, if only for authorised users, that the token's user is one of them "
        f"({_SERVICES} > External services); that this user's role allows webservice/rest:use ({_ROLES}).",
        code,
    )


def _maintenance(asked: Asked, code: str = "", pause: float | None = None) -> Busy:
    busy = asked.error(
        Busy,
        "The site is in maintenance mode or being upgraded.",
        "Try again when it is over. To end it: Site administration > Server > Maintenance mode.",
        code,
    )
    busy.pause, busy.soon = pause, False
    return busy


def in_doubt(told: str, asked: Asked) -> InDoubt:
    """The error for a write whose outcome is unknown."""
    remedy = "Whether the records were written is unknown: read them before sending them again."
    return asked.error(InDoubt, told, remedy)


def _raise_for_status(answer: Answer, asked: Asked) -> NoReturn:
    status, pause = answer.status, _pause(answer.headers.get("retry-after", ""))
    if 300 <= status < 400:
        _raise_for_redirect(answer, asked)
    if status == 503 and _tells_maintenance(answer):
        raise _maintenance(asked, pause=pause)
    if status == 429:
        busy = asked.error(Busy, "The site asks for fewer calls (HTTP 429).", "Try again later.")
        busy.pause = pause
        raise busy
    if status >= 500:
        _raise_for_gateway(answer, asked, pause)
    if status == 413:
        raise asked.error(
            Refused,
            "The call is larger than the web server takes (HTTP 413).",
            "Send fewer records in one call, or raise the server's limit "
            "(client_max_body_size, LimitRequestBody, post_max_size).",
        )
    if status == 403 and not answer.body.strip():
        raise asked.error(
            AccessRefused,
            "Web services or the REST protocol are switched off.",
            "Switch on both: Site administration > General > Advanced features > Enable web services; "
            f"{_SERVICES} > Manage protocols > REST protocol.",
        )
    if status in {401, 403, 407}:
        raise asked.error(
            AccessRefused,
            f"The web server or something before it refuses the call (HTTP {status}): {_excerpt(answer, asked)}",
            "Let this computer reach /webservice/rest/server.php without another sign-in or filter.",
        )
    raise asked.error(
        NotMoodle, f"HTTP {status} came instead of a Moodle answer: {_excerpt(answer, asked)}", _FRONT_PAGE
    )


def _raise_for_redirect(answer: Answer, asked: Asked) -> NoReturn:
    target = asked.plain(answer.headers.get("location", "nowhere"), 200).partition("?")[0]
    if target.endswith("/admin/index.php"):  # Moodle sends every caller there until its upgrade is done
        raise _maintenance(asked)
    address = target.partition("/webservice/")[0].rstrip("/")
    remedy = _FRONT_PAGE if "/login" in target else f"If that is the site, set its address to {address} ."
    raise asked.error(NotMoodle, f"The site sends callers on to {target} .", remedy)


def _raise_for_gateway(answer: Answer, asked: Asked, pause: float | None) -> NoReturn:
    told = f"HTTP {answer.status} came instead of an answer: {_excerpt(answer, asked)}"
    if not asked.repeatable:
        raise in_doubt(told, asked)
    if answer.status in {502, 503, 504}:
        busy = asked.error(Busy, told, "Try again in some minutes.")
        busy.pause = pause
        raise busy
    raise asked.error(SiteFailure, told, "Look at the site's PHP error log.")


def _raise_for_text(answer: Answer, asked: Asked) -> NoReturn:
    cut = answer.body[:1] in {b"{", b"["} or not answer.body.strip()
    if cut:
        told = f"The answer broke off after {len(answer.body)} bytes."
    else:
        told = f"This came instead of a Moodle answer: {_excerpt(answer, asked)}"
    if not asked.repeatable:
        raise in_doubt(told, asked)
    if cut:
        raise asked.error(Busy, told, "If it happens again, look at the site's PHP error log (memory_limit).")
    raise asked.error(NotMoodle, told, _FRONT_PAGE)


def _excerpt(answer: Answer, asked: Asked) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0] or "no content type"
    text = asked.plain(answer.body[:2000].decode("utf-8", "replace"), 120)
    return f"{asked.plain(kind, 60)}, “{text}”." if text else f"{asked.plain(kind, 60)}, empty."


def _tells_maintenance(answer: Answer) -> bool:
    """Moodle's own page: `503 Moodle under maintenance`, sent before any call is looked at."""
    return "under maintenance" in answer.reason.lower() or b"maintenance" in answer.body[:20000].lower()


def _pause(text: str) -> float | None:
    """Seconds of a Retry-After header: a number, or a date."""
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
