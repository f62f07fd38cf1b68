"""The API on grades, learning data and learning tools."""

import pytest
from grades_at_work import GradeDesk, done
from web_browser import Caller

from matricula.hub.tools import keep_tool_token
from matricula.sandbox import running
from matricula.sandbox.tools import running_tool
from matricula.service import Service

MORE = """\
kind: site
name: other
url: https://other.example
---
kind: tool
name: kura
type: kuracloud
site: moodle
url: {tool}
"""


@pytest.fixture
def grades(tmp_path):
    with running("empty") as sandbox, GradeDesk.open(tmp_path, sandbox) as desk:
        yield desk


@pytest.fixture
def service(grades):
    service = Service(grades.home)
    yield service
    service.stop()


@pytest.fixture
def call(owner):
    return Caller(owner)


def test_conflicts_and_what_was_read_come_in_pages_and_are_decided(grades, call, sign_in_as):
    grades.transfer()
    for student in ("u2", "u3"):
        grades.edit(student, 42)
    grades.plan()
    first = call("GET", "/profiles/default/conflicts?limit=1").json()
    second = call("GET", f"/profiles/default/conflicts?limit=1&cursor={first['next']}").json()
    told = first["items"] + second["items"]
    assert [(each["ours"], each["theirs"]) for each in told] == [({"score": n}, {"score": 42}) for n in (80, 0)]
    assert second["next"] is None
    one = {"key": told[0]["key"], "decision": "send"}
    assert Caller(sign_in_as("viewer"))("POST", "/profiles/default/conflicts", one).status_code == 403
    assert [each["state"] for each in call("POST", "/profiles/default/conflicts", one).json()] == ["send"]
    rest = call("POST", "/profiles/default/conflicts", {"key": None, "decision": "keep"}).json()
    assert [(each["name"], each["state"]) for each in rest] == [(told[1]["name"], "keep")]
    assert call("GET", "/profiles/default/conflicts?state=open").json()["items"] == []

    here = f"/sites/moodle/learning/courses/{grades.course}"
    assert call("GET", here).json()["graded"] == 2
    assert grades.course in [each["course"] for each in call("GET", "/sites/moodle/learning/courses").json()["items"]]
    items = {each["name"]: each for each in call("GET", f"{here}/items").json()["items"]}
    assert (items["Essay"]["graded"], items["Essay"]["none"], items["Essay"]["excused"]) == (2, 0, 0)
    page = call("GET", f"{here}/grades?item={items['Essay']['item']}").json()
    given = {each["name"]: (each["state"], each["raw"], each["hidden"]) for each in page["items"]}
    assert given == {"Given Family u2": ("graded", 80.0, False), "Given Family u3": ("graded", 0.0, False)}
    assert call("GET", "/sites/moodle/learning/courses/4242/items").status_code == 404


def test_two_courses_are_kept_together_previewed_and_written(grades, service, call, sign_in_as):
    with running_tool() as tool:
        grades.home.load(MORE.format(tool=tool.url), "test", grades.home.folder)
        keep_tool_token(grades.home, "kura", tool.token)
        tool.state.add_course("Biology", "BIO")
        assert call("POST", "/tools/kura/check").json()["state"] == "ok"
        (listed,) = call("GET", "/tools").json()
        assert (listed["name"], listed["standing"]["state"], listed["has_token"]) == ("kura", "ok", True)
        made = call("POST", "/tools/kura/mappings", {"remote": "BIO", "course": str(grades.course)})
        assert made.status_code == 201
        here = f"/tools/kura/mappings/{made.json()['id']}"
        assert [each["remote_name"] for each in call("GET", "/tools/kura/mappings").json()["items"]] == ["Biology"]

        assert call("POST", f"{here}/previews", {"kind": "roster"}).status_code == 202
        preview = f"/tools/kura/previews/{done(service).result['preview']}"
        shown = call("GET", preview).json()
        assert ([each["action"] for each in shown["changes"]], shown["outcomes"]) == (["add", "add"], [])
        stranger = Caller(sign_in_as("operator", "other"))
        assert stranger("GET", preview).status_code == 404
        asked = {"kind": "tool-apply", "site": "other", "arguments": {"tool": "kura", "preview": shown["id"]}}
        assert stranger("POST", "/jobs", asked).json()["code"] == "tool-of-another-site"
        assert stranger("POST", "/jobs", asked | {"site": ""}).status_code == 403
        assert tool.state.students(int(made.json()["remote"])) == []
        assert call("POST", f"{preview}/apply").status_code == 202
        done(service)
        assert [each["state"] for each in call("GET", preview).json()["outcomes"]] == ["done", "done"]
        assert len(tool.state.students(int(made.json()["remote"]))) == 2
        assert call("POST", f"{preview}/apply").json()["code"] == "preview-over"
        assert call("DELETE", here).status_code == 204
        assert call("GET", "/tools/kura/mappings").json()["items"] == []
