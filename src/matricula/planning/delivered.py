"""Whether a delivery looks as complete as the last one that went through."""

from collections.abc import Iterator
from datetime import date

from matricula.planning.limits import Hold
from matricula.profiles.documents import Limits
from matricula.profiles.documents.limits import DeliveryLimits
from matricula.roster.shape import Shape, TableShape

#: A column that is filled in fewer than this share of the rows is as good as blank.
_BLANK = 0.02
#: Keys of one kind that are longer or shorter by so many characters are others.
_LONGER = 3
_KINDS = {"number": "numbers", "uuid": "UUIDs"}


def incomplete(before: Shape, now: Shape, limits: Limits, today: date) -> list[Hold]:
    """Why a delivery that differs from the last one that went through waits for a person.

    Args:
        before: the shape of that one.
        now: the shape of the delivery.
        limits: the profile's limits.
        today: the day, in the school's time zone, that decides whether a year's rollover is on: in its weeks as many
            rows may be missing as it lets a plan remove.
    """
    least = limits.delivery
    rollover = limits.rollover
    missing = least.rows if rollover is None or not rollover.holds(today) else max(least.rows, rollover.share)
    return [
        hold
        for name, old in before.items()
        for hold in _table(name, old, now.get(name, TableShape(0, {})), least, missing)
    ]


def _table(name: str, old: TableShape, new: TableShape, least: DeliveryLimits, missing: float) -> Iterator[Hold]:
    if not new.rows:
        if old.rows:
            message = f"The delivery holds no {name}, and the last one that went through held {old.rows:,}."
            yield Hold("empty-delivery", message, f"no {name}")
        return
    if old.rows < least.floor:
        return
    fewer = old.rows - new.rows
    if fewer > round(missing * old.rows, 6):
        yield Hold(
            "rows-down",
            f"The delivery holds {new.rows:,} {name}, and the last one that went through {old.rows:,}: "
            f"{fewer / old.rows:.0%} are missing; more than {missing:.0%} wait for a person.",
            f"{fewer} fewer {name}",
        )
    blank = [
        column for column, share in old.filled.items() if share >= least.filled and new.filled.get(column, 0) < _BLANK
    ]
    if blank:
        noun = "1 column" if len(blank) == 1 else f"{len(blank)} columns"
        told = ", ".join(f"{column} ({old.filled[column]:.0%} were filled)" for column in blank)
        yield Hold(
            "column-blank",
            f"In {name} {noun} that the last delivery that went through had filled, {_are(blank)} blank: {told}.",
            f"blank {noun} of {name}",
        )
    if told := _other_keys(old, new):
        yield Hold(
            "key-type-changed",
            f"The sourcedIds of {name} are others than in the last delivery that went through: {told}. "
            "Every record would be new, and every one of before gone.",
            f"other keys of {name}",
        )


def _are(some: list[str]) -> str:
    return "is" if len(some) == 1 else "are"


def _other_keys(old: TableShape, new: TableShape) -> str:
    if not old.keys or not new.keys:
        return ""
    if old.keys != new.keys:
        return f"{_kind(new)} in the place of {_kind(old)}"
    if abs(old.length - new.length) >= _LONGER:
        return f"{new.length} characters long in the place of {old.length}"
    return ""


def _kind(shape: TableShape) -> str:
    return _KINDS.get(shape.keys, f"of the form {shape.keys}")
