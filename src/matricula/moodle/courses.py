"""Courses of a site.

Traps that these calls respect: the site's front page is itself a course; `core_course_get_courses_by_field` fails
as a whole if one of several ids is missing, `core_course_get_courses` if one of them may not be entered; and
changing a course into a category that does not exist answers a warning *and moves it there*, after which
searching courses fails for everybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Required, TypedDict

from matricula.moodle.batches import fit
from matricula.moodle.errors import Refused
from matricula.moodle.family import Family
from matricula.moodle.plugin_calls import GET_SNAPSHOT
from matricula.moodle.row_warnings import RowWarning, warnings_of
from matricula.moodle.shapes import (
    Record,
    each_answered,
    inner,
    number,
    optional_number,
    optional_text,
    record,
    records,
    text,
)
from matricula.moodle.snapshot import Where, unpack

CourseField = Literal["id", "shortname", "idnumber", "category"]

_GET = "core_course_get_courses"
_FIND = "core_course_get_courses_by_field"
_CREATE = "core_course_create_courses"
_UPDATE = "core_course_update_courses"
_DELETE = "core_course_delete_courses"
_DUPLICATE = "core_course_duplicate_course"
_CATEGORIES = "core_course_get_categories"
_PER_LOOK_UP = 200
_FRONT_PAGE = "site"  # course format that only the site course has
_FRONT_PAGE_ID = 1
_CUSTOM = "customfield_"
#: Settings of a course that are told to those who may change it.
_SETTINGS = (
    "showgrades",
    "newsitems",
    "maxbytes",
    "showreports",
    "groupmode",
    "groupmodeforce",
    "enablecompletion",
    "hiddensections",
    "numsections",
    "forcetheme",
)


class CourseCustomField(TypedDict):
    """A custom field of a course, by its short name."""

    shortname: str
    value: str


class FormatOption(TypedDict):
    """An option of a course format."""

    name: str
    value: str


class _CourseValues(TypedDict, total=False):
    idnumber: str
    summary: str
    summaryformat: int
    format: str
    startdate: int
    enddate: int
    numsections: int
    visible: bool
    lang: str
    groupmode: int
    groupmodeforce: bool
    showgrades: bool
    newsitems: int
    enablecompletion: bool
    courseformatoptions: list[FormatOption]
    customfields: list[CourseCustomField]


class NewCourse(_CourseValues, total=False):
    """A course to be made; keys that are left out get the site's defaults.

    `shortname` and a non-empty `idnumber` are unique on the site. Names hold no HTML tags and 254
    (`shortname`: 255) characters. `startdate` and `enddate` are Unix times in seconds, 0 for no end.
    """

    fullname: Required[str]
    shortname: Required[str]
    categoryid: Required[int]


class CourseUpdate(_CourseValues, total=False):
    """Changes of a course; keys that are left out stay as they are."""

    id: Required[int]
    fullname: str
    shortname: str
    categoryid: int


@dataclass(frozen=True, slots=True)
class Course:
    """A course, as far as the token's user may see it.

    Args:
        category: id of its category.
        idnumber: `None` where the token's user may not see it (it needs moodle/course:update).
        visible: `None` where the token's user may not see it.
        start: Unix time in seconds.
        end: Unix time in seconds, 0 for no end.
        custom_fields: values by short name, as stored.
        settings: other settings by the name that the calls which set them use, those of the format among them; those
            that the token's user may not see are missing.
    """

    id: int
    shortname: str
    fullname: str
    category: int
    idnumber: str | None
    visible: bool | None
    format: str
    start: int
    end: int
    summary: str
    lang: str
    custom_fields: dict[str, str] = field(default_factory=dict)
    settings: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreatedCourse:
    """A course that was made."""

    id: int
    shortname: str


class Courses(Family):
    """Calls about courses."""

    def all(self) -> list[Course]:
        """Every course but the site's front page (`core_course_get_courses`), in one call.

        Raises:
            Refused: there is a course that the token's user may not enter; Moodle then tells of none.
            MoodleError: one of the tree.
        """
        if self._moodle.plugin.there:
            return self._snapshot(None)
        return _courses(records(self._moodle.read(_GET, {}), _GET), _GET)

    def find(self, by: CourseField, value: str | int) -> list[Course]:
        """Courses that have a value (`core_course_get_courses_by_field`); unknown ones are simply missing.

        Courses that the token's user may not see are missing too. An empty value finds nothing: Moodle would
        answer every course without an idnumber.
        """
        if value == "":
            return []
        answer = self._moodle.read(_FIND, {"field": by, "value": value})
        return _courses(inner(answer, "courses", _FIND), _FIND)

    def by_ids(self, ids: Iterable[int]) -> list[Course]:
        """Courses with these ids (`core_course_get_courses`), in as many calls as needed.

        Missing ones, and ones that the token's user may not enter, are simply absent.
        """
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return []
        if self._moodle.plugin.there:
            return self._snapshot({"id": wanted})
        parts = fit(wanted, self._moodle.form_fields, most=_PER_LOOK_UP)
        found = self._moodle.in_parallel([partial(self._by_ids, part) for part in parts])
        return [course for part in found for course in part]

    def _snapshot(self, where: Where | None) -> list[Course]:
        frame = self._moodle.plugin.snapshot("course", (), where)
        return [_course(_as_core_tells(row), GET_SNAPSHOT) for row in frame.rows(named=True)]

    def _by_ids(self, ids: Sequence[int]) -> list[Course]:
        try:
            return _courses(records(self._moodle.read(_GET, {"options": {"ids": ids}}), _GET), _GET)
        except Refused:
            if len(ids) == 1:
                return []
            middle = len(ids) // 2
            return self._by_ids(ids[:middle]) + self._by_ids(ids[middle:])

    def create(self, rows: Sequence[NewCourse]) -> list[CreatedCourse]:
        """Makes courses in one call: all or none (`core_course_create_courses`).

        Each takes Moodle some tens of milliseconds: 25 in a call is a good number. The new course gets a
        manual enrolment method which, by default, mails everybody enrolled.

        Raises:
            Refused: at least one row is wrong, for example a taken short name; none was made.
            InDoubt: fewer came back than were sent, or no answer came.
            MoodleError: one of the tree.
        """
        if not rows:
            return []
        came = records(self._moodle.write(_CREATE, {"courses": rows}), _CREATE, wrote=True)
        each_answered(rows, came, _CREATE)
        return [CreatedCourse(number(row, "id", _CREATE, wrote=True), text(row, "shortname")) for row in came]

    def custom_fields(self) -> list[str]:
        """Short names of the custom course fields that the token's user may see (`core_course_get_courses`).

        Moodle has no call that lists them, but tells all with every course, whether it has values or not; the front
        page is the one that every site has.
        """
        answer = self._moodle.read(_GET, {"options": {"ids": [_FRONT_PAGE_ID]}})
        return [text(each, "shortname") for row in records(answer, _GET) for each in _fields_of(row)]

    def duplicate(self, course: int, *, fullname: str, shortname: str, category: int) -> CreatedCourse:
        """Makes a course with the contents of another, without its people (`core_course_duplicate_course`).

        The copy has the settings and custom fields of the original, but no idnumber. Moodle keeps it hidden until
        its contents are there; then it is visible.

        Raises:
            Refused: the short name is taken, or there is no such course or category.
            InDoubt: no answer came.
            MoodleError: one of the tree.
        """
        values = {"courseid": course, "fullname": fullname, "shortname": shortname, "categoryid": category}
        options = [{"name": "users", "value": 0}]
        answer = self._moodle.write(_DUPLICATE, values | {"visible": 1, "options": options})
        row = record(answer, _DUPLICATE, wrote=True)
        return CreatedCourse(number(row, "id", _DUPLICATE, wrote=True), text(row, "shortname"))

    def update(self, rows: Sequence[CourseUpdate]) -> list[RowWarning]:
        """Changes courses in one call, each on its own (`core_course_update_courses`).

        Before a course is moved its category is asked for, because Moodle would answer a warning and leave
        the course in a category that does not exist.

        Returns:
            what went wrong with single courses, by `item_id`; such a course may be changed in part.

        Raises:
            Refused: a value is of the wrong form, or a category does not exist; none was changed.
            InDoubt: no answer came.
            MoodleError: one of the tree.
        """
        if not rows:
            return []
        self._require_categories({row["categoryid"] for row in rows if "categoryid" in row})
        return warnings_of(self._moodle.write(_UPDATE, {"courses": rows}), _UPDATE)

    def delete(self, ids: Sequence[int]) -> list[RowWarning]:
        """Deletes courses in one call, each on its own (`core_course_delete_courses`).

        They rest in their category's recycle bin for a week, where it is switched on.

        Returns:
            what went wrong with single courses, by `item_id`; all others are gone.
        """
        return warnings_of(self._moodle.write(_DELETE, {"courseids": ids}), _DELETE) if ids else []

    def _require_categories(self, ids: set[int]) -> None:
        if not ids:
            return
        criteria = [{"key": "ids", "value": ",".join(map(str, sorted(ids)))}]
        answer = self._moodle.read(_CATEGORIES, {"criteria": criteria, "addsubcategories": False})
        found = {number(row, "id", _CATEGORIES) for row in records(answer, _CATEGORIES)}
        if missing := sorted(ids - found):
            raise Refused(
                f"There is no category {', '.join(map(str, missing))}.",
                function=_UPDATE,
                errorcode="unknowncategory",
                where=_UPDATE,
                remedy="Plan again: the category was deleted since, or the token's user may not see it.",
            )


def _courses(rows: list[Record], function: str) -> list[Course]:
    return [_course(row, function) for row in rows if row.get("format") != _FRONT_PAGE]


def _course(row: Record, function: str) -> Course:
    visible = row.get("visible")
    return Course(
        id=number(row, "id", function),
        shortname=text(row, "shortname"),
        fullname=text(row, "fullname"),
        category=number(row, "categoryid", function),
        idnumber=optional_text(row, "idnumber"),
        visible=None if visible is None else bool(visible),
        format=text(row, "format"),
        start=optional_number(row, "startdate") or 0,
        end=optional_number(row, "enddate") or 0,
        summary=text(row, "summary"),
        lang=text(row, "lang"),
        custom_fields={text(item, "shortname"): text(item, "valueraw") for item in _fields_of(row)},
        settings=_settings(row),
    )


def _as_core_tells(row: Record) -> Record:
    """A course of a snapshot as `core_course_get_courses` tells it."""
    options = record(unpack(row, "formatoptions", GET_SNAPSHOT) or {}, GET_SNAPSHOT)
    custom = {name.removeprefix(_CUSTOM): each for name, each in row.items() if name.startswith(_CUSTOM)}
    told = {
        "forcetheme": row["theme"],
        "courseformatoptions": [{"name": name, "value": each} for name, each in options.items()],
        "customfields": [{"shortname": name, "valueraw": each} for name, each in custom.items()],
    }
    return {**row, **told}


def _fields_of(row: Record) -> list[Record]:
    fields = row.get("customfields")
    return [item for item in fields if isinstance(item, dict)] if isinstance(fields, list) else []


def _settings(row: Record) -> dict[str, int | str]:
    options = row.get("courseformatoptions")
    named = {text(item, "name"): item.get("value") for item in options or () if isinstance(item, dict)}
    told = {name: row[name] for name in _SETTINGS if name in row} | named
    return {name: _value(value) for name, value in told.items() if value is not None}


def _value(value: object) -> int | str:
    told = str(int(value)) if isinstance(value, bool) else str(value)
    return int(told) if told.lstrip("-").isdecimal() else told
