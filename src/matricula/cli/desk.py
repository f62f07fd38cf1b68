"""What commands share: their options, and how they come to an open home."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from matricula.errors import UsageError
from matricula.hub import Home, Hub, default_home

HomeDir = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="The folder that holds Matricula's state: else MATRICULA_HOME, else .matricula in your own folder.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines; errors too.")]
ShowAll = Annotated[bool, typer.Option("--all", help="Print every name and finding, however many there are.")]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="WHOM",
        help="Only this person, class or course, by sourcedId, name, user name, e-mail, class code or short name; "
        "may be given several times.",
    ),
]
Full = Annotated[
    bool,
    typer.Option(
        "--full",
        help="Look at every record that Matricula knows, not only at those that changes concern and at the share whose "
        "turn it is.",
    ),
]
ProfileName = Annotated[
    str | None,
    typer.Argument(metavar="PROFILE", help="The profile; may be left out where there is exactly one."),
]
SiteName = Annotated[
    str | None, typer.Argument(metavar="SITE", help="The site; may be left out where there is exactly one.")
]
PlanNumber = Annotated[int, typer.Argument(metavar="PLAN", help="The plan's number.", min=1)]


@contextmanager
def open_hub(home: Path | None) -> Iterator[Hub]:
    """The hub on the home that was named, or on the one that stands for it.

    Raises:
        SettingError: there is no home in the folder.
    """
    with Home(home or default_home()) as opened:
        yield Hub(opened)


def the_one(hub: Hub, kind: str, name: str | None) -> str:
    """The name that was given, or the only one there is.

    Args:
        hub: the hub.
        kind: `site` or `profile`.
        name: what was given.

    Raises:
        UsageError: none was given, and there is none or more than one.
    """
    if name is not None:
        return name
    names = hub.home.names(kind)
    if len(names) == 1:
        return names[0]
    raise UsageError(
        f"Say which {kind} is meant." if names else f"There is no {kind} yet.",
        where=str(hub.home.folder),
        remedy=f"There are: {', '.join(names)}." if names else "Make one with `matricula init` or `matricula load`.",
        code=f"{kind}-unsaid",
    )
