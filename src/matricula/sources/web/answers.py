"""What a web service answered, and what an answer that is none means."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from matricula.errors import SettingError, StopError, WaitError

BUSY = frozenset({429, 502, 503, 504})
_WORDS = 300  # characters of a service's own words that a message shows
_TOLD_IN = ("imsx_description", "error_description", "message", "detail", "title", "error")


@dataclass(frozen=True)
class Answer:
    """One answer of a web service.

    Args:
        status: HTTP status.
        headers: by names in small letters.
        body: what came, unpacked.
        content: the same read as JSON; None where it is not, or the status is none of success.
        next: address of the next page from the header `Link`, as it stands there; empty where none is given.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    content: Any = None
    next: str = field(default="")

    @property
    def succeeded(self) -> bool:
        """Whether the service did what it was asked."""
        return 200 <= self.status < 300


class AgainError(WaitError):
    """The service is out of reach or busy; asking again may help.

    Args:
        what: what happened.
        pause: seconds that the service asks to be left alone; None where it says nothing.
        others: as in `MatriculaError`.
    """

    def __init__(self, what: str, *, pause: float | None = None, **others: str) -> None:
        super().__init__(what, **others)
        self.pause = pause


class BrokenAnswerError(StopError):
    """An answer that ended half-way or cannot be read; asking again may help."""


class DoubtError(StopError):
    """No answer came to a call that may not be sent twice, or none that says what was done."""


def pause_of(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that a service asks to be left alone, by its header `Retry-After` (RFC 9110, 10.2.3).

    Args:
        headers: by names in small letters.
        now: the time; for tests.

    Returns:
        seconds from now, 0 for a moment that is past; None where the header is missing or senseless.
    """
    told = headers.get("retry-after", "").strip()
    if told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


def busy(status: int, headers: Mapping[str, str], where: str) -> AgainError:
    """The error of an answer that says to come again later."""
    pause = pause_of(headers)
    if status == 429:
        wait = f" for {pause:.0f} seconds" if pause else ""
        what, code = f"The service asks to be left alone{wait} (429).", "service-limits"
        remedy = "Read less often, or ask the vendor for a higher limit on requests."
    else:
        what, code = f"The service is not at work just now ({status}).", "service-busy"
        remedy = "Try again later; if it stays so, ask the vendor."
    return AgainError(what, pause=pause, where=where, remedy=remedy, code=code)


def parsed(body: bytes, headers: Mapping[str, str], where: str, example: str) -> Any:
    """The JSON of an answer.

    Args:
        body: the answer.
        headers: its headers.
        where: the address that was asked, for people.
        example: how a right address looks.

    Raises:
        SettingError: it is a web page, so that the address is probably wrong.
        BrokenAnswerError: it is no JSON.
    """
    if is_page(body, headers):
        raise SettingError(
            "A web page came where data should be: the address is probably wrong.",
            where=where,
            remedy=f"Ask the vendor for the address of the service; it looks like {example} .",
            code="service-address",
        )
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenAnswerError(
            "The answer is no JSON, or ends half-way.",
            where=where,
            remedy="Read again; if it stays so, show the vendor this message.",
            code="service-answer",
        ) from None


def is_page(body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether an answer is a web page."""
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in headers.get("content-type", "").lower() or start.startswith((b"<!doctype html", b"<html"))


def words_of(body: bytes, hidden: Iterable[str] = ()) -> str:
    """What a service says of a refusal, in brackets and shortened; empty where it says nothing.

    Args:
        body: its answer; OneRoster's `imsx_description` (1.1: in `statusInfoSet`), OAuth's `error_description` and the
            usual other places are looked at.
        hidden: secrets that the words may not show.
    """
    try:
        told = _told(json.loads(body))
    except (ValueError, RecursionError):
        return ""
    told = " ".join(without(told, hidden).split())
    return f" (it says: {told[:_WORDS]})" if told else ""


def without(text: str, hidden: Iterable[str]) -> str:
    """A text in which no secret stands."""
    for secret in hidden:
        text = text.replace(secret, "…") if secret else text
    return text


def _told(content: Any) -> str:
    if isinstance(content, list):
        return _told(content[0]) if content else ""
    if not isinstance(content, Mapping):
        return content if isinstance(content, str) else ""
    for name in ("statusInfoSet", "imsx_StatusInfo"):
        if name in content:
            return _told(content[name])
    for name in _TOLD_IN:
        if told := _told(content.get(name)):
            return told
    return _told_by_code(content)


def _told_by_code(content: Mapping[str, Any]) -> str:
    """What OneRoster's `imsx_CodeMinor` says, such as `invaliddata` (REST binding 1.2, status info)."""
    fields = content.get("imsx_CodeMinor", content.get("imsx_codeMinor"))
    if isinstance(fields, Mapping):
        fields = fields.get("imsx_codeMinorField")
    for each in fields if isinstance(fields, list) else ():
        if isinstance(each, Mapping) and (told := _told(each.get("imsx_codeMinorFieldValue"))):
            return told
    return fields if isinstance(fields, str) else ""
