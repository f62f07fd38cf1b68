"""The sink: a OneRoster gradebook, read by class and written record by record."""

from collections.abc import Collection, Mapping
from typing import Any, Self

import polars as pl

from matricula.errors import SettingError, WaitError
from matricula.roster.gradebook import REFERENCES, STATUSES, Gradebook
from matricula.sinks.judging import answered, judge
from matricula.sinks.oneroster_rest import records
from matricula.sinks.oneroster_rest.service import GradebookService, Refusal
from matricula.sinks.oneroster_rest.settings import PATHS, OneRosterSinkSettings
from matricula.sinks.oneroster_rest.shelf import Shelf, fetch, in_parallel
from matricula.sinks.protocol import WRITTEN, Abilities, SinkSurroundings
from matricula.sources.web import WebClient, auth_of

_ENTER = "matricula grades secret"
_FULL = 100.0

Row = Mapping[str, Any]


class OneRosterRestSink:
    """A sink that writes to the gradebook of a OneRoster service (REST).

    Args:
        settings: where it is and how it is spoken to.
        surroundings: where the secret comes from.
    """

    Settings = OneRosterSinkSettings

    def __init__(self, settings: OneRosterSinkSettings, surroundings: SinkSurroundings | None = None) -> None:
        self.settings = settings
        self._surroundings = surroundings or SinkSurroundings()
        self._client: WebClient | None = None
        self._opened: GradebookService | None = None
        self._written = False

    @property
    def abilities(self) -> Abilities:
        """What it can take: 1.1 has no place for weights and letters."""
        newer = self.settings.version != "1.1"
        return Abilities(
            frozenset(records.COLLECTIONS),
            weights=newer,
            letters=newer,
            statuses=frozenset(STATUSES),
            without=frozenset() if newer else frozenset({"final-grade.letter"}),
            at_once=200,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.__exit__()
        self._client = self._opened = None

    def read(self, classes: Collection[str]) -> Gradebook:
        """What stands in the gradebooks of classes now; see `Sink.read`."""
        self._surroundings.say(f"reading the gradebooks of {len(set(classes))} classes")
        return fetch(self._service(), classes, self.settings.callers).gradebook()

    def write(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Write records of one kind, several requests at once; see `Sink.write`.

        Raises:
            SettingError: address or credentials are wrong; nothing was written.
            WaitError: the service is out of reach or busy, or refuses everything since it was half done.
            StopError: what came cannot be used.
        """
        if rows.is_empty():
            return pl.DataFrame(schema=WRITTEN)
        shelf = fetch(self._service(), rows["class"].drop_nulls().unique().to_list(), self.settings.callers, kind)
        parents = shelf.frame(REFERENCES[kind][1]) if kind in REFERENCES else None
        judged = judge(kind, rows, shelf.frame(kind), self.abilities, parents)
        writing = _Writing(kind, shelf, self._service(), self.settings)
        todo = judged.filter(pl.col("state").is_null()).to_dicts()
        told = self._done(writing, todo)
        came = pl.DataFrame(
            {
                "number": [row["number"] for row in todo],
                "_id": [row["id"] or writing.id_of(row) for row in todo],
                "_reason": [refusal.reason if refusal else None for refusal in told],
            },
            schema={"number": pl.Int64(), "_id": pl.String(), "_reason": pl.String()},
        )
        refused = pl.col("_reason").is_not_null()
        return answered(
            judged.join(came, on="number", how="left").with_columns(
                pl.when(refused).then(pl.lit("refused")).otherwise("state").alias("state"),
                pl.coalesce("id", "_id").alias("id"),
                pl.coalesce("_reason", "reason").alias("reason"),
            )
        )

    def _done(self, writing: "_Writing", rows: list[dict[str, Any]]) -> list[Refusal | None]:
        def one(row: dict[str, Any]) -> Refusal | None:
            refusal = writing.one(row)
            self._written |= refusal is None
            return refusal

        try:
            writing.prepare(rows, self.settings.callers)
            told = in_parallel(one, rows, self.settings.callers)
        except SettingError as error:
            if not self._written:
                raise
            raise WaitError(error.what, where=error.where, remedy=error.remedy, code=error.code) from error
        for refusal in told:
            if refusal is not None and refusal.error is not None and not self._written:
                raise refusal.error
        return told

    def _service(self) -> GradebookService:
        if self._opened is None:
            settings = self.settings
            auth = auth_of(settings.auth, self._surroundings.secret, settings.scopes, _ENTER)
            example = f"https://sis.school.example{PATHS[settings.version]}"
            self._client = WebClient(auth, settings.base, example, timeout=settings.timeout, ca_file=settings.ca_file)
            self._opened = GradebookService(settings, self._client, self._surroundings.say)
        return self._opened


class _Writing:
    """One call of `write`: rows of one kind, by what was read a moment before."""

    def __init__(self, kind: str, shelf: Shelf, service: GradebookService, settings: OneRosterSinkSettings) -> None:
        self._kind = kind
        self._shelf = shelf
        self._service = service
        self._settings = settings
        self._collection = records.COLLECTIONS[kind]
        self._schools: dict[str, str] = {}
        self._shut: dict[str, Refusal] = {}

    def id_of(self, row: Row) -> str:
        """The sourcedId that a new record gets."""
        return records.own_id(self._kind, row)

    def prepare(self, rows: list[dict[str, Any]], callers: int) -> None:
        """See that what rows stand in is there: schools of new line items, items of final grades."""
        kept = [row for row in rows if row["action"] != "remove"]
        if self._settings.version != "1.1" and self._kind in ("line-item", "final-grade"):
            classes = sorted({row["class"] for row in kept})
            self._schools = dict(zip(classes, in_parallel(self._school, classes, callers), strict=True))
        if self._kind == "final-grade":
            places = sorted({(row["class"], row["session"] or "") for row in kept})
            for place in places:
                if (refusal := self._final_item(*place)) is not None:
                    self._shut[records.final_item(*place)] = refusal

    def one(self, row: Row) -> Refusal | None:
        """Write or take away one record."""
        sourced = row["id"] or self.id_of(row)
        if row["action"] == "remove":
            return self._service.delete(self._collection, sourced)
        if self._kind != "final-grade":
            return self._put(self._kind, sourced, row)
        item = records.final_item(row["class"], row["session"] or "")
        return self._shut.get(item) or self._put("result", sourced, records.result_of_final(row, item))

    def _put(self, kind: str, sourced: str, row: Row) -> Refusal | None:
        collection, version = records.COLLECTIONS[kind], self._settings.version
        school = self._schools.get(row["class"] or "", "")
        if kind == "line-item" and version != "1.1" and not school:
            return Refusal("It is not known which school its class belongs to; set `school` of the sink.")
        held = self._shelf.raw.get((collection, sourced))
        return self._service.put(collection, sourced, records.record_of(kind, row, version, sourced, held, school))

    def _school(self, of_class: str) -> str:
        known = self._settings.school or self._shelf.schools.get(of_class, "")
        return known or self._service.school_of(of_class)

    def _final_item(self, of_class: str, session: str) -> Refusal | None:
        """Make the category and the line item of final grades where they are not there."""
        category, item = records.final_category(of_class), records.final_item(of_class, session)
        title = self._settings.final_title
        if ("categories", category) not in self._shelf.raw:
            row = {"key": category, "class": of_class, "title": title, "weight": None}
            if (refusal := self._put("grade-category", category, row)) is not None:
                return refusal
        if ("lineItems", item) in self._shelf.raw:
            return None
        row = dict.fromkeys(("description", "assigned", "due")) | {
            "key": item,
            "class": of_class,
            "category": category,
            "session": session or None,
            "title": title,
            "minimum": 0.0,
            "maximum": _FULL,
        }
        return self._put("line-item", item, row)
