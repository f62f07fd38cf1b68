"""Enrolments: who is in which course as what."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast

import polars as pl

from matricula.moodle import Assignment, CourseEnrolment, CoursePerson, Enrolment, Moodle, Unenrolment, plugin_calls
from matricula.planning import own_method
from matricula.planning.change import GONE, Change, changes_frame
from matricula.planning.difference import place_of
from matricula.planning.enrolment_look import enrolments_as_written
from matricula.planning.enrolment_matching import back_again, left_as_it_is, matched_with, tell_of_many
from matricula.planning.entity import AsWritten, Entity, Fields, Removal, Row
from matricula.planning.ground import Ground, to_be_adopted
from matricula.planning.step import Result, Step
from matricula.profiles.desired import Desired
from matricula.profiles.enrolment_frame import SEPARATOR

ENROL = Step(
    "write enrolments",
    "enrol_manual_enrol_users",
    frozenset({"create", "update", "suspend", "revive"}),
    most=300,
    packed=plugin_calls.ENROL,
)
UNASSIGN = Step(
    "take old roles away",
    "core_role_unassign_roles",
    frozenset({"update", "revive", "suspend"}),
    packed=plugin_calls.TAKE_ROLES,
)
UNENROL = Step("end enrolments", "enrol_manual_unenrol_users", frozenset({"unenrol"}), packed=plugin_calls.UNENROL)
MOVE = Step(
    "move enrolments to the own method",
    plugin_calls.MOVE_ENROLMENTS,
    frozenset({"move"}),
    packed=plugin_calls.MOVE_ENROLMENTS,
)

_SUSPENDED: Fields = {"suspended": True}
#: What is done to an enrolment that left the roster, by the profile's word for it.
_REMOVALS = {
    "keep": None,
    "suspend": Removal("suspend", _SUSPENDED),
    "suspend-without-roles": Removal("suspend", {**_SUSPENDED, "role": ""}),
    "unenrol": Removal("unenrol", {GONE: True}),
}


class Enrolments(Entity):
    """Enrolments. Those that were there before are remembered as matched and never removed.

    Moodle's web services do not tell by which method somebody is enrolled, so an enrolment that Matricula did not
    make may be a teacher's own. Where the site has the plugins, Matricula's are of a method of their own.
    """

    kind = "enrolment"
    table = "enrollments"
    gone: ClassVar[Fields] = _SUSPENDED
    gone_action = "suspend"
    back_action = "revive"
    left_alone = frozenset({"matched"})
    sent_along = frozenset({"suspended", *own_method.DATES})
    doubled = True
    makes = frozenset({"create", "move"})
    stamps = ("enrolment", "role")
    steps = (ENROL, UNASSIGN, UNENROL, MOVE)

    def may_update(self, ground: Ground, fields: Fields) -> bool:
        """Roles and dates follow the roster always."""
        del ground, fields
        return True

    def removal(self, ground: Ground, key: str, written: Fields) -> Removal | None:
        """Left, suspended, suspended and its role taken away, or ended with all grades."""
        del key, written
        return _REMOVALS[ground.profile.enrolments.gone]

    def needs(self, rows: pl.DataFrame) -> dict[str, Collection[str]]:
        """Accounts and courses."""
        pair = rows["key"].str.splitn(SEPARATOR, 2).struct
        users, courses = (pair.field(f"field_{place}").drop_nulls().unique().to_list() for place in (0, 1))
        return {"user": set(users), "course": set(courses)}

    def vanishes_with(self, ground: Ground, key: str) -> bool:
        """Whether the plan deletes the course."""
        return key.split(SEPARATOR, 1)[1] in ground.leaving.get("course", ())

    def lost(self, ground: Ground, known: pl.DataFrame) -> set[str]:
        """Enrolments went with an account or a course that was removed in Moodle.

        So did those that were ended: where somebody has enrolled the person again since, that is not ours. Those
        that are there with an account or course that came back under another id are what they were.
        """
        users, courses = (pl.Series(list(ground.made_anew(kind)), dtype=pl.String) for kind in ("user", "course"))
        gone = pl.col("user").is_in(users.implode()) | pl.col("course").is_in(courses.implode())
        ended = known.filter("removed").filter(pl.col("written").str.json_path_match(f"$.{GONE}") == "true")["key"]
        went = dict(known.filter(gone & ~pl.col("key").is_in(ended.implode())).select("key", "moodle_id").iter_rows())
        found = self._read(ground, went) if went else {}
        there = {key for key, seen in found.items() if own_method.is_there(seen, went[key], ground.moodle)}
        return {*(went.keys() - there), *ended, *to_be_adopted(ground, known)}

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Enrolments are not gone whose person or course, or whose row of either of them, could not be read."""
        pair = pl.col("key").str.splitn(SEPARATOR, 2).struct
        half_read = [key.split(SEPARATOR, 1) for key in desired.unreadable[self.kind]]
        if ["", ""] in half_read:
            return absent.clear()
        anywhere = {user for user, course in half_read if not course}
        anybody = {course for user, course in half_read if not user}
        users = pl.Series(sorted(desired.unreadable["user"] | anywhere), dtype=pl.String)
        courses = pl.Series(sorted(desired.unreadable["course"] | anybody), dtype=pl.String)
        return (
            super()
            .truly_gone(absent, desired)
            .filter(~pair.field("field_0").is_in(users.implode()) & ~pair.field("field_1").is_in(courses.implode()))
        )

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Enrol people who have or get an account in courses that exist or are made.

        Enrolments that begin before `enrolments.since` are entered only where a manual run asks for them, or where
        the ledger held them before.
        """
        fresh = fresh.filter(
            pl.col("user").is_in(ground.coming("user").implode())
            & pl.col("course").is_in(ground.coming("course").implode())
            & (~pl.col("early") | _known_or_asked_for(ground))
        ).with_columns(place=place_of(self.table), written="fields", course_name="title")
        found = self._read(ground, fresh["key"])
        seen = {key: _as_found(each, ground) for key, each in found.items()}
        back = back_again(ground, found)
        old = pl.Series(list(seen), dtype=pl.String)
        there = fresh.filter(pl.col("key").is_in(old.implode()))
        new = fresh.filter(~pl.col("key").is_in(old.implode())).with_columns(course="title", after="fields")
        rows = [(row, seen[row["key"]]) for row in there.iter_rows(named=True) if row["key"] not in back]
        ground.findings.extend(finding for row, each in rows if (finding := left_as_it_is(row, each)))
        known = to_be_adopted(ground, ground.ledger(self.kind))
        matched = [
            matched_with(ground, row, each, found[row["key"]])
            for row, each in rows
            if row["key"] not in known or left_as_it_is(row, each) is None
        ]
        tell_of_many(ground, matched, wanted.height)
        matched += [row | back[row["key"]] for row in there.iter_rows(named=True) if row["key"] in back]
        return pl.concat(
            [
                changes_frame(matched, kind=self.kind),
                changes_frame(new, kind=self.kind, action="create", reason="new in the roster"),
            ]
        )

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Role and suspension of the enrolments that are on the site: by any method, or just that with the id."""
        numbers = dict(records)
        found = self._read(ground, numbers)
        remembered = self._remembered(ground, list(found))
        return {
            key: _seen(each, remembered.get(key, {}), ground, own=numbers[key] is not None)
            for key, each in found.items()
            if own_method.is_there(each, numbers[key], ground.moodle)
        }

    def as_written(self, ground: Ground, rows: pl.DataFrame) -> AsWritten:
        """Enrolments that are as they were written, by one call of the plugin."""
        return enrolments_as_written(ground, rows)

    def _read(self, ground: Ground, keys: Iterable[str]) -> dict[str, CourseEnrolment]:
        pairs = {key: tuple(key.split(SEPARATOR, 1)) for key in keys}
        users = ground.ids("user", {user for user, _ in pairs.values()})
        courses = ground.ids("course", {course for _, course in pairs.values()})
        known = {
            (courses[course], users[user]): key
            for key, (user, course) in pairs.items()
            if user in users and course in courses
        }
        concerned = sorted({course for course, _ in known})
        if concerned:
            ground.say(f"reading who is in {len(concerned)} courses")
            # Moodle refuses to tell of a course that is not there, and the others would go unread with it.
            concerned = own_method.courses_there(ground.moodle, concerned)
        return {
            known[seen.course_id, seen.user_id]: seen
            for seen in ground.moodle.enrolments.of_courses(concerned)
            if (seen.course_id, seen.user_id) in known
        }

    def _remembered(self, ground: Ground, keys: list[str]) -> dict[str, Fields]:
        ledger = ground.ledger(self.kind).filter(pl.col("key").is_in(pl.Series(keys, dtype=pl.String).implode()))
        return {key: json.loads(written) for key, written in ledger.select("key", "written").iter_rows()}

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names of the person and the course as they were last written."""
        pair = pl.col("key").str.splitn(SEPARATOR, 2).struct
        written = pl.col("written").str
        users = ground.ledger("user").select(
            user="key",
            person=pl.concat_str(
                written.json_path_match("$.firstname"), pl.lit(" "), written.json_path_match("$.lastname")
            ),
        )
        courses = ground.ledger("course").select(class_key="key", course=written.json_path_match("$.fullname"))
        return (
            ledger.with_columns(user=pair.field("field_0"), class_key=pair.field("field_1"))
            .join(users, on="user", how="left")
            .join(courses, on="class_key", how="left")
            .with_columns(
                name=pl.concat_str(pl.col("person").fill_null("?"), pl.lit(" in "), pl.col("course").fill_null("?"))
            )
        )

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `enrol_manual_enrol_users`, `enrol_manual_unenrol_users` or `core_role_unassign_roles`.

        Dates are always sent where the profile or the enrolment has them: those left out become 0 and erase what was
        there. Moodle suspends nobody without giving a role, so that roles are taken away after that. Where the site has
        the plugin, or the enrolment is of the own method, `method` and `id` say which enrolment is meant.
        """
        user, course = change.key.split(SEPARATOR, 1)
        pair = {"userid": ids["user"][user], "courseid": ids["course"][course]}
        if step is MOVE:
            return pair
        method = own_method.method_of(ground, change)
        if step is UNENROL:
            return pair | method
        if step is UNASSIGN:
            role = ground.role_id(self._given(ground, change))
            place = {"userid": pair["userid"], "contextlevel": "course", "instanceid": pair["courseid"]}
            return {"roleid": role, **place, **method}
        now = {**change.written, **change.before, **change.after}
        role = ground.role_id(change.written["role"] or self._given(ground, change))
        row = {"roleid": role, **pair, **method}
        row |= {name: now[name] for name in own_method.DATES if now.get(name)}
        if change.action != "create" or now["suspended"]:
            row["suspend"] = int(now["suspended"])
        return row

    def _given(self, ground: Ground, change: Change) -> str:
        """The role that the person had by us; any where that is taken away, since Moodle enrols nobody without one."""
        before = str(change.before.get("role", ""))
        if before and "," not in before:
            return before
        remembered = str(self._remembered(ground, [change.key])[change.key]["role"])
        return remembered or next(iter(ground.profile.enrolments.roles.values()))

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Enrol, unenrol, take roles away, or move enrolments to the own method."""
        if step.is_packed(moodle):
            return _PACKED[step.name](moodle, rows)
        plain, results = own_method.without_plugin(rows)
        if step is UNASSIGN:
            moodle.roles.unassign(cast("list[Assignment]", plain))
        elif step is UNENROL:
            moodle.enrolments.unenrol(cast("list[Unenrolment]", plain))
        elif step is MOVE:
            moodle.plugin.move_enrolments(cast("list[CoursePerson]", plain))
        else:
            moodle.enrolments.enrol(cast("list[Enrolment]", plain))
        return results

    def serves(self, step: Step, change: Change) -> bool:
        """Old roles are taken away where the role changed and the old one was just the one we gave, or none is left."""
        if step is not UNASSIGN or change.action not in step.actions:
            return super().serves(step, change)
        if change.action == "suspend":
            return bool(change.after) and change.written["role"] == ""
        old = change.before.get("role", "")
        return "role" in change.after and old != "" and "," not in old

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Enrolments that are on the site with the role that was to be given, and those moved to the own method.

        Where new ones are made by the own method, one by another is somebody else's.
        """
        found = self._read(ground, [change.key for change in changes])
        own_now = own_method.makes_own(ground.moodle)
        made: dict[int, int | None] = {}
        for change in changes:
            seen = found.get(change.key)
            if seen is None:
                continue
            moved = change.action == "move"
            own = seen.own.id if seen.own and (own_now or moved) else None
            given = moved or ground.role_id(change.after["role"]) in {role.id for role in seen.roles}
            if given and (own is not None or not (own_now or moved)):
                made[change.number] = own
        return made

    def references(self, change: Change) -> dict[str, str]:
        """The person's account and the course."""
        user, course = change.key.split(SEPARATOR, 1)
        return {"user": user, "course": course}

    def user_of(self, row: Row) -> Any:
        """The account, which no two calls under way may share."""
        return row["userid"]


_PACKED = {
    ENROL.name: own_method.enrol,
    UNASSIGN.name: own_method.take_roles,
    UNENROL.name: own_method.unenrol,
    MOVE.name: own_method.move,
}


def _known_or_asked_for(ground: Ground) -> pl.Expr:
    if ground.profile.enrolments.since is None:
        return pl.lit(value=True)
    people, courses = (pl.Series(sorted(keys), dtype=pl.String) for keys in (ground.only.people, ground.only.courses))
    asked_for = pl.col("user").is_in(people.implode()) | pl.col("course").is_in(courses.implode())
    return asked_for | pl.col("key").is_in(ground.ledger(Enrolments.kind)["key"].implode())


def _roles(seen: CourseEnrolment, ground: Ground) -> dict[int, str]:
    """The roles of a person in a course by id, in the profile's words (short name or id) where it has any."""
    words = {ground.role_id(word): word for word in ground.profile.enrolments.roles.values()}
    return {role.id: words.get(role.id, role.shortname) for role in seen.roles}


def _as_found(seen: CourseEnrolment, ground: Ground) -> Fields:
    """All that can be known of an enrolment that Matricula did not make."""
    return {"role": ",".join(sorted(_roles(seen, ground).values())), "suspended": seen.suspended}


def _seen(seen: CourseEnrolment, remembered: Fields, ground: Ground, *, own: bool) -> Fields:
    """What can be known of an enrolment: the role that Matricula gave (others may have been added by hand).

    Moodle shows one whose dates lie in the future or past as it shows a suspended one, so that of an enrolment with
    dates its suspension cannot be told; but of one of the own method the plugin tells all.
    """
    roles = _roles(seen, ground)
    given = remembered.get("role")
    ours = roles.get(ground.role_id(given)) if given else None
    fields: Fields = {"role": ours or ",".join(sorted(roles.values()))}
    if own and seen.own is not None:
        return fields | own_method.own_fields(seen, remembered)
    dated = remembered.get("timestart") or remembered.get("timeend")
    return fields if dated else fields | {"suspended": seen.suspended}
