"""The first start as somebody does it who has never seen a terminal, and an edit of the rules with its preview."""

import re
import shutil

import pytest
from console_process import Console, Person, prepare
from playwright.sync_api import expect

from matricula.sandbox.school import School

pytestmark = pytest.mark.long
expect.set_options(timeout=60_000)


@pytest.fixture
def export(tmp_path):
    """What the school's system exports: a zip."""
    School.generate(seed=5, students=60, staff=8, classes=10).write(tmp_path / "csv")
    return shutil.make_archive(str(tmp_path / "roster"), "zip", tmp_path / "csv")


def set_up(person, site, export):
    """The five steps, with a wrong turn in the first one."""
    page = person.page
    person.make_the_owner()
    page.goto("/set-up")
    person.look("five-steps")
    page.get_by_role("link", name=re.compile("Go on with step 1")).click()
    page.get_by_label("Address of your Moodle").fill(site.url.removeprefix("http://") + "/my/")
    page.get_by_label("Token", exact=True).fill("0123456789abcdef0123456789abcdef")
    page.locator("main button.main").first.click()
    page.get_by_text("Moodle does not know this token").wait_for()
    person.look("wrong-token")
    person.complaints.clear()  # the browser itself complains of a refusal
    page.get_by_label("Token", exact=True).fill(site.tokens["admin"])
    page.locator("main button.main").first.click()
    page.get_by_text("This works: Matricula can read and write all that it needs").wait_for()
    person.look("checklist")
    page.get_by_role("link", name="Go on with step 3").click()
    page.get_by_role("link", name=re.compile("Files that the school's system exports")).click()
    page.get_by_label("Files", exact=True).set_input_files(export)
    person.look("files")
    page.get_by_role("button", name="Keep it and try it").click()
    page.get_by_text("This works:").wait_for()
    person.look("tried")
    page.get_by_role("link", name=re.compile("step 4")).click()
    person.look("rules")
    page.get_by_role("button", name="Keep the rules and make the first plan").click()
    page.get_by_role("link", name="See it by name").wait_for()
    person.look("first-plan")


def test_from_nothing_to_the_first_plan(person, site, export):
    set_up(person, site, export)
    person.page.get_by_role("link", name="See it by name").click()
    person.page.get_by_role("heading", name=re.compile(r"Plan 1: \d+ changes")).wait_for()
    person.look("by-name")


def test_from_nothing_to_the_first_plan_on_a_phone(phone, site, export):
    set_up(phone, site, export)


def test_an_edit_shows_what_it_makes_of_real_people_while_one_types(tmp_path, chromium, site):
    home, _ = prepare(tmp_path, site)
    with Console.started(home) as console, Person.at(chromium, console, "edit-with-preview") as person:
        page = person.page
        person.sign_in()
        page.goto("/profiles/default/users")
        page.get_by_role("button", name="Read the roster now").click()
        page.wait_for_url(re.compile(r"/jobs/\d+"))
        expect(page.locator("main").get_by_text("was read:")).to_be_visible()
        page.goto("/profiles/default/courses")
        person.look("courses")
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        field = page.locator("[name='courses.fields.fullname.value']")
        with page.expect_response(re.compile("/preview")) as answer:
            field.press_sequentially("{group.title|upper} {group.nonsense", delay=5)
        assert answer.value.ok
        person.look("fault-while-typing")
        with page.expect_response(re.compile("/preview")):
            field.fill("{group.title|upper} now")
        expect(page.locator("main").get_by_text(re.compile(r"[A-Z0-9 ]+ now\b")).first).to_be_visible()
        person.look("preview")
        page.get_by_role("button", name="Save").first.click()
        page.wait_for_load_state()
        assert "upper} now" in page.goto("/profiles/default/yaml").text()
        page.goto("/profiles/default/revisions")
        person.look("revisions")
        assert person.complaints == []
