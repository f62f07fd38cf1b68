"""The people of a roster with the properties that mappings name, one row a person."""

from collections.abc import Collection, Mapping

import polars as pl

from matricula.profiles.documents import PERSON_KINDS, UserRules
from matricula.profiles.vocabulary import PEOPLE
from matricula.roster import Roster

_RENAMED = {"id": "sourcedId", "masterIdentifier": "userMasterIdentifier"}
#: Properties worked out from other columns of users; all others bear OneRoster's names.
_DERIVED: Mapping[str, pl.Expr] = {
    "person.role": pl.col("roles").list.min(),
    "person.grade": pl.col("grades").list.first(),
    "person.form": pl.col("form"),
    "person.kind": pl.lit(None, pl.String),
}


def people(roster: Roster, names: Collection[str]) -> pl.DataFrame:
    """The people of a roster, whatever their role.

    Args:
        roster: the roster.
        names: properties that are wanted; those that do not begin with `person.` or `institute.` are passed over.

    Returns:
        `sourcedId`, `line`, `enabledUser`, `roles` (all OneRoster roles of the person) and a column for each property
        wanted, of its kind; blank texts are null, and so is an extension that the roster does not have.
        `person.kind` is null: `with_kind` fills it in.
    """
    wanted = sorted(name for name in set(names) if name.startswith(("person.", "institute.")))
    roles = roster.roles.group_by("userSourcedId").agg(roles=pl.col("role").unique().sort())
    frame = roster.users.join(roles, left_on="sourcedId", right_on="userSourcedId", how="left")
    frame = frame.with_columns(pl.col("roles").fill_null([]))
    if "person.form" in wanted:
        frame = frame.join(_forms(roster), on="sourcedId", how="left")
    if institutes := [name for name in wanted if name.startswith("institute.")]:
        frame = _with_institutes(frame, roster, institutes)
    columns = [_property(name, frame.columns) for name in wanted if not name.startswith("institute.")]
    return frame.select("sourcedId", "line", "enabledUser", "roles", *columns, *institutes)


def with_kind(frame: pl.DataFrame, rules: UserRules) -> pl.DataFrame:
    """People with `person.kind`: what the profile takes them for; null for those it has no rules for.

    Args:
        frame: what `people` gave.
        rules: the profile's part on users; the first of `PERSON_KINDS` that fits a person counts.
    """
    kinds = (
        pl.when(pl.any_horizontal(*(pl.col("roles").list.contains(role) for role in roles))).then(pl.lit(kind))
        for kind in PERSON_KINDS
        if (roles := rules.of_kind(kind).roles)
    )
    return frame.with_columns(pl.coalesce(*kinds, pl.lit(None, pl.String)).alias("person.kind"))


def _property(name: str, columns: Collection[str]) -> pl.Expr:
    if name in _DERIVED:
        return _DERIVED[name].alias(name)
    own = name.removeprefix("person.")
    column = _RENAMED.get(own, own)
    if column not in columns:
        return pl.lit(None, pl.String).alias(name)
    if PEOPLE.kind_of(name) == "list":
        return pl.col(column).alias(name)
    return pl.when(pl.col(column).str.strip_chars() != "").then(column).alias(name)


def _forms(roster: Roster) -> pl.DataFrame:
    homerooms = roster.classes.filter(pl.col("classType") == "homeroom").select(
        pl.col("sourcedId").alias("classSourcedId"), pl.col("title").alias("form")
    )
    placed = roster.enrollments.select("classSourcedId", pl.col("userSourcedId").alias("sourcedId"))
    return placed.join(homerooms, on="classSourcedId").group_by("sourcedId").agg(pl.col("form").min())


def _with_institutes(frame: pl.DataFrame, roster: Roster, names: Collection[str]) -> pl.DataFrame:
    """People with the properties of their school: the primary one, else that of the primary or first role."""
    own = {"institute.id": "sourcedId", "institute.name": "name", "institute.code": "identifier"}
    source = {name: own.get(name, name.removeprefix("institute.")) for name in names}
    orgs = roster.orgs.select(
        pl.col("sourcedId").alias("institute"),
        *(
            (pl.col(column) if column in roster.orgs.columns else pl.lit(None, pl.String)).alias(name)
            for name, column in source.items()
        ),
    )
    by_role = (
        roster.roles.filter(pl.col("orgSourcedId").is_not_null())
        .sort(pl.col("roleType") != "primary", "line", "orgSourcedId", nulls_last=True)
        .group_by("userSourcedId", maintain_order=True)
        .agg(pl.col("orgSourcedId").first().alias("orgOfRole"))
    )
    placed = frame.join(by_role, left_on="sourcedId", right_on="userSourcedId", how="left")
    institute = pl.coalesce("primaryOrgSourcedId", "orgOfRole", pl.col("orgSourcedIds").list.first())
    return placed.with_columns(institute=institute).join(orgs, on="institute", how="left")
