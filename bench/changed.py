"""Plan and apply with one row in a hundred changed: whether time grows with the school, and what memory it takes."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench import processes, site
from bench.figures import Figure
from bench.prepared import PROFILE, Size, prepare

SIZE = Size(people=200_000, classes=10_000, enrolments=1_000_000)
MOST_MEMORY_GIB = 2.0
MOST_TIMES_LINEAR = 1.25
PARTS = (0.1, 0.3, 1.0)
"""Sizes that are measured, as shares of the largest."""


def measure(size: Size, rounds: int) -> list[Figure]:
    """Plan and apply schools of three sizes.

    Args:
        size: of the largest.
        rounds: not used; each is measured once, since each takes minutes.

    Raises:
        RuntimeError: something else than the changed rows was planned, or some were not written.
    """
    del rounds
    turns = [_turn(_part(size, share)) for share in PARTS]
    (small, _), (middle, _), (large, applied) = turns
    low, high = PARTS[1] - PARTS[0], PARTS[2] - PARTS[1]
    growth = ((large.wall - middle.wall) / high) / ((middle.wall - small.wall) / low)
    told = ", ".join(
        f"{_part(size, share).enrolments:,}: {plan.wall:.1f} s" for share, (plan, _) in zip(PARTS, turns, strict=True)
    )
    return [
        Figure("1 % changed, growth of the plan's time", growth, MOST_TIMES_LINEAR, "×", f"enrolments {told}"),
        Figure("1 % changed, plan, peak memory", large.memory / 2**30, MOST_MEMORY_GIB, "GiB", f"{size}"),
        Figure(
            "1 % changed, apply, peak memory",
            applied.memory / 2**30,
            MOST_MEMORY_GIB,
            "GiB",
            f"{applied.wall:.1f} s, processor {applied.processor:.1f} s",
        ),
    ]


def _part(size: Size, share: float) -> Size:
    return Size(round(size.people * share), round(size.classes * share), round(size.enrolments * share))


def _turn(size: Size) -> tuple[processes.Used, processes.Used]:
    """Plan and apply one school."""
    with TemporaryDirectory(prefix="matricula-bench-") as folder:
        database = str(Path(folder, "moodle.db"))
        with site.running(database) as sandbox:
            prepared = prepare(Path(folder), sandbox, size, "applied")
            processes.run(["-m", "bench.fill", str(prepared.folder / "home"), database])
            changed = int(processes.run(["-m", "bench.change", str(prepared.roster)]).output)
            plan = prepared.matricula("plan", PROFILE)
            _expect(plan, changed)
            return plan, prepared.matricula("apply", "1")


def _expect(plan: processes.Used, changed: int) -> None:
    title = plan.output.splitlines()[0]
    if f"{changed:,} changes" not in title or "ready" not in title:
        raise RuntimeError(f"{changed:,} changes were expected: {title}")
