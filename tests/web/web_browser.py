"""A browser without a screen: keeps cookies, follows links, sends forms with what the page put into them."""

import re
from html import unescape

from starlette.testclient import TestClient

PASSWORD = "a sentence to remember"
ADDRESS = "http://console.example"


class Browser(TestClient):
    """A browser: follows links, sends forms with what the page put into them."""

    def fill_in(self, page, path, /, **fields):
        """Send a form of a page, with its hidden fields."""
        shown = self.get(page)
        assert shown.status_code == 200, shown.text
        return self.post(path, data={"csrf": form_token(shown.text)} | fields)

    def sign_in(self, name, password=PASSWORD):
        return self.fill_in("/sign-in", "/sign-in", name=name, password=password)


def form_token(text):
    return re.search(r'name="csrf" value="(\w+)"', text).group(1)


def words(page):
    """What a page says, without its tags."""
    text = re.sub(r"<(script|style)\b.*?</\1>", "", page.text, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


class Caller:
    """Calls the API within a browser's session."""

    def __init__(self, browser):
        self.browser = browser
        self.headers = {"X-CSRF-Token": form_token(browser.get("/").text)}

    def __call__(self, method, path, body=None, **headers):
        told = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.browser.request(method, f"/api/v1{path}", json=body, headers=told)
