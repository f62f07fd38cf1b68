"""`matricula notify`: list what people are told, and try how."""

from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen, counted, moment
from matricula.errors import UsageError
from matricula.service.trying import Tried, try_hook, try_mail


def send_test(
    *,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="ADDRESS", help="An e-mail address; may be given several times."),
    ] = None,
    hook: Annotated[
        list[str] | None,
        typer.Option("--hook", metavar="NAME", help="A webhook of the settings; may be given several times."),
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Send a test message, and say what the server answered.

    Without --to and --hook it goes to everybody whom the settings name. Exit
    status 1 where one of them did not get it.

    Examples:
      matricula notify test --to admin@school.example
      matricula notify test --hook helpdesk
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        settings = hub.home.service()
        everybody = not to and not hook
        addresses = to or (dict.fromkeys(each for told in settings.told for each in told.to) if everybody else ())
        hooks = hook or ([each.name for each in settings.hooks_out] if everybody else [])
        tried: list[Tried] = [try_mail(hub.home, each) for each in addresses]
        tried += [try_hook(hub.home, each) for each in hooks]
    if not tried:
        raise UsageError(
            "The settings name nobody who is told.",
            where="service",
            remedy="Name people under `told` and webhooks under `hooks_out`, or an address with --to.",
            code="nobody-told",
        )
    if as_json:
        screen.json({"tried": tried})
    for each in [] if as_json else tried:
        screen.line(f"{each.target}: {each.answer}", "green" if each.went else "bold red")
    raise typer.Exit(0 if all(each.went for each in tried) else 1)


def list_notices(*, home: HomeDir = None, as_json: AsJson = False) -> None:
    """List what waits for a person, and messages that could not be sent.

    Examples:
      matricula notify list
      matricula notify list --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        waiting, failed = hub.store.notices.open(), hub.store.sendings.all(state="given-up")
    if as_json:
        screen.json({"open": waiting, "given_up": failed})
        return
    for notice in waiting:
        times = f", {notice.times} times" if notice.times > 1 else ""
        screen.line(f"{notice.subject} (since {moment(notice.first_at)}{times})")
    if not waiting:
        screen.line("Nothing waits for a person.")
    if failed:
        screen.line(f"{counted(len(failed), 'message')} could not be sent:", "yellow")
        for each in failed:
            screen.line(f"{each.target}, {moment(each.asked_at)}: {each.error}", indent=2)


notify = {"list": list_notices, "test": send_test}
"""The commands under `matricula notify`."""

by_itself = "list"
"""The command that `matricula notify` alone stands for."""
