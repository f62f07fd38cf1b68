# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Accounts: creating, changing, removing and finding them (``user/externallib.php``)."""

import hashlib
import re
from typing import Any

from matricula.sandbox.cleaning import (
    AUTH_INTERNAL,
    clean_int,
    clean_username,
    strip_tags,
)
from matricula.sandbox.functions.enrolment_state import forget_user
from matricula.sandbox.functions.user_details import ACCOUNT_FIELDS, FIELDS, details
from matricula.sandbox.refusals import (
    Refusal,
    coding_error,
    invalid_parameter,
    invalid_response,
    refuse,
)
from matricula.sandbox.registry import Call, function, words
from matricula.sandbox.state import Row
from matricula.sandbox.texts import fold

_PROFILE = """maildisplay: int?, city: text?, country: alpha?, timezone: timezone?, description: raw?,
    firstnamephonetic: notags?, lastnamephonetic: notags?, middlename: notags?, alternatename: notags?,
    interests: text?, institution: text?, department: text?, phone1: notags?, phone2: notags?,
    address: text?, theme: theme?, mailformat: int?, customfields: [{type: alphanumext, value: raw}]?,
    preferences: [{type: raw, value: raw}]?"""

_COLUMNS = words(
    "auth username idnumber firstname lastname email maildisplay city country timezone description "
    "firstnamephonetic lastnamephonetic middlename alternatename institution department phone1 phone2 "
    "address lang calendartype theme mailformat suspended"
)

_ADDRESS = re.compile(
    r"(?!\.)(?!.*\.\.)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}(?<!\.)"
    r"@(?=.{1,253}$)([A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)

_POLICY = (
    (r".{8,}", "Passwords must be at least 8 characters long."),
    (r".*\d", "Passwords must have at least 1 digit(s)."),
    (r".*[a-z]", "Passwords must have at least 1 lower case letter(s)."),
    (r".*[A-Z]", "Passwords must have at least 1 upper case letter(s)."),
    (
        r".*[^a-zA-Z0-9]",
        "The password must have at least 1 special character(s) such as *, -, or #.",
    ),
)
_COUNTRIES = words(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV "
    "BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES "
    "ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE "
    "IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY "
    "MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU "
    "NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM "
    "SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE "
    "VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)


@function(
    "core_user_create_users",
    takes=f"""users: [{{createpassword: bool?, username: username, auth: auth=manual, password: raw?,
        firstname: notags, lastname: notags, email: raw_trimmed, idnumber: raw='', lang: lang=en,
        calendartype: plugin=gregorian, {_PROFILE}}}]""",
    whole=True,
)
def create_users(call: Call, users: list[Row]) -> list[dict[str, Any]]:
    """Creates accounts, all or none."""
    call.access.require("moodle/user:create")
    return [_create(call, user) for user in users]


def _create(call: Call, user: Row) -> dict[str, Any]:
    state = call.state
    if not all(user[name].strip() for name in ("username", "firstname", "lastname")):
        raise invalid_parameter()
    if state.value("SELECT 1 FROM user WHERE username = ?", user["username"]):
        raise invalid_parameter()
    if user["auth"] not in AUTH_INTERNAL:
        raise invalid_parameter()
    if not user["lang"]:
        raise invalid_parameter()
    internal, password = AUTH_INTERNAL[user["auth"]], user.get("password", "")
    generated = bool(user.get("createpassword"))
    if internal and password in ("", "0") and not generated:
        raise invalid_parameter()
    _check_address(call, user["email"], 0)
    kept = internal and not generated
    if kept:
        _check_password(password)
    now = state.now()
    record = {name: user[name] for name in _COLUMNS & set(user)}
    if record.get("country") and record["country"] not in _COUNTRIES:
        record["country"] = ""
    record["password"] = hashlib.sha256(password.encode()).hexdigest() if kept else ""
    key = state.insert("user", **record, timecreated=now, timemodified=now)
    _write_extras(call, key, user)
    if generated:
        _set_preference(call, key, "auth_forcepasswordchange", "1")
    return {"id": key, "username": user["username"]}


def _check_address(call: Call, email: str, own: int) -> None:
    """Refuses an address that is none, or that another account has (case does not count)."""
    if not _ADDRESS.fullmatch(email):
        raise invalid_parameter() if not own else refuse("useremailinvalid")
    if call.state.setting("allowaccountssameemail", "0") == "1":
        return
    if call.state.value("SELECT 1 FROM user WHERE lower_(email) = lower_(?) AND id <> ?", email, own):
        raise invalid_parameter() if not own else refuse("useremailduplicate")


def _check_password(password: str) -> None:
    wrong = [f"<div>{text}</div>" for rule, text in _POLICY if not re.match(rule, password, re.DOTALL)]
    if wrong:
        raise refuse("".join(wrong))


def _write_extras(call: Call, key: int, user: Row) -> None:
    if user.get("interests"):
        tags = dict.fromkeys(each.strip() for each in user["interests"].split(",") if each.strip())
        call.state.update("user", key, interests=", ".join(tags))
    for field in user.get("customfields", []):
        call.state.run(
            "INSERT OR REPLACE INTO user_data (userid, fieldid, data)"
            " SELECT ?, id, ? FROM user_field WHERE shortname = ?",
            key,
            field["value"],
            field["type"],
        )
    for preference in user.get("preferences", []):
        _set_preference(call, key, preference["type"], preference["value"])


def _set_preference(call: Call, key: int, name: str, value: str) -> None:
    call.state.run("INSERT OR REPLACE INTO user_preference VALUES (?, ?, ?)", key, name, value)


@function(
    "core_user_update_users",
    takes=f"""users: [{{id: int, username: username?, auth: auth?, suspended: bool?, password: raw?,
        firstname: notags?, lastname: notags?, email: raw_trimmed?, userpicture: int?, idnumber: raw?,
        lang: lang?, calendartype: plugin?, {_PROFILE}}}]""",
)
def update_users(call: Call, users: list[Row]) -> dict[str, Any]:
    """Changes accounts, each on its own; what fails is told as a warning."""
    call.access.require("moodle/user:update")
    warnings = []
    for user in users:
        try:
            with call.state.transaction():
                _update(call, user)
        except Refusal as reason:
            warnings.append(
                {
                    "item": "user",
                    "itemid": user["id"],
                    "warningcode": reason.code,
                    "message": reason.message,
                }
            )
    if not all(warning["warningcode"].isalnum() for warning in warnings):
        raise invalid_response()
    return {"warnings": warnings}


def _update(call: Call, user: Row) -> None:
    state, key = call.state, user["id"]
    existing = state.one("SELECT * FROM user WHERE id = ?", key)
    if existing is None:
        raise refuse("invaliduserid")
    if existing["siteadmin"] and key != call.user["id"] and not call.user["siteadmin"]:
        raise refuse("usernotupdatedadmin")
    if existing["deleted"]:
        raise refuse("usernotupdateddeleted")
    if existing["username"] == "guest":
        raise refuse("usernotupdatedguest")
    if "email" in user and user["email"] != existing["email"]:
        _check_address(call, user["email"], key)
    if "password" in user:
        _check_password(user["password"])
    record = {name: user[name] for name in _COLUMNS & set(user) if user[name] != existing[name]}
    if not record.get("calendartype", "x"):
        del record["calendartype"]
    if record.get("country") and record["country"] not in _COUNTRIES:
        record["country"] = ""
    if record:
        state.update("user", key, **record, timemodified=state.now())
    _write_extras(call, key, user)


@function("core_user_delete_users", takes="userids: [int]", whole=True)
def delete_users(call: Call, userids: list[int]) -> None:
    """Removes accounts for good, all or none; their records stay, renamed."""
    call.access.require("moodle/user:delete")
    for key in userids:
        user = call.state.one("SELECT * FROM user WHERE id = ? AND deleted = 0", key)
        if user is None:
            raise call.missing("user")
        if user["siteadmin"]:
            raise refuse("useradminodelete")
        if key == call.user["id"]:
            raise refuse("usernotdeletederror")
        if user["username"] != "guest":
            _delete(call, user)


def _delete(call: Call, user: Row) -> None:
    state, key = call.state, user["id"]
    forget_user(state, key)
    for table in ("user_data", "user_preference", "token", "cohort_members", "role_assignments"):
        state.run(f"DELETE FROM {table} WHERE userid = ?", key)
    stem, moment = clean_username(user["email"])[:89], state.now()
    while state.value("SELECT 1 FROM user WHERE username = ?", f"{stem}.{moment:10d}"):
        moment += 1
    state.update(
        "user",
        key,
        deleted=1,
        username=f"{stem}.{moment:10d}",
        email=hashlib.md5(user["username"].encode()).hexdigest(),  # noqa: S324 — Moodle's choice
        idnumber="",
        timemodified=state.now(),
    )


@function("core_user_get_users_by_field", takes="field: alpha, values: [raw]")
def get_users_by_field(call: Call, field: str, values: list[str]) -> list[dict[str, Any]]:
    """Accounts whose id, idnumber, username or email is one of those given."""
    if field not in ("id", "idnumber", "username", "email"):
        raise coding_error("invalid field parameter")
    wanted = [_cleaned(field, value) for value in values]
    if field in ("id", "username"):
        found = call.state.among(f"SELECT * FROM user WHERE {field} IN ({{}})", wanted)
    else:
        marks = f"SELECT * FROM user WHERE fold({field}) IN ({{}})"
        found = call.state.among(marks, [fold(str(value)) for value in wanted])
    unique = {user["id"]: user for user in found}
    users = details(call, [unique[key] for key in sorted(unique)], ACCOUNT_FIELDS)
    return [user for user in users if user.get(field) not in (None, "", "0")]


def _cleaned(field: str, value: str) -> str | int:
    if field == "id":
        number = clean_int(value)
        if not re.fullmatch(r"\s*[+-]?\d+(\.0*)?\s*", value):
            raise invalid_parameter()
        return number
    if field == "username" and clean_username(value) != value:
        raise invalid_parameter()
    if field == "email" and value.strip(" \t\n\r\v\0") != value:
        raise invalid_parameter()
    return value


_CRITERIA = {
    "id": "id = ?",
    "idnumber": "fold(idnumber) = fold(?)",
    "username": "username = ?",
    "auth": "auth = ?",
    "email": "lower_(email) LIKE lower_(?) ESCAPE '\\'",
    "lastname": "lower_(lastname) LIKE lower_(?) ESCAPE '\\'",
    "firstname": "lower_(firstname) LIKE lower_(?) ESCAPE '\\'",
}


@function("core_user_get_users", takes="criteria: [{key: alpha, value: raw}]")
def get_users(call: Call, criteria: list[Row]) -> dict[str, Any]:
    """Accounts that meet all criteria; an unknown criterion is a warning and leaves everybody in."""
    where, values, seen, warnings = ["deleted = 0"], [], set(), []
    for criterion in criteria:
        key, value = criterion["key"], criterion["value"]
        if key in seen:
            raise refuse("keyalreadyset")
        seen.add(key)
        if key not in _CRITERIA:
            warnings.append(_unknown_key(key))
            continue
        where.append(_CRITERIA[key])
        values.append(_criterion(key, value))
    users = call.state.all(f"SELECT * FROM user WHERE {' AND '.join(where)} ORDER BY id", *values)
    needed = seen & set(_CRITERIA)
    found = [
        user
        for user in details(call, users, ACCOUNT_FIELDS)
        if all(user.get(key) not in (None, "", "0") for key in needed)
    ]
    return {"users": found, "warnings": warnings}


def _unknown_key(key: str) -> dict[str, str]:
    return {
        "item": key,
        "warningcode": "invalidfieldparameter",
        "message": f"The search key '{key}' is not supported, look at the web service documentation",
    }


def _criterion(key: str, value: str) -> str | int:
    if key == "id":
        return clean_int(value)
    if key == "username":
        return clean_username(value)
    if key in ("firstname", "lastname"):
        return strip_tags(value)
    if key == "auth":
        return value if value in AUTH_INTERNAL else ""
    return value.strip() if key == "email" else value


@function("core_user_get_course_user_profiles", takes="userlist: [{userid: int, courseid: int}]")
def get_course_user_profiles(call: Call, userlist: list[Row]) -> list[dict[str, Any]]:
    """Accounts as participants of a course; of a user named twice only the last course counts."""
    courses = {entry["userid"]: entry["courseid"] for entry in userlist}
    found = []
    for user in call.state.among("SELECT * FROM user WHERE deleted = 0 AND id IN ({})", sorted(courses)):
        place = call.course_place(courses[user["id"]])
        call.access.enter(place)
        course = call.state.record("course", courses[user["id"]])
        found += details(call, [user], FIELDS - {"lastcourseaccess"}, course)
    return found
