"""`matricula part`: a part of a plan, as a plan of its own."""

from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, PlanNumber, ShowAll, open_hub
from matricula.cli.plan import HELD
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen, counted
from matricula.errors import UsageError
from matricula.hub import Chosen
from matricula.hub.plan_file import plan_as_json, teller_for
from matricula.hub.storing import PART
from matricula.planning import ACTIONS, KINDS
from matricula.store import Wanted


def part(
    number: PlanNumber,
    *,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help=f"All changes of this kind of record: {', '.join(KINDS)}.")
    ] = None,
    action: Annotated[
        str, typer.Option("--action", help=f"Of these, or of all kinds, only this: {', '.join(ACTIONS)}.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="Of these only what has this in its name.")] = "",
    change: Annotated[
        list[int] | None,
        typer.Option("--change", metavar="N", help="This change, by its number in the plan's JSON or CSV.", min=1),
    ] = None,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a plan of a part of another one; write nothing.

    What the chosen changes cannot do without comes with them, such as the
    accounts and courses of chosen enrolments. The part is held by the same
    limits and written with `matricula apply`. The other plan stays as it is;
    the next plan that is made shows just what is left. --kind and --change
    may be given several times. Exit status 3 where the part is held.

    Examples:
      matricula part 12 --kind user
      matricula part 12 --kind enrolment --action create --name "Year 7"
      matricula part 12 --change 3 --change 5
    """
    kinds = kind or ([""] if action or name else [])
    _known("--kind", [each for each in kinds if each], KINDS)
    _known("--action", [action] if action else [], ACTIONS)
    groups = tuple(Wanted(kind=each, action=action, text=name) for each in kinds)
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        planned = hub.part(number, Chosen(tuple(change or ()), groups))
        told = planned.record.summary[PART]
        if as_json:
            screen.json(plan_as_json(planned))
        else:
            print_plan(screen, planned, teller_for(hub.home, planned.record.profile), everything=everything)
            more = f", and {counted(told['needed'], 'change')} that these need" if told["needed"] else ""
            screen.line(f"It holds {counted(told['chosen'], 'chosen change')} of plan {number}{more}.")
            screen.line(f"Plan {number} stays as it is; the next plan that is made shows what is left.")
    raise typer.Exit(HELD if planned.record.state == "held" else 0)


def _known(option: str, given: list[str], values: tuple[str, ...]) -> None:
    for each in given:
        if each not in values:
            raise UsageError(
                f"{option} does not know “{each}”.",
                where="matricula part",
                remedy=f"It takes one of: {', '.join(values)}.",
                code="value-unknown",
            )
