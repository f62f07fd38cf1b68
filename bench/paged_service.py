"""Serves an invented school as a OneRoster 1.1 service until terminated; the first line of output is its address.

python -m bench.paged_service PEOPLE
"""

import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

BASE = "/ims/oneroster/v1p1"
_WHEN = "2026-09-15T08:00:00.000Z"


def _record(number: int, **fields: Any) -> dict[str, Any]:
    return {"sourcedId": f"id-{number:07}", "status": "active", "dateLastModified": _WHEN, **fields}


def _user(number: int) -> dict[str, Any]:
    return _record(
        number,
        enabledUser="true",
        orgs=[{"href": f"{BASE}/orgs/id-0000000", "sourcedId": "id-0000000", "type": "org"}],
        role="student",
        username=f"given.family{number}",
        givenName=f"Given{number}",
        familyName=f"Family{number}",
        identifier=f"{number:06}",
        email=f"given.family{number}@school.example",
        grades=["09"],
    )


def service(people: int) -> Starlette:
    """The service; its one collection of any size is that of users.

    Args:
        people: how many users it has.
    """

    def answer(request: Request) -> JSONResponse:
        name = request.path_params["collection"]
        offset, limit = (int(request.query_params.get(word, usual)) for word, usual in (("offset", 0), ("limit", 100)))
        total = people if name == "users" else 1
        rows = list(_rows(name, offset, min(offset + limit, total)))
        return JSONResponse({name: rows}, headers={"X-Total-Count": str(total)})

    return Starlette(routes=[Route(f"{BASE}/{{collection}}", answer)])


def _rows(name: str, start: int, end: int) -> Iterator[dict[str, Any]]:
    for number in range(start, end):
        yield _user(number) if name == "users" else _record(number, name="Oak", title="Oak", type="school")


def main(people: str) -> None:
    """Serve it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        print(f"http://127.0.0.1:{listening.getsockname()[1]}{BASE}", flush=True)
        uvicorn.Server(uvicorn.Config(service(int(people)), log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
