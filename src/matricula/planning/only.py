"""A manual run: of all changes those that concern chosen people and courses, with what these need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from matricula.planning.change import REPLACES, Change, read_changes
from matricula.roster import Finding

#: Stands between the parts of a key.
_SEPARATOR = "\t"

#: What the parts of a kind's keys name, from the left. Kinds that are not named here are only ever needed by others.
_PARTS = {
    "user": ("user",),
    "course": ("course",),
    "grouping": ("course",),
    "group": ("course",),
    "grouping-member": ("", "course"),
    "enrolment": ("user", "course"),
    "group-member": ("user", "course"),
    "cohort-member": ("user",),
    "meta-link": ("", "course"),
}

#: What brings a record that others refer to.
_BRINGING = ("create", "match", "move")


@dataclass(frozen=True)
class Only:
    """Whom and what a manual run is for.

    Args:
        people: keys of people.
        courses: keys of courses.
        rows: sourcedIds of the classes and enrolments of these in the roster.
    """

    people: frozenset[str] = frozenset()
    courses: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.people or self.courses)


def narrowed(changes: pl.DataFrame, only: Only, references: Callable[[Change], Mapping[str, str]]) -> pl.DataFrame:
    """The changes of chosen people and courses, and those without which these could not be carried out.

    Args:
        changes: all changes of a plan.
        only: whom and what it is for; all changes are left where it is empty.
        references: tells the keys of the records a change refers to, by kind.
    """
    if not only:
        return changes
    numbered = changes.with_columns(number=pl.int_range(pl.len(), dtype=pl.Int64))
    renamed = pl.col("written").str.json_path_match(f"$.{REPLACES}").is_not_null()
    bringing = numbered.filter(pl.col("action").is_in(_BRINGING) | renamed)
    chosen = fresh = numbered.filter(_concerns(only))
    while fresh.height:
        fresh = _needed(fresh, bringing, references).join(chosen, on="number", how="anti")
        chosen = pl.concat([chosen, fresh])
    return changes.filter(pl.int_range(pl.len()).is_in(chosen["number"].implode()))


def concerning(findings: tuple[Finding, ...], only: Only) -> tuple[Finding, ...]:
    """The findings about chosen people and courses and their rows, and those about no single record."""
    chosen = only.people | only.courses | only.rows
    return tuple(
        finding
        for finding in findings
        if not only or not finding.sourced_id or chosen.intersection(finding.sourced_id.split(_SEPARATOR))
    )


def _concerns(only: Only) -> pl.Expr:
    wanted = {
        "user": pl.Series(sorted(only.people), dtype=pl.String),
        "course": pl.Series(sorted(only.courses), dtype=pl.String),
    }
    key = pl.col("key").str.split(_SEPARATOR).list
    return pl.any_horizontal(
        (pl.col("kind") == kind) & key.get(place, null_on_oob=True).is_in(wanted[part].implode())
        for kind, parts in _PARTS.items()
        for place, part in enumerate(parts)
        if part
    )


def _needed(
    chosen: pl.DataFrame, bringing: pl.DataFrame, references: Callable[[Change], Mapping[str, str]]
) -> pl.DataFrame:
    """What brings the records that changes refer to."""
    pairs = {pair for change in read_changes(chosen) for pair in references(change).items()}
    frame = pl.DataFrame(sorted(pairs), schema={"kind": pl.String, "key": pl.String}, orient="row")
    return bringing.join(frame, on=["kind", "key"], how="semi")
