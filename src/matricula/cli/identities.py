"""`matricula identities`: people of whom somebody has to say which account is theirs."""

from collections.abc import Sequence
from shlex import quote
from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, ProfileName, open_hub, the_one
from matricula.cli.screen import Screen, counted, moment
from matricula.errors import UsageError
from matricula.hub import Hub
from matricula.hub.identities import choices_of, told
from matricula.hub.identities import settle as say
from matricula.planning.unclear import ACCOUNT, LEAVE, NEW
from matricula.store import Identity

by_itself = "list"
"""The command that `matricula identities` alone stands for."""

Person = Annotated[
    str, typer.Argument(metavar="PERSON", help="The person's sourcedId, or the name if only one has it.")
]
OfProfile = Annotated[
    str | None,
    typer.Option("--profile", metavar="PROFILE", help="The profile; may be left out where there is exactly one."),
]


def list_identities(
    profile: ProfileName = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="Those that are settled, too.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """List people who wait for a word, the accounts that could be theirs, and the commands that settle it.

    Each plan brings the list up to date.

    Examples:
      matricula identities
      matricula identities default --all
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        hub.home.profile(name)
        queue = hub.store.identities.all(name)
        shown = [each for each in queue if everybody or each.state == "open"]
        if as_json:
            screen.json({"profile": name, "identities": [_as_json(each) for each in shown]})
            return
        option = f" --profile {quote(name)}" if len(hub.home.names("profile")) > 1 else ""
        for each in shown:
            _print(screen, each, _commands(hub, each), option)
    if not shown:
        screen.line("Nobody waits: of everybody it is clear which account is theirs.", "green")
    if hidden := len(queue) - len(shown):
        screen.line(f"{counted(hidden, 'person', 'people')} settled before; --all lists them.", "dim")


def settle(
    person: Person,
    *,
    account: Annotated[
        int | None, typer.Option("--account", metavar="ID", min=1, help="This account, by Moodle's id, is theirs.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="None of the accounts is theirs: make a new one.")] = False,
    leave: Annotated[bool, typer.Option("--leave", help="Leave them out, and do not mention it again.")] = False,
    profile: OfProfile = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Say which account is a person's. The next plan goes by it; nothing is written before.

    Examples:
      matricula identities settle 4711 --account 12
      matricula identities settle "Ann Lee" --new
      matricula identities settle 4711 --leave
    """
    said = [word for word, given in ((f"{ACCOUNT}{account}", account), (NEW, new), (LEAVE, leave)) if given]
    if len(said) != 1:
        raise UsageError(
            "Say one thing of the person.",
            where="matricula identities settle",
            remedy="It takes one of --account ID, --new and --leave.",
            code="identity-unsaid",
        )
    _say(person, said[0], profile, home, Screen(as_json=as_json))


def reopen(person: Person, *, profile: OfProfile = None, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Take back what was said of a person. An account that they were given meanwhile stays theirs.

    Example:
      matricula identities reopen 4711
    """
    _say(person, None, profile, home, Screen(as_json=as_json))


identities = {"list": list_identities, "settle": settle, "reopen": reopen}
"""The commands under `matricula identities`."""


def _say(person: str, decision: str | None, profile: str | None, home: HomeDir, screen: Screen) -> None:
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        hub.home.profile(name)
        now = say(hub.home, name, person, decision)
    if screen.as_json:
        screen.json({"profile": name, "identities": [_as_json(now)]})
    else:
        screen.line(f"{now.name} ({now.key}): {told(now.decision)}. The next plan goes by it.")


def _print(screen: Screen, identity: Identity, commands: Sequence[str], option: str) -> None:
    screen.line(f"{identity.name} ({identity.key})", "bold", hang=2)
    screen.line(identity.message, indent=2, hang=2)
    for each in identity.candidates:
        idnumber = f", ID number {each['idnumber']}" if each["idnumber"] else ""
        account = f"account {each['id']}: {each['username']}, {each['name']}, {each['email'] or 'no e-mail'}{idnumber}"
        screen.line(account, indent=4, hang=2)
    if identity.decision is not None:
        screen.line(
            f"{told(identity.decision)}, said {identity.by} on {moment(identity.at)}" if identity.at else "", indent=2
        )
    if identity.state == "open":
        for command in commands:
            screen.line(f"matricula identities settle {quote(identity.key)} {command}{option}", "cyan", indent=2)
    screen.line()


def _commands(hub: Hub, identity: Identity) -> list[str]:
    """The options by which a person can be settled."""
    return [
        f"--account {choice.removeprefix(ACCOUNT)}" if choice.startswith(ACCOUNT) else f"--{choice}"
        for choice in choices_of(hub.store, identity)
    ]


def _as_json(identity: Identity) -> dict[str, Any]:
    names = ("key", "name", "code", "message", "candidates", "state", "decision", "by", "at")
    return {name: getattr(identity, name) for name in names}
