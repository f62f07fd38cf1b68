"""The page of permissions, read off the application: every page and call with what it needs of whoever asks."""

from pathlib import Path
from tempfile import TemporaryDirectory

from matricula.hub import Home

_WORDS = {
    "everybody": "nobody needs to be signed in",
    "signed in": "one's own account, in a browser",
    "see": "see",
    "apply": "apply",
    "approve": "approve",
    "operate": "operate",
    "own": "own",
    "sign-on": "sign-on",
}
_ABOUT = (
    "What every page of the console and every call of the API needs of whoever asks. Paths that name a site, profile, "
    "plan, run or job need it for that site; what is of a site that one may not see is as if it were not there (404). "
    "All others need it for all sites, save that lists are seen with any role and show what one may see. What the body "
    "of a request names may need more. Which role may what: [accounts](../accounts.md)."
)


def permissions_page(made: str) -> str:
    """The page, with the line that says it is made."""
    from matricula.service import Service  # these take longer to load than most commands need
    from matricula.service.permissions import ROLE_MAY
    from matricula.web.app import create_app
    from matricula.web.routes import routes_of

    with TemporaryDirectory() as folder, Home.make(Path(folder)) as home:
        shown = routes_of(create_app(Service(home)))
    roles = {need: ", ".join(role for role, may in ROLE_MAY.items() if need in may) for need in _WORDS}
    roles["sign-on"] = "a token with that scope"
    rows = [f"| {each.method} | `{each.path}` | {_WORDS[each.needs]} | {roles[each.needs]} |" for each in shown]
    table = "\n".join(["| method | path | needs | roles that may |", "|---|---|---|---|", *rows])
    return "\n\n".join([made, "# Permissions", _ABOUT, table]) + "\n"
