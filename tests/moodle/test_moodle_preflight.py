"""The preflight names what would stop a run, and how it is mended."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hostile import TOKEN, http, refusal, value

from matricula.moodle import Moodle, preflight
from matricula.sandbox import running

NEEDED = {"core_user_get_users": "reading accounts", "enrol_manual_enrol_users": "enrolling"}
ROLES = {"student": 5, "editingteacher": 3}


@pytest.fixture(scope="module")
def started():
    with running(fixture="contract", moodle="5.1") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started):
    started.sandbox.reset()
    yield started
    started.faults.clear()


def look(url, token, *, functions=NEEDED, roles=ROLES, match_fields=("idnumber",)):
    with Moodle(url, token, timeout=10) as moodle:
        return preflight(moodle, functions=functions, roles=roles, match_fields=match_fields)


def on_sandbox(sandbox, label="admin", **options):
    return {check.name: check for check in look(sandbox.url, sandbox.tokens[label], **options)}


def states(checks):
    return {name: check.state for name, check in checks.items()}


def site(**more):
    return {"userid": 2, "username": "ws", "release": "5.1+", "functions": [], "sitename": "Hill", **more}


def test_a_site_that_is_ready(sandbox):
    checks = on_sandbox(sandbox)
    assert states(checks) == {
        "address": "ok",
        "site": "ok",
        "token": "ok",
        "plugins": "ok",
        "functions": "ok",
        "form fields": "ok",
        "clock": "ok",
        "role student": "ok",
        "role editingteacher": "ok",
        "categories": "ok",
        "courses": "ok",
        "participants": "ok",
        "accounts": "ok",
        "welcome mail": "warn",
    }
    assert "Test School, Moodle 5.1+ (Build: 20251017)" in checks["site"].message
    assert "admin (id 2), a site administrator" in checks["token"].message
    assert "Send course welcome message" in checks["welcome mail"].remedy


def test_looking_writes_nothing(sandbox):
    before = list(sandbox.state.all("SELECT * FROM user_enrolments"))
    on_sandbox(sandbox)
    assert list(sandbox.state.all("SELECT * FROM user_enrolments")) == before


def test_without_new_enrolments_there_is_no_word_of_welcome_mails(sandbox):
    assert "welcome mail" not in on_sandbox(sandbox, functions={"core_user_get_users": "x"})


def test_missing_functions_are_told_one_by_one_with_their_place(sandbox):
    checks = on_sandbox(sandbox, "few")
    assert states(checks)["function core_user_get_users"] == "fail"
    missing = checks["function enrol_manual_enrol_users"]
    assert "enrolling" in missing.message
    assert "External services > Functions > Add functions" in missing.remedy
    assert "accounts" not in checks
    assert checks["categories"].state == "ok"


def test_roles_that_may_not_be_given(sandbox):
    checks = on_sandbox(sandbox, roles={"student": 5, "user": 7})
    assert states(checks) | {"role student": "ok", "role user": "fail"} == states(checks)
    assert "Allow role assignments" in checks["role user"].remedy


def test_a_role_id_that_means_another_role_on_this_site(sandbox):
    checks = on_sandbox(sandbox, roles={"teacher": 3})
    assert checks["role teacher"].state == "fail"
    assert "role 3 is editingteacher" in checks["role teacher"].message


def test_a_low_form_field_limit(sandbox):
    sandbox.faults.set(max_input_vars=1000)
    check = on_sandbox(sandbox)["form fields"]
    assert (check.state, "about 960" in check.message) == ("warn", True)
    assert "max_input_vars = 5000" in check.remedy


def test_accounts_that_share_the_match_field_are_named(sandbox):
    with Moodle(sandbox.url, sandbox.tokens["admin"]) as moodle:
        moodle.users.update([{"id": 5, "idnumber": "p-ADA "}])
    checks = on_sandbox(sandbox)
    assert checks["accounts"].state == "warn"
    assert "P-ada (ada, alan)" in checks["accounts"].message
    assert states(on_sandbox(sandbox, match_fields=["email", "profile:house"]))["accounts"] == "ok"


def test_maintenance_on_the_way_is_told_where_it_struck(sandbox):
    sandbox.faults.set(maintenance=True)
    (check,) = on_sandbox(sandbox).values()
    assert (check.name, check.state, "maintenance" in check.message) == ("address", "fail", True)


@pytest.mark.parametrize(("label", "words"), [("plain", "webservice/rest:use"), ("bad", "Manage tokens")])
def test_a_token_that_is_refused_at_an_address_that_answers(sandbox, label, words):
    token = sandbox.tokens.get(label, "0" * 32)
    address, check = look(sandbox.url, token)
    assert (address.state, check.name, check.state) == ("ok", "token", "fail")
    assert words in check.remedy


def test_another_program(server):
    server.replies = [http("<h1>It works!</h1>", kind="text/html")]
    (check,) = look(server.url, TOKEN)
    assert (check.name, check.state) == ("address", "fail")
    assert "It works!" in check.message
    assert "front page" in check.remedy


@pytest.mark.parametrize(
    ("release", "state"), [("4.4.9", "warn"), ("4.5", "ok"), ("5.2dev", "ok"), ("6.0", "warn"), ("", "warn")]
)
def test_versions_that_matricula_is_not_tried_on(server, release, state):
    server.replies = [value(site(release=release))]
    assert {check.name: check.state for check in look(server.url, TOKEN)}["site"] == state


@pytest.mark.parametrize(("seconds", "words"), [(300, "ahead"), (-300, "behind"), (20, "differ")])
def test_clocks_that_differ(server, seconds, words):
    theirs = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    server.replies = [value(site(), date=theirs)]
    check = {check.name: check for check in look(server.url, TOKEN)}["clock"]
    assert check.state == ("ok" if words == "differ" else "warn")
    assert words in check.message


def test_a_site_that_calls_itself_otherwise(server):
    server.replies = [value(site(siteurl="https://new.example/moodle"))]
    check = look(server.url, TOKEN)[0]
    assert (check.state, "Use https://new.example/moodle" in check.remedy) == ("warn", True)


def test_an_unencrypted_way_is_told(server, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)  # stands for the whole way to a school's site
    server.replies = [value(site())]
    check = look("http://hill.example", TOKEN)[0]
    assert (check.state, check.remedy) == ("warn", "Use the site's https address.")


def answering(server, answers):
    """Answers each function by its name, refusing all others for want of a permission."""

    def reply():
        name = server.asked[-1].target.partition("wsfunction=")[2].partition("&")[0]
        yield value(answers[name]) if name in answers else refusal("nopermissions", "You may not.")

    server.replies = [reply]
    names = [*answers, "enrol_manual_enrol_users", "core_enrol_get_enrolled_users"]
    answers["core_webservice_get_site_info"] = site(functions=[{"name": name} for name in names])


def test_what_the_token_may_not_see_is_told_with_the_permission(server):
    course = {"id": 3, "categoryid": 1, "shortname": "A"}
    answering(
        server,
        {
            "core_course_get_categories": [{"id": 1, "name": "A", "parent": 0, "coursecount": 1}],
            "core_course_get_courses": [course],
            "core_user_get_users": {"users": [{"id": 2, "username": "ws"}], "warnings": []},
        },
    )
    checks = {check.name: check for check in look(server.url, TOKEN)}
    for name, permission in {
        "categories": "moodle/category:manage",
        "courses": "moodle/course:update",
        "participants": "moodle/course:enrolreview",
        "accounts": "moodle/user:viewdetails",
    }.items():
        assert checks[name].state == "fail"
        assert permission in checks[name].remedy
    assert checks["roles"].state == "fail"
    assert "You may not" in checks["roles"].message


def test_an_administrator_alone_on_a_new_site_sees_everybody_there_is(server):
    told = site(userissiteadmin=True, functions=[{"name": "core_user_get_users"}])
    replies = iter([value(told), value({"users": [{"id": 2, "username": "ws"}], "warnings": []})])
    server.replies = [lambda: iter([next(replies)])]
    checks = {check.name: check for check in look(server.url, TOKEN)}
    assert checks["accounts"].state == "ok"
