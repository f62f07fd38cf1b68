"""Whoever operates the service is told whether it lives and serves, and how much of what; nobody else is."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, text
from starlette.testclient import TestClient

from matricula import logs
from matricula.errors import WaitError
from matricula.store import migrating
from matricula.web import operating

NEAR = ("127.0.0.1", 40000)
FAR = ("192.0.2.7", 40000)
TOKEN = "a-token-for-figures-0815"


@pytest.fixture
def near(app):
    with TestClient(app, client=NEAR) as client:
        yield client


def figures(client, **options):
    answer = client.get("/metrics", **options)
    assert answer.status_code == 200, answer.text
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found[(sample.name, *sorted(sample.labels.items()))] = sample.value
    return found


def test_a_process_that_lives_says_so_whatever_the_state_does(app, near, service):
    service.store._database.close()
    assert near.get("/healthz").text == "ok\n"


def test_it_is_ready_when_the_state_answers_and_a_worker_is_heard_of(near, service):
    assert near.get("/readyz").json() == {"ready": True, "checks": {"state": "ok", "tables": "ok", "worker": "ok"}}
    service.store.workers.register("w")
    assert near.get("/readyz").status_code == 200
    with service.store.begin() as connection:
        connection.execute(text("update worker set alive_at = '2026-01-01 00:00:00.000000'"))
    answer = near.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["worker"]) == (503, "none has been heard of lately")


def test_jobs_that_nobody_works_on_are_a_reason(near, service):
    service.store.jobs.add("purge", site="", profile="", arguments={}, same="x", by="t")
    assert near.get("/readyz").status_code == 200
    with service.store.begin() as connection:
        connection.execute(text("update job set not_before = '2026-01-01 00:00:00.000000'"))
    assert near.get("/readyz").json()["checks"]["worker"] == "jobs wait, and there is none"


def test_tables_of_another_version_and_a_state_that_fails_are_reasons_without_secrets(near, service, monkeypatch):
    with service.store.begin() as connection:
        connection.execute(text(f"update {migrating.VERSION_TABLE} set version_num = '0999'"))
    assert near.get("/readyz").json()["checks"]["tables"] == "of another version of matricula"

    def fail():
        raise WaitError("postgresql://u:secret-of-the-state@h/x is gone", where="h", code="state-unreachable")

    monkeypatch.setattr(service.store.measuring, "is_current", fail)
    answer = near.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"state": "does not answer (state-unreachable)"}


def test_a_state_that_hangs_is_told_and_asked_once(near, service, monkeypatch):
    asked, go_on = [], threading.Event()

    def hang():
        asked.append(1)
        go_on.wait(30)
        return True

    monkeypatch.setattr(service.store.measuring, "is_current", hang)
    monkeypatch.setattr(operating, "PATIENCE", 0.05)
    try:
        for _ in range(3):
            answer = near.get("/readyz")
            assert answer.json()["checks"] == {"state": "does not answer in time"}
            assert near.get("/healthz").status_code == 200
        assert len(asked) == 1
    finally:
        go_on.set()


def test_figures_are_for_this_machine_alone(app, near):
    assert near.get("/metrics").status_code == 200
    for name in ("x-forwarded-for", "x-real-ip", "forwarded"):
        assert near.get("/metrics", headers={name: "127.0.0.1"}).status_code == 403
    with TestClient(app, client=("::1", 1)) as client:
        assert client.get("/metrics").status_code == 200
    with TestClient(app, client=FAR) as client:
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 403
        assert "matricula_" not in answer.text


def test_or_for_whoever_has_the_token(app, near, monkeypatch):
    monkeypatch.setenv(operating.TOKEN_VARIABLE, TOKEN)
    with TestClient(app, client=FAR) as client:
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 401
        assert client.get("/metrics", headers={"authorization": f"Basic {TOKEN}"}).status_code == 401
        assert client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert near.get("/metrics").status_code == 200
    assert near.get("/metrics", headers={"x-forwarded-for": "x"}).status_code == 401


def test_requests_are_counted_and_logged_by_the_template_of_their_route(near, tmp_path, monkeypatch):
    monkeypatch.setenv(logs.VARIABLE, str(tmp_path / "log"))
    near.get("/sign-in?name=ann.lee")
    near.get("/nowhere/ann.lee")
    near.get("/static/none.css")
    near.get("/healthz")
    near.request("BREW", "/sign-in")
    near.get("/", follow_redirects=False)
    name = "matricula_http_request_seconds_count"
    counted = {key[1:]: value for key, value in figures(near).items() if key[0] == name}
    told = {tuple(value for _, value in labels): number for labels, number in counted.items()}
    assert told[("GET", "/sign-in", "303")] + told.get(("GET", "/sign-in", "200"), 0) == 1
    assert told[("GET", "(none)", "404")] == 1
    assert told[("GET", "/static", "404")] == 1
    assert told[("GET", "/healthz", "200")] == 1
    assert [key for key in told if key[0] == "OTHER"]
    assert "ann" not in str(told)
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    routes = {each.get("route") for each in events}
    assert {"/sign-in", "/"} <= routes
    assert not {"/healthz", "/static"} & routes
    assert all(set(each) <= {"at", "event", "method", "route", "status", "seconds"} for each in events)


def test_what_answers_with_a_fault_is_counted_as_one(app):
    @app.get("/broken/{what}")
    def broken(what: str):
        raise RuntimeError(what)

    with TestClient(app, client=NEAR, raise_server_exceptions=False) as client:
        assert client.get("/broken/ann").status_code == 500
        told = figures(client)
    labels = (("method", "GET"), ("route", "/broken/{what}"), ("status", "500"))
    assert told[("matricula_http_request_seconds_count", *labels)] == 1


def test_the_state_is_asked_once_in_ten_seconds_in_a_dozen_queries(near, service, app):
    asked = []
    engine = service.store._database._engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    near.get("/metrics")
    first = [each for each in asked if each.lstrip().lower().startswith("select")]
    assert 0 < len(first) <= 14, first
    asked.clear()
    for _ in range(20):
        near.get("/metrics")
    assert asked == []


def test_without_the_state_there_still_are_figures(near, service, monkeypatch):
    def fail(*_):
        raise WaitError("gone")

    monkeypatch.setattr(service.store.measuring, "figures", fail)
    told = figures(near)
    assert told[("matricula_state_up",)] == 0
    assert not [key for key in told if key[0] == "matricula_jobs_due"]
    assert [key for key in told if key[0] == "matricula_build_info"]


def test_both_threads_asking_at_once_get_an_answer(app):
    with TestClient(app, client=NEAR) as client:

        async def both():
            asking = app.state.asking
            return await asyncio.gather(*(asking.in_thread(app.state.measures.text) for _ in range(4)))

        answers = client.portal.call(both)
    assert all(b"matricula_build_info" in each for each in answers)


def test_moments_are_those_of_the_state(near, service):
    service.store.acts.note("backup", "t", {})
    at = figures(near)[("matricula_last_backup_timestamp_seconds",)]
    assert abs(datetime.fromtimestamp(at, UTC) - service.store.acts.all("backup")[0].at) < timedelta(seconds=1)


def test_routes_of_the_api_have_their_whole_template(near):
    near.get("/api/v1/plans/17/changes")
    near.get("/api/v1/plans/17")
    routes = {dict(key[1:])["route"] for key in figures(near) if key[0] == "matricula_http_request_seconds_count"}
    assert "/api/v1/plans/{plan}" in routes
    assert not [route for route in routes if "17" in route]
