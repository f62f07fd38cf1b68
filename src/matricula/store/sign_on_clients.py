"""Sites that ask the OpenID provider who somebody is: one client for each, its secret as a digest."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import upsert

_table: Final = schema.sign_on_client
_grant: Final = schema.sign_on_grant


@dataclass(frozen=True, slots=True)
class SignOnClient:
    """A site as the OpenID provider knows it.

    Args:
        id: what the site calls itself to the provider.
        site: the site's name.
        secret: the digest of its secret.
        redirects: whole addresses that an answer may go to, and no others.
        made_at: when it was made, or its secret renewed.
        made_by: who did that.
    """

    id: str
    site: str
    secret: str
    redirects: tuple[str, ...]
    made_at: datetime
    made_by: str


class SignOnClients:
    """Queries on sites that ask the OpenID provider.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, number: str) -> SignOnClient | None:
        """A client by its id."""
        return self._one(_table.c.id == number)

    def of_site(self, site: str) -> SignOnClient | None:
        """The client of a site."""
        return self._one(_table.c.site == site)

    def keep(self, client: SignOnClient) -> None:
        """Keep a client, in the place of what was kept of it."""
        row = {name: getattr(client, name) for name in SignOnClient.__slots__}
        with self._database.writing() as connection:
            upsert(connection, _table, [row | {"redirects": json.dumps(client.redirects)}])

    def remove(self, site: str) -> bool:
        """Remove a site's client, and all that it was given; returns whether there was one."""
        theirs = select(_table.c.id).where(_table.c.site == site)
        with self._database.writing() as connection:
            connection.execute(delete(_grant).where(_grant.c.client.in_(theirs)))
            return connection.execute(delete(_table).where(_table.c.site == site)).rowcount > 0

    def _one(self, wanted: Any) -> SignOnClient | None:
        with self._database.reading() as connection:
            row = connection.execute(select(_table).where(wanted)).one_or_none()
        return None if row is None else SignOnClient(**row._asdict() | {"redirects": tuple(json.loads(row.redirects))})
