"""The outbox: messages are put in together with what they tell of, and sent apart from all other work."""

import json
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, Final

from matricula import logs
from matricula.errors import MatriculaError, SettingError
from matricula.hub import Home
from matricula.profiles.documents import ServiceSettings
from matricula.service.hooking import GONE, send_hook
from matricula.service.mailing import send_mail
from matricula.service.messages import Message, email_of, event_of, invitation_of, message_of
from matricula.store import Notice, Sending
from matricula.tools.inviting import CHANNEL as INVITATION

PAUSES: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
"""After so long a message is tried again each time; after the last it is given up."""
LOOK: Final = 5.0
"""Seconds between two looks at what is due."""


class Outbox:
    """Puts messages in, and sends what is due.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._store = home.store

    def tell(self, notice: Notice, settings: ServiceSettings, at: datetime) -> int:
        """Put in what everybody is told of a notice who wants to be; returns how many messages that are.

        Args:
            notice: the notice.
            settings: who is told of what.
            at: now.
        """
        address = str(settings.address or "")
        mail = message_of(notice, address).kept()
        event = json.dumps(event_of(notice, address), ensure_ascii=False)
        addresses = [to for told in settings.told if _wanted(told, notice) for to in told.to] if settings.mail else []
        targets = [("mail", to, mail) for to in dict.fromkeys(addresses)]
        targets += [("hook", hook.name, event) for hook in settings.hooks_out if _wanted(hook, notice)]
        put = [
            self._store.sendings.add(
                f"notice:{notice.id}:{channel}:{target}", channel, target, body, at, notice=notice.id
            )
            for channel, target, body in targets
        ]
        return sum(put)

    def send_due(self, at: datetime | None = None, stop: Event | None = None) -> int:
        """Send everything that is due; what another process is sending is left to it.

        Args:
            at: the moment meant; by default now.
            stop: set when no further message is to be sent.

        Returns:
            how many were tried.
        """
        tried = 0
        while not (stop and stop.is_set()):
            now = at or datetime.now(UTC)
            sending = self._store.sendings.claim(now)
            if sending is None:
                break
            self._send(sending, now)
            tried += 1
        return tried

    def keep_sending(self, stop: Event) -> None:
        """Send what becomes due until told to stop; for a thread of its own.

        Args:
            stop: set when it is to end.
        """
        while not stop.is_set():
            try:
                self.send_due(stop=stop)
            except MatriculaError as error:  # the state is busy or out of reach: the next look may find it
                logs.event("sending failed", code=error.code)
            except Exception as error:  # noqa: BLE001 - a thread that ends here would never send anything again
                logs.event("sending failed", code="fault", kind=type(error).__name__)
            stop.wait(LOOK)

    def _send(self, sending: Sending, at: datetime) -> None:
        error = self._handed_over(sending, at)
        if error is not None:
            pause = PAUSES[sending.attempts - 1] if sending.attempts <= len(PAUSES) else None
            again = None if pause is None or error.code == GONE else at + pause
            self._store.sendings.failed(sending.id, logs.redacted(f"{error.what} {error.remedy}"), again)
            logs.event(
                "message failed", code=error.code, kind=sending.channel, state="given-up" if not again else "waiting"
            )
        else:
            self._store.sendings.sent(sending.id, at)
            logs.event("message sent", kind=sending.channel)

    def _handed_over(self, sending: Sending, at: datetime) -> MatriculaError | None:
        """Send a message; returns why it did not go."""
        try:
            self._hand_over(sending, at)
        except MatriculaError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one message that cannot be made must not hold the others up
            return MatriculaError(
                f"This is a fault in matricula: {type(error).__name__}.",
                remedy="Please report it with the settings of this address.",
                code="fault",
            )
        return None

    def _hand_over(self, sending: Sending, at: datetime) -> str:
        settings = self._home.service()
        if sending.channel == "hook":
            hook = next((each for each in settings.hooks_out if each.name == sending.target), None)
            if hook is None:
                raise _gone(f"webhook {sending.target}")
            return send_hook(self._home, hook, f"msg_{sending.id}_{_apart(sending)}", sending.body.encode(), at)
        if settings.mail is None:
            raise _gone("mail server")
        # The day of the message is that of what it tells, however late it goes.
        mail = email_of(_message_in(sending), settings.mail.sender, sending.target, sending.asked_at)
        return send_mail(self._home, settings.mail, mail)


def _wanted(told: Any, notice: Notice) -> bool:
    return notice.kind in told.about and (not told.sites or notice.site in told.sites)


def _message_in(sending: Sending) -> Message:
    if sending.channel == INVITATION:
        return invitation_of(sending.body, f"invitation-{sending.id}-{_apart(sending)}")
    return Message.of(sending.body)


def _apart(sending: Sending) -> str:
    """What tells a message from one of another installation with the same number."""
    return f"{sending.asked_at:%Y%m%d%H%M%S%f}"


def _gone(what: str) -> SettingError:
    return SettingError(
        f"The settings name no {what} any more.",
        where="service",
        remedy="Messages that were for it are given up.",
        code=GONE,
    )
