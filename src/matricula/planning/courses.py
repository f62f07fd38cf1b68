"""Courses: how classes of the roster and courses of the site are brought together and written."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

import polars as pl

from matricula.moodle import Course, CourseUpdate, Moodle, NewCourse
from matricula.planning.change import Change, changes_frame, to_json
from matricula.planning.difference import place_of
from matricula.planning.entity import Entity, Fields, Result, Row, Step
from matricula.planning.ground import Ground
from matricula.planning.rules import RULES
from matricula.roster import Finding

CREATE = Step("create courses", "core_course_create_courses", frozenset({"create"}), most=25, alone=True)
UPDATE = Step(
    "update courses",
    "core_course_update_courses",
    frozenset({"match", "update", "hide", "show"}),
    whole=False,
    most=25,
    alone=True,
)


class Courses(Entity):
    """Courses. Recognised by the profile's match field at first, by Moodle's id ever after."""

    kind = "course"
    table = "classes"
    create_only = frozenset({"shortname", "idnumber", "visible"})
    gone: ClassVar[Fields] = {"visible": 0}
    gone_action = "hide"
    back_action = "show"
    steps = (CREATE, UPDATE)

    def may_update(self, ground: Ground) -> bool:
        """Whether the profile keeps courses in step."""
        return ground.profile.courses.update

    def may_remove(self, ground: Ground) -> bool:
        """Whether courses of classes that are gone are hidden."""
        return ground.profile.courses.gone == "hide"

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Match classes with courses, make the others, and report those whose short name another course has."""
        del wanted
        ground.say("reading the courses")
        there = ground.moodle.courses.all()
        field = ground.profile.courses.match
        by: dict[str, dict[str, list[Course]]] = {"idnumber": defaultdict(list), "shortname": defaultdict(list)}
        for course in there:
            by["idnumber"][(course.idnumber or "").lower()].append(course)
            by["shortname"][course.shortname.lower()].append(course)
        taken = {number: key for key, number in ground.ledger(self.kind).select("key", "moodle_id").iter_rows()}
        rows: list[dict[str, Any]] = []
        for row in fresh.with_columns(place=place_of(self.table)).sort("key").iter_rows(named=True):
            found = next(iter(by[field].get(row[field].lower(), [])), None)
            clash = next(iter(by["shortname"].get(row["shortname"].lower(), [])), None)
            if found and taken.get(found.id, row["key"]) != row["key"]:
                ground.findings.append(_finding(row, "course-already-matched", found))
            elif found:
                taken[found.id] = row["key"]
                rows.append(_match(row, found, field))
            elif clash:
                ground.findings.append(_finding(row, "shortname-taken", clash))
            elif ground.profile.courses.create:
                rows.append(_create(row))
        return changes_frame(rows, kind=self.kind)

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Courses as they are now, their categories as keys where the ledger knows them."""
        keys = {moodle_id: key for key, moodle_id in records if moodle_id is not None}
        ledger = ground.ledger("category").select("moodle_id", "key")
        known = dict(ledger.filter(pl.col("moodle_id").is_not_null()).iter_rows())
        return {
            keys[course.id]: {
                "fullname": course.fullname,
                "shortname": course.shortname,
                "idnumber": course.idnumber or "",
                "category": known.get(course.category, f"#{course.category}"),
                "visible": int(bool(course.visible)),
                "startdate": course.start,
                "enddate": course.end,
            }
            for course in ground.moodle.courses.by_ids(list(keys))
        }

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names as they were last written."""
        del ground
        name = pl.col("written").str.json_path_match("$.fullname")
        return ledger.with_columns(name=name, course=name)

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_course_create_courses` or `core_course_update_courses`.

        An end date is refused without the start date beside it (`nostartdatenoenddate`).
        An unknown category is never sent: `core_course_update_courses` would leave the course in a category that
        does not exist.
        """
        del ground
        row = {name: value for name, value in change.after.items() if name != "category" and value is not None}
        if "enddate" in row and "startdate" not in row:
            row["startdate"] = change.written["startdate"]
        if "category" in change.after:
            row["categoryid"] = ids["category"][change.after["category"]]
        return row if step is CREATE else {"id": change.moodle_id} | row

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Create or update courses."""
        if step is CREATE:
            return [Result(moodle_id=made.id) for made in moodle.courses.create(cast("list[NewCourse]", rows))]
        refused = {
            told.item_id: f"{told.message} ({told.code})"
            for told in moodle.courses.update(cast("list[CourseUpdate]", rows))
        }
        return [Result(moodle_id=row["id"], refused=refused.get(row["id"], "")) for row in rows]

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Courses that carry the ID number and short name of one to be created."""
        found = {(course.idnumber, course.shortname): course.id for course in ground.moodle.courses.all()}
        marks = {change.number: (change.after["idnumber"], change.after["shortname"]) for change in changes}
        return {number: found[mark] for number, mark in marks.items() if mark in found}

    def references(self, change: Change) -> dict[str, str]:
        """The category, where the change sets one."""
        return {"category": change.after["category"]} if "category" in change.after else {}


def _create(row: dict[str, Any]) -> dict[str, Any]:
    """A new course; one whose school or year is unknown goes to the category for unsorted courses."""
    fields = to_json(json.loads(row["fields"]) | {"category": row["category"]})
    return {
        "action": "create",
        "key": row["key"],
        "name": row["name"],
        "course": row["name"],
        "after": fields,
        "written": fields,
        "origin": "made",
        "reason": "new class in the roster",
        "place": row["place"],
    }


def _match(row: dict[str, Any], found: Course, field: str) -> dict[str, Any]:
    """A course that was there is entered as it is; only its ID number is filled in where it has none.

    Its name, category and dates are the teachers' until the roster says something new.
    """
    after = {} if found.idnumber else {"idnumber": row["idnumber"]}
    return _create(row) | {
        "action": "match",
        "moodle_id": found.id,
        "before": to_json(dict.fromkeys(after, "")),
        "after": to_json(after),
        "written": row["fields"],
        "origin": "matched",
        "reason": f"matched by {'ID number' if field == 'idnumber' else 'short name'} with “{found.fullname}”",
    }


def _finding(row: dict[str, Any], code: str, other: Course) -> Finding:
    return RULES[code].finding(
        sourced_id=row["key"],
        line=row["line"],
        value=row["shortname"],
        told={"name": row["name"], "other": other.fullname, "id": other.id},
    )
