"""A state as an older matricula left it."""

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from matricula.store import migrating
from matricula.store.database import Database


def make_old(address: str | Path, version: str = "0003") -> None:
    """Make a state whose tables are of an older version, with a site in it."""
    database = Database(address)
    with database.writing() as connection:
        config = migrating._config()
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.exec_driver_sql(
            "insert into document (kind, name, revision, body, saved_at) "
            "values ('site', 'school', 1, 'url: x', '2026-08-01 00:00:00')"
        )
    database.close()


def set_version(address: str | Path, version: str) -> None:
    """Say that the tables are of a version, whatever they are."""
    engine = create_engine(address if "://" in str(address) else f"sqlite:///{address}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"update {migrating.VERSION_TABLE} set version_num = '{version}'")
    engine.dispose()
