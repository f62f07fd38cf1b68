"""Sources: what checked reading costs beside the libraries' own bare read of the same tables."""

import json
import os
import sys
import tempfile
from statistics import median

from bench import processes
from bench.figures import Figure
from bench.prepared import Size

SIZE = Size(people=2_000, classes=5_000, enrolments=500_000)
"""Few people, so that rows of enrolments are what is read."""
PEOPLE = 100_000
"""Lists, quotes and letters beyond ASCII stand with people: a school of so many is measured from CSV, too."""
MOST_TIMES_BARE = 3.0
MOST_TIMES_BARE_WITH_PEOPLE = 4.0
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
    large = Size(PEOPLE, size.classes, size.enrolments)
    return [
        *(
            _figure(kind, size, rounds, f"checked enrolments from {_TITLES[kind]} / bare", MOST_TIMES_BARE)
            for kind in kinds
        ),
        _figure("csv", large, rounds, "checked large school from CSV / bare", MOST_TIMES_BARE_WITH_PEOPLE),
    ]


def _figure(kind: str, size: Size, rounds: int, title: str, bound: float) -> Figure:
    numbers = (str(size.people), str(size.classes), str(size.enrolments), str(rounds))
    with tempfile.TemporaryDirectory() as folder:
        turns = json.loads(processes.run(["-m", "bench.sources_turns", kind, folder, *numbers]).output)
    source, bare = median(turns["source"]), median(turns["bare"])
    detail = (
        f"{source:.2f} s / {bare:.2f} s; {turns['rows']:,} enrolments of {turns['all']:,} rows, medians of {rounds}"
    )
    return Figure(title, source / bare, bound, "×", detail)
