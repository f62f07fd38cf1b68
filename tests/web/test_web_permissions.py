"""Every route as everybody: the answer is the one that permissions.txt says."""

from pathlib import Path

import pytest
from walked_home import ABOUT_A_SITE, WalkedHome

from matricula.hub import Home
from matricula.sandbox import running
from matricula.sandbox.tools import running_tool
from matricula.service import Service
from matricula.web.app import create_app
from matricula.web.routes import routes_of

TABLE = Path(__file__).with_name("permissions.txt")
FROM_ELSEWHERE = (
    "/hooks/",
    "/provider/authorize",
    "/provider/token",
    "/provider/userinfo",
    "/provider/end-session",
    "/provider/launch",
)
"""Asked by other sites and their pages, by signature or by a protocol of its own: a form changes nothing there."""
NEEDS = ("everybody", "signed in", "see", "apply", "approve", "operate", "own", "sign-on")


def lines():
    """Method, path, needs and what stands behind it."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            method, path, rest = line.split(maxsplit=2)
            needs = next(each for each in NEEDS if rest.startswith(each))
            yield method, path, needs, rest.removeprefix(needs).strip()


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walked")
    with running(fixture="empty") as sandbox, running_tool() as tool, Home.make(folder / "home") as home:
        service = Service(home)
        walked = WalkedHome(service, create_app(service), folder, sandbox, tool)
        with walked.browser:
            yield walked
        service.stop()


def test_the_table_names_every_route_and_what_it_needs(walked):
    there = {(each.method, each.path): each.needs for each in routes_of(walked.app)}
    told = {(method, path): needs for method, path, needs, _ in lines()}
    assert {key: needs for key, needs in there.items() if told.get(key) != needs} == {}, "tests/web/permissions.txt"
    assert told.keys() - there.keys() == set()


def expected(walker, method, path, needs, then):
    """What the answer has to be: a status, an address, or that it is let in."""
    programs = path.startswith("/api/")
    if needs == "everybody":
        return "in"
    if walker.state != "signed in" and not (walker.state == "token" and programs):
        page = "/sign-in/second" if walker.state == "incomplete" else "/sign-in"
        return 401 if programs else page
    if needs == "signed in":
        return "in"
    if "see" not in walker.somewhere:
        return 403
    about = ABOUT_A_SITE.search(path)
    if about and "see" not in walker.may:
        return 403 if then and "{kind}" in path else 404  # a document is looked for by its name, not by its site
    able = walker.may if about else walker.somewhere if needs == "see" else walker.everywhere
    return "in" if needs in able and (not then or then in walker.may) else 403


@pytest.mark.parametrize(("method", "path", "needs", "more"), list(lines()), ids=lambda value: value or "-")
def test_the_route_answers_everybody_as_the_table_says(walked, method, path, needs, more):
    if more == "itself":
        pytest.skip("it has rules and tests of its own")
    wrong = {}
    for walker in walked.walkers.values():
        answer = walked.ask(walker, method, path)
        wanted = expected(walker, method, path, needs, more.removeprefix("then "))
        if not as_wanted(answer, wanted, about=bool(ABOUT_A_SITE.search(path))):
            wrong[walker.name] = (wanted, answer.status_code, answer.headers.get("location", ""), answer.text[-300:])
    assert wrong == {}


def as_wanted(answer, wanted, *, about):
    status, address = answer.status_code, answer.headers.get("location", "")
    if isinstance(wanted, int):
        return status == wanted
    if wanted != "in":
        return status == 303 and address.partition("?")[0] == wanted
    refused = {401, 403} | ({404} if about or answer.request.method == "GET" else set())
    return status < 500 and status not in refused and address.partition("?")[0] not in ("/sign-in/second",)


def test_pages_that_need_nothing_show_themselves_to_nobody(walked):
    """So that being let in means more than not being refused."""
    nobody = walked.walkers["nobody"]
    for path in ("/sign-in", "/welcome", "/api/v1/docs", "/static/{file}", "/healthz"):
        assert walked.ask(nobody, "GET", path).status_code in (200, 400), path
    owner = walked.walkers["owner-all"]
    for method, path, needs, more in lines():
        if method == "GET" and needs != "everybody" and more != "itself":
            assert walked.ask(owner, method, path).status_code == 200, path


FORGED = (
    {"X_CSRF_Token": None},
    {"X_CSRF_Token": "0" * 64},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec_Fetch_Site": "cross-site"},
)


@pytest.mark.parametrize(
    ("method", "path"),
    [each[:2] for each in lines() if each[0] != "GET" and not each[1].startswith(FROM_ELSEWHERE)],
    ids=str,
)
def test_no_form_of_another_page_is_taken_even_from_an_owner(walked, method, path):
    """Neither without our token, nor with another browser's, nor with it but from another page."""
    owner = walked.walkers["owner-all"]
    answers = [walked.ask(owner, method, path, **forged).status_code for forged in FORGED]
    assert answers == [403] * len(FORGED)
