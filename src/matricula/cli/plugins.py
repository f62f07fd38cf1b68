"""`matricula plugins`: the plugins for Moodle that come with Matricula, listed, and packed for Moodle's installer."""

from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson
from matricula.cli.screen import Screen
from matricula.errors import SettingError
from matricula.hub.moodle_plugins import MoodlePlugin, moodle_plugin, moodle_plugins

by_itself = "list"
"""The command that `matricula plugins` alone stands for."""


def list_plugins(*, as_json: AsJson = False) -> None:
    """List the plugins: version, what each is for, which versions of Moodle it is made for.

    Matricula works without them; docs/plugins.md tells what each adds.

    Examples:
      matricula plugins list
      matricula plugins list --json
    """
    screen, found = Screen(as_json=as_json), moodle_plugins()
    if as_json:
        screen.json({"plugins": [_as_json(each) for each in found]})
        return
    rows = [(each.name, each.version, each.release, each.moodles, each.what_for) for each in found]
    screen.table(("plugin", "version", "release", "Moodle", "what it is for"), rows)
    screen.line("Pack them with: matricula plugins build --into FOLDER", "cyan")


def build(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Plugins, such as local_matricula; by default all.")
    ] = None,
    *,
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="The folder to write them to.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write each plugin as a zip that Moodle's plugin installer takes.

    Upload them in Moodle under Site administration > Plugins > Install plugins,
    local_matricula first. The same version of Matricula gives the same files,
    byte for byte.

    Examples:
      matricula plugins build --into zips
      matricula plugins build local_matricula enrol_matricula
    """
    screen = Screen(as_json=as_json)
    chosen = [moodle_plugin(name) for name in dict.fromkeys(names)] if names else moodle_plugins()
    written = [(each, _write(each, into)) for each in chosen]
    if as_json:
        screen.json({"plugins": [_as_json(each) | {"file": str(path)} for each, path in written]})
        return
    for _, path in written:
        screen.line(str(path), "green")


def _write(plugin: MoodlePlugin, into: Path) -> Path:
    path = into / plugin.file_name
    try:
        into.mkdir(parents=True, exist_ok=True)
        path.write_bytes(plugin.packed())
    except OSError as error:
        raise SettingError(
            f"The plugin {plugin.name} cannot be written: {error.strerror or error}.",
            where=str(path),
            remedy="Name a folder that you may write to with --into.",
            code="plugin-not-written",
        ) from error
    return path


def _as_json(plugin: MoodlePlugin) -> dict[str, str | int]:
    return {
        "name": plugin.name,
        "version": plugin.version,
        "release": plugin.release,
        "moodle_oldest": plugin.oldest,
        "moodle_newest": plugin.newest,
        "what_for": plugin.what_for,
    }


plugins = {"list": list_plugins, "build": build}
