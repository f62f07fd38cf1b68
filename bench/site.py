"""An empty sandbox in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen


@dataclass(frozen=True)
class Site:
    """A sandbox that answers.

    Args:
        url: its address.
        token: of its administrator.
    """

    url: str
    token: str

    def wait_before_each_call(self, milliseconds: int) -> None:
        """Make every call from now on take this much longer."""
        body = json.dumps({"latency_ms": milliseconds}).encode()
        with urlopen(Request(f"{self.url}/sandbox/faults", data=body, method="POST")):
            pass

    def calls(self) -> dict[str, int]:
        """How often each function was called."""
        with urlopen(f"{self.url}/sandbox/requests") as answer:
            counted: dict[str, Any] = json.load(answer)
        return dict(counted["calls"])


@contextmanager
def running(database: str = ":memory:") -> Iterator[Site]:
    """Run an empty sandbox for the length of a `with` block.

    Args:
        database: the file it keeps what it holds in; by default it keeps it in memory.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "bench.serve", database], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the sandbox has no output")
            yield Site(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()
