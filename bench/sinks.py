"""Sinks: what it costs that results are judged and written whole, beside the library's own bare write of them."""

import json
import tempfile
from statistics import median

from bench import processes
from bench.figures import Figure
from bench.prepared import Size

SIZE = Size(people=30_000, classes=300, enrolments=1_000_000)
"""`enrolments` are the results: so many rows are written."""
MOST_TIMES_BARE = 3.0


def measure(size: Size, rounds: int) -> list[Figure]:
    """Let the sink and a bare write of the same results take turns.

    Args:
        size: of the gradebooks: students, classes, and results of all.
        rounds: how often each is run and counted.
    """
    numbers = (str(size.people), str(size.classes), str(size.enrolments), str(rounds))
    with tempfile.TemporaryDirectory() as folder:
        turns = json.loads(processes.run(["-m", "bench.sinks_turns", folder, *numbers]).output)
    sink, bare = median(turns["sink"]), median(turns["bare"])
    detail = f"{sink:.2f} s / {bare:.2f} s; {turns['rows']:,} results, medians of {rounds}"
    return [Figure("results to OneRoster CSV / bare", sink / bare, MOST_TIMES_BARE, "×", detail)]
