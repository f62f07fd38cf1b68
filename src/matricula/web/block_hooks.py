"""What the block inside a Moodle asks, by signed requests: `POST /hooks/moodle/{site}/{act}`.

Whoever does not know the secret learns nothing: a site that is not there, one whose block has no secret, and a wrong
signature are answered alike. A request is good for five minutes, and once.
"""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from matricula.errors import MatriculaError, UsageError
from matricula.hub.blocks import block_keys
from matricula.hub.persons import acting_for
from matricula.service import Service
from matricula.service.block_desk import Asked, Block, BlockDesk
from matricula.service.block_signing import verified
from matricula.web.hooks import LARGEST, Rate, body_of, problem
from matricula.web.refusals import status_of
from matricula.web.visit import address_of

router = APIRouter()

_REFUSED: Final = Rate(60)
_TAKEN: Final = Rate(1200)
_UNPROVEN: Final = ("block-refused", "block-clock", "block-replayed")


@router.post("/hooks/moodle/{site}/{act}")
async def asked(request: Request, site: str, act: str) -> Response:
    """Answer what the block of a site asks."""
    body = await body_of(request)
    return await run_in_threadpool(_answer, request, site, act, body)


def _answer(request: Request, site: str, act: str, body: bytes | None) -> Response:
    service: Service = request.app.state.service
    address = address_of(request)
    if _REFUSED.full(address) or _TAKEN.full(site):
        return problem(429, "too-many-requests", "Too many requests came.", "Come again in a minute.", retry="60")
    if body is None:
        _refuse(service, "", address, "too large")
        return problem(413, "hook-too-large", f"A request has at most {LARGEST:,} bytes.", "Ask for less.")
    try:
        _prove(service, request, site, body)
    except UsageError as error:
        known = site if error.code != "block-refused" else ""
        _refuse(service, known, address, error.code)
        return problem(401, error.code, error.what, error.remedy)
    _TAKEN.count(site)
    try:
        return JSONResponse(_served(service, site, act, body, address))
    except MatriculaError as error:
        return problem(status_of(error), error.code, error.what, error.remedy)


def _prove(service: Service, request: Request, site: str, body: bytes) -> None:
    """See that the block of this site has sent this, now, for the first time.

    Raises:
        UsageError: it has not.
    """
    now = datetime.now(UTC)
    signed = verified(block_keys(service.home, site, now), request.headers, request.url.path, body, now)
    if not service.store.seen_requests.first(signed.digest(site), site, signed.ends_at):
        raise UsageError(
            "This very request was taken before.",
            where=f"site {site}",
            remedy="Each request is good once; send another one.",
            code="block-replayed",
        )


def _served(service: Service, site: str, act: str, body: bytes, address: str) -> dict[str, object]:
    try:
        given = Asked.model_validate_json(body)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in error.errors()[:5])
        raise UsageError(
            f"The request cannot be read: {faults}.",
            where=f"site {site}",
            remedy='Send JSON like {"courseid": 12, "by": "teacher"}.',
            code="request-malformed",
        ) from error
    with acting_for(Block(site, given.by).name, address):
        return BlockDesk(service, site).answer(act, given, address)


def _refuse(service: Service, site: str, address: str, why: str) -> None:
    """Note a refusal; of a stranger's request only where from and why."""
    _REFUSED.count(address)
    service.store.audit.note(
        "block.refused", by=f"block {site}" if site else "unknown", address=address, site=site, words=why
    )
