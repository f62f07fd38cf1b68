"""The console on a real server of loopback, for what goes on while somebody watches."""

import json
import socket
import threading
from contextlib import contextmanager

import uvicorn


@contextmanager
def served(app):
    """The address of an application that is served."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        started = threading.Event()
        startup = server.startup

        async def told(sockets=None):
            await startup(sockets)
            started.set()

        server.startup = told
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        assert started.wait(20)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            app.state.live.close()
            server.should_exit = True
            thread.join(20)


def events(lines):
    """The events of a stream: name, id and what was sent with each."""
    event = {}
    for line in lines:
        if not line and event:
            yield event.get("event", ""), event.get("id", ""), json.loads(event.get("data", "null"))
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
