"""Jobs on learning tools: previews of rosters and grades, and carrying them out."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from matricula.errors import UsageError
from matricula.hub import Home
from matricula.hub.tool_grades import apply_preview, preview_grades
from matricula.hub.tools import preview_roster, stored_preview
from matricula.service.work import Work


def site_of_tool_work(home: Home, site: str, given: Mapping[str, Any]) -> str:
    """The site of a job on a tool: the tool's own, whichever was said, so that nobody reaches another's by it.

    Args:
        home: the home.
        site: the site that was said.
        given: the job's arguments.

    Raises:
        UsageError: there is no such tool or preview, or it is another site's or tool's.
    """
    name = str(given["tool"])
    own = home.tool(name).site
    if site not in ("", own):
        raise UsageError(
            f"The tool {name} is of another site.",
            where=f"tool {name}",
            remedy="Name its own site, or none.",
            code="tool-of-another-site",
        )
    if "preview" in given and stored_preview(home, int(given["preview"]))[1].tool != name:
        raise no_preview(name, int(given["preview"]))
    return own


def no_preview(tool: str, number: int) -> UsageError:
    """What is said where a tool has no such preview."""
    return UsageError(
        f"There is no preview {number} of {tool}.",
        where=f"tool {tool}",
        remedy="Go back to the two courses and make one.",
        code="preview-unknown",
    )


def roster_previewed(work: Work) -> dict[str, Any]:
    """Work out what would change in a tool's course; nothing is written to it."""
    given = work.job.arguments
    preview = preview_roster(work.hub.home, str(given["tool"]), str(given["course"]), work.step)
    return {"preview": preview.id, "tool": given["tool"], "changes": len(preview.changes)}


def grades_previewed(work: Work) -> dict[str, Any]:
    """Work out which grades of a tool would be written to Moodle; nothing is written."""
    given = work.job.arguments
    preview = preview_grades(
        work.hub.home, str(given["tool"]), str(given["course"]), work.step, replace=bool(given.get("replace", False))
    )
    return {"preview": preview.id, "tool": given["tool"], "changes": len(preview.changes)}


def preview_applied(work: Work) -> dict[str, Any]:
    """Carry out a preview; a job that was cut off goes on with it."""
    number = int(work.job.arguments["preview"])
    applied = apply_preview(work.hub.home, number, work.step)
    states = Counter(state for state, _ in applied.outcomes.values())
    return {"preview": number, "tool": work.job.arguments["tool"], "outcomes": dict(sorted(states.items()))}
