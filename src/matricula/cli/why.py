"""`matricula why`: why somebody has an account or is in a course, or why not."""

from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub, the_one
from matricula.cli.screen import Screen
from matricula.hub import explain

_TITLES = {"roster": "roster", "finding": "wrong", "problem": "refused", "moodle": "Moodle"}


def why(
    person: Annotated[
        str, typer.Argument(metavar="PERSON", help="sourcedId, user name, e-mail address or name in quotes.")
    ],
    course: Annotated[
        str | None, typer.Argument(metavar="COURSE", help="sourcedId, class code, short name or title.")
    ] = None,
    *,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="PROFILE", help="The profile, where there are several.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Tell everything that is known, in order.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell why somebody is in a course, or why not.

    The answer in a sentence, and three lines: from which row of the roster,
    by which rule of the profile, by which run. With --all everything, from the
    roster through rules and ledger to Moodle as it is now. Nothing is written.

    Examples:
      matricula why anna.low --all
      matricula why "Anna Low" 10A/ENG
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        answer = explain(hub, the_one(hub, "profile", profile), person, course)
    if as_json:
        screen.json(answer)
        return
    screen.line(answer.verdict, "bold")
    screen.line()
    for fact in answer.facts if everything else answer.lines:
        title = _TITLES.get(fact.about, fact.about)
        screen.line(f"{title:<8} {fact.says}", "red" if fact.about in ("finding", "problem") else "", hang=9)
    if not everything:
        screen.line("Everything that is known: the same with --all", "dim")
