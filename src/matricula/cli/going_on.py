"""From a plan to its end, for commands that plan and write in one go."""

import typer

from matricula.cli.apply_view import REFUSED, applied_as_json, carry_out, left_over, print_applied
from matricula.cli.plan import HELD
from matricula.cli.screen import Screen, counted
from matricula.hub import Hub, Planned
from matricula.hub.plan_file import plan_as_json


def go_on(
    hub: Hub,
    planned: Planned,
    screen: Screen,
    *,
    yes: bool,
    everything: bool,
    write: bool = True,
    thing: str = "change",
) -> int:
    """Write what a plan shows, once somebody said so, unless it is held for a person.

    Args:
        hub: the hub.
        planned: the plan, as it was shown.
        screen: where it is told.
        yes: whether nobody is asked before it is written.
        everything: whether all that was left over is named.
        write: whether it is written at all.
        thing: the word for one of what is written.

    Returns:
        the exit status.
    """
    left_out = any(finding.severity == "error" for finding in planned.findings)
    held = planned.record.state == "held"
    if held or not write or not planned.changes.height:
        if screen.as_json:
            screen.json(plan_as_json(planned) | {"applied": None})
        return HELD if held else REFUSED if left_out and write else 0
    question = f"Write {counted(planned.changes.height, thing)} to {planned.record.site}?"
    if not yes and not typer.confirm(question, err=True):
        screen.line(f"Nothing was written. The plan is kept: matricula apply {planned.number}")
        return 0
    applied = carry_out(hub, planned, "", screen)
    if screen.as_json:
        screen.json(plan_as_json(planned) | {"applied": applied_as_json(hub, planned, applied)})
    else:
        print_applied(screen, hub, planned, applied, everything=everything)
    return REFUSED if left_out or left_over(hub, planned).height else 0
