"""`matricula dump`: documents as YAML."""

import sys
from typing import Annotated

import typer

from matricula.cli.desk import HomeDir, open_hub
from matricula.errors import UsageError
from matricula.profiles.reading import KINDS


def dump(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="Only these: site, source, profile, sink, tool, import or service."),
    ] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only the one of this name.")] = None,
    *,
    home: HomeDir = None,
) -> None:
    """Print documents as YAML, to be kept or changed.

    Comments are kept; tokens are never among them.

    Examples:
      matricula dump > school.yaml
      matricula dump profile default
    """
    if kind not in (None, *KINDS):
        raise UsageError(
            f"There are no documents of the kind “{kind}”.",
            where="matricula dump",
            remedy=f"Kinds are: {', '.join(KINDS)}.",
            code="kind-unknown",
        )
    with open_hub(home) as hub:
        sys.stdout.write(hub.home.dump(kind, name))
