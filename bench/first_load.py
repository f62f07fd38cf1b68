"""First load: how many calls it takes, and how little the client itself has to do."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import site
from bench.figures import Figure
from bench.prepared import PROFILE, Prepared, Size, prepare

SIZE = Size(people=5_000, classes=300, enrolments=30_000)
MOST_CALLS = 200
MOST_PROCESSOR_PERCENT = 15.0
LATENCY_MS = 300


def measure(size: Size, rounds: int) -> list[Figure]:
    """Load a school into an empty site.

    Args:
        size: of the school.
        rounds: how often; each time into a fresh sandbox. The worst figures count.

    Raises:
        RuntimeError: not everything was loaded.
    """
    loads = [_load(size) for _ in range(rounds)]
    return [max((load[i] for load in loads), key=lambda figure: figure.value) for i in range(2)]


def _load(size: Size) -> tuple[Figure, Figure]:
    with TemporaryDirectory(prefix="matricula-bench-") as folder, site.running() as sandbox:
        prepared = prepare(Path(folder), sandbox, size, "fresh")
        sandbox.wait_before_each_call(LATENCY_MS)
        used = prepared.matricula("run", PROFILE, "--yes")
        calls = sandbox.calls()
        loaded = _loaded(prepared)
    most_called = ", ".join(f"{number} {name}" for name, number in sorted(calls.items(), key=lambda call: -call[1]))
    return (
        Figure("first load, calls to the site", sum(calls.values()), MOST_CALLS, "", most_called),
        Figure(
            "first load, client's processor time",
            100 * used.processor / used.wall,
            MOST_PROCESSOR_PERCENT,
            "%",
            f"{used.processor:.2f} s of {used.wall:.2f} s at {LATENCY_MS} ms a call; {loaded}",
        ),
    )


def _loaded(prepared: Prepared) -> str:
    with closing(sqlite3.connect(prepared.database)) as connection:
        kinds = dict(connection.execute("select kind, count(*) from ledger group by kind").fetchall())
        (refused,) = connection.execute("select count(*) from problem").fetchone()
    if refused or not kinds.get("enrolment"):
        raise RuntimeError(f"the load is not complete: {kinds}, {refused} refused")
    return ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())
