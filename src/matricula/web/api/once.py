"""Requests that start work are carried out once: with an `Idempotency-Key`, the same again gets the same answer.

After the IETF draft `draft-ietf-httpapi-idempotency-key-header`: 409 while the first is still at work, a refusal for
the same key with another request.
"""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from matricula.errors import StopError, UsageError
from matricula.service import Service
from matricula.web.visit import visitor_of

HEADER: Final = "idempotency-key"
REPLAYED: Final = "idempotency-replayed"
LONGEST: Final = 200

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Once(APIRoute):
    """A route that starts work."""

    def get_route_handler(self) -> Handler:
        """The handler, with the memory of what was answered."""
        handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return await handler(request)
            visitor = await run_in_threadpool(visitor_of, request)
            if visitor is None or visitor.lacks:
                return await handler(request)
            digest = _digest(request, await request.body())
            service: Service = request.app.state.service
            earlier = await run_in_threadpool(_earlier, service, visitor.name, key, digest)
            if earlier is not None:
                return earlier
            return await _carried_out(handler, request, service, visitor.name, key)

        return once


async def _carried_out(handler: Handler, request: Request, service: Service, who: str, key: str) -> Response:
    try:
        response = await handler(request)
    except BaseException:
        # What was refused started nothing: the same request may be sent again once its cause is mended.
        await run_in_threadpool(service.store.answered.forget, who, key)
        raise
    await run_in_threadpool(service.store.answered.keep, who, key, response.status_code, bytes(response.body).decode())
    return response


def _earlier(service: Service, who: str, key: str, digest: str) -> Response | None:
    """The answer to the same request that came before; None where this is the first."""
    if not key or len(key) > LONGEST:
        raise UsageError(
            "The idempotency key is empty or too long.",
            where="Idempotency-Key",
            remedy=f"Take a text of at most {LONGEST} characters, such as a UUID.",
            code="idempotency-key",
        )
    kept = service.store.answered.begin(who, key, digest, datetime.now(UTC))
    if kept is None:
        return None
    if kept.digest != digest:
        raise UsageError(
            "This idempotency key was used for another request.",
            where="Idempotency-Key",
            remedy="Take a new key for each request that is not a repetition.",
            code="idempotency-key-used",
        )
    if kept.status is None:
        raise StopError(
            "The same request is still being carried out.",
            where="Idempotency-Key",
            remedy="Wait a moment and send it again.",
            code="request-under-way",
        )
    return Response(kept.body, kept.status, {REPLAYED: "true"}, "application/json")


def _digest(request: Request, body: bytes) -> str:
    told = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    return hashlib.sha256(told).hexdigest()
