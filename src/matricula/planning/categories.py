"""Categories: the tree that courses stand in."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import polars as pl

from matricula.moodle import CategoryUpdate, Moodle, NewCategory
from matricula.planning.change import Change, changes_frame
from matricula.planning.entity import Entity, Fields, Result, Row, Step
from matricula.planning.ground import Ground

CREATE = Step("create categories", "core_course_create_categories", frozenset({"create"}), alone=True)
UPDATE = Step("update categories", "core_course_update_categories", frozenset({"match", "update"}), alone=True)


class Categories(Entity):
    """Categories. Recognised by ID number, else by name within the parent; never removed."""

    kind = "category"
    table = "orgs"
    steps = (CREATE, UPDATE)

    def may_update(self, ground: Ground) -> bool:
        """Names and places follow the school's structure wherever courses do."""
        return ground.profile.courses.update

    def may_remove(self, ground: Ground) -> bool:
        """Never: a category may hold what others put there."""
        del ground
        return False

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Match categories by ID number or by name within their parent, make the others."""
        ground.say("reading the categories")
        there = ground.moodle.categories.all()
        by_idnumber = {category.idnumber: category for category in there if category.idnumber}
        by_name = {(category.parent, category.name): category for category in there if not category.idnumber}
        may_make = ground.profile.courses.create or ground.profile.courses.update
        ids: dict[str, int] = {"": 0} | ground.ids(self.kind, fresh["parent"])
        rows: list[dict[str, Any]] = []
        paths = _paths(wanted)
        for row in fresh.sort("depth", "key").iter_rows(named=True):
            parent = ids.get(row["parent"])
            found = by_idnumber.get(row["idnumber"]) or by_name.get((-1 if parent is None else parent, row["name"]))
            if found:
                ids[row["key"]] = found.id
            elif not may_make:
                continue
            rows.append(
                {
                    "key": row["key"],
                    "name": paths[row["key"]],
                    "moodle_id": found.id if found else None,
                    "action": "match" if found else "create",
                    "origin": "matched" if found else "made",
                    "reason": f"matched with the category “{found.name}”" if found else "courses stand in it",
                    "after": "{}" if found else row["fields"],
                    "written": row["fields"],
                    "place": "",
                }
            )
        return changes_frame(rows, kind=self.kind)

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Categories as they are now, their parents as keys where the ledger knows them."""
        keys = {moodle_id: key for key, moodle_id in records if moodle_id is not None}
        ledger = ground.ledger(self.kind).select("moodle_id", "key")
        known: dict[int, str] = {0: ""} | dict(ledger.filter(pl.col("moodle_id").is_not_null()).iter_rows())
        return {
            keys[category.id]: {
                "name": category.name,
                "idnumber": category.idnumber or "",
                "parent": known.get(category.parent, f"#{category.parent}"),
            }
            for category in ground.moodle.categories.all()
            if category.id in keys
        }

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names as they were last written."""
        del ground
        return ledger.with_columns(name=pl.col("written").str.json_path_match("$.name"))

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_course_create_categories` or `core_course_update_categories`."""
        del ground
        row = {name: value for name, value in change.after.items() if name != "parent"}
        if "parent" in change.after:
            row["parent"] = ids[self.kind][change.after["parent"]] if change.after["parent"] else 0
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
        parent = change.after.get("parent", "")
        return {self.kind: parent} if parent else {}


def _paths(wanted: pl.DataFrame) -> dict[str, str]:
    """Names of categories with those they stand in: every school has a category for the same year."""
    paths: dict[str, str] = {"": ""}
    for key, parent, name in wanted.sort("depth").select("key", "parent", "name").iter_rows():
        paths[key] = f"{paths[parent]} / {name}" if parent else name
    return paths
