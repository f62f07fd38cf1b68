"""A whole collection, page by page, and whether what came adds up.

A roster changes while it is read, and then pages shift: a record is on two of them or on none. So a reading counts only
if the total stayed the same and as many different records came; else the collection is read again. A service that
gives no totals is read until two readings agree.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from matricula.errors import StopError, WaitError
from matricula.roster import FindingBook
from matricula.sources.oneroster_rest.service import (
    NoSuchCollectionError,
    Page,
    Query,
    QueryRefusedError,
    Record,
    Service,
)

READINGS = 4
_SORTED = {"sort": "sourcedId", "orderBy": "asc"}

Frames = dict[str, pl.DataFrame]
Convert = Callable[[Sequence[Record]], Frames]


@dataclass(frozen=True)
class Whole:
    """A collection as it was read.

    Args:
        frames: frames by table; records are in that of the collection's name, in the column `sourcedId`.
        count: how many records came.
        ids: their sourcedIds in the order they came, as hashes.
        totals: the totals that the service named on its pages, each once.
        pages: how many pages it had.
        date: the service's clock when reading began; empty where it has none.
        adds_up: whether as many different records came as the service says there are.
    """

    frames: Frames
    count: int
    ids: pl.Series
    totals: frozenset[int]
    pages: int
    date: str
    adds_up: bool = True

    @property
    def total(self) -> int | None:
        """The total, where one was named and stayed the same."""
        return next(iter(self.totals)) if len(self.totals) == 1 else None

    @property
    def different(self) -> int:
        """How many different records came."""
        return self.ids.n_unique()

    def same_as(self, other: "Whole | None") -> bool:
        """Whether another reading gave the same records in the same order, and the same totals."""
        return other is not None and self.totals == other.totals and self.ids.equals(other.ids)


@dataclass
class Reader:
    """Reads collections of a service.

    Args:
        service: the service.
        limit: records asked for at a time; 0 where the service knows no pages.
        book: where findings go.
        say: told in a few words what is being done.
    """

    service: Service
    limit: int
    book: FindingBook
    say: Callable[[str], None]
    _sorted: bool = field(default=True, init=False)

    def whole(self, name: str, convert: Convert, query: Query) -> Whole:
        """Read a collection until a reading adds up.

        Args:
            name: the collection.
            convert: makes frames of the records of a page.
            query: further parameters, such as a filter.

        Raises:
            WaitError: it changed each time it was read.
            StopError: records are missing each time.
            MatriculaError: as `Service.page`.
        """
        before: Whole | None = None
        for _ in range(READINGS):
            if before is not None:
                why = "it does not add up" if before.totals else "the service gives no totals"
                self.say(f"reading {name} again: {why}")
            read = self._once(name, convert, query)
            if self._settled(read, before):
                return self._told(name, read)
            before = replace(read, frames={})
        raise WaitError(
            f"The collection {name} changed each of the {READINGS} times it was read.",
            where=name,
            remedy="Read at a time when nobody works in the school's system, such as at night.",
            code="pages-changing",
        )

    def _settled(self, read: Whole, before: Whole | None) -> bool:
        if read.same_as(before):
            return True
        if len(read.totals) > 1 or read.different != read.count:
            return False
        return read.total == read.count or (not read.totals and read.pages <= 1)

    def _told(self, name: str, read: Whole) -> Whole:
        """What is to be said of a reading that came twice alike and all the same does not add up."""
        least = min(read.totals, default=0)
        if read.count < least:
            raise StopError(
                f"The service says that there are {least} {name} and hands over {read.count}, each time.",
                where=name,
                remedy="Show the vendor this message. Where the service knows no pages, set limit: 0.",
                code="pages-missing",
            )
        if read.different != read.count:
            message = f"Of {read.count} records {read.count - read.different} stand on several pages."
            self.book.add("pages-repeat", message, file=name, table=name)
            return replace(read, adds_up=False)
        if read.totals and read.count > least:
            message = f"The service says that there are {least} and hands over {read.count}."
            self.book.add("pages-total", message, file=name, table=name, value=least)
        return read

    def _once(self, name: str, convert: Convert, query: Query) -> Whole:
        parts: list[Frames] = []
        ids: list[pl.Series] = []
        totals, count, date = set(), 0, ""
        for page in self._pages(name, query):
            date = date or page.date
            totals.update([] if page.total is None else [page.total])
            parts.append(convert(page.records))
            ids.append(_hashes(page.records, count))
            count += len(page.records)
            if count > len(page.records):
                self.say(f"reading {name}: {count:,}" + (f" of {page.total:,}" if page.total is not None else ""))
        frames = {table: pl.concat([part[table] for part in parts], how="diagonal") for table in parts[0]}
        return Whole(frames, count, pl.concat(ids), frozenset(totals), len(parts), date)

    def _pages(self, name: str, query: Query) -> Iterator[Page]:
        page = self._first(name, query)
        count, longest, followed = len(page.records), len(page.records), set[str]()
        yield page
        while (asked := self._next(name, query, page, count, longest)) is not None:
            before = page.records
            page = self._later(name, asked)
            if not page.records:
                return
            if page.records == before or str(asked) in followed:
                raise _same_again(name, self.limit)
            followed.add(str(asked))
            count += len(page.records)
            longest = max(longest, len(page.records))
            yield page

    def _first(self, name: str, query: Query) -> Page:
        asked = {**query, **({"limit": str(self.limit), "offset": "0"} if self.limit else {})}
        if self._sorted:
            try:
                return self.service.page(name, {**asked, **_SORTED})
            except QueryRefusedError:
                page = self.service.page(name, asked)
                self._sorted = False
                return page
        return self.service.page(name, asked)

    def _later(self, name: str, asked: Query) -> Page:
        """A further page; some services answer 404 behind the last one."""
        try:
            return self.service.page(name, asked)
        except NoSuchCollectionError:
            return Page([])

    def _next(self, name: str, query: Query, page: Page, count: int, longest: int) -> Query | None:
        """What to ask for after a page; None after the last one."""
        if page.next is not None:
            return page.next
        if not self.limit or not page.records:
            return None
        if page.elsewhere and not any(found.code == "pages-elsewhere" for found in self.book):
            message = f"The next page would be at {page.elsewhere}; pages were counted instead."
            self.book.add("pages-elsewhere", message, file=name, value=page.elsewhere)
        if page.total is not None:
            more = count < page.total
        elif page.linked:
            more = bool(page.elsewhere)
        else:
            # A page shorter than an earlier one is the last; a first one may only show that the service gives fewer.
            more = len(page.records) == longest
        if not more:
            return None
        paged = {"limit": str(self.limit), "offset": str(count)}
        return {**query, **paged, **(_SORTED if self._sorted else {})}


def _hashes(records: Sequence[Record], count: int) -> pl.Series:
    """The sourcedIds as numbers, which take little room; a record without one differs from all others by its place."""
    ids = [record.get("sourcedId") or (count + number,) for number, record in enumerate(records)]
    return pl.Series([hash(each if isinstance(each, tuple) else str(each)) for each in ids], dtype=pl.Int64)


def _same_again(name: str, limit: int) -> StopError:
    return StopError(
        "The service hands over the same page again and again.",
        where=name,
        remedy=f"Ask the vendor to mind limit and offset. If it always hands over all records at once, set limit: 0 "
        f"(it is {limit}).",
        code="pages-repeat",
    )
