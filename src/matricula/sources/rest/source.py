"""REST services by recipe: a recipe says which calls there are and which rows feed which table of the roster."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as FilePath
from typing import Any, Literal

import polars as pl
from pydantic import Field, model_validator

from matricula.roster import TABLES, Delivery, Draft, FindingBook, Marker
from matricula.sources.protocol import Surroundings
from matricula.sources.records import draft_of
from matricula.sources.rest.pages import Filling, Reader
from matricula.sources.rest.recipe import (
    Call,
    OAuth2,
    Record,
    check,
    check_paths,
    outer_paths,
    texts_of,
    with_recipe,
)
from matricula.sources.rest.rows import Feed, outer_finder
from matricula.sources.rest.service import HeadersAuth, Service, checked
from matricula.sources.rest.templates import Outer, Path, Template
from matricula.sources.settings import SourceDocument
from matricula.sources.web.oauth2 import ClientCredentials


class RestSettings(SourceDocument):
    """A service that answers in JSON, read as a recipe says: one that comes with Matricula, or the school's own."""

    NEUTRAL = frozenset({"ca_file", "timeout", "at_once"})

    type: Literal["rest"] = Field("rest", description="Reads a REST service by a recipe.")
    recipe: str = Field(
        "", description="A recipe that comes with Matricula; all other settings are laid over what it says."
    )
    parameters: dict[str, str | bool | int] = Field(
        {}, description="Values for `{parameter.NAME}` in the recipe. Never secrets."
    )
    base: str = Field(description="Address that the paths of calls follow on; may hold `{parameter.NAME}`.")
    headers: dict[str, str] = Field(
        {}, description="Headers of every call; may hold `{secret.NAME}` and `{parameter.NAME}`."
    )
    oauth2: OAuth2 | None = Field(None, description="How a token is had, where the service gives them.")
    version: Literal["1.1", "1.2"] = Field("1.1", description="OneRoster version whose columns the recipe fills.")
    calls: dict[str, Call] = Field(min_length=1, description="Calls of the service, by names of the recipe's own.")
    records: dict[str, Record] = Field(
        min_length=1, description="What becomes of the rows, by names of the recipe's own."
    )
    complete: tuple[str, ...] = Field(
        (), description="Tables of which every record is there; only in these does a missing record mean gone."
    )
    ca_file: FilePath | None = Field(
        None, description="Certificates (PEM) of an authority of the school's own, trusted beside the usual ones."
    )
    timeout: float = Field(60, gt=0, le=3600, description="Seconds to wait for one answer.")
    at_once: int = Field(4, ge=1, le=16, description="Calls under way at once, where one call is made for many rows.")

    @model_validator(mode="before")
    @classmethod
    def _laid_over_its_recipe(cls, given: Any) -> Any:
        return with_recipe(given) if isinstance(given, Mapping) else given

    @model_validator(mode="after")
    def _fits_together(self) -> "RestSettings":
        used = {name for template in self._templates() for name in template.named("parameter")}
        missing, idle = sorted(used - set(self.parameters)), sorted(set(self.parameters) - used)
        uses = f"it uses: {', '.join(sorted(used)) or 'none'}"
        if missing:
            raise ValueError(f"no value is given for the parameter {', '.join(missing)} of the recipe; {uses}")
        if idle:
            raise ValueError(f"the recipe uses no parameter {', '.join(idle)}; {uses}")
        if misplaced := sorted(name for text in self._open_texts() for name in Template(text).named("secret")):
            raise ValueError(f"the secret {', '.join(misplaced)} stands where others would see it; use a header")
        check_paths([*self.calls.values(), *self.records.values()], self.parameters)
        for fault in check(self.calls, self.records, self.complete, self.version):
            raise ValueError(fault)
        return self

    def _open_texts(self) -> Iterator[str]:
        yield self.base
        for call in self.calls.values():
            yield from (call.path, call.rows, call.key or "")
        for record in self.records.values():
            yield from texts_of(record)

    def _templates(self) -> Iterator[Template]:
        rows: list[Call | Record] = [*self.calls.values(), *self.records.values()]
        conditions = [part.where for part in rows if part.where]
        parts: list[Call | Record | OAuth2] = [*rows, *([self.oauth2] if self.oauth2 else [])]
        texts = [self.base, *self.headers.values(), *conditions, *(text for part in parts for text in texts_of(part))]
        return map(Template, texts)

    def secrets(self) -> tuple[str, ...]:
        """The names that stand in `{secret.NAME}`."""
        return tuple(dict.fromkeys(name for template in self._templates() for name in template.named("secret")))


class _Harvest:
    """What one reading of a call gives: frames for its kinds of records, and what is needed of its rows later."""

    def __init__(self, feeds: list[Feed], keep: list[Path], outer: Outer) -> None:
        self.frames: dict[str, list[pl.DataFrame]] = {feed.name: [] for feed in feeds}
        self.kept: list[Outer] = []
        self.rows = 0
        self._feeds = feeds
        self._keep = outer_finder(keep) if keep else None
        self._outer = outer

    def take(self, rows: list[Any]) -> None:
        """Take the rows of a page; nothing of them is held but cells."""
        self.rows += len(rows)
        for feed in self._feeds:
            self.frames[feed.name].append(feed.frame(rows, self._outer))
        if self._keep is not None:
            self.kept += map(self._keep, rows)


class Rest:
    """A source that reads a REST service by a recipe.

    Args:
        settings: the recipe.
        surroundings: where it gets its secrets from.
    """

    Settings = RestSettings

    def __init__(self, settings: RestSettings, surroundings: Surroundings | None = None) -> None:
        self.settings = settings
        self._surroundings = surroundings or Surroundings()

    def deliver(self, _: Marker | None = None) -> Delivery:
        """Make every call that the recipe says and hand over what it makes of the rows.

        Raises:
            SettingError: address, secret or path is wrong.
            WaitError: the service is out of reach or busy, or its lists change while they are read.
            StopError: what it answers is not what the recipe says.
        """
        secrets = {name: self._surroundings.secret(name).strip() for name in self.settings.secrets()}
        reading = _Reading(self.settings, Filling(secrets, self.settings.parameters), self._surroundings)
        return reading.delivery()


class _Reading:
    """One reading of a service."""

    def __init__(self, settings: RestSettings, filling: Filling, surroundings: Surroundings) -> None:
        self._settings = settings
        self._filling = filling
        self._say = surroundings.say
        self._feeds = {
            name: Feed(name, record, settings.parameters, settings.version) for name, record in settings.records.items()
        }
        self._base = self._filled(settings.base)
        self._book = FindingBook()

    def delivery(self) -> Delivery:
        settings = self._settings
        frames: dict[str, list[pl.DataFrame]] = {name: [] for name in self._feeds}
        for name, feed in self._feeds.items():
            if feed.record.of is None:
                frames[name].append(feed.frame([{}], {}))
        notes = []
        with self._service() as service:
            kept: dict[str, list[Outer]] = {}
            for name in _in_order(settings.calls):
                call = settings.calls[name]
                rows, kept[name] = 0, []
                for harvest in self._harvests(service, name, call, kept.get(call.for_each or "", [{}])):
                    rows += harvest.rows
                    kept[name] += harvest.kept
                    for which, came in harvest.frames.items():
                        frames[which] += came
                notes.append(f"The call {name} ({call.path}) gave {rows} rows.")
        drafts = self._drafts(frames)
        return Delivery(drafts, settings.version, self._base, self._book, notes=tuple(notes))

    def _service(self) -> Service:
        settings = self._settings
        beside = None
        if told := settings.oauth2:
            beside = ClientCredentials(
                checked(self._filled(told.token_url), "source, oauth2.token_url"),
                self._filled(told.client_id),
                self._filled(told.client_secret),
                told.scopes,
                client_in=told.client_in,
            )
        headers = {name: self._filled(text) for name, text in settings.headers.items()}
        auth = HeadersAuth(headers, tuple(self._filling.secrets.values()), beside)
        return Service(self._base, auth, timeout=settings.timeout, ca_file=settings.ca_file)

    def _filled(self, text: str) -> str:
        return Template(text).filled(self._filling.secrets, self._filling.parameters)

    def _harvests(self, service: Service, name: str, call: Call, outers: list[Outer]) -> Iterator[_Harvest]:
        feeds = [feed for feed in self._feeds.values() if feed.record.of == name]
        needed = [path for below, inner in self._settings.calls.items() if inner.for_each == name
                  for path in self._outer_paths(below, inner)]  # fmt: skip
        reader = Reader(service, name, call, self._filling, lambda outer: _Harvest(feeds, needed, outer), self._say)
        if call.for_each is None:
            yield reader.read({})
        else:
            with ThreadPoolExecutor(self._settings.at_once) as pool:
                yield from pool.map(reader.read, outers)
        if call.where and reader.met_none:
            message = f"No row of the call {name} meets its condition: {call.where}"
            self._book.add("condition-nothing", message, file=call.path)

    def _outer_paths(self, name: str, call: Call) -> list[Path]:
        feeds = [feed for feed in self._feeds.values() if feed.record.of == name and feed.record.each is None]
        return [*outer_paths(call), *(path for feed in feeds for path in feed.outer_paths)]

    def _drafts(self, frames: Mapping[str, list[pl.DataFrame]]) -> dict[str, Draft]:
        drafts, book = {}, self._book
        for table in TABLES:
            feeds = [feed for feed in self._feeds.values() if feed.record.table == table]
            if not feeds:
                continue
            calls = dict.fromkeys(self._settings.calls[feed.record.of].path for feed in feeds if feed.record.of)
            file = ", ".join(calls) or "recipe"
            for feed in feeds:
                feed.tell(file, book)
            whole = [_joined(frames[feed.name], feed) for feed in feeds]
            frame = pl.concat(whole, how="diagonal")
            complete = table in self._settings.complete
            drafts[table] = draft_of(table, self._settings.version, frame, file, book, complete=complete)
        return drafts


def _joined(frames: list[pl.DataFrame], feed: Feed) -> pl.DataFrame:
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(feed.record.fields, pl.String))
    return frame.unique(maintain_order=True) if feed.record.distinct else frame


def _in_order(calls: Mapping[str, Call]) -> list[str]:
    """Names of the calls, each after the one whose rows it is made for."""
    ordered: list[str] = []
    while len(ordered) < len(calls):
        ordered += [name for name, call in calls.items() if name not in ordered and call.for_each in (None, *ordered)]
    return ordered
