"""`matricula import`: what a Moodle holds, as a roster for the school."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, ShowAll, SiteName, open_hub, the_one
from matricula.cli.screen import Screen, counted
from matricula.hub import Hub
from matricula.hub.import_profile import ImportProfile, make_import_profile
from matricula.hub.importing import (
    KIND_WORDS,
    ImportShown,
    ImportWritten,
    import_password,
    import_settings,
    look_at_import,
    write_import,
)
from matricula.importing import ImportChange
from matricula.roster import Finding

LEFT_OUT = 4
_FEW, _ALIKE = 8, 3


def import_(
    site: SiteName = None,
    *,
    document: Annotated[
        str | None,
        typer.Option("--with", metavar="NAME", help="The import document; else the site's own, or all defaults."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="PLACE",
            help="A folder, a file that ends in .zip, or openSIS's database as mariadb://USER@HOST/DATABASE.",
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option("--year", metavar="YEAR", help="The year in which the current academic year ends.", min=2000),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What the import is remembered as; else the document's or site's."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile", metavar="NAME", help="Make a source and a profile of this name that lead back to the site."
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write what is shown, without a question.")] = False,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", metavar="FILE", help="A file that holds the database's password."),
    ] = None,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Take staff, students, courses and enrolments of a Moodle into the school's system.

    For a school whose Moodle came first. Shown by name, then written as a whole:
    as a OneRoster 1.2 package, or into the database of openSIS Classic. Older
    courses become history with their totals. Again at any time: it adds and
    updates, and never takes anything away. Moodle itself is only read.

    On a terminal it asks before it writes; else --write does. The password of a
    database is read from --password-file or MATRICULA_IMPORT_PASSWORD. Exit
    status 4 where somebody was left out until it is mended.

    Examples:
      matricula import moodle
      matricula import moodle --to roster.zip --write
      matricula import moodle --to mariadb://writer@db/opensis --year 2027
      matricula import moodle --write --profile school
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        named = site or ("" if document else the_one(hub, "site", None))
        given = {"to": to, "year": year, "name": name}
        settings = import_settings(hub.home, named, document, **given)
        password = import_password(hub.home, settings, password_file)
        shown = look_at_import(hub.home, settings, password, screen.status)
        if not as_json:
            _print_shown(screen, shown, everything=everything)
        written = made = None
        if write or _asked(screen, shown):
            written = write_import(hub.home, shown, password, screen.status)
            made = _profile(hub, shown, profile, password, screen)
        if as_json:
            screen.json(_as_json(shown, written, made))
        else:
            _print_end(screen, shown, written, made, profile)
    raise typer.Exit(LEFT_OUT if any(each.severity == "error" for each in shown.findings) else 0)


def _asked(screen: Screen, shown: ImportShown) -> bool:
    if screen.as_json or not sys.stdin.isatty() or not shown.changes:
        return False
    return typer.confirm(f"Write this to {shown.to}?", err=True)


def _profile(hub: Hub, shown: ImportShown, name: str | None, password: str, screen: Screen) -> ImportProfile | None:
    return make_import_profile(hub.home, shown, name, password, screen.status) if name else None


def _print_shown(screen: Screen, shown: ImportShown, *, everything: bool) -> None:
    settings, year = shown.settings, shown.school.year
    title = f"Import of {settings.site} · academic year {year.title} · {counted(len(shown.changes), 'change')}"
    screen.line(title, "bold")
    screen.line(f"to {shown.to}", "dim", hang=2)
    screen.line()
    vanished = shown.school.vanished
    rows = [
        (word_of(kind), *(f"{number:,}" if number else "·" for number in numbers))
        for kind in dict.fromkeys([*shown.counts, *vanished])
        for counts in [shown.counts.get(kind, {})]
        for numbers in [(counts.get("add", 0), counts.get("update", 0), vanished.get(kind, 0))]
    ]
    if rows:
        headers = ("", "new", "changed", "no longer in Moodle, kept")
        screen.table(headers, rows, numbers=headers[1:])
    for kind in shown.counts:
        for action, word in (("add", "new"), ("update", "changed")):
            _print_names(screen, shown.changes, kind, action, word, everything=everything)
    _print_findings(screen, shown.findings, everything=everything)
    screen.line()


def word_of(kind: str) -> str:
    """What records of a kind, or rows of a table, are called."""
    return KIND_WORDS.get(kind, kind)


def _print_names(
    screen: Screen, changes: Sequence[ImportChange], kind: str, action: str, word: str, *, everything: bool
) -> None:
    found = [each for each in changes if (each.kind, each.action) == (kind, action)]
    if not found:
        return
    screen.line()
    screen.line(f"{word_of(kind)}, {word}: {len(found):,}", "bold green" if action == "add" else "bold cyan")
    shown = found if everything or len(found) <= _FEW + 1 else found[:_FEW]
    for each in shown:
        told = f" ({each.key})" if each.key else ""
        fields = ", ".join(
            f"{name}: {_value(each.before.get(name))} → {_value(new)}" for name, new in each.after.items()
        )
        screen.line(f"{each.name}{told}" + (f": {fields}" if action == "update" else ""), indent=2, hang=2)
    if len(shown) < len(found):
        screen.line(f"… and {len(found) - len(shown):,} more; --all shows them", "dim", indent=2)


def _value(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)


def _print_findings(screen: Screen, findings: Sequence[Finding], *, everything: bool) -> None:
    for code in dict.fromkeys(each.code for each in findings):
        alike = [each for each in findings if each.code == code]
        shown = alike if everything or len(alike) <= _ALIKE + 1 else alike[:_ALIKE]
        screen.line()
        word = "Left out until it is mended" if alike[0].severity == "error" else "Look at it"
        screen.line(f"{word}: {counted(len(alike), 'finding')}", "bold red" if word[0] == "L" else "bold yellow")
        for each in shown:
            screen.line(each.message, indent=2, hang=2)
        if len(shown) < len(alike):
            screen.line(f"… and {len(alike) - len(shown):,} more like these; --all shows them", "dim", indent=2)
        screen.line(alike[0].remedy, "cyan", indent=4)


def _print_end(
    screen: Screen, shown: ImportShown, written: ImportWritten | None, made: ImportProfile | None, profile: str | None
) -> None:
    if written is None:
        if not shown.changes:
            screen.line("Nothing is new.", "green")
        screen.line("Nothing was written. To write this: add --write.")
        return
    told = counted(len(written.files), "file") if shown.is_package else counted(written.rows, "row")
    screen.line(f"Written: {told} to {written.to}.", "green", hang=2)
    if made is not None:
        entered = ", ".join(f"{number:,} {kind}" for kind, number in made.entered.items()) or "nothing new"
        new = f"New: {' and '.join(made.made)} {profile}." if made.made else f"The profile {profile} was there."
        screen.line(f"{new} Known from now on: {entered}.", hang=2)
        screen.line(f"To see that nothing would change: matricula plan {made.profile}", "bold")


def _as_json(shown: ImportShown, written: ImportWritten | None, made: ImportProfile | None) -> dict[str, Any]:
    return {
        "import": shown.settings.name,
        "site": shown.settings.site,
        "to": shown.to,
        "year": shown.school.year.ends,
        "counts": shown.counts,
        "kept": dict(shown.school.vanished),
        "checksum": shown.checksum,
        "changes": [
            {name: getattr(each, name) for name in ("kind", "action", "key", "name", "before", "after")}
            for each in shown.changes
        ],
        "findings": [
            {name: getattr(each, name) for name in ("code", "severity", "message", "remedy")} for each in shown.findings
        ],
        "written": written and {"to": written.to, "files": list(written.files), "rows": written.rows},
        "profile": made and {"profile": made.profile, "made": list(made.made), "counts": dict(made.entered)},
    }
