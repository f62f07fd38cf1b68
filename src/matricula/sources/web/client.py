"""Asking a web service over HTTPS: one address, one JSON answer, asked again where that may help."""

import ssl
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx2
import stamina

from matricula.errors import SettingError
from matricula.sources.web.answers import BUSY, AgainError, Answer, BrokenAnswerError, busy, parsed, without
from matricula.sources.web.auth import ServiceAuth
from matricula.sources.web.signing_in import LOOPBACK

LONGEST_PAUSE = 300.0  # seconds; a service that wants more is left for another day
LARGEST_ANSWER = 256 * 2**20  # bytes
_ATTEMPTS = 5
_ALL_ATTEMPTS = 900.0  # seconds
_CONNECT = 10.0  # seconds
_HEADERS = {"User-Agent": "matricula", "Accept": "application/json"}


class WebClient:
    """A web service that one is signed in to. Use it as a context manager.

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

    def get(self, url: str) -> Answer:
        """Ask; busy services, dropped connections and broken answers are tried again a few times.

        Args:
            url: the address with its query.

        Returns:
            the answer whatever its status, save for those that say to come again.

        Raises:
            SettingError: credentials, certificate or address are wrong.
            WaitError: the service stays out of reach or busy.
            StopError: answers stay broken.
        """
        for attempt in stamina.retry_context(
            on=_again, attempts=_ATTEMPTS, timeout=_ALL_ATTEMPTS, wait_initial=0.5, wait_max=10, wait_jitter=0.5
        ):
            with attempt:
                return self._once(url)
        raise AssertionError("a retry context ends by returning or raising")

    def _once(self, url: str) -> Answer:
        where = url.partition("?")[0]
        self.requests += 1
        try:
            with self._client.stream("GET", url) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code in BUSY:
                    raise busy(response.status_code, headers, where)
                body = self._read(response, where)
        except httpx2.RequestError as error:
            raise _transport_error(error, where, self.auth.secrets()) from None
        content = parsed(body, headers, where, self._example) if response.is_success else None
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


def _transport_error(error: httpx2.RequestError, where: str, hidden: Iterable[str]) -> Exception:
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
