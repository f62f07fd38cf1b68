"""One reading of a database: all questions on one connection, in one snapshot where there is one."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, CursorResult, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from matricula.errors import SettingError, StopError
from matricula.roster import TABLES, Delivery, Draft, FindingBook
from matricula.roster.tables import LINE
from matricula.sources.records import draft_of
from matricula.sources.sql.dialects import DIALECTS, Begun
from matricula.sources.sql.errors import Asked, driver_missing, explained, nearest, option_refused
from matricula.sources.sql.files import readable
from matricula.sources.sql.queries import Query, Value
from matricula.sources.sql.rows import frame_of_rows, names_of
from matricula.sources.text import note_double_encoding

_READINGS = 3
"""Where there is no snapshot, it is tried so often to read the same twice."""


@dataclass(frozen=True)
class Job:
    """What is to be read.

    Args:
        queries: in the order of the roster's tables.
        version: OneRoster version whose columns they have.
        values: of all parameters there are.
        columns: for each table the query's names of columns by OneRoster's.
        complete: tables of which every record is there.
    """

    queries: list[Query]
    version: str
    values: Mapping[str, Value | None]
    columns: Mapping[str, Mapping[str, str]]
    complete: Collection[str]


class Reading:
    """Reads a database once.

    Args:
        url: its address, with the password.
        job: what is to be read.
        timeout: seconds that a question may take.
        chunk: rows to fetch at a time.
        say: told what is being read.
    """

    def __init__(self, url: URL, job: Job, timeout: int, chunk: int, say: Callable[[str], None]) -> None:
        self._url = url
        self._job = job
        self._timeout = timeout
        self._chunk = chunk
        self._say = say
        self._name = url.get_backend_name()
        self._dialect = DIALECTS[self._name]
        self._where = url.database or "" if self._name == "sqlite" else _told(url)
        self._asked = Asked(self._name, self._where, str(url.password or ""))

    def deliver(self) -> Delivery:
        """Read all tables.

        Raises:
            SettingError, WaitError, StopError: as `Sql.deliver` tells.
        """
        with self._engine() as engine, self._connected(engine) as connection:
            words = {word for query in self._job.queries for word in query.words}
            begun = self._dialect.begin(connection, self._timeout, words)
            drafts, book = self._drafts(connection, begun)
            if not begun.snapshot:
                drafts, book = self._settled(connection, begun, drafts)
        return Delivery(drafts, self._job.version, self._where, book, notes=begun.notes)

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        if self._name == "sqlite":
            with readable(Path(self._url.database or ""), self._timeout, self._asked) as opened:
                yield create_engine("sqlite://", creator=opened, poolclass=NullPool)
            return
        options = {name: value for name, value in self._dialect.options(self._timeout).items()
                   if name not in self._url.query}  # fmt: skip
        try:
            engine = create_engine(self._url, connect_args=options, poolclass=NullPool)
        except (ImportError, NoSuchModuleError):
            raise driver_missing(self._dialect, self._where) from None
        yield engine

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        """A connection, given up at once where something goes wrong, without waiting for rows that still come."""
        connection = None
        try:
            connection = self._connection(engine)
            yield connection
            connection.rollback()
        except (DBAPIError, UnicodeError) as error:
            self._give_up(connection)
            raise explained(getattr(error, "orig", None) or error, self._asked, engine) from None
        except BaseException:
            self._give_up(connection)
            raise
        finally:
            if connection is not None:
                connection.close()

    def _connection(self, engine: Engine) -> Connection:
        try:
            return engine.connect()
        except (TypeError, ValueError, OSError) as error:
            raise option_refused(error, self._asked) from None

    @staticmethod
    def _give_up(connection: Connection | None) -> None:
        if connection is not None and not connection.closed and not connection.invalidated:
            connection.invalidate()

    def _drafts(self, connection: Connection, begun: Begun) -> tuple[dict[str, Draft], FindingBook]:
        book = FindingBook()
        drafts = {}
        for query in self._job.queries:
            self._asked.query = query
            self._say(f"reading {query.table}")
            with self._dialect.question(connection, self._timeout):
                drafts[query.table] = self._draft(connection, query, begun, book)
        return drafts, book

    def _settled(
        self, connection: Connection, begun: Begun, before: dict[str, Draft]
    ) -> tuple[dict[str, Draft], FindingBook]:
        """What two readings in a row agree on: nothing of it was changed between the two."""
        for _ in range(_READINGS):
            connection.rollback()
            self._dialect.begin(connection, self._timeout, ())
            after, book = self._drafts(connection, begun)
            if all(_same(before[name], after[name]) for name in before):
                return after, book
            before = after
        raise StopError(
            "Rows were changed all the time while they were read, and the database gave no snapshot of one moment.",
            where=self._where,
            remedy="Read it at a quieter hour, or ask the database's keeper for snapshots (docs/sources/sql.md).",
            code="sql-rows-change",
        )

    def _draft(self, connection: Connection, query: Query, begun: Begun, book: FindingBook) -> Draft:
        statement = query.statement(self._job.values)
        options = {"stream_results": True, "yield_per": self._chunk} if begun.streams else {}
        result = connection.execute(statement, execution_options=options)
        names = self._names(query, result, book)
        frame = frame_of_rows(query.table, self._parts(result), names)
        complete = query.table in self._job.complete
        draft = draft_of(query.table, self._job.version, frame, query.origin, book, complete=complete)
        note_double_encoding(draft, book)
        return draft

    def _parts(self, result: CursorResult[tuple[object, ...]]) -> Iterator[Sequence[Sequence[object]]]:
        """The driver's own rows, some at a time: SQLAlchemy's would take a third of the time and tell nothing more."""
        while result.cursor and (rows := result.cursor_strategy.fetchmany(result, result.cursor, self._chunk)):
            yield rows

    def _names(self, query: Query, result: CursorResult[tuple[object, ...]], book: FindingBook) -> dict[int, str]:
        """Which column is which; refused before a row is fetched where they cannot make a table."""
        given = list(result.keys())
        mapped = self._job.columns.get(query.table, {})
        missing = [name for name in mapped.values() if name.casefold() not in (each.casefold() for each in given)]
        if missing:
            raise SettingError(
                f"The query gives no column {missing[0]}.",
                where=f"{query.origin}, columns",
                remedy=f"It gives: {nearest(missing[0], given)}.",
                code="sql-column-mapped",
            )
        names = names_of(TABLES[query.table], self._job.version, given, mapped)
        twice = [name for place, name in enumerate(given) if place not in names]
        if twice:
            listed = ", ".join(twice)
            message = f"Columns stand there twice; the first was read: {listed}."
            book.add("column-twice", message, file=query.origin, value=listed, table=query.table)
        empty = frame_of_rows(query.table, iter(()), names)
        draft_of(query.table, self._job.version, empty, query.origin, FindingBook(), complete=False)
        return names


def _told(url: URL) -> str:
    """An address as people write it, without the password."""
    return url.set(drivername=url.get_backend_name(), password=None).render_as_string()


def _same(one: Draft, other: Draft) -> bool:
    rows, others = one.frame.drop(LINE), other.frame.drop(LINE)
    return rows.height == others.height and rows.sort(rows.columns).equals(others.sort(others.columns))
