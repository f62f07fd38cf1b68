"""A plain way of asking a served sandbox."""

import http.client
import json
from urllib.parse import urlencode, urlsplit

from matricula.sandbox import Running


def form_fields(value, name=""):
    """Nested parameters as PHP-style form fields."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        full = f"{name}[{key}]" if name else str(key)
        if isinstance(inner, dict | list):
            yield from form_fields(inner, full)
        else:
            yield full, inner


class Caller:
    """Asks a served sandbox as one of its tokens."""

    def __init__(self, site: Running, token: str | None = None) -> None:
        self.site = site
        self.token = token or site.tokens["admin"]

    def as_token(self, token):
        return Caller(self.site, token)

    def request(self, method, path, body="", headers=None):
        connection = http.client.HTTPConnection(urlsplit(self.site.url).netloc, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def raw(self, function, params=None, *, body=None, **query):
        wanted = {"wstoken": self.token, "wsfunction": function, "moodlewsrestformat": "json"} | query
        given = {name: value for name, value in wanted.items() if value is not None}
        path = f"/webservice/rest/server.php?{urlencode(given)}"
        text = urlencode(list(form_fields(params or {}))) if body is None else body
        return self.request("POST", path, text, {"Content-Type": "application/x-www-form-urlencoded"})

    def __call__(self, function, **params):
        answer, text = self.raw(function, params)
        assert answer.status == 200, text
        return json.loads(text)

    def sandbox(self, method, what, value=None):
        answer, text = self.request(method, f"/sandbox/{what}", json.dumps(value or {}))
        return answer.status, json.loads(text)


def person(name, **more):
    return {
        "username": name,
        "password": "Pass.12345",
        "firstname": name.title(),
        "lastname": "Tester",
        "email": f"{name}@school.example",
        **more,
    }
