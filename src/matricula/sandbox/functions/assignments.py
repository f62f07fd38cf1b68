"""Assignments: what there is, what was handed in, and grading (``mod/assign/externallib.php``)."""

from typing import Any

from matricula.sandbox.access import COURSE, MODULE, Place
from matricula.sandbox.functions.gradebook import change_item, write_grade
from matricula.sandbox.refusals import Refusal
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row

_UNGRADED = -1
_CONFIG = {"plugin": "comments", "subtype": "assignsubmission", "name": "enabled", "value": "0"}
_SETTINGS = {
    "nosubmissions": 1, "submissiondrafts": 1, "sendnotifications": 0, "sendlatenotifications": 0,
    "sendstudentnotifications": 1, "gradepenalty": 0, "completionsubmit": 0, "gradingduedate": 0,
    "teamsubmission": 0, "requireallteammemberssubmit": 0, "teamsubmissiongroupingid": 0,
    "blindmarking": 0, "hidegrader": 0, "revealidentities": 0, "attemptreopenmethod": "untilpass",
    "maxattempts": 1, "markingworkflow": 0, "markingallocation": 0, "markinganonymous": 0,
    "requiresubmissionstatement": 0, "preventsubmissionnotingroup": 0, "configs": [_CONFIG],
}  # fmt: skip


@function(
    "mod_assign_get_assignments",
    takes="courseids: [int]=[], capabilities: [capability]=[], includenotenrolledcourses: bool=0",
)
def get_assignments(
    call: Call, courseids: list[int], capabilities: list[str], *, includenotenrolledcourses: bool
) -> dict[str, Any]:
    """The assignments of courses; of those the caller is not enrolled in only when told to."""
    mine = own_courses(call)
    warnings: list[dict[str, Any]] = []
    wanted = courseids or mine
    if courseids and not includenotenrolledcourses:
        lost = [key for key in courseids if key not in mine]
        message = "User is not enrolled or does not have requested capability"
        warnings += [_warning("course", key, "2", message) for key in lost]
        wanted = [key for key in courseids if key in mine]
    courses = []
    for key in dict.fromkeys(wanted):
        try:
            course = call.state.record("course", key)
            call.access.enter(Place(COURSE, key))
        except Refusal as reason:
            message = f"No access rights in course context {reason.message}"
            warnings.append(_warning("course", key, "1", message))
            continue
        if all(call.access.can(capability, Place(COURSE, key)) for capability in capabilities):
            courses.append(_course(call, course))
    return {"courses": courses, "warnings": warnings}


def own_courses(call: Call) -> list[int]:
    """The ids of the courses the caller is active in."""
    now = call.state.now()
    rows = call.state.all(
        "SELECT DISTINCT e.courseid FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid"
        " WHERE ue.userid = ? AND ue.status = 0 AND e.status = 0 AND ue.timestart < ?"
        " AND (ue.timeend = 0 OR ue.timeend > ?) ORDER BY e.courseid",
        call.user["id"],
        now,
        now,
    )
    return [row["courseid"] for row in rows]


def activities(call: Call, module: str, course: int) -> list[Row]:
    """The activities of one kind in a course, with their place in it."""
    return call.state.all(
        "SELECT a.*, m.id AS cmid, m.section, m.visible, m.groupmode, m.groupingid FROM course_modules m"
        " JOIN activity a ON a.module = m.module AND a.id = m.instance"
        " WHERE m.module = ? AND m.course = ? ORDER BY m.section, m.id",
        module,
        course,
    )


def _course(call: Call, course: Row) -> dict[str, Any]:
    return {
        "id": course["id"],
        "fullname": call.string(course["fullname"]),
        "shortname": call.string(course["shortname"]),
        "timemodified": course["timemodified"],
        "assignments": [_assignment(call, row) for row in activities(call, "assign", course["id"])],
    }


def _assignment(call: Call, row: Row) -> dict[str, Any]:
    intro, kind = call.text(row["intro"], 1)
    entry = _SETTINGS | {
        "id": row["id"],
        "cmid": row["cmid"],
        "course": row["course"],
        "name": call.string(row["name"]),
        "duedate": row["closes"],
        "allowsubmissionsfromdate": row["opens"],
        "grade": int(row["grade"]),
        "cutoffdate": row["cutoff"],
        "timemodified": row["timemodified"],
        "timelimit": row["timelimit"],
        "submissionattachments": 0,
        "intro": intro,
        "introformat": kind,
        "introfiles": [],
        "introattachments": [],
    }
    if call.state.moodle == "4.5":
        del entry["gradepenalty"]
    return entry


def _warning(item: str, key: int, code: str, message: str) -> dict[str, Any]:
    return {"item": item, "itemid": key, "warningcode": code, "message": message}


def _visible(call: Call, assignmentids: list[int]) -> tuple[list[int], list[dict[str, Any]]]:
    """Those of the assignments the caller may see grades of, and a warning for each of the others."""
    allowed, warnings = list(dict.fromkeys(assignmentids)), []
    modules = call.state.among(
        "SELECT * FROM course_modules WHERE module = 'assign' AND instance IN ({}) ORDER BY id", allowed
    )
    for module in modules:
        here = Place(MODULE, module["id"])
        try:
            call.access.enter(here)
            call.access.require("mod/assign:viewgrades", here)
        except Refusal:
            allowed.remove(module["instance"])
            message = "No access rights in module context"
            warnings.append(_warning("assignment", module["instance"], "1", message))
    return allowed, warnings


@function("mod_assign_get_grades", takes="assignmentids: [int], since: int=0")
def get_grades(call: Call, assignmentids: list[int], since: int) -> dict[str, Any]:
    """The grades given in assignments; of a submission that is there, and its last attempt."""
    allowed, warnings = _visible(call, assignmentids)
    found: dict[int, list[dict[str, Any]]] = {}
    rows = call.state.among(
        "SELECT g.* FROM assign_grades g JOIN assign_submission s ON s.assignment = g.assignment"
        " AND s.userid = g.userid AND s.attemptnumber = g.attemptnumber WHERE g.timemodified >= ?"
        " AND g.assignment IN ({}) ORDER BY g.assignment, g.id",
        allowed,
        since,
    )
    names = ("id", "userid", "attemptnumber", "timecreated", "timemodified", "grader")
    for row in rows:
        entry = {name: row[name] for name in names} | {"grade": f"{row['grade']:.5f}"}
        found.setdefault(row["assignment"], []).append(entry)
    warnings += [_warning("assignment", key, "3", "No grades found") for key in allowed if key not in found]
    graded = [{"assignmentid": key, "grades": grades} for key, grades in found.items()]
    return {"assignments": graded, "warnings": warnings}


@function("mod_assign_get_submissions", takes="assignmentids: [int], status: alpha='', since: int=0, before: int=0")
def get_submissions(call: Call, assignmentids: list[int], status: str, since: int, before: int) -> dict[str, Any]:
    """What was handed in."""
    allowed, warnings = _visible(call, assignmentids)
    found = []
    for key in allowed:
        if not call.state.value("SELECT 1 FROM course_modules WHERE module = 'assign' AND instance = ?", key):
            continue
        rows = call.state.all(
            "SELECT * FROM assign_submission s WHERE assignment = ? AND timemodified >= ? AND attemptnumber ="
            " (SELECT MAX(attemptnumber) FROM assign_submission WHERE assignment = s.assignment AND userid = s.userid)"
            " ORDER BY id",
            key,
            since,
        )
        rows = [
            row
            for row in rows
            if (not status or row["status"] == status) and (not before or row["timemodified"] <= before)
        ]
        if not rows:
            warnings.append(_warning("module", key, "3", "No submissions found"))
        found.append({"assignmentid": key, "submissions": [_submission(call, row) for row in rows]})
    return {"assignments": found, "warnings": warnings}


def _submission(call: Call, row: Row) -> dict[str, Any]:
    graded = call.state.value(
        "SELECT 1 FROM assign_grades WHERE assignment = ? AND userid = ? AND grade >= 0",
        row["assignment"],
        row["userid"],
    )
    return {
        "id": row["id"],
        "userid": row["userid"],
        "attemptnumber": row["attemptnumber"],
        "timecreated": row["timecreated"],
        "timemodified": row["timemodified"],
        "timestarted": None,
        "status": row["status"],
        "groupid": 0,
        "plugins": [{"type": "comments", "name": "Submission comments"}],
        "gradingstatus": "graded" if graded else "notgraded",
    }


_GRADE = """userid: int, grade: float, attemptnumber: int, addattempt: bool, workflowstate: alpha,
    plugindata: {assignfeedbackcomments_editor: {text: raw, format: int}?, files_filemanager: int?}=[],
    advancedgradingdata: {guide: {criteria: [{criterionid: int, fillings: [{criterionid: int,
        levelid: int?, remark: raw?, remarkformat: int?, score: float}]?}]}?,
        rubric: {criteria: [{criterionid: int, fillings: [{criterionid: int, levelid: int?, remark: raw?,
        remarkformat: int?}]?}]}?}=[]"""


@function("mod_assign_save_grade", takes=f"assignmentid: int, applytoall: bool, {_GRADE}")
def save_grade(call: Call, assignmentid: int, userid: int, grade: float, **rest: Any) -> None:
    """Grades one user's work, as a teacher does on the page."""
    assignment = _gradable(call, assignmentid)
    _save(call, assignment, userid, grade, rest["plugindata"])


@function("mod_assign_save_grades", takes=f"assignmentid: int, applytoall: bool, grades: [{{{_GRADE}}}]")
def save_grades(call: Call, assignmentid: int, grades: list[Row], **rest: Any) -> None:
    """Grades several users' work, one after the other."""
    del rest
    assignment = _gradable(call, assignmentid)
    for row in grades:
        _save(call, assignment, row["userid"], row["grade"], row["plugindata"])


def _gradable(call: Call, assignmentid: int) -> Row:
    module = call.state.one("SELECT * FROM course_modules WHERE module = 'assign' AND instance = ?", assignmentid)
    if module is None:
        raise call.missing("assign")
    here = Place(MODULE, module["id"])
    call.access.enter(here)
    call.access.require("mod/assign:grade", here)
    activity = call.state.one("SELECT * FROM activity WHERE module = 'assign' AND id = ?", assignmentid)
    if activity is None:
        raise call.missing("assign")
    return activity


def _save(call: Call, assignment: Row, userid: int, grade: float, feedback: dict[str, Any]) -> None:
    state, now, user = call.state, call.state.now(), userid
    points = max(float(_UNGRADED), min(float(assignment["grade"]), grade))
    state.run(
        "INSERT OR IGNORE INTO assign_submission (assignment, userid, timecreated, timemodified) VALUES (?, ?, ?, ?)",
        assignment["id"],
        user,
        now,
        now,
    )
    kept = state.one("SELECT * FROM assign_grades WHERE assignment = ? AND userid = ?", assignment["id"], user)
    ungraded = kept is None or kept["grade"] == _UNGRADED
    if kept is None:
        grader = call.user["id"] if points != _UNGRADED else _UNGRADED
        state.insert(
            "assign_grades", assignment=assignment["id"], userid=user, grader=grader, grade=points,
            timecreated=now, timemodified=now,
        )  # fmt: skip
    else:
        state.update("assign_grades", kept["id"], grader=call.user["id"], grade=points, timemodified=now)
    if not (ungraded and points == _UNGRADED):
        _to_gradebook(call, assignment, user, points, feedback)


def _to_gradebook(call: Call, assignment: Row, user: int, points: float, feedback: dict[str, Any]) -> None:
    item = call.state.one(
        "SELECT * FROM grade_items WHERE itemmodule = 'assign' AND iteminstance = ? AND itemnumber = 0",
        assignment["id"],
    )
    if item is None:
        return
    number = call.state.value(
        "SELECT idnumber FROM course_modules WHERE module = 'assign' AND instance = ?", assignment["id"]
    )
    own = {"itemname": assignment["name"], "idnumber": number, "grademax": assignment["grade"], "grademin": 0.0}
    changes = {name: value for name, value in own.items() if item[name] != value}
    if changes:
        change_item(call.state, item, **changes)
        item = call.state.record("grade_items", item["id"])
    write_grade(call.state, item, user, points if points >= 0 else None)
    comment = feedback.get("assignfeedbackcomments_editor")
    if comment:
        call.state.run(
            "UPDATE grade_grades SET feedback = ?, feedbackformat = ? WHERE itemid = ? AND userid = ?",
            comment["text"],
            comment["format"],
            item["id"],
            user,
        )
