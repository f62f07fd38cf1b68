"""On to a course of another Moodle in a real browser, which sends the form off by itself where the page says it may."""

import json

import pytest
from console_process import PASSWORD
from published_tool import published_tool

from matricula.hub import Home

pytestmark = pytest.mark.long
DOCUMENT = """kind: service
name: service
address: {here}
portal:
  published:
    - {{name: astronomy, title: Astronomy club, moodle: "{there}", resource: 0a-1b, instructors: [olga]}}
"""


def test_a_link_leads_through_the_form_into_the_course(person, tmp_path):
    person.make_the_owner()
    here, page = person.console.address, person.page
    with published_tool(here) as there:
        with Home(tmp_path / "home") as home:
            home.load(DOCUMENT.format(here=here, there=there), "test", tmp_path)
        page.goto("/settings/service")
        person.look("published-courses-settings")
        assert f"{here}/lti/astronomy" in person.words()
        page.get_by_role("button", name="Sign out").click()

        page.goto("/lti/astronomy")
        page.get_by_role("link", name="Sign in with an account of Matricula").click()
        page.get_by_label("User name").fill("olga")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{there}/enrol/lti/launch.php")
        said = json.loads(page.inner_text("body"))
        assert said["https://purl.imsglobal.org/spec/lti/claim/custom"] == {"id": "0a-1b"}
        assert said["https://purl.imsglobal.org/spec/lti/claim/roles"][0].endswith("#Instructor")
        person.complaints.clear()  # the look-alike has no icon

        page.goto("/portal")
        person.look("portal-published")
        page.get_by_role("link", name="Astronomy club").click()
        page.wait_for_url(f"{there}/enrol/lti/launch.php")
        assert json.loads(page.inner_text("body"))["sub"] == said["sub"]
        person.complaints.clear()

        page.goto("/provider/launch?client_id=guess")
        person.look("launch-refused")
        assert "You did not get into the course" in person.words()
        assert person.complaints == ["Failed to load resource: the server responded with a status of 400 (Bad Request)"]
        person.complaints.clear()
