"""`matricula secret`: secrets that the service's settings name, kept encrypted and never shown."""

from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen, moment
from matricula.cli.secret_given import read_secret
from matricula.hub.audited import note_setting

VARIABLE = "MATRICULA_SECRET"

SecretName = Annotated[str, typer.Argument(metavar="NAME", help="What the secret is called in the settings.")]

by_itself = "list"
"""The command that `matricula secret` alone stands for."""


def set_secret(
    name: SecretName,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A file that holds the secret and nothing else.")
    ] = None,
    home: HomeDir = None,
) -> None:
    """Keep a secret that the service's settings name, encrypted; in the place of an earlier one.

    It is read from --file, from the environment variable MATRICULA_SECRET,
    from standard input where that is no terminal, or asked for without
    showing it.

    Examples:
      matricula secret set mail
      matricula secret set hook --file /run/secrets/hook
    """
    with open_hub(home) as hub:
        hub.home.keep_secret(name, read_secret(file, f"{name} (it is not shown)", VARIABLE))
        note_setting(hub.home, "secret.kept", f"secret {name}")
    Screen().line(f"The secret {name} is kept. Try it with: matricula notify test", "green")


def list_secrets(*, home: HomeDir = None, as_json: AsJson = False) -> None:
    """List the secrets that are kept and those that the settings name and nobody has entered. None is shown.

    Examples:
      matricula secret list
      matricula secret list --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        kept, named = hub.home.kept_secrets(), hub.home.service().secrets
    names = sorted({*kept, *named})
    if as_json:
        screen.json(
            {"secrets": [{"name": each, "kept_at": kept.get(each), "used_for": named.get(each, [])} for each in names]}
        )
    elif names:
        rows = [
            (each, moment(kept[each]) if each in kept else "missing", ", ".join(named.get(each, [])) or "nothing")
            for each in names
        ]
        screen.table(("secret", "kept since", "used for"), rows)
    else:
        screen.line("No secret is kept, and the service's settings name none.")


def remove(name: SecretName, *, home: HomeDir = None) -> None:
    """Remove a secret.

    Example:
      matricula secret remove hook
    """
    with open_hub(home) as hub:
        hub.home.remove_secret(name)
        note_setting(hub.home, "secret.removed", f"secret {name}")
    Screen().line(f"The secret {name} is gone.", "green")


secret = {"set": set_secret, "list": list_secrets, "remove": remove}
"""The commands under `matricula secret`."""
