"""Calls of a service that answers in JSON: repeated where that helps, and never to another host."""

import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx2
import stamina
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from matricula.errors import MatriculaError, SettingError, StopError, WaitError

LARGEST_ANSWER = 128 * 2**20
"""Bytes that one answer may have."""
LONGEST_PAUSE = 60.0
"""Seconds; a service that asks for a longer pause is left for later."""
_CONNECT = 10.0
_ATTEMPTS = 5
_REDIRECTS = 5
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EARLY = 30.0  # seconds before its end that a token is given up


@dataclass(frozen=True)
class Answer:
    """One answer.

    Args:
        content: the JSON value.
        next: address that the header `Link` gives for the next page; empty where there is none.
        place: the address without its query, for messages.
    """

    content: Any
    next: str
    place: str


@dataclass(frozen=True)
class Client:
    """OAuth 2 client credentials with every place filled; fields as in the recipe's `oauth2`."""

    token_url: str
    client_id: str
    client_secret: str
    scope: str = ""
    client_in: str = "header"


class _AgainError(Exception):
    """A call that may be repeated.

    Args:
        error: what it becomes when it does not help.
        pause: seconds that the service asks to wait; None for the usual pause.
    """

    def __init__(self, error: MatriculaError, pause: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause = pause


class Service:
    """A service and a few connections that are used again. Use it as a context manager.

    A proxy named in the environment is used, save for services on this machine.

    Args:
        base: its address.
        headers: what every call carries; may hold secrets.
        client: how it gives tokens, where it does.
        ca_file: certificates that are trusted in the place of the usual ones.
        timeout: seconds that one answer may take.
        at_once: connections at most.

    Raises:
        SettingError: the address or the file of certificates cannot be used.
    """

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str],
        *,
        client: Client | None,
        ca_file: Path | None,
        timeout: float,
        at_once: int,
    ) -> None:
        self.base = _usable(base, "source, base").rstrip("/")
        self._timeout = timeout
        trust_env = urlsplit(self.base).hostname not in _LOOPBACK
        verify = _trusting(ca_file) if ca_file else True
        try:
            self._http = httpx2.Client(
                timeout=httpx2.Timeout(timeout, connect=min(_CONNECT, timeout), pool=None),
                limits=httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once),
                headers={"User-Agent": "matricula", "Accept": "application/json", **headers},
                follow_redirects=False,
                trust_env=trust_env,
                verify=verify,
            )
        except (ValueError, ImportError, httpx2.InvalidURL) as error:
            raise _unsendable() from error
        self._token = _Token(self._http, client, timeout) if client else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, address: str, query: Mapping[str, str]) -> Answer:
        """One call.

        Args:
            address: whole address; it must be on the host of the base.
            query: what is added to it.

        Raises:
            SettingError: the service refuses what the recipe asks for, or knows no such path.
            WaitError: it is out of reach or busy, and stayed so.
            StopError: the answer is no JSON, or too large.
        """
        try:
            for attempt in stamina.retry_context(
                on=_pause, attempts=_ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=10, wait_jitter=0.5
            ):
                with attempt:
                    return self._once(address, query)
        except _AgainError as again:
            raise again.error from None
        raise AssertionError("a retry context ends by returning or raising")

    def _once(self, address: str, query: Mapping[str, str]) -> Answer:
        renewed = False
        for _ in range(_REDIRECTS):
            self._stay_here(address)
            request = self._http.build_request("GET", address, params=query or None)
            if self._token is not None:
                request.headers["Authorization"] = f"Bearer {self._token.get()}"
            response, body = _send(self._http, request, self._timeout)
            if response.status_code == httpx2.codes.UNAUTHORIZED and self._token is not None and not renewed:
                renewed = True
                self._token.forget()
                continue
            if response.is_redirect:
                address, query = urljoin(str(request.url), response.headers.get("location", "")), {}
                continue
            _refuse_errors(response, _place(request))
            link = response.links.get("next", {}).get("url", "")
            return Answer(_json(body, response, request), urljoin(str(request.url), link) if link else "", address)
        raise StopError(
            "The service leads from one address to the next without end.",
            where=address.partition("?")[0],
            remedy="See whether `base` is the address that the vendor names.",
            code="rest-redirects",
        )

    def _stay_here(self, address: str) -> None:
        if _origin(address) != _origin(self.base):
            raise SettingError(
                f"The service leads to another host: {_shown(address)}.",
                where=_shown(self.base),
                remedy="Nothing was sent there. If that is where the service is now, set `base` to it.",
                code="rest-other-host",
            )


class _Token:
    """The token of now, shared by all calls."""

    def __init__(self, http: httpx2.Client, client: Client, timeout: float) -> None:
        self._http = http
        self._client = client
        self._timeout = timeout
        self._url = _usable(client.token_url, "source, oauth2.token_url")
        self._lock = threading.Lock()
        self._text = ""
        self._until = 0.0

    def get(self) -> str:
        with self._lock:
            if not self._text or time.monotonic() > self._until:
                self._fetch()
            return self._text

    def forget(self) -> None:
        with self._lock:
            self._text = ""

    def _fetch(self) -> None:
        oauth = BackendApplicationClient(self._client.client_id)
        in_form = self._client.client_in == "form"
        extra = {"client_secret": self._client.client_secret} if in_form else {}
        form = oauth.prepare_request_body(scope=self._client.scope or None, include_client_id=in_form, **extra)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        request = self._http.build_request("POST", self._url, content=form, headers=headers)
        auth = None if in_form else httpx2.BasicAuth(self._client.client_id, self._client.client_secret)
        response, body = _send(self._http, request, self._timeout, auth)
        if httpx2.codes.is_server_error(response.status_code) or response.status_code == httpx2.codes.TOO_MANY_REQUESTS:
            _refuse_errors(response, _place(request))
        try:
            told = oauth.parse_request_body_response(body.decode("utf-8"))
        except (OAuth2Error, ValueError) as error:
            word = getattr(error, "error", None) or f"status {response.status_code}"
            raise SettingError(
                f"The service gave no token ({word}).",
                where=_place(request),
                remedy="See client id, client secret (`matricula source secret`), scope and the address of tokens.",
                code="rest-token",
            ) from None
        self._text = str(told["access_token"])
        self._until = time.monotonic() + float(told.get("expires_in") or 300) - _EARLY


def _usable(address: str, where: str) -> str:
    try:
        parts = urlsplit(address.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc:
        raise SettingError(
            "This is no address of a service.",
            where=where,
            remedy="Write it as https://sis.school.example, without a name or password.",
            code="rest-address",
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SettingError(
            "The address is not safe: names, and the secret that opens the service, would travel open.",
            where=where,
            remedy="Write https in the place of http.",
            code="rest-unsafe",
        )
    return address.strip()


def _unsendable() -> SettingError:
    """The refusal of a header; it never shows what is wrong, since that may be a secret."""
    return SettingError(
        "A header, or a proxy named in the environment, cannot be used.",
        where="source, headers",
        remedy="Headers, and the secrets in them, are plain text on one line; see HTTPS_PROXY and NO_PROXY as well.",
        code="rest-header",
    )


def _trusting(ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise SettingError(
            "The file of certificates cannot be read.",
            where=str(ca_file),
            remedy="Set `ca_file` to a file in PEM form that this account may read, or leave it out.",
            code="rest-ca-file",
        ) from error


def _origin(address: str) -> tuple[str, str, int]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def _shown(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"


def _place(request: httpx2.Request) -> str:
    return str(request.url).partition("?")[0]


def _pause(error: Exception) -> bool | float:
    if not isinstance(error, _AgainError):
        return False
    if error.pause is None:
        return True
    return error.pause if error.pause <= LONGEST_PAUSE else False


def _send(
    http: httpx2.Client, request: httpx2.Request, timeout: float, auth: httpx2.Auth | None = None
) -> tuple[httpx2.Response, bytes]:
    """The answer with its whole body, unless that is endless or comes drop by drop."""
    end = time.monotonic() + timeout
    parts: list[bytes] = []
    try:
        response = http.send(request, stream=True, auth=auth)
        try:
            for part in response.iter_bytes():
                parts.append(part)
                if time.monotonic() > end:
                    raise httpx2.ReadTimeout("the answer took too long")
                if response.num_bytes_downloaded > LARGEST_ANSWER:
                    raise StopError(
                        f"The answer has more than {LARGEST_ANSWER >> 20} MiB.",
                        where=_place(request),
                        remedy="Ask for smaller pages.",
                        code="rest-too-large",
                    )
        finally:
            response.close()
    except httpx2.LocalProtocolError:
        raise _unsendable() from None
    except httpx2.HTTPError as error:
        told = _out_of_reach(error, request)
        if isinstance(told, SettingError):
            raise told from None
        raise _AgainError(told) from None
    return response, b"".join(parts)


def _out_of_reach(error: httpx2.HTTPError, request: httpx2.Request) -> SettingError | WaitError:
    told = str(error) or type(error).__name__
    if isinstance(error, httpx2.ConnectError) and ("certificate" in told.lower() or "ssl" in told.lower()):
        return SettingError(
            f"There is no safe connection: {told}.",
            where=_place(request),
            remedy="See whether the address is right; where the school signs its own certificates, name theirs with "
            "`ca_file`.",
            code="rest-certificate",
        )
    if isinstance(error, httpx2.TimeoutException):
        what = "No complete answer came in time."
    elif isinstance(error, httpx2.ConnectError):
        what = f"The service cannot be reached: {told}."
    else:
        what = f"The connection broke before the answer was complete: {told}."
    return WaitError(
        what, where=_place(request), remedy="See address and network, and try again later.", code="rest-unreachable"
    )


def _refuse_errors(response: httpx2.Response, place: str) -> None:
    status = response.status_code
    told = f"The service answered {status} {response.reason_phrase}".rstrip()
    if status == httpx2.codes.TOO_MANY_REQUESTS or httpx2.codes.is_server_error(status):
        later = WaitError(f"{told}.", where=place, remedy="Try again later; if it stays so, ask the vendor.",
                          code="rest-busy")  # fmt: skip
        raise _AgainError(later, _asked_pause(response))
    if response.is_success:
        return
    remedies = {
        401: "The token or key was not accepted: enter it anew with `matricula source secret`.",
        403: "The token or key may not read this: ask the vendor, or whoever runs the service, to allow it.",
        404: "There is no such path: compare `base` and the call's `path` with the vendor's page.",
    }
    raise SettingError(
        f"{told}.",
        where=place,
        remedy=remedies.get(status, "Compare the call's path and query with the vendor's page."),
        code=f"rest-{status}",
    )


def _asked_pause(response: httpx2.Response) -> float | None:
    """Seconds that `Retry-After` asks for (RFC 9110, 10.2.3): a number of them, or a moment."""
    told = response.headers.get("retry-after", "").strip()
    if told.isdecimal():
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _json(body: bytes, response: httpx2.Response, request: httpx2.Request) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("content-type", "").partition(";")[0] or "of no kind that it names"
        page = " It looks like a page for people, such as one to sign on." if "html" in kind else ""
        raise StopError(
            f"The answer is no JSON, or ends half-way ({kind}, {len(body)} bytes).{page}",
            where=_place(request),
            remedy="See whether `base` and the path are those of the service, and that it lets this token in.",
            code="rest-no-json",
        ) from error
