"""One page of a OneRoster service: what is asked, and what refusals mean."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from matricula.errors import MatriculaError, SettingError, StopError
from matricula.sources.oneroster_rest.settings import PATHS
from matricula.sources.web.answers import Answer, is_page, words_of
from matricula.sources.web.client import WebClient

Record = Mapping[str, Any]
Query = Mapping[str, str]

WRAPPERS: Final = {
    "students": "users",
    "teachers": "users",
    "schools": "orgs",
    "terms": "academicSessions",
    "gradingPeriods": "academicSessions",
}
"""Under which name the records of a collection stand, where that is another than its own (REST binding 1.1, 3.2)."""

_UNKNOWN_QUERY = frozenset({400, 422})
_SKEW = 240.0  # seconds; services that look at the time of a signature allow five minutes


class Place(Protocol):
    """Where a service is: what settings of OneRoster services share."""

    @property
    def base(self) -> str:
        """Address below which the collections stand, without a slash at its end."""
        ...

    @property
    def version(self) -> str:
        """`1.1` or `1.2`."""
        ...


@dataclass(frozen=True)
class Purpose:
    """What a service is spoken to for, in the words of its refusals.

    Args:
        wanted: what is looked for there.
        leave: what the vendor must let us do.
        scope: what says the same where scopes are used.
        paths: where such a service stands below a host, by version.
    """

    wanted: str
    leave: str
    scope: str
    paths: Mapping[str, str]


ROSTER: Final = Purpose(
    "roster",
    "read orgs, academicSessions, courses, classes, users and enrollments",
    "roster-core.readonly",
    PATHS,
)


@dataclass(frozen=True)
class Page:
    """A page of a collection.

    Args:
        records: its records.
        total: how many the collection has, by `X-Total-Count`; None where the service does not say.
        linked: whether the service says by `Link` which page is the next.
        next: query of the next page, if the service names one.
        elsewhere: a host that is not the service's to which the next page would lead; empty where it is the service.
        date: the service's clock, from the header `Date`; empty where it has none.
    """

    records: list[Record]
    total: int | None = None
    linked: bool = False
    next: Query | None = None
    elsewhere: str = ""
    date: str = ""


class NoSuchCollectionError(SettingError):
    """The service does not have the collection."""


class QueryRefusedError(StopError):
    """The service does not take a query, such as one with a filter."""


class Service:
    """A OneRoster service.

    Args:
        place: where it is.
        client: the client that asks it.
        purpose: what for.
    """

    def __init__(self, place: Place, client: WebClient, purpose: Purpose = ROSTER) -> None:
        self.place = place
        self._client = client
        self._purpose = purpose
        self._host = urlsplit(place.base).hostname

    def page(self, collection: str, query: Query) -> Page:
        """Ask for a page.

        Args:
            collection: such as `users`, or `classes/c1/results`.
            query: parameters and their values.

        Raises:
            NoSuchCollectionError: there is no such collection (404).
            QueryRefusedError: the service does not take the query.
            MatriculaError: it refuses or cannot be used, as `WebClient.get`.
        """
        where = f"{self.place.base}/{collection}"
        # Blanks as %20: some services take a plus sign for one in a filter, and sign differently.
        asked = f"{where}?{urlencode(query, quote_via=quote, safe='')}" if query else where
        answer = self._client.get(asked)
        if not answer.succeeded:
            raise self.refusal(answer, where)
        last = collection.rpartition("/")[2]
        records = _records(answer.content, WRAPPERS.get(last, last), where)
        query_of_next, elsewhere = self._next(answer, asked)
        return Page(
            records,
            _number(answer.headers.get("x-total-count", "")),
            "link" in answer.headers,
            query_of_next,
            elsewhere,
            answer.headers.get("date", ""),
        )

    def _next(self, answer: Answer, asked: str) -> tuple[Query | None, str]:
        """The query of the next page. It is asked of the service's own address alone: credentials go nowhere else."""
        if not answer.next:
            return None, ""
        parts = urlsplit(urljoin(asked, answer.next))
        if parts.hostname != self._host:
            return None, parts.hostname or "?"
        return dict(parse_qsl(parts.query, keep_blank_values=True)), ""

    def refusal(self, answer: Answer, where: str) -> MatriculaError:
        """The error of an answer that is none of success.

        Args:
            answer: the answer.
            where: the address that was asked, for people.
        """
        status, auth = answer.status, self._client.auth
        words = words_of(answer.body, auth.secrets())
        if status == 401:
            return SettingError(
                f"The service does not accept {auth.credential} (401){words}.{_skew(answer)}",
                where=where,
                remedy=auth.advice,
                code="credentials-refused",
            )
        if status == 403:
            scopes = f" The scopes asked for were: {auth.permission()}." if auth.permission() else ""
            return SettingError(
                f"The service does not let {auth.credential} do this (403){words}.{scopes}",
                where=where,
                remedy=f"Ask the vendor to let it {self._purpose.leave}; "
                f"where scopes are used, OneRoster's for that is {self._purpose.scope}.",
                code="scope-refused" if scopes else "read-refused",
            )
        if status == 404:
            return NoSuchCollectionError(
                "There is no such address (404).", where=where, remedy=self._advice(), code="service-address"
            )
        if status >= 500 or (status in _UNKNOWN_QUERY and not is_page(answer.body, answer.headers)):
            return QueryRefusedError(
                f"The service does not answer the question ({status}){words}.",
                where=where,
                remedy="Try a smaller limit, such as 100; if it stays so, show the vendor this message.",
                code="service-refused",
            )
        told = f", sends on to {urlsplit(answer.headers['location']).hostname}" if "location" in answer.headers else ""
        return SettingError(
            f"No {self._purpose.wanted} is to be had there ({status}{told}){words}.",
            where=where,
            remedy=self._advice(),
            code="service-address",
        )

    def _advice(self) -> str:
        return (
            "Ask the vendor for the address of the OneRoster service; it looks like "
            f"https://sis.school.example{self._purpose.paths[self.place.version]} . Check the version, too."
        )


def _records(content: Any, collection: str, where: str) -> list[Record]:
    """The records of a page: `{"users": [...]}`."""
    found = content.get(collection) if isinstance(content, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        there = f"; there are: {', '.join(map(str, content))}" if isinstance(content, dict) and content else ""
        raise StopError(
            f"The answer is none of OneRoster: it holds no list {collection} of records{there}.",
            where=where,
            remedy="Check that the address is that of a OneRoster service; else show the vendor this message.",
            code="service-answer",
        )
    return found


def _skew(answer: Answer) -> str:
    """What is to be said of clocks that differ: a signature is good for minutes alone."""
    try:
        behind = parsedate_to_datetime(answer.headers.get("date", "")).timestamp() - time.time()
    except ValueError:
        return ""
    if abs(behind) < _SKEW:
        return ""
    way = "behind" if behind > 0 else "ahead of"
    return f" This computer's clock is {abs(behind) / 60:.0f} minutes {way} the service's."


def _number(told: str) -> int | None:
    return int(told) if told.strip().isdecimal() else None
