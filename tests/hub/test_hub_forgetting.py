"""After `forget` nothing of a person is left in the state, nothing of others is gone, and all goes on."""

import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))

from corridor import Corridor
from leaving import FAMILY, GIVEN, KEY, USERNAME, everything, found_in, leave, plant

from matricula.errors import StopError, UsageError, WaitError
from matricula.hub.forgetting import forget, remembered
from matricula.hub.home import DATABASE_VARIABLE
from matricula.roster.delivery import Delivery
from matricula.sandbox import running

NAME = f"{GIVEN} {FAMILY}"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    if request.param == "sqlite":
        return ""
    found: str = request.getfixturevalue("postgres_address")
    monkeypatch.setenv(DATABASE_VARIABLE, found)
    return found


@pytest.fixture
def corridor(tmp_path: Path, address: str) -> Iterator[Corridor]:
    with (
        running(fixture="empty") as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        corridor.school(students=16)
        plant(corridor.folder)
        yield corridor


def live_through(corridor: Corridor) -> None:
    """The person is made, changed, refused, left out, asked for alone, and stands in a plan that waits."""
    corridor.hub.apply(corridor.plan().number)
    plant(corridor.folder, email="zyphrine.other@quark.example")
    corridor.sandbox.faults.set(refuse_users=[USERNAME])
    corridor.hub.apply(corridor.plan().number)
    corridor.sandbox.faults.clear()
    users = corridor.folder / "users.csv"
    text = users.read_text(encoding="utf-8")
    line = next(each for each in text.splitlines() if each.startswith(KEY))
    twin = line.replace(KEY, "stu-twin").replace(GIVEN, "Ann").replace(FAMILY, "Lee")  # with the same user name
    users.write_text(f"{text}{twin}\n", encoding="utf-8")
    corridor.plan()
    users.write_text(text, encoding="utf-8")
    plant(corridor.folder, email="zyphrine.third@quark.example")
    corridor.hub.plan("default", only=[USERNAME])


def test_nothing_is_left_of_a_person_and_the_next_plan_goes_on(corridor: Corridor, address: str) -> None:
    live_through(corridor)
    store = corridor.home.store
    assert len(found_in(everything(corridor, address))) == 5
    before = {kind: store.ledger.frame("default", kind) for kind in ("user", "enrolment", "course", "category")}
    asked = remembered(corridor.home, "Zyphrine.Third@quark.example")
    assert [(each.key, each.name, each.delivered_by) for each in asked.known] == [(KEY, NAME, "school")]
    assert asked.counts["ledger"] > 2
    assert asked.counts["change"] > 5
    counts, clean = forget(corridor.home, asked)
    assert clean
    assert all(counts[name] >= number for name, number in asked.counts.items())
    assert found_in(everything(corridor, address)) == []
    others = ~(pl.col("key").str.starts_with(KEY))
    for kind, frame in before.items():
        assert store.ledger.frame("default", kind).sort("key").equals(frame.filter(others).sort("key")), kind
    marked = [plan for plan in store.plans.all() if "redacted" in plan.summary]
    assert [plan.state for plan in marked] == ["superseded", "applied", "applied"]
    assert [act.counts for act in store.acts.all("forget")] == [counts]
    brought_back = corridor.plan()
    of_person = brought_back.changes.filter(pl.col("key").str.starts_with(KEY))
    assert of_person.filter(pl.col("kind") == "user")["action"].to_list() == ["match"]
    assert brought_back.changes.height == of_person.height


def test_a_plan_with_somebody_forgotten_is_never_applied_again(corridor: Corridor, address: str) -> None:
    planned = corridor.plan()
    forget(corridor.home, remembered(corridor.home, USERNAME))
    assert corridor.home.store.plans.get(planned.number).state == "superseded"
    with pytest.raises(StopError) as refused:
        corridor.hub.apply(planned.number)
    assert refused.value.code == "plan-redacted"
    assert corridor.home.store.plans.changes(planned.number).height == planned.changes.height
    assert found_in(everything(corridor, address)) == []


def test_an_undo_leaves_out_whoever_was_forgotten(corridor: Corridor) -> None:
    run = corridor.hub.apply(corridor.plan().number).run
    everybody = corridor.hub.undo(run).changes
    forget(corridor.home, remembered(corridor.home, USERNAME))
    others = corridor.hub.undo(run).changes
    assert others["key"].to_list() == [key for key in everybody["key"] if not key.startswith(KEY)]
    assert 0 < others.height < everybody.height


def test_somebody_who_left_is_known_from_the_ledger_and_stays_gone(corridor: Corridor, address: str) -> None:
    corridor.hub.apply(corridor.plan().number)
    leave(corridor.folder)
    corridor.hub.apply(corridor.plan().number)
    asked = remembered(corridor.home, NAME)
    assert [each.delivered_by for each in asked.known] == [""]
    forget(corridor.home, asked)
    assert found_in(everything(corridor, address)) == []
    assert not corridor.plan().changes.height
    with pytest.raises(UsageError) as unknown:
        remembered(corridor.home, NAME)
    assert unknown.value.code == "person-unknown"


def test_changes_can_still_be_laid_over_what_is_kept(corridor: Corridor) -> None:
    corridor.plan()
    before = corridor.home.store.kept.delivery("school")
    forget(corridor.home, remembered(corridor.home, KEY))
    after = corridor.home.store.kept.delivery("school")
    assert before is not None
    assert after is not None
    assert isinstance(after, Delivery)
    assert before.marker == after.marker
    assert after.drafts["users"].frame.height == before.drafts["users"].frame.height - 1
    assert after.roster().findings == before.roster().findings
    assert after.roster().users.height == before.roster().users.height - 1


def test_a_run_at_work_or_cut_off_forbids_it(corridor: Corridor) -> None:
    planned = corridor.plan()
    asked = remembered(corridor.home, KEY)
    run = corridor.home.store.runs.start(planned.number, "default", "moodle", "somebody")
    with pytest.raises(WaitError) as live:
        forget(corridor.home, asked)
    assert live.value.code == "site-locked"
    numbers = planned.changes["number"].head(2)
    corridor.home.store.journal.prepare(run, "create users", "core_user_create_users", 0, numbers)
    corridor.home.store.runs.finish(run, "interrupted", {})
    with pytest.raises(StopError) as cut:
        forget(corridor.home, asked)
    assert cut.value.code == "run-unsettled"
    assert remembered(corridor.home, KEY).counts == asked.counts
