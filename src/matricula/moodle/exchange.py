"""One call and its answer, in a form that keeps the token to itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from matricula.moodle.errors import MoodleError

E = TypeVar("E", bound=MoodleError)


@dataclass(frozen=True, slots=True)
class Asked:
    """The call that an answer belongs to.

    Args:
        function: web-service function.
        url: address of the site.
        repeatable: whether the call only reads.
        token: the secret, taken out of whatever the site says.
        functions: gives the functions of the token's service, `None` where they cannot be known; told whether to ask
            the site anew, as it may have been altered since.
    """

    function: str
    url: str
    repeatable: bool
    token: "Secret"
    functions: Callable[[bool], frozenset[str] | None]

    def error(self, kind: type[E], what: str, remedy: str = "", errorcode: str = "") -> E:
        """An error of this call."""
        where = f"{self.function} at {self.url}"
        return kind(what, function=self.function, errorcode=errorcode, where=where, remedy=remedy)

    def plain(self, text: object, length: int = 300) -> str:
        """A text from the site made fit for a message: no tags, no token, one line, not endless."""
        bare = re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", " ", str(text))).strip()
        bare = bare.replace(self.token.reveal(), "…")
        return bare if len(bare) <= length else bare[: length - 1] + "…"


class Secret:
    """A text that shows itself only when asked: it stays out of logs, tracebacks and representations."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(…)"

    def reveal(self) -> str:
        """The text itself."""
        return self._text


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP.

    Args:
        status: HTTP status.
        reason: the words beside it.
        headers: names in lower case.
        body: decoded from any compression.
    """

    status: int
    reason: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
