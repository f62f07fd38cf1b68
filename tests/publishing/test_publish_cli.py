"""`matricula publish` at the command line, and what the other commands know of it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_desk import Desk
from deliveries import ROSTER_11, USERS, deliver, enrollment, user
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from matricula.cli.main import run

DOCUMENTS = """
kind: source
name: sis
path: roster
---
kind: site
name: moodle
url: https://moodle.invalid
---
kind: profile
name: default
source: sis
site: moodle
"""
GUIDE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MATRICULA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("MATRICULA_DEBUG", "1")


@pytest.fixture
def put(tmp_path: Path) -> Callable[[int], None]:
    """Puts a roster of so many people in its place."""

    def put(number: int) -> None:
        people = [user(n) for n in range(1, number + 1)]
        placed = [enrollment(n, f"u{n}") for n in range(1, number + 1)]
        deliver(tmp_path / "roster", ROSTER_11 | {"users": people, "enrollments": placed})

    return put


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "school.yaml").write_text(DOCUMENTS)
    deliver(tmp_path / "roster")
    desk = Desk(tmp_path / "home")
    assert desk("load", tmp_path / "school.yaml").status == 0
    return desk


def to(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def names(url: URL) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(text("select username from matricula_user order by 1")).scalars())
    engine.dispose()
    return found


def test_the_job_from_empty_tables_to_an_empty_plan(desk: Desk, database: URL) -> None:
    seen = desk("publish", "--to", to(database), "--plan-only")
    assert seen.status == 0
    assert f"create {len(USERS)} users" in seen.out
    assert "To write exactly this to these tables: matricula apply 1" in seen.out
    assert desk("apply", 1).status == 0
    assert names(database) == ["user1", "user2", "user3"]
    again = desk("publish", "--to", to(database), "--yes")
    assert again.status == 0
    assert "the tables hold what the roster says" in again.out


def test_a_shrunken_roster_waits_for_the_words(desk: Desk, database: URL, put: Callable[[int], None]) -> None:
    put(30)
    assert desk("publish", "--to", to(database), "--yes").status == 0
    put(21)
    held = desk("publish", "--to", to(database), "--yes")
    assert held.status == 3
    release = 'matricula apply 2 --release "remove 9 users, remove 9 enrolments"'
    assert release in held.words
    assert len(names(database)) == 30
    refused = desk("apply", 2)
    assert refused.status == 3
    assert release in refused.words
    assert desk("apply", 2, "--release", "remove 9 users, remove 9 enrolments").status == 0
    assert len(names(database)) == 21


def test_a_plan_can_be_rejected_and_history_and_show_know_it(
    desk: Desk, database: URL, put: Callable[[int], None]
) -> None:
    assert desk("publish", "--to", to(database), "--yes").status == 0
    put(4)
    assert desk("publish", "--to", to(database), "--plan-only").status == 0
    assert desk("reject", 2, "--why", "a trial").status == 0
    assert desk("apply", 2).status == 1
    assert len(names(database)) == 3
    history = desk("history", "--json").json["plans"]
    assert [each["state"] for each in history] == ["rejected", "applied"]
    assert history[1]["runs"][0]["outcomes"] == {"done": 9}
    assert "tables matricula_*" in history[0]["site"]
    shown = desk("show", 1)
    assert "tables matricula_*" in shown.words
    assert "username: user1" in shown.out
    assert {each["outcome"]["state"] for each in desk("show", 1, "--json").json["shown"]} == {"done"}


def test_a_cut_off_export_waits(desk: Desk, database: URL, put: Callable[[int], None]) -> None:
    assert desk("publish", "--to", to(database), "--yes").status == 0
    put(0)
    held = desk("publish", "--to", to(database), "--yes", "--json")
    assert held.status == 3
    assert held.json["release"].startswith("no users, no enrollments")
    assert held.json["applied"] is None


def test_machines_are_told_in_the_words_of_the_guide(desk: Desk, database: URL) -> None:
    told = desk("publish", "--to", to(database), "--yes", "--json").json
    assert told["applied"]["outcomes"] == {"done": told["changes"]}
    assert "| `publish` |" in GUIDE


def test_a_plan_for_tables_does_not_outdate_one_for_moodle(
    desk: Desk, database: URL, put: Callable[[int], None]
) -> None:
    desk("publish", "--to", to(database), "--prefix", "other_", "--plan-only")
    assert desk("publish", "--to", to(database), "--yes").status == 0
    put(4)
    assert desk("publish", "--to", to(database), "--plan-only").status == 0
    assert desk("publish", "--to", to(database), "--yes").status == 0
    states = {each["plan"]: each["state"] for each in desk("history", "--json").json["plans"]}
    assert states == {1: "ready", 2: "applied", 3: "superseded", 4: "applied"}


def test_a_disabled_profile_publishes_nothing(desk: Desk, database: URL) -> None:
    desk("publish", "--to", to(database), "--plan-only")
    desk("profile", "disable", "default")
    assert "disabled" in desk("publish", "--to", to(database), "--yes").words
    assert "disabled" in desk("apply", 1).words
    assert desk("publish", "--to", to(database), "--plan-only").status == 0


def test_rows_left_out_are_told_by_the_exit_status(desk: Desk, database: URL, tmp_path: Path) -> None:
    deliver(tmp_path / "roster", ROSTER_11 | {"users": [*USERS, user(9, username="user2")]})
    told = desk("publish", "--to", to(database), "--yes")
    assert told.status == 4
    assert "user name “user2”" in told.words


def test_the_password_comes_from_a_file_or_the_surroundings_and_is_never_kept(
    desk: Desk, mariadb: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(mariadb)
    writer = f"w{mariadb.database[1:25]}"  # type: ignore[index]
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create user {writer}@127.0.0.1 identified by 'geheim-7'")
        connection.exec_driver_sql(f"grant all on {mariadb.database}.* to {writer}@127.0.0.1")
    try:
        address = to(mariadb.set(username=writer))
        refused = desk("publish", "--to", address, "--plan-only")
        assert refused.status == 1
        assert "user or the password" in refused.words
        (tmp_path / "password").write_text("geheim-7\n")
        told = desk("publish", "--to", address, "--plan-only", "--password-file", tmp_path / "password")
        assert told.status == 0
        assert desk("apply", 1).status == 0
        monkeypatch.setenv("MATRICULA_PUBLISH_PASSWORD", "geheim-7")
        assert desk("publish", "--to", address, "--yes").status == 0
        assert all("geheim-7" not in heard for heard in desk.heard)
        assert all(b"geheim-7" not in file.read_bytes() for file in desk.home.rglob("*") if file.is_file())
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"drop user {writer}@127.0.0.1")
        engine.dispose()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://me:geheim@db/ext", "holds a password"),
        ("mariadb://me@db/ext?password=geheim", "holds a password"),
        ("sqlite:///ext.db", "of the kind “sqlite”"),
        ("mssql+pyodbc://db/ext", "PostgreSQL or MariaDB"),
        ("mariadb://me@db", "names no database"),
        ("nonsense", "cannot be read"),
    ],
)
def test_addresses_that_cannot_be(desk: Desk, address: str, words: str) -> None:
    told = desk("publish", "--to", address, "--plan-only")
    assert told.status == 2
    assert words in told.words
    assert "geheim" not in told.all


def test_wrong_usage(desk: Desk, tmp_path: Path) -> None:
    assert "--yes" in desk("publish", "--to", "mariadb://db/ext").err
    assert "beginning" in desk("publish", "--to", "mariadb://db/ext", "--prefix", "A-", "--yes").err
    told = desk("publish", "--to", "mariadb://db/ext", "--password-file", tmp_path / "none", "--yes")
    assert "cannot be read" in told.words
    assert run(["publish"]) == 2
