"""Rows divided into batches that a site takes whole, and into lanes that never share a user."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from matricula.moodle.encoding import count_fields
from matricula.moodle.errors import Refused

Row = TypeVar("Row")


def fit(rows: Iterable[Row], limit: int, *, most: int | None = None) -> list[list[Row]]:
    """Rows in batches that stay inside the site's form-field limit, in their order.

    PHP cuts what exceeds `max_input_vars` without a word, so each batch is counted as it will be sent.

    Args:
        rows: what one call takes a list of: mappings, or single values such as ids.
        limit: form fields that one call may have, `Moodle.form_fields`.
        most: rows of one batch at most, for calls whose cost is time and not fields.

    Raises:
        Refused: a single row has more fields than the limit, so it can never be sent whole.
        ValueError: for a limit or number of rows below 1.
    """
    batches: list[list[Row]] = []
    waiting = list(rows)
    start = 0
    while start < len(waiting):
        number = fitting(waiting, limit, start=start, most=most)
        if not number:
            raise too_large(waiting[start], limit)
        batches.append(waiting[start : start + number])
        start += number
    return batches


def fitting(rows: Sequence[Row], limit: int, *, start: int = 0, most: int | None = None) -> int:
    """How many of the first rows go into one call.

    Args:
        rows: as `fit` takes them.
        limit: form fields that one call may have, `Moodle.form_fields`.
        start: which row is the first.
        most: rows of one call at most.

    Returns:
        at least 1; 0 where the first row alone has more fields than the limit.

    Raises:
        ValueError: for a limit or number of rows below 1.
    """
    if limit < 1 or (most is not None and most < 1):
        raise ValueError("limit and most must be at least 1")
    used = 0
    end = len(rows) if most is None else min(len(rows), start + most)
    for place in range(start, end):
        used += count_fields(rows[place])
        if used > limit:
            return place - start
    return end - start


def too_large(row: object, limit: int) -> Refused:
    """The error for a row that can never be sent whole."""
    return Refused(
        f"One record needs {count_fields(row)} form fields, and the site takes {limit} in one call.",
        remedy="Raise max_input_vars in the site's PHP settings (Moodle recommends 5000).",
    )


def lanes(rows: Sequence[Row], *, user: Callable[[Row], Hashable], count: int) -> list[list[Row]]:
    """Rows in lanes: lanes may be sent side by side, the rows of a lane in batches one after another.

    All rows of a user are in one lane, in their order. Parallel calls that share a user deadlock in Moodle's
    database (`dmlwriteexception`); calls that do not share one never did.

    Args:
        rows: rows of one kind, for example enrolments.
        user: tells whose row it is.
        count: lanes at most, `Moodle.callers`.

    Returns:
        lanes of about the same number of fields, empty ones left out.

    Raises:
        ValueError: for a count below 1.
    """
    if count < 1:
        raise ValueError("count must be at least 1")
    weights: dict[Hashable, int] = {}
    for row in rows:
        owner = user(row)
        weights[owner] = weights.get(owner, 0) + count_fields(row)
    loads = [0] * count
    lane_of: dict[Hashable, int] = {}
    for owner, weight in sorted(weights.items(), key=lambda item: -item[1]):
        lightest = loads.index(min(loads))
        lane_of[owner] = lightest
        loads[lightest] += weight
    divided: list[list[Row]] = [[] for _ in range(count)]
    for row in rows:
        divided[lane_of[user(row)]].append(row)
    return [lane for lane in divided if lane]
