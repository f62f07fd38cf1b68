"""The people of a roster as Moodle accounts."""

import polars as pl

from matricula.profiles.documents import UserRules
from matricula.profiles.moodle_limits import LENGTHS, USERNAME, cut, digest, tidy, usable_email, with_short_ids
from matricula.profiles.parts import Part, as_json, report
from matricula.profiles.rules import RULES
from matricula.roster import Finding, Roster

#: Moodle never sends mail to addresses in the reserved domain .invalid.
PLACEHOLDER = "@noemail.invalid"
#: User names that may stand before the @ of an address; of others a digest does.
_LOCAL_PART = r"^[a-z0-9_\-]+(?:\.[a-z0-9_\-]+)*$"
_LOCAL_LENGTH = 64


def desire_users(roster: Roster, rules: UserRules) -> Part:
    """Accounts for the students and staff of a roster.

    Args:
        roster: the roster; people in other roles (parents, guardians) get no account.
        rules: the profile's part on users.

    Returns:
        Rows with `key` (sourcedId), `name`, `username`, `email`, `idnumber`, `suspended`, `staff`, `fields`, `line`.
        In `fields` the e-mail is null where `email` is a placeholder: it never takes the place of an address.
    """
    people = _worked_out(_chosen(roster, rules), rules)
    wrong = {
        "user-without-username": pl.col("username") == "",
        "username-refused-by-moodle": (pl.col("username") != "")
        & ~(pl.col("username").str.contains(USERNAME) & (pl.col("username").str.len_chars() <= LENGTHS["username"])),
        "user-without-name": pl.col("nameless"),
        "user-without-email": (pl.col("email") == "") & (rules.missing_email == "leave-out"),
    }
    findings: list[Finding] = []
    for code, condition in wrong.items():
        findings += report(_caught(people, condition, code), code)
    bad = pl.any_horizontal(*wrong.values())
    good = people.filter(~bad)
    findings += _warnings(good)
    good = with_short_ids(good, "idnumber", "idnumber")
    fields = ("username", "firstname", "lastname", "email", "idnumber", "suspended")
    known = pl.when(pl.col("email") != "").then("email").alias("email")
    frame = good.select(
        pl.col("sourcedId").alias("key"),
        pl.concat_str("firstname", pl.lit(" "), "lastname").alias("name"),
        *(name for name in fields if name != "email"),
        _with_placeholder(good).alias("email"),
        "staff",
        as_json(*(known if name == "email" else name for name in fields)),
        "line",
    )
    return Part(frame, tuple(findings), frozenset(people.filter(bad)["sourcedId"]))


def _chosen(roster: Roster, rules: UserRules) -> pl.DataFrame:
    roles = roster.roles.select(pl.col("userSourcedId").alias("sourcedId"), "role")
    staff = roles.filter(pl.col("role").is_in(rules.staff)).select("sourcedId").unique()
    student = roles.filter(pl.col("role").is_in(rules.student)).select("sourcedId").unique()
    return roster.users.with_columns(
        pl.col("sourcedId").is_in(staff["sourcedId"].implode()).alias("staff"),
        pl.col("sourcedId").is_in(student["sourcedId"].implode()).alias("student"),
    ).filter(pl.col("staff") | pl.col("student"))


def _worked_out(people: pl.DataFrame, rules: UserRules) -> pl.DataFrame:
    chosen = pl.col(rules.username).fill_null("").str.strip_chars()
    spare = pl.coalesce(
        *(
            pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name).str.strip_chars())
            for name in ("username", "email", "identifier")
        ),
        pl.lit(""),
    )
    given = pl.coalesce(pl.when(tidy(pl.col("preferredGivenName")) != "").then("preferredGivenName"), "givenName")
    family = pl.coalesce(pl.when(tidy(pl.col("preferredFamilyName")) != "").then("preferredFamilyName"), "familyName")
    email = pl.col("email").fill_null("").str.strip_chars()
    first, last = cut(tidy(given), "firstname"), cut(tidy(family), "lastname")
    return people.with_columns(
        pl.when(chosen == "").then(spare).otherwise(chosen).str.to_lowercase().alias("username"),
        ((chosen == "") & (spare != "")).alias("spare"),
        pl.when(first == "").then(pl.lit("-")).otherwise(first).alias("firstname"),
        pl.when(last == "").then(pl.lit("-")).otherwise(last).alias("lastname"),
        ((first == "") & (last == "")).alias("nameless"),
        pl.concat_str(given.fill_null(""), pl.lit(" "), family.fill_null("")).alias("came"),
        pl.when(usable_email(email)).then(email).otherwise(pl.lit("")).alias("email"),
        email.alias("emailCame"),
        pl.col(rules.idnumber).fill_null("").alias("idnumber"),
        (~pl.col("enabledUser").fill_null(value=True)).alias("suspended"),
    )


def _with_placeholder(people: pl.DataFrame) -> pl.Expr:
    """E-mail addresses, where there is none one that Moodle takes and never sends to."""
    username = pl.col("username")
    unfit = ~username.str.contains(_LOCAL_PART) | (username.str.len_chars() > _LOCAL_LENGTH)
    odd = people.filter((pl.col("email") == "") & unfit)["username"].unique()
    local = username.replace(odd, pl.Series([digest(name) for name in odd], dtype=pl.String))
    return pl.when(pl.col("email") == "").then(local + PLACEHOLDER).otherwise("email")


def _caught(people: pl.DataFrame, condition: pl.Expr, code: str) -> pl.DataFrame:
    value = {"username": "username", "email": "emailCame"}.get(RULES[code].column, "came")
    return people.filter(condition).select(
        "sourcedId",
        "line",
        pl.col(value).alias("value"),
        pl.concat_str("firstname", pl.lit(" "), "lastname").alias("label"),
    )


def _warnings(good: pl.DataFrame) -> list[Finding]:
    caught = {
        "username-taken-from-elsewhere": pl.col("spare"),
        "name-cleaned": pl.concat_str("firstname", pl.lit(" "), "lastname") != pl.col("came").str.strip_chars(),
        "email-placeholder": pl.col("email") == "",
    }
    return [finding for code, condition in caught.items() for finding in report(_caught(good, condition, code), code)]
