"""The least that a program comparing a roster with a ledger has to do, written as one would at a desk.

    python -m bench.bare FOLDER DATABASE LIBRARY…

Imports the libraries, reads all CSV files of the folder, joins users to enrolments, and reads the rows of the
ledger from SQLite.
"""

import importlib
import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def main(folder: str, database: str, *libraries: str) -> None:
    """Do it and print the number of rows joined and read."""
    for library in libraries:
        importlib.import_module(library)
    import polars as pl

    tables = {path.stem: pl.read_csv(path, infer_schema=False) for path in Path(folder).glob("*.csv")}
    joined = tables["enrollments"].join(tables["users"], left_on="userSourcedId", right_on="sourcedId")
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select key, moodle_id, origin, written, removed from ledger").fetchall()
    print(joined.height, len(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
