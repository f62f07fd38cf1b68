"""Calls over HTTP: one function, one form, one JSON answer; repeated only where that is safe."""

import os
import random
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2
import stamina

from matricula import logs
from matricula.moodle.answers import in_doubt, read
from matricula.moodle.encoding import encode
from matricula.moodle.errors import Busy, MoodleError, NotMoodle, Refused, RolledBack
from matricula.moodle.exchange import Answer, Asked, Secret
from matricula.moodle.site import GET_SITE_INFO

PATH = "/webservice/rest/server.php"
OWN_FIELDS = 1  # the token: everything else that is not a parameter goes into the address
LONGEST_PAUSE = 30.0  # seconds; a site that asks for more is left to the caller
LARGEST_ANSWER = 512 * 2**20  # bytes
_CONNECT = 10.0  # seconds
_IDLE = 4.0  # seconds a connection is kept: below the 5 s after which Apache closes it, so no write meets that
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TAILS = (PATH, "/login/index.php", "/index.php", "/my", "/admin", "/login")
_HEADERS = {"User-Agent": "matricula", "Content-Type": "application/x-www-form-urlencoded"}


def tidy(url: str) -> str:
    """A site's address as the client uses it, from what people copy out of a browser.

    Args:
        url: for example `https://school.example/moodle/login/index.php`.

    Returns:
        the address of the front page without a slash at its end.

    Raises:
        NotMoodle: the text is no address, or holds a name and password.
    """
    bare = url.strip().partition("?")[0].partition("#")[0].rstrip("/")
    try:
        parts = urlsplit(bare)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise NotMoodle(
            "This is no address of a site.",
            where=bare.rpartition("@")[2],
            remedy="Write it as https://moodle.school.example .",
        )
    if "@" in parts.netloc:
        raise NotMoodle(
            "The address holds a name or password.",
            where=bare.rpartition("@")[2],
            remedy="Leave out what stands before the @.",
        )
    path = parts.path
    for tail in _TAILS:
        path = path.removesuffix(tail)
    return f"{parts.scheme}://{parts.netloc}{path}"


class Transport:
    """One site, one token, and a few connections that are used again.

    The token travels in the form, never in the address, so that it is in no access log. A proxy named in the
    environment is used, save for sites on this machine.

    Args:
        url: address of the site, as `tidy` gives it.
        token: web-service token.
        timeout: seconds that one call may take from the first byte sent to the last one read.
        callers: connections at most.
    """

    def __init__(self, url: str, token: str, *, timeout: float, callers: int) -> None:
        self.url = url
        self.functions_known: Callable[[bool], frozenset[str] | None] = lambda _: None
        self.strained: Callable[[], None] = lambda: None  # told when a call had to be repeated
        self.date = ""  # Date header of the last answer
        self._timeout = timeout
        self._token = Secret(logs.hide(token))
        try:
            self._client = httpx2.Client(
                timeout=httpx2.Timeout(timeout, connect=min(_CONNECT, timeout), pool=None),
                limits=httpx2.Limits(
                    max_connections=callers, max_keepalive_connections=callers, keepalive_expiry=_IDLE
                ),
                headers=_HEADERS,
                follow_redirects=False,
                trust_env=urlsplit(url).hostname not in _LOOPBACK,
                verify=_authorities(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
            )
        except (ValueError, ImportError, httpx2.InvalidURL) as error:
            raise NotMoodle(
                "A proxy setting of the environment cannot be used.",
                where=url,
                remedy="Mend HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or add the site to NO_PROXY.",
            ) from error

    def __repr__(self) -> str:
        return f"Transport({self.url!r})"

    def close(self) -> None:
        """End all connections."""
        self._client.close()

    def call(self, function: str, parameters: Mapping[str, Any], *, repeatable: bool) -> Any:
        """One call of a web-service function, repeated where nothing can be done twice by it.

        Reading calls are repeated after dropped connections and gateway errors. Writing calls are repeated
        only where it is sure that nothing took place: no connection, or a transaction taken back.

        Args:
            function: web-service function.
            parameters: as `encoding.flatten` takes them.
            repeatable: whether the call only reads.

        Returns:
            what Moodle answered, from JSON; many writes answer `None`.

        Raises:
            MoodleError: one of the tree.
        """
        known = (lambda _: None) if function == GET_SITE_INFO else self.functions_known
        asked = Asked(function, self.url, repeatable, self._token, known)
        try:
            form = Secret(encode({"wstoken": self._token.reveal(), **parameters}))
        except UnicodeEncodeError:
            raise asked.error(
                Refused,
                "A text holds half a character (a lone surrogate).",
                "Mend the text in the source: it was probably cut or decoded wrongly.",
            ) from None
        met: list[Exception] = []

        def pause(error: Exception) -> bool | float:
            met.append(error)
            if isinstance(error, Busy) and error.soon:
                self.strained()
            return _pause_before_repeating(error)

        for attempt in stamina.retry_context(
            on=pause, attempts=4, timeout=90, wait_initial=0.5, wait_max=8, wait_jitter=0.5
        ):
            with attempt, logs.call(function):
                value = read(self._send(form, asked), asked)
                if met and isinstance(met[-1], RolledBack):  # what goes through at last was a deadlock, no bad value
                    self.strained()
                return value
        raise AssertionError("a retry context ends by returning or raising")

    def _send(self, form: Secret, asked: Asked) -> Answer:
        address = f"{self.url}{PATH}?wsfunction={asked.function}&moodlewsrestformat=json&moodlewssettingraw=1"
        try:
            with self._client.stream("POST", address, content=form.reveal().encode("ascii")) as response:
                answer = Answer(
                    response.status_code,
                    response.reason_phrase,
                    {name.lower(): value for name, value in response.headers.items()},
                    self._read_body(response, asked),
                )
        except httpx2.RequestError as error:
            raise transport_error(error, asked) from None
        self.date = answer.headers.get("date", "")
        return answer

    def _read_body(self, response: httpx2.Response, asked: Asked) -> bytes:
        """The whole body, unless it is endless or comes drop by drop."""
        end = time.monotonic() + self._timeout
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise _broken_off(f"The answer has more than {LARGEST_ANSWER >> 20} MiB.", asked)
            if time.monotonic() > end:
                raise httpx2.ReadTimeout("the answer took too long")
        return b"".join(parts)


def _pause_before_repeating(error: Exception) -> bool | float:
    """Whether a call may be repeated at once: no, yes after the usual pause, or yes after so many seconds."""
    if isinstance(error, RolledBack):
        return random.uniform(0.05, 0.4)  # noqa: S311 - callers that met in a deadlock must not meet again
    if isinstance(error, Busy) and error.soon:
        if error.pause is None:
            return True
        return error.pause if error.pause <= LONGEST_PAUSE else False
    return False


def transport_error(error: httpx2.RequestError, asked: Asked) -> MoodleError:
    """The error that a broken, refused or missing connection stands for."""
    told = asked.plain(error) or type(error).__name__
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        if "certificate" in told.lower() or "ssl" in told.lower():
            return asked.error(
                NotMoodle,
                f"No safe connection: {told}.",
                "Check the address; have the site's certificate mended, or trusted by this computer.",
            )
        return asked.error(
            Busy,
            f"The site cannot be reached: {told}.",
            "Check the address, the network and that the site is up; then try again.",
        )
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return asked.error(NotMoodle, f"The address cannot be used: {told}.")
    if isinstance(error, httpx2.TimeoutException):
        return _broken_off("No complete answer came in time.", asked, soon=False)
    return _broken_off(f"The connection broke before the answer was complete: {told}.", asked)


def _broken_off(told: str, asked: Asked, *, soon: bool = True) -> MoodleError:
    if not asked.repeatable:
        return in_doubt(told, asked)
    busy = asked.error(Busy, told, "Try again; if it stays so, look at the site's logs.")
    busy.soon = soon
    return busy


@cache
def _authorities(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """The authorities that are trusted, as the environment names them; reading them takes longer than a call."""
    return httpx2.create_ssl_context()
