"""Who holds a lock, and whether that process still lives."""

import os
import platform
import sys
import time
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_PID_SPACE: Final = Path("/proc/self/ns/pid")


@dataclass(frozen=True, slots=True)
class Process:
    """A process as other processes can recognise it.

    Args:
        host: the machine's name, for people.
        space: where its pid means something: this boot of this machine, and on Linux this container.
        pid: its number there.
    """

    host: str
    space: str
    pid: int


def this_process() -> Process:
    """The process that asks."""
    return Process(platform.node() or "unknown", _space(), os.getpid())


def is_gone(process: Process) -> bool:
    """Whether a process has surely ended; False also where that cannot be known from here.

    Two machines or containers may carry the same name and use the same pids, so the name alone proves nothing.
    """
    if process.space != _space() or sys.platform == "win32":
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(process.pid)


def uptime() -> float:
    """Seconds that this machine has been running, which no setting of its clock moves."""
    return time.monotonic()


def shares_uptime(process: Process) -> bool:
    """Whether a process runs on this machine since it was last started, so that its `uptime` is ours."""
    return process.space.split(" ")[0] == _space().split(" ")[0]


@cache
def _space() -> str:
    try:
        return f"{_BOOT.read_text('ascii').strip()} {_PID_SPACE.readlink()}"
    except OSError:
        return f"{platform.node()} {uuid.getnode()}"


def _is_zombie(pid: int) -> bool:
    # A killed process whose parent has not looked yet still has its pid.
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return False
    return fields.rpartition(")")[2].split()[:1] == ["Z"]
