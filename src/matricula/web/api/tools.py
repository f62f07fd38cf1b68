"""Learning tools: how they stand, courses that are kept together, and previews of rosters and grades."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from matricula.hub.tools import check_tool, map_course, mappings_of, tools_of, unmap_course
from matricula.service.permissions import May
from matricula.web.api.once import Once
from matricula.web.api.paging import Cursor, Limit, Page, page_of, place_of
from matricula.web.api.shapes import JobShape
from matricula.web.api.shapes_of_learning import (
    MappingShape,
    PreviewOutcomeShape,
    PreviewShape,
    ToolShape,
    ToolStandingShape,
)
from matricula.web.tool_places import ask_for_previews, ask_to_apply, mapping_of_tool, preview_of_tool
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["learning tools"])
starting = APIRouter(tags=["learning tools"], route_class=Once)

Number = Annotated[int, Path(ge=1, lt=2**62, description="Its number.")]


class CoursesToMap(BaseModel):
    """Two courses that are to be kept together."""

    remote: str = Field(min_length=1, max_length=255, description="The tool's course, by its id, code or name.")
    course: str = Field(min_length=1, max_length=255, description="Moodle's course, by its id or name.")


class PreviewWanted(BaseModel):
    """What is to be shown."""

    kind: Literal["roster", "grades"] = Field(
        description="`roster`: what would change in the tool's course; `grades`: which grades would go to Moodle."
    )
    replace: bool = Field(False, description="Of grades: whether those that somebody else gave in Moodle give way.")


@router.get("/tools")
def tools(visit: Visit = needs(May.SEE)) -> list[ToolShape]:
    """The learning tools there are; nothing is asked of them."""
    seen = visit.visitor.sites()
    return [
        ToolShape(
            name=each.name,
            type=each.type,
            site=each.site,
            url=each.url,
            has_token=each.has_token,
            mapped=each.mapped,
            standing=ToolStandingShape.of(each.standing) if each.standing is not None else None,
        )
        for each in tools_of(visit.service.home)
        if seen is None or each.site in seen
    ]


@router.post("/tools/{tool}/check")
def check(tool: str, visit: Visit = needs(May.OPERATE)) -> ToolStandingShape:
    """Try the connection, and look at the mapped courses."""
    return ToolStandingShape.of(check_tool(visit.service.home, tool))


@router.get("/tools/{tool}/mappings")
def mappings(
    tool: str, visit: Visit = needs(May.SEE), *, limit: Limit = 100, cursor: Cursor = None
) -> Page[MappingShape]:
    """Courses that are kept together with the tool's."""
    offset = place_of(cursor) or 0
    found = mappings_of(visit.service.home, tool)[offset : offset + limit + 1]
    return page_of([MappingShape.of(each) for each in found], limit, lambda _: offset + limit)


@router.post("/tools/{tool}/mappings", status_code=201)
def keep_together(tool: str, courses: CoursesToMap, visit: Visit = needs(May.OPERATE)) -> MappingShape:
    """Keep two courses together from now on."""
    made = map_course(visit.service.home, tool, courses.remote, courses.course)
    visit.note("tool.mapped", f"course {made.course} with {made.remote} of {tool}")
    return MappingShape.of(made)


@router.delete("/tools/{tool}/mappings/{mapping}", status_code=204)
def part(tool: str, *, mapping: Number, visit: Visit = needs(May.OPERATE)) -> None:
    """Keep two courses together no longer; the tool's students stay."""
    found = mapping_of_tool(visit, tool, mapping)
    unmap_course(visit.service.home, tool, str(found.course))
    visit.note("tool.unmapped", f"course {found.course} with {found.remote} of {tool}")


@starting.post("/tools/{tool}/mappings/{mapping}/previews", status_code=202)
def preview(tool: str, *, mapping: Number, wanted: PreviewWanted, visit: Visit = needs(May.OPERATE)) -> JobShape:
    """Have it worked out what would change; nothing is written. The job's `result` names the preview."""
    found = mapping_of_tool(visit, tool, mapping)
    return JobShape.of(ask_for_previews(visit, found, f"tool-{wanted.kind}", replace=wanted.replace))


@router.get("/tools/{tool}/previews/{preview}")
def one(tool: str, *, preview: Number, visit: Visit = needs(May.SEE)) -> PreviewShape:
    """A preview by name, and what became of it."""
    found, _ = preview_of_tool(visit, tool, preview)
    ended = visit.service.store.tool_previews.outcomes(found.id)
    outcomes = [
        PreviewOutcomeShape(change=number, state=each.state, reason=each.reason) for number, each in ended.items()
    ]
    return PreviewShape.of(found, outcomes=outcomes)


@starting.post("/tools/{tool}/previews/{preview}/apply", status_code=202)
def apply(tool: str, *, preview: Number, visit: Visit = needs(May.APPLY)) -> JobShape:
    """Write a preview: exactly what it shows."""
    return JobShape.of(ask_to_apply(visit, tool, preview))


router.include_router(starting)
