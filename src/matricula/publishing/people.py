"""The rows of the user table as they should be."""

from collections.abc import Collection

import polars as pl

from matricula.errors import UsageError
from matricula.planning.difference import place_of
from matricula.profiles import Desired, Profile
from matricula.profiles.documents import PERSON_KINDS
from matricula.profiles.fields import field_of
from matricula.profiles.moodle_fields import USER_FIELDS
from matricula.publishing.rows import NOW, Rows, among, apart, gone, joined, written
from matricula.publishing.rules import RULES
from matricula.publishing.shape import KEY, PERSON_KIND, user_columns, values_of
from matricula.roster import Finding


def rows_of_users(
    desired: Desired, profile: Profile, current: pl.DataFrame, former: pl.DataFrame, renamed: Collection[str]
) -> Rows:
    """The people who should stand in the table.

    Disabled people are left out, as their accounts would be suspended, where the profile deactivates people of their
    kind. External database authentication knows accounts by their user names alone, so that nobody's row gets another
    one, and nobody gets one that was somebody else's.

    Args:
        desired: what the site should hold.
        profile: the profile; its part on users.
        current: the table as it stands.
        former: the user names of people who left.
        renamed: user names that accounts were given or freed of in Moodle by hand, so that the table may have them.

    Raises:
        UsageError: one of these is no user name that waits for that.
    """
    part, rules = desired.parts["user"].frame, profile.users
    known = pl.col(f"username{NOW}").is_not_null()
    came = joined(_wanted(part, profile), current).join(
        former.select(KEY, had="username"), on=KEY, how="left", maintain_order="left"
    )
    others = pl.concat([current.select(KEY, "username"), former]).filter(~among("username", renamed))
    _see_renamed(renamed, came, current, former)
    deactivated = [kind for kind in PERSON_KINDS if rules.of_kind(kind).deactivate]
    out = pl.col("suspended") & among("kind", deactivated)
    enters = (
        ~pl.col("suspended")
        & among("kind", [kind for kind in PERSON_KINDS if rules.of_kind(kind).create])
        & ((pl.col("enrolled") & ~pl.col("early")) | rules.without_enrolments)
        & (~pl.col("placeholder") | (rules.missing_email == "placeholder"))
    )
    unknown_to_moodle = ~known & (pl.col("suspended") | (pl.col("placeholder") & (rules.missing_email == "leave-out")))
    stays = came.filter(~out & (known | enters)).with_columns(**_values(profile, renamed))
    others = others.join(stays, on=KEY, how="anti").unique(KEY)
    kept, refused = apart(stays, others, [pl.col("username")])
    used = set(others["username"])
    findings = [
        _finding("published-username-used" if row["username"] in used else "published-username-shared", row)
        for row in refused.iter_rows(named=True)
    ]
    findings += [
        _finding("published-username-kept", row, published=row["username"])
        for row in kept.filter(pl.col("=username") != pl.col("username")).iter_rows(named=True)
    ]
    disabled = came.filter(known & out).select(KEY, reason=pl.lit("disabled in the roster"))
    departed = gone(desired, "user", current).filter(among(PERSON_KIND, deactivated)).select(KEY, "reason")
    left = came.filter(out | unknown_to_moodle)[KEY]
    return Rows(
        frame=kept.select(KEY, *values_of(profile)["user"], "name", "place", person="name", course=pl.lit(None)),
        removed=pl.concat([disabled, departed]),
        left=frozenset(left),
        refused=frozenset(refused[KEY]),
        findings=tuple(findings),
    )


def _wanted(part: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    columns = {column: pl.col(field) for column, field in user_columns(profile).items()}
    columns |= {"email": pl.when(~pl.col("placeholder")).then("email"), "made_up": pl.col("email")}
    return part.select(
        pl.col("key").alias(KEY),
        "name",
        "kind",
        "suspended",
        "enrolled",
        "early",
        "placeholder",
        "line",
        place_of("users").alias("place"),
        **columns,
        **{PERSON_KIND: pl.col("kind")},
    )


def _values(profile: Profile, renamed: Collection[str]) -> dict[str, pl.Expr]:
    rules, mapped = profile.users, profile.users.mapped()
    updated = among("kind", [kind for kind in PERSON_KINDS if rules.of_kind(kind).update])
    values = {
        column: written(column, field_of(field, USER_FIELDS).way(mapped[field].write), updated)
        for column, field in user_columns(profile).items()
    }
    # A made-up address never takes the place of a real one.
    values["email"] = pl.when(values["email"] == "").then("made_up").otherwise(values["email"])
    had = pl.coalesce(f"username{NOW}", "had")
    new = had.is_null() | among("username", renamed)
    return values | {"username": pl.when(new).then("username").otherwise(had), "=username": pl.col("username")}


def _see_renamed(renamed: Collection[str], came: pl.DataFrame, current: pl.DataFrame, former: pl.DataFrame) -> None:
    had = pl.coalesce(f"username{NOW}", "had")
    pending = came.filter(
        (pl.col("username") != had) | (had.is_null() & among("username", [*current["username"], *former["username"]]))
    )
    unknown = [name for name in renamed if name not in pending["username"]]
    if unknown:
        raise UsageError(
            f"Nobody waits for the user name “{unknown[0]}”.",
            where="--renamed",
            remedy="Give a name that a finding published-username-kept or published-username-used tells of.",
            code="renamed-unknown",
        )
    taken = current.filter(among("username", renamed))["username"].to_list()
    if taken:
        raise UsageError(
            f"The user name “{taken[0]}” stands in the table for somebody else.",
            where="--renamed",
            remedy="Publish without it first; where the other person stays, one of the two needs another name.",
            code="renamed-taken",
        )


def _finding(code: str, row: dict[str, str], **told: object) -> Finding:
    return RULES[code].finding(
        sourced_id=row[KEY],
        line=int(row["line"]) if row["line"] is not None else None,
        value=row["=username"],
        told={"name": row["name"], **told},
    )
