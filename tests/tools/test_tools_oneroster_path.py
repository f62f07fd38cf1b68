"""Grades of a tool that offers OneRoster on their whole way into a course of Moodle."""

import pytest

from gradebook_service import KEY, SECRET, Gradebooks
from gradebook_service import running as serving
from matricula.hub import Home
from matricula.hub.tools import keep_tool_token, map_course, preview_roster
from matricula.moodle import Moodle
from matricula.sandbox import running
from matricula.sandbox.functions.gradebook import add_activity, items

tool_grades = pytest.importorskip("matricula.hub.tool_grades")

DOCUMENTS = """
kind: site
name: moodle
url: {site}
---
kind: tool
name: orbit
type: oneroster
site: moodle
url: {tool}/ims/oneroster/v1p1
client_id: {key}
"""


def test_who_is_who_is_noted_and_their_scores_are_written(tmp_path):
    with (
        running() as site,
        serving(Gradebooks("1.1", "oauth1")) as tool,
        Home.make(tmp_path / "home") as home,
        Moodle(site.url, site.tokens["admin"]) as moodle,
    ):
        home.load(DOCUMENTS.format(site=site.url, tool=tool.address, key=KEY), "test", tmp_path)
        home.keep_token("moodle", site.tokens["admin"])
        keep_tool_token(home, "orbit", SECRET)
        account = {"username": "ann", "firstname": "Ann", "lastname": "Lee", "email": "Ann@school.example"}
        (ann,) = moodle.users.create([account | {"auth": "manual", "password": "Adm1n-pass!"}])
        (made,) = moodle.courses.create([{"fullname": "Algebra", "shortname": "alg", "categoryid": 1}])
        moodle.enrolments.enrol([{"roleid": 5, "userid": ann.id, "courseid": made.id}])
        add_activity(site.state, made.id, "assign", "Quiz", 100)
        map_course(home, "orbit", "alg-1", str(made.id))

        preview = preview_roster(home, "orbit", str(made.id))
        assert [(each["action"], each["student"]) for each in preview.changes] == [("match", "ann")]
        told = {each["message"] for each in preview.findings}
        assert "Bo Lee is in the tool and not to be there." in told
        tool_grades.apply_preview(home, preview.id)

        tool.tables["lineItems"]["q"] = {"sourcedId": "q", "title": "Quiz", "class": {"sourcedId": "alg-1"}}
        tool.tables["lineItems"]["q"] |= {"status": "active", "resultValueMax": 20}
        for who, score in (("ann", 30), ("bo", 5)):
            pointers = {"lineItem": {"sourcedId": "q"}, "student": {"sourcedId": who}}
            told = {"sourcedId": f"q-{who}", "status": "active", "scoreStatus": "fully graded", "score": score}
            tool.tables["results"][f"q-{who}"] = told | pointers
        grades = tool_grades.preview_grades(home, "orbit", str(made.id))
        assert [(each["person"], each["after"]) for each in grades.changes] == [("Ann Lee", 100.0)]
        assert tool_grades.apply_preview(home, grades.id).count("done") == 1
        (item,) = [each for each in items(site.state, made.id) if each["itemtype"] == "mod"]
        sql = "SELECT finalgrade FROM grade_grades WHERE itemid = ? AND userid = ?"
        assert site.state.one(sql, item["id"], ann.id)["finalgrade"] == 100
        assert tool.counts("PUT", "POST", "DELETE") == 0
