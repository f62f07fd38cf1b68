"""`matricula verify`: in what ledger, roster and site differ."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import typer

from matricula.cli.desk import AsJson, HomeDir, ProfileName, ShowAll, open_hub, the_one
from matricula.cli.screen import Screen
from matricula.hub.verifying import verify as compare
from matricula.planning.limits import count_of
from matricula.planning.verifying import DIFFERENCES, Difference

DIFFERS = 4
_SHOWN = 5


def verify(
    profile: ProfileName = None,
    *,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare ledger, roster and site completely; write nothing.

    Names what is missing on the site, unknown to the ledger, somebody else's,
    still in use, edited or there twice, and the command that mends it. Exit
    status 0 where all agree, 4 where something differs.

    Examples:
      matricula verify
      matricula verify default --all
      matricula verify --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        found = compare(hub, name, screen.status)
    if as_json:
        screen.json(_as_json(name, found))
    else:
        _print(screen, found, everything=everything)
    raise typer.Exit(DIFFERS if found else 0)


def _print(screen: Screen, found: Sequence[Difference], *, everything: bool) -> None:
    if not found:
        screen.line("Ledger, roster and site agree.", "green")
        return
    screen.line(f"{len(found):,} differences between ledger, roster and site", "bold yellow")
    for code, (words, remedy) in DIFFERENCES.items():
        alike = [each for each in found if each.code == code]
        if not alike:
            continue
        kinds = Counter(each.kind for each in alike if each.kind)
        numbers = ", ".join(count_of(kind, number) for kind, number in kinds.items())
        screen.line()
        screen.line(f"{words}: {numbers}" if numbers else words, "bold", hang=2)
        shown = alike if everything or len(alike) <= _SHOWN + 1 else alike[:_SHOWN]
        for each in shown:
            screen.line(f"{each.kind} {each.name}: {each.told}".strip(), indent=2, hang=2)
        if len(shown) < len(alike):
            screen.line(f"… and {len(alike) - len(shown):,} more like these; --all shows them", "dim", indent=2)
        if remedy:
            screen.line(remedy, "cyan", indent=4)


def _as_json(profile: str, found: Sequence[Difference]) -> dict[str, Any]:
    counts: dict[str, Counter[str]] = {}
    for each in found:
        counts.setdefault(each.code, Counter())[each.kind or "site"] += 1
    names = ("code", "kind", "key", "name", "moodle_id", "told", "remedy")
    return {
        "profile": profile,
        "agree": not found,
        "counts": {code: dict(numbers) for code, numbers in counts.items()},
        "differences": [{name: getattr(each, name) for name in names} for each in found],
    }
