"""`matricula reject`: a plan put away for good."""

from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, PlanNumber, open_hub
from matricula.cli.screen import Screen


def reject(
    number: PlanNumber,
    *,
    why: Annotated[str, typer.Option("--why", metavar="WORDS", help="Why, for the record.")] = "",
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Put a plan away for good, so that nobody applies it.

    Its delivery stays unaccepted: the next one is compared with the last that went through.

    Example:
      matricula reject 4 --why "the export was cut off"
    """
    with open_hub(home) as hub:
        hub.reject(number, why)
    screen = Screen(as_json=as_json)
    if as_json:
        screen.json({"plan": number, "state": "rejected", "why": why})
    else:
        screen.line(f"Plan {number} is rejected. Nothing of it will be written.")
