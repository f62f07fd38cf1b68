"""What can go wrong between the client and a Moodle, by what the caller does next.

| class | what the caller does |
|---|---|
| `Refused` | the call was refused because of its data: divide the batch, mend the row |
| `Busy` | nothing was done: repeat later |
| `InDoubt` | a write was sent and its outcome is unknown: settle by reading, then go on |
| `TokenRefused`, `AccessRefused`, `FunctionMissing`, `NotMoodle` | mend the setting named and start again |
| `SiteFailure` | Moodle itself failed: a person must look |

Moodle's exception class names differ between versions (with and without a namespace), so everything here is
decided by `errorcode` and by what HTTP tells, never by the class name.
"""

# ruff: noqa: N818 - the names say what happened; that they are errors says the tree

from matricula.errors import MatriculaError, RowError, SettingError, StopError, WaitError


class MoodleError(MatriculaError):
    """Base of all errors of this client.

    Args:
        what: what was wrong, in one sentence.
        function: web-service function that was called, empty where no call was made.
        errorcode: Moodle's own error code, empty where the answer held none.
        where: address or function concerned.
        remedy: the setting or step that mends it.
    """

    short_name = "moodle"

    def __init__(
        self, what: str, *, function: str = "", errorcode: str = "", where: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, where=where, remedy=remedy, code=self.short_name)
        self.function = function
        self.errorcode = errorcode


class Refused(MoodleError, RowError):
    """Moodle refused the call because of its data.

    For the functions of `answers.ONE_TRANSACTION` nothing of the batch was written: divide it until the guilty
    row stands alone. Moodle names the guilty parameter only on sites with debugging switched on.
    """

    short_name = "refused"


class RolledBack(Refused):
    """The database refused the batch and took all of it back (`dmlwriteexception`).

    Moodle uses one code for a deadlock, which goes away when repeated, and for a value longer than its
    column, which does not. The client has repeated the call already when this reaches the caller.
    """


class Busy(MoodleError, WaitError):
    """The site cannot serve now, and surely did nothing: maintenance, upgrade, overload, out of reach.

    Attributes:
        pause: seconds after which repeating makes sense, as the site asked for; `None` where it said nothing.
        soon: whether repeating within seconds may help (an overload) or not (maintenance).
    """

    short_name = "busy"
    pause: float | None = None
    soon = True


class InDoubt(MoodleError, WaitError):
    """A write was sent, and whether it took place is unknown. Read the site before sending it again."""

    short_name = "in-doubt"


class TokenRefused(MoodleError, SettingError):
    """Moodle does not know the token: mistyped, removed, expired, or made on another site."""

    short_name = "token-refused"


class AccessRefused(MoodleError, SettingError):
    """The token is known, and its user, service or address may not do this."""

    short_name = "access-refused"


class FunctionMissing(MoodleError, SettingError):
    """The function is not in the token's service, or not in this Moodle at all."""

    short_name = "function-missing"


class NotMoodle(MoodleError, SettingError):
    """What answered is no Moodle web service: another program, a wrong path, a sign-in wall, a redirect."""

    short_name = "not-moodle"


class SiteFailure(MoodleError, StopError):
    """Moodle itself failed (a programming error, a full disk, a damaged record). Going on makes no sense."""

    short_name = "site-failure"
