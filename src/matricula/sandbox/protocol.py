"""Moodle's REST protocol: from a request's fields to an answer's text."""

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from matricula.sandbox import functions
from matricula.sandbox.access import SITE, holds
from matricula.sandbox.faults import Faults
from matricula.sandbox.forms import parse_form
from matricula.sandbox.refusals import (
    Refusal,
    access_control,
    invalid_parameter,
    missing_record,
    refuse,
    write_error,
)
from matricula.sandbox.registry import Call, Function, functions_of
from matricula.sandbox.state import Row, State

FAMILIES = functions.__all__
"""The families of functions that are answered; importing them registers their functions."""

_SETTINGS = ("raw", "fileurl", "filter", "lang", "timezone")
_ENROLLING = ("enrol_manual_enrol_users", "enrol_manual_unenrol_users")


@dataclass
class Request:
    """A web-service request as it came: function, token, format, and the nested parameters."""

    function: str
    token: str
    as_json: bool
    raw: bool
    params: dict[str, Any]


def read_request(query: str, body: str, faults: Faults) -> Request:
    """Reads a request as PHP and Moodle do; body fields win over those of the query.

    Parameters:
        query: the query string.
        body: the form-encoded body.
        faults: whose ``max_input_vars`` cuts both.
    """
    limit = faults.settings.max_input_vars
    fields, cut = parse_form(query, limit)
    sent, cut_of_body = parse_form(body, limit, beyond=1)
    if cut or cut_of_body:
        faults.note("fields_cut", cut + cut_of_body)
    fields |= sent
    wishes = {name: fields.pop(f"moodlewssetting{name}", "") for name in _SETTINGS}
    return Request(
        function=_text(fields.pop("wsfunction", "")),
        token=_text(fields.pop("wstoken", "")),
        as_json=fields.pop("moodlewsrestformat", "") == "json",
        raw=_text(wishes["raw"]) not in ("", "0", "false"),
        params=fields,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def users_written(request: Request) -> list[int]:
    """The users an enrolment request is about, for the deadlocks that sharing them brings."""
    rows = request.params.get("enrolments")
    if request.function not in _ENROLLING or not isinstance(rows, dict):
        return []
    named = (row.get("userid") for row in rows.values() if isinstance(row, dict))
    return [int(user) for user in named if isinstance(user, str) and user.isdecimal()]


def answer(state: State, faults: Faults, request: Request, url: str, *, deadlock: bool = False) -> str:
    """Works on a request and writes the answer's text; never raises for a refusal.

    Parameters:
        state: the site; its lock is taken.
        faults: the faults in force.
        request: what was asked.
        url: the site's own address, without a slash at its end.
        deadlock: whether the database breaks off the call as a deadlock.
    """
    with state.lock:
        try:
            value = _perform(state, faults, request, url, deadlock=deadlock)
        except Refusal as refusal:
            return refusal_text(refusal, as_json=request.as_json)
    if request.as_json:
        return _json(value)
    shown = "" if value is None else _xml(value)
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<RESPONSE>\n{shown}</RESPONSE>\n'


def _perform(state: State, faults: Faults, request: Request, url: str, *, deadlock: bool) -> Any:
    user, service = _authenticate(state, faults, request.token)
    known = _function(state, request.function)
    state.missing = frozenset(faults.settings.missing_functions)
    if request.function in state.missing or not _offers(state, service, request.function):
        raise access_control()
    params = known.validators[state.moodle](request.params)
    state.refused, state.full = frozenset(faults.settings.refuse_users), faults.settings.disk_full
    state.refused_rows = frozenset(faults.settings.refuse_rows)
    if faults.settings.refuse_rows and _has_refused(request.params, faults.settings.refuse_rows):
        raise write_error()
    call = Call(state, user, service, url, raw=request.raw)
    if not (known.whole or deadlock):
        return known.handler(call, **params)
    with state.transaction():
        value = known.handler(call, **params)
        if deadlock:
            raise write_error()
        return value


def _has_refused(params: dict[str, Any], refused: list[str]) -> bool:
    rows = next(iter(params.values()), None)
    fields = (row.items() for row in rows.values() if isinstance(row, dict)) if isinstance(rows, dict) else ()
    return not {f"{name}={value}" for row in fields for name, value in row}.isdisjoint(refused)


def _authenticate(state: State, faults: Faults, token: str) -> tuple[Row, int]:
    found = state.one("SELECT * FROM token WHERE token = ?", token)
    if found is None:
        raise refuse("invalidtoken")
    if (found["validuntil"] and found["validuntil"] < state.now()) or faults.token_expired(state.now()):
        state.run("DELETE FROM token WHERE token = ? AND validuntil <> 0", token)
        raise access_control()
    user = state.record("user", found["userid"])
    if faults.settings.maintenance:
        raise refuse("sitemaintenance")
    if user["deleted"]:
        raise refuse("wsaccessuserdeleted", a=user["username"])
    if user["suspended"]:
        raise refuse("wsaccessusersuspended", a=user["username"])
    if not holds(state, user["id"], "webservice/rest:use", SITE):
        raise access_control()
    return user, found["serviceid"]


def _function(state: State, name: str) -> Function:
    if not name:
        raise invalid_parameter()
    known = functions_of(state).get(name)
    if known is None:
        raise missing_record("external_functions", state.moodle)
    return known


def _offers(state: State, service: int, name: str) -> bool:
    if state.value("SELECT everything FROM service WHERE id = ?", service):
        return True
    listed = "SELECT 1 FROM service_function WHERE serviceid = ? AND name = ?"
    return bool(state.value(listed, service, name))


def refusal_text(refusal: Refusal, *, as_json: bool) -> str:
    """A refusal as it travels."""
    if as_json:
        named = {"exception": refusal.kind, "errorcode": refusal.code, "message": refusal.message}
        return _json({name: text for name, text in named.items() if text})
    quoted = {"class": refusal.kind, "code": refusal.code, "message": refusal.message}
    quoted = {name: escape(text, {'"': "&quot;"}) for name, text in quoted.items()}
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        '<EXCEPTION class="{class}">\n<ERRORCODE>{code}</ERRORCODE>\n<MESSAGE>{message}</MESSAGE>\n'
        "</EXCEPTION>\n"
    ).format_map(quoted)


def _json(value: Any) -> str:
    """JSON as PHP writes it: no blanks, and slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        keys = (f'<KEY name="{name}">{_xml(each)}</KEY>\n' for name, each in value.items())
        return "<SINGLE>\n" + "".join(keys) + "</SINGLE>\n"
    if isinstance(value, list):
        return "<MULTIPLE>\n" + "".join(map(_xml, value)) + "</MULTIPLE>\n"
    if value is None:
        return '<VALUE null="null"/>\n'
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return "<VALUE>" + escape(text, {'"': "&quot;"}) + "</VALUE>\n"
