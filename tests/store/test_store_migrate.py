"""The tables after migration are the tables the code expects, whoever made them."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from matricula.errors import SettingError
from matricula.store import Store, migrating, schema


def test_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", "matricula.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrating.HEAD]


def test_migrated_tables_match_the_schema(store):
    with store.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": migrating.VERSION_TABLE}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_migrated_checks_and_keys_match_the_schema(store, tmp_path):
    """What Alembic does not compare: the statements that made the tables, on SQLite word for word."""
    with store.begin() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("SQLite alone keeps the statements")
        made = _statements(connection)
        for table in reversed(schema.metadata.sorted_tables):
            table.drop(connection)
        schema.metadata.create_all(connection)
        assert made == _statements(connection)


def _statements(connection):
    rows = connection.execute(text("select name, sql from sqlite_schema where sql is not null"))
    found = {name: sorted(sql.replace(",", " ").split()) for name, sql in rows}
    for name in (migrating.VERSION_TABLE, "sqlite_sequence"):
        found.pop(name, None)
    return found


def test_opening_again_keeps_what_is_there(address):
    with Store.open(address) as store:
        store.documents.save("site", "school", "url: x\n")
    with Store.open(address) as store:
        assert store.documents.get("site", "school").body == "url: x\n"


def test_many_open_a_new_database_at_once(address):
    def visit(number):
        with Store.open(address) as store:
            return store.documents.save("site", f"s{number}", "x")

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(visit, range(6))) == [1] * 6


def test_newer_database_is_refused(address):
    with Store.open(address) as store, store.begin() as connection:
        connection.execute(text(f"update {migrating.VERSION_TABLE} set version_num = '9999'"))
    with pytest.raises(SettingError, match="newer matricula") as caught:
        Store.open(address)
    assert "9999" in str(caught.value)
    assert caught.value.remedy


def test_another_programs_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table plan (x)")
    with pytest.raises(SettingError, match="another program"):
        Store.open(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("select name from sqlite_schema").fetchall() == [("plan",)]
