"""What a service holds of classes, as frames and as it came."""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar

import polars as pl

from matricula.roster.gradebook import KINDS, Gradebook
from matricula.sinks.oneroster_rest import names, records
from matricula.sinks.oneroster_rest.service import GradebookService
from matricula.sources.oneroster_rest.service import Record

Task = TypeVar("Task")
Result = TypeVar("Result")

_NEEDS = {
    "grade-category": ("categories",),
    "line-item": ("categories", "lineItems"),
    "result": ("lineItems", "results"),
    "final-grade": ("categories", "lineItems", "results"),
}
_ALL = ("categories", "lineItems", "results")


@dataclass
class Shelf:
    """What was read.

    Args:
        rows: rows by kind.
        raw: records as they came, by collection and sourcedId.
        schools: schools of classes, as far as line items name them.
    """

    rows: dict[str, list[records.Row]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    raw: dict[tuple[str, str], Record] = field(default_factory=dict)
    schools: dict[str, str] = field(default_factory=dict)

    def frame(self, kind: str) -> pl.DataFrame:
        """The records of a kind."""
        return pl.DataFrame(self.rows[kind], schema=KINDS[kind], orient="row")

    def key(self, collection: str, sourced: str | None) -> str | None:
        """The key of a record that another refers to."""
        return records.key_of(sourced, self.raw.get((collection, sourced or ""), {}))

    def gradebook(self) -> Gradebook:
        """All records."""
        return Gradebook({kind: self.frame(kind) for kind in KINDS})


def fetch(service: GradebookService, classes: Collection[str], callers: int, kind: str | None = None) -> Shelf:
    """Read what a service holds of classes.

    Args:
        service: the service.
        classes: sourcedIds of classes.
        callers: requests under way at once.
        kind: only what is needed to write this kind; None for everything.

    Raises:
        MatriculaError: as `GradebookService.whole`.
    """
    shelf, wanted = Shelf(), sorted(set(classes))
    if not wanted:
        return shelf
    needs = _NEEDS[kind] if kind else _ALL
    lists = [name for name in needs if name != "categories"]
    asked = [(one, name) for one in wanted for name in lists]
    addresses = ["categories"] if "categories" in needs else []
    addresses += [f"classes/{names.in_address(one)}/{name}" for one, name in asked]
    came = dict(zip(addresses, in_parallel(service.whole, addresses, callers), strict=True))
    if "categories" in needs:
        _take_categories(shelf, came["categories"], service, set(wanted))
    for (one, name), address in zip(asked, addresses[-len(asked) :] if asked else [], strict=True):
        (_take_items if name == "lineItems" else _take_results)(shelf, one, came[address] or ())
    return shelf


def in_parallel(work: Callable[[Task], Result], tasks: Sequence[Task], callers: int) -> list[Result]:
    """Do work on tasks, several at once; the first error ends it, and no further task is begun.

    Args:
        work: what is done with each.
        tasks: the tasks.
        callers: how many at once.

    Returns:
        what came of each, in the order of tasks.
    """
    ended = Event()

    def one(task: Task) -> Any:
        if ended.is_set():
            return None
        try:
            return work(task)
        except BaseException:
            ended.set()
            raise

    if len(tasks) < 2:
        return [work(task) for task in tasks]
    with ThreadPoolExecutor(min(callers, len(tasks))) as pool:
        running = [pool.submit(one, task) for task in tasks]
    errors = [error for each in running if (error := each.exception()) is not None]
    if errors:
        raise errors[0]
    return [each.result() for each in running]


def _take_categories(
    shelf: Shelf, came: Iterable[Record] | None, service: GradebookService, classes: Collection[str]
) -> None:
    """Our categories belong to a class; those that somebody else made belong to all."""
    if came is None:
        raise service.no_gradebook()
    for record in came:
        if (sourced := records.pointer(record)) is None:
            continue
        shelf.raw["categories", sourced] = record
        row = records.category_row(record)
        if not records.is_final_category(record) and (row["class"] is None or row["class"] in classes):
            shelf.rows["grade-category"].append(row)


def _take_items(shelf: Shelf, of_class: str, came: Iterable[Record]) -> None:
    for record in came:
        if (sourced := records.pointer(record)) is None:
            continue
        shelf.raw["lineItems", sourced] = record
        if school := records.pointer(record.get("school")):
            shelf.schools[of_class] = school
        if not records.is_final_item(sourced):
            row = records.item_row(record, of_class)
            shelf.rows["line-item"].append(row | {"category": shelf.key("categories", row["category"])})


def _take_results(shelf: Shelf, of_class: str, came: Iterable[Record]) -> None:
    for record in came:
        if (sourced := records.pointer(record)) is None:
            continue
        shelf.raw["results", sourced] = record
        item = records.pointer(record.get("lineItem"))
        if records.is_final_item(item):
            held = shelf.raw.get(("lineItems", item or ""))
            session = records.session_of(held) if held else None
            shelf.rows["final-grade"].append(records.final_row(record, of_class, session))
        else:
            row = records.result_row(record, of_class)
            shelf.rows["result"].append(row | {"item": shelf.key("lineItems", row["item"])})
