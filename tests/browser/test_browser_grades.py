"""Pages on grades, learning data, sinks and learning tools, on a screen and on a phone, with axe looking at each."""

import re
import sys
from pathlib import Path

import pytest
from console_process import PASSWORD, Console
from playwright.sync_api import expect

from matricula.hub.tools import keep_tool_token, map_course
from matricula.sandbox.tools import running_tool
from matricula.service.accounts import AccountDesk
from matricula.store.accounts import Granted

sys.path.insert(0, str(Path(__file__).parents[1] / "grades"))

from grade_desk import GradeDesk

pytestmark = pytest.mark.long
expect.set_options(timeout=60_000)
TOOL = "kind: tool\nname: kura\ntype: kuracloud\nsite: moodle\nurl: {url}\n"
PAGES = (
    "/tools",
    "/tools/kura",
    "/conflicts",
    "/sinks",
    "/sinks/-/new",
    "/sinks/-/new?type=sql",
    "/sinks/sis",
    "/learning",
)
PAGES += ("/learning/moodle", "/profiles/default")


@pytest.fixture
def course(tmp_path, site):
    """A school whose grades were sent and then changed, with a tool; the id of a course that was read."""
    with GradeDesk.open(tmp_path, site) as desk, running_tool() as tool:
        desk.transfer()
        desk.edit("u2", 90)
        desk.plan()
        desk.home.load(TOOL.format(url=tool.url), "test", tmp_path)
        keep_tool_token(desk.home, "kura", tool.token)
        tool.state.add_course("Biology", "BIO")
        map_course(desk.home, "kura", "BIO", str(desk.course))
        AccountDesk(desk.home).add("olga", "Olga Owner", "", PASSWORD, [Granted("owner", "*")])
        yield desk.course


@pytest.fixture
def console(course, tmp_path):
    with Console.started(tmp_path / "home") as console:
        yield console


def test_every_page_can_be_read_and_a_conflict_decided(person, course):
    person.sign_in()
    for path in (*PAGES, f"/learning/moodle/courses/{course}"):
        person.page.goto(path)
        person.look(re.sub(r"\W+", "-", path))
    person.page.goto("/sinks/sis")
    person.page.get_by_role("button", name="Check now").click()
    expect(person.page.get_by_text("It is there. Of 2 classes it holds:")).to_be_visible()
    person.look("sink-checked")
    person.page.goto("/")
    person.page.get_by_role("link", name=re.compile("changed in the school")).first.click()
    person.page.get_by_role("button", name=re.compile("^Send Moodle's")).first.click()
    expect(person.page.get_by_text("the next transfer sends 1 grade")).to_be_visible()
    person.look("settled")


def test_every_page_fits_a_phone(phone, course):
    phone.sign_in()
    for path in (*PAGES, f"/learning/moodle/courses/{course}"):
        phone.page.goto(path)
        phone.look(re.sub(r"\W+", "-", path))
