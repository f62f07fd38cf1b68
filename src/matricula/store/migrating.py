"""Bring a state database to the tables this version of the code knows."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, select, text

from matricula.errors import SettingError
from matricula.store import schema
from matricula.store.database import Database

HEAD: Final = "0007"
"""The newest migration; a test holds it against the files in `migrations/versions`."""

VERSION_TABLE: Final = "matricula_version"
_ADVISORY_LOCK: Final = 0x6D617472
_version: Final = Table(VERSION_TABLE, MetaData(), Column("version_num", Text))


def migrate(database: Database, *, keep: bool = True) -> None:
    """Create or update the tables, in one transaction that only one process at a time can hold.

    Args:
        database: the state database.
        keep: whether a file is copied before its tables are altered: `matricula.db.before-0004` beside it.

    Raises:
        SettingError: the database was made by a newer matricula, or by another program.
        StopError: there is no room for the copy.
    """
    with database.reading() as connection:
        if _current(connection) == HEAD:
            return
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        current = _current(connection)
        if current == HEAD:
            return
        if current is None:
            _refuse_stranger(connection, database.where)
        elif current not in known_versions():
            raise _newer(current, database.where)
        elif keep and database.is_sqlite:
            # Nobody else can write meanwhile, so that the copy is what the migration begins with.
            database.copy_to(Path(f"{database.where}.before-{HEAD}"))
        _upgrade(connection)


def is_current(database: Database) -> bool:
    """Whether the tables are those that this version of the code knows."""
    with database.reading() as connection:
        return _current(connection) == HEAD


def known_versions() -> frozenset[str]:
    """The versions of tables that this code can bring up to date."""
    from alembic.script import ScriptDirectory

    return frozenset(each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions())


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(select(_version.c.version_num)).scalar_one_or_none()
    return version


def _refuse_stranger(connection: Connection, where: str) -> None:
    present = set(inspect(connection).get_table_names())
    if present & set(schema.metadata.tables) or (present and connection.dialect.name == "sqlite"):
        raise SettingError(
            "This database already holds tables of another program.",
            where=where,
            remedy="Give matricula a file of its own, or on PostgreSQL a database or schema of its own.",
            code="state-stranger",
        )


def _newer(current: str, where: str) -> SettingError:
    return SettingError(
        f"The state database was made by a newer matricula: its tables are of version {current}, this "
        f"matricula knows them up to {HEAD}.",
        where=where,
        remedy="Install the newer matricula again, or put back the backup of the state made before it.",
        code="state-newer",
    )


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Any:
    # Alembic is heavy to import and needed only when tables have to change.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "matricula.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
