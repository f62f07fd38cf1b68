"""Edits made in Moodle on the whole way: found in their turn, listed, put back; none is found where nobody made any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from corridor import Corridor

from matricula.hub import observing
from matricula.planning.shares import SHARES

pytestmark = pytest.mark.long

PROFILE = "kind: profile\nname: default\nsource: school\nsite: moodle\n"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 9, 1, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def later(self, **much: float) -> None:
        self.at += timedelta(**much)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(observing, "now", clock)
    return clock


def written(corridor: Corridor, rules: str = "") -> None:
    corridor.school(students=10)
    corridor.home.load(PROFILE + rules, "test", corridor.folder)
    planned = corridor.plan()
    assert corridor.hub.apply(planned.number, planned.words).left == 0


def ids(corridor: Corridor, kind: str) -> list[int]:
    ledger = corridor.hub.store.ledger.frame("default", kind).sort("key")
    return ledger["moodle_id"].drop_nulls().to_list()


def edit(corridor: Corridor, users: int = 1, **fields: Any) -> None:
    with corridor.moodle() as moodle:
        chosen = ids(corridor, "user")[:users]
        moodle.users.update([{"id": number} | (fields or {"lastname": "Edited"}) for number in chosen])


def listed(corridor: Corridor) -> list[tuple[str, str, Any, str]]:
    return [(each.kind, each.field, each.seen, each.state) for each in corridor.hub.store.drift.all("default")]


def calls(corridor: Corridor) -> int:
    return sum(corridor.sandbox.faults.seen()["calls"].values())


def test_a_plan_right_after_another_reads_nothing_more(corridor: Corridor, clock: Clock) -> None:
    written(corridor)
    before = calls(corridor)
    corridor.plan()
    usual = calls(corridor) - before
    clock.later(hours=1)
    corridor.plan()
    assert calls(corridor) - before == 2 * usual
    clock.later(hours=24)
    corridor.plan()
    assert calls(corridor) - before > 3 * usual


def test_everything_is_seen_within_its_days(corridor: Corridor, clock: Clock) -> None:
    written(corridor, "observe: {within: 3}")
    everybody = len(ids(corridor, "user"))
    edit(corridor, everybody)
    corridor.plan()
    found = [len(listed(corridor))]
    for _ in range(6):
        clock.later(hours=12)
        assert corridor.plan().changes.height == 0
        found.append(len(listed(corridor)))
    assert found[0] == 0
    assert found == sorted(found)
    assert 0 < found[2] < everybody
    assert found[-1] == everybody


def test_nothing_is_looked_at_in_part_where_the_profile_says_never(corridor: Corridor, clock: Clock) -> None:
    written(corridor, "observe: {within: 0}")
    edit(corridor)
    clock.later(days=300)
    corridor.plan()
    assert listed(corridor) == []
    corridor.hub.plan("default", full=True)
    assert listed(corridor) == [("user", "lastname", "Edited", "open")]


def test_a_site_that_nobody_touched_has_no_drift_on_any_day(corridor: Corridor, clock: Clock) -> None:
    rules = "groups: [{name: '{group.title}'}]\ncohorts: [{name: All, idnumber: all}]\ndrift: {default: put-back}"
    written(corridor, rules)
    for turn in range(4):
        clock.later(days=3)
        assert corridor.hub.plan("default", full=turn == 3).changes.height == 0
        assert listed(corridor) == []


def test_the_next_day_leaves_no_drift_either(corridor: Corridor, clock: Clock) -> None:
    school = corridor.school(students=12)
    corridor.hub.apply(corridor.plan().number)
    for _ in range(2):
        school, _ = school.next_day()
        school.write(corridor.folder)
        planned = corridor.plan()
        corridor.hub.apply(planned.number, planned.words)
        clock.later(days=2)
        assert corridor.hub.plan("default", full=True).changes.height == 0
        assert listed(corridor) == []


def test_full_counts_for_all_shares(corridor: Corridor, clock: Clock) -> None:
    written(corridor)
    clock.later(days=5)
    corridor.hub.plan("default", full=True)
    assert corridor.hub.store.drift.looked_at("default") == dict.fromkeys(range(SHARES), clock.at)


def test_a_run_for_one_person_notes_nothing(corridor: Corridor, clock: Clock) -> None:
    written(corridor)
    noted = corridor.hub.store.drift.looked_at("default")
    edit(corridor)
    clock.later(days=30)
    name = corridor.hub.store.ledger.frame("default", "user").sort("key")["key"][0]
    corridor.hub.plan("default", full=True, only=[name])
    assert corridor.hub.store.drift.looked_at("default") == noted
    assert listed(corridor) == []


def test_an_edit_is_put_back_by_the_plan_that_shows_it(corridor: Corridor, clock: Clock) -> None:
    written(corridor, "drift: {user: {lastname: put-back}}")
    edit(corridor)
    corridor.hub.plan("default", full=True)
    again = corridor.plan()  # the first plan was not applied, and it is nobody's turn
    assert again.changes["reason"].to_list() == ["edited in Moodle, put back: lastname"]
    assert corridor.hub.apply(again.number).states == {"done": 1}
    assert listed(corridor) == []
    clock.later(days=1)
    assert corridor.hub.plan("default", full=True).changes.height == 0


def test_an_edit_that_somebody_takes_back_is_listed_no_more(corridor: Corridor, clock: Clock) -> None:
    written(corridor)
    before = corridor.hub.store.ledger.frame("default", "user").sort("key")["written"].str.json_path_match("$.lastname")
    edit(corridor)
    corridor.hub.plan("default", full=True)
    since = corridor.hub.store.drift.all("default")[0].since
    clock.later(hours=1)
    corridor.plan()
    assert corridor.hub.store.drift.all("default")[0].since == since
    assert corridor.hub.store.drift.all("default")[0].at == clock.at
    edit(corridor, lastname=before[0])
    corridor.plan()
    assert listed(corridor) == []


def test_what_was_accepted_is_listed_anew_when_it_changes_again(corridor: Corridor, clock: Clock) -> None:
    written(corridor)
    edit(corridor)
    corridor.hub.plan("default", full=True)
    drift = corridor.hub.store.drift
    drift.say(drift.all("default"), "accepted")
    corridor.hub.plan("default", full=True)
    assert drift.waiting("default") == 0
    edit(corridor, lastname="Again")
    corridor.hub.plan("default", full=True)
    assert listed(corridor) == [("user", "lastname", "Again", "open")]


def test_what_was_put_back_in_vain_is_not_put_back_every_night(corridor: Corridor, clock: Clock) -> None:
    """A pupil who left is in the course by self-enrolment, too: suspending the manual enrolment changes nothing."""
    written(corridor, "drift: {default: put-back}\nenrolments: {gone: suspend}\nlimits: {floor: 9999}")
    file = corridor.folder / "enrollments.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:-1]), encoding="utf-8")
    planned = corridor.plan()
    corridor.hub.apply(planned.number, planned.words)
    (key,) = planned.changes.filter(pl.col("kind") == "enrolment")["key"]
    ledger = {
        kind: corridor.hub.store.ledger.get("default", kind, part)
        for kind, part in zip(("user", "course"), key.split("\t"), strict=True)
    }
    state = corridor.sandbox.sandbox.state
    method = state.insert("enrol", courseid=ledger["course"].moodle_id, enrol="self", status=0)
    state.insert("user_enrolments", enrolid=method, userid=ledger["user"].moodle_id, status=0)
    planned = corridor.hub.plan("default", full=True)
    assert planned.changes["action"].to_list() == ["suspend"]
    corridor.hub.apply(planned.number)
    assert listed(corridor) == [("enrolment", "suspended", False, "in-vain")]
    assert corridor.hub.plan("default", full=True).changes.height == 0


def test_edits_of_records_that_the_ledger_lost_are_struck_out(corridor: Corridor, clock: Clock) -> None:
    written(corridor)
    edit(corridor)
    corridor.hub.plan("default", full=True)
    (found,) = corridor.hub.store.drift.all("default")
    corridor.hub.store.ledger.forget("default", "user", [found.key])
    (corridor.folder / "users.csv").write_text(
        "".join(
            line
            for line in (corridor.folder / "users.csv").read_text(encoding="utf-8").splitlines(keepends=True)
            if not line.startswith(found.key)
        ),
        encoding="utf-8",
    )
    corridor.plan()
    assert listed(corridor) == []
