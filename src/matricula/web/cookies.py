"""Cookies of the console: none can be read by a script or sent from another site's form."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_TLS: Final = "__Host-"
"""Begins the names of cookies over TLS: browsers let only this very host set them, and only over TLS."""


def named(request: Request, name: str) -> str:
    """The full name of a cookie."""
    return f"{_TLS}{name}" if request.url.scheme == "https" else name


def session_cookie(request: Request) -> str:
    """Name of the cookie that holds the session."""
    return named(request, "matricula")


def form_cookie(request: Request) -> str:
    """Name of the cookie that forms are tied to while nobody is signed in."""
    return named(request, "matricula-form")


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Set a cookie that no script and no other site can read."""
    response.set_cookie(
        name, value, max_age=seconds, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/"
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Let a browser forget a cookie; over TLS it does so only where it is told in the same way as it was set."""
    response.delete_cookie(name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax")


def told_later(request: Request, name: str, value: str) -> None:
    """Set a cookie with whatever answer this request gets; see `Headers`."""
    carrier = Response()
    set_cookie(request, carrier, name, value)
    request.state.renewed = carrier.headers["set-cookie"]
