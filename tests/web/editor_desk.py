"""A person at the profile editor: loads a part, fills its form in as a browser would, and sends it."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from matricula.hub.deliveries import Reader

ROOT = Path(__file__).parents[2]
PROFILE = """\
# The school's own rules
kind: profile
name: main
source: school
site: moodle
timezone: Europe/Berlin

# who gets an account
users:
  student: {create: true, deactivate: true}   # as agreed
  match: [username, email]
  fields:
    city: Lindenhof
    # by the form
    department: "{person.form}"
"""
DOCUMENTS = f"""\
kind: site
name: moodle
url: https://moodle.school.example
---
kind: site
name: other
url: https://other.school.example
---
kind: source
name: school
path: {ROOT / "examples" / "roster"}
---
kind: source
name: secret
path: {ROOT / "examples" / "roster"}
---
kind: profile
name: elsewhere
source: secret
site: other
---
"""


def load(service, profile=PROFILE, *, read=True):
    service.home.load(DOCUMENTS + profile, "test", ROOT)
    if read:
        Reader(service.home).read("school")


class Fields(HTMLParser):
    """What a browser would send of a form: its fields as they stand, without its buttons."""

    def __init__(self, action):
        super().__init__()
        self.action, self.inside, self.fields, self._select, self._area = action, False, [], None, None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.inside = given.get("action") == self.action
        if not self.inside or "disabled" in given:
            return
        if tag == "input" and given.get("name"):
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self.fields.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = [given["name"], None]
        elif tag == "option" and self._select is not None:
            if self._select[1] is None or "selected" in given:
                self._select[1] = given.get("value", "")
        elif tag == "textarea":
            self._area = [given["name"], ""]

    def handle_data(self, data):
        if self._area is not None:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "select" and self._select is not None:
            self.fields.append((self._select[0], self._select[1] or ""))
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self.fields.append(tuple(self._area))
            self._area = None


class EditorForm:
    """One form of a page, filled in."""

    def __init__(self, browser, page, action):
        parser = Fields(action)
        parser.feed(page.text)
        assert parser.fields, page.text[:2000]
        self.browser, self.action, self.fields = browser, action, parser.fields

    def put(self, name, value):
        """Type a value; a list replaces all fields of the name."""
        values = value if isinstance(value, list) else [value]
        place = next((n for n, (each, _) in enumerate(self.fields) if each == name), len(self.fields))
        self.fields = [each for each in self.fields if each[0] != name]
        self.fields[place:place] = [(name, each) for each in values]
        return self

    def tick(self, name, ticked=True):
        marker = self.get(name)[0]
        return self.put(name, [marker, "yes"] if ticked else [marker])

    def get(self, name):
        return [value for each, value in self.fields if each == name]

    def send(self, act="save", action=None):
        data = {}
        for name, value in [*self.fields, ("act", act)]:
            data.setdefault(name, []).append(value)
        return self.browser.post(action or self.action, data=data)

    def press(self, act):
        """A button of the form that saves nothing: the form as it comes back."""
        page = self.send(act)
        assert page.status_code == 200, page.text
        return EditorForm(self.browser, page, self.action)


def editor(browser, part, profile="main"):
    address = f"/profiles/{profile}/{part}"
    page = browser.get(address)
    assert page.status_code == 200, page.text
    return EditorForm(browser, page, address)


def body(service, profile="main"):
    return service.store.documents.get("profile", profile).body


def revision(service, profile="main"):
    return service.store.documents.get("profile", profile).revision


def faults_at(page, name):
    """What stands as wrong beside a field."""
    found = re.findall(rf'<p class="fault" id="e-{re.escape(name)}\d*">(.*?)</p>', page.text, re.S)
    return [unescape(re.sub(r"<[^>]+>", "", each)).strip(" ✗\n") for each in found]
