# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Signing on by key: the ``auth_userkey`` plugin's one function, as it is with its defaults."""

import secrets
from typing import Any

from matricula.sandbox.refusals import invalid_parameter
from matricula.sandbox.registry import Call, function

KEYS = "userkey."
"""Begins the settings in which keys that were given out wait, each with the id of its user."""


@function(
    "auth_userkey_request_login_url",
    takes="user: {username: raw?, email: raw?, idnumber: raw?, ip: raw?}",
)
def request_login_url(call: Call, user: dict[str, str]) -> dict[str, Any]:
    """An address that signs a user on once, for a minute.

    The user is named by the one field the plugin is set to (setting ``auth_userkey.mappingfield``,
    the e-mail address unless changed). Somebody suspended still gets one: the plugin does not look.
    """
    field = call.state.setting("auth_userkey.mappingfield", "email")
    if set(user) - {"ip"} != {field}:
        raise invalid_parameter()
    sql = f"SELECT id FROM user WHERE deleted = 0 AND fold({field}) = fold(?)"
    found = call.state.all(sql, user[field])
    if len(found) != 1:
        raise invalid_parameter()
    key = secrets.token_hex(16)
    call.state.set_setting(f"{KEYS}{key}", str(found[0]["id"]))
    return {"loginurl": f"{call.url}/auth/userkey/login.php?key={key}"}
