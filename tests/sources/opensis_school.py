"""The sample school of openSIS Classic in a SQLite file or in MariaDB, to be altered and read."""

import csv
import gzip
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.engine import URL

from matricula.roster import Delivery, Roster
from matricula.sources import Surroundings, open_source

VERSIONS = ("8.0", "9.2")
YEARS = {"8.0": (2020, 2021), "9.2": (2025,)}
TABLES = [
    "course_period_var",
    "course_periods",
    "course_subjects",
    "courses",
    "login_authentication",
    "people",
    "rooms",
    "schedule",
    "school_gradelevels",
    "school_periods",
    "school_progress_periods",
    "school_quarters",
    "school_semesters",
    "school_years",
    "schools",
    "staff",
    "staff_school_info",
    "staff_school_relationship",
    "student_enrollment",
    "students",
    "students_join_people",
    "teacher_reassignment",
    "user_profiles",
]
"""What the preset reads in MariaDB; a copy in SQLite has no `rooms`."""


def sample(version: str) -> Path:
    """The folder of the sample school; skips the test where it is missing."""
    shared = os.environ.get("MATRICULA_SHARED") or Path(__file__).parents[3] / "shared"
    path = Path(shared) / "sis" / f"opensis-{version}"
    if not path.is_dir():
        pytest.skip("the sample schools of openSIS are not on this machine (set MATRICULA_SHARED)")
    return path


def extracted(version: str, name: str, year: int | None = None) -> list[dict[str, str]]:
    """Rows of what queries of another hand gave, of one school year where one is named."""
    with (sample(version) / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if year is None or row["syear"] == str(year)]


class School(Protocol):
    """A school that can be altered."""

    settings: dict[str, Any]

    def change(self, *statements: str) -> None:
        """Carry out statements in its database."""
        ...


class SqliteSchool:
    """A copy of the school's core tables."""

    def __init__(self, version: str, folder: Path) -> None:
        self._path = folder / "opensis.sqlite"
        shutil.copyfile(sample(version) / f"opensis_{version}_core.sqlite", self._path)
        self.settings: dict[str, Any] = {"type": "sql", "path": str(self._path), "preset": "opensis"}

    def change(self, *statements: str) -> None:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)


class MariaSchool:
    """The school's whole dump in a database of its own.

    Args:
        version: of openSIS.
        server: the server's address.
    """

    def __init__(self, version: str, server: URL) -> None:
        self.name = f"matricula_opensis_{version.replace('.', '')}_{os.getpid()}"
        self._version = version
        self._server = server
        self._changed = False
        self._filled: list[bytes] = []
        self._url = server.set(database=self.name)
        shown = self._url.set(password=None).render_as_string(hide_password=False)
        self.settings: dict[str, Any] = {"type": "sql", "url": shown, "preset": "opensis", "passwordless": True}
        if server.password:
            del self.settings["passwordless"]

    def make(self) -> None:
        """Make the database from the dump, of which only the tables that are read are taken."""
        dump = gzip.decompress((sample(self._version) / f"opensis_{self._version}.sql.gz").read_bytes())
        told = {kind: _statements(dump, kind) for kind in ("CREATE TABLE", "INSERT INTO")}
        self._filled = told["INSERT INTO"]
        self.drop()
        self._carry_out(self._server, f"CREATE DATABASE {self.name}")
        self._carry_out(self._url, *told["CREATE TABLE"], *self._filled)

    def mend(self) -> None:
        """Take back every change."""
        if self._changed:
            self._carry_out(self._url, *(f"DELETE FROM {table}" for table in TABLES), *self._filled)
            self._changed = False

    def drop(self) -> None:
        self._carry_out(self._server, f"DROP DATABASE IF EXISTS {self.name}")

    def change(self, *statements: str) -> None:
        self._changed = True
        self._carry_out(self._url, *statements)

    @property
    def password(self) -> str:
        """The server's password."""
        return self._server.password or ""

    def _carry_out(self, url: URL, *statements: str | bytes) -> None:
        # openSIS runs without the strict mode that refuses its own 0000-00-00, and has a profile numbered 0.
        modes = {"sql_mode": "NO_AUTO_VALUE_ON_ZERO", "charset": "utf8mb4", "client_flag": 1 << 16}
        engine = create_engine(url, connect_args=modes)
        with closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
                while cursor.nextset():
                    pass
            connection.commit()
        engine.dispose()


def _statements(dump: bytes, kind: str) -> list[bytes]:
    """Statements of one kind that concern the tables that are read."""
    named = "|".join(TABLES)
    return re.findall(rf"^{kind} `(?:{named})`.*?;$".encode(), dump, re.MULTILINE | re.DOTALL)


@contextmanager
def mariadb(version: str) -> Iterator[MariaSchool]:
    """The school in MariaDB; skips the test where no server is named."""
    server = os.environ.get("MATRICULA_TEST_MARIADB")
    if not server:
        pytest.skip("no MariaDB is named (set MATRICULA_TEST_MARIADB)")
    school = MariaSchool(version, make_url(server))
    try:
        school.make()
        yield school
    finally:
        school.drop()


def deliver(school: School, /, **parameters: object) -> Delivery:
    """What the preset gives."""
    secret = getattr(school, "password", "")
    settings = {**school.settings, "parameters": parameters}
    return open_source(settings, Surroundings(secret=lambda _: secret)).deliver()


def read(school: School, /, **parameters: object) -> Roster:
    """The checked roster that the preset gives."""
    return deliver(school, **parameters).roster()


def rows(roster: Roster, table: str, *columns: str) -> set[tuple[Any, ...]]:
    """Rows of a table with lists in order, as tuples."""
    return {
        tuple(tuple(sorted(cell)) if isinstance(cell, list) else cell for cell in row)
        for row in roster.table(table).select(columns).iter_rows()
    }


def record(roster: Roster, table: str, sourced_id: str) -> dict[str, Any]:
    """One record by its sourcedId."""
    (found,) = (row for row in roster.table(table).iter_rows(named=True) if row["sourcedId"] == sourced_id)
    return found


def has(roster: Roster, table: str, sourced_id: str) -> bool:
    """Whether there is a record."""
    return sourced_id in roster.table(table)["sourcedId"]
