"""`python -m bench [NAME ...]`: measure, and print figures, bounds and machine."""

import argparse
import sys

from bench import (
    changed,
    console,
    external,
    first_load,
    learning,
    machine,
    mapping,
    pages,
    service,
    sinks,
    sources,
    unchanged,
)
from bench.figures import Figure, table
from bench.prepared import Size

MEASUREMENTS = {
    "unchanged": (unchanged.measure, unchanged.SIZE, 5),
    "changed": (changed.measure, changed.SIZE, 1),
    "first-load": (first_load.measure, first_load.SIZE, 1),
    "mapping": (mapping.measure, mapping.SIZE, 5),
    "sources": (sources.measure, sources.SIZE, 5),
    "sinks": (sinks.measure, sinks.SIZE, 5),
    "pages": (pages.measure, pages.SIZE, 1),
    "console": (console.measure, console.SIZE, 1),
    "external": (external.measure, external.SIZE, 1),
    "learning": (learning.measure, learning.SIZE, 1),
    "service": (service.measure, service.SIZE, service.PROFILES),
}


def main() -> int:
    """Measure what the command line names; 1 when a bound is missed."""
    parser = _parser()
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASUREMENTS):
        parser.error(f"there is no measurement {', '.join(unknown)}")
    figures: list[Figure] = []
    for name in arguments.names or [name for name in MEASUREMENTS if name != "external" or external.possible()]:
        measure, usual, rounds = MEASUREMENTS[name]
        size = Size(
            arguments.people or usual.people,
            arguments.classes or usual.classes,
            arguments.enrolments or usual.enrolments,
        )
        print(f"Measuring {name}: {size} …", file=sys.stderr)
        figures += measure(size, arguments.rounds or rounds)
    print(machine.describe(), table(figures), sep="\n\n")
    return 0 if all(figure.holds for figure in figures) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; all if left out")
    parser.add_argument("--people", type=int, help="students and staff")
    parser.add_argument("--classes", type=int, help="classes, which become courses")
    parser.add_argument("--enrolments", type=int, help="students' and teachers' enrolments, about")
    parser.add_argument("--rounds", type=int, help="how often to measure; for service, how many profiles")
    return parser


if __name__ == "__main__":
    sys.exit(main())
