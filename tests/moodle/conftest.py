"""The hostile server and a client of it."""

import socketserver
import threading
from collections.abc import Iterator

import pytest
import stamina
from hostile import TOKEN, Asked, Server

from matricula.moodle import Moodle


@pytest.fixture
def server() -> Iterator[Server]:
    """A server whose replies the test sets."""
    state = Server()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            state.connections += 1
            while line := self.rfile.readline():
                target = line.decode().split(" ")[1]
                headers = {}
                while line := self.rfile.readline().decode().strip():
                    name, _, text = line.partition(":")
                    headers[name.lower()] = text.strip()
                body = self.rfile.read(int(headers.get("content-length", "0"))).decode()
                hung_up = True
                for part in state.reply_to(Asked(target, headers, body)):
                    hung_up = False
                    try:
                        self.wfile.write(part)
                    except OSError:  # the client has gone
                        return
                if hung_up:
                    return

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 50

    with Listener(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        state.url = f"http://127.0.0.1:{listener.server_address[1]}"
        yield state
        listener.shutdown()
        thread.join()


@pytest.fixture
def moodle(server: Server) -> Iterator[Moodle]:
    """A client of the hostile server."""
    with Moodle(server.url, TOKEN, timeout=5, form_fields=960, plugins=False) as client:
        yield client


@pytest.fixture(autouse=True)
def _no_pauses() -> Iterator[None]:
    """Calls are repeated as often as ever, without pauses between."""
    stamina.set_testing(testing=True, attempts=4, cap=True)
    yield
    stamina.set_testing(testing=False)
