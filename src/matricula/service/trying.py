"""Trying how people are told: one message at once, past the outbox, and what came of it."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from matricula.errors import MatriculaError, UsageError
from matricula.hub import Home
from matricula.service.hooking import send_hook
from matricula.service.mailing import send_mail
from matricula.service.messages import Message, Part, email_of, linked

_TEXT = "This is a test: people are told like this when something waits for them."


@dataclass(frozen=True)
class Tried:
    """What came of a test message.

    Args:
        target: where it went.
        went: whether it was taken.
        answer: what the server answered, or why it did not go.
    """

    target: str
    went: bool
    answer: str


def try_mail(home: Home, to: str) -> Tried:
    """Send a test message by e-mail."""
    settings = home.service()
    try:
        if settings.mail is None:
            raise _unset("mail", "Name the mail server under `mail` in the service's settings.")
        link = linked(str(settings.address or ""), "/")
        message = Message("Matricula: a test", (Part((_TEXT,)),), link, f"test-{uuid.uuid4().hex}")
        mail = email_of(message, settings.mail.sender, to, datetime.now(UTC))
        return Tried(to, went=True, answer=send_mail(home, settings.mail, mail))
    except MatriculaError as error:
        return Tried(to, went=False, answer=str(error))


def try_hook(home: Home, name: str) -> Tried:
    """Send a test request to a webhook."""
    settings, now = home.service(), datetime.now(UTC)
    try:
        hook = next((each for each in settings.hooks_out if each.name == name), None)
        if hook is None:
            there = ", ".join(each.name for each in settings.hooks_out) or "none"
            raise _unset(f"webhook {name}", f"The settings name under `hooks_out`: {there}.")
        body = json.dumps({"type": "notice.test", "timestamp": now.isoformat(), "data": {"subject": _TEXT}}).encode()
        return Tried(name, went=True, answer=send_hook(home, hook, f"msg_test_{uuid.uuid4().hex}", body, now))
    except MatriculaError as error:
        return Tried(name, went=False, answer=str(error))


def _unset(what: str, remedy: str) -> UsageError:
    return UsageError(f"The settings name no {what}.", where="service", remedy=remedy, code="target-unknown")
