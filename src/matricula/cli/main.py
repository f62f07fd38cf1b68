"""The command `matricula`: its commands put together, and what a person is told when something fails."""

import inspect
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any, NoReturn

import stamina.instrumentation
import typer
from stamina.instrumentation import RetryDetails

from matricula import logs
from matricula.cli.desk import HomeDir
from matricula.cli.screen import Screen
from matricula.errors import MatriculaError, SettingError, UsageError

COMMANDS = (
    "init",
    "load",
    "dump",
    "token",
    "check",
    "plan",
    "show",
    "part",
    "apply",
    "run",
    "undo",
    "publish",
    "import",
    "reject",
    "history",
    "problems",
    "identities",
    "drift",
    "passwords",
    "verify",
    "enrolments",
    "tool",
    "kept-grades",
    "grades",
    "learning",
    "why",
    "source",
    "profile",
    "forget",
    "purge",
    "key",
    "backup",
    "restore",
    "secret",
    "sign-on",
    "block",
    "notify",
    "serve",
    "account",
    "provider",
    "worker",
    "jobs",
    "plugins",
    "sandbox",
    "demo",
)
"""The commands in the order of the help; each has a module of its name (`_` for `-`, and a last one where Python keeps
the word for itself) with a function of its name, or a table of functions by the names of the commands under it."""


def program(names: Sequence[str] = COMMANDS) -> typer.Typer:
    """The commands put together.

    Args:
        names: those wanted; only their modules are loaded, so that each command starts as quickly as it can.
    """
    app = typer.Typer(
        name="matricula",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for name in names:
        word = name.replace("-", "_") + "_" * iskeyword(name)
        module = import_module(f"matricula.cli.{word}")
        command = getattr(module, word)
        if isinstance(command, dict):
            group = _group(command, getattr(module, "by_itself", ""))
            app.add_typer(group, name=name, help=_first_sentence(module.__doc__ or ""))
        else:
            app.command(name, help=_help_of(command))(command)
    app.callback(invoke_without_command=True, help=_help_of(matricula))(matricula)
    return app


def _group(commands: dict[str, Callable[..., None]], by_itself: str) -> typer.Typer:
    """Commands that stand under one word, as `matricula profile list`; one of them may be meant by the word alone."""

    class Group(typer.core.TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            named = args and (args[0] in self.commands or args[0] in ("-h", "--help"))
            return super().parse_args(ctx, args if named or not by_itself else [by_itself, *args])

    group = typer.Typer(rich_markup_mode=None, cls=Group)
    group.callback(invoke_without_command=True)(_help_of_group)
    for name, function in commands.items():
        group.command(name, help=_help_of(function))(function)
    return group


def _help_of_group(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help() + "\n")


def _first_sentence(text: str) -> str:
    told = text.partition("`: ")[2].partition("\n")[0]
    return told[:1].upper() + told[1:]


def _help_of(function: Callable[..., None]) -> str:
    """A docstring as the help shows it: paragraphs with indented lines keep their lines."""
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    return "\n\n".join(f"\b\n{each}" if "\n  " in each else each for each in paragraphs)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        from importlib.metadata import version  # it takes longer to load than most commands need

        sys.stdout.write(f"matricula {version('matricula')}\n")
        raise typer.Exit


def matricula(
    ctx: typer.Context,
    *,
    home: HomeDir = None,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """The hub between a school's information system and its Moodle.

    Three steps:
      1. matricula init     name your Moodle, its token and the roster's folder
      2. matricula plan     see by name what would change; nothing is written
      3. matricula apply 1  write exactly that

    To see it work without a Moodle first: matricula demo

    Exit status:
      0 done or nothing to do    3 held for a person
      1 failed                   4 done, but some rows were refused
      2 wrong usage
    """
    if home is not None:
        ctx.default_map = _everywhere({"home": str(home)}, ctx.command)
    if ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help() + "\n")


def _everywhere(default: dict[str, str], command: Any) -> dict[str, Any]:
    """A default of an option for a command and all below it."""
    below = getattr(command, "commands", {})
    return default | {name: _everywhere(default, each) for name, each in below.items()}


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments say.

    Args:
        arguments: as on the command line, without the program's name.

    Returns:
        the exit status.
    """
    with logs.command(list(arguments), COMMANDS) as told:
        told["status"] = status = _done(arguments)
    return status


def _done(arguments: Sequence[str]) -> int:
    as_json = "--json" in arguments
    stamina.instrumentation.set_on_retry_hooks([] if as_json else [_told_of_retry])
    try:
        _refuse_wrong_log()
        wanted = [each for each in arguments if each in COMMANDS] or COMMANDS
        status = typer.main.get_command(program(wanted)).main(
            list(arguments), prog_name="matricula", standalone_mode=False
        )
    except MatriculaError as error:
        return _told(error, as_json=as_json)
    except typer.TyperException as error:
        return _told(_usage(error), as_json=as_json)
    except typer.Abort:
        return _told(MatriculaError("Broken off by you.", code="aborted"), as_json=as_json)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the reader is gone for good
        return 1
    except Exception as error:  # noqa: BLE001 - nobody else is there to tell the person
        return _told(_fault(error), as_json=as_json)
    if status == _INTERRUPTED:
        return _told(MatriculaError("Broken off by you.", code="aborted"), as_json=as_json)
    return int(status or 0)


def _refuse_wrong_log() -> None:
    if found := logs.faults():
        raise SettingError(
            " ".join(found),
            where="environment",
            remedy="Mend the variable or take it away; docs/operating/logs.md tells what each takes.",
            code="log-setting",
        )


def main() -> NoReturn:
    """Do what stands on the command line, and end the process."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(run(sys.argv[1:]))


_INTERRUPTED = 130


def _told(error: MatriculaError, *, as_json: bool) -> int:
    logs.event("failed", code=error.code, kind=type(error).__name__, status=error.exit_status)
    screen = Screen(as_json=as_json)
    if as_json:
        told = {"code": error.code, "what": error.what, "where": error.where, "remedy": error.remedy}
        screen.json({"error": told | {"exit_status": error.exit_status}})
    else:
        told_already = error.what.casefold().startswith(error.where.casefold())
        screen.note(error.what if told_already else f"{error.where}: {error.what}", "bold red")
        if error.remedy:
            screen.note(error.remedy)
    return error.exit_status


def _told_of_retry(details: RetryDetails) -> None:
    cause = details.caused_by
    told = cause.what if isinstance(cause, MatriculaError) else type(cause).__name__
    Screen().status(f"{told.rstrip('.')}; trying again in {details.wait_for:.0f} s")


def _usage(error: typer.TyperException) -> UsageError:
    context: typer.Context | None = getattr(error, "ctx", None)
    path = context.command_path if context else "matricula"
    return UsageError(
        error.format_message(),
        where=path,
        remedy=f"`{path} --help` says what it takes.",
        code="wrong-usage",
    )


def _fault(error: Exception) -> MatriculaError:
    if os.environ.get("MATRICULA_DEBUG"):
        traceback.print_exception(error)
    return MatriculaError(
        f"This is a fault in matricula: {type(error).__name__}.",
        remedy="What was done is noted and stays done. Please report it with the command you gave and what "
        "MATRICULA_DEBUG=1 in front of it prints; look that over first, it can hold names of people.",
        code="fault",
    )
