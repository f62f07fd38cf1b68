"""Learning data: which gradebooks were read and when, and what stands in them, in numbers."""

from fastapi import APIRouter
from starlette.responses import Response

from matricula.hub.learning_counts import course_read, courses_read, items_read
from matricula.service.permissions import May
from matricula.web.listing import paged, profiles_of
from matricula.web.rendering import go
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.get("/learning", name="learning")
def sites(visit: Visit = needs(May.SEE)) -> Response:
    """The sites whose learning data can be looked at."""
    seen = visit.visitor.sites()
    names = [each for each in visit.service.home.names("site") if seen is None or each in seen]
    courses = {name: courses_read(visit.service.home, name) for name in names}
    last = {
        name: max((each.grades_at for each in found if each.grades_at), default=None) for name, found in courses.items()
    }
    return visit.page("learning", courses=courses, last=last)


@router.get("/learning/{site}", name="learning_site")
def one(site: str, page: int = 1, visit: Visit = needs(May.SEE)) -> Response:
    """The courses of a site whose learning data is kept."""
    found = courses_read(visit.service.home, site)
    return visit.page(
        "learning_site",
        site=site,
        read=sum(each.grades_at is not None for each in found),
        shown=paged(visit, found, page),
        profiles=[each for each in profiles_of(visit) if each.site == site],
    )


@router.get("/learning/{site}/courses/{course}", name="learning_course")
def course(site: str, *, course: int, visit: Visit = needs(May.SEE)) -> Response:
    """The grade items of a course, and how many people have what in each."""
    home = visit.service.home
    return visit.page(
        "learning_course", site=site, course=course_read(home, site, course), items=items_read(home, site, course)
    )


@router.post("/profiles/{profile}/learning")
def read(profile: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Read the learning data of a profile's courses now."""
    job = visit.service.jobs.ask("learning", profile=profile, by=visit.by, address=visit.address)
    said = f"The gradebooks of {profile} are being read. Nothing is written to Moodle."
    return go(visit.request, f"/jobs/{job.id}", said)
