"""Courses: how they are observed, written, copied and taken out of use."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast

import polars as pl

from matricula.moodle import Course, CourseUpdate, Moodle, NewCourse
from matricula.moodle.plugin_calls import COPY_COURSES
from matricula.planning import course_copies
from matricula.planning.as_written import compared, in_step_names, read
from matricula.planning.categories import id_of, keys_of, referred
from matricula.planning.change import GONE, Change, changes_frame
from matricula.planning.course_matching import TEMPLATE, Matching
from matricula.planning.custom_fields import warn_of_unknown
from matricula.planning.difference import place_of
from matricula.planning.entity import AsWritten, Entity, Fields, Known, Removal, Row, alike
from matricula.planning.ground import Ground
from matricula.planning.step import Result, Step
from matricula.profiles.categories import ARCHIVE
from matricula.profiles.class_frame import PAIR, SUBJECT, path_step
from matricula.profiles.desired import Desired
from matricula.profiles.fields import field_of
from matricula.profiles.meta_links import LONG_LIVED
from matricula.profiles.moodle_fields import COURSE_FIELDS, Write

CREATE = Step("create courses", "core_course_create_courses", frozenset({"create"}), most=25, alone=True)
COPY = Step(
    "copy courses",
    "core_course_duplicate_course",
    frozenset({"create"}),
    most=1,
    alone=True,
    packed=COPY_COURSES,
    most_packed=1,
)
FILL = Step("fill in copied courses", "core_course_update_courses", frozenset({"create"}), whole=False, alone=True)
UPDATE = Step(
    "update courses",
    "core_course_update_courses",
    frozenset({"match", "update", "hide", "show", "archive"}),
    whole=False,
    most=25,
    alone=True,
)
DELETE = Step("delete courses", "core_course_delete_courses", frozenset({"delete"}), whole=False, most=5, alone=True)

CUSTOM = "custom:"
_HIDDEN: Fields = {"visible": 0}
_TOLD = ("fullname", "shortname", "idnumber", "category", "visible", "startdate", "enddate")


class Courses(Entity):
    """Courses. Recognised by the profile's match field at first, by Moodle's id ever after."""

    kind = "course"
    stamps = ("course", "category")
    table = "classes"
    gone: ClassVar[Fields] = _HIDDEN
    gone_action = "hide"
    back_action = "show"
    as_found = True
    steps = (CREATE, COPY, FILL, UPDATE, DELETE)
    identity = ("idnumber", "shortname")

    def may_update(self, ground: Ground, fields: Fields) -> bool:
        """Whether the profile keeps courses in step."""
        del fields
        return ground.profile.courses.update

    def removal(self, ground: Ground, key: str, written: Fields) -> Removal | None:
        """What the profile does to courses of classes that are gone."""
        del written
        if key.startswith(LONG_LIVED):
            return None
        return {
            "leave": None,
            "hide": Removal("hide", _HIDDEN),
            "archive": Removal("archive", _HIDDEN | {"category": ARCHIVE}),
            "delete": Removal("delete", {GONE: True}),
        }[ground.profile.courses.gone]

    def writes(self, ground: Ground) -> Mapping[str, Write]:
        """How each field is written: as the profile says, else as the field is by default."""
        mapped = ground.profile.courses.mapped(ground.profile.basis)
        visible: dict[str, Write] = {"visible": "create-only"}
        return visible | {name: field_of(name, COURSE_FIELDS).way(each.write) for name, each in mapped.items()}

    def steady(self, seen: Fields) -> Fields:
        """Without the end date where the course's format works it out: courses in weeks do by default."""
        return {name: value for name, value in seen.items() if name != "enddate" or not seen.get("automaticenddate")}

    def is_uncertain(self, name: str) -> bool:
        """Prose, custom fields and options, which Moodle may keep in a form of its own."""
        return name not in _TOLD

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Courses that no class wants, and none that could not be read could want.

        Of a class that could not be read nobody knows the subject, and so the course with basis `subject`.
        """
        unreadable = desired.unreadable[self.kind]
        held = pl.Series([*unreadable, *map(path_step, unreadable)], dtype=pl.String)
        key = pl.col("key")
        of_pair = key.str.split(PAIR).list.first().is_in(held.implode()) & key.str.contains(PAIR, literal=True)
        of_subject = key.str.starts_with(SUBJECT) & pl.lit(any(not each.startswith(SUBJECT) for each in unreadable))
        return absent.filter(~key.is_in(held.implode()) & ~of_pair & ~of_subject)

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Match classes with courses, make the others, and report those that cannot be either."""
        del wanted
        ground.say("reading the courses")
        there = ground.moodle.courses.all()
        _warn_of_fields(ground)
        known = keys_of(ground)
        rows = fresh.with_columns(place=place_of(self.table)).sort("key").iter_rows(named=True)
        matching = Matching(ground, there, self.writes(ground))
        seen = {course.id: _seen(course, known) for course in there}
        return changes_frame(matching.changes(rows, seen), kind=self.kind)

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Courses as they are now, their categories as keys where the ledger knows them."""
        keys = {moodle_id: key for key, moodle_id in records if moodle_id is not None}
        known = keys_of(ground)
        if keys and ground.run is None:
            _warn_of_fields(ground)
        return {keys[course.id]: _seen(course, known) for course in ground.moodle.courses.by_ids(list(keys))}

    def as_written(self, ground: Ground, rows: pl.DataFrame) -> AsWritten:
        """Courses that hold what was written, by one call of the plugin."""
        gone = ("visible", "category")
        names = dict.fromkeys((*in_step_names(rows, self.marks, self.writes(ground)), *gone))
        columns = course_columns((*names, *self.identity))
        if len(columns) < len({*names, *self.identity}):
            return AsWritten()  # an option of the course's format, which the plugin tells in a form of its own
        known = keys_of(ground)

        def told(frame: pl.DataFrame) -> pl.DataFrame:
            return frame.select("id", *(_as_told(name, column, known) for name, column in columns.items()))

        seen = read(ground, "course", columns.values(), rows["moodle_id"].drop_nulls().to_list(), told)
        return AsWritten() if seen is None else compared(rows, seen, names, self.identity)

    def needs(self, rows: pl.DataFrame) -> dict[str, Collection[str]]:
        """The categories that they are put into."""
        return {"category": set(rows["category"].drop_nulls()) - {""}} if "category" in rows.columns else {}

    def is_same(self, ground: Ground, known: Known, seen: Fields) -> bool:
        """Whether it is the course that it was.

        A course that was matched may have nothing of the roster but its full name; of one that Matricula made that
        says nothing, since classes may bear the same.
        """
        names = self.identity
        whole = known.origin == "matched" or not any(each.get(name) for each in known.fields for name in names)
        return alike((*names, "fullname") if whole else names, known, seen, strict=ground.restore)

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names as they were last written."""
        del ground
        name = pl.col("written").str.json_path_match("$.fullname")
        return ledger.with_columns(name=name, course=name)

    def serves(self, step: Step, change: Change) -> bool:
        """A course that is copied needs two calls, since a copy has neither its own ID number nor its own dates."""
        if change.action == "create" and step in (COPY, FILL):
            return TEMPLATE in change.after
        return super().serves(step, change) and TEMPLATE not in change.after

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of the call.

        An end date is refused without the start date beside it (`nostartdatenoenddate`).
        An unknown category is never sent: `core_course_update_courses` would leave the course in a category that
        does not exist.
        """
        if step is DELETE:
            return {"id": change.moodle_id}
        after = change.after
        row = _values({name: value for name, value in after.items() if name not in ("category", TEMPLATE)})
        if "category" in after:
            row["categoryid"] = id_of(ground, after["category"], ids.get("category", {}))
        if step is CREATE:
            return row
        if step is COPY:
            copied = course_copies.row_of(row, whole=step.is_packed(ground.moodle))
            return {"course": _id_of(ground.moodle, after[TEMPLATE])} | copied
        if step is FILL:
            return {"id": _id_of(ground.moodle, row.pop("shortname"))} | row
        if "enddate" in row and "startdate" not in row:
            row["startdate"] = self._start(ground, change)
        return {"id": change.moodle_id} | row

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Create, copy, update or delete courses."""
        if step is CREATE:
            created = moodle.courses.create(cast("list[NewCourse]", rows))
            course_copies.silence(moodle, [made.id for made in created])
            return [Result(moodle_id=made.id) for made in created]
        if step is COPY:
            return [course_copies.copied(moodle, row, by_plugin=step.is_packed(moodle)) for row in rows]
        numbers = [row["id"] for row in rows]
        warnings = (
            moodle.courses.delete(numbers)
            if step is DELETE
            else moodle.courses.update(cast("list[CourseUpdate]", rows))
        )
        refused = {told.item_id: f"{told.message} ({told.code})" for told in warnings}
        return [Result(moodle_id=number, refused=refused.get(number, "")) for number in numbers]

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Courses that carry the ID number and short name of one to be created; a copy gets its number at last."""
        found = {(course.idnumber, course.shortname): course for course in ground.moodle.courses.all()}
        marks = {change.number: (change.after["idnumber"], change.after["shortname"]) for change in changes}
        copied = {change.number for change in changes if TEMPLATE in change.after}
        return {
            number: found[mark].id
            for number, mark in marks.items()
            if mark in found and (mark[0] or number not in copied)
        }

    def references(self, change: Change) -> dict[str, str]:
        """The category, where the change sets one."""
        return referred(change.after.get("category", ""))

    def _start(self, ground: Ground, change: Change) -> int:
        """The start date that goes with a new end date: the roster's, or the teachers' where it is theirs."""
        if self.writes(ground).get("startdate", "in-step") == "in-step":
            return int(change.written["startdate"])
        return next(course.start for course in ground.moodle.courses.by_ids([change.moodle_id or 0]))


def _warn_of_fields(ground: Ground) -> None:
    mapped = ground.profile.courses.custom_fields
    if mapped:
        warn_of_unknown(ground, "course", mapped, ground.moodle.courses.custom_fields())


def _seen(course: Course, known: Mapping[int, str]) -> Fields:
    """What the site tells of a course, by the names that profiles give fields."""
    custom = {f"{CUSTOM}{name}": value for name, value in course.custom_fields.items()}
    return {
        **course.settings,
        **custom,
        "fullname": course.fullname,
        "shortname": course.shortname,
        "idnumber": course.idnumber or "",
        "category": known.get(course.category, f"#{course.category}"),
        "visible": int(bool(course.visible)),
        "startdate": course.start,
        "enddate": course.end,
        "summary": course.summary,
        "format": course.format,
        "lang": course.lang,
    }


#: Columns of the plugin that have the names of fields.
_PLAIN = ("fullname", "shortname", "idnumber", "summary", "format", "lang", "visible", "startdate", "enddate")


def course_columns(names: Iterable[str]) -> dict[str, str]:
    """The plugin's columns for fields of courses, by the profile's names; those it tells otherwise are left out."""
    return {name: column for name in names if (column := _column(name))}


def _column(name: str) -> str:
    """The plugin's name for a field of a course; empty where it has none that can be compared as it is."""
    if name.startswith(CUSTOM):
        return f"customfield_{name.removeprefix(CUSTOM)}"
    return "categoryid" if name == "category" else name if name in _PLAIN else ""


def _as_told(name: str, column: str, known: Mapping[int, str]) -> pl.Expr:
    """A field in the form that `_seen` gives it."""
    told = pl.col(column)
    if name == "category":
        foreign = pl.concat_str(pl.lit("#"), told.cast(pl.String))
        told = told.replace_strict(known, default=foreign, return_dtype=pl.String) if known else foreign
    elif name in ("visible", "startdate", "enddate"):
        told = told.fill_null(0)
    else:
        told = told.fill_null("")
    return told.alias(name)


def _values(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the calls take them: options of the format and custom fields in lists of their own."""
    row: dict[str, Any] = {}
    for name, value in fields.items():
        if value is None:
            continue
        if name.startswith(CUSTOM):
            row.setdefault("customfields", []).append({"shortname": name.removeprefix(CUSTOM), "value": value})
        elif field_of(name, COURSE_FIELDS).option:
            row.setdefault("courseformatoptions", []).append({"name": name, "value": str(value)})
        else:
            row[name] = value
    return row


def _id_of(moodle: Moodle, shortname: str) -> int:
    """The id of a course by its short name; 0, which Moodle refuses by name, where there is none."""
    return next((course.id for course in moodle.courses.find("shortname", shortname)), 0)
