"""`matricula worker`: a process that works on jobs, beside others on this machine or elsewhere."""

import signal
import threading
from typing import Annotated

import typer

from matricula import logs
from matricula.cli.desk import HomeDir, open_hub
from matricula.cli.screen import Screen, counted
from matricula.logs import servers


def worker(
    *,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", help="How many jobs it works on at a time, each at another site.")
    ] = 2,
    home: HomeDir = None,
) -> None:
    """Work on jobs and schedules until it is stopped.

    With the state on PostgreSQL there may be any number of these, on any
    number of machines; where one ends without a word, another goes on with
    its jobs. `matricula serve` does the same beside serving the console, so
    that with the state in a file none is needed; one more does no harm.

    Ctrl-C or SIGTERM stops cleanly: calls to Moodle that are under way are
    finished, and what was not done waits for the next worker.

    Examples:
      matricula worker
      matricula worker --jobs 8
    """
    from matricula.service import Service  # it takes longer to load than most commands

    logs.serve_by_default()
    servers.listen()
    screen = Screen()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with open_hub(home) as hub:
        service = Service(hub.home)
        if not hub.store.queue_tables.possible:
            screen.note("The state is in a file: `matricula serve` works on jobs by itself, and so does this now.")
        service.start(threads=jobs)
        screen.status(f"working on {counted(jobs, 'job')} at a time; Ctrl-C or SIGTERM ends it")
        stop.wait()
        screen.status("stopping once the calls under way are answered")
        service.stop()
