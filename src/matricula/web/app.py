"""The application that web servers run: its routes, its headers, and how refusals are told."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from matricula import logs
from matricula.errors import MatriculaError, UsageError
from matricula.logs.servers import place_of
from matricula.service import Service
from matricula.web import block_hooks, hooks, provider
from matricula.web.api import PREFIX, ROUTERS
from matricula.web.bodies import Bodies
from matricula.web.headers import Headers
from matricula.web.live import Live
from matricula.web.operating import operate
from matricula.web.pages import PAGES
from matricula.web.refusals import NotSignedInError, status_of
from matricula.web.rendering import Rendering
from matricula.web.visit import Visit, visitor_of

FOR_PROGRAMS = ("/api/", "/hooks/", "/.well-known/", "/provider/keys", "/provider/token", "/provider/userinfo")
"""Addresses that programs ask, and where an error is told as problem details."""


def create_app(service: Service) -> FastAPI:
    """The console and the API on a service.

    Args:
        service: the service; whoever makes it starts and stops it.
    """

    @asynccontextmanager
    async def alive(_app: FastAPI) -> AsyncIterator[None]:
        yield

    app = _Console(title="Matricula", docs_url=None, redoc_url=None, openapi_url=None, lifespan=alive)
    app.state.service = service
    app.state.rendering = Rendering()
    app.state.live = Live(service, app.state.rendering)
    app.add_middleware(Bodies)
    app.mount("/static", _Static(packages=[("matricula.web", "static")]), name="static")
    app.router.routes.extend(_routes())
    operate(app)
    app.add_exception_handler(MatriculaError, _refused)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _fault)
    return app


@cache
def _routes() -> Sequence[BaseRoute]:
    """Every route; what each takes is worked out when one is first asked for, and not anew for every application."""
    routes = APIRouter()
    for router in (*PAGES, hooks.router, block_hooks.router, provider.router):
        routes.include_router(router, include_in_schema=False)
    for router in ROUTERS:
        routes.include_router(router, prefix=PREFIX)
    return routes.routes


class _Console(FastAPI):
    def build_middleware_stack(self) -> ASGIApp:
        # Outside of everything else: what tells of a fault of ours needs the headers, too.
        return Headers(super().build_middleware_stack())


class _Static(StaticFiles):
    """Files that come with the package: browsers may keep them for a day."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        response = super().file_response(*arguments, **options)
        response.headers["cache-control"] = "public, max-age=86400"
        return response


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, MatriculaError)  # noqa: S101 - the handler is registered for nothing else
    if isinstance(error, NotSignedInError) and not _for_programs(request):
        return _to_sign_in(request, error)
    return await told(request, error, status_of(error))


async def _not_there(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    refusal = UsageError(
        "There is no such page." if status == HTTPStatus.NOT_FOUND else f"{HTTPStatus(status).phrase}.",
        where=request.url.path,
        remedy="Go on from the overview." if not _for_programs(request) else "See /api/v1/docs.",
        code="page-unknown" if status == HTTPStatus.NOT_FOUND else "request-refused",
    )
    return await told(request, refusal, status)


async def _malformed(request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    told_faults = "; ".join(f"{'.'.join(map(str, each['loc'][1:])) or 'body'}: {each['msg']}" for each in faults[:10])
    refusal = UsageError(
        f"The request cannot be read: {told_faults}.",
        where=request.url.path,
        remedy="Mend what is named and send it again.",
        code="request-malformed",
    )
    return await told(request, refusal, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _fault(request: Request, error: Exception) -> Response:
    logs.event("failed", code="fault", kind=type(error).__name__, status=500, place=place_of(error))
    fault = MatriculaError(
        f"This is a fault in matricula: {type(error).__name__}.",
        where=request.url.path,
        remedy="What was done is noted and stays done. Please report it with the log of that moment.",
        code="fault",
    )
    return await told(request, fault, HTTPStatus.INTERNAL_SERVER_ERROR)


async def told(request: Request, error: MatriculaError, status: int) -> Response:
    """An error, as a page for people or as problem details (RFC 9457) for programs."""
    if _for_programs(request):
        body = {
            "type": f"about:blank#{error.code}",
            "title": error.what,
            "status": int(status),
            "detail": error.remedy,
            "instance": request.url.path,
            "code": error.code,
            "where": error.where,
        }
        headers = {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
        return JSONResponse(body, status, headers, media_type="application/problem+json")
    return await run_in_threadpool(_page, request, error, status)


def _page(request: Request, error: MatriculaError, status: int) -> Response:
    service: Service = request.app.state.service
    try:
        visitor = visitor_of(request)
    except MatriculaError:
        visitor = None
    visit = Visit(request, service, visitor, "") if visitor is not None and visitor.roles else None
    page: Callable[..., Response] = request.app.state.rendering.page
    return page(request, "error", {"error": error, "status": int(status)}, visit=visit, status=int(status))


def _to_sign_in(request: Request, error: NotSignedInError) -> Response:
    service: Service = request.app.state.service
    if service.accounts.none_yet:
        return RedirectResponse("/start", 303)
    path = {"": "/sign-in", "code": "/sign-in/second", "factor": "/me/second-factor"}[error.lacks]
    wanted = request.url.path if request.method == "GET" and not request.headers.get("hx-request") else ""
    after = f"?after={quote(wanted)}" if wanted not in ("", "/") and error.lacks != "factor" else ""
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path + after, 303)


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith(FOR_PROGRAMS)
