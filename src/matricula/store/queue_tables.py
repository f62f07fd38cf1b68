"""The tables of the queue on PostgreSQL: made once, by whoever comes first."""

from typing import Any, Final

from sqlalchemy import func, select, text

from matricula.store.database import Database

_ADVISORY_LOCK: Final = 6_184_702_351
"""Any number that no other program on the server uses for the same purpose."""
_ONE_OF_THEM: Final = "procrastinate_jobs"


class QueueTables:
    """The tables of procrastinate beside those of the state.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def possible(self) -> bool:
        """Whether the state is in a database that procrastinate can use."""
        return not self._database.is_sqlite

    def prepare(self) -> dict[str, Any]:
        """Make the tables where they are not there yet.

        Returns:
            how the database is reached, as psycopg takes it.
        """
        from procrastinate.schema import SchemaManager  # it is not installed where the state is on SQLite

        with self._database.writing() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
            if connection.execute(select(func.to_regclass(_ONE_OF_THEM))).scalar_one() is None:
                driver: Any = connection.connection.driver_connection
                driver.execute(SchemaManager.get_schema())
        return self._database.reached_by()
