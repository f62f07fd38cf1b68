"""What a fresh sandbox holds: the contract's site, an empty one, or a school that is lived in."""

import hashlib
from collections.abc import Callable

from matricula.sandbox.access import CATEGORY, COURSE, MODULE, SITE, SYSTEM, context_id
from matricula.sandbox.capabilities import CAPABILITIES
from matricula.sandbox.functions.categories import arrange
from matricula.sandbox.functions.course_state import ensure_forum
from matricula.sandbox.functions.enrolment_state import add_methods, enrol, manual_method
from matricula.sandbox.functions.gradebook import add_activity, ensure_gradebook, retotal, write_grade
from matricula.sandbox.lived_in import lived_in_school
from matricula.sandbox.state import State

CONTRACT_DAY = 1795132800 + 6 * 3600
"""The day the contract's transcripts were taken: 20 November 2026, in seconds since 1970."""

ROLES = ("manager", "coursecreator", "editingteacher", "teacher", "student", "guest", "user", "frontpage")
_LEVELS = {
    "manager": (SYSTEM, CATEGORY, COURSE),
    "coursecreator": (SYSTEM, CATEGORY),
    "editingteacher": (COURSE, MODULE),
    "teacher": (COURSE, MODULE),
    "student": (COURSE, MODULE),
}
_MAY_ASSIGN = {1: (1, 2, 3, 4, 5), 3: (4, 5)}
_FEW = ("core_webservice_get_site_info", "core_user_get_users_by_field", "core_course_get_categories")


def load(state: State, fixture: str, *, plugins: bool = False) -> None:
    """Fills a fresh site.

    Parameters:
        state: the site; it must be empty.
        fixture: "contract", "empty" or "school".
        plugins: whether it has the plugins of Matricula.

    Raises:
        ValueError: there is no such fixture.
    """
    if fixture not in FIXTURES:
        raise ValueError(f"There is no fixture {fixture!r}. Take one of: {', '.join(FIXTURES)}.")
    with state.transaction():
        state.set_setting("fixture", fixture)
        state.set_setting("plugins", "1" if plugins else "0")
        if fixture == "contract":
            state.live_from(CONTRACT_DAY)
        _site(state)
        FIXTURES[fixture](state)


def tokens(state: State) -> dict[str, str]:
    """The site's tokens by label: admin (every function), few (three), plain (a user who may nothing)."""
    return {row["label"]: row["token"] for row in state.all("SELECT label, token FROM token")}


def _site(state: State) -> None:
    """What every site has: roles, services, the guest, an administrator, a category, three tokens."""
    context_id(state, SITE)
    _roles(state)
    state.insert("service", name="everything", everything=1)
    few = state.insert("service", name="few", everything=0)
    for name in _FEW:
        state.run("INSERT INTO service_function VALUES (?, ?)", few, name)
    now = state.now()
    guest = "This user is a special user that allows read-only access to some courses."
    state.insert(
        "user", username="guest", firstname="Guest user", lastname=" ", email="root@localhost",
        description=guest, timecreated=now,
    )  # fmt: skip
    state.insert(
        "user", username="admin", firstname="Admin", lastname="User", email="admin@example.org", siteadmin=1,
        timecreated=now,
    )  # fmt: skip
    state.insert(
        "user", username="wsplain", firstname="WS", lastname="Plain", email="wsplain@example.org",
        timecreated=now,
    )  # fmt: skip
    for label, user, service in (("admin", 2, 1), ("few", 2, few), ("plain", 3, 1)):
        add_token(state, label, user, service)
    state.insert(
        "course", category=0, fullname="Test School", shortname="school", format="site", summaryformat=0,
        newsitems=3, timecreated=now, timemodified=now, cacherev=now,
    )  # fmt: skip
    state.insert("course_sections", course=1, section=1)
    state.insert("course_categories", name="Category 1", place=1, timemodified=now)
    for shortname, name in (("housename", "House"), ("yeargroup", "Year group")):
        state.insert("user_field", shortname=shortname, name=name)
    arrange(state)


def add_token(state: State, label: str, user: int, service: int, validuntil: int = 0) -> str:
    """Gives a user a token for a service; the same label always gives the same token.

    Parameters:
        state: the site.
        label: the name by which the sandbox's own lists know it.
        user: the id of the user it speaks for.
        service: the id of the service (1 has every function, 2 has three).
        validuntil: the moment it ends (seconds since 1970); 0 for never.
    """
    token = hashlib.md5(f"matricula sandbox {label}".encode()).hexdigest()  # noqa: S324 — 32 hex digits
    state.run("INSERT INTO token VALUES (?, ?, ?, ?, ?)", token, label, user, service, validuntil)
    return token


def _roles(state: State) -> None:
    for number, shortname in enumerate(ROLES, 1):
        state.insert("role", shortname=shortname, sortorder=number)
        for level in _LEVELS.get(shortname, ()):
            state.run("INSERT INTO role_level VALUES (?, ?)", number, level)
    for role, others in _MAY_ASSIGN.items():
        for other in others:
            state.run("INSERT INTO role_allow VALUES (?, ?)", role, other)
    for capability, (_, shortnames) in CAPABILITIES.items():
        for shortname in shortnames.split():
            role = ROLES.index(shortname) + 1
            state.run("INSERT INTO role_capability VALUES (?, ?)", capability, role)


def _empty(state: State) -> None:
    del state


_PEOPLE = (
    ("ada", "Ada", "Lovelace"),
    ("alan", "Alan", "Turing"),
    ("grace", "Grace", "Hopper"),
    ("teach", "Tia", "Cher"),
)
_ACTIVITIES = (
    ("assign", "Essay one", "ESSAY1", 50),
    ("assign", "Essay two", "ESSAY2", 100),
    ("quiz", "Quiz one", "", 10),
    ("lesson", "Lesson one", "", 20),
)


def _contract(state: State) -> None:
    """The site the contract's transcripts start from."""
    for username, firstname, lastname in _PEOPLE:
        state.insert(
            "user", username=username, firstname=firstname, lastname=lastname,
            email=f"{username}@example.org", idnumber=f"P-{username}", timecreated=state.now(),
        )  # fmt: skip
    start = 1790000000
    course = state.insert(
        "course", category=1, place=1, fullname="Graded course", shortname="GRADED", idnumber="GRADED-1",
        summaryformat=0, newsitems=1, startdate=start, timecreated=state.now(),
        timemodified=state.now(), cacherev=state.now(),
    )  # fmt: skip
    for number in range(3):
        state.insert("course_sections", course=course, section=number)
    add_methods(state, course)
    ensure_forum(state, course)
    method = manual_method(state, course, enabled=True)
    if method is not None:
        for user, role, status in ((4, 5, 0), (5, 5, 0), (6, 5, 1), (7, 3, 0)):
            enrol(state, method, user, role=role, status=status)
    _gradebook(state, course, start)


def _gradebook(state: State, course: int, start: int) -> None:
    """Activities, a grade category, manual grades: the user's totals are from before the latter."""
    for module, name, idnumber, grade in _ACTIVITIES:
        dates = {"opens": start, "closes": 1795000000} if module == "assign" else {}
        limits = {"timelimit": 600} if module == "quiz" else {}
        add_activity(state, course, module, name, grade, idnumber=idnumber, hidden=module == "quiz", **dates, **limits)
    top = ensure_gradebook(state, course)
    manual = state.insert(
        "grade_items", courseid=course, categoryid=top, itemname="Class participation", itemtype="manual",
        itemnumber=0, idnumber="PART", grademax=10, sortorder=6,
    )  # fmt: skip
    coursework = state.insert("grade_categories", courseid=course, parent=top, fullname="Coursework")
    state.insert("grade_items", courseid=course, itemtype="category", iteminstance=coursework, grademax=0, sortorder=7)
    retotal(state, course)
    now = state.now()
    state.insert("assign_submission", assignment=1, userid=4, timecreated=now, timemodified=now)
    state.insert("assign_grades", assignment=1, userid=4, grader=-1, grade=40, timecreated=now, timemodified=now)
    write_grade(state, state.record("grade_items", 2), 4, 40)
    for user, points in ((4, 7.5), (5, 9.0)):
        write_grade(state, state.record("grade_items", manual), user, points, by_activity=False)


FIXTURES: dict[str, Callable[[State], None]] = {
    "contract": _contract,
    "empty": _empty,
    "school": lived_in_school,
}
