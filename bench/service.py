"""Runs of many profiles by several workers: how the time falls with their number."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bench import processes, site
from bench.figures import Figure
from bench.prepared import TOKEN_VARIABLE, Size
from matricula.hub import Home
from matricula.hub.home import DATABASE_VARIABLE
from matricula.service import Service

SIZE = Size(people=60, classes=8, enrolments=400)
PROFILES = 500
SERVER_VARIABLES = ("MATRICULA_BENCH_POSTGRES", "MATRICULA_TEST_POSTGRES")
WORKERS = (1, 2, 4)
JOBS = 4
MILLISECONDS = 100
_WARMING = 20
"""So many runs are done first and not counted: files come into the system's cache."""
MOST_OF_ONE = {2: 0.9, 4: 0.9}


def measure(size: Size, rounds: int) -> list[Figure]:
    """Have a run of each profile done by one, two and four workers.

    Args:
        size: of each school.
        rounds: how many profiles.

    Raises:
        RuntimeError: no PostgreSQL is named, or a run was not one with nothing changed.
    """
    with TemporaryDirectory(prefix="matricula-bench-") as folder, _state():
        with site.running(str(Path(folder, "site.db"))) as first:
            _prepare(folder, first.url, 0, size, first.token)
        with _sites(folder, rounds) as sites:
            _prepare(folder, sites.url, rounds, size, sites.token)
            os.environ[TOKEN_VARIABLE] = sites.token
            with Home(Path(folder, "home")) as home:
                _timed(home, min(rounds, _WARMING), 2)
                took = {number: _timed(home, rounds, number) for number in WORKERS}
    told = ", ".join(f"{number}: {seconds:.1f} s ({rounds / seconds:.1f} a second)" for number, seconds in took.items())
    detail = f"{rounds} runs with nothing changed, {JOBS} at a time in each worker; {told}"
    return [
        Figure(f"{number} workers / 1 worker", took[number] / took[1], bound, "×", detail)
        for number, bound in MOST_OF_ONE.items()
    ]


def _timed(home: Home, profiles: int, workers: int) -> float:
    """Seconds from when the runs are asked for until the last of them has ended."""
    service = Service(home)
    try:
        with _workers(home, workers):
            began = time.perf_counter()
            asked = [service.jobs.ask("run", profile=f"s{each}", by="bench").id for each in range(profiles)]
            while service.jobs.all(states=("waiting", "working"), limit=1):
                time.sleep(0.1)
            took = time.perf_counter() - began
        jobs = service.jobs.all(kinds=("run",), limit=profiles)
        wrong = [job for job in jobs if job.id not in asked or job.result.get("changes") != 0]
        if wrong:
            raise RuntimeError(f"{len(wrong)} runs were not with nothing changed; the first: {wrong[0]}")
        return took
    finally:
        service.stop()


@contextmanager
def _workers(home: Home, number: int) -> Iterator[None]:
    command = [sys.executable, "-m", "matricula", "worker", "--jobs", str(JOBS), "--home", str(home.folder)]
    started = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(number)]
    try:
        while len(home.store.workers.all()) < number:
            time.sleep(0.05)
        yield
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait()


@contextmanager
def _sites(folder: str, number: int) -> Iterator[site.Site]:
    command = [sys.executable, "-m", "bench.serve_many", folder, str(number), str(MILLISECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the sandboxes have no output")
            yield site.Site(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()


@contextmanager
def _state() -> Iterator[None]:
    """A schema of PostgreSQL for this measurement alone."""
    server = next((os.environ[name] for name in SERVER_VARIABLES if os.environ.get(name)), None)
    if server is None:
        raise RuntimeError(f"name a PostgreSQL in {SERVER_VARIABLES[0]}, as postgresql://USER:PASSWORD@HOST:PORT/NAME")
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"))
    name = f"bench{uuid.uuid4().hex}"
    with engine.begin() as connection:
        connection.execute(text(f"create schema {name}"))
    address = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    os.environ[DATABASE_VARIABLE] = address.render_as_string(hide_password=False)
    try:
        yield
    finally:
        del os.environ[DATABASE_VARIABLE]
        with engine.begin() as connection:
            connection.execute(text(f"drop schema {name} cascade"))
        engine.dispose()


def _prepare(folder: str, url: str, number: int, size: Size, token: str) -> None:
    numbers = (str(number), str(size.people), str(size.classes), str(size.enrolments))
    processes.run(["-m", "bench.prepare_many", folder, url, *numbers], {TOKEN_VARIABLE: token})
