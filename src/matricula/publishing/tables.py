"""The tables in a database: made, read and written, each publication in one transaction.

What is written is what differs, so that whoever reads meanwhile sees the old rows or the new ones; `TRUNCATE` would end
the transaction on MariaDB, and a table put in the place of another would do so, too.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import polars as pl
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    bindparam,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.schema import CreateColumn

from matricula.errors import SettingError, StopError, WaitError
from matricula.planning import Change, read_changes
from matricula.profiles import Profile
from matricula.publishing.address import Address
from matricula.publishing.failures import explain
from matricula.publishing.shape import COMMENT, FORMER, KEY, KINDS, schema_of, tables_of

#: Seconds to wait for a connection, and for rows that somebody else holds.
_CONNECT, _ROWS = 10, 30
_SLICE: Final = 1000
#: MariaDB's collation that tells any two texts apart.
_COLLATION = "utf8mb4_bin"


@dataclass(frozen=True)
class Publication:
    """What is remembered of a publication in the database itself, in the transaction that it is.

    Args:
        token: what tells it from all others.
        plan: number of its plan.
        profile: the profile.
        roster: where the roster came from.
        changes: how many rows it wrote.
        by: who published.
    """

    token: str
    plan: int
    profile: str
    roster: str
    changes: int
    by: str


@contextmanager
def opened(address: Address, password: str, profile: Profile) -> Iterator["Tables"]:
    """The tables at an address, for as long as the block lasts.

    Args:
        address: where they are.
        password: empty where the server asks for none.
        profile: the profile that is published in them.

    Raises:
        SettingError: the server refuses, has no such database, or a driver is missing.
        WaitError: it is out of reach.
        StopError: there are tables of these names that are not ours, or cannot be written in one transaction.
    """
    engine = _engine(address.url.set(password=password or None), address.text)
    try:
        with engine.connect() as connection:
            _set_up(connection)
            yield Tables(connection, address, profile)
    except DBAPIError as error:
        raise explain(error, address.text) from None
    finally:
        engine.dispose()


class Tables:
    """The tables of one profile in one database. Use `opened`.

    Args:
        connection: a connection without a transaction.
        address: where they are.
        profile: the profile that is published in them.
    """

    def __init__(self, connection: Connection, address: Address, profile: Profile) -> None:
        self._connection = connection
        self._address = address
        self._profile = profile
        self._tables, self._publication = tables_of(profile, address.prefix, _COLLATION)
        with connection.begin():
            self._see_that_they_are_ours()

    def read(self) -> dict[str, pl.DataFrame]:
        """The rows of all tables at one moment, in the columns of `shape.schema_of`.

        What stands in no table yet has no rows, and null where a column is missing.
        """
        with self._connection.begin():
            return {kind: self._read(kind) for kind in (*KINDS, FORMER)}

    def holds(self, token: str) -> bool:
        """Whether a publication took place."""
        with self._connection.begin():
            if not self._there(self._publication):
                return False
            asked = select(func.count()).where(self._publication.c.token == token)
            return bool(self._connection.execute(asked).scalar_one())

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other publications to these tables out, from any computer, until the end of the block or connection.

        Raises:
            WaitError: another one is at work.
        """
        name = sha256(f"matricula {self._address.url.database} {self._address.prefix}".encode()).hexdigest()[:40]
        number = int(name[:15], 16)
        postgres = self._address.is_postgres
        taken, given = (
            (func.pg_try_advisory_lock(number), func.pg_advisory_unlock(number))
            if postgres
            else (func.get_lock(name, 0), func.release_lock(name))
        )
        with self._connection.begin():
            if not self._connection.execute(select(taken)).scalar_one():
                raise WaitError(
                    "Another publication to these tables is under way.",
                    where=self._address.name,
                    remedy="Wait until it has ended, then start again.",
                    code="publish-locked",
                )
        yield
        with self._connection.begin():
            self._connection.execute(select(given))

    def write(self, changes: pl.DataFrame, publication: Publication) -> None:
        """Write the changes of a plan and the note of it in one transaction; call it inside `alone`.

        Args:
            changes: the plan's changes.
            publication: the note.

        Raises:
            StopError: rows are no longer as the plan saw them; then nothing is written.
        """
        # Before the transaction: on MariaDB a table or column that is made would end it.
        with self._connection.begin():
            self._make()
        each = read_changes(changes)
        with self._connection.begin():
            for kind in KINDS:
                self._write(kind, [change for change in each if change.kind == kind])
            self._connection.execute(
                insert(self._publication).values(
                    token=publication.token,
                    plan=publication.plan,
                    profile=publication.profile,
                    roster=publication.roster,
                    changes=publication.changes,
                    published_by=publication.by[:255],
                    published_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
                )
            )

    def _write(self, kind: str, changes: Sequence[Change]) -> None:
        if not changes:
            return
        table, names = self._tables[kind], list(schema_of(kind, self._profile))
        rows = {row[KEY]: row for row in self._read(kind).iter_rows(named=True)}
        blank = {name: 0 if dtype == pl.Int64 else "" for name, dtype in schema_of(kind, self._profile).items()}
        for change in changes:
            row = rows.get(change.key)
            if (row is None) != (change.action == "create") or not _as_seen(change, row):
                raise self._changed_meanwhile()
            if not set(change.after) <= {*names, "gone"}:
                raise self._changed_meanwhile()
        gone = [change.key for change in changes if change.removes]
        if kind == "user" and gone:
            left = [{KEY: key, "username": rows[key]["username"]} for key in gone]
            self._connection.execute(self._upsert(self._tables[FORMER], (KEY, "username")), left)
        for start in range(0, len(gone), _SLICE):
            self._connection.execute(delete(table).where(table.c[KEY].in_(gone[start : start + _SLICE])))
        written = [
            {
                name: (now.get(name) if now.get(name) is not None else blank[name]) if name != KEY else change.key
                for name in names
            }
            for change in changes
            if not change.removes
            for now in [(rows.get(change.key) or {}) | dict(change.after)]
        ]
        if written:
            self._connection.execute(self._upsert(table, names), written)

    def _upsert(self, table: Table, names: Sequence[str]) -> Any:
        values = [name for name in names if name != KEY]
        if self._address.is_postgres:
            into = postgresql.insert(table)
            return into.on_conflict_do_update(index_elements=[KEY], set_={name: into.excluded[name] for name in values})
        new = mysql.insert(table)
        return new.on_duplicate_key_update({name: new.inserted[name] for name in values})

    def _changed_meanwhile(self) -> StopError:
        return StopError(
            "The tables are no longer as the plan saw them. Nothing was written.",
            where=self._address.name,
            remedy="Make a new plan with `matricula publish`.",
            code="publish-stale",
        )

    def _read(self, kind: str) -> pl.DataFrame:
        schema, table = schema_of(kind, self._profile), self._tables[kind]
        if not self._there(table):
            return pl.DataFrame(schema=schema)
        present = self._columns(table)
        asked = select(*(table.c[name] if name in present else literal(None).label(name) for name in schema))
        return pl.DataFrame(self._connection.execute(asked).all(), schema=schema, orient="row")

    def _there(self, table: Table) -> bool:
        return inspect(self._connection).has_table(table.name)

    def _columns(self, table: Table) -> set[str]:
        return {column["name"] for column in inspect(self._connection).get_columns(table.name)}

    def _make(self) -> None:
        """Make the tables and columns that are missing; columns that are no longer mapped stay as they are."""
        for table in (*self._tables.values(), self._publication):
            if not self._there(table):
                table.create(self._connection)
                continue
            present = self._columns(table)
            for column in table.columns:
                if column.name not in present:
                    told = CreateColumn(column).compile(dialect=self._connection.dialect)
                    self._connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {told}")
        self._see_that_they_are_ours()

    def _see_that_they_are_ours(self) -> None:
        there = [table for table in (*self._tables.values(), self._publication) if self._there(table)]
        for table in there:
            if (inspect(self._connection).get_table_comment(table.name)["text"] or "") != COMMENT:
                raise StopError(
                    f"There is a table {table.name} that Matricula did not make. It is left as it is.",
                    where=self._address.text,
                    remedy="Publish under other names with --prefix, or drop or rename that table.",
                    code="publish-not-ours",
                )
        if not self._address.is_postgres:
            self._see_that_they_are_transactional([table.name for table in there])
        if self._publication in there:
            self._see_that_the_profile_is_the_same()

    def _see_that_they_are_transactional(self, names: Sequence[str]) -> None:
        asked = text(
            "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = DATABASE() AND "
            "table_name IN :names"
        ).bindparams(bindparam("names", expanding=True))
        for name, engine in self._connection.execute(asked, {"names": list(names)}):
            if str(engine).lower() != "innodb":
                raise StopError(
                    f"The table {name} is kept by {engine}, which knows no transactions: readers would see half of it.",
                    where=self._address.text,
                    remedy=f"Turn it into one of InnoDB: ALTER TABLE {name} ENGINE = InnoDB.",
                    code="publish-engine",
                )

    def _see_that_the_profile_is_the_same(self) -> None:
        last = select(self._publication.c.profile).order_by(self._publication.c.number.desc()).limit(1)
        profile = self._connection.execute(last).scalar_one_or_none()
        if profile not in (None, self._profile.name):
            raise StopError(
                f"These tables hold what the profile {profile} publishes.",
                where=self._address.name,
                remedy="Publish this profile under other names with --prefix: one profile would remove the other's "
                "rows.",
                code="publish-other-profile",
            )


def _as_seen(change: Change, row: dict[str, Any] | None) -> bool:
    return row is None or all((row.get(name) or type(value)()) == value for name, value in change.before.items())


def _engine(url: URL, where: str) -> Engine:
    waits = {"connect_timeout": _CONNECT}
    charset = {} if url.drivername.startswith("postgresql") else {"charset": "utf8mb4"}
    try:
        return create_engine(url, hide_parameters=True, isolation_level="REPEATABLE READ", connect_args=waits | charset)
    except (NoSuchModuleError, ImportError) as error:
        raise SettingError(
            "The driver for this kind of database is not installed.",
            where=where,
            remedy="For PostgreSQL install it with: pip install 'matricula[postgres]'.",
            code="publish-driver",
        ) from error


def _set_up(connection: Connection) -> None:
    """Longer waits than these would hang a schedule; a server that cuts texts short would lose letters silently."""
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET lock_timeout = '{_ROWS}s'")
            return
        connection.exec_driver_sql(
            f"SET SESSION innodb_lock_wait_timeout = {_ROWS}, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"
        )
