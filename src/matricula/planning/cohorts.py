"""Cohorts of the site and of its categories."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import polars as pl

from matricula.moodle import CohortUpdate, Moodle, NewCohort
from matricula.planning.change import Change
from matricula.planning.containers import Container, recognised
from matricula.planning.entity import Fields, Row
from matricula.planning.ground import Ground, to_be_adopted
from matricula.planning.members import CohortMembers
from matricula.planning.rules import RULES
from matricula.planning.step import Result, Step
from matricula.profiles.desired import Desired


class Cohorts(Container):
    """Cohorts. Recognised by ID number alone, wherever on the site they stand."""

    kind = "cohort"
    stamps = ("cohort",)
    table = "users"
    places = CohortMembers()
    steps = (
        Step("delete cohorts", "core_cohort_delete_cohorts", frozenset({"delete"}), alone=True),
        Step("create cohorts", "core_cohort_create_cohorts", frozenset({"create"}), alone=True),
        Step("update cohorts", "core_cohort_update_cohorts", frozenset({"update"}), alone=True),
    )

    def possible(self, ground: Ground, fresh: pl.DataFrame) -> pl.DataFrame:
        """Cohorts whose category is there; Moodle knows it by its ID number."""
        named = set(fresh["category"]) - {""}
        if not named:
            return fresh
        there = {category.idnumber for category in ground.moodle.categories.all()}
        for row in fresh.filter(pl.col("category").is_in(sorted(named - there))).sort("key").iter_rows(named=True):
            rule, told = RULES["cohort-category-unknown"], {"name": row["label"]}
            ground.findings.append(
                rule.finding(sourced_id=row["key"], line=row["line"], value=row["category"], told=told)
            )
        return fresh.filter(pl.col("category").is_in(sorted(there | {""})))

    def look(self, ground: Ground, fresh: pl.DataFrame) -> dict[str, int]:
        """Cohorts with the ID number."""
        there = [("", cohort.id, "", cohort.idnumber) for cohort in ground.moodle.cohorts.all()] if fresh.height else []
        rows = fresh.with_columns(course=pl.lit("")).rows(named=True)
        return recognised(rows, there)

    def needs(self, rows: pl.DataFrame) -> dict[str, Collection[str]]:
        """Nothing: Moodle is asked about cohorts alone."""
        del rows
        return {}

    def standing(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, tuple[int, Fields]]:
        """Cohorts with their names and ID numbers. Moodle does not tell the category."""
        keys = {number: key for key, number in records if number is not None}
        there = ground.moodle.cohorts.by_ids(keys)
        return {keys[cohort.id]: (cohort.id, {"name": cohort.name, "idnumber": cohort.idnumber}) for cohort in there}

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Whether people of one could not be read shows in its members."""
        del desired
        return absent

    def lost(self, ground: Ground, known: pl.DataFrame) -> set[str]:
        """Cohorts belong to nothing that the plan makes anew."""
        return to_be_adopted(ground, known)

    def vanishes_with(self, ground: Ground, key: str) -> bool:
        """Nor to anything that it takes away."""
        del ground, key
        return False

    def references(self, change: Change) -> dict[str, str]:
        """None: its category is known to Moodle by its ID number."""
        del change
        return {}

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names as they were last written."""
        del ground
        return ledger.with_columns(name=pl.col("written").str.json_path_match("$.name"))

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_cohort_create_cohorts` or `core_cohort_update_cohorts`, or the id."""
        del ground, step, ids
        if change.action == "delete":
            return {"id": change.moodle_id}
        now = change.written
        place = {"type": "idnumber", "value": now["category"]} if now["category"] else {"type": "system", "value": ""}
        row: dict[str, Any] = {"categorytype": place, "name": now["name"], "idnumber": now["idnumber"]}
        return row if change.action == "create" else {"id": change.moodle_id} | row

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Create, update or delete cohorts."""
        delete, create, _ = self.steps
        if step is create:
            return [Result(moodle_id=made.id) for made in moodle.cohorts.create(cast("list[NewCohort]", rows))]
        if step is delete:
            moodle.cohorts.delete([row["id"] for row in rows])
        else:
            moodle.cohorts.update(cast("list[CohortUpdate]", rows))
        return [Result(moodle_id=row["id"]) for row in rows]

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Cohorts with the very name and ID number."""
        there = {(cohort.name, cohort.idnumber): cohort.id for cohort in ground.moodle.cohorts.all()}
        told = {change.number: (change.after["name"], change.after["idnumber"]) for change in changes}
        return {number: there[each] for number, each in told.items() if each in there}
