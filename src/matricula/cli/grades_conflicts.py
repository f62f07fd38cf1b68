"""`matricula grades conflicts` and `settle`: grades that somebody changed in the school's system."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, ProfileName, open_hub, the_one
from matricula.cli.screen import Screen, counted, moment
from matricula.errors import UsageError
from matricula.grades.drafting import side_in_words
from matricula.hub.grades import conflicts_meant, settle_conflicts
from matricula.store import Conflict

_FATES = {
    "open": "nobody has said which one stands",
    "send": "Moodle's stands: the next transfer sends it",
    "keep": "that of the school's system is kept",
}


def conflicts(
    profile: ProfileName = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that were settled, too.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """List grades that were changed in the school's system since they were sent.

    None of them is written over before somebody has said which one stands.
    Each plan of a transfer brings the list up to date.

    Examples:
      matricula grades conflicts
      matricula grades conflicts default --all
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        hub.home.profile(name)
        known = hub.store.conflicts.all(name)
    shown = [each for each in known if everything or each.state == "open"]
    if as_json:
        screen.json({"profile": name, "conflicts": list(map(_as_json, shown))})
        return
    _print(screen, shown)
    if hidden := len(known) - len(shown):
        screen.line(f"{counted(hidden, 'conflict')} settled; --all lists them.", "dim")


def settle(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="The profile.")],
    record: Annotated[
        str | None, typer.Argument(metavar="RECORD", help="The record's key or name; may be left out beside --all.")
    ] = None,
    *,
    send: Annotated[bool, typer.Option("--send", help="Moodle's stands: the next transfer sends it.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="That of the school's system stands.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="All that nobody has settled yet.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Say which of two grades stands; nothing is written before the next transfer.

    It holds for just these two values. What either side says anew is a
    conflict again.

    Examples:
      matricula grades settle default "Ann Lee: Essay" --send
      matricula grades settle default --all --keep
    """
    if send == keep or (record is None) != everything:
        raise UsageError(
            "Say which one stands." if send == keep else "Say which conflicts are meant.",
            where="matricula grades settle",
            remedy="Give --send or --keep, and a record or --all. `matricula grades conflicts` lists them.",
            code="conflict-unsaid",
        )
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        hub.home.profile(profile)
        chosen = conflicts_meant(hub.home, profile, record)
        chosen = [each for each in chosen if record is not None or each.state == "open"]
        settle_conflicts(hub.home, profile, chosen, send=send)
        places = {(each.kind, each.key) for each in chosen}
        now = [each for each in hub.store.conflicts.all(profile) if (each.kind, each.key) in places]
    if as_json:
        screen.json({"profile": profile, "conflicts": list(map(_as_json, now))})
        return
    _print(screen, now)
    if send and now:
        screen.line(f"The next transfer sends Moodle's: matricula grades run {profile}")


def _print(screen: Screen, shown: Sequence[Conflict]) -> None:
    for each in shown:
        screen.line(f"{each.name} ({each.key})".replace("\t", " "), "bold", hang=2)
        screen.line(f"Moodle: {side_in_words(each.ours)}", indent=2, hang=2)
        screen.line(f"there: {side_in_words(each.theirs)}", indent=2, hang=2)
        screen.line(f"seen since {moment(each.since)}; {_FATES[each.state]}", "dim", indent=4, hang=2)
    if not shown:
        screen.line("No grade is in conflict.", "green")


def _as_json(each: Conflict) -> dict[str, Any]:
    names = ("kind", "key", "name", "state", "by", "since", "at")
    sides = {"ours": json.loads(each.ours), "theirs": json.loads(each.theirs)}
    return {name: getattr(each, name) for name in names} | sides
