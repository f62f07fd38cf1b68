"""A small OneRoster service with a gradebook, 1.1 and 1.2, as strict as the tests of those who take grades.

It checks signatures and tokens itself: what is signed is put together by hand from the raw address (RFC 5849, 3.4).
"""

import asyncio
import base64
import hashlib
import hmac
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

KEY, SECRET = "matricula", "gr4de/+=& secret of the school"
BASES = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/gradebook/v1p2"}
ROSTERING = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/rostering/v1p2"}
SINGULAR = {"categories": "category", "lineItems": "lineItem", "results": "result"}
SCOPES = ("gradebook.readonly", "gradebook.createput", "gradebook.delete", "roster-core.readonly")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
STATUSES = ("exempt", "fully graded", "not submitted", "partially graded", "submitted")
_COMMON = {"sourcedId", "status", "dateLastModified", "metadata"}
_ITEM = {"title", "description", "assignDate", "dueDate", "class", "category", "resultValueMin", "resultValueMax"}
_RESULT = {"lineItem", "student", "scoreStatus", "score", "scoreDate", "comment"}
FIELDS = {
    ("categories", "1.1"): {"title"},
    ("categories", "1.2"): {"title", "weight"},
    ("lineItems", "1.1"): _ITEM | {"gradingPeriod"},
    ("lineItems", "1.2"): _ITEM | {"gradingPeriod", "academicSession", "school", "learningObjectiveSet"},
    ("results", "1.1"): _RESULT,
    ("results", "1.2"): _RESULT | {"class", "textScore", "late", "missing", "incomplete", "inProgress"},
}
NEEDED = {
    ("categories", "1.1"): {"title"},
    ("categories", "1.2"): {"title"},
    ("lineItems", "1.1"): {"title", "assignDate", "dueDate", "class", "category", "resultValueMin", "resultValueMax"},
    ("lineItems", "1.2"): {"title", "assignDate", "dueDate", "class", "category", "school"},
    ("results", "1.1"): {"lineItem", "student", "scoreStatus", "scoreDate"},
    ("results", "1.2"): {"lineItem", "student", "scoreStatus", "scoreDate"},
}

Record = dict[str, Any]
Before = Callable[["Gradebooks", str, str], Response | None]


def north() -> Record:
    """A school below a district."""
    return {"sourcedId": "north", "status": "active", "name": "North School", "type": "school"}


def standing() -> dict[str, dict[str, Record]]:
    return {name: {} for name in SINGULAR}


@dataclass
class Gradebooks:
    """What the service holds and how it behaves; tests change both while it runs.

    `before` is called ahead of each answer with the method and the path below the base, and may answer itself.
    """

    version: str = "1.2"
    method: str = "client-credentials"
    signature: str = "HMAC-SHA1"
    address: str = ""
    classes: dict[str, str] = field(default_factory=lambda: {"alg-1": "north", "bio-2": "north"})
    titles: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    orgs: list[Record] = field(default_factory=lambda: [north()])
    students: tuple[str, ...] = ("ann", "bo", "cy", "dee")
    sessions: tuple[str, ...] = ("t1", "t2")
    tables: dict[str, dict[str, Record]] = field(default_factory=standing)
    cap: int = 10_000
    keeps_metadata: bool = True
    marks_deleted: bool = False
    edited: int = 200
    deleted: int = 204
    scopes: tuple[str, ...] = SCOPES
    clock: float = 0.0
    client_in: str = "header"
    before: list[Before] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0
    pause: float = 0.0

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Settings that write to it."""
        auth: dict[str, Any] = {"method": self.method}
        if self.method == "oauth1":
            auth |= {"consumer_key": KEY, "signature": self.signature}
        if self.method == "client-credentials":
            auth |= {"client_id": KEY, "token_url": f"{self.address}/token"}
        return {"type": "oneroster-rest", "url": self.address, "version": self.version, "auth": auth} | changes

    def reset(self) -> None:
        """Nothing is held, nothing fails, and nothing was asked."""
        fresh = Gradebooks(version=self.version, method=self.method, address=self.address)
        kept = ("tokens", "nonces")
        for name in self.__dataclass_fields__:
            if name not in kept:
                setattr(self, name, getattr(fresh, name))

    def counts(self, *methods: str) -> int:
        """How often it was asked by these methods."""
        return sum(method in methods for method, _, _ in self.asked)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        request = Request(scope, receive)
        response = await self._answer(request)
        moment = time.gmtime(time.time() + self.clock)
        response.headers["date"] = time.strftime("%a, %d %b %Y %H:%M:%S GMT", moment)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.path == "/token":
            return self._token(request, await request.body())
        raw = request.scope["raw_path"].decode()
        base = next((base for base in {BASES[self.version], ROSTERING[self.version]} if raw.startswith(base)), None)
        path = raw.removeprefix(base or "").removeprefix("/")
        self.asked.append((request.method, path, dict(request.query_params)))
        if base is None:
            return refusal(404, "no such endpoint")
        if (refused := self._unsigned(request, raw)) is not None:
            return refused
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            for before in self.before:
                if (answer := before(self, request.method, path)) is not None:
                    return answer
            if self.pause:
                await asyncio.sleep(self.pause)
            parts = [unquote(part) for part in path.split("/")]
            if request.method == "GET":
                return self._get(base, parts, dict(request.query_params))
            if base != BASES[self.version] or len(parts) != 2 or parts[0] not in SINGULAR:
                return refusal(404, "no such endpoint")
            table, one = parts
            if request.method == "DELETE":
                return self._delete(table, one)
            if request.method == "PUT":
                return self._put(table, one, await request.json())
            return refusal(405, "not allowed")
        finally:
            self.at_once -= 1

    def _get(self, base: str, parts: list[str], query: Mapping[str, str]) -> Response:
        rostering = base == ROSTERING[self.version]
        match parts:
            case ["orgs"] if rostering:
                return self._page("orgs", self.orgs, query)
            case ["classes"] if rostering:
                return self._page("classes", [self._class(each) for each in self.classes], query)
            case ["classes", one] if rostering and one in self.classes:
                return JSONResponse({"class": self._class(one)})
            case ["classes", one, "students"] if rostering and one in self.classes:
                return self._page("users", [self.student(each) for each in self.students], query)
            case ["classes", one, "lineItems" | "results" as name] if one in self.classes:
                found = [each for each in self.tables[name].values() if self.class_of(name, each) == one]
                return self._page(name, found, query)
            case [name] if name in SINGULAR:
                return self._page(name, list(self.tables[name].values()), query)
            case [name, one] if name in SINGULAR and one in self.tables[name]:
                return JSONResponse({SINGULAR[name]: self.tables[name][one]})
        return refusal(404, "unknown object")

    def class_of(self, name: str, record: Record) -> str:
        """The class of a line item, or of that of a result."""
        item = record if name == "lineItems" else self.tables["lineItems"].get(record["lineItem"]["sourcedId"], {})
        return str(item.get("class", {}).get("sourcedId", ""))

    def _class(self, one: str) -> Record:
        return {
            "sourcedId": one,
            "status": "active",
            "title": self.titles.get(one, f"Class {one}"),
            "classCode": self.codes.get(one, one.upper()),
            "classType": "scheduled",
            "school": {"sourcedId": self.classes[one], "type": "org"},
        }

    def student(self, one: str) -> Record:
        """A student as the rostering service tells of them."""
        return {
            "sourcedId": one,
            "status": "active",
            "givenName": one.title(),
            "familyName": "Lee",
            "email": f"{one}@school.example",
            "identifier": f"no-{one}",
        }

    def _page(self, wrapper: str, found: list[Record], query: Mapping[str, str]) -> Response:
        if query.get("sort"):
            found = sorted(found, key=lambda each: str(each.get(query["sort"])))
        start, limit = int(query.get("offset", 0)), min(int(query.get("limit", 100)), self.cap)
        return JSONResponse({wrapper: found[start : start + limit]}, headers={"X-Total-Count": str(len(found))})

    def _put(self, name: str, one: str, body: Any) -> Response:
        if not isinstance(body, dict) or set(body) != {SINGULAR[name]}:
            return refusal(400, f"the wrapper {SINGULAR[name]} is missing")
        record = body[SINGULAR[name]]
        if (fault := self._fault(name, one, record)) is not None:
            return refusal(422, fault)
        new = one not in self.tables[name]
        kept = record if self.keeps_metadata else {key: value for key, value in record.items() if key != "metadata"}
        self.tables[name][one] = kept
        if new:
            return JSONResponse({SINGULAR[name]: kept}, 201)
        return Response(status_code=204) if self.edited == 204 else JSONResponse({SINGULAR[name]: kept}, self.edited)

    def _fault(self, name: str, one: str, record: Record) -> str | None:
        place = (name, self.version)
        if record.get("sourcedId") != one or not re.fullmatch(r"[0-9a-zA-Z.\-_/@]{1,255}", one):
            return "the sourcedId is wrong"
        if unknown := set(record) - FIELDS[place] - _COMMON:
            return f"unknown: {sorted(unknown)}"
        if missing := {each for each in NEEDED[place] | _COMMON - {"metadata"} if record.get(each) in (None, "")}:
            return f"missing: {sorted(missing)}"
        if record["status"] != "active":
            return "status"
        for each in ("dateLastModified", "assignDate", "dueDate", "scoreDate"):
            if each in record and not MOMENT.fullmatch(record[each]):
                return f"{each} is no DateTime"
        for each in ("score", "weight", "resultValueMin", "resultValueMax"):
            if each in record and (isinstance(record[each], bool) or not isinstance(record[each], int | float)):
                return f"{each} is no number"
        if record.get("scoreStatus", "exempt") not in STATUSES:
            return "scoreStatus"
        return self._pointer_fault(record)

    def _pointer_fault(self, record: Record) -> str | None:
        known: dict[str, Any] = {
            "class": self.classes,
            "school": set(self.classes.values()),
            "category": self.tables["categories"],
            "lineItem": self.tables["lineItems"],
            "student": self.students,
            "gradingPeriod": self.sessions,
            "academicSession": self.sessions,
        }
        for name, there in known.items():
            if name in record and record[name]["sourcedId"] not in there:
                return f"unknown {name}"
        return None

    def _delete(self, name: str, one: str) -> Response:
        if one not in self.tables[name]:
            return refusal(404, "unknown object")
        if self.marks_deleted:
            self.tables[name][one] = self.tables[name][one] | {"status": "tobedeleted"}
        else:
            del self.tables[name][one]
        return Response(status_code=204) if self.deleted == 204 else JSONResponse({}, self.deleted)

    def _unsigned(self, request: Request, raw: str) -> Response | None:
        header = request.headers.get("authorization", "")
        if self.method == "oauth1":
            fault = self._signature_fault(request, raw, header)
        elif self.method == "bearer":
            fault = "" if header == f"Bearer {SECRET}" else "bad token"
        else:
            fault = "" if header.removeprefix("Bearer ") in self.tokens[-1:] else "unknown token"
        return refusal(401, fault) if fault else None

    def _signature_fault(self, request: Request, raw: str, header: str) -> str:
        told = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
        sent = [*parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)]
        sent += [(name, value) for name, value in told.items() if name != "oauth_signature"]
        pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in sent)
        joined = "&".join(f"{name}={value}" for name, value in pairs)
        base = "&".join(quote(part, safe="~") for part in (request.method, f"{self.address}{raw}", joined))
        digest = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}[self.signature]
        signed = hmac.new(f"{quote(SECRET, safe='~')}&".encode(), base.encode(), digest).digest()
        if told.get("oauth_consumer_key") != KEY or told.get("oauth_signature") != base64.b64encode(signed).decode():
            return "invalid signature"
        if told["oauth_nonce"] in self.nonces:
            return "nonce used"
        if abs(time.time() + self.clock - int(told["oauth_timestamp"])) > 300:
            return "timestamp refused"
        self.nonces.add(told["oauth_nonce"])
        return ""

    def _token(self, request: Request, body: bytes) -> Response:
        form = dict(parse_qsl(body.decode()))
        kind, _, pair = request.headers.get("authorization", "").partition(" ")
        given = (form.get("client_id"), form.get("client_secret"))
        if kind == "Basic":
            name, _, secret = base64.b64decode(pair).decode().partition(":")
            given = (unquote_plus(name), unquote_plus(secret))
        if given != (KEY, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        if not {each.rpartition("/")[2] for each in form.get("scope", "").split()} <= set(self.scopes):
            return JSONResponse({"error": "invalid_scope"}, 400)
        self.tokens.append(f"token-{len(self.tokens)}")
        return JSONResponse({"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 3600})


def refusal(status: int, words: str) -> Response:
    """What a service says of a refusal (`imsx_StatusInfo`)."""
    told = {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": words}
    return JSONResponse(told, status)


def raw(body: str | bytes, status: int = 200, **headers: str) -> Response:
    """An answer that is none of OneRoster's."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, status, {"content-type": "application/json"} | named)


@contextmanager
def running(served: Gradebooks) -> Iterator[Gradebooks]:
    """Run a service on a free port."""
    # Named so that answers are sent at once: asyncio sees to that for sockets that say they are TCP alone.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    bound.listen()
    server = uvicorn.Server(uvicorn.Config(served, log_level="critical", lifespan="off", date_header=False))
    served.address = f"http://127.0.0.1:{bound.getsockname()[1]}"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join()
