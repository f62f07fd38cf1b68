"""No room, no permission, no database, no roster, no key: a run says so, nothing is lost, and it goes on afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from consistency import faults
from corridor import Corridor, picture

from matricula.errors import MatriculaError, StopError
from matricula.hub import Home
from matricula.hub.home import DATABASE_VARIABLE, KEY
from matricula.sandbox import Running, running
from matricula.sources.oneroster_csv import files
from matricula.store import Vault

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
STUDENTS = 60


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The site after a run that nothing disturbed."""
    with (
        running(fixture="empty") as site,
        Corridor.open(tmp_path_factory.mktemp("calm"), site.url, site.tokens["admin"], site) as corridor,
    ):
        corridor.school(STUDENTS)
        corridor.hub.apply(corridor.plan().number)
        return picture(site.url, site.tokens["admin"])


@contextmanager
def planned(place: Path) -> Iterator[tuple[Corridor, int]]:
    """A corridor with a plan that waits to be applied, in calls of few rows."""
    with (
        running(fixture="empty") as site,
        Corridor.open(place, site.url, site.tokens["admin"], site) as corridor,
    ):
        site.faults.set(max_input_vars=300)
        corridor.school(STUDENTS)
        yield corridor, corridor.plan().number


def writes(site: Running) -> int:
    return sum(n for name, n in site.faults.seen()["calls"].items() if "_get_" not in name)


def begun(corridor: Corridor, plan: int, *before: str) -> subprocess.Popen[str]:
    """`matricula apply` in a process of its own, after some lines of Python."""
    lines = ["import sys", *before, "from matricula.cli.main import run", "sys.exit(run(sys.argv[1:]))"]
    command = [sys.executable, "-c", "\n".join(lines), "--home", str(corridor.home.folder), "apply", str(plan)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit status, and all that was said, on one line."""
    out, err = process.communicate(timeout=240)
    assert "Traceback" not in err, err
    return process.returncode, " ".join((out + err).split())


def goes_on(corridor: Corridor, plan: int, expected: dict[str, Any]) -> None:
    """Applied once more, the site ends as if nothing had happened."""
    status, told = ended(begun(corridor, plan))
    assert status == 0, told
    assert corridor.plan().changes.height == 0
    assert picture(corridor.url, corridor.token) == expected
    assert faults(corridor.home.store, corridor.sandbox.state) == []


NO_ROOM = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))
"""


@pytest.mark.long
@pytest.mark.parametrize("room", [45_000, 120_000, 300_000])
def test_disk_that_is_full_in_the_midst_of_a_run(tmp_path: Path, expected: dict[str, Any], room: int) -> None:
    with planned(tmp_path) as (corridor, plan):
        corridor.home.store.close()  # the last to close it empties the write-ahead log, so that the room is known
        status, told = ended(begun(corridor, plan, NO_ROOM.format(room)))
        assert status == 1
        assert "There is no room left for the state database" in told
        assert "Make room on the disk" in told
        assert writes(corridor.sandbox) > 0 or room < 100_000
        goes_on(corridor, plan, expected)


NOBODY = """
import os
from matricula.cli import apply, main
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
"""


@pytest.mark.long
def test_database_that_may_only_be_read_is_told_before_anything_is_sent(expected: dict[str, Any]) -> None:
    # Not under tmp_path: root has to become somebody else here, and pytest's folders are closed to others.
    with tempfile.TemporaryDirectory() as place, planned(Path(place)) as (corridor, plan):
        folder = corridor.home.folder
        corridor.home.store.close()
        Path(place).chmod(0o755)
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        before = corridor.sandbox.faults.seen()["total"]
        status, told = ended(begun(corridor, plan, NOBODY))
        folder.chmod(0o700)
        for file in folder.iterdir():
            file.chmod(0o600)
        assert status == 1
        assert "The state database cannot be written to." in told
        assert "permission to write to this file and to the folder it is in" in told
        assert corridor.sandbox.faults.seen()["total"] == before
        goes_on(corridor, plan, expected)


class Server:
    """A PostgreSQL of the test's own, that can fail as a machine does.

    Args:
        place: an empty folder.
    """

    def __init__(self, place: Path) -> None:
        self._bin = SERVERS[-1].parent
        self._place = place
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:  # which PostgreSQL refuses to run as
            self._as = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(place, "postgres", "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._call("initdb", "-D", "data", "-U", "postgres", "--auth=trust", "--no-sync")
        self.address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._place}"
        self._call("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")
        self.runs = True

    def fail(self) -> None:
        """Gone at once, as by SIGKILL: nothing is written any more, no connection is closed."""
        self._call("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        self.runs = False

    def _call(self, name: str, *arguments: str) -> None:
        command = [str(self._bin / name), *arguments]
        subprocess.run(command, cwd=self._place, check=True, stdout=subprocess.DEVNULL, timeout=120, **self._as)


@pytest.fixture
def server() -> Iterator[Server]:
    if not SERVERS:
        pytest.skip("there is no PostgreSQL server under /usr/lib/postgresql to be started and stopped")
    with tempfile.TemporaryDirectory() as place:
        server = Server(Path(place))
        server.start()
        try:
            yield server
        finally:
            if server.runs:
                server.fail()


@pytest.mark.long
@pytest.mark.parametrize("calls", [1, 6])
def test_database_server_that_is_gone_in_the_midst_of_a_run(
    tmp_path: Path, server: Server, expected: dict[str, Any], calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, server.address)
    with planned(tmp_path) as (corridor, plan):
        corridor.sandbox.faults.set(latency_ms=100)
        process = begun(corridor, plan)
        while writes(corridor.sandbox) < calls and process.poll() is None:
            time.sleep(0.005)
        server.fail()
        status, told = ended(process)
        assert status == 1
        assert "The state database's server cannot be reached or ended the connection." in told
        assert "See that PostgreSQL is running" in told
        assert f"To go on: matricula apply {plan}" in told
        sent = writes(corridor.sandbox)
        status, told = ended(begun(corridor, plan))
        assert (status, writes(corridor.sandbox)) == (1, sent)
        assert "cannot be reached" in told
        server.start()
        corridor.sandbox.faults.set(latency_ms=0)
        goes_on(corridor, plan, expected)


def test_roster_that_vanishes_while_it_is_read_makes_no_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with planned(tmp_path) as (corridor, plan):
        corridor.hub.apply(plan)
        before = corridor.home.store.plans.latest("default"), picture(corridor.url, corridor.token)
        read = files.read_table

        def read_and_lose(*arguments: Any, **options: Any) -> Any:
            shutil.rmtree(corridor.folder, ignore_errors=True)
            return read(*arguments, **options)

        monkeypatch.setattr(files, "read_table", read_and_lose)
        with pytest.raises(MatriculaError) as caught:
            corridor.plan()
        assert caught.value.remedy
        assert caught.value.where
        monkeypatch.undo()
        with pytest.raises(MatriculaError) as caught:
            corridor.plan()  # and now it is not there at all
        assert caught.value.remedy
        assert (corridor.home.store.plans.latest("default"), picture(corridor.url, corridor.token)) == before


def lost(key: Path) -> None:
    key.unlink()


def another(key: Path) -> None:
    key.unlink()
    Vault.create(key)


@pytest.mark.parametrize("happens", [lost, another])
def test_key_that_is_gone_is_told_before_anything_is_sent(
    tmp_path: Path, expected: dict[str, Any], happens: Callable[[Path], None]
) -> None:
    with planned(tmp_path) as (corridor, plan):
        key = corridor.home.folder / KEY
        kept = key.read_bytes()
        happens(key)
        before = corridor.sandbox.faults.seen()["total"]
        with Home(corridor.home.folder) as home:
            corridor.hub.home = home
            with pytest.raises(StopError) as caught:
                corridor.hub.apply(plan)
        assert caught.value.remedy
        assert str(key) in caught.value.where
        assert corridor.sandbox.faults.seen()["total"] == before
        key.write_bytes(kept)
        key.chmod(0o600)
        corridor.hub.home = corridor.home
        corridor.hub.apply(plan)
        assert picture(corridor.url, corridor.token) == expected
