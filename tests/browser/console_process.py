"""The console as a process, and a person at it: clicks, reads, keeps screenshots, and has axe look at each page."""

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

from matricula.hub import Home
from matricula.sandbox.school import School
from matricula.service.accounts import AccountDesk
from matricula.store.accounts import Granted

CHROMIUM = os.environ.get("MATRICULA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = Path(os.environ.get("MATRICULA_SCREENSHOTS", Path(__file__).parents[2] / "screenshots"))
PASSWORD = "a sentence to remember"
SERIOUS = ("serious", "critical")
PATIENCE = 60_000


class Console:
    """A running `matricula serve`.

    Args:
        process: the process.
        address: where it listens.
        code: the start code; empty where there is an account already.
    """

    def __init__(self, process, address, code):
        self.process = process
        self.address = address
        self.code = code

    @classmethod
    @contextmanager
    def started(cls, home, port=0, environment=None):
        process = subprocess.Popen(
            [sys.executable, "-m", "matricula", "--home", str(home), "serve", "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"COLUMNS": "200"} | (environment or {}),
        )
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
        try:
            yield cls(process, *_listening(lines))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _listening(lines):
    said = ""
    while True:
        said += lines.get(timeout=60)
        found = re.search(r"(http://[\w.:]+)(?:/start\?code=(\S+))?\s", said)
        if found:
            return found.group(1), found.group(2) or ""


class Person:
    """Somebody at a browser.

    Args:
        page: the page of the browser.
        console: the console.
        name: what screenshots are called.

    Attributes:
        complaints: errors of the page and of its security policy.
    """

    def __init__(self, page, console, name):
        self.page = page
        self.console = console
        self.name = name
        self.pictures = 0
        self.complaints = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @classmethod
    @contextmanager
    def at(cls, chromium, console, name, width=1200, height=800, scheme="light", **more):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, base_url=console.address, **more
        )
        context.set_default_timeout(PATIENCE)
        try:
            yield cls(context.new_page(), console, name)
        finally:
            context.close()

    def make_the_owner(self, name="olga"):
        self.page.goto(f"/start?code={self.console.code}")
        for label, value in (
            ("Your name", "Olga Owner"),
            ("User name", name),
            ("Password", PASSWORD),
            ("Password once more", PASSWORD),
        ):
            self.page.get_by_label(label, exact=True).fill(value)
        self.page.get_by_role("button", name="Make the account").click()
        self.page.get_by_text("Welcome, Olga Owner").wait_for()

    def sign_in(self, name="olga"):
        self.page.goto("/sign-in")
        self.page.get_by_label("User name", exact=True).fill(name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def look(self, what=""):
        """Keep a picture of the whole page, and have axe look at it; returns what is seriously wrong with it."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.pictures += 1
        self.page.screenshot(path=SCREENSHOTS / f"{self.name}-{self.pictures:02}-{what or 'page'}.png", full_page=True)
        found = Axe().run(self.page).response["violations"]
        serious = [each for each in found if each["impact"] in SERIOUS]
        told = [f"{each['id']}: {node['html'][:200]}" for each in serious for node in each["nodes"][:3]]
        assert told == [], "\n".join([self.page.url, *told])
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} pixels wider than the screen"

    def words(self):
        return " ".join(self.page.locator("main").inner_text().split())


DOCUMENTS = """\
kind: site
name: moodle
url: {url}
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


def prepare(place, site, students=60):
    """A home with a site, a source, a profile and an owner `olga`; returns it and the school."""
    school = School.generate(seed=5, students=students, staff=8, classes=10)
    school.write(place / "csv")
    with Home.make(place / "home") as home:
        home.load(DOCUMENTS.format(url=site.url, folder=place / "csv"), "test", place)
        home.keep_token("moodle", site.tokens["admin"])
        AccountDesk(home).add("olga", "Olga Owner", "", PASSWORD, [Granted("owner", "*")])
    return place / "home", school
