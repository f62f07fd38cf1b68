"""Grades of a tool on their whole way into a course of Moodle: roster first, shown by name, written, read back."""

from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from matricula.errors import StopError, UsageError, WaitError
from matricula.hub import Home
from matricula.hub.tool_grades import (
    apply_preview,
    forget_lesson,
    lessons_of,
    place_lesson,
    preview_grades,
)
from matricula.hub.tools import keep_tool_token, map_course, opened_tool, preview_roster
from matricula.moodle import Moodle
from matricula.sandbox import running as running_site
from matricula.sandbox.functions.gradebook import add_activity, change_item, items
from matricula.sandbox.tools import running_tool
from matricula.tools.protocol import NewStudent

WRITE = "core_grades_update_grades"
DOCUMENTS = """
kind: site
name: moodle
url: {site}
---
kind: tool
name: kura
type: kuracloud
site: moodle
url: {tool}
"""


@dataclass
class Desk:
    home: Home
    site: object
    tool: object
    course: int
    cmid: int
    users: dict
    remote: int

    def student(self, name):
        email = f"{name}@school.example"
        return next(each for each in self.tool.state.students(self.remote) if each["email"] == email)["studentId"]

    def give(self, title="Cells", number=1, maxima=(4, 6), **points):
        """A lesson with what people have in its questions; a third number is the offset."""
        questions = [{"questionId": each, "maxGrade": most} for each, most in enumerate(maxima)]
        grades = [
            {
                "studentId": self.student(name),
                "gradeOffset": has[2] if len(has) > 2 else None,
                "questionGrades": [
                    {"questionId": each, "questionGrade": value} for each, value in enumerate(has[: len(maxima)])
                ],
            }
            for name, has in points.items()
        ]
        return {
            "publishedContentId": number,
            "publishedLessonId": number,
            "publishedLessonTitle": title,
            "gradedPublishedRevisions": [
                {
                    "publishedRevisionId": number * 10,
                    "publishedRevisionTitle": title,
                    "questions": questions,
                    "studentGrades": grades,
                }
            ],
        }

    def lessons(self, *lessons):
        self.tool.state.lessons[self.remote] = list(lessons)

    def preview(self, **options):
        return preview_grades(self.home, "kura", str(self.course), **options)

    def write(self, **options):
        return apply_preview(self.home, self.preview(**options).id)

    def item(self):
        return next(each for each in items(self.site.state, self.course) if each["itemtype"] == "mod")

    def row(self, name):
        sql = "SELECT * FROM grade_grades WHERE itemid = ? AND userid = ?"
        return self.site.state.one(sql, self.item()["id"], self.users[name])

    def grade(self, name):
        row = self.row(name)
        return row and row["finalgrade"]


@contextmanager
def opened_desk(tmp_path, *, plugins=False):
    with running_site(plugins=plugins) as site, running_tool() as tool, Home.make(tmp_path / "home") as home:
        home.load(DOCUMENTS.format(site=site.url, tool=tool.url), "test", tmp_path)
        home.keep_token("moodle", site.tokens["admin"])
        keep_tool_token(home, "kura", tool.token)
        with Moodle(site.url, site.tokens["admin"]) as moodle:
            people = [
                {
                    "username": name,
                    "firstname": name.title(),
                    "lastname": "Lee",
                    "email": f"{name}@school.example",
                    "auth": "manual",
                    "password": "Adm1n-pass!",
                }
                for name in ("ann", "bo")
            ]
            users = {each.username: each.id for each in moodle.users.create(people)}
            (made,) = moodle.courses.create([{"fullname": "Biology", "shortname": "bio", "categoryid": 1}])
            moodle.enrolments.enrol([{"roleid": 5, "userid": user, "courseid": made.id} for user in users.values()])
        cmid = add_activity(site.state, made.id, "assign", "Cells", 100)
        remote = tool.state.add_course("Biology", "BIO")
        map_course(home, "kura", str(remote), str(made.id))
        desk = Desk(home, site, tool, made.id, cmid, users, remote)
        apply_preview(home, preview_roster(home, "kura", str(made.id)).id)
        yield desk


@pytest.fixture
def desk(tmp_path):
    with opened_desk(tmp_path) as desk:
        yield desk


def test_grades_are_shown_by_name_written_and_read_back_and_then_nothing_is_left_to_do(desk):
    desk.lessons(desk.give(ann=(3, None), bo=(4, 6, 5)))
    preview = desk.preview()
    assert [(each["person"], each["before"], each["after"]) for each in preview.changes] == [
        ("Ann Lee", None, 30.0),
        ("Bo Lee", None, 100.0),
    ]
    assert desk.grade("ann") is None, "looking writes nothing"
    applied = apply_preview(desk.home, preview.id)
    assert [state for state, _ in applied.outcomes.values()] == ["done", "done"]
    assert (desk.grade("ann"), desk.grade("bo")) == (30, 100)
    assert desk.preview().changes == ()
    desk.lessons(desk.give(ann=(1, 1, -9), bo=(4, 6)))
    assert desk.write().count("done") == 1
    assert (desk.grade("ann"), desk.grade("bo")) == (0, 100)


def test_the_roster_comes_first(desk):
    desk.lessons(desk.give(ann=(3, None)))
    with opened_tool(desk.home, "kura") as tool:
        tool.add(str(desk.remote), [NewStudent("someone@else.example", "Some", "One")])
    with pytest.raises(StopError) as met:
        desk.preview()
    assert met.value.code == "tool-roster-first"
    assert "1 to delete" in met.value.what
    assert "matricula tool show" in met.value.remedy


def test_what_a_teacher_overrode_is_told_and_stays(desk):
    desk.lessons(desk.give(ann=(3, None), bo=(4, 6)))
    preview = desk.preview()
    Overriding(desk).override("ann", 55)
    outcomes = apply_preview(desk.home, preview.id).outcomes
    assert sorted(state for state, _ in outcomes.values()) == ["done", "stale"]
    assert [each["code"] for each in desk.preview().findings] == ["tool-grade-fixed"]
    assert desk.grade("ann") == 55


def test_moodle_keeps_an_overridden_grade_silently_and_that_is_noticed(desk):
    desk.lessons(desk.give(ann=(3, None)))
    desk.write()
    desk.lessons(desk.give(ann=(4, 6)))
    preview = desk.preview()
    Overriding(desk).override("ann", 30)
    ((state, reason),) = apply_preview(desk.home, preview.id).outcomes.values()
    assert (state, desk.grade("ann")) == ("refused", 30)
    assert "overrode" in reason


def test_a_locked_item_is_told_before_and_after(desk):
    desk.lessons(desk.give(ann=(3, None)))
    preview = desk.preview()
    change_item(desk.site.state, desk.item(), locked=1)
    ((state, reason),) = apply_preview(desk.home, preview.id).outcomes.values()
    assert (state, desk.grade("ann")) == ("refused", None)
    assert "locked" in reason
    assert [each["code"] for each in desk.preview().findings] == ["tool-item-locked"]


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_an_answer_that_never_came_is_settled_by_reading(desk, fault):
    desk.lessons(desk.give(ann=(3, None)))
    preview = desk.preview()
    desk.site.faults.set(**{fault: {"times": 1, "function": WRITE}})
    if fault == "drop_before":
        with pytest.raises(WaitError) as met:
            apply_preview(desk.home, preview.id)
        assert met.value.code == "tool-grades-lost"
        assert desk.home.store.tool_previews.outcomes(preview.id) == {}
    assert apply_preview(desk.home, preview.id).count("done") == 1
    assert desk.grade("ann") == 30


def test_what_was_under_way_when_somebody_was_cut_off_is_settled_first(desk):
    desk.lessons(desk.give(ann=(3, None), bo=(4, 6)))
    preview = desk.preview()
    desk.home.store.tool_previews.sending(preview.id, [0, 1])
    with Moodle(desk.site.url, desk.site.tokens["admin"]) as moodle:
        moodle.gradebooks.write(desk.course, "assign", desk.cmid, {desk.users["ann"]: 30.0})
    assert apply_preview(desk.home, preview.id).count("done") == 2
    assert (desk.grade("ann"), desk.grade("bo")) == (30, 100)


def test_a_preview_is_written_once(desk):
    desk.lessons(desk.give(ann=(3, None)))
    preview = desk.preview()
    apply_preview(desk.home, preview.id)
    with pytest.raises(UsageError) as met:
        apply_preview(desk.home, preview.id)
    assert met.value.code == "preview-applied"


def test_a_lesson_that_vanished_leaves_its_grades_and_is_forgotten_by_a_word(desk):
    desk.lessons(desk.give(ann=(3, None)))
    desk.write()
    desk.lessons()
    preview = desk.preview()
    assert (preview.changes, [each["code"] for each in preview.findings]) == ((), ["tool-lesson-vanished"])
    assert desk.grade("ann") == 30
    forget_lesson(desk.home, "kura", str(desk.course), "Cells")
    assert (desk.preview().findings, desk.grade("ann")) == ((), 30)


def test_a_lesson_goes_where_somebody_says(desk):
    other = add_activity(desk.site.state, desk.course, "assign", "Test 1", 10)
    desk.lessons(desk.give("Plants", ann=(2, 3)))
    assert [each["code"] for each in desk.preview().findings] == ["tool-lesson-unplaced"]
    ((seen,)) = lessons_of(desk.home, "kura", "bio")
    assert seen.activity is None
    assert place_lesson(desk.home, "kura", "bio", "Plants", other).activity.name == "Test 1"
    ((change,)) = desk.preview().changes
    assert (change["activity"], change["after"]) == ("Test 1", 5.0)
    with pytest.raises(UsageError) as met:
        place_lesson(desk.home, "kura", "bio", "Plants", 999_999)
    assert met.value.code == "tool-activity-unknown"


def test_grades_that_somebody_gave_in_moodle_give_way_by_a_word_alone(desk):
    desk.lessons(desk.give(ann=(3, None)))
    with Moodle(desk.site.url, desk.site.tokens["admin"]) as moodle:
        moodle.gradebooks.write(desk.course, "assign", desk.cmid, {desk.users["ann"]: 77.0})
    preview = desk.preview()
    assert ([each["code"] for each in preview.findings], preview.changes) == (["tool-grade-changed"], ())
    assert desk.write(replace=True).count("done") == 1
    assert desk.grade("ann") == 30


class Overriding:
    """What a teacher does in the gradebook."""

    def __init__(self, desk):
        self.desk = desk

    def override(self, name, points):
        with Moodle(self.desk.site.url, self.desk.site.tokens["admin"]) as moodle:
            moodle.gradebooks.write(self.desk.course, "assign", self.desk.cmid, {self.desk.users[name]: float(points)})
        self.desk.site.state.update("grade_grades", self.desk.row(name)["id"], overridden=self.desk.site.state.now())
