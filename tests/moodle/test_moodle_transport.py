"""What the client makes of answers that no well-behaved Moodle would send, and when it asks again."""

import gc
import logging
import threading
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hostile import CLOSE, TOKEN, http, refusal, value

from matricula.moodle import (
    AccessRefused,
    Busy,
    FunctionMissing,
    InDoubt,
    Moodle,
    MoodleError,
    NotMoodle,
    Refused,
    RolledBack,
    SiteFailure,
    TokenRefused,
    transport,
)
from matricula.moodle.transport import _pause_before_repeating, tidy

SITE = {"userid": 2, "release": "5.1", "functions": [{"name": "read_it"}, {"name": "enrol_manual_enrol_users"}]}
ENROL = "enrol_manual_enrol_users"
HTML = http("<html><title>Sign in</title><p>Welcome</p></html>", kind="text/html")
BAD_GATEWAY = http("<h1>502 Bad Gateway</h1>", status="502 Bad Gateway", kind="text/html")
CUT = value([{"id": 1, "name": "A long name"}]).replace(b"content-length: 34", b"content-length: 20")


def read(moodle):
    return moodle.call("read_it", {"id": 7}, repeatable=True)


def write(moodle, function=ENROL):
    return moodle.call(function, {"rows": [{"id": 7}]}, repeatable=False)


def test_a_call_as_moodle_wants_it(server, moodle):
    server.replies = [value({"fine": True})]
    assert read(moodle) == {"fine": True}
    asked = server.asked[0]
    assert asked.target == (
        "/webservice/rest/server.php?wsfunction=read_it&moodlewsrestformat=json&moodlewssettingraw=1"
    )
    assert asked.form == [("wstoken", TOKEN), ("id", "7")]
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"


def test_connections_are_used_again(server, moodle):
    server.replies = [value(None)]
    for _ in range(5):
        read(moodle)
    assert server.connections == 1


def test_a_site_below_a_path(server):
    server.replies = [value(None)]
    with Moodle(f"{server.url}/moodle/", TOKEN) as moodle:
        read(moodle)
    assert server.asked[0].target.startswith("/moodle/webservice/rest/server.php?")


@pytest.mark.parametrize("tail", ["", "/", "/login/index.php", "/my/", "/?redirect=0", "/webservice/rest/server.php#x"])
def test_addresses_as_people_copy_them(tail):
    assert tidy(f" https://school.example/moodle{tail} ") == "https://school.example/moodle"


@pytest.mark.parametrize("address", ["https://my", "https://admin/login", "http://10.0.0.1:8080"])
def test_hosts_that_are_called_like_pages(address):
    assert tidy(address + "/my/") == address.removesuffix("/login")


@pytest.mark.parametrize("text", ["", "school.example", "ftp://school.example", "https://", "https://[", "https:///x"])
def test_texts_that_are_no_address(text):
    with pytest.raises(NotMoodle, match="https://moodle"):
        Moodle(text, TOKEN)


def test_an_address_with_a_password_is_refused_without_repeating_it():
    with pytest.raises(NotMoodle) as caught:
        Moodle("https://me:secret@school.example", TOKEN)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        HTML,
        http("Hello", kind="text/plain"),
        http("<h1>Not Found</h1>", status="404 Not Found", kind="text/html"),
        http("{}", status="418 Teapot"),
    ],
)
def test_another_program_is_told_by_what_came_and_from_where(server, moodle, reply):
    server.replies = [reply]
    with pytest.raises(NotMoodle, match=f"read_it at {server.url}: .*came instead of a Moodle answer"):
        read(moodle)
    assert len(server.asked) == 1


def test_a_page_after_a_write_leaves_it_in_doubt(server, moodle):
    server.replies = [HTML]
    with pytest.raises(InDoubt, match="Sign in"):
        write(moodle)


def test_a_redirect_is_told_with_the_address_to_set_and_not_followed(server, moodle):
    server.replies = [
        http(status="301 Moved", location="https://new.example/m/webservice/rest/server.php?wsfunction=x")
    ]
    with pytest.raises(NotMoodle, match=r"set its address to https://new\.example/m \."):
        write(moodle)
    assert len(server.asked) == 1


def test_a_redirect_to_a_sign_in_page(server, moodle):
    server.replies = [http(status="302 Found", location="https://sso.example/login?return=x")]
    with pytest.raises(NotMoodle, match="no sign-in page"):
        read(moodle)


def test_a_waiting_upgrade_redirects_every_call(server, moodle):
    server.replies = [http(status="303 See Other", location="https://school.example/admin/index.php")]
    with pytest.raises(Busy, match="upgraded"):
        write(moodle)


@pytest.mark.parametrize("fault", [CLOSE, BAD_GATEWAY, http("", status="504 x"), CUT, http("")])
def test_reading_is_repeated_until_an_answer_comes(server, moodle, fault):
    server.replies = [fault, fault, value(["done"])]
    assert read(moodle) == ["done"]
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", [CLOSE, BAD_GATEWAY, CUT])
def test_reading_is_not_repeated_for_ever(server, moodle, fault):
    server.replies = [fault]
    with pytest.raises(Busy):
        read(moodle)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "fault",
    [CLOSE, BAD_GATEWAY, CUT, http(""), http("", status="500 x"), http("", status="503 x"), http("", status="504 x")],
)
def test_a_write_without_an_answer_is_in_doubt_and_never_repeated(server, moodle, fault):
    server.replies = [fault]
    with pytest.raises(InDoubt, match="read them before"):
        write(moodle)
    assert len(server.asked) == 1


def test_a_write_to_a_site_that_is_not_there_was_surely_not_done(server):
    url = "http://127.0.0.1:9"  # the discard port, where nothing listens
    with Moodle(url, TOKEN) as moodle, pytest.raises(Busy, match="cannot be reached"):
        write(moodle)


def test_an_answer_that_comes_too_late(server):
    release = threading.Event()

    def late():
        release.wait(5)
        yield value(None)

    server.replies = [late]
    with Moodle(server.url, TOKEN, timeout=0.05) as moodle:
        with pytest.raises(InDoubt, match="in time"):
            write(moodle)
        with pytest.raises(Busy, match="in time"):
            read(moodle)
    release.set()
    assert len(server.asked) == 2  # waiting as long again would help nobody


def test_an_answer_that_drips_for_ever(server):
    enough = threading.Event()

    def drops():
        yield http().replace(b"content-length: 0", b"content-length: 9999999")
        while not enough.wait(0.01):
            yield b"x"

    server.replies = [drops]
    with Moodle(server.url, TOKEN, timeout=0.2) as moodle, pytest.raises(InDoubt, match="in time"):
        write(moodle)
    enough.set()


def test_an_answer_without_end(server, moodle, monkeypatch):
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1000)
    server.replies = [http("x" * 1001)]
    with pytest.raises(InDoubt, match="The answer has more than"):
        write(moodle)


def test_pauses_that_a_site_asks_for(server, moodle):
    server.replies = [http("", status="429 x", retry_after="7")]
    with pytest.raises(Busy) as caught:
        write(moodle)
    assert caught.value.pause == 7
    assert _pause_before_repeating(caught.value) == 7
    assert len(server.asked) == 4


def test_a_pause_told_as_a_date(server, moodle):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    server.replies = [http("", status="429 x", retry_after=later)]
    with pytest.raises(Busy) as caught:
        read(moodle)
    assert 15 < caught.value.pause <= 20


def test_a_long_pause_is_left_to_the_caller(server, moodle):
    server.replies = [http("", status="429 x", retry_after="300")]
    with pytest.raises(Busy):
        read(moodle)
    assert len(server.asked) == 1


def test_command_line_maintenance_is_a_page_and_nothing_was_done(server, moodle):
    page = "<!DOCTYPE html><title>Site</title>This site is undergoing maintenance"
    server.replies = [http(page, status="503 Moodle under maintenance", kind="text/html", retry_after="300")]
    with pytest.raises(Busy, match="maintenance") as caught:
        write(moodle)
    assert not caught.value.soon
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalidtoken", TokenRefused),
        ("sitemaintenance", Busy),
        ("upgraderunning", Busy),
        ("dbconnectionfailed", Busy),
        ("nopermissions", AccessRefused),
        ("wsaccessusersuspended", AccessRefused),
        ("dmlreadexception", SiteFailure),
        ("invalidparameter", Refused),
        ("wsusercannotassign", Refused),
        ("shortnametaken", Refused),
        ("<div>Passwords must be longer.</div>", Refused),
    ],
)
def test_refusals_by_errorcode(server, moodle, code, kind):
    server.replies = [refusal(code)]
    with pytest.raises(kind) as caught:
        write(moodle)
    assert "<" not in str(caught.value)
    assert caught.value.function == ENROL


def test_the_password_policy_is_told_in_words_under_one_code(server, moodle):
    server.replies = [refusal("<div>At least 8 characters.</div>", "error/<div>At least 8 characters.</div>")]
    with pytest.raises(Refused, match=r": At least 8 characters\. Give the account a password") as caught:
        write(moodle)
    assert caught.value.errorcode == "passwordpolicy"


def test_a_refusal_tells_the_guilty_parameter_where_the_site_does(server, moodle):
    server.replies = [refusal("invalidparameter", "Invalid", debuginfo="Username already exists: kim")]
    with pytest.raises(Refused, match=r"Invalid \(Username already exists: kim\)"):
        write(moodle)


def test_a_deadlock_is_repeated_because_it_was_rolled_back(server, moodle):
    server.replies = [refusal("dmlwriteexception"), refusal("dmlwriteexception"), value(None)]
    assert write(moodle) is None
    assert len(server.asked) == 3


def test_a_value_that_is_too_long_looks_the_same_and_ends_as_a_refusal(server, moodle):
    server.replies = [refusal("dmlwriteexception")]
    with pytest.raises(RolledBack, match="longer"):
        write(moodle)
    assert len(server.asked) == 4


def test_a_function_that_takes_nothing_back_is_in_doubt_after_a_database_error(server, moodle):
    server.replies = [refusal("dmlwriteexception")]
    with pytest.raises(InDoubt):
        write(moodle, "enrol_meta_add_instances")
    assert len(server.asked) == 1


def test_moodle_finding_its_own_answer_invalid_means_that_the_write_took_place(server, moodle):
    server.replies = [refusal("invalidresponse")]
    with pytest.raises(InDoubt):
        write(moodle)
    with pytest.raises(SiteFailure):
        read(moodle)


def test_an_error_of_php_itself_has_no_code(server, moodle):
    server.replies = [value({"exception": "TypeError", "message": "Unsupported operand"})]
    with pytest.raises(InDoubt, match="Unsupported"):
        write(moodle)
    with pytest.raises(SiteFailure, match="Unsupported"):
        read(moodle)


@pytest.mark.parametrize("code", ["accessexception", "invalidrecord", "invalidrecordunknown"])
def test_a_missing_function_is_told_from_other_refusals_by_the_list_of_functions(server, moodle, code):
    server.replies = [refusal(code), value(SITE)]
    with pytest.raises(FunctionMissing, match=r"External services > Functions"):
        write(moodle, "no_such_function")


def test_an_error_before_moodle_is_up(server, moodle):
    server.replies = [value({"error": "Site is being upgraded", "errorcode": "upgraderunning", "stacktrace": None})]
    with pytest.raises(Busy, match="upgraded"):
        write(moodle)


def test_a_missing_record_stays_a_refusal(server, moodle):
    server.replies = [refusal("invalidrecordunknown"), value(SITE)]
    with pytest.raises(Refused):
        write(moodle)


def test_a_refused_token_is_no_missing_function(server, moodle):
    server.replies = [refusal("accessexception")]
    with pytest.raises(AccessRefused, match="expiry date and IP restriction"):
        write(moodle)
    with pytest.raises(AccessRefused):
        moodle.site()


def test_the_rest_protocol_switched_off_is_an_empty_403(server, moodle):
    server.replies = [http("", status="403 Forbidden", kind="text/html")]
    with pytest.raises(AccessRefused, match="Manage protocols"):
        write(moodle)


def test_a_filter_before_the_site(server, moodle):
    server.replies = [http("<h1>Blocked by policy</h1>", status="403 Forbidden", kind="text/html")]
    with pytest.raises(AccessRefused, match="Blocked by policy"):
        write(moodle)


def test_a_call_that_is_too_large_can_be_divided(server, moodle):
    server.replies = [http("", status="413 x")]
    with pytest.raises(Refused, match="fewer records"):
        write(moodle)


def test_half_a_character_is_refused_before_anything_is_sent(server, moodle):
    server.replies = [value(None)]
    with pytest.raises(Refused, match="surrogate"):
        moodle.call(ENROL, {"name": "\ud83d"}, repeatable=False)
    assert server.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        refusal("invalidparameter", f"bad {TOKEN}", debuginfo=f"wstoken={TOKEN}"),
        http(f"You sent {TOKEN}", kind="text/plain"),
        http("", status="302 x", location=f"https://x.example/?wstoken={TOKEN}"),
        BAD_GATEWAY,
        CLOSE,
    ],
)
def test_the_token_is_in_no_message_trace_or_log(server, reply, caplog):
    caplog.set_level(logging.INFO)
    server.replies = [reply]
    with Moodle(server.url, TOKEN) as moodle:
        with pytest.raises(MoodleError) as caught:
            write(moodle)
        told = "".join(traceback.format_exception(caught.value))
        assert TOKEN not in told + repr(moodle) + repr(moodle._transport) + caplog.text


@pytest.mark.parametrize("reply", [refusal("invalidparameter"), BAD_GATEWAY, CLOSE])
def test_the_token_is_in_no_local_variable_that_a_trace_may_show(server, reply):
    server.replies = [reply]
    with Moodle(server.url, TOKEN) as moodle, pytest.raises(MoodleError) as caught:
        write(moodle)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    inside = [frame for frame in frames if "matricula" in frame.f_globals["__name__"]]
    assert len(inside) >= 3
    for frame in inside:
        assert TOKEN not in repr(frame.f_locals)


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.replies = [value("straight")]
    with Moodle(server.url, TOKEN) as moodle:
        assert read(moodle) == "straight"


def test_a_proxy_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy.example")
    with pytest.raises(NotMoodle, match="HTTPS_PROXY"):
        Moodle("https://school.example", TOKEN)


def test_nothing_is_left_open(server):
    server.replies = [value(None)]
    before = threading.active_count()
    with Moodle(server.url, TOKEN) as moodle:
        moodle.in_parallel([lambda: read(moodle)] * 3)
    gc.collect()
    with pytest.raises(RuntimeError, match="closed"):
        read(moodle)
    assert all(not thread.name.startswith("moodle") for thread in threading.enumerate())
    assert threading.active_count() <= before + 4  # the server's own, one a connection
