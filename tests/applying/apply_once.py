"""Applies a plan in a process of its own, to be killed: `apply_once.py HOME PLAN`."""

import sys
from pathlib import Path

from matricula.hub import Home, Hub

with Home(Path(sys.argv[1])) as home:
    applied = Hub(home).apply(int(sys.argv[2]))
    sys.exit(4 if applied.left else 0)
