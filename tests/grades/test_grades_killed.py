"""Transfers that were killed, or whose sink was lost in the middle: going on, and nothing is doubled."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from matricula.errors import WaitError
from matricula.hub import grades as hub_grades
from matricula.sinks.sql import SqlSink

ONCE = Path(__file__).with_name("transfer_once.py")


def killed_at(grades, plan, moment):
    """Whether a process that applies a plan died at a moment, and not at its own end."""
    command = [sys.executable, str(ONCE), str(grades.home.folder), str(plan), str(moment)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 9


def everything(grades):
    """What stands in the school's gradebook, without the moments of grading."""
    tables = ("matricula_categories", "matricula_line_items", "matricula_results")
    return {table: sorted(row[:-1] for row in grades.sql(f"select * from {table}")) for table in tables}


def whole(grades):
    """Everything was sent once."""
    assert grades.results() == {"u2": 80.0, "u3": 0.0}
    assert {table: len(rows) for table, rows in everything(grades).items()} == {
        "matricula_categories": 1,
        "matricula_line_items": 2,
        "matricula_results": 4,
    }
    assert grades.acts(grades.plan()) == []


@pytest.mark.parametrize("moment", [2, 8])
def test_killed_and_gone_on(grades, moment):
    planned = grades.plan()
    assert killed_at(grades, planned.number, moment)
    grades.hub.apply(planned.number)
    whole(grades)


@pytest.mark.long
def test_killed_at_every_moment(grades):
    planned, moment = grades.plan(), 1
    while killed_at(grades, planned.number, moment):
        moment += 1
        assert moment < 40
    assert moment > 1
    assert grades.store.plans.get(planned.number).state == "applied"
    whole(grades)


@pytest.mark.long
@pytest.mark.parametrize("moment", range(1, 10))
def test_killed_and_planned_anew(grades, moment):
    assert killed_at(grades, grades.plan().number, moment)
    grades.transfer()
    whole(grades)


class Unreliable(SqlSink):
    """The sink behind a line that breaks in its nth call, before or after the call was carried out."""

    breaks_at, done, readable = 0, False, True

    def write(self, kind, rows):
        type(self).breaks_at -= 1
        if type(self).breaks_at == 0:
            if self.done:
                super().write(kind, rows)
            raise WaitError("The line is broken.", where="sink sis", code="line-broken")
        return super().write(kind, rows)

    def read(self, classes):
        if not self.readable and type(self).breaks_at <= 0:
            raise WaitError("The line is broken.", where="sink sis", code="line-broken")
        return super().read(classes)


@contextmanager
def line_breaks(monkeypatch, at, *, done, readable=True):
    """Within this the sink is behind such a line."""
    Unreliable.breaks_at, Unreliable.done, Unreliable.readable = at, done, readable
    with monkeypatch.context() as patched:
        patched.setattr(hub_grades, "opened", lambda home, name, say=None: Unreliable(home.sink(name).settings))
        yield


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("readable", [True, False])
def test_a_sink_that_is_lost_in_the_middle_is_waited_for_and_gone_on_with(grades, monkeypatch, done, readable):
    planned = grades.plan()
    with line_breaks(monkeypatch, 3, done=done, readable=readable), pytest.raises(WaitError):
        grades.hub.apply(planned.number)
    run = grades.store.runs.all("default", 1)[0]
    assert run.state == "interrupted"
    assert len(grades.store.journal.in_doubt(run.id)) == (0 if readable else 1)
    assert grades.hub.apply(planned.number).left == 0
    whole(grades)


def test_a_new_plan_settles_what_is_in_doubt_first(grades, monkeypatch):
    planned = grades.plan()
    with line_breaks(monkeypatch, 3, done=True, readable=False), pytest.raises(WaitError):
        grades.hub.apply(planned.number)
    assert grades.acts(grades.plan()) == [], "the last call was carried out, and that was found by reading"
