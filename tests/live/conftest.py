"""The trials on a real Moodle share the corridor of the tests on the sandbox."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))

from block_reader import PATIENCE, Reader, block_is_there, cfg
from console_process import CHROMIUM
from corridor import Corridor
from playwright.sync_api import sync_playwright
from real_site import TOKEN, URL, clean_up


@pytest.fixture
def mark() -> str:
    """What names of a trial begin with, so that no other trial has them."""
    return f"m{int(time.time() * 1000) % 10**10}"


@pytest.fixture
def corridor(tmp_path: Path) -> Iterator[Corridor]:
    """A home beside the real site, which afterwards is as it was."""
    with Corridor.open(tmp_path, URL, TOKEN) as corridor:
        try:
            yield corridor
        finally:
            clean_up(corridor)


@pytest.fixture
def browser():
    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def at(browser):
    """Opens a browser of its own for somebody."""

    def opened(name, password, *, scripts=False):
        context = browser.new_context(viewport={"width": 1300, "height": 900}, java_script_enabled=scripts)
        context.set_default_timeout(PATIENCE)
        reader = Reader(context.new_page())
        reader.sign_in(name, password)
        return reader

    return opened


@pytest.fixture
def plugin():
    """Sets the plugin up; afterwards nothing is set."""
    if not block_is_there():
        pytest.skip("the site has no block")

    def set_up(**settings):
        for name, value in settings.items():
            cfg(name, value)

    yield set_up
    set_up(address="", sitekey="", secret="")
