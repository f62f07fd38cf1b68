# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""How people look from outside: Moodle's ``user_get_user_details`` for many users at once."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from matricula.sandbox.access import COURSE, Place, holds
from matricula.sandbox.refusals import refuse
from matricula.sandbox.registry import Call, words
from matricula.sandbox.state import Row

FIELDS = words(
    "id username fullname firstname lastname email address phone1 phone2 department institution "
    "idnumber interests firstaccess lastaccess auth confirmed suspended lang theme timezone mailformat "
    "trackforums description descriptionformat city country profileimageurlsmall profileimageurl "
    "customfields groups roles preferences enrolledcourses lastcourseaccess"
)
"""The fields a caller may ask for (``user_get_default_fields``)."""

_COURSE_ONLY = frozenset({"groups", "roles", "enrolledcourses", "lastcourseaccess"})
ACCOUNT_FIELDS = FIELDS - _COURSE_ONLY
"""What the user functions answer."""
PARTICIPANT_FIELDS = FIELDS - {
    "auth", "confirmed", "suspended", "lang", "theme", "timezone", "mailformat", "trackforums",
}  # fmt: skip
"""What the functions about a course's participants answer."""

_IF_ANY = ("address", "phone1", "phone2", "city", "country", "interests", "institution", "idnumber")
_FOR_FULL = ("idnumber", "institution", "department")
_ACCOUNT = ("auth", "lang", "theme", "mailformat", "trackforums")


def details(
    call: Call, users: list[Row], answered: frozenset[str], course: Row | None = None, asked: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """The users as the caller may see them; those he may not see are left out.

    Parameters:
        call: the call under way.
        users: records of users.
        answered: the fields the function at hand answers at all.
        course: the course whose participants they are, if any.
        asked: the fields asked for; all where none is named.
    """
    wanted = frozenset(asked) or FIELDS
    for name in asked:
        if name not in FIELDS:
            raise refuse("invaliduserfield", a=name)
    wanted |= {"id", "fullname"}
    viewer = _Viewer(call, course)
    shown = [user for user in users if viewer.may_see(user)]
    extras = _Extras(call, shown, wanted & answered, course)
    found = []
    for user in shown:
        entry = viewer.entry(user, wanted) | extras.of(user)
        found.append({name: value for name, value in entry.items() if name in answered})
    return found


class _Viewer:
    """What the caller may know of others, here or in the whole site."""

    def __init__(self, call: Call, course: Row | None) -> None:
        self._call = call
        self._here = Place(COURSE, course["id"]) if course else Place(10)
        self._in_course = course is not None
        self._admin = bool(call.user["siteadmin"])
        self._all_details = call.access.can("moodle/user:viewalldetails", self._here)
        self._details = call.access.can("moodle/user:viewdetails", self._here)
        self._identity = call.access.can("moodle/site:viewuseridentity", self._here)
        self._classmates: set[int] | None = None
        base = f"{call.url}/theme/image.php/boost/core/1/u/"
        self._pictures = {"profileimageurlsmall": f"{base}f2", "profileimageurl": f"{base}f1"}

    def may_see(self, user: Row) -> bool:
        if self._details or user["id"] == self._call.user["id"]:
            return True
        return (not self._in_course and self._teaches_somewhere(user)) or self._shared_course(user)

    def _teaches_somewhere(self, user: Row) -> bool:
        sql = "SELECT 1 FROM role_assignments WHERE userid = ? AND roleid = 3"
        return bool(self._call.state.value(sql, user["id"]))

    def _shared_course(self, user: Row) -> bool:
        if self._in_course:
            return False
        courses = self._call.state.all(
            "SELECT DISTINCT e.courseid FROM enrol e JOIN user_enrolments ue ON ue.enrolid = e.id"
            " JOIN user_enrolments mine ON mine.enrolid = e.id AND mine.userid = ? WHERE ue.userid = ?",
            self._call.user["id"],
            user["id"],
        )
        viewer = self._call.user["id"]
        return any(
            holds(self._call.state, viewer, "moodle/user:viewdetails", Place(COURSE, row["courseid"]))
            for row in courses
        )

    def entry(self, user: Row, wanted: frozenset[str]) -> dict[str, Any]:
        own = user["id"] == self._call.user["id"]
        full = own or self._all_details
        entry: dict[str, Any] = {
            "id": user["id"],
            "fullname": f"{user['firstname']} {user['lastname']}",
            "firstname": user["firstname"],
            "lastname": user["lastname"],
            "firstaccess": user["firstaccess"],
            "lastaccess": user["lastaccess"],
            "lastcourseaccess": 0,
            "timezone": user["timezone"],
            "suspended": bool(user["suspended"]),
            **self._pictures,
        }
        for name in _IF_ANY:
            if user[name] and user[name] != "0" and (self._admin or name not in ("phone1", "phone2")):
                entry[name] = user[name]
        entry["department"] = user["department"]
        if full:
            entry["username"] = user["username"]
            entry |= {name: user[name] for name in _ACCOUNT}
            entry["confirmed"] = bool(user["confirmed"])
        else:
            for name in _FOR_FULL:
                entry.pop(name, None)
        if user["description"] is not None:
            shown = self._call.text(user["description"], user["descriptionformat"])
            entry["description"], entry["descriptionformat"] = shown
        if own or self._identity or self._shows_mail(user):
            entry["email"] = user["email"]
        if own:
            entry["preferences"] = self._preferences()
        kept = {name: value for name, value in entry.items() if name in wanted}
        if "description" in kept:
            kept["descriptionformat"] = entry["descriptionformat"]
        return kept

    def _shows_mail(self, user: Row) -> bool:
        """Whether a user shows his address to everybody, or to those he shares a course with."""
        if user["maildisplay"] == 2:
            if self._classmates is None:
                self._classmates = self._find_classmates()
            return user["id"] in self._classmates
        return bool(user["maildisplay"] == 1)

    def _find_classmates(self) -> set[int]:
        rows = self._call.state.all(
            "SELECT DISTINCT ue.userid FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid"
            " WHERE e.courseid IN (SELECT own.courseid FROM enrol own JOIN user_enrolments mine"
            " ON mine.enrolid = own.id WHERE mine.userid = ? AND mine.status = 0 AND own.status = 0)",
            self._call.user["id"],
        )
        return {row["userid"] for row in rows}

    def _preferences(self) -> list[dict[str, Any]]:
        state = self._call.state
        rows = state.all("SELECT name, value FROM user_preference WHERE userid = ?", self._call.user["id"])
        return [*rows, {"name": "_lastloaded", "value": state.now()}]


class _Extras:
    """What lies in other tables, read once for all users: profile fields, roles, groups, courses."""

    def __init__(self, call: Call, users: list[Row], wanted: frozenset[str], course: Row | None) -> None:
        self._call = call
        self._wanted = wanted
        self._course = course
        self._ids = [user["id"] for user in users]
        self._custom = self._custom_fields() if "customfields" in wanted else {}
        self._courses = self._enrolled_courses() if "enrolledcourses" in wanted else {}
        in_course = course is not None
        self._roles = self._course_roles() if in_course and "roles" in wanted else {}
        self._groups = self._course_groups() if in_course and "groups" in wanted else {}

    def of(self, user: Row) -> dict[str, Any]:
        key, found = user["id"], {}
        if key in self._custom:
            found["customfields"] = self._custom[key]
        if self._course is not None and "roles" in self._wanted:
            found["roles"] = self._roles.get(key, [])
        if key in self._groups:
            found["groups"] = self._groups[key]
        if key in self._courses:
            found["enrolledcourses"] = self._courses[key]
        return found

    def _custom_fields(self) -> dict[int, list[Row]]:
        rows = self._call.state.among(
            "SELECT d.userid, f.datatype, d.data, f.name, f.shortname FROM user_data d"
            " JOIN user_field f ON f.id = d.fieldid WHERE d.data <> '' AND d.userid IN ({}) ORDER BY f.id",
            self._ids,
        )
        found: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            found[row["userid"]].append(
                {
                    "type": row["datatype"],
                    "value": row["data"],
                    "displayvalue": self._call.string(row["data"]),
                    "name": self._call.string(row["name"]),
                    "shortname": row["shortname"],
                }
            )
        return found

    def _course_roles(self) -> dict[int, list[Row]]:
        rows = self._call.state.all(
            "SELECT ra.userid, r.id AS roleid, r.shortname, r.sortorder FROM role_assignments ra"
            " JOIN context c ON c.id = ra.contextid JOIN role r ON r.id = ra.roleid"
            " WHERE c.level = 50 AND c.instanceid = ? ORDER BY r.sortorder, ra.id",
            (self._course or {})["id"],
        )
        found: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            user = row.pop("userid")
            found[user].append({"roleid": row["roleid"], "name": "", **row})
        return found

    def _course_groups(self) -> dict[int, list[Row]]:
        rows = self._call.state.all(
            "SELECT m.userid, g.id, g.name, g.description, g.descriptionformat FROM groups_members m"
            " JOIN groups g ON g.id = m.groupid WHERE g.courseid = ? ORDER BY g.name",
            (self._course or {})["id"],
        )
        found: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            text, kind = self._call.text(row["description"], row["descriptionformat"])
            name = self._call.string(row["name"])
            found[row["userid"]].append({"id": row["id"], "name": name, "description": text, "descriptionformat": kind})
        return found

    def _enrolled_courses(self) -> dict[int, list[Row]]:
        now = self._call.state.now()
        rows = self._call.state.among(
            "SELECT DISTINCT ue.userid, c.id, c.fullname, c.shortname, c.visible,"
            " COALESCE(cc.sortorder, 0) + c.place AS sorted FROM user_enrolments ue"
            " JOIN enrol e ON e.id = ue.enrolid JOIN course c ON c.id = e.courseid"
            " LEFT JOIN course_categories cc ON cc.id = c.category"
            f" WHERE ue.status = 0 AND e.status = 0 AND ue.timestart < {now} AND c.category <> 0"
            f" AND (ue.timeend = 0 OR ue.timeend > {now}) AND ue.userid IN ({{}})"
            " ORDER BY c.visible DESC, sorted",
            self._ids,
        )
        found: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            if row["visible"] or self._sees_hidden(row["userid"], row["id"]):
                names = {name: self._call.string(row[name]) for name in ("fullname", "shortname")}
                found[row["userid"]].append({"id": row["id"], **names})
        return found

    def _sees_hidden(self, user: int, course: int) -> bool:
        return holds(self._call.state, user, "moodle/course:viewhiddencourses", Place(COURSE, course))
