"""The API's own description: OpenAPI for programs, and a page for people."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from matricula.web.api.shapes import ProblemDetails
from matricula.web.visit import Visit, visitor_of

router = APIRouter()

SAYS = """\
Everything the console can do. Sign in with a token in the header `Authorization: Bearer`; make one under *your name* in
the console.

Lists come in pages: give `next` of a page back as `cursor`. Refusals are problem details (RFC 9457). Requests that
start work take an `Idempotency-Key`: the same again within a day gets the same answer and starts nothing. Moments have
time zones.
"""
REFUSALS = {
    "400": "What was asked cannot be",
    "401": "Nobody is signed in",
    "403": "Not permitted",
    "404": "Not there",
    "409": "A person must look first",
    "422": "A setting or the request is faulty",
    "503": "Try again later",
}


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> Response:
    """The description as OpenAPI 3.1."""
    return JSONResponse(described(request.app))


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> Response:
    """The description as a page."""
    return _page(request)


def described(app: Any) -> dict[str, Any]:
    """The OpenAPI description of an application's API; worked out once."""
    kept: dict[str, Any] | None = getattr(app.state, "openapi", None)
    if kept is None:
        kept = app.state.openapi = _described(app)
    return kept


def _described(app: Any) -> dict[str, Any]:
    told = get_openapi(title="Matricula", version="1", description=SAYS, routes=app.routes)
    parts = told.setdefault("components", {})
    parts.setdefault("schemas", {})["ProblemDetails"] = ProblemDetails.model_json_schema()
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    told["security"] = [{"token": []}]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    for path in told["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            answers |= {status: {"description": says, "content": problem} for status, says in REFUSALS.items()}
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    return told


def _page(request: Request) -> Response:
    rendering = request.app.state.rendering
    page: Response = rendering.page(request, "api", {"api": described(request.app)}, visit=_visit(request))
    return page


def _visit(request: Request) -> Visit | None:
    visitor = visitor_of(request)
    return Visit(request, request.app.state.service, visitor, "") if visitor is not None and visitor.roles else None
