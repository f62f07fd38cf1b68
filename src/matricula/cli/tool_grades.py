"""Commands under `matricula tool` that concern grades: previews, and where each lesson's go."""

from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen
from matricula.cli.tool_names import Mapped, ToolName
from matricula.cli.tool_view import lesson_as_json, preview_as_json, print_preview
from matricula.errors import UsageError
from matricula.hub.audited import note_setting
from matricula.hub.tool_grades import LessonSeen, forget_lesson, lessons_of, place_lesson, preview_grades
from matricula.tools.grading import OWN_COLUMN

Lesson = Annotated[
    str, typer.Argument(metavar="LESSON", help="The lesson: its title, or its id as `matricula tool lessons` shows it.")
]


def grades(
    name: ToolName,
    course: Mapped,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let grades give way that somebody else gave in Moodle.")
    ] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Show by name which grades of a tool would be written to Moodle. Nothing is written.

    First the people of the two courses must be the same; a preview of the
    roster says what is missing. Applying the preview writes exactly what was
    shown, into the activity with the lesson's name or the one that was chosen.

    Examples:
      matricula tool grades kura bio-7a
      matricula tool grades kura 17 --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        preview = preview_grades(hub.home, name, course, screen.status, replace=replace)
        mapping = hub.store.tools.mapping(preview.mapping)
    if as_json:
        screen.json(preview_as_json(preview, mapping))
    else:
        print_preview(screen, preview, mapping)


def lessons(name: ToolName, course: Mapped, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """List the lessons that the last preview of grades saw, and the activity that takes the grades of each.

    Example:
      matricula tool lessons kura bio-7a
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        found = lessons_of(hub.home, name, course)
    if as_json:
        screen.json({"lessons": [lesson_as_json(each) for each in found]})
    elif found:
        rows = [
            (
                "-".join(each.place),
                each.item.title,
                each.activity.name if each.activity else "vanished" if each.item.state == "vanished" else "nowhere",
                _how(each),
            )
            for each in found
        ]
        screen.table(("id", "lesson", "grades go to", "why"), rows)
    else:
        screen.line(f"No lesson was seen yet: matricula tool grades {name} {course}")


def place(
    name: ToolName,
    course: Mapped,
    lesson: Lesson,
    *,
    activity: Annotated[
        int | None,
        typer.Option("--activity", metavar="ID", help="The activity's id: the number in the address of its page."),
    ] = None,
    by_name: Annotated[bool, typer.Option("--by-name", help="The activity with just its name, as at first.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Forget a lesson that has vanished.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Say which activity of the course takes the grades of a lesson.

    Examples:
      matricula tool place kura bio-7a "Cells" --activity 123
      matricula tool place kura bio-7a "Cells" --by-name
    """
    if (activity is not None) + by_name + forget != 1:
        raise UsageError(
            "Say one thing about the lesson.",
            where=lesson,
            remedy="Give --activity ID, --by-name or --forget.",
            code="tool-place-what",
        )
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        if forget:
            seen = forget_lesson(hub.home, name, course, lesson)
        else:
            seen = place_lesson(hub.home, name, course, lesson, activity)
        note_setting(hub.home, "tool.placed", f"lesson {'-'.join(seen.place)} of {name}", site=hub.home.tool(name).site)
    if as_json:
        screen.json({"lesson": lesson_as_json(seen), "forgotten": forget})
    elif forget:
        screen.line(f"“{seen.item.title}” is forgotten; the grades that it gave stay in Moodle.", "green")
    else:
        where = f"go to “{seen.activity.name}”" if seen.activity else "go nowhere yet"
        screen.line(f"Grades of “{seen.item.title}” {where}.", "green")


def _how(seen: LessonSeen) -> str:
    """How it comes about where a lesson's grades go."""
    if seen.item.cmid:
        return "chosen"
    if seen.activity is None:
        return ""
    return "a column of its own" if seen.activity.module == OWN_COLUMN else "by its name"
