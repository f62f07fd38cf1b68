"""A real Chromium at a real `matricula serve`, with a sandbox for a Moodle. Skips where there is no Chromium."""

import re

import pytest
from console_process import CHROMIUM, Console, Person
from playwright.sync_api import sync_playwright

from matricula.sandbox import running


@pytest.fixture
def chromium():
    # Not for the session: Playwright keeps an event loop in its thread, and others' tests could start none.
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: install the distribution's, or name one in MATRICULA_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture
def site():
    """An empty Moodle look-alike."""
    with running("empty") as site:
        yield site


@pytest.fixture
def console(tmp_path):
    """`matricula serve` on a new home, as a process of its own."""
    with Console.started(tmp_path / "home") as console:
        yield console


@pytest.fixture
def person(chromium, console, request):
    """Somebody at a screen of 1200 pixels; fails at its end where the page complained of anything."""
    name = re.sub(r"\W+", "-", request.node.name)
    with Person.at(chromium, console, name) as person:
        yield person
    assert person.complaints == []


@pytest.fixture
def phone(chromium, console, request):
    """Somebody at a phone of 360 pixels, in the dark."""
    name = re.sub(r"\W+", "-", request.node.name)
    with Person.at(chromium, console, f"{name}-phone", width=360, height=740, scheme="dark") as person:
        yield person
    assert person.complaints == []
