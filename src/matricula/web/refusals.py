"""Refusals of the console and the API: which HTTP status each error has, and the page or JSON that tells it."""

from typing import Final

from starlette.requests import Request

from matricula.errors import MatriculaError, RowError, SettingError, StopError, UsageError, WaitError
from matricula.service.permissions import May
from matricula.service.visitors import Lacks
from matricula.web.bodies import TOO_LARGE

_SAYS: Final = {
    May.SEE: "look at this",
    May.APPLY: "apply plans",
    May.APPROVE: "approve, reject or undo plans",
    May.OPERATE: "start work or change rules",
    May.SIGN_ON: "sign people on",
    May.OWN: "change accounts, secrets and settings",
}


_LACKS: Final[dict[Lacks, str]] = {
    "": "You are not signed in.",
    "code": "The second factor is still to be given.",
    "factor": "A second factor is still to be set up.",
}


class NotSignedInError(UsageError):
    """Nobody is signed in, or the second factor is still to be given.

    Args:
        request: the request.
        lacks: what is lacking where somebody is signed in, but not yet all the way.
    """

    def __init__(self, request: Request, lacks: Lacks = "") -> None:
        super().__init__(
            _LACKS[lacks],
            where=request.url.path,
            remedy="Sign in; programs send a token in the header `Authorization: Bearer`.",
            code="not-signed-in",
        )
        self.lacks = lacks


class ForbiddenError(UsageError):
    """The visitor may not do this.

    Args:
        what: what is not permitted; None where the form was not one of ours.
        site: the site concerned, or empty.
    """

    def __init__(self, what: May | None, site: str) -> None:
        if what is None:
            told, remedy, code = (
                "This form has grown old, or came from another page.",
                "Load the page again and send it once more.",
                "form-foreign",
            )
        else:
            told = f"Your account may not {_SAYS[what]}{f' for {site}' if site else ''}."
            remedy, code = "Ask an owner of this Matricula: Settings > Accounts.", "not-permitted"
        super().__init__(told, where=site, remedy=remedy, code=code)


def status_of(error: MatriculaError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, NotSignedInError):
        return 401
    if isinstance(error, ForbiddenError):
        return 403
    if error.code == "sign-in-paused":
        return 429
    if error.code.endswith("-unknown"):
        return 404
    if error.code == TOO_LARGE:
        return 413
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            return status
    return 500


_STATUS: Final = {UsageError: 400, SettingError: 422, RowError: 422, StopError: 409, WaitError: 503}
