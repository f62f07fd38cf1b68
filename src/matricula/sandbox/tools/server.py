"""The learning tool as a web server: the calls of `/v2`, and the sandbox's own pages for faults."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from matricula.sandbox.server import break_off, serving
from matricula.sandbox.tools.faults import ToolFaults
from matricula.sandbox.tools.state import ToolRefusalError, ToolState

_PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n"
_EXPORT = "/v2/course/{course:int}/published/exportgrades.json"
Answer = Callable[["ToolSandbox", Request, Any], Any]


class ToolSandbox:
    """A learning tool to try everything on.

    Parameters:
        fixture: what it holds when fresh: "empty" or "school".
        faults: faults in force from the start.

    Attributes:
        state: what it holds.
        faults: the faults in force.
        token: opens it.
        application: the ASGI application.
    """

    def __init__(self, fixture: str = "empty", faults: ToolFaults | None = None) -> None:
        self.state = ToolState(fixture)
        self.faults = faults or ToolFaults()
        self.token = f"kura-{secrets.token_hex(16)}"
        self.application = _application(self)

    def close(self) -> None:
        """There is nothing to let go of."""


def _application(sandbox: ToolSandbox) -> Starlette:
    def route(path: str, name: str, answer: Answer, method: str = "GET") -> Route:
        async def handle(request: Request) -> Response:
            return await _answered(sandbox, request, name, answer)

        return Route(path, handle, methods=[method])

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            try:
                sandbox.faults.set(**await request.json())
            except (TypeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(sandbox.faults.as_json())

    async def seen(request: Request) -> Response:
        del request
        return JSONResponse({"calls": dict(sandbox.faults.calls), "invitations": sandbox.state.invitations})

    student = "/v2/course/{course:int}/student"
    return Starlette(
        routes=[
            route("/v2/instance", "instance", lambda box, *_: box.state.instance),
            route("/v2/course", "course", lambda box, *_: list(box.state.courses.values())),
            route("/v2/course/{course:int}", "course.put", _put, "PUT"),
            route(student, "student", _students),
            route(student, "student.add", _add, "POST"),
            route(f"{student}/edit", "student.edit", _edit, "POST"),
            route(f"{student}/delete", "student.delete", _delete, "POST"),
            route(f"{student}/restore", "student.restore", _restore, "POST"),
            route(_EXPORT, "export", _export, "POST"),
            route(f"{_EXPORT}/{{task}}", "export.task", _task),
            route(f"{_EXPORT}/{{task}}/download", "export.download", _download),
            Route("/sandbox/faults", faults, methods=["GET", "POST"]),
            Route("/sandbox/requests", seen, methods=["GET"]),
        ],
    )


async def _answered(sandbox: ToolSandbox, request: Request, name: str, answer: Answer) -> Response:
    faults = sandbox.faults
    faults.count(name)
    body = await request.body()
    if faults.due("drop_before", name):
        return await break_off(request)
    if faults.due("html", name):
        return HTMLResponse(_PAGE)
    if faults.due("too_many", name):
        return JSONResponse(
            {"message": "Too many requests."}, status_code=429, headers={"Retry-After": f"{faults.retry_after:g}"}
        )
    if faults.due("server_error", name):
        return JSONResponse({"message": "Internal error."}, status_code=500)
    if request.headers.get("x-kura-token") != sandbox.token:
        return JSONResponse({"message": "The token is not valid."}, status_code=401)
    try:
        sent = json.loads(body) if body else None
        text = json.dumps(await asyncio.to_thread(answer, sandbox, request, sent))
    except ToolRefusalError as error:
        return JSONResponse({"message": error.message}, status_code=error.status)
    except ValueError:
        return JSONResponse({"message": "The body is no JSON."}, status_code=400)
    if faults.due("drop_after", name):
        return await break_off(request)
    if faults.due("null_answer", name):
        text = "null"
    if faults.due("half_answer", name):
        text = text[: len(text) // 2]
    return Response(text, media_type="application/json")


def _course(request: Request) -> int:
    return int(request.path_params["course"])


def _rows(sent: Any) -> list[Any]:
    if not isinstance(sent, list):
        raise ToolRefusalError(400, "A list is wanted.")
    return sent


def _put(box: ToolSandbox, request: Request, sent: Any) -> Any:
    if not isinstance(sent, dict) or not isinstance(sent.get("lmsEnabled"), bool):
        raise ToolRefusalError(400, "lmsEnabled must be true or false.")
    return box.state.switch(_course(request), enabled=sent["lmsEnabled"])


def _students(box: ToolSandbox, request: Request, sent: Any) -> Any:
    del sent
    return box.state.students(_course(request), deleted=request.query_params.get("deleted") == "true")


def _add(box: ToolSandbox, request: Request, sent: Any) -> Any:
    made = box.state.add(_course(request), _rows(sent), box.faults.refuse_emails)
    return made[0] if len(made) == 1 else made


def _edit(box: ToolSandbox, request: Request, sent: Any) -> Any:
    return box.state.edit(_course(request), _rows(sent), box.faults.refuse_emails)


def _delete(box: ToolSandbox, request: Request, sent: Any) -> Any:
    box.state.delete(_course(request), _rows(sent))


def _restore(box: ToolSandbox, request: Request, sent: Any) -> Any:
    box.state.restore(_course(request), _rows(sent))


def _export(box: ToolSandbox, request: Request, sent: Any) -> Any:
    del sent
    return {"taskToken": box.state.begin_export(_course(request))}


def _task(box: ToolSandbox, request: Request, sent: Any) -> Any:
    del sent
    asked = box.state.poll(request.path_params["task"])
    if box.faults.task_fails:
        return {"status": "FAILED"}
    return {"status": "STARTED" if box.faults.task_endless or asked < box.faults.polls else "SUCCEEDED"}


def _download(box: ToolSandbox, request: Request, sent: Any) -> Any:
    del sent
    course = _course(request)
    box.state.course(course)
    return box.state.lessons.get(course, [])


@dataclass(frozen=True)
class RunningTool:
    """A learning tool that is being served.

    Attributes:
        url: its address, without a slash at its end.
        sandbox: the tool itself.
    """

    url: str
    sandbox: ToolSandbox

    @property
    def token(self) -> str:
        """Opens it."""
        return self.sandbox.token

    @property
    def state(self) -> ToolState:
        """What it holds."""
        return self.sandbox.state

    @property
    def faults(self) -> ToolFaults:
        """The faults in force."""
        return self.sandbox.faults


@contextmanager
def running_tool(fixture: str = "empty", port: int = 0, faults: ToolFaults | None = None) -> Iterator[RunningTool]:
    """Serves a learning tool from a thread of this process for the length of a ``with`` block."""
    sandbox = ToolSandbox(fixture, faults)
    with serving(sandbox, port) as url:
        yield RunningTool(url, sandbox)
