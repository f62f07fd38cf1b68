"""Numbers, moments and values in words, and as JSON for machines: the same in commands, pages and files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from typing import Any


def moment(at: datetime) -> str:
    """A moment in this computer's time, to the minute."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def duration(seconds: float) -> str:
    """How long something took: `0.4 s`, `12 s`, `3 min 5 s`."""
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 change`, `2,973 changes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def as_json_text(value: Any) -> str:
    """A value as JSON text, moments in UTC."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=as_json) + "\n"


def as_json(value: Any) -> Any:
    """What JSON has no form for: moments, days and dataclasses.

    Raises:
        TypeError: this has none either.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
