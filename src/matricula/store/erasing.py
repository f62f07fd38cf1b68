"""Erasing: everything that a profile left behind, for one that was only there to be tried."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, or_, select

from matricula.store import schema
from matricula.store.database import Database

_KEPT: Final = frozenset({"audited", "act"})
"""Who did what stays, whatever it was done to."""


class Erasing:
    """Queries that erase.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def profile(self, profile: str, site: str) -> None:
        """Erase plans, runs, jobs, ledger and all else of a profile; the audit log stays.

        Args:
            profile: the profile.
            site: its site, which no other profile writes to.
        """
        plan, run, job, notice = schema.plan, schema.run, schema.job, schema.notice
        of_job = or_(job.c.profile == profile, job.c.site == site)
        concerned: dict[str, Any] = {
            "plan": select(plan.c.number).where(plan.c.profile == profile),
            "run": select(run.c.id).where(run.c.profile == profile),
            "job": select(job.c.id).where(of_job),
            "notice": select(notice.c.id).where(notice.c.profile == profile),
        }
        with self._database.writing() as connection:
            for table in reversed(schema.metadata.sorted_tables):
                where = [of_job] if table is job else list(_conditions(table, profile, concerned))
                if where and table.name not in _KEPT:
                    connection.execute(delete(table).where(or_(*where)))


def _conditions(table: Table, profile: str, concerned: dict[str, Any]) -> list[ColumnElement[bool]]:
    """By which of its columns rows of a table are the profile's."""
    own = [table.c.profile == profile] if "profile" in table.c else []
    return own + [table.c[name].in_(rows) for name, rows in concerned.items() if name in table.c]
