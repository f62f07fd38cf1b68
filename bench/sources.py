"""Sources: what checked reading costs beside the libraries' own bare read of the same tables."""

import json
import os
import sys
import tempfile
from statistics import median

from bench import processes
from bench.figures import Figure
from bench.prepared import Size

SIZE = Size(people=100_000, classes=5_000, enrolments=500_000)
MOST_TIMES_BARE = 3.0
POSTGRES = "MATRICULA_TEST_POSTGRES"
_TITLES = {"csv": "CSV", "sqlite": "SQLite", "postgresql": "PostgreSQL"}


def measure(size: Size, rounds: int) -> list[Figure]:
    """Let each source and a bare read of the same tables take turns.

    PostgreSQL is read where `MATRICULA_TEST_POSTGRES` names a database; a schema is made in it and dropped again.

    Args:
        size: of the school.
        rounds: how often each is run and counted.

    Raises:
        RuntimeError: source and bare read did not come to the same number of rows.
    """
    kinds = [kind for kind in _TITLES if kind != "postgresql" or os.environ.get(POSTGRES)]
    if "postgresql" not in kinds:
        print(f"PostgreSQL is not measured: {POSTGRES} names no database.", file=sys.stderr)
    return [_figure(kind, size, rounds) for kind in kinds]


def _figure(kind: str, size: Size, rounds: int) -> Figure:
    numbers = (str(size.people), str(size.classes), str(size.enrolments), str(rounds))
    with tempfile.TemporaryDirectory() as folder:
        turns = json.loads(processes.run(["-m", "bench.sources_turns", kind, folder, *numbers]).output)
    source, bare = median(turns["source"]), median(turns["bare"])
    detail = (
        f"{source:.2f} s / {bare:.2f} s; {turns['rows']:,} enrolments of {turns['all']:,} rows, medians of {rounds}"
    )
    return Figure(f"checked roster from {_TITLES[kind]} / bare read", source / bare, MOST_TIMES_BARE, "×", detail)
