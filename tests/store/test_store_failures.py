"""What goes wrong with a database is said in words, with the place and a remedy, and quotes no record."""

import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path

import pytest
from sqlalchemy import text

from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.store import LedgerRow, Store, database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def refusal(kind, path):
    with pytest.raises(kind) as caught:
        Store.open(path)
    assert caught.value.where
    assert caught.value.remedy
    return caught.value


def test_file_that_is_no_database(path):
    path.write_text("sourcedId,username\n" * 100)
    assert refusal(StopError, path).code == "state-damaged"
    assert path.read_text().startswith("sourcedId")


def test_damaged_database(path):
    with Store.open(path) as store:
        store.ledger.upsert(None, "p", [LedgerRow("user", f"u{n}", n, "made", "x" * 50) for n in range(2000)])
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(StopError) as caught, Store.open(path) as store:
        store.ledger.frame("p", "user")
    assert caught.value.code == "state-damaged"


def test_folder_in_place_of_the_file(tmp_path):
    assert refusal(StopError, tmp_path).code == "state-unopened"


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    assert refusal(SettingError, tmp_path / "file" / "state.db").code == "state-unopened"


def test_database_held_by_another_process_too_long(path, monkeypatch):
    monkeypatch.setattr(database, "WAIT_SECONDS", 0)
    with Store.open(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(WaitError, match="busy") as caught:
            store.documents.save("site", "m", "x")
        assert str(path) in str(caught.value)
        assert store.documents.all() == []
        other.execute("rollback")
        other.close()
        assert store.documents.save("site", "m", "x") == 1


def test_database_held_by_another_thread_too_long(path, monkeypatch):
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.01)
    with Store.open(path) as store:
        failures = []

        def write():
            try:
                store.documents.save("site", "m", "x")
            except WaitError as error:
                failures.append(error.code)

        with store.begin():
            thread = threading.Thread(target=write)
            thread.start()
            thread.join()
        assert failures == ["state-busy"]


def test_reader_does_not_wait_for_a_writer(store):
    store.documents.save("site", "m", "old")
    seen = []
    with store.begin():
        store.documents.save("site", "m", "new")
        thread = threading.Thread(target=lambda: seen.append(store.documents.get("site", "m").body))
        thread.start()
        thread.join(10)
        assert seen == ["old"]


FILLING = """
import resource, signal, sys
from matricula.errors import MatriculaError
from matricula.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Store.open(sys.argv[1]) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        store.documents.save("site", "m", "x" * 2_000_000)
    except MatriculaError as error:
        print(error.code, bool(error.remedy))
"""


def test_no_room_left(path):
    with Store.open(path) as store:
        store.documents.save("site", "m", "kept")
    ended = subprocess.run([sys.executable, "-c", FILLING, str(path)], capture_output=True, text=True, timeout=60)
    assert ended.stdout.split() == ["state-full", "True"], ended.stderr
    with Store.open(path) as store:
        assert store.documents.get("site", "m").body == "kept"


READING_ONLY = """
import os, sys
from matricula.errors import MatriculaError
from matricula.store import Store
with Store.open(sys.argv[1]) as store:
    store.documents.save("site", "m", "x")
os.chmod(sys.argv[1], 0o444)
os.chmod(os.path.dirname(sys.argv[1]), 0o555)
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    with Store.open(sys.argv[1]) as store:
        store.documents.save("site", "m", "y")
except MatriculaError as error:
    print(type(error).__name__, error.code, bool(error.remedy))
"""


def test_database_without_permission_to_write():
    # Not under tmp_path: root has to become somebody else here, and pytest's folders are closed to others.
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", READING_ONLY, f"{folder}/state.db"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
        Path(folder).chmod(0o700)
    assert ended.stdout.split() == ["StopError", "state-read-only", "True"], ended.stderr


def test_state_is_readable_by_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "home" / "state.db"
    with Store.open(path) as store:
        store.documents.save("site", "m", "x")
        for file in path.parent.iterdir():
            assert file.stat().st_mode & 0o777 == 0o600, file
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_commit_survives_a_power_cut_by_the_settings_in_force(path):
    with Store.open(path) as store, store.begin() as connection:
        settings = {
            name: connection.execute(text(f"pragma {name}")).scalar()
            for name in ("journal_mode", "synchronous", "fullfsync", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "fullfsync": 1, "foreign_keys": 1}


def test_server_that_forgets_commits_is_told_not_to(postgres_address):
    lazy = postgres_address + "%20-csynchronous_commit%3Doff"
    with Store.open(lazy) as store, store.begin() as connection:
        assert connection.execute(text("show synchronous_commit")).scalar() == "on"


@pytest.mark.parametrize(
    "address",
    ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "postgresql://localhost:port/x"],
)
def test_address_of_another_kind(address):
    with pytest.raises(SettingError) as caught:
        Store.open(address)
    assert caught.value.remedy


def test_server_that_does_not_answer():
    with pytest.raises(WaitError, match="cannot be reached") as caught:
        Store.open("postgresql://someone:hush@127.0.0.1:1/state")
    assert "127.0.0.1" in caught.value.where
    assert "hush" not in str(caught.value)
    assert isinstance(caught.value, MatriculaError)


def test_database_that_the_server_lacks(postgres_address):
    missing = postgres_address.split("?")[0].rpartition("/")[0] + "/matricula_nowhere"
    assert refusal(SettingError, missing).code == "state-refused"


def test_value_that_a_database_cannot_hold(postgres_address):
    with Store.open(postgres_address) as store, pytest.raises(StopError, match="refused a value") as caught:
        store.ledger.upsert(None, "p", [LedgerRow("user", "secret\x00name", 1, "made", "{}")])
    assert "secret" not in str(caught.value)


def test_driver_words_with_record_values_are_not_passed_on(store):
    key = "secret".upper()  # so that the traceback's quotation of this line does not hold it
    with pytest.raises(StopError) as caught:
        store.ledger.upsert(None, "p", [LedgerRow("user", key, 1, "invented", "{}")])  # type: ignore[arg-type]
    assert "ck_ledger_origin" in str(caught.value)
    assert key not in "".join(traceback.format_exception(caught.value))
