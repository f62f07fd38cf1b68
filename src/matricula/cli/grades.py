"""`matricula grades`: grades to the school, planned and written; the sink looked at."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.apply_view import REFUSED, applied_as_json, carry_out, left_over, print_applied
from matricula.cli.desk import AsJson, HomeDir, PlanNumber, ProfileName, ShowAll, open_hub, the_one
from matricula.cli.going_on import go_on
from matricula.cli.grades_conflicts import conflicts, settle
from matricula.cli.plan import HELD
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen, counted
from matricula.cli.secret_given import read_secret, which_secret
from matricula.errors import UsageError
from matricula.hub import is_transfer, stored_plan
from matricula.hub.changes_told import many
from matricula.hub.plan_file import plan_as_json, teller_for
from matricula.hub.sinks import check_sink, keep_secret
from matricula.hub.transfers import plan_transfer

SinkName = Annotated[
    str | None, typer.Argument(metavar="SINK", help="The sink; may be left out where there is exactly one.")
]
Everything = Annotated[
    bool, typer.Option("--full", help="Read every gradebook, whether anything tells of a change in it or not.")
]
Kept = Annotated[bool, typer.Option("--kept", help="Do not ask Moodle: go by the gradebooks as they were read last.")]


def plan(
    profile: ProfileName = None,
    *,
    full: Everything = False,
    kept: Kept = False,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Show by name which grades would be written; write nothing.

    Reads the gradebooks and the sink, and keeps the plan for `matricula apply`. What
    somebody changed in the school's system since it was sent is a conflict: it is shown
    and left as it is. Exit status 3 where the plan is held for a person.

    Examples:
      matricula grades plan
      matricula grades plan default --all
      matricula grades plan --kept --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        planned = plan_transfer(hub, name, screen.status, full=full, read=not kept)
        waiting = hub.store.conflicts.counts().get(name, 0)
        if as_json:
            screen.json(plan_as_json(planned) | {"conflicts": waiting})
        else:
            print_plan(screen, planned, teller_for(hub.home, name), everything=everything)
            _tell_of_conflicts(screen, waiting, name)
    raise typer.Exit(HELD if planned.record.state == "held" else 0)


def apply(
    number: PlanNumber,
    *,
    release: Annotated[
        str, typer.Option("--release", metavar="WORDS", help="The words that release a plan held for a person.")
    ] = "",
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Write exactly the grades that a stored plan shows; the same as `matricula apply`.

    Examples:
      matricula grades apply 3
      matricula grades apply 4 --release "change 120 grades"
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        planned = stored_plan(hub.store, number)
        if not is_transfer(planned.record):
            raise UsageError(
                f"Plan {number} is no transfer of grades.",
                where=f"plan {number}",
                remedy=f"Write it with: matricula apply {number}",
                code="plan-no-transfer",
            )
        applied = carry_out(hub, planned, release, screen)
        if as_json:
            screen.json(applied_as_json(hub, planned, applied))
        else:
            print_applied(screen, hub, planned, applied, everything=everything)
        raise typer.Exit(REFUSED if left_over(hub, planned).height else 0)


def run(
    profile: ProfileName = None,
    *,
    full: Everything = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before writing; for schedules.")] = False,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Plan a transfer, and write it unless it is held for a person.

    Without --yes it asks before it writes. Exit status 3 where the plan is
    held, 4 where rows were refused or had to be left out.

    Examples:
      matricula grades run
      matricula grades run default --yes
    """
    screen = Screen(as_json=as_json)
    if not yes and (as_json or not sys.stdin.isatty()):
        raise UsageError(
            "Nobody is there to be asked before grades are written.",
            where="matricula grades run",
            remedy="Add --yes to write what the plan shows, or use `matricula grades plan` and `matricula apply`.",
            code="yes-missing",
        )
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        hub.ready_to_write(name)
        planned = plan_transfer(hub, name, screen.status, full=full)
        if not as_json:
            print_plan(screen, planned, teller_for(hub.home, name), everything=everything)
            _tell_of_conflicts(screen, hub.store.conflicts.counts().get(name, 0), name)
        raise typer.Exit(go_on(hub, planned, screen, yes=yes, everything=everything))


def check(sink: SinkName = None, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """See that a sink is reached, and count what stands in it; write nothing.

    Examples:
      matricula grades check
      matricula grades check sis --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "sink", sink)
        seen = check_sink(hub.home, name, screen.status)
    if as_json:
        screen.json(seen)
        return
    screen.line(f"The sink {name} is there.", "green")
    if not seen.readable:
        screen.line("It cannot tell what it holds; what was sent is known from the ledger alone.")
    elif not seen.classes:
        screen.line("No profile sends grades to it, or nothing of its source was read yet: no class was asked for.")
    else:
        screen.table(("", "records"), [(many(kind), f"{number:,}") for kind, number in seen.records.items()])


def secret(
    sink: SinkName = None,
    which: Annotated[
        str | None,
        typer.Argument(metavar="WHICH", help="Which secret; may be left out where the sink needs exactly one."),
    ] = None,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A file that holds the secret and nothing else.")
    ] = None,
    home: HomeDir = None,
) -> None:
    """Keep a password or another secret of a sink, encrypted.

    It is read from --file, from standard input where that is no terminal, or
    asked for without showing it. The environment variable
    MATRICULA_SINK_<SINK>_<WHICH> takes the place of a kept one.

    Examples:
      matricula grades secret sis password
      matricula grades secret sis --file /run/secrets/sis
    """
    with open_hub(home) as hub:
        name = the_one(hub, "sink", sink)
        wanted = which_secret("sink", name, which, hub.home.sink(name).settings.secrets())
        keep_secret(hub.home, name, wanted, read_secret(file, f"{wanted} of {name} (it is not shown)"))
        Screen().line(f"The {wanted} of {name} is kept. Try it with: matricula grades check {name}", "green")


grades = {
    "plan": plan,
    "apply": apply,
    "run": run,
    "conflicts": conflicts,
    "settle": settle,
    "check": check,
    "secret": secret,
}
"""The commands under `matricula grades`."""


def _tell_of_conflicts(screen: Screen, waiting: int, profile: str) -> None:
    if waiting:
        told = counted(waiting, "grade is", "grades are")
        screen.line(f"{told} in conflict and left as they are: matricula grades conflicts {profile}", "yellow")
