"""Who is in which group and cohort, and which group is in which grouping."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import polars as pl

from matricula.moodle import Membership as GroupPlace
from matricula.moodle import Moodle
from matricula.moodle.groups import Placement
from matricula.planning.change import Change
from matricula.planning.entity import Removal, Row
from matricula.planning.ground import Ground
from matricula.planning.membership import Membership, key_part, of_readable_courses
from matricula.planning.standing import groupings_there, groups_there
from matricula.planning.step import Result, Step
from matricula.profiles.desired import Desired
from matricula.profiles.enrolment_frame import SEPARATOR


class GroupMembers(Membership):
    """People in groups of courses; Moodle takes only those who are enrolled in the course."""

    kind = "group-member"
    stamps = ("group-member", "group")
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

    def follow(self, key: str, replaced: Mapping[str, str]) -> str:
        """The same person in the group by its new key."""
        user, group = key.split(SEPARATOR, 1)
        return f"{user}{SEPARATOR}{replaced.get(group, group)}"

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

    def user_of(self, row: Row) -> Any:
        """The account, which no two calls under way may share."""
        return row["userid"]


class GroupingMembers(Membership):
    """Groups in groupings. Their keys are the group's own part, the course, and the grouping's own part."""

    kind = "grouping-member"
    stamps = ("grouping-member", "grouping", "group")
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

    def follow(self, key: str, replaced: Mapping[str, str]) -> str:
        """The group by its new key in the same grouping."""
        ends = self.ends(key)
        own = replaced.get(ends["group"], ends["group"]).split(SEPARATOR, 1)[1]
        return f"{own}{SEPARATOR}{ends['grouping']}"

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
    stamps = ("cohort-member", "cohort")
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

    def user_of(self, row: Row) -> Any:
        """The account, which no two calls under way may share."""
        return row["usertype"]["value"] if "usertype" in row else row["userid"]


#: Moodle's words, the same in every language, for what it left out of `core_cohort_add_cohort_members`.
_NOT_THERE = re.compile(r"(cohort|user) id=(\d+) not exists")
