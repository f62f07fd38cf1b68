"""On to a Moodle in a real browser, which follows a form's answer to another site only where the page says so."""

import json

import pytest
from console_process import PASSWORD

from matricula.hub import Home
from matricula.hub.ticket_keys import make_ticket_key
from matricula.sandbox.signing_on import APPLICATION, ISSUER, SECRET

pytestmark = pytest.mark.long
DOCUMENTS = """kind: site
name: moodle
url: {url}
sign_on: {{by: ticket}}
---
kind: service
name: service
address: {here}
"""


def test_a_link_leads_through_the_form_to_the_moodle_and_out_again(person, site, tmp_path):
    person.make_the_owner()
    here, page = person.console.address, person.page
    with Home(tmp_path / "home") as home:
        home.load(DOCUMENTS.format(url=site.url, here=here), "test", tmp_path)
        home.keep_token("moodle", site.tokens["admin"])
        key = make_ticket_key(home, "moodle")
    for name, value in {APPLICATION: key.application, SECRET: key.secret, ISSUER: here}.items():
        site.state.set_setting(name, value)
    site.state.insert("user", username="olga", firstname="Olga", lastname="O", email="olga@school.example")

    page.goto("/sites/moodle")
    person.look("site-signing-on")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/go/moodle")
    person.look("portal-sign-in")
    page.get_by_role("link", name="Sign in with an account of Matricula").click()
    page.get_by_label("User name").fill("olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.url}/**")
    assert json.loads(page.inner_text("body"))["username"] == "olga"
    person.complaints.clear()  # the look-alike has no icon

    page.goto("/portal")
    person.look("portal")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{here}/portal/sign-in")
    assert "You are signed out." in person.words()
    page.goto("/")
    assert page.url.startswith(f"{here}/sign-in")
