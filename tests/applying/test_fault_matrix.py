"""Every way in which a site can fail, with every kind of change: the run does what `fault_table` says."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import stamina
from every_change import DAYS, TinyDesk, every, tiny_desk
from fault_table import FAULTS, GOES_ON, REFUSES, STOPS, WAITS, Fault, as_markdown

from matricula.applying import Silent
from matricula.errors import MatriculaError
from matricula.planning import ENTITIES, Draft
from matricula.sandbox import Faults, Running, running
from matricula.sandbox.faults import KINDS

STEPS = {step.name: step for entity in ENTITIES.values() for step in entity.steps}
AT_EACH_STEP = {WAITS, STOPS}
QUICK = ("half_answer", "maintenance", "refuse_users")
LATE = 0.5
"""Seconds: less than `late_answer` takes, and more than all else."""

ROUNDS = 40
Sent = set[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    stamina.set_testing(testing=True, attempts=4, cap=True)
    for pause in ("FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(f"matricula.applying.waiting.{pause}", 0.01)
    monkeypatch.setattr("matricula.applying.sending.FIRST_PAUSE", 0.01)
    yield
    stamina.set_testing(testing=False)


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:
    with running(fixture="empty") as site:
        yield site


@pytest.fixture(scope="module")
def plugged() -> Iterator[Running]:
    """A site that has the plugins; what becomes of it is what becomes of one without them."""
    with running(fixture="empty", plugins=True) as site:
        yield site


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], list[Any]]:
    """The pictures of the undisturbed site after each of the first days."""

    @cache
    def pictures(days: int) -> list[Any]:
        with running(fixture="empty") as site, tiny_desk(tmp_path_factory.mktemp("calm"), site) as desk:
            seen = []
            for number in range(days):
                assert desk.apply(desk.day(number)).left == 0
                seen.append(desk.picture())
            return seen

    return pictures


class Strikes(Silent):
    """Lets a site fail at the beginning of each step that was not struck yet."""

    def __init__(self, site: Running, fault: Fault, *, once: bool) -> None:
        self.site, self.fault, self.once = site, fault, once
        self.struck: set[str] = set()
        self.waits: list[str] = []
        self.failing = ""

    def step(self, name: str) -> None:
        if self.failing and self.fault.way == REFUSES:
            self.end()
        if name not in STEPS or name in self.struck or (self.once and self.failing):
            return
        self.failing = name
        self.struck.add(name)
        settings, function = self.fault.settings, self.function(name)
        self.site.faults.set(
            **settings | ({"missing_functions": [function]} if "missing_functions" in settings else {})
        )

    def function(self, name: str) -> str:
        """The function that a step calls on this site."""
        step = STEPS[name]
        return step.packed if step.packed and self.site.sandbox.state.plugins else step.function

    def wait(self, why: str) -> None:
        if "trying again" in why:
            self.waits.append(self.failing)
            self.end()

    def step_by_step(self, go_on: Callable[[], Any], code: str) -> bool:
        """Whether there was another step at which the run stopped as it should; else it went through."""
        before = set(self.struck)
        self.failing = ""
        try:
            assert go_on().left == 0
        except MatriculaError as error:
            seen: MatriculaError | None = error
        else:
            seen = None
        assert (self.struck == before) == (seen is None), "it was struck and did not stop"
        assert seen is None or (seen.code == code and seen.remedy), seen
        return seen is not None

    def end(self) -> None:
        self.site.sandbox.faults.clear()
        if self.fault.way != REFUSES:
            self.failing = ""


def goes_on(desk: TinyDesk, fault: Fault, draft: Draft) -> Sent:
    desk.sandbox.faults.set(**fault.settings)
    with desk.impatient(LATE if fault.name == "late_answer" else 120):
        assert desk.apply(draft).left == 0
    sent = desk.sent(draft)
    if fault.name in KINDS:
        struck = desk.sandbox.faults.seen()["struck"]
        assert {function for *_, function in sent} == {name.split()[1] for name in struck if " " in name}
    return sent


def waits(desk: TinyDesk, fault: Fault, draft: Draft) -> Sent:
    desk.progress = strikes = Strikes(desk.sandbox, fault, once=False)
    assert desk.apply(draft).left == 0
    assert set(strikes.waits) == strikes.struck
    return desk.sent(draft)


def stops(desk: TinyDesk, fault: Fault, draft: Draft) -> Sent:
    desk.progress = strikes = Strikes(desk.sandbox, fault, once=True)
    go_on = partial(desk.apply, draft)
    while strikes.step_by_step(go_on, fault.code):
        assert desk.store.runs.all("default", 1)[0].state == "interrupted"
        desk.sandbox.faults.clear()
        go_on = desk.go_on
    return desk.sent(draft)


def refuses(desk: TinyDesk, fault: Fault, draft: Draft) -> Sent:
    at_each_step = fault.name == "disk_full"
    strikes = Strikes(desk.sandbox, fault, once=True)
    desk.progress = strikes if at_each_step else Silent()
    sent: Sent = set()
    number = 0
    while draft.changes.height:
        strikes.failing = ""
        if not at_each_step and not number:
            desk.sandbox.faults.set(**fault.settings)
        applied = desk.apply(draft)
        desk.sandbox.faults.clear()
        assert set(applied.states) <= {"done", "refused", "skipped", "stale"}, applied.states
        outcomes = desk.store.journal.outcomes(applied.run)
        assert all(outcomes.filter(outcomes["state"] != "done")["reason"].str.len_chars() > 20)
        sent |= desk.sent(draft)
        number += 1
        assert number < ROUNDS, "it does not come to an end"
        draft = desk.plan(desk.made)
    return sent


WAYS = {GOES_ON: goes_on, WAITS: waits, STOPS: stops, REFUSES: refuses}


def play(place: Path, site: Running, fault: Fault, pictures: list[Any]) -> Sent:
    """The days of the tiny school on a site that fails; it ends each day as the site that never did."""
    sent: Sent = set()
    with tiny_desk(place, site) as desk:
        for number, expected in enumerate(pictures):
            draft = desk.day(number)
            desk.made = DAYS[number][0]
            desk.progress = Silent()
            sent |= WAYS[fault.way](desk, fault, draft)
            site.sandbox.faults.clear()
            desk.progress = Silent()
            assert desk.picture() == expected
            assert desk.plan(DAYS[number][0]).changes.height == 0
    return sent


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_with_every_kind_of_change(tmp_path, site, calm, fault) -> None:
    assert play(tmp_path, site, fault, calm(len(DAYS))) == every(plugins=False)


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_with_every_kind_of_change_by_the_plugins(tmp_path, plugged, calm, fault) -> None:
    assert play(tmp_path, plugged, fault, calm(len(DAYS))) == every(plugins=True)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name in QUICK], ids=lambda fault: fault.name)
def test_some_faults_with_everything_that_is_made(tmp_path, site, calm, fault) -> None:
    play(tmp_path, site, fault, calm(1))


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name in QUICK], ids=lambda fault: fault.name)
def test_some_faults_with_everything_that_is_made_by_the_plugins(tmp_path, plugged, calm, fault) -> None:
    play(tmp_path, plugged, fault, calm(1))


def test_every_fault_of_the_sandbox_is_in_the_table_and_the_table_in_the_documents() -> None:
    known = set(Faults().as_json()) - {"seed", "retry_after", "late_ms"}
    assert {fault.name for fault in FAULTS} == known
    page = Path(__file__).parents[2] / "docs" / "faults.md"
    assert as_markdown() in page.read_text(encoding="utf-8")
