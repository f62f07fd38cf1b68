"""What a recipe says: which calls of a service there are, how they are paged, and which rows feed which table."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from matricula.roster import TABLES
from matricula.roster.extensions import extensions_of
from matricula.sources.records import as_text
from matricula.sources.rest.templates import Path, Template, condition

MOST_PAGES = 10_000
_FOLDER = "recipes"
_HEADING = ("kind", "name", "type")


class Part(BaseModel):
    """A part of a recipe; unknown settings are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OAuth2(Part):
    """OAuth 2 client credentials (RFC 6749, 4.4)."""

    token_url: str = Field(description="Address that gives tokens; may hold `{parameter.NAME}`.")
    client_id: str = Field(description="Client id; may hold `{parameter.NAME}`.")
    client_secret: str = Field(
        "{secret.client_secret}", description="Place of the client secret; the secret itself never stands here."
    )
    scopes: tuple[str, ...] = Field((), description="What the token shall be good for; empty asks for nothing.")
    client_in: Literal["header", "body"] = Field(
        "header", description="Where id and secret are sent; header is HTTP Basic, what the standard wants."
    )


class Paging(Part):
    """How a list that comes in several answers is read to its end."""

    by: Literal["page", "cursor", "link"] = Field(
        "page",
        description="`page`: the query counts pages. `cursor`: an answer holds what the query for the next one says. "
        "`link`: the header `Link` gives the address of the next one.",
    )
    parameter: str = Field("page", description="Name in the query of the page's number or of the cursor.")
    first: int = Field(1, ge=0, description="Number of the first page.")
    pages: str | None = Field(
        None,
        description="JSON path to the number of pages, as `$.totalPages`. Without it and `total`, and by `page`, pages "
        "are read until one is empty.",
    )
    total: str | None = Field(
        None,
        description="JSON path to the number of rows on all pages, as `$.totalCount`. As many must have come, else the "
        "list changed while it was read, and is read again.",
    )
    next: str | None = Field(None, description="By `cursor`: JSON path to the cursor of the next page.")
    most: int = Field(MOST_PAGES, ge=1, description="With more pages than these the reading is refused.")

    @model_validator(mode="after")
    def _whole(self) -> "Paging":
        if (self.by == "cursor") != (self.next is not None):
            raise ValueError("`next` is needed with `by: cursor`, and means nothing else where")
        for path in (self.pages, self.total, self.next):
            if path is not None:
                Template(path)
        return self


class Call(Part):
    """One call of the service: a list of rows."""

    path: str = Field(
        description="Path after the base address. With `for_each` it may hold paths, as `sets/{each$.id}/setList`."
    )
    query: dict[str, str] = Field({}, description="The query, by name; may hold the same places as headers.")
    rows: str = Field("$", description="JSON path to the list in the answer.")
    key: str | None = Field(
        None,
        description="JSON path in a row to what tells it from all others. A row met twice means that the list changed "
        "while it was read; it is read again.",
    )
    where: str | None = Field(
        None, description="Rows that do not meet this are passed over: a JSONPath filter, as `@.hidden != true`."
    )
    for_each: str | None = Field(None, description="Name of another call: this one is made once for each row of it.")
    paging: Paging | None = Field(None, description="How its pages are read; without it there is one.")


class Rule(Part):
    """How one column is filled."""

    short_form: ClassVar[dict[str, Any] | None] = {}

    value: tuple[str, ...] = Field(
        min_length=1,
        description="A JSON path into the row, a text with paths in braces, or a fixed text; of several the first that "
        "gives something.",
    )
    map: dict[str, str] = Field({}, description="What stands for which value of the service.")
    otherwise: str | None = Field(
        None,
        description="What stands for values that `map` does not have; without it they are left blank and listed.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            given = {"value": given}
        value, table = given.get("value"), given.get("map")
        alternatives = value if isinstance(value, list | tuple) else [value]
        whole = {**given, "value": tuple(as_text(each) if _is_scalar(each) else each for each in alternatives)}
        if isinstance(table, dict):
            whole["map"] = {as_text(key) or "": as_text(told) or "" for key, told in table.items()}
        return whole


class Record(Part):
    """Which rows of a call feed which table of the roster."""

    table: str = Field(description="The roster's table: users, classes, enrollments, …")
    of: str | None = Field(None, description="The call whose rows feed it; without it there is a single fixed row.")
    each: str | None = Field(
        None, description="JSON path in a row to a list: each entry counts as a row, `each$` is the row it stands in."
    )
    where: str | None = Field(None, description="Only rows that meet this: a JSONPath filter, as `@.status == 1`.")
    distinct: bool = Field(
        default=False, description="Of rows that come out the same one is kept, as for the forms that pupils name."
    )
    fields: dict[str, Rule] = Field(min_length=1, description="How each column is filled, by OneRoster's name.")


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | bool | int | float)


def names() -> list[str]:
    """Names of the recipes that come with Matricula."""
    folder = resources.files("matricula.sources") / _FOLDER
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


@cache
def _read(name: str) -> Mapping[str, Any]:
    text = (resources.files("matricula.sources") / _FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = YAML(typ="safe").load(text)
    return {key: value for key, value in content.items() if key not in _HEADING}


def with_recipe(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings laid over those of the recipe that they name.

    Tables of names go name by name, as a JSON Merge Patch does (RFC 7396): what is null is taken away.

    Raises:
        ValueError: there is no such recipe.
    """
    name = given.get("recipe")
    if not name:
        return given
    if name not in names():
        raise ValueError(f"there is no recipe “{name}”; there are: {', '.join(names())}")
    laid: Mapping[str, Any] = _laid_over(_read(name), given)
    return laid


def _laid_over(below: Any, above: Any) -> Any:
    if not isinstance(above, Mapping):
        return above
    result = dict(below) if isinstance(below, Mapping) else {}
    for key, value in above.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _laid_over(result.get(key), value)
    return result


def check(
    calls: Mapping[str, Call], records: Mapping[str, Record], complete: tuple[str, ...], version: str
) -> Iterator[str]:
    """What does not fit together in a recipe, one sentence each without its full stop.

    Args:
        calls: the calls by name.
        records: the records by name.
        complete: tables that count as complete.
        version: OneRoster version whose columns they have.
    """
    for name, call in calls.items():
        if call.for_each is not None and call.for_each not in calls:
            yield f"the call {name} is for each row of {call.for_each}, which there is not; there are: {_listed(calls)}"
        elif call.for_each is not None and name in _chain(calls, name):
            yield f"the call {name} is for each row of itself"
        if call.for_each is None and any(path.outer for path in outer_paths(call)):
            yield f"the call {name} holds a path with each$, and has no for_each"
    for name, record in records.items():
        if record.of is not None and record.of not in calls:
            yield f"the records {name} are of the call {record.of}, which there is not; there are: {_listed(calls)}"
        of = calls.get(record.of or "")
        alone = record.each is None and (of is None or of.for_each is None)
        if alone and any(path.outer for text in texts_of(record) for path in Template(text).paths):
            yield f"the records {name} hold a path with each$, and have neither each nor a call with for_each"
        yield from _check_table(name, record, version)
    fed = {record.table for record in records.values()}
    for table in complete:
        if table not in fed:
            yield f"{table} counts as complete, and no records feed it"


def _chain(calls: Mapping[str, Call], name: str) -> list[str]:
    """The calls that a call is made for the rows of, the nearest first."""
    chain: list[str] = []
    above = calls[name].for_each
    while above is not None and above in calls and above not in chain:
        chain.append(above)
        above = calls[above].for_each
    return chain


def _check_table(name: str, record: Record, version: str) -> Iterator[str]:
    table = TABLES.get(record.table)
    if table is None or version not in table.versions:
        there = [each.name for each in TABLES.values() if version in each.versions]
        yield f"the records {name} feed {record.table}, which OneRoster {version} has not; it has: {_listed(there)}"
        return
    known = [column.name for column in table.of(version) if column.kept]
    unknown = [column for column in record.fields if column not in (*known, *extensions_of(table, record.fields))]
    if unknown:
        yield (
            f"the records {name} fill {_listed(unknown)}, which {table.name} has not; it has: {_listed(known)}, and "
            "metadata.NAME"
        )


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"


def outer_paths(call: Call) -> list[Path]:
    """The paths in a call's path and query."""
    return [path for text in (call.path, *call.query.values()) for path in Template(text).paths]


def texts_of(call: Call | Record | OAuth2) -> Iterator[str]:
    """Every text of a part of a recipe that may have places to fill."""
    if isinstance(call, OAuth2):
        yield from (call.token_url, call.client_id, call.client_secret)
    elif isinstance(call, Call):
        yield from (call.path, *call.query.values(), call.rows, *(text for text in (call.key,) if text))
    else:
        for rule in call.fields.values():
            yield from rule.value
        yield from (text for text in (call.each,) if text)


def check_paths(parts: Iterable[Call | Record], parameters: Mapping[str, Any]) -> None:
    """Read every condition, and every path that may be nothing else.

    Raises:
        ValueError: one is no JSONPath filter, or no path into a row.
    """
    for part in parts:
        if part.where is not None:
            condition(part.where, parameters)
        for text in (part.rows, part.key) if isinstance(part, Call) else (part.each,):
            if text is not None and not text.startswith("$"):
                raise ValueError(f"“{text}” is no JSON path into an answer; such a path begins with $")
            if text is not None:
                Path(text).finder()
