"""Pages from templates: what every template may use."""

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from matricula.hub.words import counted, duration
from matricula.service.permissions import ROLE_SAYS, May, in_words
from matricula.web.cookies import drop_cookie, form_cookie, session_cookie, set_cookie
from matricula.web.visit import Visit, form_basis, form_token_of

OUTCOMES: Final = {
    "done": ("Done", "good"),
    "refused": ("Refused by Moodle", "bad"),
    "stale": ("Left: changed meanwhile", "warning"),
    "skipped": ("Not tried", "warning"),
}
"""What became of changes: in words, and the tone of their badge."""
SAID: Final = "matricula-said"
"""Cookie that carries one sentence to the next page."""


class Rendering:
    """The templates of the console, ready to be filled in."""

    def __init__(self) -> None:
        self.environment = _environment()

    def page(
        self,
        request: Request,
        template: str,
        values: Mapping[str, Any],
        *,
        visit: Visit | None = None,
        status: int = 200,
    ) -> Response:
        """A page.

        Args:
            request: the request it answers.
            template: the template's name, without `.html`.
            values: what it fills in.
            visit: who is signed in, if anybody.
            status: the HTTP status.
        """
        basis = form_basis(request)
        said = _said(request)
        zone = ZoneInfo(request.app.state.service.home.service().timezone)
        common = {"request": request, "visit": visit, "csrf": form_token_of(basis), "said": said, "zone": zone}
        text = self.environment.get_template(f"{template}.html").render(**common, **values)
        response = HTMLResponse(text, status_code=status)
        if said is not None:
            drop_cookie(request, response, SAID)
        if not any(name(request) in request.cookies for name in (session_cookie, form_cookie)):
            set_cookie(request, response, form_cookie(request), basis)
        return response

    def part(self, template: str, **values: Any) -> str:
        """A piece of a page, for what is refreshed by itself."""
        return self.environment.get_template(f"{template}.html").render(**values)


def go(request: Request, address: str, said: str = "", *, tone: str = "good") -> Response:
    """Go on to another page, which says a sentence.

    Args:
        request: the request.
        address: a path of the console.
        said: the sentence; by default none.
        tone: `good`, `warning` or `bad`.
    """
    if request.headers.get("hx-request"):
        response: Response = Response(status_code=204, headers={"HX-Redirect": address})
    else:
        response = RedirectResponse(address, status_code=303)
    if said:
        told = base64.urlsafe_b64encode(json.dumps([tone, said]).encode()).decode()
        set_cookie(request, response, SAID, told, 60)
    return response


def _said(request: Request) -> tuple[str, str] | None:
    kept = request.cookies.get(SAID)
    if not kept:
        return None
    try:
        tone, said = json.loads(base64.urlsafe_b64decode(kept))
    except (ValueError, TypeError):
        return None
    return (str(tone) if tone in ("good", "warning", "bad") else "good"), str(said)[:500]


@pass_context
def _moment(context: Context, at: datetime | None, none: str = "never") -> str:
    if at is None:
        return none
    return f"{at.astimezone(context['zone']):%-d %b %Y, %H:%M}"


def _prose(text: str) -> Markup:
    """A description, in which `…` stands for what is written so."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it was escaped


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


@cache
def _environment() -> Environment:
    """The templates, compiled once in a process."""
    environment = Environment(
        loader=PackageLoader("matricula.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": _moment,
        "number": _number,
        "plainly": lambda text: str(text).replace("`", ""),
        "in_words": in_words,
        "prose": _prose,
        "segment": lambda text: quote(str(text), safe=""),
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "merged": lambda first, second: dict(first) | dict(second),
        "zip": lambda first, second: list(zip(first, second, strict=True)),
    }
    environment.tests["permission"] = lambda text: text in May
    environment.globals |= {
        "May": May,
        "ROLE_SAYS": ROLE_SAYS,
        "OUTCOMES": OUTCOMES,
        "version": version("matricula"),
        "counted": counted,
        "duration": duration,
    }
    return environment
