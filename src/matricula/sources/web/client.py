"""Asking and telling a web service over HTTPS: one address, one JSON answer, tried again where that may help."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx2
import stamina

from matricula.errors import MatriculaError, SettingError
from matricula.sources.web.answers import (
    BUSY,
    AgainError,
    Answer,
    BrokenAnswerError,
    DoubtError,
    busy,
    is_page,
    parsed,
    without,
)
from matricula.sources.web.auth import ServiceAuth
from matricula.sources.web.signing_in import LOOPBACK

LONGEST_PAUSE = 300.0  # seconds; a service that wants more is left for another day
LARGEST_ANSWER = 256 * 2**20  # bytes
_ATTEMPTS = 5
_ALL_ATTEMPTS = 900.0  # seconds
_CONNECT = 10.0  # seconds
_HEADERS = {"User-Agent": "matricula", "Accept": "application/json"}
_JSON = {"Content-Type": "application/json"}
# Of errors after which asking again may help: those that say that nothing arrived, or that nothing was begun.
_NOT_DONE: Final = frozenset({"service-unreachable", "service-limits"})
# Of a setting, and yet met when something may have been done.
_TOO_LARGE: Final = "service-answer-large"

Judge = Callable[[Answer], None]
"""Looks at each answer and raises what it means; `BrokenAnswerError` where asking again may help."""


@dataclass(frozen=True)
class _Call:
    """One call: what is sent as it is, whether the answer's content is read, and who looks at it."""

    method: str
    url: str
    sent: bytes | None = None
    reads: bool = False
    judge: Judge | None = None


class WebClient:
    """A web service that one is signed in to. Use it as a context manager; threads may share it.

    Certificates are always verified. Redirections are not followed: they could lead the credentials elsewhere.

    Args:
        auth: how it is signed in to.
        address: the service's address.
        example: how a right address looks, for messages.
        timeout: seconds that one answer may take.
        ca_file: certificates (PEM) of an authority of the school's own, trusted beside the usual ones.

    Raises:
        SettingError: the file holds no certificates, or a proxy setting of the environment cannot be used.
    """

    def __init__(
        self, auth: ServiceAuth, address: str, example: str, *, timeout: float, ca_file: Path | None = None
    ) -> None:
        self.auth = auth
        self.requests = 0
        self._counting = threading.Lock()
        self._example = example
        self._timeout = timeout
        try:
            self._client = httpx2.Client(
                auth=auth,
                headers=_HEADERS,
                timeout=httpx2.Timeout(timeout, connect=min(_CONNECT, timeout)),
                verify=_trusted(ca_file),
                trust_env=urlsplit(address).hostname not in LOOPBACK,
            )
        except (ValueError, ImportError, httpx2.InvalidURL) as error:
            raise SettingError(
                "A proxy setting of the environment cannot be used.",
                where=address,
                remedy="Mend HTTPS_PROXY or ALL_PROXY, or add the service to NO_PROXY.",
                code="proxy",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str, judge: Judge | None = None) -> Answer:
        """Ask; busy services, dropped connections and broken answers are tried again a few times.

        Args:
            url: the address with its query.
            judge: see `Judge`.

        Returns:
            the answer whatever its status, save for those that say to come again.

        Raises:
            SettingError: credentials, certificate or address are wrong.
            WaitError: the service stays out of reach or busy.
            StopError: answers stay broken.
        """
        return self._patiently(_Call("GET", url, reads=True, judge=judge), _again)

    def put(self, url: str, content: Any, judge: Judge | None = None, *, reads: bool = False) -> Answer:
        """Store a record at its address. It is tried again as reading is: storing it twice is storing it once.

        Args:
            url: the record's address.
            content: what becomes its JSON.
            judge: see `Judge`.
            reads: whether the content of the answer is read.

        Returns:
            the answer whatever its status, save for those that say to come again.

        Raises:
            MatriculaError: as `get`.
        """
        return self._patiently(_Call("PUT", url, _json(content), reads=reads, judge=judge), _again)

    def post(
        self, url: str, content: Any = None, judge: Judge | None = None, *, reads: bool = True, repeatable: bool = False
    ) -> Answer:
        """Have something done. It is tried again only where it surely was not done, unless it is `repeatable`.

        Args:
            url: the address.
            content: what becomes the JSON that is sent; None for nothing.
            judge: see `Judge`.
            reads: whether the content of the answer is read.
            repeatable: whether doing it twice is as doing it once.

        Returns:
            the answer whatever its status, save for those that say to come again.

        Raises:
            DoubtError: it may or may not have been done.
            MatriculaError: as `get`; nothing was done.
        """
        call = _Call("POST", url, None if content is None else _json(content), reads=reads, judge=judge)
        if repeatable:
            return self._patiently(call, _again)
        try:
            return self._patiently(call, _again_if_not_done)
        except MatriculaError as error:
            unsure = isinstance(error, (AgainError, BrokenAnswerError)) and error.code not in _NOT_DONE
            if not unsure and error.code != _TOO_LARGE:
                raise
            raise DoubtError(error.what, where=error.where, remedy=error.remedy, code="service-doubt") from error

    def delete(self, url: str) -> Answer:
        """Take a record away. It is tried again as reading is; where it is gone already, the answer says 404.

        Args:
            url: the record's address.

        Returns:
            the answer whatever its status, save for those that say to come again; its content is not read.

        Raises:
            MatriculaError: as `get`.
        """
        return self._patiently(_Call("DELETE", url), _again)

    def _patiently(self, call: _Call, again: Callable[[Exception], bool | float]) -> Answer:
        for attempt in stamina.retry_context(
            on=again, attempts=_ATTEMPTS, timeout=_ALL_ATTEMPTS, wait_initial=0.5, wait_max=10, wait_jitter=0.5
        ):
            with attempt:
                answer = self._once(call)
                if call.judge is not None:
                    call.judge(answer)
                return answer
        raise AssertionError("a retry context ends by returning or raising")

    def _once(self, call: _Call) -> Answer:
        where = call.url.partition("?")[0]
        with self._counting:
            self.requests += 1
        try:
            with self._client.stream(
                call.method, call.url, content=call.sent, headers=_JSON if call.sent is not None else None
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code in BUSY:
                    raise busy(response.status_code, headers, where)
                body = self._read(response, where)
        except httpx2.RequestError as error:
            raise transport_error(error, where, self.auth.secrets()) from None
        # What is said of a record that was stored matters to nobody; a page that asks to sign in does.
        told = response.is_success and (call.reads or is_page(body, headers))
        content = parsed(body, headers, where, self._example) if told else None
        return Answer(response.status_code, headers, body, content, response.links.get("next", {}).get("url", ""))

    def _read(self, response: httpx2.Response, where: str) -> bytes:
        """The whole body, unless it is endless or comes drop by drop."""
        end = time.monotonic() + self._timeout
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise SettingError(
                    f"One answer has more than {LARGEST_ANSWER >> 20} MiB.",
                    where=where,
                    remedy="Ask for fewer records at a time.",
                    code="service-answer-large",
                )
            if time.monotonic() > end:
                raise httpx2.ReadTimeout("the answer took too long")
        return b"".join(parts)


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return _usual()
    context = httpx2.create_ssl_context()
    try:
        context.load_verify_locations(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingError(
            "The file of certificates cannot be read, or holds none.",
            where=f"ca_file {ca_file}",
            remedy="Name a file in PEM form: it has a line -----BEGIN CERTIFICATE-----.",
            code="ca-file",
        ) from error
    return context


@cache
def _usual() -> ssl.SSLContext:
    """The usual authorities; reading some hundred certificates takes longer than a small page."""
    return httpx2.create_ssl_context()


def _again(error: Exception) -> bool | float:
    """Whether to ask again: no, yes after the usual pause, or yes after so many seconds."""
    if isinstance(error, BrokenAnswerError):
        return True
    if not isinstance(error, AgainError):
        return False
    if error.pause is None:
        return True
    return error.pause if error.pause <= LONGEST_PAUSE else False


def _again_if_not_done(error: Exception) -> bool | float:
    """Whether to send again what may be done only once."""
    return _again(error) if isinstance(error, AgainError) and error.code in _NOT_DONE else False


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def transport_error(error: httpx2.RequestError, where: str, hidden: Iterable[str]) -> MatriculaError:
    """The error that a broken, refused or missing connection stands for.

    Args:
        error: what the connection met.
        where: the address, for people.
        hidden: secrets that the words may not show.
    """
    told = without(str(error), hidden) or type(error).__name__
    if isinstance(error, httpx2.ConnectError) and ("certificate" in told.lower() or "ssl" in told.lower()):
        return SettingError(
            f"No safe connection: {told}.",
            where=where,
            remedy=_certificate_advice(told.lower()),
            code="certificate",
        )
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return SettingError(
            f"The address cannot be used: {told}.", where=where, remedy="Mend the address.", code="service-address"
        )
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        return AgainError(
            f"The service cannot be reached: {told}.",
            where=where,
            remedy="Check the address, the network and that the service is up; then try again.",
            code="service-unreachable",
        )
    if isinstance(error, httpx2.TimeoutException):
        return AgainError(
            "No complete answer came in time.",
            where=where,
            remedy="Try again; if it stays so, set a longer timeout or a smaller limit.",
            code="service-slow",
        )
    return BrokenAnswerError(
        f"The connection broke before the answer was complete: {told}.",
        where=where,
        remedy="Read again; if it stays so, show the vendor this message.",
        code="service-answer",
    )


_ADVICE: Mapping[str, str] = {
    "hostname": "Write the address with the name that the certificate is made out to.",
    "ip address": "Write the address with the name that the certificate is made out to.",
    "expired": "Ask the vendor to renew the certificate.",
}


def _certificate_advice(told: str) -> str:
    for word, advice in _ADVICE.items():
        if word in told:
            return advice
    return (
        "If the school or the vendor has an authority of its own, name the file of its certificate as ca_file; else "
        "check the address, and ask the vendor to mend the certificate."
    )
