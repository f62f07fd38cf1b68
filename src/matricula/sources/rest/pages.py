"""Reading the list of one call to its end, page by page, and noticing when it changes meanwhile."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote

from matricula.errors import MatriculaError, StopError, WaitError
from matricula.sources.records import as_text
from matricula.sources.rest.recipe import Call, Paging
from matricula.sources.rest.service import Page, Service
from matricula.sources.rest.templates import Outer, Path, Template, condition

_READINGS = 3
"""A list that changes while it is read is read so often before the reading is given up."""


class _ChangedError(Exception):
    """The list changed while it was read."""


class Sink(Protocol):
    """Where the rows of one reading go."""

    def take(self, rows: list[Any]) -> None:
        """Take the rows of a page."""
        ...


S = TypeVar("S", bound=Sink)


@dataclass(frozen=True)
class Filling:
    """What fills the places of a recipe: secrets and parameters by name."""

    secrets: Mapping[str, str]
    parameters: Mapping[str, Any]


class Reader(Generic[S]):
    """Reads the list of one call.

    `met_none` says whether rows came and none met the call's condition; None where no row came.

    Args:
        service: the service.
        name: the call's name, for people.
        call: the call.
        filling: what fills its places.
        sink: makes a place where the rows of one reading go.
        say: told what is being read.
    """

    def __init__(
        self,
        service: Service,
        name: str,
        call: Call,
        filling: Filling,
        sink: Callable[[Outer], S],
        say: Callable[[str], None],
    ) -> None:
        self._service = service
        self._name = name
        self._call = call
        self._filling = filling
        self._sink = sink
        self._say = say
        self._rows = Path(call.rows).finder()
        self._key = Path(call.key).finder() if call.key else None
        self._where = condition(call.where, filling.parameters) if call.where else None
        self.met_none: bool | None = None

    def read(self, outer: Outer) -> S:
        """Read the list, once more where it changed meanwhile.

        Args:
            outer: what the paths with `each$` found in the row that it is read for.

        Returns:
            the sink, with all rows.

        Raises:
            WaitError: it changed every time.
            MatriculaError: the service refused, or what it answered is not what the recipe says.
        """
        told, met_twice = "", frozenset[str]()
        for _ in range(_READINGS):
            sink = self._sink(outer)
            seen: set[str] = set()
            twice: set[str] = set()
            try:
                for rows in self._pages(outer):
                    self._note_keys(rows, seen, twice, outer)
                    met = [row for row in rows if self._where is None or self._where(row)]
                    self.met_none = not met and self.met_none is not False if rows else self.met_none
                    sink.take(met)
            except _ChangedError as changed:
                told = str(changed)
                continue
            if not twice or twice == met_twice:
                # The same rows twice in every reading: they stand there twice, and the roster's checks tell of them.
                return sink
            met_twice, told = frozenset(twice), f"{len(twice)} of its rows came twice, on different pages"
        raise WaitError(
            f"The list changes while it is read: {told}. It was read {_READINGS} times.",
            where=self._place(outer),
            remedy="Read it at a quieter time. If it stays so, see the call's `paging` and `key`.",
            code="rest-list-changing",
        )

    def _note_keys(self, rows: list[Any], seen: set[str], twice: set[str], outer: Outer) -> None:
        if self._key is None:
            return
        for row in rows:
            for key in self._key(row):
                text = as_text(key) or ""
                (twice if text in seen else seen).add(text)
        if rows and not seen:
            raise StopError(
                f"The path {self._call.key}, the key of the call {self._name}, finds nothing; {keys_there(rows[0])}.",
                where=self._place(outer),
                remedy="The recipe or the service is not what it was: set the call's `key` to the right path.",
                code="rest-path",
            )

    def _pages(self, outer: Outer) -> Iterator[list[Any]]:
        query = {name: self._filled(text, outer) for name, text in self._call.query.items()}
        address = self._place(outer)
        if self._call.paging is None:
            self._say(f"reading {self._name}")
            yield self._list(self._service.get(address, query))
            return
        yield from self._paged(address, query, self._call.paging)

    def _paged(self, address: str, query: Mapping[str, str], paging: Paging) -> Iterator[list[Any]]:
        ends = _Ends(paging)
        before: list[Any] = []
        cursor, number = "", paging.first
        for _ in range(paging.most):
            asked = {**query, **_turned(paging, number, cursor)} if paging.by != "link" or not cursor else {}
            answer = self._service.get(cursor if paging.by == "link" and cursor else address, asked)
            rows = self._list(answer)
            if rows and rows == before:
                raise _same_again(answer.place, paging)
            ends.note(answer, rows)
            self._say(f"reading {self._name}, page {number}{ends.of_pages}")
            yield rows
            following = _cursor(answer, paging)
            if ends.reached(rows, following):
                ends.check()
                return
            if following and following == cursor:
                raise _same_again(answer.place, paging)
            before, cursor, number = rows, following, number + 1
        raise StopError(
            f"There are more than {paging.most} pages.",
            where=address,
            remedy="Ask for larger pages, or raise `most` of the call's `paging`.",
            code="rest-pages",
        )

    def _list(self, answer: Page) -> list[Any]:
        found = self._rows(answer.content)
        if len(found) == 1 and isinstance(found[0], list):
            return found[0]
        what = "leads to no list" if found else "leads nowhere"
        raise StopError(
            f"The path {self._call.rows} of the call {self._name} {what}; {keys_there(answer.content)}.",
            where=answer.place,
            remedy="The recipe or the service is not what it was: set the call's `rows` to the path of the list.",
            code="rest-rows",
        )

    def _place(self, outer: Outer) -> str:
        path = self._filled(self._call.path, outer, quoted=True)
        return f"{self._service.base}/{path.lstrip('/')}"

    def _filled(self, text: str, outer: Outer, *, quoted: bool = False) -> str:
        def nodes(path: Path) -> list[Any]:
            texts = [as_text(node) or "" for node in outer[path.text]]
            if len(texts) != 1 or not texts[0]:
                raise StopError(
                    f"The path {path.text}, which stands in the call {self._name}, gives nothing in a row.",
                    where=f"source, calls.{self._name}",
                    remedy=f"Leave such rows out with `where` in the call {self._call.for_each}, or mend the path.",
                    code="rest-path",
                )
            return [quote(texts[0], safe="")] if quoted else texts

        return Template(text).filled(self._filling.secrets, self._filling.parameters, nodes)


class _Ends:
    """Where the pages of a list end, and whether all its rows came."""

    def __init__(self, paging: Paging) -> None:
        self._paging = paging
        self._pages = Path(paging.pages).finder() if paging.pages else None
        self._total = Path(paging.total).finder() if paging.total else None
        self._told: tuple[int | None, int | None] | None = None
        self._read = 0
        self._came = 0

    @property
    def of_pages(self) -> str:
        """How many pages there are, as ` of 12`; empty where that is not known."""
        return f" of {self._told[0]}" if self._told and self._told[0] is not None else ""

    def note(self, answer: Page, rows: list[Any]) -> None:
        """Note a page.

        Raises:
            _ChangedError: it names other numbers than the page before.
            StopError: it names none.
        """
        told = _number(self._pages, self._paging.pages, answer), _number(self._total, self._paging.total, answer)
        if self._told is not None and told != self._told:
            raise _ChangedError(f"the service first spoke of {_words(self._told)}, then of {_words(told)}")
        self._told = told
        self._read += 1
        self._came += len(rows)

    def reached(self, rows: list[Any], following: str) -> bool:
        """Whether the page noted last is the last one."""
        if self._paging.by != "page":
            return not following
        pages, total = self._told or (None, None)
        if pages is not None:
            return self._read >= pages
        return not rows or (total is not None and self._came >= total)

    def check(self) -> None:
        """See that as many rows came as the service says there are.

        Raises:
            _ChangedError: other ones did.
        """
        total = self._told[1] if self._told else None
        if total is not None and self._came != total:
            raise _ChangedError(f"the service says that there are {total} rows, and {self._came} came")


def _words(told: tuple[int | None, int | None]) -> str:
    names = ("pages", "rows")
    return " and ".join(f"{count} {name}" for count, name in zip(told, names, strict=True) if count is not None)


def _number(finder: Callable[[Any], list[Any]] | None, path: str | None, answer: Page) -> int | None:
    if finder is None:
        return None
    found = finder(answer.content)
    if len(found) == 1 and isinstance(found[0], int) and not isinstance(found[0], bool):
        return found[0]
    raise StopError(
        f"The path {path} gives no number; {keys_there(answer.content)}.",
        where=answer.place,
        remedy="The recipe or the service is not what it was: mend the path in the call's `paging`.",
        code="rest-path",
    )


def _turned(paging: Paging, number: int, cursor: str) -> dict[str, str]:
    if paging.by == "page":
        return {paging.parameter: str(number)}
    return {paging.parameter: cursor} if cursor else {}


def _cursor(answer: Page, paging: Paging) -> str:
    if paging.by == "link":
        return answer.next
    if paging.next is None:
        return ""
    return as_text(next(iter(Path(paging.next).finder()(answer.content)), None)) or ""


def _same_again(place: str, paging: Paging) -> MatriculaError:
    how = {"page": f"the parameter `{paging.parameter}`", "cursor": "the cursor", "link": "the link"}[paging.by]
    return StopError(
        f"The service gives the same page again: it does not heed {how}.",
        where=place,
        remedy="Compare the call's `paging` with the vendor's page; where all rows come at once, leave `paging` out.",
        code="rest-same-page",
    )


def keys_there(content: Any) -> str:
    """The names that there are in a JSON value, for a message about one that is not; never its values."""
    if isinstance(content, dict):
        return f"the names there are: {', '.join(content) or 'none'}"
    return f"there is {'a list' if isinstance(content, list) else 'a single value'}"
