"""A visit: one request of somebody, what may be done in it, and what a page needs of it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import UsageError
from matricula.hub.persons import act_for
from matricula.service import Service
from matricula.service.accounts import GRACE
from matricula.service.permissions import May
from matricula.service.visitors import Visitor, Who
from matricula.store.accounts import ALL_SITES
from matricula.web.cookies import form_cookie, session_cookie, told_later
from matricula.web.places import nothing_there, sites_of_path
from matricula.web.refusals import ForbiddenError, NotSignedInError

API: Final = "/api/"
"""Below this path programs ask, with tokens; everywhere else a token is nothing."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_DIGITS: Final = 18
FORM_FIELD: Final = "csrf"
FORM_HEADER: Final = "x-csrf-token"


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in.

    Args:
        request: the request.
        service: the service.
        visitor: who it is.
        site: the site that the address names, by itself or through a profile, plan, run or job; else empty.
        sites: all sites that the address is about; one that names a source may be about several.
    """

    request: Request
    service: Service
    visitor: Visitor
    site: str
    sites: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Where the request came from."""
        return address_of(self.request)

    @property
    def by(self) -> str:
        """Who asks, as plans, jobs and the audit log name it."""
        return self.visitor.name

    @property
    def who(self) -> Who:
        """Who asks, and from where."""
        return Who(self.by, self.address)

    def may(self, what: May, site: str | None = None) -> bool:
        """Whether something may be done, to the sites of this page or to another."""
        return (
            permitted(self.visitor, what, self.sites or (self.site,)) if site is None else self.visitor.may(what, site)
        )

    def demand(self, what: May, site: str) -> None:
        """Refuse unless something may be done to a site that the address does not name.

        Raises:
            ForbiddenError: it may not.
        """
        if not self.visitor.may(what, site):
            raise ForbiddenError(what, site)

    def note(self, act: str, subject: str = "", *, site: str | None = None, profile: str = "", words: str = "") -> None:
        """Note in the audit log what was done in this visit."""
        self.service.store.audit.note(
            act,
            by=self.by,
            address=self.address,
            subject=subject,
            site=self.site if site is None else site,
            profile=profile,
            words=words,
        )

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page of the console."""
        rendering = self.request.app.state.rendering
        page: Response = rendering.page(self.request, template, values, visit=self, status=status)
        return page


class Needs:
    """What a route needs of whoever asks; every route that is not public has just one.

    Args:
        what: what must be permitted, on the site that the address names or, where it names none, as `permissions.may`
            says. None where it is enough to be signed in, for one's own account.
    """

    def __init__(self, what: May | None) -> None:
        self.what = what

    async def __call__(self, request: Request) -> Visit:
        """Let the request in, or refuse it; what is sent with it is read only once it is known who sends it.

        Raises:
            NotSignedInError: nobody is signed in.
            ForbiddenError: the visitor may not, or the form is not one of ours.
        """
        visit = await run_in_threadpool(self._visit, request)
        if not visit.visitor.token:
            refuse_foreign(request, await _form_token(request))
        act_for(visit.by, visit.address)  # a request has a task of its own, and whatever answers it runs within it
        return visit

    @property
    def _least(self) -> May:
        """What somebody must be permitted to know of a site at all."""
        return May.SIGN_ON if self.what is May.SIGN_ON else May.SEE

    def _visit(self, request: Request) -> Visit:
        service: Service = request.app.state.service
        visitor = visitor_of(request)
        if visitor is None:
            raise NotSignedInError(request)
        if visitor.lacks and not (self.what is None and visitor.lacks == "factor" and _on_factor(request)):
            raise NotSignedInError(request, visitor.lacks)
        if self.what is None:
            if visitor.session is None:
                raise ForbiddenError(May.OWN, "")
            return Visit(request, service, visitor, "")
        if not visitor.may(self._least):
            raise ForbiddenError(self.what, "")
        sites = self._sites(request, service, visitor)
        site = sites[0] if len(sites) == 1 and sites[0] != ALL_SITES else ""
        if not permitted(visitor, self.what, sites or ("",)):
            raise ForbiddenError(self.what, site)
        return Visit(request, service, visitor, site, sites)

    def _sites(self, request: Request, service: Service, visitor: Visitor) -> tuple[str, ...]:
        """The sites of the address; what is of sites that the visitor may not see is as if it were not there."""
        try:
            sites = sites_of_path(service, request.path_params)
        except UsageError as error:
            raise nothing_there(request.path_params) or error from error
        if sites and not permitted(visitor, self._least, sites):
            raise nothing_there(request.path_params) or ForbiddenError(self.what, "")
        return sites


def permitted(visitor: Visitor, what: May, sites: tuple[str, ...]) -> bool:
    """Whether somebody may do something to all of some sites; what concerns several may be seen with a role for one."""
    told = (visitor.may(what, site) for site in sites)
    return any(told) if what is May.SEE else all(told)


def _on_factor(request: Request) -> bool:
    return request.url.path == "/me/second-factor" or request.url.path.startswith("/me/second-factor/")


def needs(what: May | None) -> Any:
    """The dependency of a route that gives its `Visit`; see `Needs`."""
    return Depends(Needs(what))


async def open_to_all(request: Request) -> Visit | None:
    """The dependency of the few routes that need nobody signed in; forms must be ours all the same."""
    form_token = await _form_token(request)
    await run_in_threadpool(refuse_foreign, request, form_token)
    visitor = await run_in_threadpool(visitor_of, request)
    return None if visitor is None else Visit(request, request.app.state.service, visitor, "")


def visitor_of(request: Request) -> Visitor | None:
    """Who asks: the holder of the token, or of the session whose cookie came."""
    kept: list[Visitor | None] | None = getattr(request.state, "visitor", None)
    if kept is None:
        kept = request.state.visitor = [_visitor_of(request)]
    return kept[0]


def _visitor_of(request: Request) -> Visitor | None:
    accounts = request.app.state.service.accounts
    bearer = request.headers.get("authorization")
    if bearer is not None and request.url.path.startswith(API):
        scheme, _, token = bearer.partition(" ")
        found: Visitor | None = accounts.tokens.visitor(token.strip()) if scheme.lower() == "bearer" else None
        return found
    cookie = request.cookies.get(session_cookie(request), "")
    visitor: Visitor | None = accounts.visitor(cookie) if cookie else None
    if visitor is not None and visitor.session is not None and visitor.session.renew and _shows_page(request):
        # The page that is made now has its forms tied to the new cookie.
        request.state.form_basis = accounts.renew(visitor.session, grace=GRACE)
        told_later(request, session_cookie(request), request.state.form_basis)
    return visitor


def _shows_page(request: Request) -> bool:
    return request.method == "GET" and not request.headers.get("hx-request") and not request.url.path.startswith(API)


def address_of(request: Request) -> str:
    """The network address that a request came from."""
    return request.client.host if request.client else ""


def agent_of(request: Request) -> str:
    """The browser that a request came from, as it names itself."""
    return request.headers.get("user-agent", "")


def form_basis(request: Request) -> str:
    """The cookie that the forms of this browser are tied to; made where there is none yet."""
    kept: str | None = getattr(request.state, "form_basis", None)
    if kept is None:
        cookie = request.cookies.get(session_cookie(request)) or request.cookies.get(form_cookie(request))
        kept = request.state.form_basis = cookie or secrets.token_urlsafe(24)
    return kept


def form_token_of(basis: str) -> str:
    """What the forms of a browser carry: nobody who cannot read its cookie can make it."""
    return hmac.new(basis.encode(), b"form", hashlib.sha256).hexdigest()


def refuse_foreign(request: Request, form_token: str) -> None:
    """Refuse what another site's page made the browser send.

    Raises:
        ForbiddenError: the form is not one of ours, or has grown old.
    """
    if request.method in SAFE:
        return
    origin = request.headers.get("origin", "")
    if (origin and not _own_origin(request, origin)) or request.headers.get("sec-fetch-site") == "cross-site":
        raise ForbiddenError(None, "")
    bases = [request.cookies.get(name(request), "") for name in (session_cookie, form_cookie)]
    if not any(basis and hmac.compare_digest(form_token_of(basis).encode(), form_token.encode()) for basis in bases):
        raise ForbiddenError(None, "")


def _own_origin(request: Request, origin: str) -> bool:
    """Whether a page of this console sent the request: of the host asked for, or of the address that is set.

    A proxy may put its own host in the place of the one that the browser asked for.
    """
    place, address = _place(origin), request.app.state.service.home.service().address
    asked = f"{origin.partition('://')[0]}://{request.headers.get('host', '')}"
    return place is not None and place in {_place(asked), None if address is None else _place(str(address))}


def _place(address: str) -> tuple[str, int | None] | None:
    """Host and port of an address; None where it has none, as the origin `null`."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None


async def _form_token(request: Request) -> str:
    if request.method in SAFE:
        return ""
    told = request.headers.get(FORM_HEADER)
    if told is not None:
        return told
    if "form" not in request.headers.get("content-type", ""):
        return ""
    form = await request.form()
    field = form.get(FORM_FIELD, "")
    return field if isinstance(field, str) else ""


def number_of(text: str, what: str) -> int:
    """A whole number that somebody typed.

    Raises:
        UsageError: it is none.
    """
    try:
        return int(text.strip()[:MOST_DIGITS])
    except ValueError as error:
        raise UsageError(
            f"“{text}” is no number.", where=what, remedy="Write a whole number.", code="number-wanted"
        ) from error
