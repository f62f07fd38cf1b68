"""Lists of a service as they come, for those who need them whole and as JSON."""

import json
from collections.abc import Callable, Sequence

import polars as pl

from matricula.errors import StopError
from matricula.roster import FindingBook
from matricula.sources.oneroster_rest.collection import Frames, Reader
from matricula.sources.oneroster_rest.rows import is_gone
from matricula.sources.oneroster_rest.service import NoSuchCollectionError, Place, Purpose, Record, Service
from matricula.sources.web.client import WebClient

_RAW = "raw"


class Lists(Service):
    """A OneRoster service whose collections are read whole.

    Args:
        place: where it is.
        client: the client that asks it.
        purpose: what for.
        limit: records asked for at a time; 0 where the service knows no pages.
        say: told in a few words what is being done.
    """

    def __init__(
        self, place: Place, client: WebClient, purpose: Purpose, limit: int, say: Callable[[str], None]
    ) -> None:
        super().__init__(place, client, purpose)
        self._reader = Reader(self, limit, FindingBook(), say)

    def whole(self, collection: str) -> list[Record] | None:
        """All records of a collection that are not marked as being no more.

        Args:
            collection: such as `categories` or `classes/c1/results`.

        Returns:
            the records; None where there is no such collection (404).

        Raises:
            MatriculaError: as `collection.Reader.whole`.
        """
        try:
            read = self._reader.whole(collection, _as_text, {})
        except NoSuchCollectionError:
            return None
        if not read.adds_up:
            # What is missing would be taken for what somebody removed.
            raise StopError(
                f"Of {read.count} records {read.count - read.different} stand on several pages.",
                where=f"{self.place.base}/{collection}",
                remedy="Show the vendor this message. Where the service knows no pages, set limit: 0.",
                code="pages-repeat",
            )
        found = (json.loads(text) for text in read.frames[_RAW][_RAW])
        return [record for record in found if not is_gone(record)]


def _as_text(records: Sequence[Record]) -> Frames:
    return {_RAW: pl.DataFrame({_RAW: [json.dumps(record) for record in records]}, schema={_RAW: pl.String()})}
