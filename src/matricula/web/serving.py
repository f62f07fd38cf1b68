"""The web server: uvicorn, which says where it listens once it does."""

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from matricula.logs import servers

GRACE_SECONDS = 10
"""How long open answers, such as those that follow a run, may go on after a stop was asked for."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, listening: Callable[[str], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - only compared with
            self._listening(f"http://{f'[{shown}]' if ':' in shown else shown}:{port}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)
        # The signal has been obeyed: uvicorn would raise it once more, and end the process before its work is.
        self._captured_signals.clear()


def serve_app(
    app: ASGIApp,
    host: str,
    port: int,
    proxies: str,
    listening: Callable[[str], None],
    stopping: Callable[[], None] = lambda: None,
) -> bool:
    """Serve an application until a signal stops it.

    Args:
        app: the application.
        host: network address to listen on.
        port: port to listen on; 0 for any that is free.
        proxies: addresses of proxies that are believed, divided by commas.
        listening: told the address of the console once it answers.
        stopping: called before open answers are waited for, so that they can be ended.

    Returns:
        whether it could listen.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    servers.listen()
    server = _Server(config, listening, stopping)
    try:
        server.run()
    except SystemExit:
        return False
    return server.started
