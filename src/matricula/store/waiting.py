"""How much waits for a person, counted where it is kept."""

from typing import Final

from sqlalchemy import func, select

from matricula.store import schema
from matricula.store.database import Database

_COUNTED: Final = {
    "held": (schema.plan, schema.plan.c.state == "held"),
    "identities": (schema.identity, schema.identity.c.state == "open"),
    "problems": (schema.problem, schema.problem.c.profile.is_not(None)),
    "drift": (schema.drift, schema.drift.c.state != "accepted"),
}


class WaitingCounts:
    """Queries on what waits.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self) -> dict[str, dict[str, int]]:
        """Held plans, open identities, problems and edits that are not accepted, by profile."""
        found: dict[str, dict[str, int]] = {}
        with self._database.reading() as connection:
            for name, (table, where) in _COUNTED.items():
                statement = select(table.c.profile, func.count()).where(where).group_by(table.c.profile)
                for profile, number in connection.execute(statement):
                    found.setdefault(profile, {})[name] = number
        return found
