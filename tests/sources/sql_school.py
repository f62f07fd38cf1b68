"""A small school in a database, one table for each table of the roster."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from deliveries import ROSTER_11


def settings(folder: Path) -> dict[str, Any]:
    """The school in a SQLite file, and the settings that read it."""
    path = folder / "school.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, rows in ROSTER_11.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            connection.execute(f"CREATE TABLE {table} ({', '.join(f'[{name}] TEXT' for name in names)})")
            marks = ", ".join("?" * len(names))
            connection.executemany(
                f"INSERT INTO {table} VALUES ({marks})", [[row.get(name) for name in names] for row in rows]
            )
    return {"type": "sql", "path": str(path), "queries": {table: f"SELECT * FROM {table}" for table in ROSTER_11}}
