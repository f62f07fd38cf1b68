"""The pages on which people are signed on: by a key of ``auth_userkey``, or by a ticket of ``auth_matricula``.

They show who is signed on, as JSON, in the place of Moodle's pages. Tickets are looked at as the plugin looks at
them, as far as the whole path needs it: the plugin itself has tests of its own.
"""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from matricula.sandbox.functions.sign_on import KEYS
from matricula.sandbox.state import Row, State

TICKETS = "ticket."
"""Begins the settings in which used tickets are remembered."""
SECRET, APPLICATION, ISSUER = "auth_matricula.secret", "auth_matricula.application", "auth_matricula.issuer"
_LEEWAY = 30


class _RefusedError(Exception):
    """Somebody is not signed on; its text is the reason."""


def routes(state: State) -> list[Route]:
    """The pages."""

    async def by_key(request: Request) -> Response:
        return await run_in_threadpool(_answered, state, _by_key, request)

    async def by_ticket(request: Request) -> Response:
        return await run_in_threadpool(_answered, state, _by_ticket, request)

    async def out(request: Request) -> Response:
        return await run_in_threadpool(_answered, state, _out, request)

    return [
        Route("/auth/userkey/login.php", by_key, methods=["GET"]),
        Route("/auth/matricula/login.php", by_ticket, methods=["GET"]),
        Route("/auth/matricula/logout.php", out, methods=["GET"]),
    ]


def _answered(state: State, page: Any, request: Request) -> Response:
    with state.lock:
        try:
            response: Response = page(state, request)
        except _RefusedError as error:
            return JSONResponse({"refused": str(error)}, status_code=403)
        return response


def _by_key(state: State, request: Request) -> Response:
    name = f"{KEYS}{request.query_params.get('key', '')}"
    user = state.one("SELECT * FROM user WHERE id = ?", state.setting(name, "0"))
    if user is None:
        raise _RefusedError("invalidkey")
    state.run("DELETE FROM setting WHERE name = ?", name)
    return _shown(user, request.query_params.get("wantsurl", ""))


def _by_ticket(state: State, request: Request) -> Response:
    claims = _claims(state, request, "login")
    user = state.one("SELECT * FROM user WHERE deleted = 0 AND id = ?", claims["sub"])
    if user is None or user["username"] != claims["username"]:
        raise _RefusedError("nouser" if user is None else "otheruser")
    if user["suspended"]:
        raise _RefusedError("suspended")
    if user["siteadmin"] and not claims.get("admin"):
        raise _RefusedError("admin")
    return _shown(user, f"{str(request.base_url).rstrip('/')}{claims['to']}")


def _out(state: State, request: Request) -> Response:
    return RedirectResponse(_claims(state, request, "logout")["back"], 303)


def _claims(state: State, request: Request, act: str) -> dict[str, Any]:
    text = request.query_params.get("ticket", "")
    signed, _, signature = text.rpartition(".")
    try:
        header, claims = (json.loads(_bytes(part)) for part in signed.split("."))
        given = _bytes(signature)
    except ValueError:
        raise _RefusedError("malformed") from None
    if header.get("alg") != "HS256" or header.get("kid") != state.setting(APPLICATION):
        raise _RefusedError("application")
    made = hmac.new(state.setting(SECRET).encode(), signed.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(made, given):
        raise _RefusedError("signature")
    if claims["iss"] != state.setting(ISSUER):
        raise _RefusedError("issuer")
    if claims["aud"] != str(request.base_url).rstrip("/"):
        raise _RefusedError("site")
    if claims["act"] != act:
        raise _RefusedError("act")
    if not claims["nbf"] - _LEEWAY <= time.time() < claims["exp"] + _LEEWAY:
        raise _RefusedError("expired")
    name = f"{TICKETS}{claims['jti']}"
    if state.setting(name):
        raise _RefusedError("used")
    state.set_setting(name, "used")
    read: dict[str, Any] = claims
    return read


def _shown(user: Row, landing: str) -> Response:
    return JSONResponse({"id": user["id"], "username": user["username"], "landing": landing})


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
