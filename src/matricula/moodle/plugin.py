"""Calls of the plugin local_matricula, for sites that have it.

Everything works without it. With it, many records are read with one call, enrolments have a method of their own,
and each row of a write gets an outcome of its own.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import polars as pl

from matricula.moodle.ahead import Ahead, Asked
from matricula.moodle.errors import AccessRefused, FunctionMissing
from matricula.moodle.family import Caller, Family
from matricula.moodle.plugin_calls import (
    COPY_COURSES,
    DELETE_COHORT_SYNCS,
    DELETE_GRADE_ITEMS,
    DELETE_LINKS,
    ENROL,
    GET_SITE,
    GET_SNAPSHOT,
    GET_STAMPS,
    MOVE_ENROLMENTS,
    OLDEST_VERSION,
    SAVE_COHORT_SYNCS,
    SAVE_COURSE_FIELDS,
    SAVE_GRADE_ITEMS,
    SAVE_GRADES,
    SAVE_LINKS,
    SILENCE,
    TAKE_ROLES,
    UNENROL,
    Kind,
)
from matricula.moodle.plugin_rows import (
    CohortSync,
    CourseCopy,
    CourseFields,
    CoursePerson,
    CourseRoleRow,
    GradeItemPlace,
    GradeItemRow,
    GradeRow,
    InstalledPlugin,
    Link,
    MethodEnrolment,
    MethodUnenrolment,
    Moved,
    Outcome,
    PluginSite,
    SiteRole,
    Written,
)
from matricula.moodle.shapes import (
    Record,
    each_answered,
    flag,
    number,
    optional_number,
    record,
    records,
    text,
)
from matricula.moodle.snapshot import Snapshot, Where, pack, read_snapshot, unpack

O = TypeVar("O", bound=Outcome)  # noqa: E741 - one letter, as type variables are

_READING = frozenset({GET_SITE, GET_SNAPSHOT})
_NONE: Mapping[str, Any] = {}


class Plugin(Family):
    """Calls of local_matricula.

    Every writing call takes its rows in one call of the site and answers one outcome a row, in their order: a row
    that cannot be done never stops the others. Rows that are done already are done. Some hundreds of rows in a call
    are a good number.

    Args:
        moodle: the client that makes the calls.
        wanted: whether the plugin may be used at all.
    """

    def __init__(self, moodle: Caller, *, wanted: bool = True) -> None:
        super().__init__(moodle)
        self.wanted = wanted
        self._lock = threading.RLock()
        self._about: PluginSite | None = None
        self._refused = False
        self._ahead: Ahead | None = None

    @property
    def in_service(self) -> bool:
        """Whether the token's service has the plugin's reading functions."""
        return self._moodle.site().functions >= _READING

    @property
    def refused(self) -> bool:
        """Whether the token's user was found not to be allowed to call it."""
        return self._refused

    @property
    def there(self) -> bool:
        """Whether the plugin is used: the service has its reading functions, and the token's user may call them.

        One that is older than `plugin_calls.OLDEST_VERSION` is not used: it lacks columns that are asked for.

        Raises:
            MoodleError: the site does not tell.
        """
        if not (self.wanted and self.in_service):
            return False
        if self._refused:
            return False
        try:
            return self.about().version >= OLDEST_VERSION
        except (AccessRefused, FunctionMissing):
            self._refused = True
            return False

    def offers(self, function: str) -> bool:
        """Whether one function of the plugin (of `plugin_calls.CALLS`) can be called."""
        return self.there and function in self._moodle.site().functions

    def about(self) -> PluginSite:
        """What the plugin tells of its site (`local_matricula_get_site`), asked once.

        Raises:
            AccessRefused: the token's user lacks local/matricula:synchronise.
            FunctionMissing: the site has no such plugin.
            NotMoodle: something else came.
            MoodleError: one of the tree.
        """
        with self._lock:
            if self._about is None:
                self._about = _site_of(record(self._moodle.read(GET_SITE, {}), GET_SITE))
            return self._about

    def stamps(self) -> dict[str, str]:
        """One text for each kind of record, which changes whenever a record of the kind does.

        Two equal texts mean that nothing changed between (`local_matricula_get_stamps`).

        Raises:
            NotMoodle: something else came.
            MoodleError: one of the tree.
        """
        found = unpack(record(self._moodle.read(GET_STAMPS, {}), GET_STAMPS), "stamps", GET_STAMPS)
        return {name: str(stamp) for name, stamp in record(found, GET_STAMPS).items()}

    def snapshot(self, kind: Kind, fields: Sequence[str] = (), where: Where | None = None) -> pl.DataFrame:
        """Records of one kind, with as many calls as they need (`local_matricula_get_snapshot`).

        Texts are as they were entered. Deleted accounts, the guest and the front page are left out. What the token's
        user may see otherwise does not count: who may synchronise sees everybody.

        Args:
            kind: kind of records.
            fields: the columns wanted (see `plugin_calls.COLUMNS`), in their order; none names all, with the profile
                fields and custom fields of the site.
            where: one column and the values it may have; all records where it is None.

        Returns:
            one row each, in the order of their ids; numbers are `Int64`, texts `String`.

        Raises:
            Refused: there is no such column.
            NotMoodle: something else than columns came.
            MoodleError: one of the tree.
        """
        return self.look(kind, fields, where).frame

    def look(self, kind: Kind, fields: Sequence[str] = (), where: Where | None = None) -> Snapshot:
        """The same with the site's time, for what depends on the moment."""
        found = self._ahead.find(kind, fields, where) if self._ahead else None
        return found or read_snapshot(self._moodle, kind, fields, where)

    @contextmanager
    def ahead(self, asked: Iterable[Asked]) -> Iterator[None]:
        """Meanwhile snapshots are read beside other work, and what is asked for is taken out of them.

        Nothing may be written to the site meanwhile. A site without the plugin is asked for nothing but what it is.

        Args:
            asked: what will be wanted, as far as that is known.
        """
        with Ahead(self._read_where_there, asked) as self._ahead:
            try:
                yield
            finally:
                self._ahead = None

    def _read_where_there(self, kind: Kind, fields: Sequence[str], where: Where | None) -> Snapshot | None:
        return read_snapshot(self._moodle, kind, fields, where) if self.there else None

    def missing(self, kind: Kind, ids: Iterable[int]) -> list[int]:
        """Those of some ids that no record of a kind has."""
        wanted = list(dict.fromkeys(ids))
        there = set(self.snapshot(kind, ["id"], {"id": wanted})["id"])
        return [key for key in wanted if key not in there]

    def role_of(self, role_id: int) -> SiteRole | None:
        """A role by its id; one that is not known is looked for once more, as it may be new."""
        for anew in (False, True):
            if anew:
                with self._lock:
                    self._about = None
            if found := next((role for role in self.about().roles if role.id == role_id), None):
                return found
        return None

    def enrol(self, rows: Sequence[MethodEnrolment]) -> list[Outcome]:
        """Makes enrolments or brings them to what is said (`local_matricula_enrol`). Nobody is mailed.

        Returns:
            one each, with the id of the enrolment. Codes: `nouser`, `nocourse`, `norole` (may not be given here),
            `noinstance` (the method is switched off in the course, or it has no manual enrolment), `noplugin` (no
            enrol_matricula, or switched off), `other` (the enrolment named is somebody else's or of another method),
            `failed`.

        Raises:
            InDoubt: no answer came, or another one.
            MoodleError: one of the tree.
        """
        return self._rows(ENROL, rows)

    def unenrol(self, rows: Sequence[MethodUnenrolment]) -> list[Outcome]:
        """Ends enrolments of a method (`local_matricula_unenrol`); those of other methods stay.

        Where it is the person's last one in the course, Moodle deletes their grades there. Somebody not enrolled is
        done. Raises as `enrol`.
        """
        return self._rows(UNENROL, rows)

    def take_roles(self, rows: Sequence[CourseRoleRow]) -> list[Outcome]:
        """Takes roles away that were given in a course by hand or by enrol_matricula (`local_matricula_take_roles`).

        A role that is not held is done. Raises as `enrol`.
        """
        return self._rows(TAKE_ROLES, rows)

    def move_enrolments(self, rows: Sequence[CoursePerson], *, preview: bool = False) -> list[Moved]:
        """Moves enrolments by hand to Matricula's own method, in place (`local_matricula_move_enrolments`).

        Status, dates, roles, groups and grades stay. Codes: `notmanual`, `nouser`, `nocourse`, `noplugin`,
        `noinstance`. Raises as `enrol`.

        Args:
            rows: who, in which course.
            preview: whether only to tell what would become of each.
        """
        found = self._answered(MOVE_ENROLMENTS, rows, {"preview": preview}, reads=preview)
        return [
            Moved(*_common(row), method=text(row, "from"), grades=optional_number(row, "grades") or 0) for row in found
        ]

    def save_grade_items(self, rows: Sequence[GradeItemRow]) -> list[Outcome]:
        """Makes and changes grade items that no activity has (`local_matricula_save_grade_items`).

        Returns:
            one each, with the id of the item. Codes: `nocourse`, `noitem`, `taken` (the ID number), `failed`. Raises as
            `enrol`.
        """
        return self._rows(SAVE_GRADE_ITEMS, rows)

    def delete_grade_items(self, rows: Sequence[GradeItemPlace]) -> list[Outcome]:
        """Deletes grade items that no activity has, with their grades (`local_matricula_delete_grade_items`)."""
        return self._rows(DELETE_GRADE_ITEMS, rows)

    def save_grades(self, rows: Sequence[GradeRow]) -> list[Written]:
        """Writes grades into items that no activity has (`local_matricula_save_grades`).

        Returns:
            one each, with the grade as it now stands. Codes: `nouser`, `noitem`, `notenrolled`, `locked`,
            `overridden` (a teacher changed it: it stays), `beyond` (more than the maximum, and the site does not
            allow that). Raises as `enrol`.
        """
        return [
            Written(*_common(row), grade=_grade(row.get("grade"))) for row in self._answered(SAVE_GRADES, rows, _NONE)
        ]

    def copy_courses(self, rows: Sequence[CourseCopy]) -> list[Outcome]:
        """Makes courses with the contents of another (`local_matricula_copy_courses`), some seconds each.

        Returns:
            one each, with the id of the new course. Codes: `nocourse` (the template), `nocategory`, `taken` (short name
            or ID number), `nofield`, `badvalue`, `failed`. Raises as `enrol`.
        """
        return self._rows(COPY_COURSES, rows)

    def save_links(self, rows: Sequence[Link]) -> list[Outcome]:
        """Makes meta-links (`local_matricula_save_links`); one that is there is done. Raises as `enrol`.

        Codes: `nocourse`, `noplugin` (enrol_meta is switched off), `failed`.
        """
        return self._rows(SAVE_LINKS, rows)

    def delete_links(self, rows: Sequence[Link]) -> list[Outcome]:
        """Ends meta-links (`local_matricula_delete_links`). Raises as `enrol`."""
        return self._rows(DELETE_LINKS, rows)

    def save_cohort_syncs(self, rows: Sequence[CohortSync]) -> list[Outcome]:
        """Lets cohorts enrol their members (`local_matricula_save_cohort_syncs`). Raises as `enrol`.

        Codes: `nocourse`, `nocohort`, `norole`, `nogroup`, `noplugin` (enrol_cohort is switched off), `failed`.
        """
        return self._rows(SAVE_COHORT_SYNCS, rows)

    def delete_cohort_syncs(self, rows: Sequence[CohortSync]) -> list[Outcome]:
        """Ends such enrolment (`local_matricula_delete_cohort_syncs`). Raises as `enrol`."""
        return self._rows(DELETE_COHORT_SYNCS, rows)

    def save_course_fields(self, rows: Sequence[CourseFields]) -> list[Outcome]:
        """Writes custom fields of courses (`local_matricula_save_course_fields`). Raises as `enrol`.

        Codes: `nocourse`, `nofield`, `badvalue`, `failed`. An option of a menu is named by its words.
        """
        return self._rows(SAVE_COURSE_FIELDS, rows)

    def silence(self, course_ids: Sequence[int]) -> list[Outcome]:
        """Switches off the welcome messages of manual enrolment in courses (`local_matricula_silence`)."""
        if not course_ids:
            return []
        answer = self._moodle.write(SILENCE, {"courseids": pack(list(course_ids))})
        return [Outcome(*_common(row)) for row in _outcomes(answer, course_ids, SILENCE)]

    def _rows(self, function: str, rows: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        return [Outcome(*_common(row)) for row in self._answered(function, rows, _NONE)]

    def _answered(
        self, function: str, rows: Sequence[Mapping[str, Any]], more: Mapping[str, Any], *, reads: bool = False
    ) -> list[Record]:
        if not rows:
            return []
        call = self._moodle.read if reads else self._moodle.write
        return _outcomes(call(function, {"rows": pack(list(rows)), **more}), rows, function, wrote=not reads)


def _outcomes(answer: Any, sent: Sequence[object], function: str, *, wrote: bool = True) -> list[Record]:
    told = unpack(record(answer, function, wrote=wrote), "outcomes", function, wrote=wrote)
    found = records(told, function, wrote=wrote)
    each_answered(sent, found, function)
    return found


def _common(row: Record) -> tuple[int | None, str, str]:
    """Id, code and words of an outcome."""
    told = text(row, "id")
    return int(told) if told.isdecimal() else None, text(row, "code"), text(row, "message")


def _grade(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def _site_of(answer: Record) -> PluginSite:
    plugins = record(unpack(answer, "plugins", GET_SITE) or {}, GET_SITE)
    settings = record(unpack(answer, "settings", GET_SITE) or {}, GET_SITE)
    return PluginSite(
        version=number(answer, "version", GET_SITE),
        release=text(answer, "release"),
        plugins={
            name: InstalledPlugin(number(record(told, GET_SITE), "version", GET_SITE), flag(told, "enabled"))
            for name, told in plugins.items()
        },
        roles=tuple(_role(row) for row in records(unpack(answer, "roles", GET_SITE), GET_SITE)),
        welcome=None if settings.get("welcome") is None else flag(settings, "welcome"),
        form_fields=_whole(settings, "maxinputvars"),
        session_seconds=_whole(settings, "sessiontimeout"),
    )


def _role(row: Record) -> SiteRole:
    key = number(row, "id", GET_SITE)
    return SiteRole(key, text(row, "shortname"), text(row, "archetype"), flag(row, "assignable"))


def _whole(settings: Record, name: str) -> int | None:
    return None if settings.get(name) is None else number(settings, name, GET_SITE)
