"""`matricula jobs`: what was asked for, what is being done and what was done."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen, duration, moment
from matricula.errors import UsageError
from matricula.hub.persons import person
from matricula.store import Job

if TYPE_CHECKING:
    from matricula.service import Service

JobNumber = Annotated[int, typer.Argument(metavar="JOB", help="The job's number.", min=1)]
States = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Only jobs in this state: waiting, working, done, failed or cancelled; may be given several times.",
    ),
]
_STYLES = {"done": "green", "failed": "red", "working": "bold"}


@contextmanager
def _service_on(home: Path | None) -> Iterator["Service"]:
    from matricula.service import Service  # it takes longer to load than most commands

    with open_hub(home) as hub:
        service = Service(hub.home)
        try:
            yield service
        finally:
            service.stop()


def list_jobs(
    *,
    profile: Annotated[str | None, typer.Option("--profile", metavar="PROFILE", help="Only jobs of it.")] = None,
    state: States = None,
    most: Annotated[int, typer.Option("--most", metavar="N", help="At most so many.", min=1)] = 20,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first.

    Examples:
      matricula jobs
      matricula jobs list --state waiting --state working
    """
    screen = Screen(as_json=as_json)
    with _service_on(home) as service:
        found = service.jobs.all(profile=profile, states=state or (), limit=most)
    if as_json:
        screen.json({"jobs": list(map(job_as_json, found))})
    elif not found:
        screen.line("There are no jobs.")
    else:
        rows = [(job.id, job.kind, job.profile or job.site, job.state, moment(job.asked_at), job.asked_by, _told(job))
                for job in found]  # fmt: skip
        screen.table(("job", "kind", "of", "state", "asked", "by", ""), rows, numbers=("job",))


def show(job: JobNumber, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Show a job with its log.

    Examples:
      matricula jobs show 12
    """
    screen = Screen(as_json=as_json)
    with _service_on(home) as service:
        found, lines = service.jobs.get(job), service.jobs.lines(job)
    if as_json:
        screen.json(job_as_json(found) | {"lines": lines})
        return
    screen.line(f"Job {job}: {found.kind} {found.profile or found.site}".rstrip(), "bold")
    screen.line(f"{found.state}{': ' if _told(found) else ''}{_told(found)}", _STYLES.get(found.state, ""))
    screen.line(f"asked by {found.asked_by} at {moment(found.asked_at)}", "dim")
    for line in lines:
        screen.line(
            f"{moment(line.at)} {line.text}", {"warning": "yellow", "error": "red"}.get(line.level, ""), hang=17
        )


def cancel(job: JobNumber, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Cancel a job that waits, or ask one that is at work to stop.

    Examples:
      matricula jobs cancel 12
    """
    screen = Screen(as_json=as_json)
    with _service_on(home) as service:
        found = service.jobs.cancel(job, person())
    if as_json:
        screen.json(job_as_json(found))
    else:
        screen.line(f"Job {job} {'is cancelled' if found.state == 'cancelled' else 'was asked to stop'}.")


def retry(job: JobNumber, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Ask anew for a job that failed or was cancelled.

    Examples:
      matricula jobs retry 12
    """
    screen = Screen(as_json=as_json)
    with _service_on(home) as service:
        _print_asked(screen, service.jobs.retry(job, person()))


def ask(
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help="read, plan, run, apply, undo, observe, verify, check or purge."),
    ],
    of: Annotated[
        str, typer.Argument(metavar="OF", help="The profile, for check the site, for apply the plan, for undo the run.")
    ] = "",
    *,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="NAME=VALUE", help="What else is said of it, as full=true; may be given several times."
        ),
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a job; a worker or `matricula serve` does it.

    Examples:
      matricula jobs ask run default
      matricula jobs ask plan default --with full=true --with only=ann.lee
      matricula jobs ask apply 12
    """
    screen = Screen(as_json=as_json)
    with _service_on(home) as service:
        _print_asked(screen, service.jobs.ask(kind, **_concerning(kind, of, given or ()), by=person()))


def job_as_json(job: Job) -> dict[str, Any]:
    """A job, for machines."""
    left_out = ("same", "queued", "worker")
    return {name: getattr(job, name) for name in Job.__slots__ if name not in left_out}


def _print_asked(screen: Screen, job: Job) -> None:
    if screen.as_json:
        screen.json(job_as_json(job))
    else:
        screen.line(f"Job {job.id} waits for a worker: {job.kind} {job.profile or job.site}".rstrip())


def _concerning(kind: str, of: str, given: list[str] | tuple[str, ...]) -> dict[str, Any]:
    from matricula.service.kinds import KINDS

    arguments: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise UsageError(f"“{each}” has no value.", where="--with", remedy="Write NAME=VALUE, as full=true.")
        wanted = KINDS[kind].arguments.get(name) if kind in KINDS else None
        if wanted is list:
            arguments.setdefault(name, []).append(value)
        else:
            arguments[name] = value if wanted is str else _read(value)
    concerns = KINDS[kind].concerns if kind in KINDS else "home"
    if concerns in ("plan", "run"):
        return {"arguments": arguments | {concerns: _read(of)}}
    if concerns in ("tool", "sink"):
        return {"arguments": arguments | {concerns: of}}
    if concerns == "source":
        return {"arguments": arguments, "profile": of}
    return {"arguments": arguments} | ({concerns: of} if concerns != "home" else {})


def _read(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _told(job: Job) -> str:
    """In a few words how a job stands."""
    if job.error is not None:
        return job.error["what"]
    if job.state == "working":
        share = f"{job.fraction:.0%}, " if job.fraction is not None else ""
        return f"{share}{job.step}"
    if job.state == "done" and job.began_at is not None and job.ended_at is not None:
        held = ", the plan waits for a person" if job.result.get("held") else ""
        return f"in {duration((job.ended_at - job.began_at).total_seconds())}{held}"
    return ""


by_itself = "list"
jobs = {"list": list_jobs, "show": show, "cancel": cancel, "retry": retry, "ask": ask}
