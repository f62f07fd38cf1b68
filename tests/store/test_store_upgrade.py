"""An older state is brought up to date once, whoever opens it, and a copy of it stays."""

import sqlite3
import subprocess
import sys

import pytest
from old_state import make_old, set_version

from matricula.errors import SettingError, StopError
from matricula.store import Store, migrating
from matricula.store.database import Database

OPENER = """
import sys
from matricula.store import Store
print("ready", flush=True)
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    print(store.documents.get("site", "school").body, store.runs.all(), flush=True)
"""


@pytest.mark.long
def test_processes_that_open_an_old_state_at_once_bring_it_up_to_date_once(address):
    make_old(address)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for each in processes:
        assert each.stdout.readline() == "ready\n"
    told = [each.communicate("\n", timeout=120) for each in processes]
    assert told == [("url: x []\n", "")] * 4
    with Store.open(address) as store:
        store.acts.note("key", "x", {})
        assert migrating.is_current(store._database)


def test_a_copy_of_the_old_state_stays_beside_it_for_its_owner_alone(tmp_path):
    state = tmp_path / "state.db"
    make_old(state)
    Store.open(state).close()
    copy = tmp_path / f"state.db.before-{migrating.HEAD}"
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute(f"select version_num from {migrating.VERSION_TABLE}").fetchall() == [("0003",)]
        assert connection.execute("select body from document").fetchall() == [("url: x",)]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["state.db", copy.name]


def test_without_room_for_the_copy_nothing_is_altered(tmp_path, monkeypatch):
    state = tmp_path / "state.db"
    make_old(state)
    (tmp_path / f"state.db.before-{migrating.HEAD}").mkdir()
    with pytest.raises(StopError) as caught:
        Store.open(state)
    assert caught.value.code == "copy-unwritable"
    database = Database(state)
    with database.reading() as connection:
        assert migrating._current(connection) == "0003"
    database.close()


def test_a_new_state_has_no_copy(tmp_path):
    Store.open(tmp_path / "state.db").close()
    assert [each.name for each in tmp_path.iterdir()] == ["state.db"]


def test_a_state_of_a_newer_matricula_is_refused_and_not_altered(address, tmp_path):
    Store.open(address).close()
    set_version(address, "0999")
    with pytest.raises(SettingError) as caught:
        Store.open(address)
    assert caught.value.code == "state-newer"
    set_version(address, migrating.HEAD)
    Store.open(address).close()
    assert not list(tmp_path.glob("*.before-*"))
