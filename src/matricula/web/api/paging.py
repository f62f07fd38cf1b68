"""Pages of the API's lists: an opaque cursor says where the next one begins."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from matricula.errors import UsageError

Thing = TypeVar("Thing")
MOST = 500

Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many items.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before; left out for the first page.")]


class Page(BaseModel, Generic[Thing]):
    """One page of a list."""

    items: list[Thing] = Field(description="The items of this page.")
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


def place_of(cursor: str | None) -> int | None:
    """The place that a cursor stands for.

    Raises:
        UsageError: it is none of ours.
    """
    if cursor is None:
        return None
    try:
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, UnicodeError):
        place = None
    if not isinstance(place, list) or len(place) != 1 or not _fits(place[0]):
        raise UsageError(
            "This cursor is none of ours.",
            where="cursor",
            remedy="Give back `next` of the page before as it was, or leave it out.",
            code="cursor-wrong",
        )
    return int(place[0])


def page_of(found: Sequence[Thing], limit: int, place: Callable[[Thing], int]) -> Page[Thing]:
    """A page.

    Args:
        found: the items, one more than the page may hold where there are more.
        limit: how many it may hold.
        place: where an item stands, as the next page's query takes it.
    """
    more = len(found) > limit
    items = list(found[:limit])
    return Page(items=items, next=_cursor(place(items[-1])) if more else None)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([place]).encode()).decode().rstrip("=")


def _fits(place: object) -> bool:
    return isinstance(place, int) and not isinstance(place, bool) and 0 <= place < 2**62
