"""Checks of what a site answered: its answers are somebody else's text until they have passed here."""

from collections.abc import Mapping, Sequence
from typing import Any

from matricula.moodle.errors import InDoubt, MoodleError, NotMoodle

Record = Mapping[str, Any]


def records(value: Any, function: str, *, wrote: bool = False) -> list[Record]:
    """The list of records that a function answers.

    Args:
        value: from JSON.
        function: web-service function, for the message.
        wrote: whether the call was a write, which may have taken place all the same.

    Raises:
        NotMoodle: the answer has another shape.
        InDoubt: the answer has another shape, after a write.
    """
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise unexpected("a list of records", value, function, wrote=wrote)
    return value


def record(value: Any, function: str, *, wrote: bool = False) -> Record:
    """The one record that a function answers; arguments and errors as for `records`."""
    if not isinstance(value, dict):
        raise unexpected("a record", value, function, wrote=wrote)
    return value


def inner(value: Any, key: str, function: str, *, wrote: bool = False) -> list[Record]:
    """The list of records below a key of the answer; other arguments and errors as for `records`."""
    return records(record(value, function, wrote=wrote).get(key), function, wrote=wrote)


def number(row: Record, key: str, function: str, *, wrote: bool = False) -> int:
    """A whole number of a record that must be there; some functions send it as a text.

    Raises:
        NotMoodle: it is missing or no number.
        InDoubt: likewise, after a write.
    """
    value = row.get(key)
    try:
        return int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise unexpected(f"a number named {key}", value, function, wrote=wrote) from None


def numbers(row: Record, key: str, function: str) -> list[int]:
    """A list of whole numbers of a record that must be there.

    Raises:
        NotMoodle: it is missing or something else.
    """
    value = row.get(key)
    if not isinstance(value, list) or not all(isinstance(item, int) for item in value):
        raise unexpected(f"a list of numbers named {key}", value, function)
    return value


def optional_number(row: Record, key: str) -> int | None:
    """A whole number of a record, `None` where it is missing: the token's user may not see it."""
    value = row.get(key)
    return value if isinstance(value, int) else None


def text(row: Record, key: str) -> str:
    """A text of a record; empty where the site left it out, as it does with empty and with hidden fields."""
    value = row.get(key)
    return value if isinstance(value, str) else "" if value is None else str(value)


def optional_text(row: Record, key: str) -> str | None:
    """A text of a record, `None` where its key is missing: the token's user may not see it."""
    return text(row, key) if key in row else None


def flag(row: Record, key: str) -> bool:
    """A boolean of a record, sent as true/false or 0/1; false where it is missing."""
    return bool(row.get(key))


def each_answered(sent: Sequence[object], came: Sequence[object], function: str) -> None:
    """Checks that a writing function answered one record for each that was sent.

    Raises:
        InDoubt: it did not, for example because the site cut the form at `max_input_vars`.
    """
    if len(came) != len(sent):
        raise InDoubt(
            f"{len(sent)} records were sent and {len(came)} were answered.",
            function=function,
            remedy="Read the records and send again what is missing; the site's max_input_vars may be lower "
            "than the batch.",
        )


def unexpected(wanted: str, came: Any, function: str, *, wrote: bool = False) -> MoodleError:
    """The error for an answer of another shape."""
    told = f"{function} answered {_kind(came)} instead of {wanted}."
    if wrote:
        return InDoubt(told, function=function, remedy="Read the records before sending them again.")
    return NotMoodle(
        told,
        function=function,
        remedy="Make sure that the address is a Moodle of version 4.5 or later and that no plugin replaces "
        "this function's answer.",
    )


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a record"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"a {type(value).__name__}"
