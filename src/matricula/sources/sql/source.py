"""SQL: queries or views of any of several databases, read in one snapshot without a lock."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import URL

from matricula.roster import TABLES, Delivery, Marker
from matricula.sources.protocol import Surroundings
from matricula.sources.sql.address import address_of
from matricula.sources.sql.presets import TODAY, open_preset
from matricula.sources.sql.queries import Query, Value
from matricula.sources.sql.reading import Job, Reading
from matricula.sources.sql.settings import SqlSettings


class Sql:
    """A source that reads queries of a database.

    Args:
        settings: the address and the queries.
        surroundings: where it gets the password from.
    """

    Settings = SqlSettings

    def __init__(self, settings: SqlSettings, surroundings: Surroundings | None = None) -> None:
        self.settings = settings
        self._surroundings = surroundings or Surroundings()
        self._preset = open_preset(settings.preset) if settings.preset else None

    def deliver(self, _: Marker | None = None) -> Delivery:
        """Read all tables in one snapshot.

        Raises:
            SettingError: address, password, query or parameter is wrong; the message names what there is instead.
            WaitError: the database is out of reach or busy, or took too long.
            StopError: what came cannot be used, such as rows that change all the time where there is no snapshot.
        """
        url = self._url()
        job = Job(
            queries=self._queries(url.get_backend_name()),
            version=self.settings.version or (self._preset.head.version if self._preset else "1.1"),
            values=self._values(),
            columns={str(table): names for table, names in self.settings.columns.items()},
            complete=self._complete(),
        )
        return Reading(url, job, self.settings.timeout, self.settings.chunk, self._surroundings.say).deliver()

    def _url(self) -> URL:
        if self.settings.path is not None:
            return URL.create("sqlite+pysqlite", database=str(self.settings.path))
        url = address_of(self.settings.url)
        return url.set(password=self._surroundings.secret("password")) if self.settings.secrets() else url

    def _queries(self, dialect: str) -> list[Query]:
        own = {str(table): Query(table, sql) for table, sql in self.settings.queries.items()}
        queries = (self._preset.queries(dialect) if self._preset else {}) | own
        return [queries[table] for table in TABLES if table in queries]

    def _values(self) -> dict[str, Value | None]:
        today = datetime.now(ZoneInfo(self.settings.timezone)).date()
        given = self.settings.parameters
        head = self._preset.head if self._preset else None
        declared = {name: value for name, value in given.items() if head and name in head.parameters}
        return {TODAY: today} | given | (head.values(declared) if head else {})

    def _complete(self) -> frozenset[str]:
        if self.settings.complete is not None:
            return frozenset(self.settings.complete)
        return frozenset(self.settings.queries) | frozenset(self._preset.head.complete if self._preset else ())
