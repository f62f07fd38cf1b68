"""`matricula tool`: learning tools: their tokens, how they stand, which courses are mapped, rosters to them."""

import os
from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub, the_one
from matricula.cli.screen import Screen, counted, moment
from matricula.cli.token import TokenFile, read_token
from matricula.cli.tool_grades import grades, lessons, place
from matricula.cli.tool_names import AnyTool, Mapped, PreviewNumber, ToolName
from matricula.cli.tool_view import mapping_as_json, preview_as_json, print_outcomes, print_preview, standing_as_json
from matricula.errors import HeldError
from matricula.hub.audited import note_setting
from matricula.hub.documents import remove as take_out
from matricula.hub.tool_grades import apply_preview
from matricula.hub.tools import (
    check_tool,
    check_tools,
    courses_of_tool,
    keep_tool_token,
    map_course,
    mappings_of,
    preview_roster,
    stored_preview,
    tools_of,
    unmap_course,
)

by_itself = "list"
"""The command that `matricula tool` alone stands for."""

SOME_REFUSED = 4


def list_tools(*, home: HomeDir = None, as_json: AsJson = False) -> None:
    """List the learning tools: whose instance each is, whether the connection is well, and when that was seen.

    Nothing is asked of them; `matricula tool check` does.

    Examples:
      matricula tool list
      matricula tool list --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        found = tools_of(hub.home)
    if as_json:
        screen.json(
            {
                "tools": [
                    {
                        "name": each.name,
                        "type": each.type,
                        "site": each.site,
                        "url": each.url,
                        "has_token": each.has_token,
                        "mapped": each.mapped,
                        "standing": standing_as_json(each.standing),
                    }
                    for each in found
                ]
            }
        )
        return
    if not found:
        screen.line("There is no learning tool yet; docs/tools.md tells how one is named in a document.")
        return
    rows = []
    for each in found:
        standing = each.standing
        state = "never checked" if standing is None else "OK" if standing.state == "ok" else "wrong"
        seen = moment(standing.checked_at) if standing else ""
        name = standing.display if standing else ""
        rows.append((each.name, name, each.site, state if each.has_token else "no token", seen, each.mapped))
    screen.table(("tool", "instance", "site", "state", "checked", "courses"), rows, numbers=("courses",))
    for each in found:
        if each.standing and each.standing.message:
            screen.line(f"{each.name}: {each.standing.message}", "yellow", hang=2)


def token(name: AnyTool = None, *, token_file: TokenFile = None, home: HomeDir = None) -> None:
    """Keep a tool's token, encrypted. It is shown nowhere afterwards.

    It is read from --token-file, from the environment variable
    MATRICULA_TOKEN, or asked for without showing it.

    Examples:
      matricula tool token kura
      matricula tool token kura --token-file /run/secrets/kura
    """
    with open_hub(home) as hub:
        tool_name = the_one(hub, "tool", name)
        hub.home.tool(tool_name)
        keep_tool_token(hub.home, tool_name, read_token(token_file, f"Token of {tool_name} (it is not shown)"))
        note_setting(hub.home, "tool.token", f"tool {tool_name}")
    Screen().line(f"The token of {tool_name} is kept. Try it with: matricula tool check {tool_name}", "green")


def check(name: AnyTool = None, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Try the connections with all tools, or with one, and look whether mapped courses are still there.

    A running service does so every night. Exit status 1 where something is wrong.

    Examples:
      matricula tool check
      matricula tool check kura --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        found = [check_tool(hub.home, name)] if name is not None else check_tools(hub.home, screen.status)
        mappings = [each for standing in found for each in mappings_of(hub.home, standing.tool)]
    wrong = [each for each in mappings if each.state != "ok"]
    if as_json:
        screen.json(
            {
                "tools": [standing_as_json(each) for each in found],
                "mappings": [mapping_as_json(each) for each in mappings],
            }
        )
    else:
        for each in found:
            told = f"OK ({each.display})" if each.state == "ok" else f"wrong. {each.message}"
            screen.line(f"{each.tool}: {told}", "green" if each.state == "ok" else "bold red", hang=2)
        for mapping in wrong:
            screen.line(f"{mapping.course_name} and {mapping.remote_name}: {mapping.message}", "yellow", hang=2)
    if wrong or any(each.state != "ok" for each in found):
        raise typer.Exit(1)


def courses(
    name: ToolName,
    *,
    search: Annotated[
        str, typer.Option("--search", metavar="TEXT", help="Only those with this in name, code or id.")
    ] = "",
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """List the courses of a tool, and with which course of Moodle each is mapped.

    Examples:
      matricula tool courses kura
      matricula tool courses kura --search biology
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        found = courses_of_tool(hub.home, name, search)
        mapped = {each.remote: each for each in mappings_of(hub.home, name)}
    if as_json:
        rows: list[dict[str, Any]] = [
            {
                "id": each.id,
                "name": each.name,
                "code": each.code,
                "enabled": each.enabled,
                "mapping": mapping_as_json(mapped[each.id]) if each.id in mapped else None,
            }
            for each in found
        ]
        screen.json({"tool": name, "courses": rows})
    elif found:
        screen.table(
            ("id", "name", "code", "mapped with"),
            [
                (each.id, each.name, each.code, mapped[each.id].course_name if each.id in mapped else "")
                for each in found
            ],
        )
    else:
        screen.line("There is no such course." if search else "The tool has no courses.")


def map_(
    name: ToolName,
    remote: Annotated[str, typer.Argument(metavar="REMOTE", help="The tool's course: id, code, or part of its name.")],
    course: Annotated[
        str,
        typer.Argument(metavar="COURSE", help="Moodle's course: id, short name, ID number, or part of its name."),
    ],
    *,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Keep a course of a tool and a course of Moodle together: one with one.

    The tool's course is enabled for that; from then on its roster is Moodle's
    to keep. Nobody is added or taken out before a preview is applied.

    Examples:
      matricula tool map kura BIO-1 bio-7a
      matricula tool map kura 101 17
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        made = map_course(hub.home, name, remote, course)
        note_setting(hub.home, "tool.mapped", f"course {made.course} with {made.remote} of {name}", site=made.site)
    if as_json:
        screen.json({"mapping": mapping_as_json(made)})
        return
    screen.line(f"{made.course_name} and {made.remote_name} are kept together now.", "green")
    screen.line(f"See what its roster would change: matricula tool roster {name} {made.course}")


def unmap(name: ToolName, course: Mapped, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Keep two courses together no longer. The tool's students stay as they are.

    Example:
      matricula tool unmap kura bio-7a
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        gone = unmap_course(hub.home, name, course)
        note_setting(hub.home, "tool.unmapped", f"course {gone.course} with {gone.remote} of {name}", site=gone.site)
    if as_json:
        screen.json({"mapping": mapping_as_json(gone)})
    else:
        screen.line(f"{gone.course_name} and {gone.remote_name} are no longer kept together.", "green")


def mapped(name: AnyTool = None, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """List mapped courses, and what is wrong with each.

    Examples:
      matricula tool mapped
      matricula tool mapped kura --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        found = mappings_of(hub.home, name)
    if as_json:
        screen.json({"mappings": [mapping_as_json(each) for each in found]})
    elif found:
        rows = [(each.tool, each.remote_name, each.course_name, each.course, each.message or "OK") for each in found]
        screen.table(("tool", "tool's course", "Moodle's course", "id", "state"), rows)
    else:
        screen.line("No course is mapped.")


def remove(
    name: ToolName,
    *,
    with_mappings: Annotated[
        bool, typer.Option("--mapped", help="Even while courses are mapped; the mappings end with it.")
    ] = False,
    home: HomeDir = None,
) -> None:
    """Take a tool out: its document, its token, how it stood, and who its students are.

    Nothing is done in the tool: its courses and students stay.

    Examples:
      matricula tool remove kura
      matricula tool remove kura --mapped
    """
    with open_hub(home) as hub:
        take_out(hub.home, "tool", name, mapped=with_mappings)
        note_setting(hub.home, "tool.removed", f"tool {name}")
    Screen().line(f"The tool {name} is taken out.", "green")


def roster(name: ToolName, course: Mapped, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Show by name what would change in a tool's course. Nothing is written to the tool.

    The preview is kept under a number; applying it does exactly what was
    shown. A newer one takes the place of an older one.

    Examples:
      matricula tool roster kura bio-7a
      matricula tool roster kura 17 --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        preview = preview_roster(hub.home, name, course, screen.status)
        mapping = hub.store.tools.mapping(preview.mapping)
    if as_json:
        screen.json(preview_as_json(preview, mapping))
    else:
        print_preview(screen, preview, mapping)


def show(number: PreviewNumber, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Show a preview again, with what became of each change.

    Example:
      matricula tool show 3
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        preview, mapping = stored_preview(hub.home, number)
        outcomes = hub.store.tool_previews.outcomes(number)
    told = {each.number: (each.state, each.reason) for each in outcomes.values()}
    if as_json:
        screen.json(preview_as_json(preview, mapping, told))
    else:
        print_preview(screen, preview, mapping, told)


def apply(
    number: PreviewNumber,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Write a preview, of a roster to its tool or of grades to Moodle: exactly what was shown.

    What has changed there since is left, and told.

    Exit status 4 where some changes were refused or left.

    Examples:
      matricula tool apply 3
      matricula tool apply 3 --yes --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        preview, mapping = stored_preview(hub.home, number)
        if not yes and preview.state == "open":
            where = mapping.course_name if preview.kind == "grades" else f"{mapping.remote_name} of {mapping.tool}"
            _confirm(number, f"{counted(len(preview.changes), 'change')} to {where}")
        applied = apply_preview(hub.home, number, screen.status)
        note_setting(hub.home, "tool.applied", f"preview {number} of {mapping.tool}", site=mapping.site)
    if as_json:
        screen.json(preview_as_json(preview, mapping, applied.outcomes))
    else:
        print_outcomes(screen, preview, applied.outcomes)
    if any(state != "done" for state, _ in applied.outcomes.values()):
        raise typer.Exit(SOME_REFUSED)


def _confirm(number: int, what: str) -> None:
    if not os.isatty(0):
        raise HeldError(
            f"The preview waits for a word: {what}.",
            where=f"preview {number}",
            remedy=f"Say so with `matricula tool apply {number} --yes`.",
            code="preview-unconfirmed",
        )
    typer.confirm(f"Write {what}?", abort=True, err=True)


tool = {
    "list": list_tools,
    "token": token,
    "check": check,
    "courses": courses,
    "map": map_,
    "mapped": mapped,
    "unmap": unmap,
    "roster": roster,
    "grades": grades,
    "lessons": lessons,
    "place": place,
    "show": show,
    "apply": apply,
    "remove": remove,
}
"""The commands under `matricula tool`."""
