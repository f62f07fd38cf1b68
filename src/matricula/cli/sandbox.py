"""`matricula sandbox`: a Moodle look-alike to try everything on."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from matricula.errors import SettingError, UsageError
from matricula.sandbox import Faults, Sandbox, serve
from matricula.sandbox.tools import ToolSandbox


class Fixture(StrEnum):
    """What a fresh sandbox holds."""

    EMPTY = "empty"
    CONTRACT = "contract"
    SCHOOL = "school"


class Release(StrEnum):
    """The Moodle release that is played."""

    LONG_TERM = "4.5"
    NEWEST = "5.1"


def sandbox(
    *,
    fixture: Annotated[Fixture, typer.Option("--fixture", help="What it holds when fresh.")] = Fixture.EMPTY,
    moodle: Annotated[Release, typer.Option("--moodle", help="The Moodle release it plays.")] = Release.NEWEST,
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 is a free one.")] = 0,
    db: Annotated[
        Path | None, typer.Option("--db", metavar="FILE", help="Keep its state in this file, else in memory.")
    ] = None,
    plugins: Annotated[
        bool, typer.Option("--plugins", help="A site that has Matricula's plugins (local_matricula, enrol_matricula).")
    ] = False,
    tool: Annotated[
        bool,
        typer.Option("--tool", help="Serve a learning tool, which speaks kuraCloud's /v2, in the place of a Moodle."),
    ] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="NAME=VALUE", help="A fault from the start, its value as JSON; repeatable."),
    ] = None,
) -> None:
    """Serve a Moodle look-alike on this computer until Ctrl-C.

    Prints one line of JSON when it is ready: {"url": …, "tokens": {"admin": …,
    "few": …, "plain": …}}. The tokens are good for this sandbox alone. Faults
    can be set at any time by a POST to URL/sandbox/faults. With --tool it is a
    learning tool, has one token and keeps nothing; it knows the fixtures empty
    and school, and faults of its own.

    Examples:
      matricula sandbox
      matricula sandbox --fixture school --plugins
      matricula sandbox --fixture school --moodle 4.5 --port 8045
      matricula sandbox --fault latency_ms=300 --fault max_input_vars=1000
      matricula sandbox --tool --fixture school --port 8046
    """
    try:
        served = (
            _tool(fixture, _faults(fault or []))
            if tool
            else Sandbox(
                fixture.value,
                moodle.value,
                str(db) if db else ":memory:",
                Faults(**_faults(fault or [])),
                plugins=plugins,
            )
        )
    except ValueError as error:
        raise UsageError(
            str(error),
            where="--fault",
            remedy="Faults and their values: docs/sandbox.md.",
            code="fault-unknown",
        ) from error

    def ready(url: str) -> None:
        tokens = {"tool": served.token} if isinstance(served, ToolSandbox) else served.tokens
        sys.stdout.write(json.dumps({"url": url, "tokens": tokens}) + "\n")
        sys.stdout.flush()

    try:
        serve(served, "127.0.0.1", port, ready)
    except OSError as error:
        raise SettingError(
            f"The sandbox cannot listen there: {error.strerror}.",
            where=f"127.0.0.1:{port}",
            remedy="Choose another port, or leave --port out for a free one.",
            code="port-taken",
        ) from error


def _tool(fixture: Fixture, faults: dict[str, Any]) -> ToolSandbox:
    served = ToolSandbox("school" if fixture is Fixture.SCHOOL else "empty")
    served.faults.set(**faults)
    return served


def _faults(given: list[str]) -> dict[str, Any]:
    faults = {}
    for each in given:
        name, _, value = each.partition("=")
        try:
            faults[name] = json.loads(value)
        except ValueError as error:
            raise UsageError(
                f"“{each}” is no fault.",
                where="--fault",
                remedy="Write it as NAME=VALUE with the value in JSON, for example latency_ms=300 or "
                'drop_after={"times": 1}.',
                code="fault-unreadable",
            ) from error
    return faults
