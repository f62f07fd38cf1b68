"""`matricula enrolments move`: a plan that gives enrolments a method of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matricula.sandbox import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from command_desk import Desk

    from matricula.sandbox import Running


@pytest.fixture
def site() -> Iterator[Running]:
    with running("empty", plugins=True) as served:
        yield served


def test_what_was_made_before_the_plugins_came_is_shown_by_name_and_moved(ready: Desk, site: Running) -> None:
    site.sandbox.state.set_setting("off_enrol_matricula", "1")
    ready("run", "--yes")
    site.sandbox.state.set_setting("off_enrol_matricula", "0")
    told = ready("enrolments", "move")
    assert told.status == 0
    assert "moves to Matricula's own method" in told.words
    assert "To write exactly this to Moodle: matricula apply 2" in told.words
    assert ready("apply", 2).status == 0
    again = ready("enrolments", "move")
    assert "every enrolment that Matricula made and that is there is of its own method" in again.words
    planned = ready("plan")
    assert "Looked at all categories, users, courses and enrolments." in planned.words
    assert ready("plan", "--json").json["looked"]["whole"] == []


def test_a_site_without_the_method_says_how_to_get_it(ready: Desk, site: Running) -> None:
    site.sandbox.state.set_setting("off_enrol_matricula", "1")
    told = ready("enrolments", "move", "--json")
    assert told.status != 0
    assert "Manage enrol plugins" in told.words
