"""A console on a real server of loopback, which a real Moodle and a browser reach."""

import threading
from contextlib import contextmanager

import uvicorn


@contextmanager
def served(app, listening, **tls):
    """Serve an application on a socket; over TLS with uvicorn's `ssl_certfile` and `ssl_keyfile`."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on", **tls))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        app.state.live.close()
        server.should_exit = True
        thread.join(20)
