"""The service of a tool: its address, and what its refusals mean."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Self
from urllib.parse import urlencode

from matricula.errors import MatriculaError, SettingError
from matricula.sources.web import Answer, WebClient
from matricula.sources.web.answers import BrokenAnswerError, is_page, words_of
from matricula.sources.web.auth import ServiceAuth
from matricula.sources.web.signing_in import safe_address
from matricula.tools.protocol import CourseGoneError, RefusedError, ToolSettings

_REFUSING: Final = frozenset({400, 409, 422})
_OK: Final = 200


class ToolService:
    """The service of a tool that one is signed in to. Use it as a context manager.

    Args:
        settings: where it is.
        auth: how it is signed in to.
        example: how a right address looks, for messages.

    Raises:
        SettingError: the address cannot be used, or a proxy setting of the environment.
    """

    def __init__(self, settings: ToolSettings, auth: ServiceAuth, example: str) -> None:
        self._example = example
        self._name = settings.name
        try:
            self._base = safe_address(settings.url).rstrip("/")
        except ValueError as error:
            raise SettingError(
                f"The address cannot be used: {error}.",
                where=f"tool {settings.name}",
                remedy=f"Mend `url`; it looks like {example} .",
                code="service-address",
            ) from None
        self._client = WebClient(auth, self._base, example, timeout=settings.timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.__exit__(*error)

    def read(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Ask for something (GET); tried again where that may help.

        Args:
            path: the path of the call, with a slash at its beginning.
            query: parameters.

        Returns:
            the JSON that came; never None.

        Raises:
            SettingError: the address or the token is wrong.
            CourseGoneError: there is no such course (404).
            WaitError: the tool stays out of reach or busy.
            StopError: answers stay broken, empty or refused.
        """
        asked = f"{self._base}{path}{f'?{urlencode(query)}' if query else ''}"
        return self._client.get(asked, self._judge("GET", path)).content

    def store(self, path: str, body: Any) -> Any:
        """Set something (PUT); tried again as reading is.

        Returns:
            the JSON that came; never None.

        Raises:
            RefusedError: the tool does not take it, and did nothing.
            MatriculaError: as `read`.
        """
        return self._client.put(self._base + path, body, self._judge("PUT", path), reads=True).content

    def do(self, path: str, body: Any = None, *, repeatable: bool = False, answers: bool = True) -> Any:
        """Have something done (POST); tried again only where the tool cannot have done it yet.

        Args:
            path: the path of the call.
            body: what is sent, as JSON; None for an empty body.
            repeatable: whether doing it twice is as doing it once.
            answers: whether the answer says something; what came is ignored otherwise.

        Returns:
            the JSON that came; never None where it `answers`.

        Raises:
            DoubtError: it may or may not have been done.
            RefusedError: the tool does not take it, and did nothing.
            MatriculaError: as `read`; nothing was done.
        """
        judge = self._judge("POST", path, answers=answers)
        return self._client.post(self._base + path, body, judge, reads=answers, repeatable=repeatable).content

    def _judge(self, method: str, path: str, *, answers: bool = True) -> Callable[[Answer], None]:
        return partial(self._judged, where=f"tool {self._name}, {method} {path}", answers=answers)

    def _judged(self, answer: Answer, where: str, *, answers: bool) -> None:
        """Raise what an answer means that is none of success; only the status 200 is (block_kuracloud 1.1.1)."""
        if answer.status != _OK:
            raise self._refusal(answer, where)
        if answers and answer.content is None:
            raise BrokenAnswerError(
                "The tool answers that all is well, and nothing else.",
                where=where,
                remedy="Try again; if it stays so, show the vendor this message.",
                code="tool-answer",
            )

    def _refusal(self, answer: Answer, where: str) -> MatriculaError:
        status, auth = answer.status, self._client.auth
        words = words_of(answer.body, auth.secrets())
        if status in (401, 403):
            return SettingError(
                f"The tool does not accept {auth.credential} ({status}){words}.",
                where=where,
                remedy=auth.advice,
                code="tool-token-refused",
            )
        if status == 404 and not is_page(answer.body, answer.headers):
            return CourseGoneError(
                f"The tool has nothing of this kind (404){words}.",
                where=where,
                remedy="See what there is with `matricula tool courses`.",
                code="tool-unknown",
            )
        if status in _REFUSING:
            return RefusedError(
                f"The tool does not take this ({status}){words}.",
                where=where,
                remedy="Mend what it names, in Moodle or in the tool.",
                code="tool-refused",
            )
        if status >= 500:
            return BrokenAnswerError(
                f"The tool met a fault of its own ({status}){words}.",
                where=where,
                remedy="Try again later; if it stays so, show the vendor this message.",
                code="tool-fault",
            )
        return SettingError(
            f"No service of this tool answers there ({status}){words}.",
            where=where,
            remedy=f"Check the address of the tool {self._name}; it looks like {self._example} .",
            code="service-address",
        )
