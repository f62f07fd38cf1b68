"""Services that answer in JSON on a free port: empty, a whole small school, and as iSAMS and Classter speak."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Handler = Callable[[Request, Mapping[str, str]], Any]


class Service:
    """A service whose answers a test sets.

    Args:
        url: its address.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.handler: Handler = lambda _request, _form: None

    def answer(self, handler: Handler) -> None:
        """Start anew with a handler, which gives what is sent as JSON, a response, or None for 404."""
        self.asked, self.headers = [], []
        self.handler = handler

    async def __call__(self, request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        self.asked.append(f"{request.url.path}{query}")
        self.headers.append(dict(request.headers))
        told = self.handler(request, dict(parse_qsl((await request.body()).decode())))
        if isinstance(told, Response):
            return told
        return Response(status_code=404) if told is None else JSONResponse(told)


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Service]:
    """A service that runs until the block ends, with TLS where a certificate (with its key) is given."""
    service = Service()

    async def endpoint(request: Request) -> Response:
        return await service(request)

    app = Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])])
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", ssl_certfile=certificate)
    server = uvicorn.Server(config)
    ready = threading.Event()
    started = server.startup

    async def startup(*arguments: Any, **named: Any) -> None:
        await started(*arguments, **named)
        ready.set()

    server.startup = startup
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(20)
    port = server.servers[0].sockets[0].getsockname()[1]
    service.url = f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
    yield service
    server.should_exit = True
    thread.join(20)


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that is signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "service.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


class Isams:
    """iSAMS' REST API as far as it is public: a token for client id and secret, pages, sets and their lists."""

    SECRET = "s3cret-of-isams"

    def __init__(self) -> None:
        self.page_size = 2
        self.tokens = 0
        self.students = [
            self.student("0001", "Ann", "Lee", preferredName="Annie", yearGroup=7, formGroup="7A"),
            self.student("0002", "Ben", "Öst", schoolEmailAddress=""),
            self.student("0003", "Cléo", "Lee"),
        ]
        self.employees = [
            {"id": 11, "forename": "Tom", "surname": "Hill", "preferredName": None, "middleNames": None,
             "schoolEmailAddress": "hill@school.example", "schoolInitials": "TH", "isTeachingStaff": True},
            {"id": 12, "forename": "Uma", "surname": "Iyer", "preferredName": "", "middleNames": None,
             "schoolEmailAddress": "iyer@school.example", "schoolInitials": "UI", "isTeachingStaff": False},
        ]  # fmt: skip
        self.subjects = [{"id": 5, "name": "Science", "code": "SC", "active": True, "isHidden": False}]
        self.sets: list[dict[str, Any]] = [
            {"id": 51, "name": "7A/Sc1", "code": "7ASC1", "subjectId": 5, "yearGroup": 7, "hidden": False},
            {"id": 52, "name": "Old", "code": "OLD", "subjectId": 5, "yearGroup": 7, "hidden": True},
            {"id": 53, "name": "7B/Sc1", "code": "7BSC1", "subjectId": 5, "yearGroup": 7, "hidden": False},
        ]
        self.lists = {51: ["0001", "0002"], 52: ["0003"], 53: ["0003"]}
        self.terms = [
            {"id": 1, "name": "Michaelmas", "schoolYear": 2026, "startDate": "2026-09-03T00:00:00",
             "finishDate": "2026-12-11T00:00:00"},
            {"id": 9, "name": "Lent", "schoolYear": 2025, "startDate": "2026-01-06T00:00:00",
             "finishDate": "2026-03-20T00:00:00"},
        ]  # fmt: skip

    @staticmethod
    def student(number: str, forename: str, surname: str, **more: Any) -> dict[str, Any]:
        """A pupil with the fields that are public."""
        email = f"{forename}.{surname}@school.example".lower()
        plain = {"schoolId": number, "forename": forename, "surname": surname, "preferredName": None,
                 "middlenames": None, "schoolCode": "LH", "schoolEmailAddress": email, "yearGroup": 8,
                 "formGroup": "8B", "academicHouse": "North", "systemStatus": 1}  # fmt: skip
        return plain | more

    def __call__(self, request: Request, form: Mapping[str, str]) -> Any:
        path = request.url.path
        if path == "/auth/connect/token":
            return self._token(form)
        if request.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return Response(status_code=401)
        if path == "/api/students":
            return self._page("students", self.students, request)
        if path == "/api/humanresources/employees":
            return self._page("employees", self.employees, request)
        if path.startswith("/api/teaching/sets/") and path.endswith("/setList"):
            number = int(path.split("/")[4])
            return {"id": number, "hidden": False, "students": [{"schoolId": one} for one in self.lists[number]]}
        lists = {"/api/school/terms": "terms", "/api/teaching/subjects": "subjects", "/api/teaching/sets": "sets"}
        return {lists[path]: getattr(self, lists[path])} if path in lists else None

    def _token(self, form: Mapping[str, str]) -> Any:
        wanted = {"grant_type": "client_credentials", "client_id": "matricula", "client_secret": self.SECRET}
        if dict(form) != wanted:
            return JSONResponse({"error": "invalid_client"}, status_code=400)
        self.tokens += 1
        return {"access_token": f"token-{self.tokens}", "expires_in": 3600, "token_type": "Bearer"}

    def _page(self, name: str, rows: list[Any], request: Request) -> Any:
        page, size = int(request.query_params.get("page", 1)), self.page_size
        shown = rows[(page - 1) * size : page * size]
        return {name: shown, "page": page, "totalPages": -(-len(rows) // size), "totalCount": len(rows)}

    def settings(self, service: Service, **more: Any) -> dict[str, Any]:
        """The settings that read it."""
        parameters = {"address": service.url, "client_id": "matricula", "school": "Lindenhof School",
                      "school_year": 2026, "ends_in": 2027}  # fmt: skip
        return {"type": "rest", "recipe": "isams", "parameters": parameters, **more}


class Classter:
    """Classter's students, as its public client reads them."""

    TENANT = "7f0c1f0a-0000-4000-8000-1234567890ab"
    TOKEN = "t0ken-of-classter"

    def __init__(self) -> None:
        self.page_size = 2
        self.students = [
            {"id": number, "registrationStatus": "Registered", "grade": 7, "userEmail": f"s{number}@school.example",
             "customFieldDropDown1": 3, "image": None, "firstName": f"First{number}", "lastName": f"Last{number}"}
            for number in range(1, 6)
        ]  # fmt: skip

    def __call__(self, request: Request, _form: Mapping[str, str]) -> Any:
        told = tuple(
            request.headers.get(name) for name in ("authorization", "x-institute-tenant", "x-institute-period")
        )
        if told != (f"Bearer {self.TOKEN}", self.TENANT, "1"):
            return Response(status_code=401)
        if request.url.path != "/api/students":
            return None
        page = int(request.query_params["PageNumber"])
        return self.students[(page - 1) * self.page_size : page * self.page_size]

    def settings(self, service: Service, **more: Any) -> dict[str, Any]:
        """The settings that read it."""
        parameters = {"address": service.url, "tenant": self.TENANT, "period": "1", "school": "Lindenhof School"}
        return {"type": "rest", "recipe": "classter", "parameters": parameters, **more}


class Whole:
    """A service without a key that gives a whole small school, for the suite that all kinds of source share."""

    ANSWERS: Mapping[str, Any] = {
        "/people": {"people": [
            {"id": 1, "kind": "T", "login": "user1", "first": "Given1", "last": "Family1", "active": True},
            {"id": 2, "kind": "P", "login": "user2", "first": "Given2", "last": "Family2", "active": True},
            {"id": 3, "kind": "P", "login": "user3", "first": "Given3", "last": "Family3", "active": True},
        ]},
        "/groups": {"groups": [
            {"id": 7, "title": "Physics 1", "subject": {"id": 4, "name": "Physics"}, "years": [9, 10]},
            {"id": 8, "title": "Physics 2", "subject": {"id": 4, "name": "Physics"}, "years": [9, 10]},
        ]},
        "/groups/7/people": {"people": [{"id": 1, "role": "T"}, {"id": 2, "role": "P"}]},
        "/groups/8/people": {"people": [{"id": 3, "role": "P"}]},
    }  # fmt: skip

    def __call__(self, request: Request, _form: Mapping[str, str]) -> Any:
        return self.ANSWERS.get(request.url.path)

    @staticmethod
    def settings(service: Service, **more: Any) -> dict[str, Any]:
        """The settings that read it."""
        roles = {"T": "teacher", "P": "student"}
        year = {"sourcedId": "y27", "title": "2026/27", "type": "schoolYear", "startDate": "2026-08-01",
                "endDate": "2027-07-31", "schoolYear": "2027"}  # fmt: skip
        return {
            "type": "rest",
            "base": service.url,
            "calls": {
                "people": {"path": "people", "rows": "$.people", "key": "$.id"},
                "groups": {"path": "groups", "rows": "$.groups", "key": "$.id"},
                "members": {"path": "groups/{each$.id}/people", "rows": "$.people", "for_each": "groups"},
            },
            "records": {
                "school": {"table": "orgs", "fields": {"sourcedId": "s", "name": "Oak School", "type": "school"}},
                "year": {"table": "academicSessions", "fields": year},
                "subjects": {"table": "courses", "of": "groups", "distinct": True, "fields": {
                    "sourcedId": "subject-{$.subject.id}", "title": "$.subject.name", "orgSourcedId": "s"}},
                "groups": {"table": "classes", "of": "groups", "fields": {
                    "sourcedId": "group-{$.id}", "title": "$.title", "grades": "$.years", "classType": "scheduled",
                    "courseSourcedId": "subject-{$.subject.id}", "schoolSourcedId": "s", "termSourcedIds": "y27"}},
                "people": {"table": "users", "of": "people", "fields": {
                    "sourcedId": "person-{$.id}", "role": {"value": "$.kind", "map": roles}, "username": "$.login",
                    "givenName": "$.first", "familyName": "$.last", "enabledUser": "$.active",
                    "orgSourcedIds": "s"}},
                "members": {"table": "enrollments", "of": "members", "fields": {
                    "sourcedId": "group-{each$.id}-person-{$.id}", "classSourcedId": "group-{each$.id}",
                    "userSourcedId": "person-{$.id}", "schoolSourcedId": "s",
                    "role": {"value": "$.role", "map": roles}}},
            },
            "complete": ["orgs", "academicSessions", "courses", "classes", "users", "enrollments"],
            **more,
        }  # fmt: skip


@cache
def whole_service() -> Service:
    """A service with a whole small school that runs as long as the tests do."""
    service = ExitStack().enter_context(serving())
    service.answer(Whole())
    return service
