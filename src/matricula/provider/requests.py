"""Requests and answers between the web and Authlib, which knows no framework here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import OAuth2Payload

_FREE: Final = frozenset({"state", "nonce", "login_hint", "id_token_hint", "ui_locales", "logout_hint"})
"""What a client may fill as it likes; all else is plain ASCII, which error descriptions may quote."""
MOST: Final = 4_000
"""Characters that a request may have."""


@dataclass(frozen=True)
class Asked:
    """A request of a browser or a site.

    Args:
        path: where it went, below the issuer's address.
        items: names and values of the query or the form, in order.
        method: its method.
        headers: its headers, by their usual names.
        body: whether the items came in the body.
    """

    path: str
    items: Sequence[tuple[str, str]]
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bool = False

    @property
    def values(self) -> dict[str, str]:
        """Values by name."""
        return dict(self.items)

    def refuse_odd(self) -> None:
        """Refuse what no client sends.

        Raises:
            InvalidRequestError: something is there twice, has letters that it cannot have, or is too long.
        """
        if sum(len(name) + len(value) for name, value in self.items) > MOST:
            raise InvalidRequestError("The request is too long.")
        if len(self.values) != len(self.items):
            raise InvalidRequestError("Something is in the request twice.")
        for name, value in self.items:
            plain = value.isascii() and value.isprintable() and not set(value) & {'"', "\\"}
            if name not in _FREE and not plain:
                raise InvalidRequestError("The request has characters that it cannot have.")


@dataclass
class Answer:
    """An answer to a browser or a site.

    Args:
        status: the HTTP status.
        body: what is sent as JSON; empty where it leads elsewhere.
        headers: headers beside it.
    """

    status: int
    body: Any
    headers: list[tuple[str, str]]

    @property
    def location(self) -> str:
        """Where it leads; empty where it does not."""
        return next((value for name, value in self.headers if name == "Location"), "")


class Payload(OAuth2Payload):
    """What was asked for, in the words of Authlib.

    Args:
        asked: the request.
    """

    def __init__(self, asked: Asked) -> None:
        self._data = asked.values
        self._lists: dict[str, list[str]] = {}
        for name, value in asked.items:
            self._lists.setdefault(name, []).append(value)

    @property
    def data(self) -> dict[str, str]:
        """Values by name."""
        return self._data

    @property
    def datalist(self) -> dict[str, list[str]]:
        """All values by name."""
        return self._lists


class Request(OAuth2Request):
    """A request, in the words of Authlib.

    Args:
        issuer: the provider's address: a proxy may have put another one in its place.
        asked: the request.
    """

    def __init__(self, issuer: str, asked: Asked) -> None:
        super().__init__(asked.method, f"{issuer}{asked.path}", headers=dict(asked.headers))
        self.payload = Payload(asked)
        self._form = asked.values if asked.body else {}

    @property
    def form(self) -> dict[str, str]:
        """What came in the body; a secret in an address is none."""
        return self._form
