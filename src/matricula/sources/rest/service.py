"""The service that a recipe reads: signing in to it, asking it, and what its refusals mean."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2

from matricula.errors import MatriculaError, SettingError, WaitError
from matricula.sources.web import WebClient
from matricula.sources.web.answers import Answer, words_of
from matricula.sources.web.auth import ServiceAuth
from matricula.sources.web.signing_in import safe_address

_EXAMPLE = "https://sis.school.example/api"


@dataclass(frozen=True)
class Page:
    """One answer.

    Args:
        content: the JSON value.
        next: address that the header `Link` gives for the next page; empty where there is none.
        place: the address without its query, for messages.
    """

    content: Any
    next: str
    place: str


class HeadersAuth(ServiceAuth):
    """Signs in by the headers that a recipe names, and by another way beside them where it names one.

    Args:
        headers: the headers, with their secrets.
        secrets: what messages may not show.
        beside: the other way.

    Raises:
        SettingError: a header cannot be sent.
    """

    credential = "the secrets in the headers"
    advice = "Ask the vendor for a new one and enter it with `matricula source secret`."

    def __init__(self, headers: Mapping[str, str], secrets: tuple[str, ...], beside: ServiceAuth | None) -> None:
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                # The value is not shown: it may be the secret that was pasted with a line too many.
                raise SettingError(
                    f"The header {name} cannot be sent: it, or the secret in it, holds letters that none has.",
                    where=f"source, headers.{name}",
                    remedy="Enter the secret again with `matricula source secret`, just as the vendor gave it.",
                    code="rest-header",
                )
        self._headers = dict(headers)
        self._secrets = secrets
        self._beside = beside
        if beside is not None:
            self.credential, self.advice = beside.credential, beside.advice

    def secrets(self) -> tuple[str, ...]:
        """What messages may not show."""
        return (*self._secrets, *(self._beside.secrets() if self._beside else ()))

    def permission(self) -> str:
        """What was asked leave for."""
        return self._beside.permission() if self._beside else ""

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send the headers along; the other way adds its own."""
        request.headers.update(self._headers)
        if self._beside is None:
            yield request
        else:
            yield from self._beside.sync_auth_flow(request)


class Service:
    """A service that is read by a recipe. Use it as a context manager.

    Args:
        base: its address.
        auth: how it is signed in to.
        timeout: seconds that one answer may take.
        ca_file: certificates of the school's own, trusted beside the usual ones.

    Raises:
        SettingError: the address or the file of certificates cannot be used.
    """

    def __init__(self, base: str, auth: ServiceAuth, *, timeout: float, ca_file: Path | None) -> None:
        self.base = checked(base, "source, base").rstrip("/")
        self._client = WebClient(auth, self.base, _EXAMPLE, timeout=timeout, ca_file=ca_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *others: object) -> None:
        self._client.__exit__(*others)

    def get(self, address: str, query: Mapping[str, str]) -> Page:
        """One call.

        Args:
            address: whole address; it must be on the host of the base.
            query: what is added to it.

        Raises:
            SettingError: the service refuses what the recipe asks for, or leads elsewhere.
            WaitError: it is out of reach or busy, and stayed so.
            StopError: its answers are no JSON, or end half-way.
        """
        place = address.partition("?")[0]
        if _origin(address) != _origin(self.base):
            raise _elsewhere(address, place=self.base)
        asked = f"{address}?{urlencode(query)}" if query else address
        answer = self._client.get(asked)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, asked, place)
        return Page(answer.content, urljoin(asked, answer.next) if answer.next else "", place)

    def _refusal(self, answer: Answer, asked: str, place: str) -> MatriculaError:
        status, auth = answer.status, self._client.auth
        words = words_of(answer.body, auth.secrets())
        if "location" in answer.headers:
            return _elsewhere(urljoin(asked, answer.headers["location"]), place=place)
        if status >= 500:
            return WaitError(
                f"The service failed ({status}){words}.",
                where=place,
                remedy="Try again later; if it stays so, show the vendor this message.",
                code="service-failed",
            )
        remedies = {
            401: auth.advice,
            403: "Ask the vendor, or whoever looks after the service, to allow this to be read.",
            404: "There is no such path: compare `base` and the call's `path` with the vendor's page.",
        }
        what = f"does not accept {auth.credential}" if status == 401 else "refuses the call"
        return SettingError(
            f"The service {what} ({status}){words}.",
            where=place,
            remedy=remedies.get(status, "Compare the call's path and query with the vendor's page."),
            code="credentials-refused" if status == 401 else "service-refused",
        )


def checked(address: str, where: str) -> str:
    """An address to which secrets and names of people may be sent.

    Raises:
        SettingError: it is none.
    """
    try:
        return safe_address(address)
    except ValueError as error:
        raise SettingError(
            f"The address cannot be used: {error}.", where=where, remedy=f"It looks like {_EXAMPLE} .",
            code="service-address",
        ) from None  # fmt: skip


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _elsewhere(address: str, *, place: str) -> SettingError:
    """The refusal to follow: what opens the service would go along."""
    parts = urlsplit(address)
    return SettingError(
        f"The service leads elsewhere: {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}.",
        where=place,
        remedy="Nothing was sent there. If that is where the service is now, set `base` or the call's `path` to it; if "
        "it is a page to sign on, the token is not accepted.",
        code="service-elsewhere",
    )
