"""A plan approved, its run watched to the end and taken back; a held plan released by its words; on the sandbox."""

import csv
import re

import pytest
from console_process import Console, Person, prepare
from playwright.sync_api import expect

from matricula.moodle import Moodle

pytestmark = pytest.mark.long
expect.set_options(timeout=60_000)
OWN = ("admin", "guest", "wsplain")


@pytest.fixture
def school(tmp_path, site):
    return prepare(tmp_path, site)


@pytest.fixture
def console(school):
    with Console.started(school[0]) as console:
        yield console


def users(site):
    with Moodle(site.url, site.tokens["admin"]) as moodle:
        return {user.username: user.suspended for user in moodle.users.all()}


def half_leaves(folder):
    """The next delivery: every other student is in it no more."""
    gone = {row["sourcedId"] for row in rows(folder / "users.csv") if row["role"] == "student"}
    gone = set(sorted(gone)[::2])
    for name, column in (("users.csv", "sourcedId"), ("enrollments.csv", "userSourcedId")):
        kept = [row for row in rows(folder / name) if row[column] not in gone]
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, kept[0].keys())
            writer.writeheader()
            writer.writerows(kept)


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def asked(person, button):
    """Press a button that starts a job, and wait for its end."""
    person.page.get_by_role("button", name=button).first.click()
    person.page.wait_for_url(re.compile(r"/jobs/\d+"))
    expect(person.page.locator("main").get_by_text("What came of it")).to_be_visible()


def opened_plan(person):
    person.page.get_by_role("link", name=re.compile(r"plan \d+", re.I)).first.click()
    person.page.wait_for_url(re.compile(r"/plans/\d+"))


def approve(person):
    words = person.page.get_by_label(re.compile("To approve it, type"))
    if words.count():
        words.fill(person.page.locator("label .code").inner_text())
    person.page.get_by_role("button", name=re.compile("Approve")).click()
    person.page.wait_for_url(re.compile(r"/jobs/\d+"))


def test_a_plan_is_approved_watched_and_taken_back(person, site):
    site.faults.set(latency_ms=40)
    person.sign_in()
    asked(person, "Plan now")
    person.look("planned")
    opened_plan(person)
    person.look("plan")
    approve(person)
    expect(person.page.locator("[data-part=bar]")).to_be_visible()
    person.look("run-at-work")
    expect(person.page.locator("main").get_by_text("What came of it")).to_be_visible()
    person.look("run-ended")
    assert len(users(site)) > 60

    person.page.get_by_role("link", name=re.compile(r"Run \d+")).first.click()
    person.page.wait_for_url(re.compile(r"/runs/\d+"))
    person.look("report")
    asked(person, re.compile("takes run"))
    opened_plan(person)
    person.look("undo")
    approve(person)
    expect(person.page.locator("main").get_by_text("What came of it")).to_be_visible()
    assert not [name for name, suspended in users(site).items() if not suspended and name not in OWN]


def test_a_held_plan_is_released_by_its_words(person, site, tmp_path):
    person.sign_in()
    asked(person, "Run now")
    before = users(site)
    half_leaves(tmp_path / "csv")
    person.page.goto("/")
    asked(person, "Run now")
    opened_plan(person)
    person.look("held")
    assert "waits for a person" in person.words()
    assert users(site) == before
    person.page.get_by_label(re.compile("To approve it, type")).fill("suspend everybody")
    person.page.get_by_role("button", name=re.compile("Approve")).click()
    person.look("wrong-words")
    person.complaints.clear()  # the browser itself complains of a refusal
    assert users(site) == before
    approve(person)
    expect(person.page.locator("main").get_by_text("What came of it")).to_be_visible()
    assert sum(users(site).values()) > sum(before.values())


def test_the_same_on_a_phone_without_scripts(chromium, console, site):
    with Person.at(chromium, console, "phone-no-scripts", width=360, height=740, java_script_enabled=False) as person:
        person.sign_in()
        asked(person, "Plan now")
        opened_plan(person)
        approve(person)
        expect(person.page.locator("main").get_by_text("What came of it")).to_be_visible()
    assert len(users(site)) > 60
