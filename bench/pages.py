"""Pages: how much memory reading a service takes beside the table that it gives."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import processes
from bench.figures import Figure
from bench.prepared import Size

SIZE = Size(people=200_000, classes=1, enrolments=1)
PART = 4
MOST_BYTES = 3.0
_MEBIBYTE = 1024 * 1024


def measure(size: Size, rounds: int) -> list[Figure]:
    """Read a service with all people and one with a part of them, each in a process of its own.

    What grows with the pages must be the table alone: were answers kept, they would take ten times its size.

    Args:
        size: of the school; only its people count.
        rounds: how often each is read; the largest memory counts.
    """
    (few_memory, few_table), (all_memory, all_table) = (_read(size.people // part, rounds) for part in (PART, 1))
    grown, table = all_memory - few_memory, all_table - few_table
    detail = (
        f"{grown / _MEBIBYTE:.0f} MiB more memory for {table / _MEBIBYTE:.0f} MiB more table; "
        f"{all_memory / _MEBIBYTE:.0f} MiB for {size.people:,} users, {few_memory / _MEBIBYTE:.0f} MiB for a quarter"
    )
    return [Figure("memory of pages / their table", grown / table, MOST_BYTES, "×", detail)]


def _read(people: int, rounds: int) -> tuple[int, int]:
    """The largest memory of a reading and the size of its table, in bytes."""
    with _serving(people) as address:
        found = [processes.run(["-m", "bench.paged_reading", address]) for _ in range(rounds)]
    return max(used.memory for used in found), int(found[0].output)


@contextmanager
def _serving(people: int) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.paged_service", str(people)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the service has no output")
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
