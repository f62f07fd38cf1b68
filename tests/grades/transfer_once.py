"""Applies a transfer in a process of its own that dies at a moment: `transfer_once.py HOME PLAN MOMENT`.

Moments are counted: before and after each call of the sink, and before each answer is noted.
"""

import os
import sys
from pathlib import Path

from matricula.hub import Home, Hub
from matricula.sinks.sql import SqlSink
from matricula.store import Journal

left = int(sys.argv[3])


def may_die() -> None:
    """Die when the moment has come."""
    global left
    left -= 1
    if left == 0:
        os._exit(9)


def around(whole, name, *, after):
    """The method, with moments of death around it."""
    plain = getattr(whole, name)

    def method(*arguments, **named):
        may_die()
        result = plain(*arguments, **named)
        if after:
            may_die()
        return result

    setattr(whole, name, method)


around(SqlSink, "write", after=True)
around(Journal, "answered", after=False)
around(Journal, "record", after=True)
with Home(Path(sys.argv[1])) as home:
    Hub(home).apply(int(sys.argv[2]))
