"""What machine the figures come from."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path


def describe() -> str:
    """Processor, cores, memory, operating system and the versions that matter, in two lines."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{_processor()}, {cores} cores, {_memory()}, {platform.system()} {platform.release()}\n"
        f"Python {platform.python_version()}, Polars {version('polars')}, SQLite {sqlite3.sqlite_version}"
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total / 2**30:.0f} GiB memory"
