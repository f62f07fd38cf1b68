"""The sandbox as a web server: its address, its own pages for faults, and how it is run."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from matricula.sandbox import fixtures, signing_on
from matricula.sandbox.faults import Faults
from matricula.sandbox.protocol import Request, answer, read_request, refusal_text, users_written
from matricula.sandbox.refusals import invalid_response
from matricula.sandbox.state import State

_NOT_FOUND = "<html>\n<head><title>404 Not Found</title></head>\n<body><h1>404 Not Found</h1></body>\n</html>\n"
_BAD_GATEWAY = _NOT_FOUND.replace("404 Not Found", "502 Bad Gateway")
_MAINTENANCE = _NOT_FOUND.replace("404 Not Found", "This site is undergoing maintenance")
_SERVER_ERROR = "<br />\n<b>Fatal error</b>:  Allowed memory size exhausted in <b>lib/moodlelib.php</b> on line 7\n"
_ENDING = (signal.SIGINT, signal.SIGTERM)
_LOOKS_EVERY = 0.01
"""Seconds."""
_HEADERS = {"Cache-Control": "private, must-revalidate, max-age=0", "Access-Control-Allow-Origin": "*"}


class _Connection(H11Protocol):
    """A connection that can be found again by the caller's address, to be broken on purpose."""

    open: ClassVar[dict[tuple[str, int], asyncio.Transport]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Notes the connection."""
        super().connection_made(transport)
        self.open[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self.open.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


class Served(Protocol):
    """What can be served: an ASGI application, and how it ends."""

    @property
    def application(self) -> Any:
        """The ASGI application."""
        ...

    def close(self) -> None:
        """Lets go of what it holds."""
        ...


async def break_off(web: WebRequest) -> Response:
    """Closes the connection without a word; the response returned is never sent."""
    if web.client is not None:
        connection = _Connection.open.get((web.client.host, web.client.port))
        if connection is not None:
            connection.abort()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    return Response(status_code=500)


class Sandbox:
    """A Moodle look-alike to try everything on.

    Parameters:
        fixture: what it holds when fresh: "contract", "empty" or "school".
        moodle: the release it plays, "4.5" or "5.1".
        database: ":memory:" or a file; a file is opened again where it stood, with its tokens.
        faults: faults in force from the start.
        plugins: whether a fresh one has the plugins of Matricula; a file keeps what it was made with.

    Attributes:
        state: the site's database, for tests that want to look behind the protocol.
        faults: the faults in force; may be changed at any time.
        application: the ASGI application.
    """

    def __init__(
        self,
        fixture: str = "contract",
        moodle: str = "5.1",
        database: str = ":memory:",
        faults: Faults | None = None,
        *,
        plugins: bool = False,
    ) -> None:
        if moodle not in ("4.5", "5.1"):
            raise ValueError(f"The sandbox plays Moodle 4.5 or 5.1, not {moodle!r}.")
        self.state = State(database, moodle)
        self.faults = faults or Faults()
        if self.state.fresh:
            fixtures.load(self.state, fixture, plugins=plugins)
        self.application = _application(self)

    @property
    def tokens(self) -> dict[str, str]:
        """Tokens by label: "admin", "few" and "plain"."""
        return fixtures.tokens(self.state)

    def reset(self) -> None:
        """Goes back to the fixture and ends all faults."""
        with self.state.lock:
            fixture, plugins = self.state.setting("fixture"), self.state.plugins
            with self.state.transaction():
                self.state.wipe()
            fixtures.load(self.state, fixture, plugins=plugins)
        self.faults.clear()

    def close(self) -> None:
        """Lets go of the database."""
        self.state.close()


def _application(sandbox: Sandbox) -> Starlette:
    async def rest(request: WebRequest) -> Response:
        return await _rest(sandbox, request)

    async def show_faults(request: WebRequest) -> Response:
        del request
        return JSONResponse(sandbox.faults.as_json())

    async def set_faults(request: WebRequest) -> Response:
        try:
            sandbox.faults.set(**await request.json())
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(sandbox.faults.as_json())

    async def show_requests(request: WebRequest) -> Response:
        del request
        return JSONResponse(sandbox.faults.seen())

    async def reset(request: WebRequest) -> Response:
        del request
        await run_in_threadpool(sandbox.reset)
        return JSONResponse({"tokens": sandbox.tokens})

    async def not_found(request: WebRequest, error: Exception) -> Response:
        del request, error
        return HTMLResponse(_NOT_FOUND, status_code=404)

    return Starlette(
        routes=[
            Route("/webservice/rest/server.php", rest, methods=["GET", "POST"]),
            Route("/sandbox/faults", show_faults, methods=["GET"]),
            Route("/sandbox/faults", set_faults, methods=["POST"]),
            Route("/sandbox/requests", show_requests, methods=["GET"]),
            Route("/sandbox/reset", reset, methods=["POST"]),
            *signing_on.routes(sandbox.state),
        ],
        exception_handlers={404: not_found},
    )


async def _rest(sandbox: Sandbox, web: WebRequest) -> Response:
    faults = sandbox.faults
    body = (await web.body()).decode("ascii", "surrogateescape")
    request = read_request(web.url.query, body, faults)
    faults.count(request.function)
    with faults.under_way(users_written(request)) as shared:
        if faults.settings.latency_ms:
            await asyncio.sleep(faults.settings.latency_ms / 1000)
        if faults.settings.maintenance_page:
            return HTMLResponse(_MAINTENANCE, status_code=503, headers={"Retry-After": "300"})
        if faults.settings.login_redirect:
            return RedirectResponse(f"{web.base_url}login/index.php", status_code=303)
        if faults.due("too_many", request.function):
            return Response(status_code=429, headers={"Retry-After": f"{faults.settings.retry_after:g}"})
        if faults.due("bad_gateway", request.function):
            return HTMLResponse(_BAD_GATEWAY, status_code=502)
        if faults.due("drop_before", request.function):
            return await break_off(web)
        text = await run_in_threadpool(_answer, sandbox, request, str(web.base_url), shared)
    return await _spoilt(faults, web, request, text)


async def _spoilt(faults: Faults, web: WebRequest, request: Request, text: str) -> Response:
    """The answer to a call that was worked on, unless a fault strikes it on its way."""
    if faults.due("drop_after", request.function):
        return await break_off(web)
    if faults.due("server_error", request.function):
        return HTMLResponse(_SERVER_ERROR, status_code=500)
    if faults.due("invalid_response", request.function):
        text = refusal_text(invalid_response(), as_json=request.as_json)
    if faults.due("late_answer", request.function):
        await asyncio.sleep(faults.settings.late_ms / 1000)
    if faults.due("half_answer", request.function):
        text = text[: len(text) // 2]
    kind = "application/json" if request.as_json else "application/xml; charset=utf-8"
    return Response(text, media_type=None, headers={**_HEADERS, "Content-Type": kind})


def _answer(sandbox: Sandbox, request: Request, base: str, shared: bool) -> str:  # noqa: FBT001
    deadlock = sandbox.faults.due("deadlock", request.function)
    if shared and sandbox.faults.settings.share_deadlock and not deadlock:
        sandbox.faults.note("deadlock")
        deadlock = True
    return answer(sandbox.state, sandbox.faults, request, base.rstrip("/"), deadlock=deadlock)


class _Server(uvicorn.Server):
    """A server that ends quietly and at once when it is told to, without passing the signal on."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ended = threading.Event()

    async def main_loop(self) -> None:
        """Serves until it is told to end, and looks for that oftener than every tenth of a second."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % 1000
            await asyncio.sleep(_LOOKS_EVERY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends; `ended` is set when all is answered, and the tenth of a second that follows need not be waited for."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.tasks and not self.force_exit:
            await asyncio.sleep(_LOOKS_EVERY)
        self.ended.set()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends serving at SIGINT and SIGTERM; in another thread than the first, signals are left alone."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _server(sandbox: Served) -> _Server:
    config = uvicorn.Config(
        sandbox.application,
        http=_Connection,
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_keep_alive=60,
    )
    return _Server(config)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small packets at once only where the protocol is named
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener


def serve(
    sandbox: Served,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serves a sandbox until SIGINT or SIGTERM.

    Parameters:
        sandbox: what is served.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        ready: told the address once calls are answered.
    """
    server = _server(sandbox)
    # signals are taken from before it is called ready, so that none is lost in between
    with _listen(host, port) as listener, server.capture_signals():
        if ready is not None:
            ready(_url(listener))
        server.run(sockets=[listener])
    sandbox.close()


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(frozen=True)
class Running:
    """A sandbox that is being served.

    Attributes:
        url: its address, without a slash at its end.
        sandbox: the sandbox itself.
    """

    url: str
    sandbox: Sandbox

    @property
    def tokens(self) -> dict[str, str]:
        """Tokens by label."""
        return self.sandbox.tokens

    @property
    def state(self) -> State:
        """The site's database."""
        return self.sandbox.state

    @property
    def faults(self) -> Faults:
        """The faults in force."""
        return self.sandbox.faults


@contextmanager
def running(
    fixture: str = "contract",
    moodle: str = "5.1",
    database: str = ":memory:",
    port: int = 0,
    faults: Faults | None = None,
    *,
    plugins: bool = False,
) -> Iterator[Running]:
    """Serves a sandbox from a thread of this process for the length of a ``with`` block."""
    sandbox = Sandbox(fixture, moodle, database, faults, plugins=plugins)
    with serving(sandbox, port) as url:
        yield Running(url, sandbox)


@contextmanager
def serving(served: Served, port: int = 0) -> Iterator[str]:
    """Serves from a thread of this process for the length of a ``with`` block; gives the address."""
    listener = _listen("127.0.0.1", port)
    server = _server(served)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield _url(listener)
    finally:
        server.should_exit = True
        server.ended.wait(timeout=10)
        listener.close()
        served.close()
