"""Links to courses that other Moodles publish as tools (LTI 1.3): begin, and tell the Moodle who comes.

The page that tells it holds a form which a script sends off at once, as the standard has it; without scripts there is
a button.
"""

from typing import Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from matricula.errors import MatriculaError, WaitError
from matricula.provider.requests import Asked
from matricula.service import Service
from matricula.service.visitors import Who
from matricula.web.headers import CONTENT_POLICY
from matricula.web.hooks import Rate
from matricula.web.pages.go import who
from matricula.web.portal import SIGN_IN, origin_of, portal_person
from matricula.web.refusals import status_of
from matricula.web.visit import address_of, open_to_all

_STRANGERS: Final = Rate(60)
"""Refusals that an address may cause in a minute before nothing more is looked at or noted."""
ASKS: Final = "/provider/launch"
router = APIRouter()


@router.get("/lti/{course}", dependencies=[Depends(open_to_all)])
def begin(request: Request, course: str) -> Response:
    """On to a published course."""
    person = portal_person(request)
    if person is None:
        return RedirectResponse(f"{SIGN_IN}?after={quote(request.url.path, safe='/')}", 303)
    try:
        address = _service(request).launches.begin(person, course, who(request, person))
    except MatriculaError as error:
        return _refused(request, error)
    return RedirectResponse(address, 303, headers={"referrer-policy": "no-referrer"})


@router.get(ASKS)
def tell(request: Request) -> Response:
    """Tell a Moodle who comes."""
    address, person = address_of(request), portal_person(request)
    if _STRANGERS.full(address):
        return _refused(request, _too_many())
    asked = Asked(request.url.path, request.query_params.multi_items())
    try:
        asker = Who("", address) if person is None else who(request, person)
        posted = _service(request).launches.answer(asked, person, asker)
    except MatriculaError as error:
        _STRANGERS.count(address)
        return _refused(request, error)
    values = {"to": posted.to, "fields": posted.fields, "course": posted.course, "person": person}
    page: Response = request.app.state.rendering.page(request, "lti_launch", values)
    own = "form-action 'self'"
    page.headers["content-security-policy"] = CONTENT_POLICY.replace(own, f"{own} {origin_of(posted.to)}")
    return page


@router.post(ASKS)
async def tell_by_form(request: Request) -> Response:
    """The same, asked for by a form: browsers bring the session along only when they are sent here without one."""
    form = await request.form()
    items = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return await run_in_threadpool(RedirectResponse, f"{ASKS}?{urlencode(items)}", 303)


def _refused(request: Request, error: MatriculaError) -> Response:
    values = {"error": error, "person": portal_person(request)}
    page: Response = request.app.state.rendering.page(request, "lti_refused", values, status=status_of(error))
    return page


def _too_many() -> WaitError:
    return WaitError(
        "There were too many wrong requests.", where="sign-on", remedy="Wait a minute.", code="lti-too-many"
    )


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
