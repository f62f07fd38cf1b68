"""A gradebook service: lists read whole, records stored and taken away, and what refusals mean for one row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from matricula.errors import MatriculaError, SettingError
from matricula.sinks.oneroster_rest.names import in_address
from matricula.sinks.oneroster_rest.settings import PATHS, OneRosterSinkSettings
from matricula.sources.oneroster_rest.lists import Lists
from matricula.sources.oneroster_rest.service import Purpose, Record
from matricula.sources.web.answers import Answer, is_page, words_of
from matricula.sources.web.client import WebClient

GRADEBOOK: Final = Purpose(
    "gradebook",
    "read and write categories, lineItems and results",
    "gradebook.readonly, gradebook.createput and gradebook.delete",
    PATHS,
)
SINGULAR: Final = {"categories": "category", "lineItems": "lineItem", "results": "result"}

_WHOLE = frozenset({401, 405, 501})


@dataclass(frozen=True)
class Refusal:
    """Why a record was not taken.

    Args:
        reason: for people.
        error: the same, where it may well be so for all records.
    """

    reason: str
    error: MatriculaError | None = None


class GradebookService(Lists):
    """The gradebook of a OneRoster service.

    Args:
        settings: where it is.
        client: the client that asks it.
        say: told in a few words what is being done.
    """

    def __init__(self, settings: OneRosterSinkSettings, client: WebClient, say: Callable[[str], None]) -> None:
        super().__init__(settings, client, GRADEBOOK, settings.limit, say)
        self._base = settings.base
        self._rostering = settings.rostering

    def no_gradebook(self) -> MatriculaError:
        """The error of a service that has no categories: it is none of a gradebook."""
        return self.refusal(Answer(404, {}), f"{self._base}/categories")

    def put(self, collection: str, sourced: str, record: Record) -> Refusal | None:
        """Store a record.

        Args:
            collection: `categories`, `lineItems` or `results`.
            sourced: its sourcedId.
            record: its properties.

        Returns:
            None where it was stored (201 for a new one, 200 and the like for others); else why not.

        Raises:
            MatriculaError: the service refuses whatever is sent, or is out of reach.
        """
        where = self._address(collection, sourced)
        return self._refused(self._client.put(where, {SINGULAR[collection]: record}), where)

    def delete(self, collection: str, sourced: str) -> Refusal | None:
        """Take a record away; one that is gone already is no refusal.

        Args:
            collection: `categories`, `lineItems` or `results`.
            sourced: its sourcedId.

        Raises:
            MatriculaError: the service refuses whatever is sent, or is out of reach.
        """
        where = self._address(collection, sourced)
        answer = self._client.delete(where)
        if answer.status == 404 and not is_page(answer.body, answer.headers):
            return None
        return self._refused(answer, where)

    def school_of(self, class_id: str) -> str:
        """SourcedId of the school of a class, by the rostering service; empty where it does not tell.

        Args:
            class_id: the class.

        Raises:
            MatriculaError: the service is out of reach.
        """
        answer = self._client.get(f"{self._rostering}/classes/{in_address(class_id)}")
        found = answer.content.get("class") if isinstance(answer.content, dict) else None
        school = found.get("school") if isinstance(found, dict) else None
        told = school.get("sourcedId") if isinstance(school, dict) else None
        return told if isinstance(told, str) else ""

    def _address(self, collection: str, sourced: str) -> str:
        return f"{self._base}/{collection}/{in_address(sourced)}"

    def _refused(self, answer: Answer, where: str) -> Refusal | None:
        if answer.succeeded:
            return None
        status = answer.status
        if status < 400 or status in _WHOLE or (status < 500 and is_page(answer.body, answer.headers)):
            raise self._for_all(answer, where)
        words = words_of(answer.body, self._client.auth.secrets())
        if status == 403:
            return Refusal(
                f"The service does not let this record be written (403){words}.", self.refusal(answer, where)
            )
        if status == 404:
            return Refusal(f"The service knows something that the record names not (404){words}.")
        if status >= 500:
            return Refusal(f"The service failed on this record ({status}){words}.")
        return Refusal(f"The service refused this record ({status}){words}.")

    def _for_all(self, answer: Answer, where: str) -> MatriculaError:
        if answer.status not in (405, 501):
            return self.refusal(answer, where)
        return SettingError(
            f"The service takes no gradebook ({answer.status}){words_of(answer.body, self._client.auth.secrets())}.",
            where=where,
            remedy="Ask the vendor whether the service lets gradebooks be written (PUT and DELETE of categories, "
            "lineItems and results).",
            code="write-unknown",
        )
