"""The ledger: which roster record is which Moodle record, and what was last written to it."""

from collections.abc import Collection, Iterable
from typing import Any, Final, Literal, NamedTuple

import polars as pl
from sqlalchemy import Connection, Row, Select, and_, bindparam, case, delete, func, insert, literal, select

from matricula.errors import StopError
from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import chunks_of, read_frame, upsert_rows

Origin = Literal["made", "matched"]

LEDGER_SCHEMA: Final = pl.Schema(
    {
        "key": pl.String,
        "moodle_id": pl.Int64,
        "origin": pl.String,
        "written": pl.String,
        "removed": pl.Boolean,
        "run": pl.Int64,
    }
)
"""Columns of `Ledger.frame`."""

_PACKED_SCHEMA: Final = {"key": pl.String, "moodle_id": pl.Int64, "written": pl.String, "packed": pl.Int64}

_table: Final = schema.ledger
# The time goes into making Python objects: three short columns travel as one number and are parted again by Polars,
# which brings the whole to the cost of a bare fetchall.
_OF_KIND: Final = select(
    _table.c.key,
    _table.c.moodle_id,
    _table.c.written,
    func.coalesce(_table.c.run, -1) * 4 + case((_table.c.origin == "made", 2), else_=0) + _table.c.removed,
).where(_table.c.profile == bindparam("profile"), _table.c.kind == bindparam("kind"))
_CODE: Final = pl.col("packed")
_UNPACKED: Final = [
    pl.col("key"),
    pl.col("moodle_id"),
    pl.when(_CODE & 2 == 2).then(pl.lit("made")).otherwise(pl.lit("matched")).alias("origin"),
    pl.col("written"),
    (_CODE & 1 == 1).alias("removed"),
    pl.when(_CODE // 4 >= 0).then(_CODE // 4).alias("run"),
]
_COLUMNS: Final = ("profile", "kind", "key", "moodle_id", "origin", "written", "removed", "run")
_KEYS_AT_ONCE: Final = 500
SEPARATOR: Final = "\t"
"""Stands between the parts of a key, as in that of an enrolment."""


class LedgerRow(NamedTuple):
    """One roster record and its Moodle record.

    Args:
        kind: kind of record, for example `user` or `enrolment`.
        key: the roster record's key; of an enrolment, user and class joined by a TAB.
        moodle_id: the Moodle record's id; None where Moodle gives none away.
        origin: whether Matricula made the Moodle record or found it there.
        written: JSON text of what was last written; None where nothing was yet.
        removed: whether Matricula has removed (suspended, deleted) it.
        run: the run that wrote this; the journal fills it in.
    """

    kind: str
    key: str
    moodle_id: int | None
    origin: Origin
    written: str | None
    removed: bool = False
    run: int | None = None


class Ledger:
    """Queries on the ledger.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def frame(self, profile: str, kind: str) -> pl.DataFrame:
        """All rows of a kind, removed ones too, in the columns of `LEDGER_SCHEMA` and in no promised order."""
        with self._database.reading() as connection:
            frame = read_frame(connection, _OF_KIND, _PACKED_SCHEMA, {"profile": profile, "kind": kind})
        return frame.select(_UNPACKED)

    def upsert(
        self, connection: Connection | None, profile: str, rows: Iterable[LedgerRow], run: int | None = None
    ) -> int:
        """Enter rows, in the place of those with the same kind and key.

        Args:
            connection: the transaction to take part in (`Store.begin`); None for one of its own.
            profile: whose ledger.
            rows: of rows with the same kind and key the last one holds.
            run: the run that wrote them all, in place of what they say themselves.

        Returns:
            The number of records entered.
        """
        if connection is None:
            with self._database.writing() as own:
                return self.upsert(own, profile, rows, run)
        # In key order the database's pages are filled one after the other, and two writers cannot deadlock.
        newest = {(row.kind, row.key): row for row in rows}
        return upsert_rows(
            connection,
            _table,
            _COLUMNS,
            (
                (
                    profile,
                    kind,
                    key,
                    row.moodle_id,
                    row.origin,
                    row.written,
                    int(row.removed),
                    row.run if run is None else run,
                )
                for (kind, key), row in sorted(newest.items())
            ),
        )

    def forget(self, profile: str, kind: str, keys: Iterable[str]) -> int:
        """Strike records out of the ledger, as if they had never been known.

        Returns:
            The number of records struck out.
        """
        count = 0
        with self._database.writing() as connection:
            for chunk in chunks_of(((key,) for key in keys), _KEYS_AT_ONCE):
                count += connection.execute(
                    delete(_table).where(
                        _table.c.profile == profile,
                        _table.c.kind == kind,
                        _table.c.key.in_([key for (key,) in chunk]),
                    )
                ).rowcount
        return count

    def counts(self, profile: str) -> dict[str, int]:
        """The number of live records (not removed) of each kind."""
        statement = (
            select(_table.c.kind, func.count())
            .where(_table.c.profile == profile, _table.c.removed == 0)
            .group_by(_table.c.kind)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(statement).all())

    def get(self, profile: str, kind: str, key: str) -> LedgerRow | None:
        """The row of one roster record."""
        return self._one(select(_table).where(_table.c.kind == kind, _table.c.key == key), profile)

    def beginning(self, profile: str, kinds: Collection[str], key: str) -> list[LedgerRow]:
        """Rows of kinds whose keys have several parts, of which the first ones are these; removed ones too."""
        prefix = f"{key}{SEPARATOR}"
        begins = func.substr(_table.c.key, 1, len(prefix)) == prefix
        if self._database.is_sqlite:  # its keys are in the order of their bytes: only those that begin so are read
            begins = and_(_table.c.key >= prefix, _table.c.key < f"{key}{chr(ord(SEPARATOR) + 1)}")
        return self._many(select(_table).where(_table.c.kind.in_(kinds), begins), profile)

    def ending(self, profile: str, kind: str, key: str) -> list[LedgerRow]:
        """Rows of a kind whose keys have several parts, of which the last ones are these; removed ones too."""
        suffix = f"{SEPARATOR}{key}"
        ends = func.substr(_table.c.key, func.length(_table.c.key) - len(suffix) + 1) == suffix
        return self._many(select(_table).where(_table.c.kind == kind, ends), profile)

    def by_moodle_id(self, profile: str, kind: str, moodle_id: int) -> LedgerRow | None:
        """The row of one Moodle record; a live one where several roster records had it over time."""
        statement = select(_table).where(_table.c.kind == kind, _table.c.moodle_id == moodle_id)
        return self._one(statement.order_by(_table.c.removed, _table.c.key).limit(1), profile)

    def copy(self, profile_from: str, profile_to: str) -> int:
        """Copy one profile's ledger to another that has none.

        Returns:
            The number of records copied.

        Raises:
            StopError: the other profile has a ledger already.
        """
        with self._database.writing() as connection:
            taken = select(_table.c.key).where(_table.c.profile == profile_to).limit(1)
            if connection.execute(taken).first() is not None:
                raise StopError(
                    f"The profile {profile_to} already has a ledger.",
                    where=profile_to,
                    remedy="Copy to a profile that has not been applied yet.",
                    code="ledger-present",
                )
            others = [column for column in _table.c if column.name != "profile"]
            source = select(literal(profile_to), *others).where(_table.c.profile == profile_from)
            names = ["profile", *(column.name for column in others)]
            statement = insert(_table).from_select(names, source).execution_options(preserve_rowcount=True)
            return connection.execute(statement).rowcount

    def _many(self, statement: Select[*tuple[Any, ...]], profile: str) -> list[LedgerRow]:
        with self._database.reading() as connection:
            rows = connection.execute(statement.where(_table.c.profile == profile).order_by(_table.c.key))
            return [_ledger_row(row) for row in rows]

    def _one(self, statement: Select[*tuple[Any, ...]], profile: str) -> LedgerRow | None:
        with self._database.reading() as connection:
            row = connection.execute(statement.where(_table.c.profile == profile)).one_or_none()
        return None if row is None else _ledger_row(row)


def _ledger_row(row: Row[*tuple[Any, ...]]) -> LedgerRow:
    values = row._asdict()
    del values["profile"]
    return LedgerRow(**{**values, "removed": bool(values["removed"])})
