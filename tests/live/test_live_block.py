"""The block inside a real Moodle, as a teacher uses it: with a browser, and a Matricula that is really served.

The Moodle must have the plugins local_matricula and block_matricula, and its folder must be on this machine: address,
site and secret are set with its own `admin/cli/cfg.php`, and emptied at the end.
"""

import json
import secrets
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from corridor import Corridor
from real_site import FOLDER, IN_ITS_FOLDER, ON_A_REAL_SITE, URL
from small_school import SmallSchool

from matricula.hub.blocks import make_block_secret
from matricula.service.block_signing import NONCE, SIGNATURE, TIME, signature

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from console_process import CHROMIUM, SCREENSHOTS, Console
from playwright.sync_api import sync_playwright

PASSWORD = "Teacher-123"
PATIENCE = 120_000

pytestmark = [
    *ON_A_REAL_SITE,
    IN_ITS_FOLDER,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
]


#: So that the block is in the picture; a script of Moodle's opens the drawer that it stands in.
_DRAWER_OPEN = "() => document.querySelector('#theme_boost-drawers-blocks')?.classList.add('show')"


class Reader:
    """Somebody at a browser in Moodle."""

    def __init__(self, page):
        self.page = page

    def go(self, path):
        self.page.goto(f"{URL}{path}", wait_until="domcontentloaded")

    def sign_in(self, name, password):
        self.go("/login/index.php")
        self.page.locator("#username").fill(name)
        self.page.locator("#password").fill(password)
        self.page.locator("#loginbtn").click(no_wait_after=True)
        self.page.wait_for_url(lambda url: "/login/" not in url, wait_until="commit")

    def course(self, number):
        self.go(f"/course/view.php?id={number}")

    def add_block(self, number):
        """As somebody without scripts does: where there are some, a window opens instead of this page."""
        self.course(number)
        switch = self.page.locator("form.editmode-switch-form")
        switch.evaluate("(form) => { form.querySelector('[name=setmode]').checked = true; form.submit() }")
        self.page.locator("body.editing").wait_for()
        self.go("/course/view.php?" + self._link("bui_addblock").partition("?")[2])
        self.go("/course/view.php?" + self._link("bui_addblock=matricula").partition("?")[2])
        self.block.wait_for(state="attached")

    def _link(self, part):
        return self.page.locator(f'a[href*="{part}"]').first.get_attribute("href")

    @property
    def block(self):
        return self.page.locator(".block_matricula-course")

    def words(self):
        return " ".join(self.page.locator("#region-main").inner_text().split())

    def block_words(self):
        return " ".join(self.block.text_content().split())

    def press(self, words):
        # The drawer that it stands in may be closed.
        self.block.locator("button", has_text=words).dispatch_event("click")

    def ended(self, what):
        """Wait until the page, which looks again by itself, has come to the end of a job."""
        self.page.locator(what).wait_for(timeout=PATIENCE)

    def look(self, what):
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.locator("body").evaluate(_DRAWER_OPEN)
        self.page.screenshot(path=SCREENSHOTS / f"live-block-{what}.png", full_page=True)


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


def cfg(name, value=None):
    """Read or set a setting of the plugin."""
    line = ["php", "-d", "max_input_vars=5000", f"{FOLDER}/admin/cli/cfg.php", "--component=local_matricula"]
    line += [f"--name={name}"] + ([] if value is None else [f"--set={value}"])
    return subprocess.run(line, check=value is not None, capture_output=True, text=True, timeout=120).stdout.strip()


def block_is_there():
    line = ["php", "-d", "max_input_vars=5000", f"{FOLDER}/admin/cli/cfg.php", "--component=block_matricula"]
    told = subprocess.run([*line, "--name=version"], check=False, capture_output=True, text=True, timeout=120)
    return told.stdout.strip().isdigit()


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


def enrolled(corridor: Corridor, course: int) -> dict[str, bool]:
    with corridor.moodle() as moodle:
        names = {user.id: user.username for user in moodle.users.all()}
        return {names[each.user_id]: each.suspended for each in moodle.enrolments.of_courses([course])}


@pytest.mark.timeout(1200)
def test_a_teacher_brings_a_course_in_step_from_inside_moodle(corridor, mark, plugin, at):
    school = SmallSchool(mark)
    school.write(corridor.folder)
    teacher = {"username": f"{mark}.teacher0", "firstname": "Teacher0", "lastname": "Łuk", "password": PASSWORD}
    with corridor.moodle() as moodle:
        (made,) = moodle.users.create([teacher | {"email": f"{mark}.teacher0@school.example", "auth": "manual"}])
    try:
        corridor.hub.apply(corridor.plan().number)
        ids = dict(corridor.hub.store.ledger.frame("default", "course").select("key", "moodle_id").iter_rows())
        first, fourth = ids[f"{mark}-cl0"], ids[f"{mark}-cl3"]
        # Pupil 3 leaves the fourth class for the first, and the roster is read, but nothing is written.
        replace(school, moved=frozenset({3})).write(corridor.folder)
        corridor.plan()
        secret = make_block_secret(corridor.home, "moodle")
        with Console.started(corridor.home.folder) as console:
            plugin(address=console.address, sitekey="moodle", secret=secret)
            _awake(console.address, secret, first, fourth)
            reader = at(teacher["username"], PASSWORD)
            _joins(reader, corridor, school, first)
            _leaves(reader, corridor, school, fourth)
            _with_scripts(at, teacher["username"], first)
            _refused(plugin, reader, first)
            plugin(secret=secret)
        reader.course(first)
        reader.press("Synchronise enrolments")
        assert "Matricula cannot be reached just now. Nothing in the course has changed" in reader.words()
        reader.look("7-out-of-reach")
    finally:
        with corridor.moodle() as moodle:
            moodle.users.delete([made.id])


def _awake(address, secret, *courses):
    """The block waits four seconds at most: a Matricula that has just been started may need longer for the first."""
    for course in courses:
        body, path = json.dumps({"courseid": course}).encode(), "/hooks/moodle/moodle/course"
        moment, nonce = str(int(time.time())), secrets.token_hex(16)
        signed = {TIME: moment, NONCE: nonce, SIGNATURE: signature(secret.encode(), moment, nonce, path, body)}
        assert httpx2.post(f"{address}{path}", content=body, headers=signed, timeout=120).status_code == 200


def _joins(reader, corridor, school, course):
    reader.add_block(course)
    told = reader.block_words()
    assert "In step with the school's roster" in told
    assert "From school, by the rules of default" in told
    assert "Missing: 1" in told
    assert f"{' '.join(school.students[3])} (student)" in told
    reader.look("1-missing")
    reader.press("Synchronise enrolments")
    reader.ended(".block_matricula-preview")
    told = reader.words()
    assert "Will be enrolled (1)" in told
    assert f"{' '.join(school.students[3])} as student" in told
    assert enrolled(corridor, course).get(school.username(3)) is None, "nothing is written yet"
    reader.look("2-preview")
    reader.page.get_by_role("button", name="Continue").click()
    reader.ended(".block_matricula-job .alert-success")
    assert "1 done." in reader.words()
    reader.look("3-done")
    assert enrolled(corridor, course)[school.username(3)] is False
    reader.page.get_by_role("link", name="Back to the course").click()
    reader.block.wait_for(state="attached")
    assert "Nobody is missing." in reader.block_words()


def _leaves(reader, corridor, school, course):
    reader.add_block(course)
    reader.press("Synchronise enrolments")
    reader.ended(".block_matricula-preview")
    assert "Will be suspended (1)" in reader.words()
    reader.look("4-suspended")
    reader.page.get_by_role("button", name="Continue").click()
    assert reader.page.locator(".block_matricula-preview").count(), "it has to be agreed to first"
    reader.page.get_by_label("I have looked at who loses access: suspend 1 enrolment").check()
    reader.page.get_by_role("button", name="Continue").click()
    reader.ended(".block_matricula-job .alert-success")
    assert enrolled(corridor, course)[school.username(3)] is True


def _with_scripts(at, name, course):
    """All else is done without any script; with them it is the same."""
    reader = at(name, PASSWORD, scripts=True)
    reader.course(course)
    reader.press("Synchronise enrolments")
    reader.ended(".block_matricula-preview")
    assert "Everything is in step; there is nothing to do." in reader.words()
    reader.look("5-with-scripts")


def _refused(plugin, reader, course):
    plugin(secret="another secret than the one that Matricula knows")
    reader.course(course)
    reader.press("Synchronise enrolments")
    assert "site or secret are not those that it knows" in reader.words()
    reader.look("6-refused")
