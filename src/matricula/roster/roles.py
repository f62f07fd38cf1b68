"""Who is what in which organisation: one shape for OneRoster 1.1, which says it in users, and 1.2, in roles."""

import polars as pl

from matricula.roster.draft import Draft
from matricula.roster.findings import FindingBook
from matricula.roster.tables import LINE, ROLES


def roles_from_users(users: pl.DataFrame) -> pl.DataFrame:
    """The roles that a 1.1 delivery states in users: one primary role for each organisation of each user.

    Args:
        users: the checked frame.

    Returns:
        a frame with the schema of `roles`; sourcedIds are null, since 1.1 has none.
    """
    rows = users.select(
        "status",
        "dateLastModified",
        pl.col("sourcedId").alias("userSourcedId"),
        pl.lit("primary").alias("roleType"),
        "role",
        pl.col("orgSourcedIds").alias("orgSourcedId"),
        LINE,
    ).explode("orgSourcedId")
    missing = [
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in ROLES.schema.items() if name not in rows.columns
    ]
    return rows.with_columns(missing).select(*ROLES.schema)


def check_users_have_roles(users: Draft, roles: Draft, book: FindingBook) -> None:
    """Leave out users whose roles could not be read, so that they do not seem to have lost their place.

    A user who has no row in roles at all is kept without a role, unless rows of roles are missing of which it
    cannot be known whose they were.

    Args:
        users: the users of a 1.2 delivery.
        roles: their roles, with cells checked.
        book: where findings go.
    """
    without = ~pl.col("sourcedId").is_in(roles.frame["userSourcedId"].implode())
    lost = pl.lit(value=True)
    if roles.readable and not roles.damaged:
        lost = pl.col("sourcedId").is_in(sorted(roles.lost_owners))
    message = "No role of the user could be read; the user was left out."
    users.note_together(book, "user-role-lost", without & lost, "sourcedId", message)
    users.leave_out(without & lost)
    message = f"The user has no row in {roles.file}."
    users.note_together(book, "user-without-role", without, "sourcedId", message)


def add_roles_to_users(users: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """Fill `users.role` and `users.orgSourcedIds` of a 1.2 delivery from its roles, primary ones first.

    Args:
        users: the checked frame, where both columns are null.
        roles: the checked roles.

    Returns:
        users with both columns filled where a role says so.
    """
    summary = (
        roles.sort(pl.col("roleType") != "primary", "sourcedId", nulls_last=True, maintain_order=True)
        .group_by("userSourcedId", maintain_order=True)
        .agg(
            pl.col("role").first(),
            pl.col("orgSourcedId").drop_nulls().unique(maintain_order=True).alias("orgSourcedIds"),
        )
    )
    orgs = pl.concat_list(
        pl.when(pl.col("primaryOrgSourcedId").is_not_null())
        .then(pl.concat_list("primaryOrgSourcedId"))
        .otherwise(pl.lit([], dtype=pl.List(pl.String))),
        pl.col("orgSourcedIds").fill_null(pl.lit([], dtype=pl.List(pl.String))),
    ).list.unique(maintain_order=True)
    return (
        users.drop("role", "orgSourcedIds")
        .join(summary, left_on="sourcedId", right_on="userSourcedId", how="left", maintain_order="left")
        .with_columns(pl.when(orgs.list.len() > 0).then(orgs).alias("orgSourcedIds"))
        .select(users.columns)
    )
