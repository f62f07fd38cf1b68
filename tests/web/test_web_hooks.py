"""Webhooks in: signed requests of other systems, taken once, and strangers who learn nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from matricula.hub import Home
from matricula.service import Service, wishes
from matricula.service.signing import headers_of, key_of
from matricula.web import hooks
from matricula.web.app import create_app

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = """
kind: service
name: service
hooks_in:
  - {name: sis, secret: hook, profiles: [default]}
  - {name: unset, secret: missing, profiles: [default]}
---
kind: site
name: moodle
url: http://127.0.0.1:9
---
kind: source
name: school
type: oneroster-csv
path: csv
---
kind: profile
name: default
source: school
site: moodle
---
kind: profile
name: secret-one
source: school
site: moodle
"""


class Sis:
    """The other system."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.client = TestClient(create_app(service), raise_server_exceptions=False)

    def __call__(self, body, *, number="msg_1", name="sis", secret=SECRET, late=0, **headers):
        given = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = datetime.now(UTC) - timedelta(seconds=late)
        signed = headers_of(key_of(secret, "hook"), number, at, given)
        return self.client.post(f"/hooks/{name}", content=given, headers=signed | headers)

    @property
    def refused(self):
        return [(each.by, each.words) for each in self.service.store.audit.find(act="hook.refused")]

    @property
    def wanted(self):
        """Who is waited for, as the job that begins now takes them."""
        job = self.service.store.jobs.claim("w")
        return self.service.store.wishes.take("default", job.id) if job else []


@pytest.fixture
def sis(tmp_path, monkeypatch):
    for name in ("_REFUSED", "_TAKEN"):
        monkeypatch.setattr(hooks, name, hooks.Rate(1000))
    monkeypatch.setattr(wishes, "PAUSE", timedelta(0))
    with Home.make(tmp_path / "home") as home:
        home.load(SETTINGS, "test", tmp_path)
        home.keep_secret("hook", SECRET)
        yield Sis(Service(home))


def test_who_changed_is_taken_and_a_job_is_asked_for(sis):
    answer = sis(
        {"profile": "default", "changed": ["4711"], "people": ["p1"], "classes": ["c1"], "courses": ["k1"], "new": 1}
    )
    assert answer.status_code == 202
    job = sis.service.jobs.get(answer.json()["job"])
    assert (job.kind, job.profile, job.asked_by) == ("changed", "default", "hook sis")
    assert sis.wanted == ["4711", "p1", "c1", "k1"]
    (taken,) = sis.service.store.audit.find(act="hook.taken")
    assert (taken.by, taken.subject, taken.words) == ("hook sis", f"job {job.id}", "4 named")


def test_the_same_sent_again_starts_nothing(sis):
    body = {"profile": "default", "changed": ["4711"]}
    first = sis(body)
    again = sis(body)
    assert (again.status_code, again.json()) == (202, {"job": first.json()["job"], "again": True})
    assert len(sis.service.store.audit.find(act="hook.taken")) == 1
    other = sis({"profile": "default", "changed": ["4712"]})
    assert (other.status_code, other.json()["code"]) == (400, "hook-id-used")
    assert sis.wanted == ["4711"]
    assert sis(body, number="msg_2").json()["again"] is False


def test_strangers_are_all_answered_alike_and_noted_without_what_they_said(sis):
    body = {"profile": "default", "changed": ["4711"]}
    other = "whsec_" + "A" * 32
    answers = [
        sis(body, secret=other),
        sis(body, name="stranger"),
        sis(body, name="unset"),
        sis(body, late=301),
        sis(body, late=-301),
        sis(body, **{"webhook-signature": "v1,AAAA"}),
        sis(body, **{"webhook-id": ""}),
        sis(body, **{"webhook-timestamp": "now"}),
        sis.client.post("/hooks/sis", json=body),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert sis.wanted == []
    assert len(sis.refused) == len(answers)
    assert set(sis.refused) == {("hook sis", "signature"), ("hook unset", "signature"), ("unknown", "unknown")}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not json", 400, "request-malformed"),
        (b"[]", 400, "request-malformed"),
        ({"changed": ["a"]}, 400, "request-malformed"),
        ({"profile": "default", "changed": "a"}, 400, "request-malformed"),
        ({"profile": "default", "changed": [""]}, 400, "request-malformed"),
        ({"profile": "default", "changed": ["x" * 256]}, 400, "request-malformed"),
        ({"profile": "default"}, 400, "changed-unsaid"),
        ({"profile": "secret-one", "changed": ["a"]}, 400, "hook-profile"),
        ({"profile": "never-was", "changed": ["a"]}, 400, "hook-profile"),
    ],
)
def test_what_a_known_system_got_wrong_is_told_in_words(sis, body, status, code):
    answer = sis(body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert sis.refused == [("hook sis", code)]
    assert sis({"profile": "default", "changed": ["a"]}, number="msg_2").status_code == 202


def test_a_request_that_is_too_large_is_not_read_to_its_end(sis):
    assert sis(b"x" * (hooks.LARGEST + 1)).status_code == 413
    assert sis.refused == [("hook sis", "too large")]


def test_strangers_have_to_wait_after_many_attempts(sis, monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr(hooks, "_REFUSED", hooks.Rate(3, lambda: seconds[0]))
    for _ in range(3):
        assert sis({}, name="stranger").status_code == 401
    answer = sis({"profile": "default", "changed": ["a"]})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert len(sis.refused) == 3, "what is turned away unseen does not fill the log"
    seconds[0] = 61
    assert sis({"profile": "default", "changed": ["a"]}).status_code == 202


def test_one_system_cannot_ask_without_end(sis, monkeypatch):
    monkeypatch.setattr(hooks, "_TAKEN", hooks.Rate(2))
    answers = [sis({"profile": "default", "changed": ["a"]}, number=f"m{each}").status_code for each in range(3)]
    assert answers == [202, 202, 429]


def test_what_is_counted_is_forgotten_when_strangers_are_many(monkeypatch):
    monkeypatch.setattr(hooks, "_KNOWN", 3)
    rate = hooks.Rate(1, lambda: 0.0)
    for number in range(5):
        rate.count(str(number))
    assert [rate.full(str(number)) for number in (4, 0)] == [True, False]


def test_only_posting_is_possible_and_told_to_programs(sis):
    answer = sis.client.get("/hooks/sis")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_cookie_is_not_needed_and_no_form_either(sis):
    """What browsers are protected from does not stand in the way of programs."""
    answer = sis({"profile": "default", "changed": ["a"]}, origin="https://elsewhere.example")
    assert answer.status_code == 202
