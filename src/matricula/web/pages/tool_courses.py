"""Courses that are kept together with a tool's: choosing them, rosters and grades shown by name, and written."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from matricula.errors import MatriculaError, UsageError
from matricula.hub.tool_grades import LessonSeen, forget_lesson, lessons_of, place_lesson
from matricula.hub.tool_words import name_of, title_of, told_of
from matricula.hub.tools import courses_of_tool, map_course, mappings_of, opened_site, unmap_course
from matricula.service.permissions import May
from matricula.store import CourseMapping, Job
from matricula.web.rendering import go
from matricula.web.tool_places import ask_for_previews, ask_to_apply, mapping_of_tool, preview_of_tool
from matricula.web.visit import Visit, needs, number_of

router = APIRouter()
FOUND = 50
"""So many courses are shown of those that a search finds."""
_WORK = ("tool-roster", "tool-grades", "tool-apply")


@router.get("/tools/{tool}/map")
def choose(
    tool: str,
    remote: Annotated[str, Query(max_length=200)] = "",
    course: Annotated[str, Query(max_length=200)] = "",
    visit: Visit = needs(May.OPERATE),
) -> Response:
    """Search a course of the tool and one of Moodle, to keep them together."""
    return _choose(visit, tool, remote, course)


@router.post("/tools/{tool}/map")
def map_(
    tool: str,
    remote: Annotated[str, Form()] = "",
    course: Annotated[str, Form()] = "",
    searched: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OPERATE),
) -> Response:
    """Keep two courses together from now on."""
    try:
        made = map_course(visit.service.home, tool, remote, course)
    except MatriculaError as error:
        return _choose(visit, tool, searched or remote, course, error)
    visit.note("tool.mapped", f"course {made.course} with {made.remote} of {tool}")
    return go(visit.request, _address(made), f"{made.course_name} and {made.remote_name} are kept together now.")


@router.get("/tools/{tool}/courses/{mapping}", name="tool_course")
def one(tool: str, mapping: str, visit: Visit = needs(May.SEE)) -> Response:
    """Two courses that are kept together."""
    return _course(visit, _mapping(visit, tool, mapping))


@router.post("/tools/{tool}/courses/{mapping}/roster")
def roster(tool: str, mapping: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Show what would change in the tool's course."""
    found = _mapping(visit, tool, mapping)
    ask_for_previews(visit, found, "tool-roster")
    return go(visit.request, _address(found))


@router.post("/tools/{tool}/courses/{mapping}/grades")
def grades(
    tool: str, mapping: str, replace: Annotated[str, Form()] = "", visit: Visit = needs(May.OPERATE)
) -> Response:
    """Show which grades would be written to Moodle."""
    found = _mapping(visit, tool, mapping)
    ask_for_previews(visit, found, "tool-grades", replace=bool(replace))
    return go(visit.request, _address(found))


@router.get("/tools/{tool}/courses/{mapping}/lessons")
def lessons(tool: str, mapping: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Where the grades of each lesson go."""
    return _lessons(visit, _mapping(visit, tool, mapping))


@router.post("/tools/{tool}/courses/{mapping}/lessons")
def place(
    tool: str,
    mapping: str,
    lesson: Annotated[str, Form()] = "",
    activity: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OPERATE),
) -> Response:
    """Say which activity takes the grades of a lesson, or forget one that has vanished."""
    found, home = _mapping(visit, tool, mapping), visit.service.home
    try:
        if activity == "forget":
            forget_lesson(home, tool, str(found.course), lesson)
        else:
            cmid = number_of(activity, "activity") if activity else None
            place_lesson(home, tool, str(found.course), lesson, cmid)
    except UsageError as error:
        return _lessons(visit, found, error)
    visit.note("tool.placed", f"lesson {lesson} of {tool}")
    return go(visit.request, f"{_address(found)}/lessons", "It is noted; the next preview of grades goes by it.")


@router.post("/tools/{tool}/courses/{mapping}/unmap")
def unmap(tool: str, mapping: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Keep two courses together no longer."""
    found = _mapping(visit, tool, mapping)
    unmap_course(visit.service.home, tool, str(found.course))
    visit.note("tool.unmapped", f"course {found.course} with {found.remote} of {tool}")
    said = f"{found.course_name} and {found.remote_name} are no longer kept together. The tool's students stay."
    return go(visit.request, f"/tools/{quote(tool)}", said)


@router.get("/tools/{tool}/previews/{preview}", name="tool_preview")
def preview_page(tool: str, preview: str, visit: Visit = needs(May.SEE)) -> Response:
    """What would change, by name, and what became of it."""
    found, mapping = preview_of_tool(visit, tool, number_of(preview, "preview"))
    outcomes = visit.service.store.tool_previews.outcomes(found.id)
    groups: dict[str, list[dict[str, Any]]] = {}
    for number, change in enumerate(found.changes):
        groups.setdefault(title_of(found.kind, change), []).append(
            {
                "name": name_of(found.kind, change),
                "outcome": outcomes.get(number),
                "told": told_of(found.kind, change),
            }
        )
    return visit.page(
        "tool_preview",
        tool=tool,
        mapping=mapping,
        preview=found,
        groups=groups,
        job=_job(visit, mapping),
        left=sum(each.state not in ("done", "sent") for each in outcomes.values()),
    )


@router.post("/tools/{tool}/previews/{preview}/apply")
def apply(tool: str, preview: str, visit: Visit = needs(May.APPLY)) -> Response:
    """Write a preview: exactly what it shows."""
    number = number_of(preview, "preview")
    ask_to_apply(visit, tool, number)
    return go(visit.request, f"/tools/{quote(tool)}/previews/{number}", "It is being written.")


def _choose(visit: Visit, tool: str, remote: str, course: str, error: MatriculaError | None = None) -> Response:
    home, refused = visit.service.home, error
    theirs, ours = [], []
    if remote or course:
        try:
            theirs = courses_of_tool(home, tool, remote)
            with opened_site(home, home.tool(tool).site) as moodle:
                word = course.casefold()
                ours = [
                    each
                    for each in moodle.courses.all()
                    if word in f"{each.fullname}\n{each.shortname}\n{each.idnumber or ''}\n{each.id}".casefold()
                ]
        except MatriculaError as met:
            refused = refused or met
    mapped = mappings_of(home, tool)
    return visit.page(
        "tool_map",
        status=422 if error else 200,
        tool=tool,
        remote=remote,
        course=course,
        theirs=theirs[:FOUND],
        ours=ours[:FOUND],
        more=max(len(theirs), len(ours)) > FOUND,
        taken={each.remote for each in mapped} | {each.course for each in mapped},
        error=refused,
    )


def _course(visit: Visit, mapping: CourseMapping) -> Response:
    previews = visit.service.store.tool_previews
    return visit.page(
        "tool_course",
        mapping=mapping,
        job=_job(visit, mapping),
        roster=previews.last(mapping.id, "roster"),
        grades=previews.last(mapping.id, "grades"),
    )


def _lessons(visit: Visit, mapping: CourseMapping, error: UsageError | None = None) -> Response:
    seen: list[LessonSeen] = lessons_of(visit.service.home, mapping.tool, str(mapping.course))
    return visit.page("tool_lessons", status=422 if error else 200, mapping=mapping, lessons=seen, error=error)


def _job(visit: Visit, mapping: CourseMapping) -> Job | None:
    """The newest job on these two courses, while it is under way or where it failed."""
    found = visit.service.jobs.all(kinds=_WORK, sites=(mapping.site,), limit=20)
    theirs = [each for each in found if each.arguments.get("tool") == mapping.tool]
    numbers = [int(each.arguments["preview"]) for each in theirs if "preview" in each.arguments]
    mappings = visit.service.store.tool_previews.mappings(numbers)
    for job in theirs:
        given = job.arguments
        of_preview = mappings.get(int(given["preview"])) if "preview" in given else None
        if given.get("course") == str(mapping.course) or of_preview == mapping.id:
            return job if not job.ended or job.state == "failed" else None
    return None


def _mapping(visit: Visit, tool: str, number: str) -> CourseMapping:
    return mapping_of_tool(visit, tool, number_of(number, "mapping"))


def _address(mapping: CourseMapping) -> str:
    return f"/tools/{quote(mapping.tool)}/courses/{mapping.id}"
