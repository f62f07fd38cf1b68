"""Links on to a Moodle: whoever follows one proves who they are, where that is not known, and is signed on."""

from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from matricula.errors import MatriculaError
from matricula.service import Service
from matricula.service.portal import OF_ACCOUNTS
from matricula.service.visitors import Who
from matricula.sign_on import Person
from matricula.web.portal import (
    SIGN_IN,
    back_to,
    keep_portal,
    may_leave,
    portal_cookie,
    portal_person,
    portal_session,
)
from matricula.web.refusals import status_of
from matricula.web.visit import address_of, open_to_all

router = APIRouter(dependencies=[Depends(open_to_all)])


@router.get("/go/{site}")
def to_site(request: Request, site: str) -> Response:
    """On to a site."""
    return _go(request, site, "")


@router.get("/go/{site}/{course:path}")
def to_course(request: Request, site: str, course: str) -> Response:
    """On to a course: by the sourcedId of its class, its ID number or its short name."""
    return _go(request, site, course)


def _go(request: Request, site: str, course: str) -> Response:
    service: Service = request.app.state.service
    person = portal_person(request)
    if person is None:
        return RedirectResponse(f"{SIGN_IN}?after={quote(request.url.path, safe='/')}", 303)
    response = RedirectResponse("/", 303)
    session, cookie = portal_session(request), portal_cookie(request)
    if session is None:
        session, cookie = keep_portal(request, response, person)
    try:
        onward = service.going.go(person, site, who(request, person), course=course, back=back_to(request, cookie))
    except MatriculaError as error:
        return _refused(request, person, error)
    if onward.tickets and onward.account is not None:
        service.portal.went(session, site, onward.account)
    response.headers["location"] = onward.address
    response.headers["referrer-policy"] = "no-referrer"
    return response


def who(request: Request, person: Person) -> Who:
    """Who asks, as the audit log names it: people without an account here are named by what they ask for."""
    account = person.subject.startswith(OF_ACCOUNTS)
    return Who(person.subject.removeprefix(OF_ACCOUNTS) if account else "", address_of(request))


def _refused(request: Request, person: Person, error: MatriculaError) -> Response:
    values = {"error": error, "person": person}
    page: Response = request.app.state.rendering.page(request, "go_refused", values, status=status_of(error))
    return may_leave(request, page)
