"""Learning data built by hand: a course with three students, and what the school knows of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from sqlalchemy import Float, Integer, Table, Text

from matricula.grades.desired import desired_gradebook
from matricula.grades.wanted import Known, Learnt, Wanted
from matricula.profiles.documents.grades import GradeRules
from matricula.roster import TABLES, Roster, Scope
from matricula.roster.gradebook import LINE_ITEMS, Gradebook
from matricula.store import schema_learning as tables

Row = dict[str, Any]
TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
ANN, BEN, CLEO = 101, 102, 103


def moment(*of: int) -> int:
    return int(dt.datetime(*of, tzinfo=dt.UTC).timestamp())


_USUAL: dict[Table, Row] = {
    tables.learnt_course: {
        "course": 5, "name": "10A English", "shortname": "ENG", "idnumber": "c1", "start": 0, "end": 0, "marks": "{}"
    },
    tables.learnt_category: {"course": 5, "category": 50, "parent": None, "item": 500, "name": "?", "weight": None},
    tables.learnt_item: {
        "item": 1, "course": 5, "category": 50, "position": 1, "kind": "mod", "module": "assign", "instance": 11,
        "number": 0, "cmid": 21, "name": "Essay", "idnumber": "", "weight": None, "minimum": 0.0, "maximum": 100.0,
        "scale": None, "hidden": 0, "locked": 0,
    },
    tables.learnt_grade: {
        "item": 1, "user": ANN, "course": 5, "state": "graded", "raw": 80.0, "shown": "80.00", "percentage": "80.00 %",
        "letter": "B-", "feedback": "", "share": None, "hidden": 0, "locked": 0, "overridden": 0, "former": 0,
        "submitted": None, "graded": moment(2026, 11, 1), "changed_at": NOW,
    },
    tables.learnt_activity: {
        "module": "assign", "instance": 11, "course": 5, "cmid": 21, "name": "Essay", "opens": 0, "due": 0, "closes": 0,
        "maximum": 100.0,
    },
}  # fmt: skip
_KINDS = {Integer: pl.Int64, Float: pl.Float64, Text: pl.String}


def frame_of(table: Table, rows: list[Row]) -> pl.DataFrame:
    schema = {
        column.name: next(
            (kind for sql, kind in _KINDS.items() if isinstance(column.type, sql)), pl.Datetime("us", "UTC")
        )
        for column in table.columns
        if column.name != "site"
    }
    return pl.DataFrame([_USUAL[table] | row for row in rows], schema=schema, orient="row")


def total(course: int = 5, **changes: Any) -> Row:
    """The item of a whole course."""
    own = {"item": 100 * course, "course": course, "kind": "course", "module": "", "instance": 10 * course}
    return own | {"name": "", "category": None, "cmid": None} | changes


def learnt(
    *,
    items: list[Row] | None = None,
    grades: list[Row] | None = None,
    categories: list[Row] | None = None,
    courses: list[Row] | None = None,
    activities: list[Row] | None = None,
) -> Learnt:
    """One assignment with the grade of Ann, unless other rows are given, each laid over the usual one."""
    given = [{}] if items is None else items
    if not any(item.get("kind") == "course" for item in given):
        given = [*given, total()]
    return Learnt(
        courses=frame_of(tables.learnt_course, courses or [{}]),
        categories=frame_of(tables.learnt_category, [{}] if categories is None else [{}, *categories]),
        items=frame_of(tables.learnt_item, given),
        grades=frame_of(tables.learnt_grade, [{}] if grades is None else grades),
        activities=frame_of(tables.learnt_activity, activities or [{}]),
    )


def school(**given: list[Row]) -> Roster:
    """A school with class c1, its students ann, ben and cleo, and two terms; rows of a table stand for its own."""
    year = {"sourcedId": "y27", "title": "2026/27", "type": "schoolYear", "schoolYear": "2027"}
    year |= {"startDate": dt.date(2026, 8, 1), "endDate": dt.date(2027, 7, 31)}
    autumn = {"sourcedId": "t1", "title": "Autumn", "type": "term", "parentSourcedId": "y27", "schoolYear": "2027"}
    autumn |= {"startDate": dt.date(2026, 8, 1), "endDate": dt.date(2026, 12, 31)}
    spring = autumn | {"sourcedId": "t2", "title": "Spring"}
    spring |= {"startDate": dt.date(2027, 1, 1), "endDate": dt.date(2027, 7, 31)}
    rows: dict[str, list[Row]] = {
        "orgs": [{"sourcedId": "o1", "name": "Oak School", "type": "school"}],
        "academicSessions": [year, autumn, spring],
        "courses": [{"sourcedId": "co1", "title": "English", "orgSourcedId": "o1"}],
        "classes": [school_class("c1", "10A English")],
        "users": [
            {"sourcedId": each, "givenName": each.title(), "familyName": "Lee", "role": "student"}
            for each in ("ann", "ben", "cleo")
        ],
        "roles": [],
        "enrollments": [enrolled(each, "c1") for each in ("ann", "ben", "cleo")],
    } | given
    frames = {
        name: pl.DataFrame([{"line": number} | row for number, row in enumerate(rows[name], 2)], schema=table.schema)
        for name, table in TABLES.items()
    }
    return Roster(**frames, scope=Scope(frozenset(TABLES)))


def school_class(key: str, title: str, *terms: str) -> Row:
    own = {"sourcedId": key, "title": title, "courseSourcedId": "co1", "schoolSourcedId": "o1"}
    return own | {"termSourcedIds": list(terms) or ["y27"]}


def enrolled(user: str, group: str, **changes: Any) -> Row:
    own = {"sourcedId": f"{user}-{group}", "userSourcedId": user, "classSourcedId": group, "role": "student"}
    return own | changes


def known(*, courses: dict[int, str] | None = None, classes: dict[str, str] | None = None, zone: str = "UTC") -> Known:
    """Course 5 is that of class c1; accounts 101 to 103 are Ann, Ben and Cleo."""
    courses = courses or {5: "c1"}
    classes = classes or {"c1": "c1"}
    text = pl.String
    names = {ANN: "ann", BEN: "ben", CLEO: "cleo"}
    people = [(user, key, f"{key.title()} Lee", key) for user, key in names.items()]
    return Known(
        courses=pl.DataFrame(
            [(number, key, key) for number, key in courses.items()],
            schema={"course": pl.Int64, "key": text, "title": text},
            orient="row",
        ),
        people=pl.DataFrame(
            people, schema={"user": pl.Int64, "key": text, "name": text, "username": text}, orient="row"
        ),
        classes=pl.DataFrame(list(classes.items()), schema={"class": text, "course": text}, orient="row"),
        zone=zone,
    )


def wanted(
    data: Learnt | None = None, *, roster: Roster | None = None, who: Known | None = None, **rules: Any
) -> Wanted:
    """What the gradebook should hold."""
    return desired_gradebook(data or learnt(), GradeRules(**rules), who or known(), roster or school(), TODAY)


def rows(of: Wanted, kind: str) -> list[Row]:
    return of.book.frames[kind].to_dicts()


def only(of: Wanted, kind: str) -> Row:
    (row,) = rows(of, kind)
    return row


def codes(of: Any) -> list[str]:
    return sorted(each.code for each in of.findings)


def standing(*given_rows: Row) -> Gradebook:
    """Items of the school's own, with the ids s1, s2, …"""
    usual = {"class": "c1", "title": "Theirs", "description": None, "minimum": 0.0, "maximum": 100.0}
    rows = [usual | {"id": f"s{number}", "key": f"s{number}"} | row for number, row in enumerate(given_rows, 1)]
    return Gradebook({"line-item": pl.DataFrame(rows, schema=LINE_ITEMS, orient="row")})
