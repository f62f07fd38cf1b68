"""Categories: the tree that courses stand in, and how it follows the school's structure."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl

from matricula.moodle import Category, CategoryUpdate, Moodle, NewCategory
from matricula.planning.change import REPLACES, Change, changes_frame, to_json
from matricula.planning.entity import Entity, Fields, Removal, Row
from matricula.planning.ground import Ground
from matricula.planning.rules import RULES
from matricula.planning.step import Result, Step

CREATE = Step("create categories", "core_course_create_categories", frozenset({"create"}), alone=True)
UPDATE = Step("update categories", "core_course_update_categories", frozenset({"match", "update", "move"}), alone=True)

#: Levels whose categories are made for one thing each, and levels that tell a time.
_THINGS = ("institute:", "stream:", "subject:", "group:")
_TIMES = ("period:", "semester:")


class Categories(Entity):
    """Categories. Recognised as the level of the profile says; moved with the school's structure; never removed.

    The key of a category is the path of what its levels are made for. A category that is wanted under a new path, and
    whose last step is that of one that is wanted no longer, is that one: it is moved, and what stands in it goes with
    it.
    """

    kind = "category"
    stamps = ("category",)
    table = "orgs"
    nested = True
    identity = ("idnumber", "name")
    as_found = True
    steps = (CREATE, UPDATE)

    def may_update(self, ground: Ground, fields: Fields) -> bool:
        """Names and places follow the school's structure wherever courses do."""
        del fields
        return ground.profile.courses.update

    def removal(self, ground: Ground, key: str, written: Fields) -> Removal | None:
        """Nothing: a category may hold what others put there."""
        del ground, key, written
        return None

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Move categories of the ledger, match others by ID number or by name in their parent, make the rest."""
        ground.say("reading the categories")
        there = {category.id: category for category in ground.moodle.categories.all()}
        ledger = ground.ledger(self.kind).filter(~pl.col("removed") & pl.col("moodle_id").is_not_null())
        standing = {
            key: number
            for key, number in ledger.select("key", "moodle_id").iter_rows()
            if number in there and not ground.looked.is_lost(self.kind, key, number)
        }
        moved = _moved(fresh, wanted, standing) if self.may_update(ground, {}) else {}
        entering = _Entering(ground, there, standing, moved, _paths(wanted))
        may_make = ground.profile.courses.create or ground.profile.courses.update
        rows = []
        for row in fresh.sort("depth", "key").iter_rows(named=True):
            if row["key"] in moved:
                rows.append(entering.move(row))
            elif found := entering.match(row, fresh):
                rows.append(entering.enter(row, found))
            elif may_make:
                rows.append(entering.enter(row, None))
        return changes_frame(rows, kind=self.kind)

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Categories as they are now, their parents as keys where the ledger knows them."""
        keys = {moodle_id: key for key, moodle_id in records if moodle_id is not None}
        known: dict[int, str] = {0: ""} | keys_of(ground)
        return {
            keys[category.id]: _seen(category, known)
            for category in ground.moodle.categories.all()
            if category.id in keys
        }

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names as they were last written."""
        del ground
        return ledger.with_columns(name=pl.col("written").str.json_path_match("$.name"))

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_course_create_categories` or `core_course_update_categories`."""
        row = {name: value for name, value in change.after.items() if name != "parent"}
        if "parent" in change.after:
            row["parent"] = id_of(ground, change.after["parent"], ids.get(self.kind, {}))
        return row if step is CREATE else {"id": change.moodle_id} | row

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Create or update categories."""
        if step is CREATE:
            return [Result(moodle_id=made.id) for made in moodle.categories.create(cast("list[NewCategory]", rows))]
        moodle.categories.update(cast("list[CategoryUpdate]", rows))
        return [Result(moodle_id=row["id"]) for row in rows]

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Categories that carry the ID number of one to be created."""
        found = {category.idnumber: category.id for category in ground.moodle.categories.all() if category.idnumber}
        return {
            change.number: found[change.after["idnumber"]] for change in changes if change.after["idnumber"] in found
        }

    def references(self, change: Change) -> dict[str, str]:
        """The parent, where there is one."""
        return referred(change.after.get("parent", ""))


def keys_of(ground: Ground) -> dict[int, str]:
    """Keys of categories by Moodle id: those of the ledger, and those that this plan gives them."""
    ledger = ground.ledger(Categories.kind).filter(pl.col("moodle_id").is_not_null())
    known = {
        number: key
        for number, key in ledger.select("moodle_id", "key").iter_rows()
        if not ground.looked.is_lost(Categories.kind, key, number)
    }
    coming = ground.expected.get(Categories.kind, {}) if ground.run is None else {}
    return known | {number: key for key, number in coming.items() if number is not None}


#: In the place of a key this stands before the id of a category that the ledger does not hold.
_FOREIGN = "#"


def referred(key: str) -> dict[str, str]:
    """What a record refers to that names a category: nothing where it is the top, or one of somebody else's."""
    return {Categories.kind: key} if key and not key.startswith(_FOREIGN) else {}


def id_of(ground: Ground, key: str, ids: Mapping[str, int]) -> int:
    """The Moodle id of a category by its key, or by what stands for one of somebody else's; 0 for the top.

    Raises:
        KeyError: it is not on the site.
    """
    if not key:
        return 0
    if not key.startswith(_FOREIGN):
        return ids[key]
    number = int(key.removeprefix(_FOREIGN))
    if number not in {category.id for category in ground.moodle.categories.all()}:
        raise KeyError(key)
    return number


@dataclass
class _Entering:
    """Categories that the ledger does not hold under their key, on their way into it.

    Args:
        ground: where to look things up.
        there: the site's categories by id.
        standing: ids of the ledger's categories that the site has, by key.
        moved: for each key that is new the key that its category had before.
        paths: names with those of all parents, by key.
    """

    ground: Ground
    there: Mapping[int, Category]
    standing: Mapping[str, int]
    moved: Mapping[str, str]
    paths: Mapping[str, str]
    ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids |= {"": 0, **self.standing}
        self.by_idnumber = {each.idnumber.lower(): each for each in self.there.values() if each.idnumber}
        self.by_name: dict[tuple[int, str], list[Category]] = defaultdict(list)
        for each in self.there.values():
            self.by_name[each.parent, each.name].append(each)
        self.taken = set(self.standing.values())

    def match(self, row: Mapping[str, Any], fresh: pl.DataFrame) -> Category | None:
        """The site's category that a level's rule recognises, if there is just one and just one is wanted for it."""
        by_name = row["match"] == "name"
        found = None if by_name else self.by_idnumber.get(row["idnumber"].lower())
        if found is None or found.id in self.taken:
            parent = self.ids.get(row["parent"], -1)
            alike = [
                each
                for each in self.by_name[parent, row["name"]]
                if each.id not in self.taken and (by_name or not each.idnumber)
            ]
            namesakes = fresh.filter((pl.col("parent") == row["parent"]) & (pl.col("name") == row["name"])).height
            if len(alike) > 1 or (alike and namesakes > 1):
                self._unclear(row, len(alike))
                return None
            found = alike[0] if alike else None
        if found:
            self.ids[row["key"]] = found.id
            self.taken.add(found.id)
        return found

    def enter(self, row: Mapping[str, Any], found: Category | None) -> dict[str, Any]:
        """A category to be matched or made."""
        fields = json.loads(row["fields"])
        # A parent that this plan moves is known by its old key until it is moved, which comes later.
        parent = self.moved.get(row["parent"], row["parent"])
        return self._change(row) | {
            "moodle_id": found.id if found else None,
            "action": "match" if found else "create",
            "origin": "matched" if found else "made",
            "reason": f"matched with the category “{found.name}”" if found else "courses stand in it",
            "after": "{}" if found else to_json(fields | {"parent": parent}),
            "written": row["fields"],
        }

    def move(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A category of the ledger that has another path now; one whose parent took it along is only renumbered."""
        old, fields = self.moved[row["key"]], json.loads(row["fields"])
        number = self.standing[old]
        self.ids[row["key"]] = number
        ledger = self.ground.ledger(Categories.kind).filter(pl.col("key") == old)
        written = json.loads(ledger["written"][0])
        known = {0: "", **{each: key for key, each in self.ids.items() if key not in self.moved.values()}}
        seen = _seen(self.there[number], known)
        stays = seen["parent"] == fields["parent"]
        after = {
            name: value
            for name, value in fields.items()
            if value != seen[name] and (name == "parent" or value != written.get(name))
        }
        before = _seen(self.there[number], {0: "", **keys_of(self.ground)})
        return self._change(row) | {
            "moodle_id": number,
            "action": "move" if not stays else "update" if after else "note",
            "origin": ledger["origin"][0],
            "reason": "the school's structure moved" if not stays else "stands in a category that moved",
            "before": to_json({name: before[name] for name in after}),
            "after": to_json(after),
            "written": to_json(fields | {REPLACES: old}),
        }

    def _change(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {"key": row["key"], "name": self.paths[row["key"]], "place": ""}

    def _unclear(self, row: Mapping[str, Any], count: int) -> None:
        self.ground.findings.append(
            RULES["category-name-shared"].finding(
                sourced_id="", line=None, value=row["name"], told={"name": self.paths[row["key"]], "number": count}
            )
        )


def _moved(fresh: pl.DataFrame, wanted: pl.DataFrame, standing: Mapping[str, int]) -> dict[str, str]:
    """For keys that are new the key that their category has in the ledger.

    A category goes with its parent, else it is the only one with its last step that is wanted no longer.
    """
    idle = set(standing) - set(wanted["key"])
    new = fresh.sort("depth", "key")["key"].to_list()
    steps, old_steps = Counter(map(_step, new)), Counter(map(_step, idle))
    alone = {_step(key): key for key in idle}
    moved: dict[str, str] = {}
    for key in new:
        step, parent = _step(key), key.rpartition("/")[0]
        along = f"{moved[parent]}/{step}" if parent in moved else ""
        only = alone[step] if steps[step] == old_steps[step] == 1 and _same_place(alone[step], key) else ""
        old = along if along in idle else only
        if old in idle:
            moved[key] = old
            idle.discard(old)
    return moved


def _same_place(old: str, new: str) -> bool:
    """Whether two paths with the same last step can be one category that was moved.

    A school, department, subject or class is the same wherever it stands, but not in another year: the category of
    last year keeps its courses. What many have alike, such as a grade, is told apart by what it stands in, so that it
    is the same only where levels were added, left out or put in another order.
    """
    before, after = set(old.split("/")), set(new.split("/"))
    if before <= after or after <= before:
        return True
    whole = before | after
    times = [step.partition(":")[0] for step in whole if step.startswith(_TIMES)]
    return _step(new).startswith(_THINGS) and len(times) == len(set(times))


def _step(key: str) -> str:
    return key.rpartition("/")[2]


def _seen(category: Category, known: Mapping[int, str]) -> Fields:
    return {
        "name": category.name,
        "idnumber": category.idnumber or "",
        "parent": known.get(category.parent, f"{_FOREIGN}{category.parent}"),
    }


def _paths(wanted: pl.DataFrame) -> dict[str, str]:
    """Names of categories with those they stand in: every school has a category for the same year."""
    paths: dict[str, str] = {"": ""}
    for key, parent, name in wanted.sort("depth").select("key", "parent", "name").iter_rows():
        paths[key] = f"{paths[parent]} / {name}" if parent else name
    return paths
