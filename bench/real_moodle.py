"""A real Moodle on this machine that a measurement may overwrite: its commands, its database, its web server."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT_VARIABLE, TOKEN_VARIABLE = "MATRICULA_BENCH_MOODLE", "MATRICULA_BENCH_MOODLE_TOKEN"
SERVER_PROCESSES = "3"
MARIADB_PORT = 3306
# Moodle's own recommendation, and the code kept compiled as every web server of a school has it.
_PHP = ("php", "-d", "max_input_vars=5000", "-d", "opcache.enable_cli=1")
_TELL = """define('CLI_SCRIPT', true); define('ABORT_AFTER_CONFIG', true); require($argv[1] . '/config.php');
echo json_encode(['url' => $CFG->wwwroot, 'host' => $CFG->dbhost, 'user' => $CFG->dbuser, 'password' => $CFG->dbpass,
    'port' => (int) ($CFG->dboptions['dbport'] ?? 0), 'database' => $CFG->dbname, 'prefix' => $CFG->prefix,
    'kind' => $CFG->dbtype]);"""

_SET = """define('CLI_SCRIPT', true); require($argv[1] . '/config.php');
foreach (json_decode($argv[2], true) as $component => $settings) {
    foreach ($settings as $name => $value) { set_config($name, $value, $component === 'core' ? null : $component); }
}"""


@dataclass(frozen=True)
class Server:
    """The MariaDB that a Moodle keeps its tables in.

    Args:
        host: its address.
        port: of it.
        user: who may make databases.
        password: of the user.
    """

    host: str
    port: int
    user: str
    password: str

    @property
    def address(self) -> str:
        """Host and port, as Moodle's plugins (ADOdb) take them."""
        return self.host if self.port == MARIADB_PORT else f"{self.host}:{self.port}"

    def command(self, program: str, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run one of MariaDB's programs to its end."""
        return subprocess.run(self._line(program, *words), env=self._environment(), capture_output=True, check=True)

    def run(self, sql: str) -> None:
        """Carry out statements."""
        self.command("mysql", "-e", sql)

    def count(self, what: str) -> int:
        """Count rows, by what stands after `FROM`."""
        return int(self.command("mysql", "-N", "-e", f"SELECT COUNT(*) FROM {what}").stdout)

    def dump(self, database: str, to: Path) -> None:
        """Write a database to a file."""
        with to.open("wb") as file:
            line = self._line("mysqldump", "--single-transaction", "--add-drop-database", "--databases", database)
            subprocess.run(line, env=self._environment(), stdout=file, check=True)

    def load(self, dumped: Path) -> None:
        """Put a database back as it was written."""
        with dumped.open("rb") as file:
            subprocess.run(self._line("mysql"), env=self._environment(), stdin=file, check=True)

    def _line(self, program: str, *words: str) -> list[str]:
        return [program, f"--host={self.host}", f"--port={self.port}", f"--user={self.user}", *words]

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "MYSQL_PWD": self.password}


@dataclass(frozen=True)
class RealMoodle:
    """A Moodle by its folder.

    Args:
        root: the folder with its config.php.
        token: of a service with all the functions that Matricula needs.
        url: its address.
        database: its database.
        prefix: what the names of its tables begin with.
        server: where that is.
    """

    root: Path
    token: str
    url: str
    database: str
    prefix: str
    server: Server

    @classmethod
    def named(cls) -> "RealMoodle | None":
        """The Moodle that the environment names; None where it names none.

        Raises:
            RuntimeError: it is not on MariaDB.
        """
        root, token = os.environ.get(ROOT_VARIABLE), os.environ.get(TOKEN_VARIABLE)
        if not (root and token):
            return None
        said = subprocess.run(["php", "-r", _TELL, root], capture_output=True, check=True).stdout
        told = json.loads(said)
        if told["kind"] not in ("mariadb", "mysqli"):
            raise RuntimeError(f"this measurement knows MariaDB alone, and {root} is on {told['kind']}")
        server = Server(told["host"], told["port"] or MARIADB_PORT, told["user"], told["password"])
        return cls(Path(root), token, told["url"], told["database"], told["prefix"], server)

    def php(self, program: str, *words: str) -> str:
        """Run a program of Moodle's to its end, and return what it said.

        Raises:
            RuntimeError: it failed; what it said is in the message.
        """
        done = subprocess.run([*_PHP, str(self.root / program), *words], text=True, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{program} {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def settings(self, settings: Mapping[str, Mapping[str, object]]) -> None:
        """Set settings, by component and name; the core's own are those of `core`."""
        line = [*_PHP, "-r", _SET, str(self.root), json.dumps(settings)]
        subprocess.run(line, capture_output=True, check=True)

    def enable(self, kind: str, plugin: str) -> None:
        """Put a plugin at the end of those of its kind that are enabled."""
        enabled = self.php("admin/cli/cfg.php", f"--name={kind}").strip()
        if plugin not in enabled.split(","):
            self.settings({"core": {kind: f"{enabled},{plugin}"}})

    def task(self, name: str) -> float:
        """Run a scheduled task by itself.

        Returns:
            how many seconds it took by what Moodle itself says, which leaves Moodle's own start out.
        """
        said = self.php("admin/cli/scheduled_task.php", f"--execute={name}", "--force")
        if not (took := re.search(r"used ([0-9.]+) seconds", said)):
            raise RuntimeError(f"the task {name} did not say how long it took:\n{said[-2000:]}")
        return float(took[1])

    def put_back(self, dumped: Path) -> None:
        """Put the database back as it was written, and let Moodle forget what it remembers of the other."""
        self.server.load(dumped)
        self.forget()

    def forget(self) -> None:
        """Let Moodle forget what it keeps beside its database."""
        self.php("admin/cli/purge_caches.php")
        self.php("admin/cli/scheduled_task.php", "--list")  # builds what every request would otherwise build first

    def count(self, what: str) -> int:
        """Count rows, by the name of a table without its prefix and what limits them."""
        return self.server.count(f"{self.database}.{self.prefix}{what}")

    @contextmanager
    def served(self) -> Iterator[None]:
        """Answer at the site's address for the length of a `with` block, unless something answers there already."""
        address = urlsplit(self.url)
        host, port = address.hostname or "", address.port or 80
        if _answers(host, port):
            yield
            return
        public = self.root / "public" if (self.root / "public" / "version.php").exists() else self.root
        with subprocess.Popen(
            [*_PHP, "-S", f"{host}:{port}", "-t", str(public)],
            cwd=public,
            env={**os.environ, "PHP_CLI_SERVER_WORKERS": SERVER_PROCESSES},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        ) as process:
            try:
                for _ in range(100):
                    if _answers(host, port):
                        break
                    time.sleep(0.1)
                yield
            finally:
                os.killpg(process.pid, signal.SIGTERM)  # its workers do not end with it


def _answers(host: str, port: int) -> bool:
    with socket.socket() as tried:
        tried.settimeout(1)
        return tried.connect_ex((host, port)) == 0
