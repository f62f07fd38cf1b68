# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""The sandbox's state: one SQLite database, one transaction per call, one writer at a time."""

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from matricula.sandbox.refusals import missing_record, write_error
from matricula.sandbox.schema import TABLES, TEXT_LIMITS, TEXT_LIMITS_OF_4_5
from matricula.sandbox.texts import fold, lower

Row = dict[str, Any]


def _as_dict(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


class State:
    """Everything a sandbox remembers.

    Parameters:
        database: a file, or ``:memory:``. A file is opened again where it stood.
        moodle: the release that is played, "4.5" or "5.1"; a file keeps the one it was made with.

    Attributes:
        lock: held by whoever runs a call; the connection is shared by the server's threads.
        fresh: whether the tables were made just now and wait for a fixture.
        refused: usernames and idnumbers of users that may not be written, as a fault.
        refused_rows: rows that may not be written, as ``field=value`` of one of their fields, as a fault.
        full: whether nothing can be added or altered, as a fault.
        missing: functions that no service has, as a fault.
    """

    def __init__(self, database: str = ":memory:", moodle: str = "5.1") -> None:
        self.lock = threading.RLock()
        self.moodle = moodle
        self.refused: frozenset[str] = frozenset()
        self.refused_rows: frozenset[str] = frozenset()
        self.missing: frozenset[str] = frozenset()
        self.full = False
        self._depth = 0
        self._counters: dict[str, int] = {}
        self._shift = 0.0
        self._connection = sqlite3.connect(
            database, check_same_thread=False, isolation_level=None, cached_statements=512
        )
        self._connection.row_factory = _as_dict
        self._connection.create_function("fold", 1, fold, deterministic=True)
        self._connection.create_function("lower_", 1, lower, deterministic=True)
        self._connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA case_sensitive_like = ON;"
        )
        self.fresh = not self.value("SELECT COUNT(*) FROM sqlite_master WHERE name = 'setting'")
        if self.fresh:
            self._connection.executescript(TABLES)
            self.set_setting("moodle", moodle)
        else:
            self.moodle = self.setting("moodle")
            self._shift = float(self.setting("shift", "0"))
            self._counters = {row["name"]: row["value"] for row in self.all("SELECT * FROM counter")}

    def close(self) -> None:
        """Closes the database; a file stays."""
        with self.lock:
            self._connection.close()

    def wipe(self) -> None:
        """Empties every table, as before a fixture was loaded."""
        for row in self.all("SELECT name FROM sqlite_master WHERE type = 'table'"):
            self.run(f"DELETE FROM {row['name']}")
        self._counters, self._shift = {}, 0.0
        self.set_setting("moodle", self.moodle)

    def copy_to(self, other: sqlite3.Connection) -> None:
        """Copies everything into another database."""
        self._connection.backup(other)

    def copy_from(self, other: sqlite3.Connection) -> None:
        """Takes everything from another database, in the place of what is here."""
        other.backup(self._connection)
        self._counters = {row["name"]: row["value"] for row in self.all("SELECT * FROM counter")}

    def now(self) -> int:
        """The site's time, in seconds since 1970; a fixture may live on another day than today."""
        return int(time.time() + self._shift)

    def live_from(self, moment: int) -> None:
        """Lets the site's clock start at ``moment`` (seconds since 1970) and run on from there."""
        self._shift = moment - time.time()
        self.set_setting("shift", str(self._shift))

    def setting(self, name: str, default: str = "") -> str:
        """A site setting, as text."""
        found = self.value("SELECT value FROM setting WHERE name = ?", name)
        return default if found is None else str(found)

    @property
    def plugins(self) -> bool:
        """Whether the site has the plugins of Matricula."""
        return self.setting("plugins") == "1"

    def set_setting(self, name: str, value: str) -> None:
        """Changes a site setting."""
        self.run("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together or, after an exception, not at all; may be nested."""
        mark = f"level{self._depth}"
        self._connection.execute("BEGIN IMMEDIATE" if not self._depth else f"SAVEPOINT {mark}")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            self._connection.execute("ROLLBACK" if not self._depth else f"ROLLBACK TO {mark}")
            raise
        self._depth -= 1
        if not self._depth:
            self._keep_counters()
        self._connection.execute("COMMIT" if not self._depth else f"RELEASE {mark}")

    def run(self, sql: str, *values: Any) -> int:
        """Runs one statement; the number of rows it changed."""
        try:
            return self._connection.execute(sql, values).rowcount
        except sqlite3.IntegrityError:
            raise write_error() from None

    def all(self, sql: str, *values: Any) -> list[Row]:
        """All rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        """The first row of a query, or None."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def value(self, sql: str, *values: Any) -> Any:
        """The first value of the first row, or None."""
        row = self.one(sql, *values)
        return None if row is None else next(iter(row.values()))

    def among(self, sql: str, wanted: Iterable[Any], *values: Any) -> list[Row]:
        """All rows of a query with ``{}`` standing for the list of wanted values, in portions.

        Parameters:
            sql: a query ending in, say, ``WHERE id IN ({})``.
            wanted: the values of that list, in any number.
            values: the query's values that come before the list.
        """
        rows: list[Row] = []
        left = list(wanted)
        for start in range(0, len(left), 900):
            part = left[start : start + 900]
            rows += self.all(sql.format(",".join("?" * len(part))), *values, *part)
        return rows

    def record(self, table: str, key: int) -> Row:
        """The record with that id, or the refusal Moodle gives where it must exist."""
        row = self.one(f"SELECT * FROM {table} WHERE id = ?", key)
        if row is None:
            raise missing_record(table, self.moodle)
        return row

    def insert(self, table: str, **values: Any) -> int:
        """Adds a record; its id. Ids are never used twice, not even after a rollback."""
        self._check_lengths(table, values)
        key = int(values.setdefault("id", self._next_id(table)))
        self._counters[table] = max(self._counters.get(table, 0), key)
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())
        if not self._depth:
            self._keep_counters()
        return key

    def update(self, table: str, key: int, **values: Any) -> None:
        """Changes columns of the record with that id."""
        if not values:
            return
        self._check_lengths(table, values)
        names = ", ".join(f"{name} = ?" for name in values)
        self.run(f"UPDATE {table} SET {names} WHERE id = ?", *values.values(), key)

    def start_ids_at(self, first: int) -> None:
        """Lets the ids of all records made from now on start at that number, as on a site long in use."""
        tables = self.all("SELECT name FROM sqlite_master WHERE type = 'table'")
        self._counters = {row["name"]: first - 1 for row in tables}

    def _next_id(self, table: str) -> int:
        known = self._counters.get(table)
        if known is None:
            known = int(self.value(f"SELECT COALESCE(MAX(id), 0) FROM {table}"))
        return known + 1

    def _keep_counters(self) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO counter (name, value) VALUES (?, ?)", self._counters.items()
        )

    def _check_lengths(self, table: str, values: Row) -> None:
        limits = TEXT_LIMITS.get(table, {})
        if self.moodle == "4.5":
            limits = limits | TEXT_LIMITS_OF_4_5.get(table, {})
        if self.full:
            raise write_error()
        if self.refused and table == "user" and self.refused & {values.get("username"), values.get("idnumber")}:
            raise write_error()
        for name, value in values.items():
            if isinstance(value, str) and len(value) > limits.get(name, len(value)):
                raise write_error()
