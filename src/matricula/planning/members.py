"""Places in groups, groupings and cohorts: one that was there before is matched and never taken away."""

import re
from abc import abstractmethod
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import ClassVar, cast

import polars as pl

from matricula.moodle import Membership as GroupPlace
from matricula.moodle import Moodle
from matricula.moodle.groups import Placement
from matricula.planning.change import GONE, Change, changes_frame
from matricula.planning.courses import Courses
from matricula.planning.difference import place_of
from matricula.planning.entity import Entity, Fields, Removal, Result, Row, Step
from matricula.planning.ground import Ground
from matricula.planning.standing import groupings_there, groups_there
from matricula.profiles.desired import Desired
from matricula.profiles.enrolment_frame import SEPARATOR


def key_part(place: int, parts: int) -> pl.Expr:
    """One part of a frame's keys, which have so many parts at most; the last one holds the rest."""
    return pl.col("key").str.splitn(SEPARATOR, parts).struct.field(f"field_{place}")


def of_readable_courses(absent: pl.DataFrame, course: pl.Expr, desired: Desired) -> pl.DataFrame:
    """Of the ledger's rows those of courses that no class that could not be read could want.

    Args:
        absent: the rows.
        course: their courses' keys.
        desired: what the site should hold.
    """
    courses = absent.select(course.alias("key")).unique()
    gone = Courses().truly_gone(courses, desired)["key"]
    return absent.filter(course.is_in(gone.implode()))


class Membership(Entity):
    """A place that a member has in a container.

    Class attributes:
        container: kind of record that it is a place in.
        member: kind of record that has it.
    """

    container: ClassVar[str]
    member: ClassVar[str]
    left_alone = frozenset({"matched"})
    doubled = True
    absence = "no longer wanted by the rules and the roster"

    @abstractmethod
    def rests_on(self) -> dict[str, pl.Expr]:
        """Kinds of records without which there is no place, with their keys in a frame of the keys of places."""

    @abstractmethod
    def ends(self, key: str) -> dict[str, str]:
        """The same for one key."""

    @abstractmethod
    def there(self, ground: Ground, containers: Mapping[str, int]) -> dict[str, int]:
        """Of containers, Moodle ids by key, those that are on the site."""

    @abstractmethod
    def read(self, ground: Ground, container_ids: Collection[int]) -> dict[int, set[int]]:
        """Ids of members by the id of the container; all of the containers are there."""

    def may_update(self, ground: Ground, fields: Fields) -> bool:
        """There is nothing to update."""
        del ground, fields
        return False

    def removal(self, ground: Ground, key: str, written: Fields) -> Removal | None:
        """Who should no longer have the place loses it."""
        del ground, key, written
        return Removal("remove", {GONE: True})

    def staying(self, ground: Ground, live: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Of the ledger's rows those that are left as they are although they are not wanted."""
        del ground
        return live.join(self.truly_gone(live, desired), on="key", how="anti")

    def lost(self, ground: Ground, known: pl.DataFrame) -> set[str]:
        """Places went with what was removed in Moodle and is made anew."""
        anew = [
            column.is_in(pl.Series(sorted(keys), dtype=pl.String).implode())
            for kind, column in self.rests_on().items()
            if (keys := ground.made_anew(kind))
        ]
        return set(known.filter(pl.any_horizontal(anew))["key"]) if anew else set()

    def vanishes_with(self, ground: Ground, key: str) -> bool:
        """Whether the plan takes the container, the member or what they belong to off the site."""
        return any(end in ground.leaving.get(kind, ()) for kind, end in self.ends(key).items())

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Give places to members that are there or come, in containers that are there or come."""
        del wanted
        for kind, column in self.rests_on().items():
            fresh = fresh.filter(column.is_in(ground.coming(kind).implode()))
        fresh = fresh.with_columns(place=place_of(self.table), written="fields", course="title")
        seen = pl.Series(list(self.observe(ground, [(key, None) for key in fresh["key"]])), dtype=pl.String)
        there = pl.col("key").is_in(seen.implode())
        old = fresh.filter(there).with_columns(after=pl.lit("{}"), origin=pl.lit("matched"))
        new = fresh.filter(~there).with_columns(after="fields")
        return pl.concat(
            [
                changes_frame(old, kind=self.kind, action="match", reason="has it already; left as it is"),
                changes_frame(new, kind=self.kind, action="create", reason="new in the roster"),
            ]
        )

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """The places that are there."""
        ends = {key: self.ends(key) for key, _ in records}
        members = ground.ids(self.member, {end[self.member] for end in ends.values()})
        known = ground.ids(self.container, {end[self.container] for end in ends.values()})
        containers = self.there(ground, known) if members else {}
        held = self.read(ground, list(containers.values())) if containers else {}
        return {
            key: {"member": True}
            for key, end in ends.items()
            if (container := containers.get(end[self.container])) is not None
            and members.get(end[self.member]) in held.get(container, ())
        }

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names of the member and the container as they were last written."""
        rests = self.rests_on()
        ends = ledger.with_columns(memberKey=rests[self.member], containerKey=rests[self.container])
        told = [
            _names_of(ground, kind).rename({"key": f"{end}Key", "name": f"{end}Name"})
            for end, kind in (("member", self.member), ("container", self.container))
        ]
        whole = ends.join(told[0], on="memberKey", how="left").join(told[1], on="containerKey", how="left")
        member, container = (pl.col(f"{end}Name").fill_null("?") for end in ("member", "container"))
        return whole.with_columns(
            name=pl.concat_str(member, pl.lit(" in "), container),
            person=pl.col("memberName") if self.member == "user" else pl.lit(None, pl.String),
        )

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Places that are there."""
        seen = self.observe(ground, [(change.key, None) for change in changes])
        return {change.number: None for change in changes if change.key in seen}

    def references(self, change: Change) -> dict[str, str]:
        """The member and the container."""
        ends = self.ends(change.key)
        return {kind: ends[kind] for kind in (self.member, self.container)}


def _names_of(ground: Ground, kind: str) -> pl.DataFrame:
    written = pl.col("written").str
    first, last = (written.json_path_match(f"$.{name}") for name in ("firstname", "lastname"))
    name = pl.concat_str(first, pl.lit(" "), last) if kind == "user" else written.json_path_match("$.name")
    return ground.ledger(kind).select("key", name=name)


def given_places(ground: Ground, membership: Membership, containers: Collection[str]) -> dict[str, set[int]]:
    """Moodle ids of those to whom Matricula gave a place, by the container's key."""
    held: dict[str, set[int]] = {key: set() for key in containers}
    rests = membership.rests_on()
    ours = (
        ground.ledger(membership.kind)
        .filter(~pl.col("removed") & (pl.col("origin") == "made"))
        .select(member=rests[membership.member], container=rests[membership.container])
        .filter(pl.col("container").is_in(pl.Series(list(containers), dtype=pl.String).implode()))
    )
    ids = ground.ids(membership.member, ours["member"])
    for member, container in ours.iter_rows():
        if member in ids:
            held[container].add(ids[member])
    return held


class GroupMembers(Membership):
    """People in groups of courses; Moodle takes only those who are enrolled in the course."""

    kind = "group-member"
    table = "enrollments"
    container = "group"
    member = "user"
    steps = (
        Step("put people into groups", "core_group_add_group_members", frozenset({"create"})),
        Step("take people out of groups", "core_group_delete_group_members", frozenset({"remove"})),
    )

    def rests_on(self) -> dict[str, pl.Expr]:
        """Person and group, and the enrolment and course without which the person is not in it."""
        user, course = key_part(0, 3), key_part(1, 3)
        enrolment = pl.concat_str(user, course, separator=SEPARATOR)
        return {"user": user, "group": key_part(1, 2), "enrolment": enrolment, "course": course}

    def ends(self, key: str) -> dict[str, str]:
        """Person, group, enrolment and course."""
        user, group = key.split(SEPARATOR, 1)
        enrolment = key.rsplit(SEPARATOR, 1)[0]
        return {"user": user, "group": group, "enrolment": enrolment, "course": group.split(SEPARATOR, 1)[0]}

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Not gone are those of whom person, class, or the row that puts them into it could not be read."""
        unread = desired.unreadable["enrolment"]
        half_read = [key.split(SEPARATOR, 1) for key in unread]
        kept = {
            "user": desired.unreadable["user"] | {user for user, course in half_read if not course},
            "course": {course for user, course in half_read if not user},
            "enrolment": unread,
        }
        rests = self.rests_on()
        for kind, keys in kept.items():
            absent = absent.filter(~rests[kind].is_in(pl.Series(sorted(keys), dtype=pl.String).implode()))
        return of_readable_courses(absent, rests["course"], desired)

    def there(self, ground: Ground, containers: Mapping[str, int]) -> dict[str, int]:
        """Groups that are on the site."""
        return {key: group.id for key, group in groups_there(ground, containers).items()}

    def read(self, ground: Ground, container_ids: Collection[int]) -> dict[int, set[int]]:
        """Members of groups."""
        ground.say(f"reading who is in {len(container_ids)} groups")
        return ground.moodle.groups.members(container_ids)

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_group_add_group_members` or `core_group_delete_group_members`."""
        del ground, step
        ends = self.ends(change.key)
        return {"groupid": ids["group"][ends["group"]], "userid": ids["user"][ends["user"]]}

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Put people into groups, or take them out."""
        add = step is self.steps[0]
        (moodle.groups.add_members if add else moodle.groups.remove_members)(cast("list[GroupPlace]", rows))
        return [Result() for _ in rows]

    def user_of(self, row: Row) -> Hashable:
        """The account, which no two calls under way may share."""
        return row["userid"]


class GroupingMembers(Membership):
    """Groups in groupings. Their keys are the group's own part, the course, and the grouping's own part."""

    kind = "grouping-member"
    table = "classes"
    container = "grouping"
    member = "group"
    steps = (
        Step("put groups into groupings", "core_group_assign_grouping", frozenset({"create"}), alone=True),
        Step("take groups out of groupings", "core_group_unassign_grouping", frozenset({"remove"}), alone=True),
    )

    def rests_on(self) -> dict[str, pl.Expr]:
        """Group, grouping and course."""
        group, course = key_part(0, 3), key_part(1, 3)
        return {
            "group": pl.concat_str(course, group, separator=SEPARATOR),
            "grouping": key_part(1, 2),
            "course": course,
        }

    def ends(self, key: str) -> dict[str, str]:
        """Group, grouping and course."""
        group, grouping = key.split(SEPARATOR, 1)
        course = grouping.split(SEPARATOR, 1)[0]
        return {"group": f"{course}{SEPARATOR}{group}", "grouping": grouping, "course": course}

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Not gone are those of classes that could not be read."""
        return of_readable_courses(absent, self.rests_on()["course"], desired)

    def staying(self, ground: Ground, live: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Groups that are not wanted and are left all the same stay where they are."""
        left = ground.ledger("group").filter(~pl.col("removed"))["key"]
        going = pl.Series(sorted(ground.leaving.get("group", ())), dtype=pl.String)
        group, wanted = self.rests_on()["group"], desired.parts["group"].frame["key"]
        stays = group.is_in(left.implode()) & ~group.is_in(wanted.implode()) & ~group.is_in(going.implode())
        return pl.concat([super().staying(ground, live, desired), live.filter(stays)]).unique("key")

    def removals(self, ground: Ground, gone: pl.DataFrame, desired: Desired) -> dict[str, Removal]:
        """Those that are left as they are are not taken out."""
        return super().removals(ground, gone.join(self.staying(ground, gone, desired), on="key", how="anti"), desired)

    def there(self, ground: Ground, containers: Mapping[str, int]) -> dict[str, int]:
        """Groupings that are on the site."""
        return {key: grouping.id for key, grouping in groupings_there(ground, containers).items()}

    def read(self, ground: Ground, container_ids: Collection[int]) -> dict[int, set[int]]:
        """Groups of groupings."""
        ground.say(f"reading {len(container_ids)} groupings")
        return ground.moodle.groups.of_groupings(container_ids)

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_group_assign_grouping` or `core_group_unassign_grouping`."""
        del ground, step
        ends = self.ends(change.key)
        return {"groupingid": ids["grouping"][ends["grouping"]], "groupid": ids["group"][ends["group"]]}

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Put groups into groupings, or take them out."""
        (moodle.groups.assign if step is self.steps[0] else moodle.groups.unassign)(cast("list[Placement]", rows))
        return [Result() for _ in rows]


class CohortMembers(Membership):
    """People in cohorts."""

    kind = "cohort-member"
    table = "users"
    container = "cohort"
    member = "user"
    steps = (
        Step("put people into cohorts", "core_cohort_add_cohort_members", frozenset({"create"}), whole=False),
        Step("take people out of cohorts", "core_cohort_delete_cohort_members", frozenset({"remove"})),
    )

    def rests_on(self) -> dict[str, pl.Expr]:
        """Person and cohort."""
        return {"user": key_part(0, 2), "cohort": key_part(1, 2)}

    def ends(self, key: str) -> dict[str, str]:
        """Person and cohort."""
        user, cohort = key.split(SEPARATOR, 1)
        return {"user": user, "cohort": cohort}

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Not gone are those who could not be read."""
        users = pl.Series(sorted(desired.unreadable["user"]), dtype=pl.String)
        return absent.filter(~self.rests_on()["user"].is_in(users.implode()))

    def there(self, ground: Ground, containers: Mapping[str, int]) -> dict[str, int]:
        """Cohorts that are on the site."""
        found = {cohort.id for cohort in ground.moodle.cohorts.by_ids(containers.values())}
        return {key: number for key, number in containers.items() if number in found}

    def read(self, ground: Ground, container_ids: Collection[int]) -> dict[int, set[int]]:
        """Members of cohorts."""
        ground.say(f"reading who is in {len(container_ids)} cohorts")
        return ground.moodle.cohorts.members(container_ids)

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_cohort_add_cohort_members` or `core_cohort_delete_cohort_members`."""
        del ground
        ends = self.ends(change.key)
        cohort, user = ids["cohort"][ends["cohort"]], ids["user"][ends["user"]]
        if step is not self.steps[0]:
            return {"cohortid": cohort, "userid": user}
        return {"cohorttype": {"type": "id", "value": cohort}, "usertype": {"type": "id", "value": user}}

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Put people into cohorts, or take them out. That somebody is in one already is as it should be."""
        if step is not self.steps[0]:
            moodle.cohorts.remove_members([(row["cohortid"], row["userid"]) for row in rows])
            return [Result() for _ in rows]
        pairs = [(row["cohorttype"]["value"], row["usertype"]["value"]) for row in rows]
        missing = {
            (told[1], int(told[2])): warning.message
            for warning in moodle.cohorts.add_members(pairs)
            if (told := _NOT_THERE.match(warning.message))
        }
        return [
            Result(refused=missing.get(("cohort", cohort)) or missing.get(("user", user), "")) for cohort, user in pairs
        ]

    def user_of(self, row: Row) -> Hashable:
        """The account, which no two calls under way may share."""
        return row["usertype"]["value"] if "usertype" in row else row["userid"]


#: Moodle's words, the same in every language, for what it left out of `core_cohort_add_cohort_members`.
_NOT_THERE = re.compile(r"(cohort|user) id=(\d+) not exists")
