"""Whatever is sent to the API, it answers as its description says, and never with a fault (schemathesis)."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from web_browser import ADDRESS, PASSWORD, Browser, form_token

from matricula.hub import Home
from matricula.service import Service
from matricula.store.accounts import Granted
from matricula.web.api.description import described
from matricula.web.app import create_app

EXAMPLES = int(os.environ.get("MATRICULA_API_EXAMPLES", "6"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DOCUMENTS = """\
kind: site
name: moodle
url: http://127.0.0.1:9
---
kind: source
name: sis
path: roster
---
kind: profile
name: school
source: sis
site: moodle
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with Home.make(tmp_path_factory.mktemp("api") / "home") as home:
        service = Service(home)
        home.load(DOCUMENTS, "a file", home.folder)
        service.accounts.add("olga", "Olga", "", PASSWORD, [Granted("owner", "*")])
        app = create_app(service)
        with Browser(app, base_url=ADDRESS) as browser:
            browser.sign_in("olga")
            yield app, browser, {"X-CSRF-Token": form_token(browser.get("/").text)}


def operations():
    with TemporaryDirectory() as folder, Home.make(Path(folder) / "home") as home:
        described_api = described(create_app(Service(home)))
    found = schemathesis.openapi.from_dict(described_api)
    # Files are made for another client than this one; they are sent in test_web_api_records.py.
    return [each for each in (one.ok() for one in found.get_all_operations()) if not each.path.endswith("/files")]


@pytest.mark.long
@pytest.mark.parametrize("operation", operations(), ids=lambda each: f"{each.method.upper()} {each.path}")
def test_whatever_is_asked_is_answered_as_described(operation, served):
    _, browser, headers = served

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(operation.as_strategy())
    def ask(case):
        sent = case.as_transport_kwargs(base_url=ADDRESS)
        sent["headers"] = dict(sent.get("headers") or {}) | headers
        answer = browser.request(**{name: value for name, value in sent.items() if name != "cookies"})
        case.validate_response(Response.from_httpx(answer, verify=True), checks=CHECKS)

    ask()
