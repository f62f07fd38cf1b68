"""`matricula backup` and `matricula restore`: the way there and back, and what a person is told on it."""

import os
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.hub import Home
from matricula.sandbox import Running


def test_a_home_comes_back_whole_and_what_came_after_is_kept_aside(ready: Desk, site: Running, tmp_path: Path) -> None:
    ready("run", "--yes")
    file = tmp_path / "a.backup"
    told = ready("backup", file)
    assert told.status == 0
    assert "The key is not in it" in told.words
    assert file.stat().st_mode & 0o777 == 0o600
    ready("plan")
    told = ready("restore", file, "--yes")
    assert told.status == 0, told.all
    assert "before-restore-" in told.words
    for step in ("matricula verify", "matricula plan --full", "matricula plan --adopt"):
        assert step in told.words
    with Home(ready.home) as home:
        assert [plan.number for plan in home.store.plans.all()] == [1]
        assert home.token(home.site("moodle")) == site.tokens["admin"]
        assert next(act.kind for act in home.store.acts.all()) == "restore"
    (aside,) = ready.home.glob("matricula.db.before-restore-*")
    assert aside.stat().st_mode & 0o777 == 0o600
    assert ready("verify").status == 0
    assert ready("plan", "--full", "--json").json["counts"] == {}
    assert {each.name for each in ready.home.iterdir()} == {"matricula.db", "matricula.key", aside.name}


def test_a_new_machine_gets_state_and_key(ready: Desk, site: Running, tmp_path: Path) -> None:
    told = ready("backup", tmp_path / "a.backup", "--with-key")
    assert "whoever has this file can use the tokens" in told.words
    elsewhere = Desk(tmp_path / "new" / "home")
    told = elsewhere("restore", tmp_path / "a.backup", "--yes")
    assert told.status == 0
    assert "The key was in the backup" in told.words
    assert (elsewhere.home / "matricula.key").stat().st_mode & 0o777 == 0o600
    assert elsewhere.home.stat().st_mode & 0o777 == 0o700
    with Home(elsewhere.home) as home:
        assert home.token(home.site("moodle")) == site.tokens["admin"]


def test_without_its_key_secrets_are_named_that_cannot_be_read(ready: Desk, tmp_path: Path) -> None:
    ready("backup", tmp_path / "a.backup")
    elsewhere = Desk(tmp_path / "elsewhere")
    told = elsewhere("restore", tmp_path / "a.backup", "--yes", "--json")
    assert told.status == 0
    assert told.json["unreadable"] == ["token:moodle"]
    assert told.json["key"] == ""


def test_another_key_is_kept_aside_and_one_in_the_environment_stays(
    ready: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready("backup", tmp_path / "a.backup", "--with-key")
    old = (ready.home / "matricula.key").read_text()
    ready("key", "rotate")
    new = (ready.home / "matricula.key").read_text()
    told = ready("restore", tmp_path / "a.backup", "--yes", "--json")
    assert told.json["key"] == "replaced"
    assert Path(told.json["key_aside"]).read_text() == new
    assert (ready.home / "matricula.key").read_text() == old
    assert told.json["unreadable"] == []
    assert ready("restore", tmp_path / "a.backup", "--yes", "--json").json["key"] == "same"
    monkeypatch.setenv("MATRICULA_KEY", new.strip())
    told = ready("restore", tmp_path / "a.backup", "--yes", "--json")
    assert (told.json["key"], told.json["unreadable"]) == ("other", ["token:moodle"])


def test_a_folder_gets_names_by_their_moment_and_keeps_the_newest(ready: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in ("01", "02", "03"):
        (folder / f"matricula-202608{day}T010000Z.backup").write_bytes(b"x")
    (folder / "matricula-mine.backup").write_bytes(b"x")
    told = ready("backup", folder, "--keep", 2, "--json")
    assert told.status == 0
    made = Path(told.json["file"])
    assert {each.name for each in folder.iterdir()} == {
        made.name,
        "matricula-20260803T010000Z.backup",
        "matricula-mine.backup",
    }
    assert len(told.json["deleted"]) == 2
    assert ready("restore", made, "--yes").status == 0


def test_what_cannot_be_done_is_refused_and_nothing_is_lost(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    file.write_bytes(b"mine")
    assert ready("backup", file).status == 2
    assert file.read_bytes() == b"mine"
    assert ready("backup", file, "--force").status == 0
    assert ready("backup", tmp_path / "b", "--keep", 3).status == 2
    assert ready("backup", ready.home / "matricula.db", "--force").status == 2
    assert ready("backup", tmp_path / "nowhere" / "c").status == 1
    assert ready("restore", file).status == 2  # nobody is there to be asked
    assert ready("restore", tmp_path / "gone", "--yes").status == 1
    with Home(ready.home):
        told = ready("restore", file, "--yes", "--json")
    assert (told.status, told.json["error"]["code"]) == (1, "restore-in-use")
    assert {each.name for each in ready.home.iterdir()} == {"matricula.db", "matricula.key"}
    assert ready("check").status == 0


def test_on_a_server_its_own_means_are_named(
    ready: Desk, tmp_path: Path, postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres_address.replace("postgres@", "postgres:pass-not-told@")
    monkeypatch.setenv("MATRICULA_DATABASE", address)
    Home.make(ready.home).__exit__()
    told = ready("backup", tmp_path / "a.backup")
    assert told.status == 2
    address = "postgresql://postgres@127.0.0.1:5432/test?options="
    assert f"pg_dump --format=custom --file=matricula.dump '{address}" in told.words.replace("dump ' ", "dump '")
    assert "Save the key" in told.words
    assert "pass-not-told" not in told.all
    told = ready("restore", tmp_path / "a.backup", "--yes")
    assert (told.status, "pg_restore" in told.words) == (2, True)


def test_copies_of_people_are_named_when_one_is_forgotten_and_purged_in_the_end(ready: Desk, tmp_path: Path) -> None:
    ready("run", "--yes")
    ready("backup", tmp_path / "a.backup")
    ready("restore", tmp_path / "a.backup", "--yes")
    (aside,) = ready.home.glob("matricula.db.before-restore-*")
    with Home(ready.home) as home:
        key = home.store.ledger.frame("default", "user")["key"][0]
    told = ready("forget", key, "--dry-run", "--json")
    assert told.json["copies"] == [str(aside)]
    assert "may hold them, too" in ready("forget", key, "--dry-run").words
    assert ready("purge", "--json").json["copies"] == []
    os.utime(aside, (0, 0))
    assert ready("purge", "--dry-run", "--json").json["copies"] == [aside.name]
    assert aside.exists()
    assert ready("purge", "--json").json["copies"] == [aside.name]
    assert not aside.exists()
