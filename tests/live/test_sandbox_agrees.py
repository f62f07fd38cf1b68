"""The sandbox against a real Moodle: the same neighbouring calls, the same answers.

Needs a real site, named by MATRICULA_LIVE_URL and MATRICULA_LIVE_TOKEN, whose token may use every
function; what it makes there is named after the run and taken away again.
"""

import json
import os
import re
import secrets
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from neighbouring_calls import SEQUENCES

from matricula.sandbox import running

LIVE_URL = os.environ.get("MATRICULA_LIVE_URL", "")
LIVE_TOKEN = os.environ.get("MATRICULA_LIVE_TOKEN", "")

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        not (LIVE_URL and LIVE_TOKEN), reason="MATRICULA_LIVE_URL and MATRICULA_LIVE_TOKEN name no Moodle"
    ),
]

#: What differs from one moment or one site to the next. Custom fields are whatever a site has been given.
VOLATILE = {
    "customfields",
    "cacherev", "timecreated", "timemodified", "courseimage", "profileimageurl", "profileimageurlsmall",
    "sortorder", "categorysortorder", "preferences",
    "modicon", "url", "instance", "firstaccess", "lastaccess", "gradedategraded",
}  # fmt: skip
IDS = re.compile(r"id|.*(?<!role)id|userids|categoryids|category|iteminstance|parent")


def form_fields(value, name=""):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        full = f"{name}[{key}]" if name else str(key)
        if isinstance(inner, dict | list):
            yield from form_fields(inner, full)
        else:
            yield full, inner


class Site:
    """One of the two: asks, and keeps what was answered in a form that can be compared."""

    def __init__(self, url, token, tag):
        self.url, self.token, self.tag = url, token, tag
        self.log: list[tuple[str, object]] = []

    def ask(self, function, **params):
        query = urlencode({"wstoken": self.token, "wsfunction": function, "moodlewsrestformat": "json"})
        body = urlencode(list(form_fields(params))).encode()
        with urlopen(Request(f"{self.url}/webservice/rest/server.php?{query}", body), timeout=300) as reply:
            answer = json.loads(reply.read())
        self.log.append((f"{function} {json.dumps(params)}", self.masked(answer)))
        return answer

    def masked(self, value, key=""):
        if isinstance(value, dict):
            return {name: self.masked(inner, name) for name, inner in value.items() if name not in VOLATILE}
        if isinstance(value, list):
            return [self.masked(inner, key) for inner in value]
        if isinstance(value, str):
            return self.masked_text(value, key)
        if isinstance(value, int) and value > 0 and IDS.fullmatch(key):
            return "AN ID"
        return value

    def masked_text(self, text, key):
        text = text.replace(self.url, "URL").replace(self.tag, "TAG").replace(self.tag.upper(), "TAG")
        if key in ("message", "path"):
            return re.sub(r"\d{2,}", "#", text)
        return "MADE UP" if re.search(r"\.\d{10}$", text) or re.fullmatch(r"[0-9a-f]{32}", text) else text


def differences(real, ours, where=""):
    if isinstance(real, dict) and isinstance(ours, dict):
        for name in sorted(real.keys() | ours.keys()):
            if name not in ours or name not in real:
                yield f"{where}.{name}: {'only real' if name in real else 'only ours'} {real.get(name)!r}"
            else:
                yield from differences(real[name], ours[name], f"{where}.{name}")
    elif isinstance(real, list) and isinstance(ours, list) and len(real) == len(ours):
        for index, pair in enumerate(zip(real, ours, strict=True)):
            yield from differences(*pair, f"{where}[{index}]")
    elif real != ours:
        yield f"{where}: real {real!r}, ours {ours!r}"


def tidy(site, tag):
    """Takes away what a sequence left behind on a real site."""
    left = Site(site.url, site.token, tag)
    categories = left.ask("core_course_get_categories", addsubcategories=0)
    rows = [{"id": row["id"], "recursive": 1} for row in categories if row["name"].startswith(tag)]
    people = left.ask("core_user_get_users", criteria=[{"key": "email", "value": f"%{tag}@%"}])["users"]
    if rows:
        left.ask("core_course_delete_categories", categories=rows)
    if people:
        left.ask("core_user_delete_users", userids=[user["id"] for user in people])


@pytest.fixture(scope="module")
def release():
    live = Site(LIVE_URL, LIVE_TOKEN, "-")
    return re.match(r"\d+\.\d+", live.ask("core_webservice_get_site_info")["release"])[0]


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda sequence: sequence.__name__)
def test_a_real_moodle_and_the_sandbox_answer_alike(sequence, release):
    tag = f"t{secrets.token_hex(3)}"
    with running("empty", release) as sandbox:
        real = Site(LIVE_URL, LIVE_TOKEN, tag)
        ours = Site(sandbox.url, sandbox.tokens["admin"], tag)
        sandbox.state.start_ids_at(1000)
        try:
            for site in (real, ours):
                sequence(site.ask, tag)
        finally:
            tidy(real, tag)
    wrong = [
        f"{asked}\n    {difference}"
        for (asked, answer), (_, answer_of_ours) in zip(real.log, ours.log, strict=True)
        for difference in differences(answer, answer_of_ours)
    ]
    assert not wrong, "\n".join(wrong)
