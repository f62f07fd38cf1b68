"""The console without a network: a home, its service, and browsers that are signed in with a role."""

import sys
from functools import cache
from pathlib import Path

import pytest
from records_desk import two_places
from web_browser import ADDRESS, PASSWORD, Browser

from matricula.hub import Home
from matricula.sandbox import running
from matricula.service import Service
from matricula.service.passwords import Passwords
from matricula.store.accounts import Granted
from matricula.web.app import create_app

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))

from corridor import Corridor


@pytest.fixture
def service(tmp_path):
    with Home.make(tmp_path / "home") as home:
        service = Service(home)
        yield service
        service.stop()


@pytest.fixture
def app(service):
    return create_app(service)


@pytest.fixture
def browser(app):
    with Browser(app, base_url=ADDRESS, raise_server_exceptions=True) as browser:
        yield browser


@cache
def hash_of_password():
    return Passwords().hashed(PASSWORD)


@pytest.fixture
def sign_in_as(service, app):
    """A browser that is signed in with a role, for all sites or for one."""
    opened = []

    def sign_in(role, site="*"):
        name = f"{role}-{len(opened)}"
        account = service.accounts.add(name, f"The {role}", "", None, [Granted(role, site)])
        service.store.accounts.change(account.id, password=hash_of_password())
        browser = Browser(app, base_url=ADDRESS).__enter__()
        opened.append(browser)
        # The form itself is tested in test_web_start.py; hashing for each of a thousand tests takes minutes.
        cookie = service.accounts.begin_session(service.accounts.get(account.id), address="testclient", agent="")
        browser.cookies.set("matricula", cookie, domain=ADDRESS.partition("://")[2], path="/")
        return browser

    yield sign_in
    for browser in opened:
        browser.__exit__(None, None, None)


@pytest.fixture
def owner(sign_in_as):
    return sign_in_as("owner")


@pytest.fixture
def desk(service, tmp_path):
    """Two sites with a school on each; nothing is planned yet."""
    with two_places(service, tmp_path) as desk:
        yield desk


@pytest.fixture
def corridor(tmp_path):
    """A home with a source, a profile, and a sandbox for its Moodle."""
    with (
        running(fixture="empty") as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        yield corridor
