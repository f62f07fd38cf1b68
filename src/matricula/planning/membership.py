"""Places in groups, groupings and cohorts: one that was there before is matched and never taken away."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import polars as pl

from matricula.planning.change import GONE, REPLACES, Change, changes_frame, to_json
from matricula.planning.courses import Courses
from matricula.planning.difference import place_of
from matricula.planning.entity import LEFT, Entity, Fields, Removal
from matricula.planning.ground import Ground, to_be_adopted
from matricula.profiles.desired import Desired
from matricula.profiles.enrolment_frame import SEPARATOR

_ADOPTED = "has it as the rules and the roster want it; kept in step from now on"


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
        """Places went with what was removed in Moodle and is made anew.

        Those that are there with an account or course that came back under another id are what they were.
        """
        lost = self._resting_on(known, {kind: ground.made_anew(kind) for kind in self.rests_on()})
        back = self._resting_on(known, {kind: ground.matched_again(kind) for kind in ("user", "course")}) & lost
        there = set(self.observe(ground, [(key, None) for key in sorted(back)])) if back else set()
        return (lost - there) | to_be_adopted(ground, known)

    def needs(self, rows: pl.DataFrame) -> dict[str, Collection[str]]:
        """The container, the member, and what they belong to."""
        ends = rows.select(column.alias(kind) for kind, column in self.rests_on().items() if kind != "enrolment")
        return {column.name: set(column.drop_nulls()) for column in ends.iter_columns()}

    def _resting_on(self, known: pl.DataFrame, keys: Mapping[str, Collection[str]]) -> set[str]:
        """Keys of places that rest on one of some records."""
        rests = self.rests_on()
        any_of = [
            rests[kind].is_in(pl.Series(sorted(each), dtype=pl.String).implode())
            for kind, each in keys.items()
            if each and kind in rests
        ]
        return set(known.filter(pl.any_horizontal(any_of))["key"]) if any_of else set()

    def vanishes_with(self, ground: Ground, key: str) -> bool:
        """Whether the plan takes the container, the member or what they belong to off the site."""
        return any(end in ground.leaving.get(kind, ()) for kind, end in self.ends(key).items())

    def follow(self, key: str, replaced: Mapping[str, str]) -> str:
        """The key of a place where groups are called by other keys from now on."""
        del replaced
        return key

    def removals(self, ground: Ground, gone: pl.DataFrame, desired: Desired) -> dict[str, Removal]:
        """Places in groups that are called by another key are not gone: `enter` has dealt with them."""
        followed = self._followed(ground, gone)
        return super().removals(ground, gone.filter(~pl.col("key").is_in(list(followed))), desired)

    def _followed(self, ground: Ground, ledger: pl.DataFrame) -> dict[str, str]:
        """New keys of places by their old ones."""
        replaced = ground.replaced.get("group", {})
        if not replaced:
            return {}
        return {key: new for key in ledger["key"] if (new := self.follow(key, replaced)) != key}

    def _taken_over(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> list[dict[str, Any]]:
        """Changes for places in groups that are called by another key: they go on under it, or are taken away."""
        live = ground.ledger(self.kind).filter(~pl.col("removed"))
        followed = self._followed(ground, live)
        new, keys = {row["key"]: row for row in fresh.iter_rows(named=True)}, set(wanted["key"])
        rows: list[dict[str, Any]] = []
        written: Fields
        told: Fields
        for row in self.names(ground, live.filter(pl.col("key").is_in(list(followed)))).iter_rows(named=True):
            key = followed[row["key"]]
            same: Fields = {"kind": self.kind, "origin": row["origin"], "place": "", "removes": False}
            if key in new:
                written = {"member": True, REPLACES: row["key"]}
                told = {"action": "match", "after": "{}", "reason": "has it already, by another rule of the profile"}
                rows.append(new[key] | same | told | {"course": new[key]["title"], "written": to_json(written)})
            elif key not in keys and row["origin"] == "made":
                written = {"member": True, GONE: True, LEFT: [GONE], REPLACES: row["key"]}
                told = {"action": "remove", "after": to_json({GONE: True}), "reason": self.absence, "removes": True}
                rows.append(row | same | told | {"key": key, "before": "{}", "written": to_json(written)})
        return rows

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Give places to members that are there or come, in containers that are there or come."""
        taken = changes_frame(self._taken_over(ground, fresh, wanted))
        fresh = fresh.filter(~pl.col("key").is_in(taken["key"].implode()))
        for kind, column in self.rests_on().items():
            fresh = fresh.filter(column.is_in(ground.coming(kind).implode()))
        fresh = fresh.with_columns(place=place_of(self.table), written="fields", course="title")
        seen = pl.Series(list(self.observe(ground, [(key, None) for key in fresh["key"]])), dtype=pl.String)
        there = pl.col("key").is_in(seen.implode())
        origin, reason = ("made", _ADOPTED) if ground.adopt else ("matched", "has it already; left as it is")
        old = fresh.filter(there).with_columns(after=pl.lit("{}"), origin=pl.lit(origin))
        new = fresh.filter(~there).with_columns(after="fields")
        return pl.concat(
            [
                taken,
                changes_frame(old, kind=self.kind, action="match", reason=reason),
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
