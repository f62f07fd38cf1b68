"""What those who operate the service ask it: whether it lives, whether it can serve, and its figures."""

import asyncio
import hmac
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Final, TypeVar

from fastapi import APIRouter, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from matricula import logs
from matricula.service import Service
from matricula.service.measures import Measures
from matricula.service.readiness import readiness

TOKEN_VARIABLE: Final = "MATRICULA_METRICS_TOKEN"  # noqa: S105 - its name
"""Environment variable that holds the token with which figures are answered to other machines, too."""
PATIENCE: Final = 5.0
"""Seconds after which a state that has not answered is taken for one that does not."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")

T = TypeVar("T")

router: Final = APIRouter(include_in_schema=False)


def operate(app: FastAPI) -> None:
    """Let an application be watched: its requests are counted and logged, and it answers to whoever operates it.

    Args:
        app: the application; `app.state.service` is its service.
    """
    service: Service = app.state.service
    app.state.measures = Measures(service.store)
    app.state.asking = _Asking(service)
    app.add_middleware(_Watched, measures=app.state.measures)
    app.include_router(router)


@router.get("/healthz")
async def healthz() -> Response:
    """Whether the process lives: it says so."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Whether requests make sense; 503 with the reasons where they do not."""
    asking: _Asking = request.app.state.asking
    checks = await asking.readiness()
    ready = all(told == "ok" for told in checks.values())
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Figures for Prometheus, for this machine alone or for whoever has the token."""
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not (_is_near(request) or (token and _brings(request, token))):
        told = "Figures are answered to this machine alone, or to whoever sends the token that the service was given."
        return PlainTextResponse(told + "\n", 401 if token else 403, {"www-authenticate": "Bearer"} if token else None)
    asking: _Asking = request.app.state.asking
    text = await asking.in_thread(request.app.state.measures.text)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _is_near(request: Request) -> bool:
    """Whether the request comes from this very machine, and not through a proxy on it."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _brings(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    logs.hide(token)
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


class _Asking:
    """Asks the state in threads of its own: when all others are busy, or the state hangs, that can be told."""

    def __init__(self, service: Service) -> None:
        self._store = service.store
        self._threads = ThreadPoolExecutor(2, "operating")
        self._under_way: asyncio.Future[dict[str, str]] | None = None

    async def readiness(self) -> dict[str, str]:
        """What `service.readiness` says, or that it takes too long."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.ensure_future(self.in_thread(lambda: readiness(self._store)))
        try:
            return await asyncio.wait_for(asyncio.shield(self._under_way), PATIENCE)
        except TimeoutError:
            return {"state": "does not answer in time"}

    async def in_thread(self, what: Callable[[], T]) -> T:
        """Do something that asks the state."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, what)


class _Watched:
    """Counts and logs requests by the template of their route: no name, no number, no query gets in."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, answered = time.monotonic(), False

        def note(status: int) -> None:
            nonlocal answered
            if not answered:
                answered = True
                self._note(scope, status, time.monotonic() - began)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                note(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            note(500)
            raise

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = template_of(scope)
        self._measures.request(method, route, status, seconds)
        if route not in ("/healthz", "/readyz", "/metrics", "/static") or status >= 500:
            logs.event("request", method=method, route=route, status=status, seconds=seconds)


def template_of(scope: Scope) -> str:
    """The template of the route that a request found; `(none)` where it found none."""
    # Of a router within another one the route knows its own end of the address alone.
    whole = scope.get("fastapi", {}).get("effective_route_context")
    path: str | None = getattr(whole, "path", None) or getattr(scope.get("route"), "path", None)
    if path:
        return path
    root = scope.get("app_root_path", "")
    mounted = scope.get("root_path", "").removeprefix(root)
    return mounted if mounted == "/static" else "(none)"
