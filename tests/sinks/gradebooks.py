"""Gradebooks to write: one of a few named records, and any."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from matricula.roster.gradebook import KINDS, STATUSES

MORNING = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
LONG = "Essay on the causes of the War of the Roses, its course and what became of those who fought in it, draft 2"


def frame(kind: str, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """A frame of a kind; what a row does not say is null."""
    return pl.DataFrame([dict.fromkeys(KINDS[kind]) | row for row in rows], schema=KINDS[kind], orient="row")


def categories(class_: str) -> pl.DataFrame:
    return frame(
        "grade-category",
        [
            {"key": "c1", "class": class_, "title": "Homework", "weight": 40.0},
            {"key": "c2", "class": class_, "title": "Tests", "weight": 60.0},
        ],
    )


def items(class_: str, session: str, **first: Any) -> pl.DataFrame:
    common = {"class": class_, "session": session, "minimum": 0.0, "maximum": 100.0, "assigned": MORNING}
    return frame(
        "line-item",
        [
            common | {"key": "i1", "category": "c1", "title": "Essay", "due": MORNING + timedelta(days=7)} | first,
            common | {"key": "i2", "category": "c2", "title": "Vocabulary", "due": MORNING + timedelta(days=9)},
        ],
    )


def result(key: str, item: str, class_: str, student: str, score: float | None, **more: Any) -> dict[str, Any]:
    status = "not submitted" if score is None else "fully graded"
    told = {"key": key, "item": item, "class": class_, "student": student, "score": score, "status": status}
    return told | {"scored": MORNING} | more


def small(bench, *results: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """Two categories and two items of the first class, and results: by default one, of 71.5 points."""
    class_ = bench.classes[0]
    rows = results or (result("r1", "i1", class_, bench.students[0], 71.5),)
    return {
        "grade-category": categories(class_),
        "line-item": items(class_, bench.sessions[0]),
        "result": frame("result", rows),
    }


def finals(bench, *percents: float | None) -> pl.DataFrame:
    return frame(
        "final-grade",
        [
            {
                "key": f"f{number}",
                "class": bench.classes[0],
                "session": bench.sessions[0],
                "student": student,
                "percent": percent,
                "letter": "A",
            }
            for number, (student, percent) in enumerate(zip(bench.students, percents, strict=False), 1)
        ],
    )


_WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp", "Co"), include_characters="\n"), min_size=1
)
_TEXT = _WORDS.map(str.strip).filter(bool)
_POINTS = st.integers(0, 400_0000).map(lambda value: value / 10_000)
_MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


@st.composite
def gradebooks(draw, classes: Sequence[str], students: Sequence[str], sessions: Sequence[str]):
    """Any gradebook of some classes: its frames, references told by keys."""
    found: dict[str, list[dict[str, Any]]] = {"grade-category": [], "line-item": [], "result": []}
    for class_ in classes:
        for _ in range(draw(st.integers(0, 2))):
            key = f"c{len(found['grade-category'])}"
            weight = draw(st.none() | st.integers(0, 200).map(lambda value: value / 2))
            found["grade-category"].append({"key": key, "class": class_, "title": draw(_TEXT), "weight": weight})
            for _ in range(draw(st.integers(0, 2))):
                found["line-item"].append(_item(draw, len(found["line-item"]), class_, key, sessions))
                item = found["line-item"][-1]["key"]
                for student in draw(st.lists(st.sampled_from(students), unique=True)):
                    found["result"].append(_result(draw, len(found["result"]), item, class_, student))
    return {kind: frame(kind, rows) for kind, rows in found.items()}


def _item(draw, number: int, class_: str, category: str, sessions: Sequence[str]) -> dict[str, Any]:
    return {
        "key": f"i{number}",
        "class": class_,
        "category": category,
        "session": draw(st.sampled_from(sessions)),
        "title": draw(_TEXT),
        "description": draw(st.none() | _TEXT),
        "assigned": draw(_MOMENTS),
        "due": draw(_MOMENTS),
        "minimum": 0.0,
        "maximum": draw(st.integers(1, 1000).map(float)),
    }


def _result(draw, number: int, item: str, class_: str, student: str) -> dict[str, Any]:
    status = draw(st.sampled_from(STATUSES))
    score = draw(_POINTS) if status == "fully graded" else None
    if status == "partially graded":
        score = draw(st.none() | _POINTS)
    return {
        "key": f"r{number}",
        "item": item,
        "class": class_,
        "student": student,
        "status": status,
        "score": score,
        "text": draw(st.none() | st.sampled_from(("A", "B+", "très bien"))) if score is not None else None,
        "comment": draw(st.none() | _TEXT),
        "scored": draw(_MOMENTS),
    }
