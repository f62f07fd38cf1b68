"""Messages as they are kept, and as an e-mail or the body of a request shows them."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from matricula.store import Notice

_NAME: Final = "Matricula"


@dataclass(frozen=True)
class Part:
    """One part of a message.

    Args:
        lines: its paragraphs, or the points of its list.
        heading: what stands above; empty where nothing does.
    """

    lines: tuple[str, ...]
    heading: str = ""


@dataclass(frozen=True)
class Message:
    """What somebody is told.

    Args:
        subject: one line.
        parts: the rest.
        link: the page of the console that says more, as an address; empty where none is known.
        thread: names the message for good, so that replies to it stand together and a second copy is known as one.
        leads: what the link is called.
        why: why somebody gets it, in one sentence.
    """

    subject: str
    parts: tuple[Part, ...]
    link: str
    thread: str
    leads: str = "Look at it in Matricula"
    why: str = "Matricula sends this because its settings name you."

    def kept(self) -> str:
        """The message as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of(cls, kept: str) -> "Message":
        """A message from how it was kept."""
        told = json.loads(kept)
        parts = tuple(Part(tuple(part["lines"]), part["heading"]) for part in told["parts"])
        return cls(**told | {"parts": parts})


def message_of(notice: Notice, address: str) -> Message:
    """What is told of a notice.

    Args:
        notice: the notice.
        address: where the console is reached; empty where that is not known.
    """
    # Another installation counts its notices from 1, too.
    apart = hashlib.sha256(f"{notice.cause} {notice.first_at.isoformat()}".encode()).hexdigest()[:16]
    lines = tuple(line for line in notice.body.split("\n") if line)
    return Message(notice.subject, (Part(lines),), linked(address, notice.link), f"notice-{notice.id}-{apart}")


def invitation_of(kept: str, thread: str) -> Message:
    """An invitation to a learning tool, for somebody who was added to a course of it.

    Args:
        kept: what it says, as `tools.inviting` keeps it.
        thread: names the message for good.
    """
    told = json.loads(kept)
    tool, course = told["tool"], told["course"]
    lines = (
        f"{told['name']},",
        f"you have been added to the course {course} of {tool}.",
        f"Sign in there with the e-mail address that this message went to: {told['link']}",
    )
    return Message(
        f"You are in {course} of {tool}",
        (Part(lines),),
        told["link"],
        thread,
        f"Go to {tool}",
        "Matricula sends this for your school because you are in a course that is kept together with it.",
    )


def event_of(notice: Notice, address: str) -> dict[str, Any]:
    """What a webhook is told of a notice, as the specification's recommended payload."""
    return {
        "type": f"notice.{notice.kind.replace('-', '_')}",
        "timestamp": notice.first_at.isoformat(),
        "data": {
            "notice": notice.id,
            "kind": notice.kind,
            "site": notice.site,
            "profile": notice.profile or None,
            "subject": notice.subject,
            "lines": [line for line in notice.body.split("\n") if line],
            "link": linked(address, notice.link) or None,
        },
    }


def linked(address: str, link: str) -> str:
    """A page of the console as an address; empty where it is not known where the console is reached."""
    return f"{address.rstrip('/')}{link}" if address and link else ""


def email_of(message: Message, sender: str, to: str, at: datetime) -> EmailMessage:
    """A message as an e-mail, plain and as HTML.

    Args:
        message: the message.
        sender: the address it comes from.
        to: the address it goes to.
        at: now.
    """
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"{_NAME} <{sender}>"
    mail["To"] = to
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message.thread}@{domain}>"
    mail["List-Id"] = f"{_NAME} <matricula.{domain}>"
    # No automatic answer is wanted, and none can become a loop.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_template("message.txt").render(message=message))
    mail.add_alternative(_template("message.html").render(message=message), subtype="html")
    return mail


@cache
def _template(name: str) -> Template:
    return Environment(
        loader=PackageLoader("matricula.service", "mails"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)
