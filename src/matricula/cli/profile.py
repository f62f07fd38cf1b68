"""`matricula profile`: profiles listed, explained, tried, and carried over to the next year."""

import json
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, ProfileName, open_hub, the_one
from matricula.cli.profile_view import print_preview, print_settings, print_standings, setting_as_json, standing_as_json
from matricula.cli.screen import Screen, counted
from matricula.hub.audited import note_setting
from matricula.hub.preview import ENTITIES, preview
from matricula.hub.renewal import copy_profile, days_of, set_enabled
from matricula.hub.standing import standings
from matricula.profiles.effective import effective
from matricula.profiles.reading import read_profile
from matricula.profiles.structure import profile_schema

SomeProfile = Annotated[str, typer.Argument(metavar="PROFILE", help="The profile.")]


def list_profiles(*, home: HomeDir = None, as_json: AsJson = False) -> None:
    """List profiles, and how each stands.

    Disabled, Pending, Queued, Running, Done, Failed or Held. A profile is
    queued while another one of its site stands before it.

    Examples:
      matricula profile list
      matricula profile list --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        found = standings(hub.home)
    if as_json:
        screen.json({"profiles": [standing_as_json(each) for each in found]})
    elif found:
        print_standings(screen, found)
    else:
        screen.line("There is no profile yet. Make one with `matricula init` or `matricula load`.")


def explain(profile: ProfileName = None, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Print every setting in force and where it comes from.

    Written (with the line of the document as `matricula dump` prints it), the
    default, or brought by the basis.

    Examples:
      matricula profile explain
      matricula profile explain default --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        written = hub.home.written("profile", name)
    settings = effective(read_profile(written.content, f"profile {name}", written.lines), written.lines)
    if as_json:
        screen.json({"profile": name, "settings": [setting_as_json(each) for each in settings]})
    else:
        print_settings(screen, settings)


def try_out(
    profile: ProfileName = None,
    *,
    entity: Annotated[
        str, typer.Option("--entity", metavar="KIND", help=f"What to show: {', '.join(ENTITIES)}.")
    ] = "users",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="So many records at most.")] = 20,
    only: Annotated[
        str | None, typer.Option("--only", metavar="NAME", help="Only records of this sourcedId or with this name.")
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what mappings make of the roster, side by side.

    Reads the source and asks no Moodle.

    Examples:
      matricula profile preview
      matricula profile preview default --entity courses --limit 5
      matricula profile preview --only "Anna Low"
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        shown = preview(hub.home, the_one(hub, "profile", profile), entity, limit, only)
    if as_json:
        told = {"records": shown.records, "of": shown.of, "left_out": shown.left_out}
        screen.json({"profile": shown.profile, "entity": entity, **told})
    else:
        print_preview(screen, shown)


def copy(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The profile to copy.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name of the copy.")],
    *,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="Academic period of the copy; else that of OLD.")
    ] = None,
    window: Annotated[
        str | None,
        typer.Option("--window", metavar="START..END", help="Synchronisation window of the copy; else that of OLD."),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="SOURCE", help="Source of the copy; else that of OLD.")
    ] = None,
    disable_old: Annotated[bool, typer.Option("--disable-old", help="Disable OLD, so that only NEW runs.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Carry a profile over to the next year.

    All settings with their comments, and all that its ledger knows: accounts
    and courses go on as they are.

    Examples:
      matricula profile copy y26 y27 --period 2028 --window 2027-08-01..
      matricula profile copy y26 y27 --window 2027-08-01.. --disable-old
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        days = days_of(window) if window else None
        done = copy_profile(hub.home, old, new, period=period, window=days, source=source, disable_old=disable_old)
        site = hub.home.profile(new).site
        note_setting(hub.home, "profile.copied", f"profile {new}", site=site, profile=new, words=f"from {old}")
    if as_json:
        screen.json(done)
        return
    known = f"{counted(done.records, 'record')}, and {counted(done.decisions, 'identity', 'identities')} as settled"
    screen.line(f"Copied profile {old} to {new}; it knows {known}.", "green")
    if done.disabled:
        screen.line(f"Profile {old} is disabled.")
    elif done.overlaps:
        screen.line(
            f"The windows of {old} and {new} overlap, and both are enabled: while both are open only the first of "
            f"them runs. Disable the old one when its year is over: matricula profile disable {old}",
            "yellow",
        )
    screen.line(f"Next: matricula plan {new}")


def enable(profile: SomeProfile, *, home: HomeDir = None) -> None:
    """Let plans of a profile be applied.

    Examples:
      matricula profile enable default
    """
    _switch(profile, home, enabled=True)


def disable(profile: SomeProfile, *, home: HomeDir = None) -> None:
    """Let no plan of a profile be applied; planning stays possible.

    Examples:
      matricula profile disable default
    """
    _switch(profile, home, enabled=False)


def schema() -> None:
    """Print the JSON Schema of profiles, for editors.

    Examples:
      matricula profile schema > profile.schema.json
    """
    typer.echo(json.dumps(profile_schema(), ensure_ascii=False, indent=2))


def _switch(name: str, home: HomeDir, *, enabled: bool) -> None:
    with open_hub(home) as hub:
        revision = set_enabled(hub.home, name, enabled=enabled)
        word, site = "enabled" if enabled else "disabled", hub.home.profile(name).site
        note_setting(
            hub.home, f"profile.{word}", f"profile {name}", site=site, profile=name, words=f"revision {revision}"
        )
    Screen().line(f"Profile {name} is {'enabled' if enabled else 'disabled'} (revision {revision}).")


#: The commands by name.
profile = {
    "list": list_profiles,
    "explain": explain,
    "preview": try_out,
    "copy": copy,
    "enable": enable,
    "disable": disable,
    "schema": schema,
}
