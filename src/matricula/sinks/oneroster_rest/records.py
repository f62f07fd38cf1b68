"""Between OneRoster's JSON and rows of the gradebook (REST binding 1.1, chapter 4; 1.2 gradebook, information model).

A record that is changed keeps whatever else the service has of it: `PUT` replaces the whole.
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from matricula.sinks.oneroster_rest import names
from matricula.sources.oneroster_rest import changes

COLLECTIONS: Final = {
    "grade-category": "categories",
    "line-item": "lineItems",
    "result": "results",
    "final-grade": "results",
}
"""Where the records of each kind stand in a service; final grades are results of line items of their own."""

_LETTER: Final = {"grade-category": "c", "line-item": "i", "result": "r", "final-grade": "t"}
_FINAL_CATEGORY, _FINAL_ITEM = "g", "f"

_KEY, _CLASS, _UNDATED = "matricula.key", "matricula.class", "matricula.undated"
_DATES = {"assigned": "assignDate", "due": "dueDate"}

Row = dict[str, Any]
Json = Mapping[str, Any]


def own_id(kind: str, row: Json) -> str:
    """The sourcedId that a new record of ours gets."""
    parts = (row["class"] or "", row["key"]) if kind == "grade-category" else (row["key"],)
    return names.sourced_id(_LETTER[kind], *parts)


def final_category(of_class: str) -> str:
    """The sourcedId of the category of final grades in a class."""
    return names.sourced_id(_FINAL_CATEGORY, of_class)


def final_item(of_class: str, session: str) -> str:
    """The sourcedId of the line item of final grades of a class and a session."""
    return names.sourced_id(_FINAL_ITEM, of_class, session)


def pointer(told: Any) -> str | None:
    """What a reference leads to."""
    found = told.get("sourcedId") if isinstance(told, Mapping) else told
    return found if isinstance(found, str) and found else None


def key_of(sourced: str | None, record: Json) -> str | None:
    """Our key of a record: read off its sourcedId or its metadata; else the sourcedId itself."""
    name = names.read(sourced or "")
    if name is not None and name.parts:
        return name.parts[-1]
    told = _metadata(record).get(_KEY) if name is not None else None
    return told if isinstance(told, str) and told else sourced


def category_row(record: Json) -> Row:
    """A category. In OneRoster it belongs to no class; ours do, and say so."""
    sourced = pointer(record)
    name = names.read(sourced or "")
    of_class = name.parts[0] if name is not None and name.parts else _metadata(record).get(_CLASS)
    return {
        "key": key_of(sourced, record),
        "id": sourced,
        "class": of_class or None,
        "title": _text(record.get("title")),
        "weight": number(record.get("weight")),
    }


def item_row(record: Json, of_class: str) -> Row:
    """A line item of a class; its category is told by sourcedId."""
    sourced = pointer(record)
    undated = _undated(record)
    return {
        "key": key_of(sourced, record),
        "id": sourced,
        "class": of_class,
        "category": pointer(record.get("category")),
        "session": session_of(record),
        "title": _text(record.get("title")),
        "description": _text(record.get("description")),
        **{name: None if told in undated else changes.moment(record.get(told)) for name, told in _DATES.items()},
        "minimum": number(record.get("resultValueMin")),
        "maximum": number(record.get("resultValueMax")),
    }


def result_row(record: Json, of_class: str) -> Row:
    """A result of a line item of a class; the item is told by sourcedId."""
    sourced = pointer(record)
    score = number(record.get("score"))
    letter = _text(record.get("textScore"))
    status = _text(record.get("scoreStatus"))
    graded = score is not None or letter is not None
    return {
        "key": key_of(sourced, record),
        "id": sourced,
        "item": pointer(record.get("lineItem")),
        "class": of_class,
        "student": pointer(record.get("student")),
        "status": status.casefold() if status else "fully graded" if graded else "not submitted",
        "score": score,
        "text": letter,
        "comment": _text(record.get("comment")),
        "scored": None if "scoreDate" in _undated(record) else changes.moment(record.get("scoreDate")),
    }


def final_row(record: Json, of_class: str, session: str | None) -> Row:
    """A final grade: a result of the line item for a class and a session."""
    row = result_row(record, of_class)
    return {
        "key": row["key"],
        "id": row["id"],
        "class": of_class,
        "student": row["student"],
        "session": session,
        "percent": row["score"],
        "letter": row["text"],
        "comment": row["comment"],
    }


def is_final_category(record: Json) -> bool:
    """Whether a category is the one of final grades."""
    return _letter(pointer(record)) == _FINAL_CATEGORY


def is_final_item(sourced: str | None) -> bool:
    """Whether a line item holds final grades."""
    return _letter(sourced) == _FINAL_ITEM


def session_of(record: Json) -> str | None:
    """The academic session of a line item: 1.1 has `gradingPeriod`, 1.2 has both."""
    return pointer(record.get("academicSession")) or pointer(record.get("gradingPeriod"))


def record_of(kind: str, row: Json, version: str, sourced: str, held: Json | None, school: str) -> dict[str, Any]:
    """The JSON of a row.

    Args:
        kind: `grade-category`, `line-item` or `result`.
        row: the row; references are sourcedIds of the service.
        version: `1.1` or `1.2`.
        sourced: the record's sourcedId.
        held: what the service has of it; None for a new one.
        school: 1.2: the school of a line item.
    """
    made = dict(held or {}) | {
        "sourcedId": sourced,
        "status": "active",
        "dateLastModified": changes.written(datetime.now(UTC)),
    }
    if names.read(sourced) is not None:
        made["metadata"] = {**_metadata(held), _KEY: row["key"]}
        if kind == "grade-category":
            made["metadata"][_CLASS] = row["class"]
    _FILL[kind](made, row, version, school)
    return {name: value for name, value in made.items() if value is not None}


def _fill_category(made: dict[str, Any], row: Json, version: str, _school: str) -> None:
    made["title"] = row["title"]
    if version != "1.1":
        made["weight"] = row["weight"]


def _fill_item(made: dict[str, Any], row: Json, version: str, school: str) -> None:
    """A line item. Both dates are required; where one is not known it is filled in, and marked as filled in."""
    undated = [told for name, told in _DATES.items() if row[name] is None]
    stand_in = row["due"] or row["assigned"]
    for name, told in _DATES.items():
        if row[name] is not None or not made.get(told):
            made[told] = changes.written(row[name] or stand_in or datetime.now(UTC))
    _mark_undated(made, undated)
    session = "gradingPeriod" if version == "1.1" else "academicSession"
    if row["session"] != session_of(made):
        made.pop("gradingPeriod", None)
        made[session] = _reference(row["session"])
    made |= {
        "title": row["title"],
        "description": row["description"],
        "class": _reference(row["class"]),
        "category": _reference(row["category"]),
        "resultValueMin": row["minimum"],
        "resultValueMax": row["maximum"],
    }
    if version != "1.1" and not made.get("school"):
        made["school"] = _reference(school)


def _fill_result(made: dict[str, Any], row: Json, version: str, _school: str) -> None:
    made |= {
        "lineItem": _reference(row["item"]),
        "student": _reference(row["student"]),
        "scoreStatus": row["status"],
        "score": row["score"],
        "scoreDate": changes.written(row["scored"] or datetime.now(UTC)),
        "comment": row["comment"],
    }
    _mark_undated(made, [] if row["scored"] else ["scoreDate"])
    if version != "1.1":
        made |= {"class": _reference(row["class"]), "textScore": row["text"]}


_FILL: Mapping[str, Callable[[dict[str, Any], Json, str, str], None]] = {
    "grade-category": _fill_category,
    "line-item": _fill_item,
    "result": _fill_result,
}


def result_of_final(row: Json, item: str) -> Row:
    """A final grade as the result of its line item."""
    graded = row["percent"] is not None or row["letter"] is not None
    return {
        "key": row["key"],
        "item": item,
        "class": row["class"],
        "student": row["student"],
        "status": "fully graded" if graded else "not submitted",
        "score": row["percent"],
        "text": row["letter"],
        "comment": row["comment"],
        "scored": None,
    }


def number(told: Any) -> float | None:
    """A number as services write it: also as text, with a point or a comma; None for what is none."""
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return None
    try:
        found = float(told.strip().replace(",", ".") if isinstance(told, str) else told)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _undated(record: Json) -> list[str]:
    """The dates of a record that were filled in because something had to stand there."""
    return str(_metadata(record).get(_UNDATED) or "").split(",")


def _mark_undated(made: dict[str, Any], names_of_dates: list[str]) -> None:
    metadata = {name: value for name, value in _metadata(made).items() if name != _UNDATED}
    made["metadata"] = (metadata | ({_UNDATED: ",".join(names_of_dates)} if names_of_dates else {})) or None


def _metadata(record: Json | None) -> dict[str, Any]:
    told = record.get("metadata") if record else None
    return dict(told) if isinstance(told, Mapping) else {}


def _letter(sourced: str | None) -> str:
    name = names.read(sourced or "")
    return name.kind if name else ""


def _reference(sourced: str | None) -> dict[str, str] | None:
    return {"sourcedId": sourced} if sourced else None


def _text(told: Any) -> str | None:
    if told is None or isinstance(told, Mapping | list | bool):
        return None
    return str(told) or None
