"""Callers of a run act together: they wait together, stop together, and end together when one meets the end."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stamina
from every_change import TinyDesk, tiny_desk
from rosters import people, roster

from matricula.applying import Silent
from matricula.applying.progress import StopAsked
from matricula.applying.waiting import Waiting
from matricula.errors import MatriculaError, WaitError
from matricula.moodle import Busy, InDoubt, TokenRefused
from matricula.planning import enrolments
from matricula.sandbox import running

ENROL = "enrol_manual_enrol_users"
CALLERS = 4


class Told(Silent):
    def __init__(self) -> None:
        self.waits: list[str] = []

    def wait(self, why: str) -> None:
        self.waits.append(why)


def busy() -> Busy:
    return Busy("The site is in maintenance mode.", where="f at site", remedy="End it.")


def waiting(answers: list[Any], *, patience: float = 60, stop: StopAsked | None = None) -> tuple[Waiting, Told, list]:
    asked, told = [], Told()

    def ask() -> None:
        asked.append(threading.get_ident())
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    return Waiting(ask, patience, told, stop or StopAsked()), told, asked


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("waiting", "sending"):
        monkeypatch.setattr(f"matricula.applying.{module}.FIRST_PAUSE", 0.05)


def test_one_asks_for_all_and_all_go_on() -> None:
    place, told, asked = waiting([busy(), busy(), None])
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(place.wait, [busy() for _ in range(CALLERS)]))
    place.served()
    assert len(asked) == 3
    assert len(set(asked)) == 1
    assert "in maintenance mode. So since" in told.waits[0]
    assert "trying again in 0.05 s; waits until" in told.waits[0]
    assert told.waits[-1] == "The site serves again; going on."


def test_a_stop_ends_a_wait_at_once() -> None:
    stop = StopAsked()
    place, _, asked = waiting([], stop=stop)
    threading.Timer(0.1, stop.set).start()
    late = busy()
    late.pause = 15.0
    begun = time.monotonic()
    with pytest.raises(WaitError) as stopped:
        place.wait(late)
    assert (stopped.value.code, asked) == ("stopped", [])
    assert time.monotonic() - begun < 5


def test_patience_ends_and_the_error_says_how_long_it_was() -> None:
    place, _, _ = waiting([busy() for _ in range(20)], patience=0.3)
    with pytest.raises(Busy) as ended:
        place.wait(busy())
    assert ended.value.remedy.startswith("End it. It was so since")
    assert "0.3 s at most (`patience` of the site document)" in ended.value.remedy
    with pytest.raises(Busy):
        place.through()


def test_patience_begins_anew_only_when_the_site_did_what_was_asked_of_it() -> None:
    place, _, _ = waiting([None] * 20, patience=0.4)
    for _ in range(3):
        place.wait(busy())
        place.served()
    errors = [busy() for _ in range(8)]
    with pytest.raises(Busy):
        list(map(place.wait, errors))


def test_what_ends_the_run_is_learnt_by_all() -> None:
    place, _, _ = waiting([TokenRefused("Moodle does not know this token.")])
    with ThreadPoolExecutor(CALLERS) as pool:
        ended = [future.exception() for future in [pool.submit(place.wait, busy()) for _ in range(CALLERS)]]
    assert {type(error) for error in ended} == {TokenRefused}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyDesk]:
    """A desk with a plan of many small calls in four lanes."""
    stamina.set_testing(testing=True, attempts=4, cap=True)
    steps = (replace(enrolments.ENROL, most=2), enrolments.UNASSIGN, enrolments.UNENROL)
    monkeypatch.setattr(enrolments.Enrolments, "steps", steps)
    with running(fixture="empty") as site, tiny_desk(tmp_path, site, CALLERS) as desk:
        rows = people(*({} for _ in range(40)))
        places = [{"sourcedId": f"e{user['sourcedId']}", "userSourcedId": user["sourcedId"]} for user in rows["users"]]
        desk.made = roster(**rows, enrollments=places)
        desk.run(desk.made, enrolments={"roles": {}})
        site.faults.clear()
        yield desk
    stamina.set_testing(testing=False)


def when_all_are_under_way(desk: TinyDesk, act: Any) -> Any:
    """Apply on a slow site and act while all callers have a call under way; how it ended."""
    draft = desk.plan(desk.made, enrolments={"roles": {"student": "student"}})
    desk.sandbox.faults.set(latency_ms=400)
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(desk.apply, draft)
        until = time.monotonic() + 30
        while desk.sandbox.faults.calls[ENROL] < CALLERS:
            assert time.monotonic() < until
            time.sleep(0.01)
        act()
        return run.exception()


def test_a_stop_lets_all_calls_under_way_end_and_the_run_goes_on_later(desk: TinyDesk) -> None:
    stopped = when_all_are_under_way(desk, desk.stop.set)
    assert isinstance(stopped, WaitError)
    assert stopped.code == "stopped"
    (run, *_) = desk.store.runs.all("default", 1)
    batches = desk.store.journal.batches(run.id)
    assert run.state == "interrupted"
    assert {batch.state for batch in batches} == {"answered"}
    assert {batch.lane for batch in batches} == set(range(CALLERS))
    assert desk.sandbox.faults.calls[ENROL] == len(batches) == CALLERS
    desk.stop.clear()
    desk.sandbox.faults.set(latency_ms=0)
    assert desk.go_on().left == 0
    assert desk.sandbox.faults.calls[ENROL] == 20
    assert desk.plan(desk.made).changes.height == 0


def test_maintenance_is_asked_after_by_one_caller_and_the_run_goes_on(desk: TinyDesk) -> None:
    def maintained() -> None:
        desk.sandbox.faults.set(maintenance=True, latency_ms=0)
        time.sleep(1.5)
        seen.update(desk.sandbox.faults.calls)
        desk.sandbox.faults.set(maintenance=False)

    seen: dict[str, int] = {}
    assert when_all_are_under_way(desk, maintained) is None
    assert seen[ENROL] <= 2 * CALLERS
    assert seen["core_webservice_get_site_info"] <= 6
    assert desk.plan(desk.made).changes.height == 0


def test_when_one_lane_meets_the_end_the_others_send_no_more(desk: TinyDesk) -> None:
    def lost() -> None:
        desk.sandbox.faults.set(missing_functions=[ENROL])

    ended = when_all_are_under_way(desk, lost)
    assert isinstance(ended, MatriculaError)
    assert ended.code == "function-missing"
    assert desk.sandbox.faults.calls[ENROL] <= 2 * CALLERS
    desk.sandbox.faults.clear()
    assert desk.go_on().left == 0
    assert desk.plan(desk.made).changes.height == 0


def test_a_site_that_dies_of_every_record_stops_the_run_and_no_record_is_blamed(desk: TinyDesk) -> None:
    draft = desk.plan(desk.made, enrolments={"roles": {"student": "student"}})
    desk.sandbox.faults.set(bad_gateway={"chance": 1.0, "function": ENROL})
    with pytest.raises(WaitError, match="one after another got no answer") as ended:
        desk.apply(draft)
    assert ended.value.code == "in-doubt"
    (run, *_) = desk.store.runs.all("default", 1)
    assert desk.store.journal.outcomes(run.id).height == 0
    desk.sandbox.faults.clear()
    assert desk.go_on().left == 0


def test_a_database_that_takes_nothing_stops_the_run(desk: TinyDesk) -> None:
    draft = desk.plan(desk.made, enrolments={"roles": {"student": "student"}})
    desk.sandbox.faults.set(deadlock={"chance": 1.0, "function": ENROL})
    with pytest.raises(MatriculaError, match=r"refused 2\d records one after another") as ended:
        desk.apply(draft)
    assert ended.value.code == "database-refuses"
    desk.sandbox.faults.clear()
    assert set(desk.go_on().states) == {"done"}
    assert desk.run(desk.made).changes.height > 0
    assert desk.plan(desk.made).changes.height == 0


def test_what_an_unanswered_call_did_late_is_found_without_dividing(tmp_path: Path, monkeypatch: Any) -> None:
    """Users whom Moodle makes only after the call was given up and looked up."""
    with running(fixture="empty") as site, tiny_desk(tmp_path, site) as desk:
        draft = desk.plan(roster(**people(*({} for _ in range(40))), enrollments=[]))
        create, sent = desk.moodle.users.create, []

        def late(rows: Any) -> Any:
            sent.append(len(rows))
            if len(sent) == 1:
                raise InDoubt("No complete answer came in time.")
            if len(sent) == 2:
                create(rows)  # the first call ends at last
            return create(rows)

        monkeypatch.setattr(desk.moodle.users, "create", late)
        assert desk.apply(draft).left == 0
        assert len(sent) == 2


@pytest.mark.parametrize(("lost", "left"), [(5, 0), (6, 1)])
def test_a_record_alone_is_tried_more_often_than_many(tmp_path: Path, lost: int, left: int) -> None:
    with running(fixture="empty") as site, tiny_desk(tmp_path, site) as desk:
        draft = desk.plan(roster(**people({}), enrollments=[]))
        site.faults.set(bad_gateway={"times": lost, "function": "core_user_create_users"})
        assert desk.apply(draft).left == left
        assert len(desk.moodle.users.find("idnumber", ["u1"])) == 1 - left
