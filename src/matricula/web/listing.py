"""Lists in the console: which profiles somebody sees, and pages of what is listed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from matricula.errors import UsageError
from matricula.profiles import Profile
from matricula.web.visit import Visit

PAGE: Final = 50
"""So much of a list is on one page."""


@dataclass(frozen=True)
class Page:
    """One page of a list.

    Args:
        items: what is on it.
        number: which page, from 1.
        total: how many items there are on all pages; None where that is not counted.
        more: whether there is a page after this one.
        address: the path and query of the list without the page.
    """

    items: Sequence[Any]
    number: int
    total: int | None
    more: bool
    address: str

    def at(self, number: int) -> str:
        """Where another page is."""
        return f"{self.address}{'&' if '?' in self.address else '?'}page={number}"

    @property
    def first(self) -> int:
        """The place of the first item in the whole list, from 1."""
        return (self.number - 1) * PAGE + 1


def paged(visit: Visit, items: Sequence[Any], number: int, path: str = "") -> Page:
    """A page of a list that is there as a whole; one after the last is the last.

    Args:
        visit: the visit.
        items: the whole list.
        number: the page wanted, from 1.
        path: where the list is; by default where the visit is.
    """
    return counted_page(visit, len(items), lambda limit, offset: items[offset : offset + limit], number, path)


def counted_page(
    visit: Visit, total: int, read: Callable[[int, int], Sequence[Any]], number: int, path: str = ""
) -> Page:
    """A page of a list of which only that page is read; one after the last is the last.

    Args:
        visit: the visit.
        total: how long the list is.
        read: gives at most so many items after so many others.
        number: the page wanted, from 1.
        path: where the list is; by default where the visit is.
    """
    last = max(1, -(-total // PAGE))
    number = min(max(1, number), last)
    return Page(read(PAGE, (number - 1) * PAGE), number, total, number < last, address_of(visit, path))


def address_of(visit: Visit, path: str = "", **other: str) -> str:
    """The path and query of the page that is asked for, without its page number and with other values in it.

    Args:
        visit: the visit.
        path: the path, by default that of the visit; it has to be given where it holds what people named.
        other: values by name; empty ones are left out.
    """
    query = {name: value for name, value in visit.request.query_params.items() if name != "page"} | other
    told = urlencode({name: value for name, value in query.items() if value})
    return (path or visit.request.url.path) + (f"?{told}" if told else "")


def profiles_of(visit: Visit) -> list[Profile]:
    """The profiles that the visitor sees, by name."""
    home, sites = visit.service.home, visit.visitor.sites()
    found = [home.profile(name) for name in home.names("profile")]
    return [each for each in found if sites is None or each.site in sites]


def names_seen(visit: Visit) -> list[str]:
    """Names of the profiles that the visitor sees."""
    return [each.name for each in profiles_of(visit)]


def chosen_of(profiles: Sequence[Profile], name: str) -> list[Profile]:
    """The profile that was chosen, or all of them where none was.

    Raises:
        UsageError: the visitor sees no such profile.
    """
    chosen = [each for each in profiles if name in ("", each.name)]
    if name and not chosen:
        raise UsageError(
            f"There is no profile named “{name}”.", remedy="Choose one of those listed.", code="profile-unknown"
        )
    return chosen
