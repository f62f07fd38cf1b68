"""Mapped courses and previews of a learning tool, by their numbers, for pages and the API; and writing a preview."""

from matricula.errors import UsageError
from matricula.hub.tools import mappings_of, stored_preview
from matricula.service.tool_work import no_preview
from matricula.store import CourseMapping, Job, Preview
from matricula.web.visit import Visit


def mapping_of_tool(visit: Visit, tool: str, number: int) -> CourseMapping:
    """Two courses that are kept together.

    Raises:
        UsageError: there are none of this number of this tool.
    """
    found = [each for each in mappings_of(visit.service.home, tool) if each.id == number]
    if not found:
        raise UsageError(
            "These courses are not kept together.", where=f"tool {tool}", remedy="Go back to the tool.", code="unmapped"
        )
    return found[0]


def preview_of_tool(visit: Visit, tool: str, number: int) -> tuple[Preview, CourseMapping]:
    """A preview with its courses.

    Raises:
        UsageError: there is none of this number of this tool.
    """
    preview, mapping = stored_preview(visit.service.home, number)
    if mapping.tool != tool:
        raise no_preview(tool, number)
    return preview, mapping


def ask_for_previews(visit: Visit, mapping: CourseMapping, kind: str, *, replace: bool = False) -> Job:
    """Ask what would change in a tool's course (`tool-roster`), or in Moodle's gradebook (`tool-grades`).

    Args:
        visit: the visit.
        mapping: the two courses.
        kind: the kind of job.
        replace: of grades, whether those that somebody else gave in Moodle give way.
    """
    arguments = {"tool": mapping.tool, "course": str(mapping.course)} | ({"replace": True} if replace else {})
    return visit.service.jobs.ask(kind, arguments=arguments, by=visit.by, address=visit.address)


def ask_to_apply(visit: Visit, tool: str, number: int) -> Job:
    """Have a preview written: exactly what it shows.

    Raises:
        UsageError: there is none such, or it was written before.
    """
    found, _ = preview_of_tool(visit, tool, number)
    if found.state not in ("open", "applying"):
        raise UsageError(
            f"Preview {found.id} was applied before, or a newer one has taken its place.",
            where=f"preview {found.id}",
            remedy="Make a new one from the page of the two courses.",
            code="preview-over",
        )
    visit.note("tool.applied", f"preview {found.id} of {tool}")
    arguments = {"tool": tool, "preview": found.id}
    return visit.service.jobs.ask("tool-apply", arguments=arguments, by=visit.by, address=visit.address)
