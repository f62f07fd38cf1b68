"""The first page, on a screen, on a phone, without scripts, and by keyboard alone."""

import pytest
from console_process import PASSWORD, Person

pytestmark = pytest.mark.long


def test_the_owner_makes_an_account_and_signs_in_again(person):
    person.page.goto(f"/start?code={person.console.code}")
    person.look("start")
    person.make_the_owner()
    person.look("overview")
    person.page.get_by_role("button", name="Sign out").click()
    person.page.get_by_text("You are signed out.").wait_for()
    person.look("sign-in")
    person.sign_in()
    assert person.page.url == f"{person.console.address}/"


def test_it_works_on_a_phone_in_the_dark(phone):
    phone.page.goto(f"/start?code={phone.console.code}")
    phone.look("start")
    phone.make_the_owner()
    phone.look("overview")
    phone.page.get_by_text("Menu", exact=True).click()
    phone.look("menu")
    phone.page.goto("/plugins")
    phone.look("plugins")


def test_it_works_without_scripts(chromium, console):
    with Person.at(chromium, console, "no-scripts", java_script_enabled=False) as person:
        person.make_the_owner()
        person.page.get_by_role("button", name="Sign out").click()
        person.page.get_by_text("You are signed out.").wait_for()


def test_it_works_by_keyboard_alone(person):
    page = person.page
    page.goto(f"/start?code={person.console.code}")
    page.get_by_label("Your name").focus()
    for typed in ("Olga Owner", "olga", "olga@school.example", PASSWORD, PASSWORD):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Welcome, Olga Owner").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"


@pytest.mark.parametrize("path", ["/nowhere", "/plans/7"])
def test_what_is_not_there_is_told_kindly(person, path):
    person.make_the_owner()
    person.page.goto(path)
    person.look("not-there")
    assert "There is nothing here" in person.words()
    person.complaints.clear()  # the browser itself complains of each 404
