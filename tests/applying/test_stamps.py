"""What ordinary plans look at on a site whose plugin tells what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from corridor import Corridor

from matricula.hub.looked_told import looked_in_words
from matricula.moodle import Moodle
from matricula.sandbox import running

MAIN = {"category", "user", "course", "enrolment"}


@pytest.fixture
def corridor(tmp_path: Any) -> Iterator[Corridor]:
    with (
        running(fixture="empty", plugins=True) as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        corridor.school(12)
        corridor.hub.apply(corridor.plan().number)
        assert looked(corridor.plan()) == (MAIN, set())
        yield corridor


def looked(planned: Any) -> tuple[set[str], set[str]]:
    told = planned.record.summary["looked"]
    return set(told["whole"]), set(told["unchanged"])


def somebody(moodle: Moodle) -> Any:
    return next(user for user in moodle.users.all() if user.idnumber)


def edits(corridor: Corridor) -> list[tuple[str, str]]:
    return [(each.kind, each.field) for each in corridor.home.store.drift.all("default")]


def calls(corridor: Corridor) -> dict[str, int]:
    return dict(corridor.sandbox.faults.seen()["calls"])


def test_where_nothing_has_changed_nothing_is_looked_at(corridor: Corridor) -> None:
    before = calls(corridor).get("local_matricula_get_snapshot", 0)
    planned = corridor.plan()
    assert looked(planned) == (set(), MAIN)
    # The newest accounts and courses are looked at by every plan.
    assert calls(corridor)["local_matricula_get_snapshot"] - before <= 4
    assert "Moodle says that nothing has changed" in looked_in_words(planned.record)


def test_an_edit_is_found_by_the_next_plan_and_nothing_else_is_read_for_it(corridor: Corridor) -> None:
    with corridor.moodle() as moodle:
        moodle.users.update([{"id": somebody(moodle).id, "firstname": "Edited"}])
    planned = corridor.plan()
    assert looked(planned) == ({"user"}, MAIN - {"user"})
    assert edits(corridor) == [("user", "firstname")]
    assert looked_in_words(planned.record).startswith("Looked at all users. Moodle says that nothing has changed")


def test_an_edit_that_was_undone_is_struck_out_by_the_next_plan(corridor: Corridor) -> None:
    with corridor.moodle() as moodle:
        user = somebody(moodle)
        moodle.users.update([{"id": user.id, "firstname": "Edited"}])
        corridor.plan()
        moodle.users.update([{"id": user.id, "firstname": user.firstname}])
    corridor.plan()
    assert edits(corridor) == []


def test_what_was_removed_is_found_by_every_plan_until_it_is_made_anew(corridor: Corridor) -> None:
    with corridor.moodle() as moodle:
        moodle.users.delete([somebody(moodle).id])
    for _ in range(2):
        planned = corridor.plan()
        assert "user" in looked(planned)[0]
        assert ("user", "create") in set(planned.changes.select("kind", "action").rows())
    corridor.hub.apply(planned.number)
    assert corridor.plan().changes.height == 0
    assert looked(corridor.plan()) == (set(), MAIN)


def test_what_changes_while_a_plan_looks_is_seen_by_the_next(
    corridor: Corridor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with corridor.moodle() as moodle:
        user = somebody(moodle)
        moodle.users.update([{"id": user.id, "lastname": "Once"}])
        keep = "matricula.hub.hub.make_plan"
        original = __import__("matricula.planning", fromlist=["make_plan"]).make_plan

        def edited_after_the_look(*args: Any) -> Any:
            draft = original(*args)
            moodle.users.update([{"id": user.id, "firstname": "Meanwhile"}])
            return draft

        monkeypatch.setattr(keep, edited_after_the_look)
        corridor.plan()
        monkeypatch.setattr(keep, original)
    assert edits(corridor) == [("user", "lastname")]
    corridor.plan()
    assert edits(corridor) == [("user", "firstname"), ("user", "lastname")]


def test_a_plan_for_some_people_notes_nothing(corridor: Corridor) -> None:
    with corridor.moodle() as moodle:
        user = somebody(moodle)
        moodle.users.update([{"id": user.id, "firstname": "Edited"}])
    before = corridor.home.store.stamps.of("default")
    planned = corridor.hub.plan("default", only=[user.username])
    assert "looked" not in planned.record.summary
    assert corridor.home.store.stamps.of("default") == before
    corridor.plan()
    assert edits(corridor) == [("user", "firstname")]


def test_other_rules_have_all_looked_at_once_more(corridor: Corridor) -> None:
    text = corridor.home.dump("profile", "default")
    corridor.home.load(f"{text}\ndrift: {{default: put-back}}\n", "test", corridor.folder)
    assert looked(corridor.plan()) == (MAIN, set())
    assert looked(corridor.plan()) == (set(), MAIN)


def test_a_full_plan_looks_at_all_and_is_noted(corridor: Corridor) -> None:
    planned = corridor.hub.plan("default", full=True)
    assert looked_in_words(planned.record) == "Looked at every record."
    assert looked(corridor.plan()) == (set(), MAIN)


def test_without_the_plugin_plans_look_at_shares(corridor: Corridor) -> None:
    corridor.home.load(f"{corridor.home.dump('site', 'moodle')}\nplugins: false\n", "test", corridor.folder)
    planned = corridor.plan()
    assert planned.record.summary["looked"] == {"whole": [], "unchanged": [], "shares": 0}
    assert looked_in_words(planned.record) == "Looked at what it changes."
