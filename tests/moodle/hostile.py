"""A hostile web server of a few lines: it answers with whatever bytes a test gives it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Reply = bytes | Callable[[], Iterator[bytes]]
TOKEN = "0123456789abcdef0123456789abcdef"
CLOSE = b""  # hang up without an answer


@dataclass
class Asked:
    """A request as a hostile server saw it."""

    target: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body, keep_blank_values=True)


def http(body: str | bytes = "", *, status: str = "200 OK", kind: str = "application/json", **headers: str) -> bytes:
    """Bytes of an HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    head = {"content-type": kind, "content-length": str(len(content))}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def value(answer: Any, **headers: str) -> bytes:
    """Bytes of a Moodle answer."""
    return http(json.dumps(answer), **headers)


def refusal(code: str, message: str = "No.", **more: str) -> bytes:
    """Bytes of a Moodle refusal, with a class name as old sites have it."""
    return value({"exception": "moodle_exception", "errorcode": code, "message": message, **more})


@dataclass
class Server:
    """Answers requests with its replies in turn, the last one for ever."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def reply_to(self, asked: Asked) -> Iterator[bytes]:
        """Bytes of the next reply; none where the server hangs up."""
        self.asked.append(asked)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply() if callable(reply) else iter([reply] if reply else [])
