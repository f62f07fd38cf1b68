"""Child processes and what they used."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Used:
    """What a process used from its start to its end.

    Args:
        wall: seconds by the clock.
        processor: seconds of all cores together, user and system.
        memory: largest resident size, bytes.
        output: what it wrote to standard output.
        errors: what it wrote to standard error.
    """

    wall: float
    processor: float
    memory: int
    output: str
    errors: str


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Used:
    """Run Python with these arguments to its end.

    The kernel counts what a child inherited at its birth into its largest size, so the process that measures
    must itself stay small: whatever needs memory (making a school, filling a ledger) runs in a child, too.

    Args:
        arguments: after the interpreter's name.
        environment: added to this process's own.

    Raises:
        RuntimeError: the process did not end with status 0; what it said is in the message.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, *arguments], env={**os.environ, **(environment or {})}, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        said = []
        for stream in (output, errors):
            stream.seek(0)
            said.append(stream.read().decode())
    if child.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} ended with {child.returncode}:\n{''.join(said)}")
    return Used(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT, *said)
