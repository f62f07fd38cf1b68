"""`matricula source`: sources listed, tried, and compared with their last reading; their secrets."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, ShowAll, open_hub, the_one
from matricula.cli.screen import Screen, counted
from matricula.cli.secret_given import read_secret, which_secret
from matricula.cli.source_example import example_of, kinds
from matricula.cli.source_view import diff_as_json, print_check, print_diff, print_sources
from matricula.hub.deliveries import keep_secret
from matricula.hub.source_check import SAMPLES, check_source
from matricula.hub.source_diff import diff_source
from matricula.hub.sources import sources_of

SourceName = Annotated[
    str | None, typer.Argument(metavar="SOURCE", help="The source; may be left out where there is exactly one.")
]

by_itself = "list"


def list_sources(*, home: HomeDir = None, as_json: AsJson = False) -> None:
    """List sources, when each was last read, and what it held then.

    Examples:
      matricula source list
      matricula source list --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        found = sources_of(hub.home)
    if as_json:
        screen.json({"sources": found})
    elif found:
        print_sources(screen, found)
    else:
        screen.line("There is no source yet. Make one with `matricula init` or `matricula load`.")


def check(
    source: SourceName = None,
    *,
    rows: Annotated[
        int, typer.Option("--rows", metavar="N", min=0, help="So many rows of each table are shown.")
    ] = SAMPLES,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Read all that a source has, and tell what came and what is missing or odd.

    Counts every table, shows a few rows with personal data shortened, and
    takes the time. Nothing is kept, and no Moodle is asked.

    Examples:
      matricula source check
      matricula source check sis --rows 2
      matricula source check sis --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "source", source)
        screen.status(f"reading {name}")
        seen = check_source(hub.home, name, screen.status, rows)
    if as_json:
        screen.json(seen)
    else:
        print_check(screen, seen, everything=everything)


def diff(
    source: SourceName = None, *, everything: ShowAll = False, home: HomeDir = None, as_json: AsJson = False
) -> None:
    """Show by name what changed in a source since it was last read.

    The last reading is that of the last plan or run. Nothing is kept, except
    where the source has never been read before.

    Examples:
      matricula source diff
      matricula source diff sis --all
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "source", source)
        screen.status(f"reading {name}")
        found = diff_source(hub.home, name, screen.status)
    if as_json:
        screen.json(diff_as_json(found))
    else:
        print_diff(screen, found, everything=everything)


def secret(
    source: SourceName = None,
    which: Annotated[
        str | None,
        typer.Argument(metavar="WHICH", help="Which secret; may be left out where the source needs exactly one."),
    ] = None,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A file that holds the secret and nothing else.")
    ] = None,
    home: HomeDir = None,
) -> None:
    """Keep a password or another secret of a source, encrypted.

    It is read from --file, from standard input where that is no terminal, or
    asked for without showing it. The environment variable
    MATRICULA_SOURCE_<SOURCE>_<WHICH> takes the place of a kept one.

    Examples:
      matricula source secret sis password
      matricula source secret sis --file /run/secrets/sis
    """
    with open_hub(home) as hub:
        name = the_one(hub, "source", source)
        wanted = which_secret("source", name, which, hub.home.source(name).settings.secrets())
        keep_secret(hub.home, name, wanted, read_secret(file, f"{wanted} of {name} (it is not shown)"))
        Screen().line(f"The {wanted} of {name} is kept. Try it with: matricula source check {name}", "green")


def forget(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source.")], *, home: HomeDir = None
) -> None:
    """Forget what a source delivered, so that the next reading begins anew.

    The next reading has to be complete. Plans, ledger and Moodle stay as they are.

    Examples:
      matricula source forget sis
    """
    with open_hub(home) as hub:
        hub.home.source(source)
        kept = hub.store.kept.last(source)
        hub.store.kept.forget(source)
    rows = sum(kept.counts.values()) if kept else 0
    Screen().line(f"Forgot {counted(rows, 'row')} of {source}." if kept else f"Nothing was kept of {source}.")


def example(
    kind: Annotated[
        str | None, typer.Argument(metavar="TYPE", help="The kind of source; left out, the kinds are listed.")
    ] = None,
) -> None:
    """Print a document to start from for a kind of source.

    Every setting stands in it, explained on the line above. Fill in what is
    required, take the # away where you want another value, and load it.

    Examples:
      matricula source example
      matricula source example sql > sis.yaml
    """
    if kind is not None:
        sys.stdout.write(example_of(kind))
        return
    Screen().table(("type", "reads"), list(kinds().items()))


#: The commands by name.
source = {"list": list_sources, "check": check, "diff": diff, "secret": secret, "forget": forget, "example": example}
