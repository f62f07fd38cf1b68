"""Grades of a learning tool through the block inside a real Moodle: shown by name, then written as they were shown.

The tool is a look-alike on this machine; the Moodle needs what test_live_block.py says, and a course to copy.
"""

import pytest
from block_reader import awake
from console_process import CHROMIUM, Console
from real_site import A_TEMPLATE, IN_ITS_FOLDER, ON_A_REAL_SITE, TEMPLATE

from matricula.hub.blocks import make_block_secret
from matricula.hub.tool_grades import apply_preview
from matricula.hub.tools import keep_tool_token, map_course, preview_roster
from matricula.sandbox.tools import running_tool

PASSWORD = "Teacher-123"
TOOL = "kind: tool\nname: kura\ntype: kuracloud\nsite: moodle\nurl: {url}\n"
STUDENT, TEACHER = 5, 3
pytestmark = [
    *ON_A_REAL_SITE,
    IN_ITS_FOLDER,
    A_TEMPLATE,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.timeout(1200),
]


@pytest.fixture
def course(corridor, mark):
    """A course with an assignment, a teacher and a pupil: its id, the assignment's name, the two."""
    with corridor.moodle() as moodle:
        (template,) = moodle.courses.find("shortname", TEMPLATE)
        made = moodle.courses.duplicate(template.id, fullname=f"Biology {mark}", shortname=f"{mark}B", category=1)
        names = [f"{mark}.teacher", f"{mark}.pupil"]
        rows = [
            {"username": each, "firstname": each.rpartition(".")[2].title(), "lastname": "Łuk", "password": PASSWORD}
            | {"email": f"{each}@school.example", "auth": "manual"}
            for each in names
        ]
        ids = {each.username: each.id for each in moodle.users.create(rows)}
        told = zip((TEACHER, STUDENT), names, strict=True)
        moodle.enrolments.enrol([{"roleid": role, "userid": ids[name], "courseid": made.id} for role, name in told])
        sections = moodle.read("core_course_get_contents", {"courseid": made.id})
        (work,) = [each["name"] for part in sections for each in part["modules"] if each["modname"] == "assign"]
        try:
            yield made.id, work, names, ids[names[1]]
        finally:
            moodle.courses.delete([made.id])
            moodle.users.delete(list(ids.values()))


def with_a_grade(corridor, tool, work, course):
    """The pupil is in the tool, too, and has three of four points there."""
    home = corridor.home
    home.load(TOOL.format(url=tool.url), "test", corridor.folder)
    keep_tool_token(home, "kura", tool.token)
    tool.state.add_course("Biology", "BIO")
    mapping = map_course(home, "kura", "BIO", str(course))
    apply_preview(home, preview_roster(home, "kura", str(course)).id)
    (student,) = tool.state.students(int(mapping.remote))
    grades = {"studentId": student["studentId"], "gradeOffset": None}
    grades["questionGrades"] = [{"questionId": 1, "questionGrade": 3}]
    revision = {"publishedRevisionId": 10, "publishedRevisionTitle": work, "studentGrades": [grades]}
    revision["questions"] = [{"questionId": 1, "maxGrade": 4}]
    lesson = {"publishedContentId": 1, "publishedLessonId": 1, "publishedLessonTitle": work}
    tool.state.lessons[int(mapping.remote)] = [lesson | {"gradedPublishedRevisions": [revision]}]


def points(corridor, course, pupil):
    """What the pupil has for the assignment in Moodle."""
    with corridor.moodle() as moodle:
        told = moodle.read("gradereport_user_get_grade_items", {"courseid": course, "userid": pupil})
    (item,) = [each for each in told["usergrades"][0]["gradeitems"] if each["itemtype"] == "mod"]
    return item["graderaw"]


def test_grades_of_a_tool_come_into_the_course_as_they_were_shown(corridor, plugin, at, course):
    number, work, (teacher, _), pupil = course
    with running_tool() as tool:
        with_a_grade(corridor, tool, work, number)
        secret = make_block_secret(corridor.home, "moodle")
        with Console.started(corridor.home.folder) as console:
            plugin(address=console.address, sitekey="moodle", secret=secret)
            awake(console.address, secret, number)
            reader = at(teacher, PASSWORD)
            reader.add_block(number)
            reader.press("Synchronise grades")
            reader.ended(".block_matricula-preview")
            assert f"Pupil Łuk {work}: no grade → 75 (3 of 4 in the tool)" in reader.words()
            assert points(corridor, number, pupil) is None, "nothing is written yet"
            reader.look("8-grades")
            reader.page.get_by_role("button", name="Continue").click()
            reader.ended(".block_matricula-job .alert-success")
            assert "1 done." in reader.words()
            assert points(corridor, number, pupil) == 75
            reader.look("9-grades-done")
