"""A course that a real Moodle publishes as a tool, set up and gone on to in a real Chromium as docs/sign-on.md tells.

    MATRICULA_LIVE_URL=http://127.0.0.1:8064 MATRICULA_LIVE_TOKEN=… MATRICULA_LIVE_ADMIN=admin:… \
    ./dev live tests/live/test_live_launch.py
"""

import socket

import pytest
from moodle_at_a_screen import CHROMIUM, Administrator, window
from moodle_publishing import Publisher
from playwright.sync_api import expect, sync_playwright
from real_site import ADMIN_NAME, ADMIN_PASSWORD, BY_AN_ADMINISTRATOR, ON_A_REAL_SITE, TOKEN, URL
from served_console import served

from matricula.hub import Home
from matricula.moodle import Moodle
from matricula.service import Service
from matricula.store.accounts import Granted
from matricula.web.app import create_app

PASSWORD = "a sentence to remember"
pytestmark = [
    *ON_A_REAL_SITE,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: name one in MATRICULA_TEST_CHROMIUM"),
    BY_AN_ADMINISTRATOR,
    pytest.mark.timeout(900),
]
DOCUMENT = """kind: service
name: service
address: http://127.0.0.1:{port}
portal:
  published:
    - {{name: astronomy, title: Astronomy club, moodle: "{url}", resource: "{resource}", instructors: [{teacher}]}}
"""


@pytest.fixture
def matricula(tmp_path, mark):
    """A service with a pupil and a teacher, and a function that names the course it knows of."""
    with socket.socket() as listening, Home.make(tmp_path / "home") as home:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]

        def knows(resource):
            told = DOCUMENT.format(port=port, url=URL, resource=resource, teacher=f"{mark}anna")
            home.load(told, "test", tmp_path)

        knows("not-known-yet")
        service = Service(home)
        for name, display in ((f"{mark}lena", "Lena Lind"), (f"{mark}anna", "Anna Maria Berg")):
            service.accounts.add(name, display, "", PASSWORD, [Granted("viewer", "*")])
        with served(create_app(service), listening):
            yield service, port, knows
        service.stop()


@pytest.fixture
def course(mark):
    """A course of the Moodle; what people it made are deleted with it."""
    with Moodle(URL, TOKEN) as moodle:
        made = moodle.courses.create([{"fullname": f"Astronomy {mark}", "shortname": f"{mark}A", "categoryid": 1}])
        number = made[0].id
        try:
            yield moodle, number
        finally:
            people = [each.id for each in moodle.enrolments.of_course(number)]
            moodle.courses.delete([number])
            if people:
                moodle.users.delete(people)


@pytest.fixture
def screen():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture
def published(screen, matricula, course, mark):
    """The course, published step by step."""
    service, port, knows = matricula
    with window(screen) as page:
        admin = Administrator(page, ADMIN_NAME, ADMIN_PASSWORD)
        publisher, lists, number = Publisher(admin), admin.let_reach(port), 0
        try:
            publisher.enable()
            knows(publisher.publish(course[1]))
            (told,) = service.launches.registrations()
            number = publisher.register(f"School {mark}", told)
            yield next(iter(told.courses))
        finally:
            if number:
                publisher.take_back(number)
            admin.put_back_lists(lists)


def opened(page):
    """The course, in the window that a Moodle opens it in where it lets nobody show it in a frame."""
    page.wait_for_url(f"{URL}/enrol/lti/launch.php")
    with page.expect_popup() as popup:
        page.click('a[target="_blank"][href*="/course/view.php"], a[target="_blank"][href*="tool.php"]')
    popup.value.wait_for_url(f"{URL}/course/view.php**")
    return popup.value


def go_on(page, link, name):
    """Follow the link, and sign in."""
    page.goto(link)
    page.click('a:has-text("Sign in with an account of Matricula")')
    page.fill("#f-name", name)
    page.fill("#f-password", PASSWORD)
    page.click('main button:has-text("Sign in")')
    return opened(page)


def test_pupil_and_teacher_get_into_the_course_as_what_they_are(screen, published, matricula, course, mark):
    service, port, _ = matricula
    moodle, number = course
    with window(screen) as page:
        inside = go_on(page, published, f"{mark}lena")
        expect(inside.locator("body")).to_contain_text(f"Astronomy {mark}")
        page.goto(f"http://127.0.0.1:{port}/portal")
        page.click('a:has-text("Astronomy club")')
        opened(page)
    with window(screen) as page:
        go_on(page, published, f"{mark}anna")

    roles = {user.id: [role.shortname for role in user.roles] for user in moodle.enrolments.of_course(number)}
    there = {(each.firstname, each.lastname, *roles[each.id]) for each in moodle.users.find("id", roles)}
    assert there == {("Lena", "Lind", "student"), ("Anna Maria", "Berg", "editingteacher")}
    noted = [(each.act, each.subject) for each in service.store.audit.find() if each.act.startswith("lti.")]
    assert sorted(noted) == [("lti.launched", f"person {mark}{name}") for name in ("anna", "lena", "lena")]
