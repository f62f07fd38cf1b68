"""`matricula problems`: records that could not be written, until they are mended."""

from collections.abc import Sequence

from matricula.cli.desk import AsJson, HomeDir, ProfileName, open_hub, the_one
from matricula.cli.screen import Screen, moment
from matricula.store import Problem


def problems(profile: ProfileName = None, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """List the records that Moodle refused, with reasons.

    Each stays listed until it goes through or leaves the roster.

    Examples:
      matricula problems
      matricula problems default --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        hub.home.profile(name)
        found = hub.store.problems.all(name)
    if as_json:
        screen.json({"profile": name, "problems": found})
    elif found:
        _print(screen, found)
    else:
        screen.line("No problems: every record that was planned went through.", "green")


def _print(screen: Screen, found: Sequence[Problem]) -> None:
    for problem in found:
        screen.line(f"{problem.kind} {problem.name}", "bold", hang=2)
        screen.line(problem.reason, indent=2, hang=2)
        screen.line(f"since {moment(problem.opened_at)}, last in run {problem.run}", "dim", indent=2)
