"""What a site tells about itself."""

import hashlib
from typing import Any

from matricula.sandbox.registry import Call, function, functions_of

RELEASES = {
    "4.5": ("4.5.5+ (Build: 20250613)", "2024100705.01"),
    "5.1": ("5.1+ (Build: 20251017)", "2025100600.02"),
}
"""By release: what ``core_webservice_get_site_info`` says as ``release`` and ``version``."""

_FEATURES = {
    "usecomments": 1, "usetags": 1, "enablenotes": 1, "messaging": 1, "enableblogs": 1,
    "enablecompletion": 1, "enablebadges": 1, "messagingallusers": 0, "enablecustomreports": 1,
    "enableglobalsearch": 0, "mnet_dispatcher_mode": 0, "enablecompetencies": 1,
}  # fmt: skip


@function("core_webservice_get_site_info", takes="serviceshortnames: [alphanumext]=[]")
def get_site_info(call: Call, serviceshortnames: list[str]) -> dict[str, Any]:  # noqa: ARG001
    """The site's name and release, the caller, and the functions of the caller's service."""
    release, version = RELEASES[call.state.moodle]
    user, state = call.user, call.state
    admin = bool(user["siteadmin"])
    return {
        "sitename": call.string(state.value("SELECT fullname FROM course WHERE id = 1")),
        "username": user["username"],
        "firstname": user["firstname"],
        "lastname": user["lastname"],
        "fullname": f"{user['firstname']} {user['lastname']}",
        "lang": user["lang"],
        "userid": user["id"],
        "siteurl": call.url,
        "userpictureurl": f"{call.url}/theme/image.php/boost/core/1/u/f1",
        "functions": [{"name": name, "version": version} for name in _functions(call) if name not in state.missing],
        "downloadfiles": 1,
        "uploadfiles": 1,
        "release": release,
        "version": version,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": name, "value": value} for name, value in _FEATURES.items()],
        "usercanmanageownfiles": True,
        "userquota": 0 if admin else 104857600,
        "usermaxuploadfilesize": -1 if admin else 104857600,
        "userhomepage": int(state.setting("defaulthomepage", "0")),
        "userprivateaccesskey": hashlib.md5(f"files of {user['id']}".encode()).hexdigest(),  # noqa: S324
        "siteid": 1,
        "sitecalendartype": "gregorian",
        "usercalendartype": user["calendartype"],
        "userissiteadmin": admin,
        "theme": "boost",
        "limitconcurrentlogins": 0,
        "policyagreed": 0,
    }


def _functions(call: Call) -> list[str]:
    if call.state.value("SELECT everything FROM service WHERE id = ?", call.service):
        return sorted(functions_of(call.state))
    rows = call.state.all("SELECT name FROM service_function WHERE serviceid = ?", call.service)
    return [row["name"] for row in rows]
