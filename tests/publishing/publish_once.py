"""Applies a stored publication in a process of its own: `publish_once.py HOME PLAN [cut]`.

It says `go` when it begins to write; with `cut` it ends as by a power cut when the tables are written.
"""

import os
import sys
from pathlib import Path

from matricula.hub import Home, Hub
from matricula.publishing import Tables

if __name__ == "__main__":
    wrote = Tables.write

    def write(*arguments: object) -> None:
        sys.stdout.write("go\n")
        sys.stdout.flush()
        wrote(*arguments)  # type: ignore[arg-type]
        if sys.argv[3:] == ["cut"]:
            os._exit(9)

    Tables.write = write  # type: ignore[method-assign,assignment]
    with Home(Path(sys.argv[1])) as home:
        Hub(home).apply(int(sys.argv[2]))
