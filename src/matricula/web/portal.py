"""Who is signed in at the portal: people who go on to a Moodle, mostly without an account of the console."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from matricula.service import Service
from matricula.service.portal import OF_ACCOUNTS, ending_key, person_of, person_of_account
from matricula.sign_on import Person
from matricula.store import PortalSession
from matricula.web.cookies import drop_cookie, named, set_cookie
from matricula.web.headers import CONTENT_POLICY
from matricula.web.visit import address_of, agent_of, visitor_of

SIGN_IN: Final = "/portal/sign-in"
"""Where people sign in; takes the path to go on to as `after`."""
SIGN_OUT: Final = "/portal/sign-out"
END: Final = "/portal/end"
"""Where sites send people back to who sign out there."""
LEAVING: Final = ("/go/", "/lti/")
"""Below these addresses people are sent on to a Moodle."""
_COOKIE: Final = "matricula-portal"


def portal_cookie(request: Request) -> str:
    """The cookie of this browser's session; empty where it has none."""
    return request.cookies.get(named(request, _COOKIE), "")


def portal_person(request: Request) -> Person | None:
    """Who is signed in: at the portal, or all the way to the console."""
    session = portal_session(request)
    return _account(request) if session is None else person_of(session)


def portal_session(request: Request) -> PortalSession | None:
    """The portal's session; one that began with the console's ends with it."""
    service: Service = request.app.state.service
    session = service.portal.session(portal_cookie(request))
    if session is None or not session.subject.startswith(OF_ACCOUNTS):
        return session
    account = _account(request)
    return session if account is not None and account.subject == session.subject else None


def keep_portal(request: Request, response: Response, person: Person) -> tuple[PortalSession, str]:
    """Begin a session of the portal, in the place of any that the browser has.

    Args:
        request: the request.
        response: what carries the cookie to the browser.
        person: who it is.

    Returns:
        the session and its cookie.
    """
    service: Service = request.app.state.service
    before = portal_cookie(request)
    cookie = service.portal.begin(person, address=address_of(request), agent=agent_of(request), before=before)
    set_cookie(request, response, named(request, _COOKIE), cookie)
    session = service.portal.session(cookie)
    assert session is not None  # noqa: S101 - it has just begun
    return session, cookie


def back_to(request: Request, cookie: str) -> str:
    """The whole address that ends a session when a site sends the browser there; empty where our own is not known."""
    address = request.app.state.service.home.service().address
    return "" if address is None else f"{str(address).rstrip('/')}{END}?key={ending_key(cookie)}"


def drop_portal(request: Request, response: Response) -> None:
    """End the session of the portal."""
    service: Service = request.app.state.service
    service.portal.end(portal_cookie(request))
    drop_cookie(request, response, named(request, _COOKIE))


def may_leave(request: Request, response: Response) -> Response:
    """Let the forms of a page lead on to the Moodles: browsers follow a form's answer only where the page says so."""
    service: Service = request.app.state.service
    places = {origin_of(str(service.home.site(name).url)) for name in service.home.names("site")}
    places |= {origin_of(str(course.moodle)) for course in service.launches.courses}
    own = "form-action 'self'"
    response.headers["content-security-policy"] = CONTENT_POLICY.replace(own, " ".join([own, *sorted(places)]))
    return response


def origin_of(address: str) -> str:
    """Scheme, host and port of an address."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _account(request: Request) -> Person | None:
    visitor = visitor_of(request)
    return None if visitor is None or visitor.lacks or visitor.token else person_of_account(visitor.account)
