"""How much may be sent: uploads of rosters take their time and room, everything else is small."""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from matricula.errors import UsageError
from matricula.hub.uploads import MOST_SENT

MOST: Final = 4 * 1024**2
"""Bytes that may be sent where no files are taken."""
TOO_LARGE: Final = "body-large"
_TAKES_FILES: Final = re.compile(r"/sources/[^/]+/upload|/api/v1/sources/[^/]+/files|/set-up/[^/]+/system/[^/]+")


class Bodies:
    """Refuses what is larger than it may be, before it has been read whole.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, reading no more than may come."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MOST_SENT if _TAKES_FILES.fullmatch(scope["path"]) else MOST
        told = Headers(scope=scope).get("content-length", "")
        came = 0

        async def counted() -> Message:
            nonlocal came
            if told.isdigit() and int(told) > most:
                raise _too_large(most)
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _too_large(most)
            return message

        await self._app(scope, counted, send)


def _too_large(most: int) -> UsageError:
    return UsageError(
        f"That is more than can be sent at once: {most // 1024**2} MiB.",
        where="request",
        remedy="Send a zip, or just the files of the roster; larger ones are read from a folder on the server.",
        code=TOO_LARGE,
    )
