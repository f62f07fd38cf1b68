"""`forget`, `purge` and `key` at the command line, and `history --acts` which tells that they were done."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_desk import Desk
from sqlalchemy import update

from matricula.errors import StopError
from matricula.hub import Home
from matricula.hub.passwords import passwords_for
from matricula.hub.retention import purge, purge_daily
from matricula.sandbox import Running
from matricula.sandbox.school import School
from matricula.store import LedgerRow, schema
from matricula.store.secrets import KEY_FILE_VARIABLE

sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))

from leaving import EMAIL, FAMILY, GIVEN, KEY, plant


@pytest.fixture
def home(ready: Desk) -> Iterator[Home]:
    with Home(ready.home) as opened:
        yield opened


def test_forget_shows_asks_and_says_what_it_does_not_do(ready: Desk, tmp_path: Path) -> None:
    plant(tmp_path / "roster")
    assert ready("run", "--yes").status == 0
    asked = ready("forget", EMAIL)
    assert (asked.status, "--dry-run" in asked.err) == (2, True)
    looked = ready("forget", EMAIL, "--dry-run")
    assert looked.status == 0
    assert f"{GIVEN} {FAMILY} ({KEY}), profile default" in looked.words
    assert "It stays as it is." in looked.words
    assert "school still delivered this person" in looked.words
    assert "Nothing was removed." in looked.out
    seen = ready("forget", EMAIL, "--dry-run", "--json").json
    assert (seen["forgotten"], seen["people"][0]["key"]) == (False, KEY)
    told = ready("forget", EMAIL, "--yes", "--json").json
    assert (told["forgotten"], told["clean"]) == (True, True)
    assert told["counts"]["ledger"] == seen["counts"]["ledger"] > 1
    nobody = ready("forget", EMAIL, "--yes")
    assert (nobody.status, "Nothing is kept" in nobody.err) == (2, True)
    assert "named a person who was forgotten" in ready("show", 1).words
    acts = ready("history", "--acts", "--json").json["acts"]
    assert [act["kind"] for act in acts] == ["forget", "purge"]
    assert acts[0]["counts"] == told["counts"]
    assert "forget" in ready("history", "--acts").out


def test_different_people_of_two_profiles_are_told_apart(ready: Desk, home: Home, school: School) -> None:
    ready("plan")
    one, other = school.students[0], school.students[1]
    home.load(ready("dump", "profile", "default").out.replace("name: default", "name: other"), "test", home.folder)
    home.store.ledger.upsert(None, "other", [])
    home.store.kept.forget("school")
    for profile, person in (("default", one), ("other", other)):
        home.store.identities.keep(profile, "user", [])
        written = f'{{"firstname":"{person.given}","lastname":"{person.family}"}}'
        home.store.ledger.upsert(None, profile, [LedgerRow("user", "x-17", 3, "made", written)])
    both = ready("forget", "x-17", "--yes")
    assert (both.status, "--profile" in both.err) == (2, True)
    assert ready("forget", "x-17", "--profile", "other", "--yes").status == 0
    assert home.store.ledger.get("default", "user", "x-17") is not None
    assert home.store.ledger.get("other", "user", "x-17") is None


def grow_old(home: Home, plan: int) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=500)
    with home.store.begin() as connection:
        connection.execute(update(schema.plan).where(schema.plan.c.number == plan).values(created_at=long_ago))
        values = {"started_at": long_ago, "finished_at": long_ago}
        connection.execute(update(schema.run).where(schema.run.c.plan == plan).values(**values))


def test_a_purged_plan_says_so_and_is_not_applied(ready: Desk, home: Home) -> None:
    ready("plan")
    ready("reject", 1)
    grow_old(home, 1)
    looked = ready("purge", "--dry-run", "--json").json
    assert looked["profiles"]["default"]["change"] > 0
    assert (looked["dry_run"], ready("show", 1, "--json").json["shown"] == []) == (True, False)
    told = ready("purge", "--json").json
    assert told["counts"] == looked["counts"]
    assert told["smaller"] in (True, False)
    shown = ready("show", 1)
    assert (shown.status, "were purged on" in shown.words) == (0, True)
    assert ready("history", "--json").json["plans"][0]["counts"]["user"]["create"] > 0
    refused = ready("apply", 1)
    assert (refused.status, "were purged on" in refused.err) == (1, True)
    assert "Nothing is older" in ready("purge").out


def test_a_run_whose_plan_was_purged_cannot_be_undone(ready: Desk, home: Home, school: School) -> None:
    ready("run", "--yes")
    tomorrow, _ = school.next_day()
    tomorrow.write(ready.home.parent / "roster")
    assert ready("run", "--yes").status == 0
    grow_old(home, 1)
    ready("purge")
    told = ready("undo", 1)
    assert (told.status, "were purged on" in told.err) == (1, True)
    assert ready("undo", 2).status in (0, 3)


def test_a_purge_is_done_by_itself_once_a_day_and_its_failure_stops_nothing(
    ready: Desk, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ready("run", "--yes").status == 0
    assert ready("run", "--yes", "--json").status == 0
    assert [act.by for act in home.store.acts.all("purge")] == ["matricula"]
    with home.store.begin() as connection:
        connection.execute(update(schema.act).values(at=datetime.now(UTC) - timedelta(hours=21)))

    def failing(_: object) -> None:
        raise StopError("There is no room left.", code="state-full")

    with monkeypatch.context() as patched:
        patched.setattr(home.store.purging, "purge", failing)
        purge_daily(home)
    assert len(home.store.acts.all("purge")) == 1
    purge_daily(home)
    assert len(home.store.acts.all("purge")) == 2


def test_deliveries_of_sources_that_nobody_reads_any_more_go(ready: Desk, home: Home) -> None:
    ready("plan")
    kept = home.store.kept.delivery("school")
    assert kept is not None
    home.store.kept.keep("stranger", kept, "", datetime.now(UTC))
    later = datetime.now(UTC) + timedelta(days=31)
    assert purge(home, dry_run=True, at=later).deliveries == ("stranger",)
    assert purge(home, at=later).counts == {"kept_delivery": 1}
    assert home.store.kept.last("stranger") is None
    assert purge(home, dry_run=True, at=later + timedelta(days=400)).deliveries == ("school",)


def test_a_rotated_key_leaves_tokens_and_first_passwords_as_they_were(ready: Desk, site: Running, home: Home) -> None:
    before = passwords_for(home, "moodle", "default")("u1", "ann")
    assert "beside" not in ready("key", "where").words
    assert "key lies in the folder of the database" in ready("key").words
    told = ready("key", "rotate")
    assert (told.status, "2 secrets encrypted with a new key" in told.words) == (0, True)
    assert passwords_for(home, "moodle", "default")("u1", "ann") == before
    assert ready("check").status == 0
    where = ready("key", "where", "--json").json
    assert where == {"place": str(ready.home / "matricula.key"), "keys": 1, "secrets": 2, "beside_state": True}
    assert ready("key", "rotate", "--json").json["secrets"] == 2
    assert {act.kind for act in home.store.acts.all("key")} == {"key"}


def test_the_key_can_lie_elsewhere_from_the_first_day_on_or_later(
    desk: Desk, site: Running, school: School, tmp_path: Path, token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.write(tmp_path / "roster")
    safe = tmp_path / "safe"
    safe.mkdir()
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(safe / "key"))
    made = desk("init", "--moodle", site.url, "--roster", tmp_path / "roster", "--token-file", token_file)
    assert made.status == 0
    assert "key lies in the folder" not in made.words
    assert (safe / "key").exists()
    assert not (desk.home / "matricula.key").exists()
    moved = desk("key", "move", tmp_path / "other-key")
    assert f"MATRICULA_KEY_FILE={tmp_path / 'other-key'}" in "".join(moved.out.split())
    assert desk("check").status == 1
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(tmp_path / "other-key"))
    assert desk("check").status == 0
