"""Runs and verifications as jobs within the process of a service, as they are done every night.

python -m bench.in_service HOME PROFILE
"""

import json
import sys
import time
from pathlib import Path
from queue import SimpleQueue
from statistics import median

from matricula.hub import Home
from matricula.service import Service
from matricula.store import Job

ROUNDS = 3


def main(folder: str, profile: str) -> None:
    """Do each often enough, and print the median of its seconds from being asked for to being done."""
    with Home(Path(folder)) as home:
        service = Service(home)
        ended: SimpleQueue[Job] = SimpleQueue()
        service.jobs.on_end(ended.put)
        service.start(threads=1)
        try:
            _done(service, ended, "run", profile)  # the first job of a process opens connections and imports
            took = {
                kind: median(_done(service, ended, kind, profile) for _ in range(ROUNDS)) for kind in ("run", "verify")
            }
        finally:
            service.stop()
    print(json.dumps(took))


def _done(service: Service, ended: SimpleQueue[Job], kind: str, profile: str) -> float:
    began = time.perf_counter()
    service.jobs.ask(kind, profile=profile, by="bench")
    job = ended.get()
    took = time.perf_counter() - began
    if job.state != "done" or job.result.get("changes") or job.result.get("differences"):
        raise RuntimeError(f"the {kind} was not one with nothing changed: {job}")
    return took


if __name__ == "__main__":
    main(*sys.argv[1:])
