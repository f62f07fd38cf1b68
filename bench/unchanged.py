"""Plan with nothing changed: how much Matricula adds to what any such program has to do."""

import sqlite3
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import processes, site
from bench.figures import Figure
from bench.prepared import PROFILE, Prepared, Size, prepare

SIZE = Size(people=100_000, classes=5_000, enrolments=500_000)
MOST_TIMES_BARE = 3.0
MOST_MEMORY_GIB = 1.5
LIBRARIES = (
    *("alembic", "cryptography", "httpx2", "polars", "pydantic", "rich", "ruamel.yaml", "sqlalchemy"),
    *("stamina", "starlette", "structlog", "typer", "uvicorn"),
)


def measure(size: Size, rounds: int) -> list[Figure]:
    """Let the plan and the bare script take turns.

    Args:
        size: of the school.
        rounds: how often each is run and counted.

    Raises:
        RuntimeError: a plan was not empty, so that something else was measured.
    """
    with TemporaryDirectory(prefix="matricula-bench-") as folder, site.running(_database(folder)) as sandbox:
        prepared = prepare(Path(folder), sandbox, size, "applied")
        processes.run(["-m", "bench.fill", str(prepared.folder / "home"), _database(folder), "newest"])
        # The first turn shows what is imported, brings the files into the system's cache, and is not counted.
        shown = prepared.matricula("plan", PROFILE, interpreter=("-X", "importtime"))
        bare = ("-m", "bench.bare", str(prepared.roster), str(prepared.database), *_imported(shown.errors))
        joined, rows = processes.run(bare).output.split()
        turns = [(prepared.matricula("plan", PROFILE), processes.run(bare)) for _ in range(rounds)]
        _expect_empty_plans(prepared, rounds + 1)
    plan, least = (median(used.wall for used in column) for column in zip(*turns, strict=True))
    memory = max(used.memory for used, _ in turns) / 2**30
    least_memory = max(used.memory for _, used in turns) / 2**30
    told = f"{int(joined):,} enrolments joined, {int(rows):,} ledger rows, medians of {rounds}"
    return [
        Figure(
            "plan with nothing changed / bare script",
            plan / least,
            MOST_TIMES_BARE,
            "×",
            f"{plan:.2f} s / {least:.2f} s; {told}",
        ),
        Figure(
            "plan with nothing changed, peak memory",
            memory,
            MOST_MEMORY_GIB,
            "GiB",
            f"the bare script: {least_memory:.2f} GiB",
        ),
    ]


def _database(folder: str) -> str:
    return str(Path(folder, "moodle.db"))


def _imported(times: str) -> list[str]:
    """Those of our libraries that an import log (`python -X importtime`) names."""
    names = {line.rpartition("|")[2].strip() for line in times.splitlines() if line.startswith("import time:")}
    return [library for library in LIBRARIES if library in names]


def _expect_empty_plans(prepared: Prepared, number: int) -> None:
    with closing(sqlite3.connect(prepared.database)) as connection:
        (plans,) = connection.execute("select count(*) from plan").fetchone()
        (changes,) = connection.execute("select count(*) from change").fetchone()
    if (plans, changes) != (number, 0):
        raise RuntimeError(f"{number} empty plans were expected; there are {plans} with {changes} changes")
