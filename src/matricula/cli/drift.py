"""`matricula drift`: fields that somebody edited in Moodle, and what becomes of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, ProfileName, open_hub, the_one
from matricula.cli.screen import Screen, counted, moment
from matricula.errors import UsageError
from matricula.hub import Hub
from matricula.hub.changes_told import Teller
from matricula.hub.drift import Decision, decide, edits_of, fate_of
from matricula.profiles import Profile
from matricula.store import Drifted

by_itself = "list"
"""The command that `matricula drift` alone stands for."""

OfKind = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help="Only records of this kind, as `user` or `course`.")
]
OfField = Annotated[str | None, typer.Option("--field", metavar="FIELD", help="Only this field.")]
OfProfile = Annotated[
    str | None,
    typer.Option("--profile", metavar="PROFILE", help="The profile; may be left out where there is exactly one."),
]
Whose = Annotated[
    str | None, typer.Argument(metavar="RECORD", help="The record's key or name; may be left out beside --kind.")
]


def list_drift(
    profile: ProfileName = None,
    *,
    kind: OfKind = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help="Only records whose key it is or whose name has it.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that are accepted, too.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """List what was edited by hand, as it was written and as it is now, with what the profile does with it.

    Each plan brings the list up to date; `matricula plan --full` looks at everything.

    Examples:
      matricula drift
      matricula drift --kind course
      matricula drift --name "Ann Lee" --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        document = hub.home.profile(the_one(hub, "profile", profile))
        known = edits_of(hub.store, document.name, kind=kind)
        known = [each for each in known if name is None or name == each.key or name.casefold() in each.name.casefold()]
        shown = [each for each in known if everything or each.state != "accepted"]
        seen = hub.store.drift.looked_at(document.name).values()
    since = min(seen, default=None)
    until = since + timedelta(days=document.observe.within) if since and document.observe.within else None
    if as_json:
        told = [_as_json(document, each) for each in shown]
        screen.json({"profile": document.name, "drift": told, "looked_at_since": since, "next_by": until})
        return
    _print(screen, document, shown)
    if hidden := len(known) - len(shown):
        screen.line(f"{counted(hidden, 'field')} accepted as edited; --all lists them.", "dim")
    if since is None:
        screen.line("Nothing was looked at yet; the first plan begins.", "dim")
    else:
        again = f"; ordinary plans look at all again by {moment(until)}" if until else ""
        screen.line(f"Everything was looked at since {moment(since)}{again}.", "dim")


def accept(
    record: Whose = None,
    *,
    kind: OfKind = None,
    field: OfField = None,
    profile: OfProfile = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Take edits as right: they are listed no more until the field changes again.

    What the roster says anew still overrides them.

    Examples:
      matricula drift accept "Ann Lee" --field firstname
      matricula drift accept --kind course
    """
    _say("accepted", record, kind, field, profile, home, Screen(as_json=as_json))


def put_back(
    record: Whose = None,
    *,
    kind: OfKind = None,
    field: OfField = None,
    profile: OfProfile = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Have edits put back: the next plan holds the changes, and nothing is written before it is applied.

    Example:
      matricula drift put-back "Ann Lee" --field firstname
    """
    _say("put-back", record, kind, field, profile, home, Screen(as_json=as_json))


drift = {"list": list_drift, "accept": accept, "put-back": put_back}
"""The commands under `matricula drift`."""


def _say(
    state: Decision,
    record: str | None,
    kind: str | None,
    field: str | None,
    profile: str | None,
    home: HomeDir,
    screen: Screen,
) -> None:
    if record is None and kind is None:
        raise UsageError(
            "Say which edits are meant.",
            where="matricula drift",
            remedy="Name the record, or a kind with --kind. `matricula drift` lists them.",
            code="drift-unsaid",
        )
    with open_hub(home) as hub:
        document = hub.home.profile(the_one(hub, "profile", profile))
        chosen = _meant(hub, document.name, record, kind, field)
        decide(hub.home, document.name, chosen, state)
        places = {each.place for each in chosen}
        now = [each for each in hub.store.drift.all(document.name) if each.place in places]
    if screen.as_json:
        screen.json({"profile": document.name, "drift": [_as_json(document, each) for each in now]})
        return
    _print(screen, document, now)
    if state == "put-back":
        screen.line("The next plan puts them back: matricula plan")


def _meant(hub: Hub, profile: str, record: str | None, kind: str | None, field: str | None) -> list[Drifted]:
    known = edits_of(hub.store, profile, kind=kind, field=field)
    by_key = [each for each in known if each.key == record]
    by_name = [each for each in known if record is not None and each.name.casefold() == record.casefold()]
    chosen = known if record is None else by_key or by_name
    if not chosen:
        raise UsageError(
            "No such edit is known.",
            where="matricula drift",
            remedy="`matricula drift --all` lists what is known; write the record's name or key as it stands there.",
            code="drift-unknown",
        )
    if len({(each.kind, each.key) for each in by_name} if not by_key else {1}) > 1:
        told = ", ".join(sorted({f"{each.kind} {each.key}" for each in by_name}))
        raise UsageError(
            f"Several records are called so: {told}.",
            where="matricula drift",
            remedy="Write the key of one, or its kind with --kind.",
            code="drift-ambiguous",
        )
    return chosen


def _print(screen: Screen, profile: Profile, shown: Sequence[Drifted]) -> None:
    teller, before = Teller(profile.timezone), None
    for each in shown:
        if (each.kind, each.key) != before:
            screen.line(f"{each.kind} {each.name} ({each.key})", "bold", hang=2)
        before = each.kind, each.key
        values = " → ".join(teller.value(each.field, value) for value in (each.written, each.seen))
        screen.line(f"{each.field}: {values}", indent=2, hang=2)
        screen.line(f"seen since {moment(each.since)}; {_FATES[fate_of(profile, each)]}", "dim", indent=4, hang=2)
    if not shown:
        screen.line("Nothing that Matricula keeps in step was found edited in Moodle.", "green")


_FATES = {
    "leave": "it is left as it is",
    "accept": "the next plan accepts it",
    "put-back": "the next plan puts it back",
    "accepted": "accepted",
    "in-vain": "it was put back and is so all the same: Moodle keeps it, or another enrolment method does",
}


def _as_json(profile: Profile, each: Drifted) -> dict[str, Any]:
    names = ("kind", "key", "name", "field", "written", "seen", "state", "since", "at")
    policy = profile.drift.of(each.kind, each.field)
    return {name: getattr(each, name) for name in names} | {"policy": policy}
