"""Serves many sandboxes from one process, each under a path of its own, until terminated.

python -m bench.serve_many FOLDER NUMBER MILLISECONDS

Each is a copy of `site.db` in the folder and waits so long before each answer. The address below which they are, and
their token, are the first line of output, as JSON.
"""

import json
import shutil
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from matricula.sandbox import Sandbox


def main(folder: str, number: str, milliseconds: str) -> None:
    """Serve them."""
    sandboxes = [_copy(Path(folder), each, int(milliseconds)) for each in range(int(number))]
    mounts = [Mount(f"/{each}", sandbox.application) for each, sandbox in enumerate(sandboxes)]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        print(json.dumps({"url": url, "token": sandboxes[0].tokens["admin"]}), flush=True)
        config = uvicorn.Config(Starlette(routes=mounts), log_level="critical", access_log=False, lifespan="off")
        uvicorn.Server(config).run(sockets=[listener])


def _copy(folder: Path, number: int, milliseconds: int) -> Sandbox:
    copy = folder / f"site-{number}.db"
    shutil.copyfile(folder / "site.db", copy)
    sandbox = Sandbox("empty", database=str(copy))
    sandbox.faults.set(latency_ms=milliseconds)
    return sandbox


if __name__ == "__main__":
    main(*sys.argv[1:])
