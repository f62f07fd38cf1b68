"""Pages of long lists: which one is shown, and those before and after it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pages:
    """The pages of a list.

    Args:
        page: the one that is shown; counts from 1.
        last: the last one.
        size: so many entries a page.
        total: so many entries in all.
    """

    page: int
    last: int
    size: int
    total: int

    @property
    def offset(self) -> int:
        """So many entries stand before the page."""
        return (self.page - 1) * self.size

    @property
    def first_shown(self) -> int:
        """Number of the first entry on the page; counts from 1."""
        return min(self.offset + 1, self.total)

    @property
    def last_shown(self) -> int:
        """Number of the last entry on the page."""
        return min(self.offset + self.size, self.total)


def shown_page(wanted: str, total: int, size: int) -> Pages:
    """The page that is wanted; the nearest there is where it is none.

    Args:
        wanted: what the address says.
        total: so many entries in all.
        size: so many entries a page.
    """
    last = max(1, -(-total // size))
    return Pages(min(max(number_in(wanted) or 1, 1), last), last, size, total)


def number_in(text: str) -> int | None:
    """The whole number in a part of an address; None where there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
