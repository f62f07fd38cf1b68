"""Quizzes and lessons of courses (``mod_quiz``, ``mod_lesson``)."""

from typing import Any

from matricula.sandbox.access import COURSE, Place
from matricula.sandbox.functions.assignments import activities, own_courses
from matricula.sandbox.refusals import Refusal
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row


def _by_courses(call: Call, module: str, courseids: list[int]) -> tuple[list[Row], list[dict[str, Any]]]:
    """The activities of one kind in courses, and a warning for each course out of reach."""
    rows: list[Row] = []
    warnings: list[dict[str, Any]] = []
    for key in dict.fromkeys(courseids or own_courses(call)):
        try:
            call.state.record("course", key)
            call.access.enter(Place(COURSE, key))
        except Refusal:
            message = "No access rights in course context"
            warnings.append({"item": "course", "itemid": key, "warningcode": "1", "message": message})
            continue
        rows += activities(call, module, key)
    return rows, warnings


@function("mod_quiz_get_quizzes_by_courses", takes="courseids: [int]=[]")
def get_quizzes_by_courses(call: Call, courseids: list[int]) -> dict[str, Any]:
    """The quizzes of courses."""
    rows, warnings = _by_courses(call, "quiz", courseids)
    return {"quizzes": [_quiz(call, row) for row in rows], "warnings": warnings}


_QUIZ = {
    "overduehandling": "autosubmit", "graceperiod": 86400, "canredoquestions": 0, "attemptonlast": 0,
    "reviewattempt": 69904, "reviewcorrectness": 69904, "reviewmaxmarks": 69904, "reviewmarks": 69904,
    "reviewspecificfeedback": 69904, "reviewgeneralfeedback": 69904, "reviewrightanswer": 69904,
    "reviewoverallfeedback": 4368, "questionsperpage": 1, "navmethod": "free", "shuffleanswers": 1,
    "browsersecurity": "", "delay1": 0, "delay2": 0, "showuserpicture": 0, "showblocks": 0,
    "completionattemptsexhausted": 0, "completionpass": 0, "allowofflineattempts": 0,
    "autosaveperiod": 60,
}  # fmt: skip
_QUIZ_SINCE_5 = {"enableaitools": None, "enabledaiactions": None, "precreateattempts": None}


def _quiz(call: Call, row: Row) -> dict[str, Any]:
    intro, kind = call.text(row["intro"], 1)
    settings: dict[str, Any] = _QUIZ if call.state.moodle == "4.5" else _QUIZ | _QUIZ_SINCE_5
    return settings | {
        "id": row["id"],
        "coursemodule": row["cmid"],
        "course": row["course"],
        "name": call.string(row["name"]),
        "intro": intro,
        "introformat": kind,
        "introfiles": [],
        "section": row["section"],
        "visible": bool(row["visible"]),
        "groupmode": row["groupmode"],
        "groupingid": row["groupingid"],
        "lang": "",
        "timeopen": row["opens"],
        "timeclose": row["closes"],
        "timelimit": row["timelimit"],
        "grade": row["grade"],
        "attempts": 0,
        "grademethod": 1,
        "decimalpoints": 2,
        "questiondecimalpoints": -1,
        "sumgrades": 0,
        "preferredbehaviour": "deferredfeedback",
        "hasfeedback": 0,
        "hasquestions": 0,
        "timecreated": row["timemodified"],
        "timemodified": row["timemodified"],
        "password": "",
        "subnet": "",
    }


@function("mod_lesson_get_lessons_by_courses", takes="courseids: [int]=[]")
def get_lessons_by_courses(call: Call, courseids: list[int]) -> dict[str, Any]:
    """The lessons of courses."""
    rows, warnings = _by_courses(call, "lesson", courseids)
    return {"lessons": [_lesson(call, row) for row in rows], "warnings": warnings}


_LESSON = {
    "modattempts": False, "usepassword": False, "password": "", "dependency": 0,
    "conditions": 'O:8:"stdClass":3:{s:9:"timespent";i:0;s:9:"completed";i:0;s:15:"gradebetterthan";i:0;}',
    "custom": True, "ongoing": False, "usemaxgrade": 0, "maxanswers": 5, "maxattempts": 1, "review": False,
    "nextpagedefault": 0, "feedback": False, "minquestions": 0, "maxpages": 1, "activitylink": 0,
    "mediafile": "", "mediaheight": 100, "mediawidth": 650, "mediaclose": 0, "slideshow": False,
    "width": 640, "height": 480, "bgcolor": "#FFFFFF", "displayleft": False, "displayleftif": 0,
    "progressbar": False, "completionendreached": 0, "completiontimespent": 0,
}  # fmt: skip


def _lesson(call: Call, row: Row) -> dict[str, Any]:
    intro, kind = call.text(row["intro"], 1)
    return _LESSON | {
        "id": row["id"],
        "course": row["course"],
        "coursemodule": row["cmid"],
        "name": call.string(row["name"]),
        "intro": intro,
        "introformat": kind,
        "introfiles": [],
        "mediafiles": [],
        "lang": None,
        "practice": False,
        "grade": int(row["grade"]),
        "retake": False,
        "timelimit": row["timelimit"],
        "available": row["opens"],
        "deadline": row["closes"],
        "timemodified": row["timemodified"],
        "allowofflineattempts": False,
    }
