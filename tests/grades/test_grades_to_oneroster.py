"""Transfers from the sandbox to a OneRoster service: what was written is found, what somebody changed is told."""

import pytest

from gradebook_service import KEY, SECRET, Gradebooks
from gradebook_service import running as serving
from matricula.sandbox import running

grade_desk = pytest.importorskip("grade_desk")
sinks = pytest.importorskip("matricula.hub.sinks")

GRADES = """grades:
  sink: sis
  gone: remove
  final:
    marking_period: y27
---
kind: sink
name: sis
type: oneroster-rest
url: {url}
version: "{version}"
auth:
  {auth}
"""
OAUTH1 = f"method: oauth1\n  consumer_key: {KEY}"
OAUTH2 = f"method: client-credentials\n  client_id: {KEY}\n  token_url: {{url}}/token"


@pytest.fixture(params=["1.1", "1.2"])
def service(request):
    method = "oauth1" if request.param == "1.1" else "client-credentials"
    with serving(Gradebooks(request.param, method, keeps_metadata=False)) as served:
        served.classes = {"c1": "o1", "c2": "o1"}
        served.students = tuple(f"u{number}" for number in range(1, 8))
        served.sessions = ("y27",)
        yield served


@pytest.fixture
def grades(service, tmp_path, monkeypatch):
    auth = OAUTH1 if service.version == "1.1" else OAUTH2.format(url=service.address)
    text = GRADES.format(url=service.address, version=service.version, auth=auth)
    monkeypatch.setattr(grade_desk, "GRADES", text)
    with running(fixture="empty") as sandbox, grade_desk.GradeDesk.open(tmp_path, sandbox) as desk:
        secret = "consumer_secret" if service.version == "1.1" else "client_secret"
        sinks.keep_secret(desk.home, "sis", secret, SECRET)
        yield desk


def test_what_is_previewed_is_written_and_then_nothing_is_left_but_what_somebody_changed(grades, service):
    planned = grades.plan()
    assert [action for action, _ in grades.acts(planned)] == ["create"] * 9
    assert service.counts("PUT", "DELETE") == 0, "looking writes nothing"
    assert grades.hub.apply(planned.number).states == {"done": 9}
    assert grades.acts(grades.plan()) == []

    grades.grade("u2", 85)
    service.asked.clear()
    planned = grades.plan()
    assert [action for action, _ in grades.acts(planned)] == ["update", "update"]
    grades.hub.apply(planned.number)
    assert service.counts("PUT") == 2

    of_item = [each for each in service.tables["results"].values() if ".i." in each["lineItem"]["sourcedId"]]
    (edited,) = [each for each in of_item if each.get("score") == 85]
    edited["score"] = 90
    planned = grades.plan()
    assert grades.acts(planned) == []
    assert [each.code for each in planned.findings] == ["grade-conflict"]
