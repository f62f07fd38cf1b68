"""Webhooks in: another system says, by a signed request, that people or classes have changed.

Whoever does not know the secret learns nothing: an unknown name, a signature that is wrong and one that is old are
answered alike. What was taken is remembered by its id, so that a request sent again starts nothing a second time.
"""

import hashlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from matricula import logs
from matricula.errors import MatriculaError, SettingError, UsageError
from matricula.profiles.documents.service import HookIn
from matricula.service import Service
from matricula.service.signing import key_of, verified
from matricula.web.visit import address_of

LARGEST: Final = 64 * 1024
"""Bytes that a request may have; the specification wants them below 20,000."""
MOST: Final = 5_000
"""So many may be named in one request."""

Name = Annotated[str, Field(min_length=1, max_length=255)]
Names = Annotated[list[Name], Field(max_length=MOST)]
router = APIRouter()


class Changed(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(extra="ignore")

    profile: str
    changed: Names = []
    people: Names = []
    classes: Names = []
    courses: Names = []

    @property
    def whom(self) -> list[str]:
        """Everybody and everything named."""
        return [*self.changed, *self.people, *self.classes, *self.courses]


class Rate:
    """How many requests are taken in a minute; counted for each process by itself.

    Args:
        most: so many.
        now: tells seconds.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._lock = Lock()
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def full(self, whose: str) -> bool:
        """Whether there were too many."""
        with self._lock:
            return len(self._moments(whose)) >= self._most

    def count(self, whose: str) -> None:
        """Count one."""
        with self._lock:
            self._moments(whose).append(self._now())
            while len(self._seen) > _KNOWN:
                self._seen.popitem(last=False)

    def _moments(self, whose: str) -> deque[float]:
        moments = self._seen.setdefault(whose, deque())
        self._seen.move_to_end(whose)
        while moments and moments[0] <= self._now() - _MINUTE:
            moments.popleft()
        return moments


_MINUTE: Final = 60.0
_KNOWN: Final = 10_000
_REFUSED: Final = Rate(30)
_TAKEN: Final = Rate(600)


@router.post("/hooks/{name}")
async def changed(request: Request, name: str) -> Response:
    """Take a request in; the runs that it starts are for just those whom it names."""
    body = await body_of(request)
    return await run_in_threadpool(_take, request, name, body)


async def body_of(request: Request) -> bytes | None:
    """What came with a request; None where it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _take(request: Request, name: str, body: bytes | None) -> Response:
    service: Service = request.app.state.service
    address = address_of(request)
    if _REFUSED.full(address) or _TAKEN.full(name):
        return problem(429, "too-many-requests", "Too many requests came.", "Come again in a minute.", retry="60")
    if body is None:
        _refuse(service, name, address, "too large")
        return problem(413, "hook-too-large", f"A request has at most {LARGEST:,} bytes.", "Send several.")
    hook = next((each for each in service.home.service().hooks_in if each.name == name), None)
    number = _verified(service, hook, request, body) if hook else None
    if hook is None or number is None:
        _refuse(service, name if hook else "", address, "unknown" if hook is None else "signature")
        return problem(
            401,
            "hook-refused",
            "The request is not signed with the secret of this webhook, or not now.",
            "See that name, secret and clock are right on both sides.",
        )
    _TAKEN.count(name)
    try:
        return _served(service, hook, number, body, address)
    except MatriculaError as error:
        _refuse(service, name, address, error.code)
        status = 404 if error.code.endswith("-unknown") else 422 if isinstance(error, SettingError) else 400
        return problem(
            status if isinstance(error, UsageError | SettingError) else 503, error.code, error.what, error.remedy
        )


def _verified(service: Service, hook: HookIn, request: Request, body: bytes) -> str | None:
    """The id of a request that its sender signed; None also where no secret is kept to compare with."""
    try:
        key = key_of(service.home.secret(hook.secret), hook.secret)
    except SettingError as error:
        logs.event("hook", code=error.code)
        return None
    return verified(key, request.headers, body, datetime.now(UTC))


def _served(service: Service, hook: HookIn, number: str, body: bytes, address: str) -> Response:
    wanted = _read(hook, body)
    by, digest = f"hook {hook.name}", hashlib.sha256(body).hexdigest()
    before = service.store.wishes.receive(hook.name, number, digest, datetime.now(UTC))
    if before is not None and before.digest != digest:
        raise UsageError(
            "Another request with this webhook-id was taken before.",
            where=f"hooks_in {hook.name}",
            remedy="Give each request an id of its own; only an attempt to send the same once more keeps it.",
            code="hook-id-used",
        )
    if before is not None and before.job is not None:
        return JSONResponse({"job": before.job, "again": True}, 202)
    job = service.wishes.changed(wanted.profile, wanted.whom, by, address=address)
    service.store.wishes.answered(hook.name, number, job.id)
    told = f"{len(wanted.whom)} named"
    subject = f"job {job.id}"
    service.store.audit.note(
        "hook.taken", by=by, address=address, subject=subject, site=job.site, profile=job.profile, words=told
    )
    return JSONResponse({"job": job.id, "again": False}, 202)


def _read(hook: HookIn, body: bytes) -> Changed:
    try:
        wanted = Changed.model_validate_json(body)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in error.errors()[:5])
        raise UsageError(
            f"The request cannot be read: {faults}.",
            where=f"hooks_in {hook.name}",
            remedy='Send JSON like {"profile": "default", "changed": ["4711"]}.',
            code="request-malformed",
        ) from error
    if wanted.profile not in hook.profiles:
        raise UsageError(
            f"This webhook may not ask for the profile “{wanted.profile}”.",
            where=f"hooks_in {hook.name}",
            remedy=f"It may ask for: {', '.join(hook.profiles)}.",
            code="hook-profile",
        )
    return wanted


def _refuse(service: Service, name: str, address: str, why: str) -> None:
    """Note a refusal; of a stranger's request only where from and why, never what it said."""
    _REFUSED.count(address)
    service.store.audit.note("hook.refused", by=f"hook {name}" if name else "unknown", address=address, words=why)


def problem(status: int, code: str, what: str, remedy: str, *, retry: str = "") -> Response:
    """A refusal as problem details (RFC 9457)."""
    body: dict[str, Any] = {"type": f"about:blank#{code}", "title": what, "status": status, "detail": remedy}
    headers = {"Retry-After": retry} if retry else {}
    return JSONResponse(body | {"code": code}, status, headers=headers, media_type="application/problem+json")
