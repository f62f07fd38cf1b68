"""Signed requests that were seen: each is good once, and forgotten when it would be too old to be taken anyway."""

from datetime import datetime

from sqlalchemy import delete, func, select

from matricula.store.database import Database
from matricula.store.schema_sign_on import seen_request as _table


class SeenRequests:
    """Queries on signed requests that were seen.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def first(self, digest: str, site: str, ends_at: datetime) -> bool:
        """Note a request; two that arrive at the same moment are told apart by the primary key.

        Args:
            digest: of what makes it this one request.
            site: the site that sent it.
            ends_at: from when on it is too old to be taken.

        Returns:
            whether it was not seen before.
        """
        noting = (
            self._database.insert(_table)
            .values(digest=digest, site=site, ends_at=ends_at)
            .on_conflict_do_nothing()
            .returning(_table.c.digest)
        )
        with self._database.writing() as connection:
            return connection.execute(noting).first() is not None

    def purge(self, before: datetime, *, dry_run: bool = False) -> int:
        """Forget those that are too old to be taken.

        Args:
            before: the moment before which they ended.
            dry_run: whether they are only counted.

        Returns:
            how many there were.
        """
        old = _table.c.ends_at < before
        with self._database.writing() as connection:
            if dry_run:
                return connection.execute(select(func.count()).select_from(_table).where(old)).scalar_one()
            return connection.execute(delete(_table).where(old)).rowcount
