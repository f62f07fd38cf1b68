"""A provider with two sites, somebody who is signed in, and a site's server and browser that behave, or do not."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from relying_site import ADDRESS, LENA, RelyingSite, Window

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

from matricula.errors import UsageError
from matricula.hub import Home
from matricula.provider.holder import Holder
from matricula.service import Service
from matricula.web import provider
from matricula.web.app import create_app
from matricula.web.hooks import Rate

DOCUMENTS = f"""kind: service
name: service
address: {ADDRESS}
---
kind: site
name: school
url: https://moodle.example
---
kind: site
name: other
url: https://other.example/moodle/
"""


class Clock:
    """A clock that a test can turn."""

    def __init__(self):
        self.moved = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.moved

    def turn(self, **told):
        self.moved += timedelta(**told)


def holder_of(person, site, signed_in_at):
    """Lena has an account at both sites, Otto at none."""
    if person != LENA:
        raise UsageError("You have no account at this Moodle.", remedy="Ask the school.", code="sign-on-nobody")
    number = {"school": 42, "other": 43}[site]
    at = int(signed_in_at.timestamp())
    return Holder(person, number, "lena.l", "lena@school.example", "Lena", "Lind", "4711", "u-1", at)


@pytest.fixture(autouse=True)
def strangers(monkeypatch):
    """Each test is an address of its own."""
    monkeypatch.setattr(provider, "_STRANGERS", Rate(60))


@pytest.fixture
def service(tmp_path):
    with Home.make(tmp_path / "home") as home:
        home.load(DOCUMENTS, "test", tmp_path)
        service = Service(home)
        service.providing.holder_of = holder_of
        yield service
        service.stop()


@pytest.fixture
def clock(service):
    service.provider.now = clock = Clock()
    return clock


@pytest.fixture
def app(service):
    return create_app(service)


@pytest.fixture
def window(app, service):
    """A browser in which Lena is signed in."""
    with Window(app, service) as window:
        window.is_signed_in(LENA)
        yield window


@pytest.fixture
def site(service, window):
    return RelyingSite(service.provider.make_client("school", renew=False), window)


@pytest.fixture
def other(service, window):
    return RelyingSite(service.provider.make_client("other", renew=False), window)
