"""`matricula forget`: everything that is kept of a person, removed on request."""

import sys
from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen, moment
from matricula.cli.tables_told import told_counts
from matricula.errors import UsageError
from matricula.hub.forgetting import Remembered, remembered
from matricula.hub.forgetting import forget as forget_person


def forget(
    person: Annotated[
        str, typer.Argument(metavar="PERSON", help="The person's sourcedId, user name, e-mail address or full name.")
    ],
    *,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="PROFILE", help="Only in this profile; else in all.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what is kept; nothing is removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove everything that is kept of a person, on request.

    Rows about them are deleted; changes of plans and what was said of them in
    sentences are blanked. Plans they stood in can no longer be applied, and
    an undo leaves them out. It cannot be taken back. The account in Moodle stays as it is, and
    where the school's system still has the person, the next plan brings them
    back: take them out there first.

    Examples:
      matricula forget ann.lee --dry-run
      matricula forget "Ann Lee"
      matricula forget 4711 --profile default --yes
    """
    screen = Screen(as_json=as_json)
    if not dry_run and not yes and (as_json or not sys.stdin.isatty()):
        raise UsageError(
            "Nobody is there to be asked before a person is forgotten.",
            where="matricula forget",
            remedy="Look with --dry-run, then add --yes.",
            code="yes-missing",
        )
    with open_hub(home) as hub:
        found = remembered(hub.home, person, profile)
        if not as_json:
            _print_found(screen, found)
        sure = not dry_run and (yes or typer.confirm("Forget this person for good?", err=True))
        counts, clean = forget_person(hub.home, found) if sure else (found.counts, True)
    if as_json:
        screen.json(_as_json(found, counts, forgotten=sure, clean=clean))
    elif sure:
        screen.line(f"Forgotten: {told_counts(counts)}.", "bold green")
        if not clean:
            screen.line(
                "Another command is at work on the state: when it has ended, do `matricula purge --rewrite`, so that "
                "the files hold nothing of them."
            )
    else:
        screen.line("Nothing was removed.")


def _print_found(screen: Screen, found: Remembered) -> None:
    for each in found.known:
        accounts = ", ".join(map(str, each.accounts)) or "none known"
        screen.line(f"{each.name} ({each.key}), profile {each.profile}", "bold", hang=2)
        screen.line(f"account in {each.site}, by Moodle's id: {accounts}. It stays as it is.", indent=2, hang=2)
        if each.delivered_at:
            told = f"{each.delivered_by} still delivered this person on {moment(each.delivered_at)}."
            screen.line(
                f"{told} Take them out of the school's system first, else the next plan brings them back.",
                "yellow",
                indent=2,
                hang=2,
            )
    screen.line(f"Kept of them: {told_counts(found.counts) or 'nothing by key'}.", hang=2)
    if found.documents:
        screen.line(
            f"Mentioned in {', '.join(found.documents)}: change that by hand; earlier revisions are kept.",
            "yellow",
            hang=2,
        )
    if found.copies:
        screen.line(
            f"Copies of the state from before an upgrade or a restore may hold them, too: {', '.join(found.copies)}. "
            "Delete them by hand when you need them no longer; `matricula purge` does after 90 days.",
            "yellow",
            hang=2,
        )


def _as_json(found: Remembered, counts: dict[str, int], *, forgotten: bool, clean: bool) -> dict[str, Any]:
    names = ("profile", "site", "key", "name", "accounts", "delivered_by", "delivered_at")
    return {
        "forgotten": forgotten,
        "clean": clean,
        "people": [{name: getattr(each, name) for name in names} for each in found.known],
        "counts": counts,
        "documents": found.documents,
        "copies": found.copies,
    }
