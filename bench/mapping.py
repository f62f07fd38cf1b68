"""Mapping: what the mapping language of profiles costs beside the same fields written in Polars by hand."""

import json
from statistics import median

from bench import processes
from bench.figures import Figure
from bench.prepared import Size

SIZE = Size(people=200_000, classes=10_000, enrolments=1_000_000)
MOST_TIMES_BY_HAND = 1.5


def measure(size: Size, rounds: int) -> list[Figure]:
    """Let templates and hand-written expressions take turns on one row for each enrolment.

    Args:
        size: of the school.
        rounds: how often each is run and counted.

    Raises:
        RuntimeError: they did not give the same.
    """
    numbers = (str(size.people), str(size.classes), str(size.enrolments), str(rounds))
    turns = json.loads(processes.run(["-m", "bench.mapping_turns", *numbers]).output)
    templates, by_hand = (median(turns[side]) for side in ("templates", "by_hand"))
    return [
        Figure(
            "ten mapped fields / the same by hand",
            templates / by_hand,
            MOST_TIMES_BY_HAND,
            "×",
            f"{templates:.2f} s / {by_hand:.2f} s; {size.enrolments:,} rows, medians of {rounds}",
        )
    ]
