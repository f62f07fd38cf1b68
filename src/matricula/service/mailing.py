"""E-mails, handed to the school's mail server."""

import smtplib
import ssl
from email.message import EmailMessage
from typing import Final

from matricula import logs
from matricula.errors import SettingError, WaitError
from matricula.hub import Home
from matricula.profiles.documents.service import Mail

TIMEOUT: Final = 30
"""Seconds that are waited for one answer of the mail server."""


def send_mail(home: Home, mail: Mail, message: EmailMessage) -> str:
    """Hand a message to the mail server.

    Args:
        home: where the password is kept.
        mail: the mail server.
        message: the message, to one recipient.

    Returns:
        what the server answered.

    Raises:
        SettingError: the server refuses the message, the password or the certificate, or a secret is missing.
        WaitError: the server cannot be reached or cannot serve now.
    """
    password = home.secret(mail.secret) if mail.secret else ""
    where = f"mail server {mail.host}:{mail.port}"
    try:
        with _connected(mail) as server:
            server.ehlo_or_helo_if_needed()
            if mail.user:
                server.login(mail.user, password)
            server.mail(mail.sender)
            _expect(server.rcpt(message["To"]), where)
            answer = server.data(message.as_bytes())
            _expect(answer, where)
            return f"{answer[0]} {_told(answer[1])}"
    except smtplib.SMTPAuthenticationError as error:
        raise _refused(f"It does not take the user name or password ({_told(error.smtp_error)}).", where) from error
    except smtplib.SMTPNotSupportedError as error:
        raise _refused(f"It does not offer what the settings ask for: {error}", where) from error
    except smtplib.SMTPResponseException as error:
        _expect((error.smtp_code, error.smtp_error), where)
        raise _unreachable(f"It ended the talk ({error.smtp_code}).", where) from error
    except ssl.SSLCertVerificationError as error:
        raise _refused(f"Its certificate cannot be trusted: {error.verify_message}.", where) from error
    except ssl.SSLError as error:
        raise _refused(
            "No encrypted connection comes about; perhaps the port wants another `security`.", where
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(f"It cannot be reached ({type(error).__name__}).", where) from error


def _connected(mail: Mail) -> smtplib.SMTP:
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT, context=ssl.create_default_context())
    server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT)
    if mail.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _expect(answer: tuple[int, bytes | str], where: str) -> None:
    """See that the server took what it was told."""
    code, words = answer
    if 200 <= code < 300:
        return
    if code < 500:
        raise _unreachable(f"It cannot take the message now ({code} {_told(words)}).", where)
    raise _refused(f"It does not take the message ({code} {_told(words)}).", where)


def _told(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return logs.redacted(" ".join(text.split()))[:300]


def _refused(what: str, where: str) -> SettingError:
    return SettingError(
        what,
        where=where,
        remedy="Mend `mail` in the service's settings and try `matricula notify test`.",
        code="mail-refused",
    )


def _unreachable(what: str, where: str) -> WaitError:
    return WaitError(
        what,
        where=where,
        remedy="It is tried again by itself; `matricula notify test` tries at once.",
        code="mail-unreachable",
    )
