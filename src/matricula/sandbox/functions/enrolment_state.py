"""Enrolments as they stand: who is in a course, and what their coming and going brings with it."""

from typing import Any

from matricula.sandbox.access import COURSE, Place, assign_role, context_id
from matricula.sandbox.state import Row, State

ACTIVE, SUSPENDED = 0, 1
BY_HAND = frozenset({"manual", "self"})
"""Methods whose roles belong to nobody: they are as if given on the page."""

METHODS = (("manual", ACTIVE), ("guest", SUSPENDED), ("self", SUSPENDED))
"""The enrolment methods a new course gets, and whether each is switched on."""


def add_methods(state: State, course: int) -> None:
    """Gives a new course its enrolment methods (``enrol_course_updated``)."""
    for name, status in METHODS:
        state.insert("enrol", enrol=name, status=status, courseid=course, roleid=5 if name != "guest" else 0)


def enrol(
    state: State, method: Row, user: int, *, role: int = 0, start: int = 0, end: int = 0, status: int = 0
) -> None:
    """Puts a user into a course by one method, or changes the dates and status he has there.

    Parameters:
        method: the enrolment method's record (table ``enrol``).
        user: the user's id.
        role: a role to give as well; 0 for none. Roles held before stay.
        start: first moment, in seconds since 1970; 0 for no limit.
        end: last moment, likewise.
        status: 0 active, 1 suspended.
    """
    state.run(
        "INSERT INTO user_enrolments (status, enrolid, userid, timestart, timeend) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (enrolid, userid) DO UPDATE SET status = excluded.status,"
        " timestart = excluded.timestart, timeend = excluded.timeend",
        status,
        method["id"],
        user,
        start,
        end,
    )
    course = method["courseid"]
    if role:
        own = () if method["enrol"] in BY_HAND else (f"enrol_{method['enrol']}", method["id"])
        assign_role(state, role, user, Place(COURSE, course), *own)
    if method["enrol"] != "meta":
        follow_links(state, course, user)


def unenrol(state: State, method: Row, user: int) -> None:
    """Takes a user out of one method; with the last one go roles, groups and grades of the course."""
    course, item = method["courseid"], method["id"]
    if not state.run("DELETE FROM user_enrolments WHERE enrolid = ? AND userid = ?", item, user):
        return
    component = f"enrol_{method['enrol']}"
    context = context_id(state, Place(COURSE, course))
    state.run(
        "DELETE FROM role_assignments WHERE contextid = ? AND userid = ? AND component = ? AND itemid = ?",
        context,
        user,
        component,
        item,
    )
    state.run("DELETE FROM groups_members WHERE userid = ? AND component = ? AND itemid = ?", user, component, item)
    if not is_enrolled(state, course, user):
        _clean_up(state, course, user, context)
    if method["enrol"] != "meta":
        follow_links(state, course, user)


def _clean_up(state: State, course: int, user: int, context: int) -> None:
    state.run("DELETE FROM role_assignments WHERE contextid = ? AND userid = ?", context, user)
    state.run(
        "DELETE FROM groups_members WHERE userid = ? AND groupid IN (SELECT id FROM groups WHERE courseid = ?)",
        user,
        course,
    )
    state.run(
        "DELETE FROM grade_grades WHERE userid = ? AND itemid IN (SELECT id FROM grade_items WHERE courseid = ?)",
        user,
        course,
    )


def forget_user(state: State, user: int) -> None:
    """Ends all enrolments and memberships of a user who is being deleted."""
    methods = state.all(
        "SELECT e.* FROM enrol e JOIN user_enrolments ue ON ue.enrolid = e.id WHERE ue.userid = ?", user
    )
    for method in methods:
        unenrol(state, method, user)
    state.run("DELETE FROM groups_members WHERE userid = ?", user)
    state.run("DELETE FROM grade_grades WHERE userid = ?", user)


def is_enrolled(state: State, course: int, user: int, *, active: bool = False) -> bool:
    """Whether a user is in a course by any method; ``active`` asks for one that counts now."""
    sql = "SELECT 1 FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid WHERE e.courseid = ? AND ue.userid = ?"
    values: list[Any] = [course, user]
    if active:
        sql += " AND ue.status = 0 AND e.status = 0 AND ue.timestart <= ? AND (ue.timeend = 0 OR ue.timeend > ?)"
        values += [state.now(), state.now()]
    return state.value(sql, *values) is not None


def manual_method(state: State, course: int, *, enabled: bool) -> Row | None:
    """The course's manual enrolment method, or None."""
    rows = state.all("SELECT * FROM enrol WHERE courseid = ? AND enrol = 'manual' ORDER BY id", course)
    return next((row for row in rows if not enabled or row["status"] == ACTIVE), None)


def own_method(state: State, course: int) -> Row:
    """The course's method of the plugin enrol_matricula; it is made when first needed."""
    sql = "SELECT * FROM enrol WHERE courseid = ? AND enrol = 'matricula' ORDER BY id"
    found = state.one(sql, course)
    return found or state.record("enrol", state.insert("enrol", enrol="matricula", courseid=course, roleid=0))


def follow_cohort(state: State, cohort: int, user: int) -> None:
    """Enrols a member of a cohort where the cohort is synchronised, and unenrols who is none (``enrol_cohort``)."""
    member = state.value("SELECT 1 FROM cohort_members WHERE cohortid = ? AND userid = ?", cohort, user)
    for method in state.all("SELECT * FROM enrol WHERE enrol = 'cohort' AND customint1 = ?", cohort):
        if not member:
            unenrol(state, method, user)
            continue
        enrol(state, method, user, role=method["roleid"])
        if method["customint2"]:
            state.run(
                "INSERT OR IGNORE INTO groups_members VALUES (?, ?, 'enrol_cohort', ?)",
                method["customint2"],
                user,
                method["id"],
            )


def follow_links(state: State, course: int, user: int) -> None:
    """Brings the courses that are linked to this one in line, for one user (``enrol_meta_handler``)."""
    for link in state.all("SELECT * FROM enrol WHERE enrol = 'meta' AND customint1 = ?", course):
        follow_link(state, link, user)


def follow_link(state: State, link: Row, user: int) -> None:
    """Brings one linked course in line with its source for one user.

    A user who left the source is suspended in the linked course and loses the roles he had through
    it, as Moodle's default for links has it.
    """
    sources = state.all(
        "SELECT ue.*, e.status AS off FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid"
        " WHERE e.courseid = ? AND ue.userid = ? AND e.enrol <> 'meta'",
        link["customint1"],
        user,
    )
    here = Place(COURSE, link["courseid"])
    context = context_id(state, here)
    state.run(
        "DELETE FROM role_assignments WHERE contextid = ? AND userid = ? AND component = 'enrol_meta' AND itemid = ?",
        context,
        user,
        link["id"],
    )
    if not sources:
        state.run("UPDATE user_enrolments SET status = 1 WHERE enrolid = ? AND userid = ?", link["id"], user)
        return
    status = ACTIVE if any(not (row["status"] or row["off"]) for row in sources) else SUSPENDED
    ends = [row["timeend"] for row in sources]
    enrol(
        state,
        link,
        user,
        start=min(row["timestart"] for row in sources),
        end=0 if 0 in ends else max(ends),
        status=status,
    )
    _copy_roles(state, link, user, here)
    if link["customint2"]:
        state.run(
            "INSERT OR IGNORE INTO groups_members VALUES (?, ?, 'enrol_meta', ?)",
            link["customint2"],
            user,
            link["id"],
        )


def _copy_roles(state: State, link: Row, user: int, here: Place) -> None:
    source = context_id(state, Place(COURSE, link["customint1"]))
    held = state.all(
        "SELECT DISTINCT roleid FROM role_assignments WHERE contextid = ? AND userid = ? AND component <> 'enrol_meta'",
        source,
        user,
    )
    for row in held:
        assign_role(state, row["roleid"], user, here, "enrol_meta", link["id"])
