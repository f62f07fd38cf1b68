"""`matricula reject`: a plan put away for good."""

from typing import Annotated

import typer

from matricula.cli.desk import HomeDir, PlanNumber, open_hub
from matricula.cli.screen import Screen


def reject(
    number: PlanNumber,
    *,
    why: Annotated[str, typer.Option("--why", metavar="WORDS", help="Why, for the record.")] = "",
    home: HomeDir = None,
) -> None:
    """Put a plan away for good, so that nobody applies it.

    Example:
      matricula reject 4 --why "the export was cut off"
    """
    with open_hub(home) as hub:
        hub.reject(number, why)
    Screen().line(f"Plan {number} is rejected. Nothing of it will be written.")
