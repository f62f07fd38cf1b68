"""Learning data and grades: what gradebooks hold as they were last read, and conflicts with the school's system."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from matricula.hub.grades import conflicts_meant, settle_conflicts
from matricula.hub.learning_counts import course_read, courses_read, grades_read, items_read
from matricula.service.permissions import May
from matricula.web.api.paging import Cursor, Limit, Page, page_of, place_of
from matricula.web.api.shapes_of_learning import ConflictShape, CourseReadShape, GradeShape, ItemReadShape
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["learning data"])

CourseId = Annotated[int, Path(ge=1, lt=2**62, description="The course's id in Moodle.")]


class SettledConflicts(BaseModel):
    """Which of two grades stands."""

    key: str | None = Field(description="The record's key or name; null for all of which nobody has said it yet.")
    decision: Literal["send", "keep"] = Field(
        description="`send`: the next transfer sends Moodle's; `keep`: that of the school's system stands."
    )


@router.get("/profiles/{profile}/conflicts")
def conflicts(
    profile: str,
    visit: Visit = needs(May.SEE),
    *,
    state: Annotated[Literal["open", "send", "keep"] | None, Query(description="Only in this state.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ConflictShape]:
    """Grades that somebody changed in the school's system after they were sent."""
    offset = place_of(cursor) or 0
    states = (state,) if state else ()
    found = visit.service.store.conflicts.some([profile], states=states, limit=limit + 1, offset=offset)
    return page_of([ConflictShape.told(each) for each in found], limit, lambda _: offset + limit)


@router.post("/profiles/{profile}/conflicts")
def settle(profile: str, settled: SettledConflicts, visit: Visit = needs(May.OPERATE)) -> list[ConflictShape]:
    """Say which one stands; it holds for just these two values, and nothing is written before the next transfer."""
    home = visit.service.home
    chosen = conflicts_meant(home, profile, settled.key)
    chosen = [each for each in chosen if settled.key is not None or each.state == "open"]
    settle_conflicts(home, profile, chosen, send=settled.decision == "send")
    places = {(each.kind, each.key) for each in chosen}
    now = visit.service.store.conflicts.all(profile)
    return [ConflictShape.told(each) for each in now if (each.kind, each.key) in places]


@router.get("/sites/{site}/learning/courses")
def courses(
    site: str, visit: Visit = needs(May.SEE), *, limit: Limit = 100, cursor: Cursor = None
) -> Page[CourseReadShape]:
    """Courses whose learning data is kept, by name; a job of the kind `learning` reads them."""
    offset = place_of(cursor) or 0
    found = courses_read(visit.service.home, site)[offset : offset + limit + 1]
    return page_of([CourseReadShape.of(each) for each in found], limit, lambda _: offset + limit)


@router.get("/sites/{site}/learning/courses/{course}")
def course(site: str, *, course: CourseId, visit: Visit = needs(May.SEE)) -> CourseReadShape:
    """One course whose learning data is kept."""
    return CourseReadShape.of(course_read(visit.service.home, site, course))


@router.get("/sites/{site}/learning/courses/{course}/items")
def items(
    site: str, *, course: CourseId, visit: Visit = needs(May.SEE), limit: Limit = 100, cursor: Cursor = None
) -> Page[ItemReadShape]:
    """Grade items of a course in the order of its gradebook, totals too, and how many people have what in each."""
    offset = place_of(cursor) or 0
    found = items_read(visit.service.home, site, course)[offset : offset + limit + 1]
    return page_of([ItemReadShape.of(each) for each in found], limit, lambda _: offset + limit)


@router.get("/sites/{site}/learning/courses/{course}/grades")
def grades(
    site: str,
    *,
    course: CourseId,
    visit: Visit = needs(May.SEE),
    item: Annotated[int | None, Query(ge=1, lt=2**62, description="Only in this item, by its id.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[GradeShape]:
    """What everybody has in each item of a course, as it was last read."""
    offset = place_of(cursor) or 0
    found = grades_read(visit.service.home, site, course, item, offset, limit + 1)
    return page_of([GradeShape(**each) for each in found], limit, lambda _: offset + limit)
