# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Who may do what where: contexts, roles and capabilities, as Moodle's ``accesslib`` has them."""

from dataclasses import dataclass

from matricula.sandbox.capabilities import CAPABILITIES
from matricula.sandbox.refusals import invalid_parameter, no_access, no_permission
from matricula.sandbox.state import Row, State

SYSTEM, USER, CATEGORY, COURSE, MODULE = 10, 30, 40, 50, 70
LEVELS = {"system": SYSTEM, "user": USER, "coursecat": CATEGORY, "course": COURSE, "module": MODULE}
SITE_COURSE = 1
EVERYBODY = 7
"""The role "authenticated user", which every account has in the whole site."""


@dataclass(frozen=True)
class Place:
    """A context: a level (one of the numbers above) and the id of what is there (0 for the system)."""

    level: int
    instance: int = 0


SITE = Place(SYSTEM)


class Access:
    """The caller's rights during one call.

    Parameters:
        state: the site.
        user: the caller's record.
    """

    def __init__(self, state: State, user: Row) -> None:
        self._state = state
        self._user = user
        self._known: dict[tuple[str, Place], bool] = {}

    def can(self, capability: str, place: Place = SITE) -> bool:
        """Whether the caller has a capability at a place."""
        if self._user["siteadmin"]:
            return True
        key = (capability, place)
        if key not in self._known:
            self._known[key] = holds(self._state, self._user["id"], capability, place)
        return self._known[key]

    def require(self, capability: str, place: Place = SITE) -> None:
        """Refuses the call with ``nopermissions`` unless the caller has the capability."""
        if not self.can(capability, place):
            raise no_permission(CAPABILITIES[capability][0])

    def enter(self, place: Place | None) -> None:
        """Refuses the call unless the caller may be at that place (``validate_context``)."""
        if place is None:
            raise invalid_parameter()
        if self._user["siteadmin"] or place.level not in (COURSE, MODULE):
            return
        course = place.instance
        if place.level == MODULE:
            course = self._state.record("course_modules", place.instance)["course"]
        if course == SITE_COURSE:
            return
        self.enter_course(self._state.record("course", course))

    def enter_course(self, course: Row) -> None:
        """Refuses the call unless the caller may see that course."""
        here = Place(COURSE, course["id"])
        if not course["visible"] and not self.can("moodle/course:viewhiddencourses", here):
            raise no_access()
        if not self.can("moodle/course:view", here) and not self._takes_part(course["id"]):
            raise no_access()

    def assignable_roles(self, place: Place) -> set[int]:
        """The roles that the caller may give to people at that place."""
        if not self.can("moodle/role:assign", place):
            return set()
        fitting = {
            row["roleid"] for row in self._state.all("SELECT roleid FROM role_level WHERE level = ?", place.level)
        }
        if self._user["siteadmin"]:
            return fitting
        held = roles_held(self._state, self._user["id"], place)
        allowed = self._state.among("SELECT assigns FROM role_allow WHERE roleid IN ({})", held)
        return fitting & {row["assigns"] for row in allowed}

    def _takes_part(self, course: int) -> bool:
        now = self._state.now()
        return bool(
            self._state.value(
                "SELECT 1 FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid WHERE e.courseid = ?"
                " AND ue.userid = ? AND ue.status = 0 AND e.status = 0 AND ue.timestart < ?"
                " AND (ue.timeend = 0 OR ue.timeend > ?)",
                course,
                self._user["id"],
                now,
                now,
            )
        )


def holds(state: State, userid: int, capability: str, place: Place) -> bool:
    """Whether some user has a capability at a place, by role assignments there or above."""
    if state.value("SELECT siteadmin FROM user WHERE id = ?", userid):
        return True
    carriers = {
        row["roleid"] for row in state.all("SELECT roleid FROM role_capability WHERE capability = ?", capability)
    }
    return bool(carriers & roles_held(state, userid, place))


def roles_held(state: State, userid: int, place: Place) -> set[int]:
    """The roles a user has at a place or anywhere above it."""
    held = {EVERYBODY}
    for above in path(state, place):
        held |= {
            row["roleid"]
            for row in state.all(
                "SELECT ra.roleid FROM role_assignments ra JOIN context c ON c.id = ra.contextid"
                " WHERE ra.userid = ? AND c.level = ? AND c.instanceid = ?",
                userid,
                above.level,
                above.instance,
            )
        }
    return held


def path(state: State, place: Place) -> list[Place]:
    """A place and everything above it, up to the system."""
    above: list[Place] = [place]
    course = category = None
    if place.level == MODULE:
        course = state.value("SELECT course FROM course_modules WHERE id = ?", place.instance)
        above.append(Place(COURSE, course or 0))
    elif place.level == COURSE:
        course = place.instance
    elif place.level == CATEGORY:
        category = place.instance
    if course:
        category = state.value("SELECT category FROM course WHERE id = ?", course)
    while category:
        if above[-1] != Place(CATEGORY, category):
            above.append(Place(CATEGORY, category))
        category = state.value("SELECT parent FROM course_categories WHERE id = ?", category)
    return above if place.level == SYSTEM else [*above, SITE]


def context_id(state: State, place: Place) -> int:
    """The number of a context; it gets one when it is first needed."""
    found = state.value("SELECT id FROM context WHERE level = ? AND instanceid = ?", place.level, place.instance)
    return int(found) if found else state.insert("context", level=place.level, instanceid=place.instance)


def place_of(state: State, context: int) -> Place | None:
    """The place with that context number, or None."""
    row = state.one("SELECT level, instanceid FROM context WHERE id = ?", context)
    return Place(row["level"], row["instanceid"]) if row else None


_TABLES = {USER: "user", CATEGORY: "course_categories", COURSE: "course", MODULE: "course_modules"}


def place_from(state: State, params: Row) -> Place | None:
    """The place named by ``contextid``, or by ``contextlevel`` and ``instanceid``.

    Source: ``external_api::get_context_from_params``; a level may be a name or a number.

    Returns:
        the place, or None where nothing is there.
    """
    if params.get("contextid"):
        return place_of(state, params["contextid"])
    if not params.get("contextlevel") or params.get("instanceid") is None:
        raise invalid_parameter()
    given = params["contextlevel"]
    level = int(given) if given.isdecimal() else LEVELS.get(given)
    if level == SYSTEM:
        return SITE
    if level not in _TABLES:
        raise invalid_parameter()
    found = state.value(f"SELECT 1 FROM {_TABLES[level]} WHERE id = ?", params["instanceid"])
    return Place(level, params["instanceid"]) if found else None


def assign_role(state: State, role: int, user: int, place: Place, component: str = "", item: int = 0) -> None:
    """Gives a user a role at a place; giving it again changes nothing."""
    context = context_id(state, place)
    state.run(
        "INSERT OR IGNORE INTO role_assignments (roleid, contextid, userid, component, itemid) VALUES (?, ?, ?, ?, ?)",
        role,
        context,
        user,
        component,
        item,
    )
