"""The contract of all adapters of learning tools: each is asked the same, of a tool that is served."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
import stamina
from oneroster_tool_server import oneroster_tool

from matricula.errors import SettingError, StopError, WaitError
from matricula.sandbox.tools import ToolFaults, running_tool
from matricula.tools import TOOLS, ToolSettings, ToolSurroundings, open_tool
from matricula.tools.protocol import CourseGoneError, NewStudent, TaskError

ANN = NewStudent("Ann@School.example", "Ann", "Lee", "A1", "7a")
BO = NewStudent("bo@school.example", "Bo", "Ray", "B2")


@contextmanager
def kuracloud():
    with running_tool(faults=ToolFaults(retry_after=0)) as running:
        settings = ToolSettings("kura", "kuracloud", running.url, timeout=5)
        with open_tool(settings, ToolSurroundings(lambda: running.token, pause=lambda _: None)) as tool:
            yield running, tool


SERVERS = {"kuracloud": kuracloud, "oneroster": oneroster_tool}
"""How each kind of tool is served here."""


def test_every_kind_stands_in_this_suite():
    assert set(SERVERS) == set(TOOLS)


@pytest.fixture(scope="module", params=SERVERS)
def server(request):
    with SERVERS[request.param]() as (running, tool):
        yield running, tool


@pytest.fixture
def running(server):
    for name, value in ToolFaults(retry_after=0).as_json().items():
        server[0].faults.set(**{name: value})
    return server[0]


@pytest.fixture
def tool(server, running):
    return server[1]


@pytest.fixture
def course(running):
    return str(running.state.add_course("Biology", "BIO", enabled=True))


def test_an_instance_has_an_id_and_a_name(tool):
    assert tool.instance().id
    assert tool.instance().name


def test_courses_are_found_by_name_code_and_id(tool, running):
    number = running.state.add_course("Rare Birds", "RB-7")
    for search in ("rare b", "rb-7", str(number)):
        assert [each.name for each in tool.courses(search) if each.id == str(number)] == ["Rare Birds"]
    assert tool.courses("no course has this") == []


def test_a_course_is_enabled_and_disabled(tool, running):
    number = str(running.state.add_course("Physics"))
    assert tool.enable(number).enabled
    assert tool.enable(number).enabled
    assert not tool.disable(number).enabled
    with pytest.raises(CourseGoneError):
        tool.enable("999999")


def test_students_are_added_changed_deleted_and_restored(tool, course):
    if not tool.abilities.writes_rosters:
        pytest.skip("its rosters are only read")
    ann, bo = tool.add(course, [ANN, BO])
    assert (ann.state, bo.state) == ("done", "done")
    assert {each.email for each in tool.students(course)} == {ANN.email, BO.email}
    changed = replace(ann.student, family="Lee-Ray", section="8a", email="new@school.example")
    assert [each.state for each in tool.edit(course, [changed])] == ["done"]
    seen = {each.id: each for each in tool.students(course)}[ann.student.id]
    assert (seen.family, seen.section, seen.email, seen.number) == ("Lee-Ray", "8a", "new@school.example", "A1")
    assert [each.state for each in tool.delete(course, [bo.student.id])] == ["done"]
    assert [each.email for each in tool.students(course, deleted=True)] == [BO.email]
    assert [each.state for each in tool.restore(course, [bo.student.id])] == ["done"]
    assert tool.students(course, deleted=True) == []
    assert tool.add(course, []) == tool.edit(course, []) == tool.delete(course, []) == []


def test_a_refused_row_keeps_no_other_back_and_nobody_is_invited_twice(tool, running, course):
    running.faults.set(refuse_emails=[BO.email])
    third = NewStudent("cy@school.example", "Cy", "Dee")
    outcomes = tool.add(course, [ANN, BO, third])
    assert [each.state for each in outcomes] == ["done", "refused", "done"]
    assert BO.email in outcomes[1].reason
    invited = [email for where, email in running.state.invitations if str(where) == course]
    assert sorted(invited) == [ANN.email, third.email]
    assert [each.state for each in tool.delete(course, [outcomes[0].student.id, "424242"])] == ["done", "refused"]


@pytest.mark.parametrize("fault", ["drop_after", "half_answer", "null_answer"])
def test_an_add_whose_answer_is_lost_is_in_doubt_and_not_sent_again(tool, running, course, fault):
    running.faults.set(**{fault: {"times": 1, "function": "student.add"}})
    assert [each.state for each in tool.add(course, [ANN])] == ["doubt"]
    assert len(tool.students(course)) == 1


@pytest.mark.parametrize("fault", ["too_many", "drop_before", "half_answer", "null_answer", "server_error"])
def test_reading_is_tried_again(tool, running, course, fault):
    running.faults.set(**{fault: {"times": 1, "function": "student"}})
    assert _quickly(lambda: tool.students(course)) == []


def test_what_was_surely_not_done_is_sent_again(tool, running, course):
    running.faults.set(too_many={"times": 1, "function": "student.add"})
    assert [each.state for each in tool.add(course, [ANN])] == ["done"]


def test_a_web_page_names_the_address(tool, running):
    running.faults.set(html={"times": 1})
    with pytest.raises(SettingError) as met:
        tool.instance()
    assert met.value.code == "service-address"


def test_a_long_pause_is_left_for_another_day(tool, running):
    running.faults.set(too_many={"times": 9}, retry_after=4000)
    with pytest.raises(WaitError) as met:
        tool.instance()
    assert (met.value.code, running.faults.too_many.times) == ("service-limits", 8)


def test_answers_that_stay_broken_stop(tool, running):
    running.faults.set(half_answer={"times": 99})
    with pytest.raises(StopError):
        _quickly(tool.courses)


def test_a_missing_course_is_told_as_such(tool):
    with pytest.raises(CourseGoneError):
        tool.students("999999")


def test_a_wrong_token_says_how_to_enter_one(running):
    settings = getattr(running, "settings", None) or ToolSettings("kura", "kuracloud", running.url)
    with open_tool(settings, ToolSurroundings(lambda: "not-the-token")) as tool, pytest.raises(SettingError) as met:
        tool.instance()
    assert met.value.code == "tool-token-refused"
    assert "not-the-token" not in str(met.value)


LESSONS = [
    {
        "publishedContentId": 1,
        "publishedLessonId": 11,
        "publishedLessonTitle": "Cells",
        "gradedPublishedRevisions": [
            {
                "publishedRevisionId": 111,
                "publishedRevisionTitle": "Cells, first",
                "questions": [{"questionId": 1, "maxGrade": 2}, {"questionId": 2, "maxGrade": 3.5}],
                "studentGrades": [
                    {
                        "studentId": 5,
                        "gradeOffset": None,
                        "questionGrades": [
                            {"questionId": 1, "questionGrade": 1.5},
                            {"questionId": 2, "questionGrade": None},
                        ],
                    }
                ],
            }
        ],
    }
]


@pytest.mark.parametrize("polls", [0, 3])
def test_grades_come_after_so_many_questions(tool, running, course, polls):
    running.state.lessons[int(course)] = LESSONS
    running.faults.set(polls=polls)
    (lesson,) = tool.grades(course, 60)
    (revision,) = lesson.revisions
    assert (lesson.id, lesson.title, revision.id, revision.title) == ("11", "Cells", "111", "Cells, first")
    assert [(each.id, each.maximum) for each in revision.questions] == [("1", 2.0), ("2", 3.5)]
    assert (revision.students[0].student, revision.students[0].offset) == ("5", None)
    assert revision.students[0].questions == {"1": 1.5, "2": None}


@pytest.mark.parametrize(("fault", "code"), [("task_fails", "tool-task-failed"), ("task_endless", "tool-task-endless")])
def test_a_task_that_does_not_succeed_comes_to_an_end(tool, running, course, fault, code):
    running.faults.set(**{fault: True})
    with pytest.raises(TaskError) as met:
        tool.grades(course, 0.05)
    assert met.value.code == code


@pytest.mark.parametrize("value", ["7", True, float("nan"), float("inf")])
def test_a_grade_that_is_no_number_stops(tool, running, course, value):
    graded = {"questionId": 1, "questionGrade": value}
    student = {"studentId": 5, "gradeOffset": None, "questionGrades": [graded]}
    revision = LESSONS[0]["gradedPublishedRevisions"][0] | {"studentGrades": [student]}
    running.state.lessons[int(course)] = [LESSONS[0] | {"gradedPublishedRevisions": [revision]}]
    with pytest.raises(StopError):
        tool.grades(course, 60)


def test_a_tool_that_is_not_there_is_waited_for():
    settings = ToolSettings("kura", "kuracloud", "http://127.0.0.1:9", timeout=1)
    with open_tool(settings, ToolSurroundings(lambda: "some-token")) as tool, pytest.raises(WaitError):
        _quickly(tool.instance)


@pytest.mark.parametrize(("kind", "url"), [("none", "https://x.example"), ("kuracloud", "http://x.example")])
def test_settings_that_cannot_be_are_refused(kind, url):
    with pytest.raises(SettingError):
        open_tool(ToolSettings("kura", kind, url), ToolSurroundings(lambda: "some-token"))


def _quickly(call):
    """Do something without the pauses between attempts."""
    with stamina.set_testing(True, attempts=4, cap=True):
        return call()
