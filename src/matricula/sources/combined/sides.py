"""The two sides of a combined source, brought to one shape."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from matricula.errors import SettingError, StopError
from matricula.roster import TABLES, Delivery, Draft, Finding
from matricula.roster.tables import LINE

KEY = "key"
"""The column that holds what people are joined by, in the form that compares."""


@dataclass(frozen=True)
class Side:
    """One of the two sources.

    Args:
        name: its name.
        drafts: what it delivered, of OneRoster 1.2; files bear the source's name.
        findings: what was wrong with it.
        key: the column of `users` that people are joined by.
        notes: what it told of the reading.
    """

    name: str
    drafts: Mapping[str, Draft]
    findings: tuple[Finding, ...]
    key: str
    notes: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether somebody whom its people do not hold is truly not there: it is complete and lost no row."""
        draft = self.drafts.get("users")
        return draft is not None and draft.complete and not self.lost_rows

    @property
    def lost_rows(self) -> bool:
        """Whether rows of people, or of their places where it has no people, could not be used."""
        draft = self.drafts.get("users") or self.drafts.get("enrollments")
        return draft is not None and bool(draft.lost or draft.lost_unknown or draft.damaged)


def side_of(name: str, delivery: Delivery, key: str) -> Side:
    """What a source delivered as a side.

    Raises:
        DeliveryRefusedError: the source is strict and something is wrong with what it delivered.
    """
    if delivery.strict:
        delivery.roster()
    drafts = {table: replace(draft.copy(), file=f"{name}, {draft.file}") for table, draft in delivery.drafts.items()}
    if delivery.version == "1.1" and "users" in drafts:
        drafts["users"], drafts["roles"] = _divided(drafts["users"])
    found = tuple(replace(each, file=f"{name}, {each.file}" if each.file else name) for each in delivery.book)
    return Side(name, drafts, found, key, tuple(f"{name}: {note}" for note in delivery.notes))


def _divided(users: Draft) -> tuple[Draft, Draft]:
    """Users of OneRoster 1.1 as those of 1.2, whose roles are a table of their own: a role in each organisation."""
    frame = _with(users.frame, ("role", "orgSourcedIds"))
    orgs = pl.col("orgSourcedIds").str.split(",").list.eval(pl.element().str.strip_chars())
    roles = (
        frame.select(
            pl.col("sourcedId").alias("userSourcedId"),
            pl.lit("primary").alias("roleType"),
            "role",
            orgs.alias("orgSourcedId"),
            LINE,
        )
        .explode("orgSourcedId")
        .with_columns(
            pl.concat_str("userSourcedId", pl.col("orgSourcedId").fill_null(""), separator=":").alias("sourcedId")
        )
        .filter(pl.col("userSourcedId").is_not_null())
        .unique("sourcedId", keep="first", maintain_order=True)
    )
    first = pl.col("orgSourcedIds").str.split(",").list.first().str.strip_chars().alias("primaryOrgSourcedId")
    return (
        replace(users, frame=frame.with_columns(first).drop("role", "orgSourcedIds")),
        Draft(TABLES["roles"], roles, users.file, complete=users.complete, numbered=users.numbered),
    )


def _with(frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in frame.columns]
    return frame.with_columns(missing)


def people_of(side: Side) -> Draft:
    """The people of a side.

    Raises:
        SettingError: it has none at all.
        StopError: there should be some and nobody is there.
    """
    draft = side.drafts.get("users")
    if draft is None:
        raise SettingError(
            f"The source {side.name} delivers no people.",
            where="source, people",
            remedy="Name a source that does.",
            code="combined-no-people",
        )
    if draft.frame.is_empty() or not draft.readable:
        raise StopError(
            f"The source {side.name} delivered no people. An empty answer is taken for a fault.",
            where=draft.file,
            remedy=f"See what is wrong with {side.name}.",
            code="combined-empty",
        )
    return draft


def keyed(frame: pl.DataFrame, column: str, side: Side, *, ignore_case: bool) -> pl.DataFrame:
    """A frame with what people are joined by in the column `key`; blank ones are null.

    Args:
        frame: text columns.
        column: the column that holds it.
        side: the side, for messages.
        ignore_case: whether capitals mean nothing.

    Raises:
        SettingError: there is no such column, or nothing in it.
    """
    if column not in frame.columns or frame[column].null_count() == frame.height:
        filled = ", ".join(name for name in frame.columns if name != LINE and frame[name].null_count() < frame.height)
        raise SettingError(
            f"People of {side.name} have no {column}, by which they are to be joined.",
            where="source, join",
            remedy=f"Join by a column that is filled in: {filled}.",
            code="combined-key-missing",
        )
    key = pl.col(column).str.strip_chars()
    key = key.str.to_lowercase() if ignore_case else key
    return frame.with_columns(pl.when(key != "").then(key).alias(KEY))
