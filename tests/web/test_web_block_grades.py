"""Grades of a learning tool through the block inside Moodle: of its own course, exactly as they were shown."""

import pytest
from block_client import BlockClient, done

from jobs_seen import ended
from matricula.hub.tools import keep_tool_token, map_course
from matricula.moodle import Moodle
from matricula.sandbox import running
from matricula.sandbox.functions.gradebook import add_activity
from matricula.sandbox.tools import running_tool
from matricula.web import block_hooks, hooks

DOCUMENTS = (
    "kind: site\nname: moodle\nurl: {url}\n---\nkind: tool\nname: kura\ntype: kuracloud\nsite: moodle\nurl: {tool}\n"
)


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    monkeypatch.setattr(block_hooks, "_TAKEN", hooks.Rate(100_000))


@pytest.fixture
def moodle():
    with running("empty") as site:
        yield site


@pytest.fixture
def tool():
    with running_tool() as tool:
        yield tool


@pytest.fixture
def courses(service, moodle, tool, tmp_path):
    """A course that is mapped, and another one that is not."""
    home = service.home
    home.load(DOCUMENTS.format(url=moodle.url, tool=tool.url), "test", tmp_path)
    home.keep_token("moodle", moodle.tokens["admin"])
    keep_tool_token(home, "kura", tool.token)
    with Moodle(moodle.url, moodle.tokens["admin"]) as client:
        person = {"username": "ann", "firstname": "Ann", "lastname": "Lee", "email": "ann@school.example"}
        (ann,) = client.users.create([person | {"auth": "manual", "password": "Adm1n-pass!"}])
        rows = [{"fullname": name, "shortname": name, "categoryid": 1} for name in ("bio", "art")]
        bio, art = client.courses.create(rows)
        client.enrolments.enrol([{"roleid": 5, "userid": ann.id, "courseid": bio.id}])
    add_activity(moodle.state, bio.id, "assign", "Cells", 100)
    tool.state.add_course("Biology", "BIO")
    map_course(home, "kura", "BIO", str(bio.id))
    return bio.id, art.id


@pytest.fixture
def block(service, app, courses):
    return BlockClient.of(service, app, "moodle")


def with_a_grade(service, tool, block, course):
    """Ann is in the tool, too, and has three of four points there."""
    (mapping,) = service.store.tools.mappings("kura")
    service.start()
    for kind, given in (("tool-roster", {"course": str(course)}), ("tool-apply", {})):
        if kind == "tool-apply":
            given = {"preview": service.store.tool_previews.last(mapping.id, "roster").id}
        job = service.jobs.ask(kind, arguments={"tool": "kura"} | given, by="x").id
        assert ended(service, job).state == "done"
    service.stop()
    (student,) = tool.state.students(int(mapping.remote))
    grades = {"studentId": student["studentId"], "gradeOffset": None}
    grades["questionGrades"] = [{"questionId": 1, "questionGrade": 3}]
    revision = {"publishedRevisionId": 10, "publishedRevisionTitle": "Cells", "studentGrades": [grades]}
    revision["questions"] = [{"questionId": 1, "maxGrade": 4}]
    lesson = {"publishedContentId": 1, "publishedLessonId": 1, "publishedLessonTitle": "Cells"}
    tool.state.lessons[int(mapping.remote)] = [lesson | {"gradedPublishedRevisions": [revision]}]


def points(moodle):
    told = moodle.state.one(
        "SELECT finalgrade FROM grade_grades g JOIN grade_items i ON i.id = g.itemid WHERE i.itemtype = 'mod'"
    )
    return told["finalgrade"] if told else None


def test_the_course_tells_of_its_tools(block, courses):
    told = block("course", courses[0]).json()
    (tool,) = told["tools"]
    assert (tool["tool"], tool["course"], tool["state"]) == ("kura", "Biology", "ok")
    assert told["may"]["grades"] == ["kura"]
    assert block("course", courses[1]).json()["tools"] == []


def test_grades_are_shown_by_name_and_then_written(service, moodle, tool, block, courses):
    course, other = courses
    with_a_grade(service, tool, block, course)
    job = block("preview-grades", course).json()["job"]
    told = done(service, block, course, job)
    preview = told["preview"]
    assert preview["lines"] == [
        {"action": "grade", "name": "Ann Lee", "what": "Cells: no grade → 75 (3 of 4 in the tool)"}
    ]
    assert points(moodle) is None
    for act, more in (("continue-grades", {"preview": preview["preview"]}), ("job", {"job": job})):
        assert block(act, other, **more).status_code == 404, "of another course it is not there"
    written = block("continue-grades", course, preview=preview["preview"]).json()["job"]
    told = done(service, block, course, written)
    assert (told["state"], told["words"], told["outcome"]) == ("done", "1 done.", {"counts": {"done": 1}, "left": []})
    assert points(moodle) == 75
    assert block("job", other, job=written).status_code == 404
    again = block("continue-grades", course, preview=preview["preview"])
    assert (again.status_code, again.json()["code"]) == (409, "preview-over")
    noted = service.store.audit.find(act="tool.applied")
    assert [each.by for each in noted] == ["block moodle: t.eacher"]


def test_a_preview_of_people_is_not_written_from_the_block(service, tool, block, courses):
    with_a_grade(service, tool, block, courses[0])
    (mapping,) = service.store.tools.mappings("kura")
    people = service.store.tool_previews.last(mapping.id, "roster").id
    answer = block("continue-grades", courses[0], preview=people)
    assert (answer.status_code, answer.json()["code"]) == (404, "preview-unknown")


def test_what_stands_in_the_way_of_grades_is_told_in_words(service, block, courses):
    told = done(service, block, courses[0], block("preview-grades", courses[0]).json()["job"])
    assert told["state"] == "failed"
    assert "The people of the two courses are not the same: 1 to add" in told["words"]


def test_another_tool_than_the_courses_own_is_not_there(block, courses):
    answer = block("preview-grades", courses[0], tool="other")
    assert (answer.status_code, answer.json()["code"]) == (404, "block-tool-unknown")
