"""A small OneRoster service, 1.1 and 1.2, for the tests; it checks signatures and tokens itself.

Signatures are computed here by hand from the raw query (RFC 5849, 3.4), not by the library that the client signs with.
"""

import base64
import hashlib
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus

import uvicorn
from deliveries import ROSTER_11, roster_12
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from matricula.sources import Surroundings, open_source

KEY, SECRET = "matricula", "s3cr3t/+=& of the school"
PATHS = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/rostering/v1p2"}
READ = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"
SCOPES = {"1.1": READ.replace("v1p2", "v1p1"), "1.2": READ}
_POINTERS = {
    "parentSourcedId": ("parent", "org"),
    "schoolYearSourcedId": ("schoolYear", "academicSession"),
    "orgSourcedId": ("org", "org"),
    "courseSourcedId": ("course", "course"),
    "schoolSourcedId": ("school", "org"),
    "termSourcedIds": ("terms", "academicSession"),
    "orgSourcedIds": ("orgs", "org"),
    "agentSourcedIds": ("agents", "user"),
    "classSourcedId": ("class", "class"),
    "userSourcedId": ("user", "user"),
    "primaryOrgSourcedId": ("primaryOrg", "org"),
}
_LISTS = ("grades", "subjects", "subjectCodes", "periods", "userIds")

Record = dict[str, Any]
Before = Callable[["Service", str, int], Response | None]


@dataclass
class Service:
    """What the service holds and how it behaves; tests change both while it runs.

    `before` is called ahead of each page with the collection and the number of the request, and may answer itself.
    """

    version: str = "1.1"
    tables: dict[str, list[Record]] = field(default_factory=dict)
    method: str = "oauth1"
    signature: str = "HMAC-SHA1"
    address: str = ""
    cap: int = 10_000
    totals: bool = True
    links: bool = False
    minds_offset: bool = True
    minds_filter: bool = True
    refuses: tuple[str, ...] = ()
    scopes: tuple[str, ...] = (READ, READ.replace("v1p2", "v1p1"))
    expires_in: int = 3600
    client_in: str = "header"
    before: list[Before] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Settings that read it."""
        auth: dict[str, Any] = {"method": self.method}
        if self.method == "oauth1":
            auth |= {"consumer_key": KEY, "signature": self.signature}
        if self.method == "client-credentials":
            auth |= {"client_id": KEY, "token_url": f"{self.address}/token"}
        return {"type": "oneroster-rest", "url": self.address, "version": self.version, "auth": auth} | changes

    def source(self, secret: str = SECRET, **changes: Any) -> Any:
        """The source that reads it."""
        return open_source(self.settings(**changes), Surroundings(secret=lambda _: secret))

    def queries(self, collection: str) -> list[dict[str, str]]:
        """With which parameters a collection was asked for."""
        return [query for name, query in self.asked if name == collection]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        request = Request(scope, receive)
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.path == "/token":
            return self._token(request, await request.body())
        base, _, collection = request.url.path.rpartition("/")
        query = dict(request.query_params)
        self.asked.append((collection, query))
        if base != PATHS[self.version]:
            return JSONResponse({"imsx_description": "no such endpoint"}, 404)
        if (refusal := self._refusal(request)) is not None:
            return refusal
        for before in self.before:
            if (answer := before(self, collection, len(self.queries(collection)))) is not None:
                return answer
        if collection not in self.tables:
            return JSONResponse({"imsx_description": "unknown object"}, 404)
        if bad := [name for name in self.refuses if name in query]:
            return JSONResponse({"statusInfoSet": [{"imsx_description": f"{bad[0]} is not supported"}]}, 400)
        return self._page(request, collection, query)

    def _page(self, request: Request, collection: str, query: Mapping[str, str]) -> Response:
        found = self.tables[collection]
        if "filter" in query and self.minds_filter:
            clause = re.fullmatch(r"dateLastModified>'([0-9TZ:.-]+)'", query["filter"])
            assert clause, query["filter"]
            found = [each for each in found if each.get("dateLastModified", "") > clause[1]]
        if query.get("sort"):
            found = sorted(found, key=lambda each: str(each.get(query["sort"])))
        start = int(query.get("offset", 0)) if self.minds_offset else 0
        limit = min(int(query.get("limit", 100)), self.cap)
        page, headers = found[start : start + limit], {}
        if self.totals:
            headers["X-Total-Count"] = str(len(found))
        if self.links:
            rest = {name: value for name, value in query.items() if name not in ("limit", "offset")}
            target = f"{self._own(request)}?{_encoded({'limit': limit, 'offset': start + limit, **rest})}"
            headers["Link"] = f'<{target}>; rel="next"' if start + limit < len(found) else '<x>; rel="first"'
        return JSONResponse({collection: page}, headers=headers)

    def _own(self, request: Request) -> str:
        return f"{self.address}{request.url.path}"

    def _refusal(self, request: Request) -> Response | None:
        header = request.headers.get("authorization", "")
        if self.method == "oauth1":
            fault = self._signature_fault(request, header)
        elif self.method == "bearer":
            fault = "" if header == f"Bearer {SECRET}" else "bad token"
        else:
            fault = "" if header.removeprefix("Bearer ") in self.tokens[-1:] else "unknown token"
        return JSONResponse({"imsx_codeMajor": "failure", "imsx_description": fault}, 401) if fault else None

    def _signature_fault(self, request: Request, header: str) -> str:
        told = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
        sent = [*parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)]
        sent += [(name, value) for name, value in told.items() if name != "oauth_signature"]
        pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in sent)
        joined = "&".join(f"{name}={value}" for name, value in pairs)
        base = "&".join(quote(part, safe="~") for part in ("GET", self._own(request), joined))
        digest = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}[self.signature]
        signed = hmac.new(f"{quote(SECRET, safe='~')}&".encode(), base.encode(), digest).digest()
        right = told.get("oauth_signature") == base64.b64encode(signed).decode()
        if told.get("oauth_consumer_key") != KEY or told.get("oauth_signature_method") != self.signature or not right:
            return "invalid signature"
        if told["oauth_nonce"] in self.nonces or abs(time.time() - int(told["oauth_timestamp"])) > 300:
            return "nonce used"
        self.nonces.add(told["oauth_nonce"])
        return ""

    def _token(self, request: Request, body: bytes) -> Response:
        form = dict(parse_qsl(body.decode()))
        kind, _, pair = request.headers.get("authorization", "").partition(" ")
        given = (form.get("client_id"), form.get("client_secret"))
        if kind == "Basic":
            name, _, secret = base64.b64decode(pair).decode().partition(":")
            given = (unquote_plus(name), unquote_plus(secret))
        if given != (KEY, SECRET) or (kind == "Basic") != (self.client_in == "header"):
            return JSONResponse({"error": "invalid_client", "error_description": f"who is {given[1]}?"}, 401)
        if not set(form.get("scope", "").split()) <= set(self.scopes):
            return JSONResponse({"error": "invalid_scope"}, 400)
        assert form["grant_type"] == "client_credentials"
        self.tokens.append(f"token-{len(self.tokens)}")
        told = {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": self.expires_in}
        return JSONResponse(told)


def school(version: str = "1.1") -> dict[str, list[Record]]:
    """The school of the CSV tests as the JSON of a service."""
    tables = roster_12() if version == "1.2" else dict(ROSTER_11)
    roles = tables.pop("roles", [])
    found = {name: [_record(row) for row in rows] for name, rows in tables.items()}
    for user in found["users"] if version == "1.2" else ():
        mine = [_record(row) for row in roles if row["userSourcedId"] == user["sourcedId"]]
        user["roles"] = [{name: role[name] for name in ("roleType", "role", "org")} for role in mine]
        user["enabledUser"] = "true"
    return found


def service(version: str = "1.1", **changes: Any) -> Service:
    """A service that holds the school, not yet running."""
    method = {"1.1": "oauth1", "1.2": "client-credentials"}[version]
    return Service(**{"version": version, "tables": school(version), "method": method} | changes)


def big(users: int) -> list[Record]:
    """So many users of 1.1."""
    return [{**school()["users"][2], "sourcedId": f"n{number:07}", "username": f"n{number}"} for number in range(users)]


def standing(folder: Path) -> Mapping[str, Any]:
    """Settings of a service that runs until the tests end, for the contract suite."""
    del folder
    started, _ = start(service())
    return started.settings()


@contextmanager
def running(started: Service, **tls: Any) -> Iterator[Service]:
    """Run a service on a free port."""
    _, stop = start(started, **tls)
    try:
        yield started
    finally:
        stop()


def start(started: Service, **tls: Any) -> tuple[Service, Callable[[], None]]:
    """Start a service on a free port; gives what stops it."""
    # Named so that answers are sent at once: asyncio sees to that for sockets that say they are TCP alone.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    bound.listen()
    server = uvicorn.Server(uvicorn.Config(started, log_level="critical", lifespan="off", **tls))
    started.address = f"http{'s' if tls else ''}://127.0.0.1:{bound.getsockname()[1]}"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()

    return started, stop


def raw(body: str | bytes, status: int = 200, **headers: str) -> Response:
    """An answer that is none of OneRoster's."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, status, {"content-type": "application/json"} | named)


def once(number: int, answer: Callable[[], Response]) -> Before:
    """Answers the request of that number, whatever the collection, counting from 1."""
    count = iter(range(1, 10**6))
    return lambda *_: answer() if next(count) == number else None


def _record(row: Mapping[str, Any]) -> Record:
    record: Record = {"status": "active", "dateLastModified": "2026-08-01T06:00:00.000Z"}
    for name, value in row.items():
        if name in _POINTERS:
            plain, kind = _POINTERS[name]
            made = [{"href": f"/{kind}s/{each}", "sourcedId": each, "type": kind} for each in value.split(",")]
            record[plain] = made if name.endswith("Ids") else made[0]
        elif name in _LISTS:
            record[name] = value.split(",")
        else:
            record[name] = json.loads(value) if value in ("true", "false") else value
    return record


def _encoded(query: Mapping[str, Any]) -> str:
    return "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())
