"""The console on the embedded default under load: many who watch one run, and programs that ask the API meanwhile.

Three processes of their own: a sandbox, `matricula serve` on a new home, and this one, which asks.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from bench import site
from bench.figures import Figure
from bench.prepared import Size
from matricula.hub import Home
from matricula.sandbox.school import School
from matricula.service.accounts import AccountDesk
from matricula.store.accounts import Granted

SIZE = Size(people=1_500, classes=120, enrolments=9_000)
VIEWERS = 100
REQUESTS_A_SECOND = 50
SECONDS = int(os.environ.get("MATRICULA_LOAD_SECONDS", "60"))
LATENCY = 400
"""Milliseconds that each call of the site takes more, so that the run lasts longer than the load."""
IDLE_PAGES = 60
BOUND = 50
NAME, PASSWORD = "bench", "a sentence for measuring"
ASKED = ("/api/v1/me", "/api/v1/jobs?limit=20", "/api/v1/plans?limit=20", "/api/v1/standings", "/api/v1/audit?limit=20")

_DOCUMENTS = """\
kind: site
name: moodle
url: {url}
callers: 1
---
kind: source
name: school
path: {folder}
---
kind: profile
name: default
source: school
site: moodle
"""


def measure(size: Size, rounds: int) -> list[Figure]:
    """Put the console under load.

    Args:
        size: of the school whose first load is watched.
        rounds: how often; the last one counts.
    """
    figures: list[Figure] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder, site.running() as moodle:
            moodle.wait_before_each_call(LATENCY)
            with _served(_prepared(Path(folder), moodle, size)) as address:
                figures = asyncio.run(_load(address))
    return figures


def _prepared(folder: Path, moodle: site.Site, size: Size) -> Path:
    staff = max(10, size.people // 12)
    School.generate(7, size.people - staff, staff, size.classes).write(folder / "csv")
    with Home.make(folder / "home") as home:
        home.load(_DOCUMENTS.format(url=moodle.url, folder=folder / "csv"), "bench", folder)
        home.keep_token("moodle", moodle.token)
        AccountDesk(home).add(NAME, NAME, "", PASSWORD, [Granted("owner", "*")])
    return folder / "home"


@contextmanager
def _served(home: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "matricula", "--home", str(home), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}) as process:
        try:
            said = ""
            while not (found := re.search(r"(http://[\w.:]+)\s", said)):
                if process.stdout is None or not (line := process.stdout.readline()):
                    raise RuntimeError(f"matricula serve said nothing of where it listens: {said}")
                said += line
            yield found.group(1)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


async def _load(address: str) -> list[Figure]:
    limits = httpx2.Limits(max_connections=VIEWERS + REQUESTS_A_SECOND * 4, max_keepalive_connections=VIEWERS)
    async with httpx2.AsyncClient(base_url=address, timeout=60, limits=limits, follow_redirects=True) as client:
        await _sign_in(client)
        idle = [await _timed(client, "/") for _ in range(IDLE_PAGES)]
        job = await _start(client)
        stop = asyncio.Event()
        viewers = [asyncio.create_task(_watch(client, job, stop)) for _ in range(VIEWERS)]
        asked = await _ask(client, SECONDS)
        stop.set()
        seen = await asyncio.gather(*viewers)
        state = (await client.get(f"/api/v1/jobs/{job}")).json()
    took = [each for each in asked if each is not None]
    told = f"{len(asked):,} requests in {SECONDS} s, {VIEWERS} viewers, {sum(seen):,} pieces of news; the run was "
    told += f"{state['state']} at {state['done']:,} of {state['total'] or 0:,} at the end"
    slow = sorted(took)[int(len(took) * 0.95)] if took else 0.0
    return [
        Figure("overview on an idle console, median", 1000 * median(idle), BOUND, "ms", f"{len(idle)} requests"),
        Figure("requests that failed under load", len(asked) - len(took) + seen.count(0), 0, "", told),
        Figure("API under load, median", 1000 * median(took), BOUND, "ms", f"95 of 100 within {1000 * slow:.0f} ms"),
    ]


async def _sign_in(client: httpx2.AsyncClient) -> None:
    shown = (await client.get("/sign-in")).text
    form = {"csrf": _form_token(shown), "name": NAME, "password": PASSWORD}
    done = await client.post("/sign-in", data=form)
    done.raise_for_status()
    client.headers["X-CSRF-Token"] = _form_token((await client.get("/")).text)


async def _start(client: httpx2.AsyncClient) -> int:
    asked = await client.post("/api/v1/jobs", json={"kind": "run", "profile": "default"})
    asked.raise_for_status()
    job: dict[str, Any] = asked.json()
    while job["run"] is None:
        if job["state"] in ("failed", "cancelled", "done"):
            raise RuntimeError(f"the run did not begin: {job}")
        await asyncio.sleep(0.2)
        job = (await client.get(f"/api/v1/jobs/{job['id']}")).json()
    return int(job["id"])


async def _watch(client: httpx2.AsyncClient, job: int, stop: asyncio.Event) -> int:
    """Follow a job as a page does; returns how many pieces of news came, 0 where the connection failed."""
    pieces = 0
    try:
        async with client.stream("GET", f"/jobs/{job}/live") as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                pieces += line.startswith("data:")
                if stop.is_set() or line == "event: end":
                    return pieces
    except httpx2.HTTPError:
        return 0
    return pieces


async def _ask(client: httpx2.AsyncClient, seconds: int) -> list[float | None]:
    """Ask at a steady pace, whether answers come or not; returns seconds of each, None where it failed."""
    tasks, began = [], time.perf_counter()
    for number in range(seconds * REQUESTS_A_SECOND):
        await asyncio.sleep(max(0.0, began + number / REQUESTS_A_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(_tried(client, ASKED[number % len(ASKED)])))
    return list(await asyncio.gather(*tasks))


async def _tried(client: httpx2.AsyncClient, path: str) -> float | None:
    try:
        return await _timed(client, path)
    except httpx2.HTTPError:
        return None


async def _timed(client: httpx2.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await client.get(path)
    answer.raise_for_status()
    return time.perf_counter() - began


def _form_token(text: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', text)
    if found is None:
        raise RuntimeError("the page has no form")
    return found.group(1)
