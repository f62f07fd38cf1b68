"""A backup is one moment of a state that others write to, and nothing is put in force that is not whole."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest
from old_state import make_old, set_version
from sqlalchemy import BigInteger, Float, Integer, LargeBinary, Text
from store_making import add_plan, start_run

from matricula.errors import SettingError, StopError, WaitError
from matricula.store import Store, schema
from matricula.store.backup import stage
from matricula.store.columns import Moment
from matricula.store.copying import PART
from matricula.store.migrating import HEAD
from matricula.store.restoring import put

WRITER = """
import sys
from matricula.store import Store
with Store.open(sys.argv[1]) as store:
    number = 0
    while True:
        number += 1
        with store.begin():
            store.documents.save("site", "left", f"number {number}")
            store.documents.save("site", "right", f"number {number}")
        if number == 20:
            print("writing", flush=True)
"""


HOLDER = """
import sys
from matricula.store import Store
with Store.open(sys.argv[1]) as store:
    store.plans.all()
    print("o", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.db"


def filled(state):
    with Store.open(state) as store:
        add_plan(store)
        store.secrets.put("token:x", b"ciphertext")
    return state


def test_what_is_backed_up_while_another_process_writes_is_of_one_moment(state, tmp_path):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(state)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "writing\n"
        with Store.open(state) as store:
            for number in range(5):
                store.back_up(tmp_path / f"{number}.backup")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    seen = []
    for number in range(5):
        stage(tmp_path / f"{number}.backup", tmp_path / "staged")
        with Store.open(tmp_path / "staged") as store:
            left, right = (store.documents.get("site", name) for name in ("left", "right"))
            assert left.revision == right.revision >= 20
            assert left.body == right.body
            seen.append(left.revision)
        (tmp_path / "staged").unlink()
    assert seen == sorted(seen)


def test_a_backup_is_one_file_for_its_owner_alone_and_says_what_it_is(state, tmp_path):
    filled(state)
    with Store.open(state) as store:
        store.back_up(tmp_path / "a.backup")
        store.back_up(tmp_path / "b.backup", ("a-key-of-secrets",))
    assert {each.name for each in tmp_path.iterdir()} == {"state.db", "a.backup", "b.backup"}
    assert (tmp_path / "a.backup").stat().st_mode & 0o777 == 0o600
    assert b"a-key-of-secrets" not in (tmp_path / "a.backup").read_bytes()
    without = stage(tmp_path / "a.backup", tmp_path / "s1")
    within = stage(tmp_path / "b.backup", tmp_path / "s2")
    assert (without.tables, without.keys, within.keys) == (HEAD, (), ("a-key-of-secrets",))
    assert without.made_at.tzinfo is not None
    assert "a-key-of-secrets" not in repr(within)
    assert b"a-key-of-secrets" not in (tmp_path / "s2").read_bytes()


def test_a_backup_cut_off_leaves_the_earlier_one(state, tmp_path, monkeypatch):
    filled(state)
    (tmp_path / "a.backup").write_bytes(b"earlier")

    def fail(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("matricula.store.copying.copy_pages", fail)
    with Store.open(state) as store, pytest.raises(StopError) as caught:
        store.back_up(tmp_path / "a.backup")
    assert caught.value.code == "copy-unwritable"
    assert (tmp_path / "a.backup").read_bytes() == b"earlier"
    assert not (tmp_path / f"a.backup{PART}").exists()


def test_a_damaged_backup_is_refused(state, tmp_path):
    with Store.open(filled(state)) as store:
        for _ in range(30):
            add_plan(store, 200)
        store.back_up(tmp_path / "a.backup")
    whole = (tmp_path / "a.backup").read_bytes()
    broken = bytearray(whole)
    for page in range(10, len(whole) // 4096, 3):
        broken[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    (tmp_path / "a.backup").write_bytes(bytes(broken))
    with pytest.raises(StopError) as caught:
        stage(tmp_path / "a.backup", tmp_path / "staged")
    assert caught.value.code == "backup-damaged"
    (tmp_path / "a.backup").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StopError) as caught:
        stage(tmp_path / "a.backup", tmp_path / "staged")
    assert caught.value.code == "backup-damaged"
    (tmp_path / "a.backup").write_bytes(b"no database at all" * 300)
    with pytest.raises(StopError) as caught:
        stage(tmp_path / "a.backup", tmp_path / "staged")
    assert caught.value.code == "backup-damaged"


def test_what_is_no_backup_or_not_there_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other")) as connection:
        connection.execute("create table plan (x)")
        connection.commit()
    with pytest.raises(SettingError) as caught:
        stage(tmp_path / "other", tmp_path / "staged")
    assert caught.value.code == "backup-strange"
    with pytest.raises(StopError) as caught:
        stage(tmp_path / "nowhere", tmp_path / "staged")
    assert caught.value.code == "backup-unread"
    assert not (tmp_path / "nowhere").exists()


def test_a_backup_of_a_newer_matricula_is_refused_and_an_older_one_is_brought_up_to_date(state, tmp_path):
    with Store.open(filled(state)) as store:
        store.back_up(tmp_path / "newer.backup")
    set_version(tmp_path / "newer.backup", "0999")
    with pytest.raises(SettingError) as caught:
        stage(tmp_path / "newer.backup", tmp_path / "staged")
    assert caught.value.code == "backup-newer"
    make_old(tmp_path / "old.db")
    assert stage(tmp_path / "old.db", tmp_path / "staged2").tables == "0003"
    with Store.open(tmp_path / "staged2") as store:
        assert store.documents.get("site", "school").body == "url: x"
    assert not list(tmp_path.glob("*.before-*"))


def test_nobody_is_signed_in_and_no_job_waits_in_a_restored_state(state, tmp_path):
    with Store.open(state) as store:
        with store.begin() as connection:
            for table, given in BUSY_SERVICE:
                fill(connection, table, given)
        store.back_up(tmp_path / "a.backup")
    stage(tmp_path / "a.backup", state.with_name("staged"))
    with Store.open(tmp_path / "staged") as store, store.begin() as connection:

        def rows(query):
            return connection.exec_driver_sql(query).fetchall()

        assert rows("select state from job order by id") == [("cancelled",), ("cancelled",), ("done",)]
        assert rows("select state from sending") == [("given-up",)]
        for table in ("session", "portal_session", "worker", "due", "wish", "answered"):
            assert rows(f"select count(*) from {table}") == [(0,)], table
        assert rows("select name from account") == [("ann",)]


AT = datetime(2026, 8, 1, tzinfo=UTC)
BUSY_SERVICE = [
    ("account", {"id": 1, "name": "ann", "state": "active"}),
    ("session", {"account": 1}),
    ("portal_session", {"person": "{}"}),
    *(
        ("job", {"id": number, "same": str(number), "site": str(number), "kind": "run", "state": state})
        for number, state in enumerate(("waiting", "working", "done"), 1)
    ),
    ("worker", {}),
    ("due", {}),
    ("wish", {}),
    ("answered", {}),
    ("sending", {"state": "waiting"}),
]


def fill(connection, table, given):
    """Put a row into a table, with anything in the columns that need a value and are not given one."""
    values = {}
    for column in schema.metadata.tables[table].columns:
        if not column.nullable and not (column.primary_key and isinstance(column.type, Integer)):
            of = {Integer: 1, BigInteger: 1, Float: 1.0, LargeBinary: b"x", Text: "x", Moment: AT}
            values[column.name] = of[type(column.type)]
    connection.execute(schema.metadata.tables[table].insert().values(**values | given))


def restored(tmp_path, state):
    """A backup with one plan, staged beside a state with two."""
    with Store.open(state) as store:
        add_plan(store)
        store.back_up(tmp_path / "a.backup")
        add_plan(store)
    stage(tmp_path / "a.backup", tmp_path / "staged")
    return tmp_path / "staged", tmp_path / "aside"


def plans(state):
    with Store.open(state) as store:
        return len(store.plans.all())


def test_what_was_there_is_kept_aside_whole(tmp_path, state):
    staged, aside = restored(tmp_path, state)
    assert put(staged, state, aside)
    assert (plans(state), plans(aside)) == (1, 2)
    assert aside.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in tmp_path.iterdir()} == {"a.backup", "state.db", "aside"}


def test_without_a_state_the_backup_becomes_it(tmp_path, state):
    staged, aside = restored(tmp_path, state)
    state.unlink()
    assert not put(staged, state, aside)
    assert plans(state) == 1
    assert not aside.exists()


def test_a_damaged_state_is_replaced_and_kept(tmp_path, state):
    staged, aside = restored(tmp_path, state)
    state.write_bytes(b"\0damaged" * 1000)
    assert put(staged, state, aside)
    assert plans(state) == 1
    assert aside.read_bytes().startswith(b"\0damaged")


def test_nothing_is_replaced_while_a_process_has_the_state_open(tmp_path, state):
    staged, aside = restored(tmp_path, state)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "o\n"
    with pytest.raises(WaitError) as caught:
        put(staged, state, aside)
    assert caught.value.code == "restore-in-use"
    process.communicate("\n")
    assert put(staged, state, aside)
    assert plans(state) == 1


def test_who_is_at_work_is_said(tmp_path, state):
    staged, aside = restored(tmp_path, state)
    with Store.open(state) as store:
        start_run(store)
    with pytest.raises(WaitError, match="run 1 is writing to moodle"):
        put(staged, state, aside)
    with Store.open(state) as store:
        store.runs.finish(1, "done", {})
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        with store.begin() as connection:
            connection.exec_driver_sql(
                "insert into worker (name, host, process_space, pid, began_at, alive_at) "
                f"values ('w', 'elsewhere', 'another boot', 77, '{moment}', '{moment}')"
            )
    with pytest.raises(WaitError, match="a worker is at work"):
        put(staged, state, aside)
    assert not aside.exists()
    with Store.open(state) as store, store.begin() as connection:
        connection.exec_driver_sql("update worker set alive_at = '2026-08-01 00:00:00.000000'")
    assert put(staged, state, aside)


def test_writers_do_not_wait_for_a_backup(state, tmp_path, monkeypatch):
    """A commit goes through in the midst of a copy."""
    from matricula.store import copying

    with Store.open(filled(state)) as store:
        begun, written = threading.Event(), threading.Event()
        real = copying.copy_pages

        def slowly(source, target):
            source.execute("BEGIN")
            source.execute("select count(*) from document").fetchone()
            begun.set()
            assert written.wait(30)
            real(source, target)
            source.execute("COMMIT")

        monkeypatch.setattr(copying, "copy_pages", slowly)

        def write():
            assert begun.wait(30)
            store.documents.save("site", "later", "x")
            written.set()

        thread = threading.Thread(target=write)
        thread.start()
        store.back_up(tmp_path / "a.backup")
        thread.join()
    stage(tmp_path / "a.backup", tmp_path / "staged")
    with Store.open(tmp_path / "staged") as store:
        assert store.documents.get("site", "later") is None
