"""The block inside a real Moodle, as somebody at a browser sees it, and how it is set up there."""

import json
import secrets
import subprocess
import sys
import time
from pathlib import Path

import httpx2
from real_site import FOLDER, URL

from matricula.service.block_signing import NONCE, SIGNATURE, TIME, signature

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from console_process import SCREENSHOTS

PATIENCE = 120_000
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
        """Press a button of the block; the page that it leads to is there when this returns."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            # The drawer that it stands in may be closed.
            self.block.locator("button", has_text=words).dispatch_event("click")

    def ended(self, what):
        """Wait until the page, which looks again by itself, has come to the end of a job."""
        self.page.locator(what).wait_for(timeout=PATIENCE)

    def look(self, what):
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.locator("body").evaluate(_DRAWER_OPEN)
        self.page.screenshot(path=SCREENSHOTS / f"live-block-{what}.png", full_page=True)


def cfg(name, value=None):
    """Read or set a setting of the plugin."""
    line = ["php", "-d", "max_input_vars=5000", f"{FOLDER}/admin/cli/cfg.php", "--component=local_matricula"]
    line += [f"--name={name}"] + ([] if value is None else [f"--set={value}"])
    return subprocess.run(line, check=value is not None, capture_output=True, text=True, timeout=120).stdout.strip()


def block_is_there():
    line = ["php", "-d", "max_input_vars=5000", f"{FOLDER}/admin/cli/cfg.php", "--component=block_matricula"]
    told = subprocess.run([*line, "--name=version"], check=False, capture_output=True, text=True, timeout=120)
    return told.stdout.strip().isdigit()


def awake(address, secret, *courses):
    """The block waits four seconds at most: a Matricula that has just been started may need longer for the first."""
    for course in courses:
        body, path = json.dumps({"courseid": course}).encode(), "/hooks/moodle/moodle/course"
        moment, nonce = str(int(time.time())), secrets.token_hex(16)
        signed = {TIME: moment, NONCE: nonce, SIGNATURE: signature(secret.encode(), moment, nonce, path, body)}
        assert httpx2.post(f"{address}{path}", content=body, headers=signed, timeout=120).status_code == 200
