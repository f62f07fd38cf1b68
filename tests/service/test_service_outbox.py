"""Messages on their way: to a real mail server and a real receiver, tried again with growing pauses, and sent once."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from post_office import PASSWORD, certificate, mail_server, receiver

from matricula.hub import Home
from matricula.service.notices import Notices
from matricula.service.outbox import PAUSES
from matricula.service.signing import key_of, verified
from matricula.service.trying import try_hook, try_mail
from matricula.store import Cause

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CAUSE = Cause(
    "held-plan:default",
    "held-plan",
    "moodle",
    "default",
    "Held: 62 removals for moodle wait for you",
    "Plan 1 waits <b>.\nLook at it.",
    "/plans/1",
    "plan 1",
)
MAIL = """
mail:
  host: localhost
  port: {port}
  security: {security}
  sender: matricula@school.example
{account}
told:
  - to: [head@school.example, office@school.example]
  - to: [office@school.example]
    about: [held-plan]
  - to: [other@school.example]
    sites: [elsewhere]
"""
ACCOUNT = "  user: matricula\n  secret: mail\n"
HOOK = """
hooks_out:
  - name: helpdesk
    url: {url}
    secret: hook
    this_machine: true
  - name: tokens
    url: {url}
    secret: hook
    about: [token-expires]
"""


@pytest.fixture
def home(tmp_path):
    with Home.make(tmp_path / "home") as home:
        yield home


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


def settle(home, settings):
    home.load("kind: service\nname: service\naddress: https://sync.school.example\n" + settings, "test", home.folder)


def mailing(home, box, security="none", account=""):
    settle(home, MAIL.format(port=box.port, security=security, account=account))
    return Notices(home)


def test_one_mail_to_each_for_one_cause(home):
    with mail_server() as box:
        notices = mailing(home, box)
        assert notices.raise_(CAUSE, NOON, NOON).subject == CAUSE.subject
        assert notices.raise_(CAUSE, NOON, NOON) is None
        assert notices.outbox.send_due(NOON) == 2
        assert notices.outbox.send_due(NOON) == 0
        again = Cause(**{name: getattr(CAUSE, name) for name in CAUSE.__slots__} | {"mark": "plan 2"})
        assert notices.raise_(again, NOON, NOON) is None
        assert notices.outbox.send_due(NOON) == 0
    assert box.to == ["head@school.example", "office@school.example"]
    mail = box.mails[0]
    assert mail["subject"] == "Held: 62 removals for moodle wait for you"
    assert mail["from"] == "Matricula <matricula@school.example>"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["list-id"] == "Matricula <matricula.school.example>"
    assert mail["message-id"] == box.mails[1]["message-id"], "replies stand together"
    assert mail["date"].datetime == NOON
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "https://sync.school.example/plans/1" in text
    assert "Plan 1 waits <b>." in text
    assert "Plan 1 waits &lt;b&gt;." in html
    assert 'href="https://sync.school.example/plans/1"' in html


def test_an_invitation_names_the_tool_its_course_and_where_to_go(home):
    told = {"name": "Ann Lee", "tool": "Brook <School>", "course": "Biology", "link": "https://app.example/in?a=1&b=2"}
    with mail_server() as box:
        notices = mailing(home, box)
        for _ in range(2):
            home.store.sendings.add("invitation:1:0", "invitation", "ann@x.example", json.dumps(told), NOON)
        assert notices.outbox.send_due(NOON) == 1
    (mail,) = box.mails
    assert box.to == ["ann@x.example"]
    assert mail["subject"] == "You are in Biology of Brook <School>"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Ann Lee," in text
    assert "https://app.example/in?a=1&b=2" in text
    assert "your school" in text
    assert "its settings name you" not in text
    assert 'href="https://app.example/in?a=1&amp;b=2">Go to Brook &lt;School&gt;</a>' in html


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_encrypted_connection_with_a_password(home, trusted, security):
    with mail_server(trusted, wrapped=security == "tls") as box:
        notices = mailing(home, box, security, ACCOUNT)
        home.keep_secret("mail", PASSWORD)
        notices.raise_(CAUSE, NOON, NOON)
        assert notices.outbox.send_due(NOON) == 2
        assert len(box.mails) == 2, [each.error for each in home.store.sendings.all()]
        assert box.signed_in
        home.keep_secret("mail", "wrong-password-here")
        tried = try_mail(home, "head@school.example")
    assert not tried.went
    assert "does not take the user name or password" in tried.answer


def test_a_certificate_that_nobody_vouches_for_is_refused(home, tmp_path):
    with mail_server(certificate(tmp_path)) as box:
        mailing(home, box, "starttls")
        tried = try_mail(home, "head@school.example")
    assert not tried.went
    assert "certificate cannot be trusted" in tried.answer
    assert box.mails == []


def test_a_message_is_tried_again_with_growing_pauses_and_then_given_up(home):
    with mail_server() as box:
        notices = mailing(home, box)
        box.refuse = "451 greylisted"
        notices.raise_(CAUSE, NOON, NOON)
        now, tried = NOON, []
        for pause in PAUSES:
            assert notices.outbox.send_due(now) == 2
            assert notices.outbox.send_due(now + pause - timedelta(seconds=1)) == 0
            tried.append(pause)
            now += pause
        assert [each.state for each in home.store.sendings.all()] == ["waiting", "waiting"]
        assert notices.outbox.send_due(now) == 2
        assert notices.outbox.send_due(now + timedelta(days=9)) == 0
        given_up = notices.undelivered()
        assert [each.attempts for each in given_up] == [6, 6]
        assert all("451 greylisted" in each.error for each in given_up)
        assert box.mails == []


def test_a_server_that_comes_back_gets_the_message_with_the_same_id(home):
    with mail_server() as box:
        notices = mailing(home, box)
        box.refuse = "421 not now"
        notices.raise_(CAUSE, NOON, NOON)
        notices.outbox.send_due(NOON)
        box.refuse = ""
        assert notices.outbox.send_due(NOON + PAUSES[0]) == 2
    assert [each.state for each in home.store.sendings.all()] == ["sent", "sent"]
    assert len({mail["message-id"] for mail in box.mails}) == 1
    assert {mail["date"].datetime for mail in box.mails} == {NOON}


def test_what_was_told_survives_a_restart(home, tmp_path):
    with mail_server() as box:
        notices = mailing(home, box)
        notices.raise_(CAUSE, NOON, NOON)
        with Home(home.folder) as again:
            assert Notices(again).outbox.send_due(NOON) == 2
    assert len(box.mails) == 2


def test_a_mailbox_that_is_not_there_keeps_nobody_else_from_being_told(home):
    with mail_server() as box:
        settle(home, MAIL.format(port=box.port, security="none", account="").replace("head@", "nobody@"))
        notices = Notices(home)
        notices.raise_(CAUSE, NOON, NOON)
        notices.outbox.send_due(NOON)
        assert box.to == ["office@school.example"]
        assert "550 no such mailbox" in try_mail(home, "nobody@school.example").answer
        assert try_mail(home, "head@school.example").answer == "250 queued as 77"


def test_an_address_that_the_mail_server_s_protocol_cannot_take_holds_nobody_up(home):
    with mail_server() as box:
        settle(home, MAIL.format(port=box.port, security="none", account="").replace("head@", "schülerin@"))
        notices = Notices(home)
        notices.raise_(CAUSE, NOON, NOON)
        assert notices.outbox.send_due(NOON) == 2
    assert box.to == ["office@school.example"]
    assert sorted(each.state for each in home.store.sendings.all()) == ["sent", "waiting"]


def test_a_signed_request_for_one_cause(home):
    with receiver() as told:
        settle(home, HOOK.format(url=told.url))
        home.keep_secret("hook", SECRET)
        notices = Notices(home)
        notices.raise_(CAUSE, NOON, NOON)
        told.status = 503
        assert notices.outbox.send_due(NOON) == 1
        told.status = 204
        assert notices.outbox.send_due(NOON + PAUSES[0]) == 1
        assert notices.outbox.send_due(NOON + timedelta(days=1)) == 0
    (first, body), (second, again) = told.requests
    assert body == again
    key = key_of(SECRET, "hook")
    assert verified(key, first, body, NOON) == verified(key, second, body, NOON + PAUSES[0]) == first["webhook-id"]
    event = json.loads(body)
    assert event["type"] == "notice.held_plan"
    assert event["timestamp"] == "2026-09-01T12:00:00+00:00"
    assert event["data"] == {
        "notice": 1,
        "kind": "held-plan",
        "site": "moodle",
        "profile": "default",
        "subject": CAUSE.subject,
        "lines": ["Plan 1 waits <b>.", "Look at it."],
        "link": "https://sync.school.example/plans/1",
    }


def test_https_is_verified_against_the_name(home, trusted):
    with receiver(trusted) as told:
        settle(home, HOOK.format(url=told.url))
        home.keep_secret("hook", SECRET)
        assert try_hook(home, "helpdesk").answer == "HTTP 204"
    assert told.requests[0][0]["host"].startswith("localhost:")


def test_https_of_nobody_is_refused(home, tmp_path):
    with receiver(certificate(tmp_path)) as told:
        settle(home, HOOK.format(url=told.url))
        home.keep_secret("hook", SECRET)
        assert "certificate cannot be trusted" in try_hook(home, "helpdesk").answer
    assert told.requests == []


@pytest.mark.parametrize(
    ("status", "says"), [(302, "redirections are not followed"), (410, "gone for good"), (500, "HTTP 500")]
)
def test_what_a_receiver_answers_is_told(home, status, says):
    with receiver() as told:
        settle(home, HOOK.format(url=told.url))
        home.keep_secret("hook", SECRET)
        told.status = status
        assert says in try_hook(home, "helpdesk").answer
        notices = Notices(home)
        notices.raise_(CAUSE, NOON, NOON)
        notices.outbox.send_due(NOON)
        assert len(told.requests) == 2, "a redirection was followed"
        assert [each.state for each in home.store.sendings.all()] == ["given-up" if status == 410 else "waiting"]


def test_this_machine_is_reached_only_where_the_settings_say_so(home):
    with receiver() as told:
        settle(home, HOOK.format(url=told.url).replace("this_machine: true", "this_machine: false"))
        home.keep_secret("hook", SECRET)
        tried = try_hook(home, "helpdesk")
    assert not tried.went
    assert "this_machine: true" in tried.answer
    assert told.requests == []


def test_a_webhook_without_its_secret_waits_for_it(home):
    with receiver() as told:
        settle(home, HOOK.format(url=told.url))
        notices = Notices(home)
        notices.raise_(CAUSE, NOON, NOON)
        notices.outbox.send_due(NOON)
        assert "matricula secret set hook" in home.store.sendings.all()[0].error
        home.keep_secret("hook", SECRET)
        notices.outbox.send_due(NOON + PAUSES[0])
    assert len(told.requests) == 1


def test_a_webhook_that_was_taken_out_of_the_settings_is_given_up(home):
    with receiver() as told:
        settle(home, HOOK.format(url=told.url))
        notices = Notices(home)
        notices.raise_(CAUSE, NOON, NOON)
        settle(home, "")
        notices.outbox.send_due(NOON)
    assert [each.state for each in home.store.sendings.all()] == ["given-up"]


WORK = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from matricula.hub import Home
from matricula.service.notices import Notices
from matricula.store import Cause
with Home(Path(sys.argv[1])) as home:
    notices = Notices(home)
    sys.stdin.readline()
    now = datetime(2026, 9, 1, 12, tzinfo=UTC)
    for number in range(12):
        cause = Cause(f"c{number}", "held-plan", "moodle", "default", f"Held {number}", "b", "/x", "m")
        notices.raise_(cause, now, now)
        notices.outbox.send_due(now)
"""


@pytest.mark.long
def test_two_processes_send_each_message_once(engine, tmp_path):
    with Home.make(tmp_path / "home") as home, mail_server() as box:
        settle(home, MAIL.format(port=box.port, security="none", account=""))
        started = [
            subprocess.Popen([sys.executable, "-c", WORK, str(home.folder)], stdin=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        for each in started:
            each.stdin.write("go\n")
            each.stdin.flush()
        for each in started:
            each.stdin.close()
            assert each.wait(60) == 0
    got = sorted((mail["subject"], mail["to"]) for mail in box.mails)
    wanted = sorted((f"Held {n}", f"{who}@school.example") for n in range(12) for who in ("head", "office"))
    assert got == wanted
