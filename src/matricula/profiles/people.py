"""The people of a roster as Moodle accounts."""

import polars as pl

from matricula.profiles.documents import UserRules
from matricula.profiles.moodle_limits import EMAIL, LENGTHS, USERNAME, cut, tidy
from matricula.profiles.parts import Part, Rule, as_json, report
from matricula.roster import Finding, Roster

#: Moodle never sends mail to addresses in the reserved domain .invalid.
PLACEHOLDER = "@noemail.invalid"

_ERRORS = {
    "user-without-username": Rule(
        "user-without-username", "error", "username",
        "{label} has nothing that could be a user name.",
        "Enter a user name in the school's system, or choose another property in the profile (users.username).",
    ),
    "username-refused-by-moodle": Rule(
        "username-refused-by-moodle", "error", "username",
        "The user name “{value}” of {label} holds characters that Moodle refuses (allowed: a–z 0–9 . @ _ -) "
        "or is longer than 100.",
        "Mend it in the school's system, or choose another property in the profile (users.username).",
    ),
    "user-without-name": Rule(
        "user-without-name", "error", "familyName",
        "A person has neither a given nor a family name.",
        "Enter the name in the school's system.",
    ),
    "user-without-email": Rule(
        "user-without-email", "error", "email",
        "{label} has no usable e-mail address.",
        "Enter one in the school's system, or set users.missing_email: placeholder in the profile.",
    ),
}  # fmt: skip

_WARNINGS = {
    "username-taken-from-elsewhere": Rule(
        "username-taken-from-elsewhere", "warning", "username",
        "{label} has no user name of the chosen kind; “{value}” is used.",
        "Enter a user name in the school's system, or choose another property in the profile (users.username).",
    ),
    "name-cleaned": Rule(
        "name-cleaned", "warning", "familyName",
        "The name “{value}” was changed to one that Moodle accepts: {label}.",
        "Names have at most 100 characters and no HTML tags; a missing part is written as “-”.",
    ),
    "email-placeholder": Rule(
        "email-placeholder", "warning", "email",
        "{label} has no usable e-mail address (“{value}”); a placeholder stands in for it, to which no mail goes.",
        "Enter an address in the school's system when there is one.",
    ),
}  # fmt: skip


def desire_users(roster: Roster, rules: UserRules) -> Part:
    """Accounts for the students and staff of a roster.

    Args:
        roster: the roster; people in other roles (parents, guardians) get no account.
        rules: the profile's part on users.

    Returns:
        Rows with `key` (sourcedId), `name`, `username`, `email`, `idnumber`, `suspended`, `staff`, `fields`, `line`.
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
        findings += report(_caught(people, condition, _ERRORS[code].column), _ERRORS[code], "users")
    bad = pl.any_horizontal(*wrong.values())
    good = people.filter(~bad)
    findings += _warnings(good)
    good = good.with_columns(
        pl.when(pl.col("email") == "").then(pl.col("username") + PLACEHOLDER).otherwise("email").alias("email")
    )
    fields = ("username", "firstname", "lastname", "email", "idnumber", "suspended")
    frame = good.select(
        pl.col("sourcedId").alias("key"),
        pl.concat_str("firstname", pl.lit(" "), "lastname").alias("name"),
        *fields,
        "staff",
        as_json(*fields),
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
    usable = email.str.contains(EMAIL) & (email.str.len_chars() <= LENGTHS["email"])
    first, last = cut(tidy(given), "firstname"), cut(tidy(family), "lastname")
    return people.with_columns(
        pl.when(chosen == "").then(spare).otherwise(chosen).str.to_lowercase().alias("username"),
        ((chosen == "") & (spare != "")).alias("spare"),
        pl.when(first == "").then(pl.lit("-")).otherwise(first).alias("firstname"),
        pl.when(last == "").then(pl.lit("-")).otherwise(last).alias("lastname"),
        ((first == "") & (last == "")).alias("nameless"),
        pl.concat_str(given.fill_null(""), pl.lit(" "), family.fill_null("")).alias("came"),
        pl.when(usable).then(email).otherwise(pl.lit("")).alias("email"),
        email.alias("emailCame"),
        cut(pl.col(rules.idnumber).fill_null(""), "idnumber").alias("idnumber"),
        (~pl.col("enabledUser").fill_null(value=True)).alias("suspended"),
    )


def _caught(people: pl.DataFrame, condition: pl.Expr, column: str) -> pl.DataFrame:
    value = {"username": "username", "email": "emailCame"}.get(column, "came")
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
    return [
        finding
        for code, condition in caught.items()
        for finding in report(_caught(good, condition, _WARNINGS[code].column), _WARNINGS[code], "users")
    ]
