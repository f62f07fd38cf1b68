"""`matricula serve`: the console, the API and the work that they start, in one process."""

from typing import TYPE_CHECKING, Annotated

import typer

from matricula import logs
from matricula.cli.desk import HomeDir
from matricula.cli.screen import Screen
from matricula.errors import SettingError
from matricula.hub import Home, default_home

if TYPE_CHECKING:
    from matricula.service import Service

NEARBY = "127.0.0.1"


def serve(
    *,
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Network address to listen on; by default this computer only."),
    ] = NEARBY,
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="Port to listen on.", min=0, max=65535)] = 8080,
    proxies: Annotated[
        str,
        typer.Option(
            "--behind",
            metavar="ADDRESSES",
            help="Network addresses of reverse proxies whose word on the visitor's address and on TLS is taken, "
            "divided by commas.",
        ),
    ] = NEARBY,
    worker: Annotated[
        bool,
        typer.Option("--worker/--no-worker", help="Whether jobs and schedules are worked on by this process, too."),
    ] = True,
    home: HomeDir = None,
) -> None:
    """Serve the console and the API, and work on jobs and schedules.

    A home is made where there is none. The first visitor makes the owner's
    account with the start code that is shown. Ctrl-C or SIGTERM stops cleanly:
    calls to Moodle that are under way are finished, and what was not done goes
    on at the next start.

    Examples:
      matricula serve
      matricula serve --host 0.0.0.0 --port 8080 --behind 10.0.0.5
    """
    from matricula.service import Service
    from matricula.web.app import create_app
    from matricula.web.serving import serve_app

    logs.serve_by_default()
    screen = Screen()
    folder = home or default_home()
    with Home.make(folder) as opened:
        service = Service(opened)
        service.start(background=worker)
        app = create_app(service)
        try:
            started = serve_app(
                app, host, port, proxies, lambda address: _told(screen, service, address), app.state.live.close
            )
        finally:
            service.stop()
    if not started:
        raise SettingError(
            f"The console cannot listen on {host}, port {port}.",
            where="matricula serve",
            remedy="Another program listens there, or the address is not this computer's: choose others with --host "
            "and --port.",
            code="port-taken",
        )


def _told(screen: Screen, service: "Service", address: str) -> None:
    if service.accounts.none_yet:
        screen.line("Make the owner's account here; the address holds the start code, keep it to yourself:")
        screen.line(f"{address}/start?code={service.accounts.start_code()}", "bold", indent=2)
    else:
        screen.line(f"The console is at {address}")
