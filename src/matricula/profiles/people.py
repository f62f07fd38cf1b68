"""The people of a roster as Moodle accounts."""

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from matricula.profiles.conditions import meets
from matricula.profiles.documents import PERSON_KINDS, Profile, UserRules
from matricula.profiles.documents.mapped import Mapped
from matricula.profiles.fields import CAME, findings_of, not_delivered, properties, text_of, with_fields
from matricula.profiles.mapping import parse
from matricula.profiles.mapping.template import Placeholder
from matricula.profiles.moodle_fields import USER_FIELDS
from matricula.profiles.moodle_limits import LENGTHS, USERNAME, cut, digest, tidy, usable_email, with_short_ids
from matricula.profiles.parts import Part, as_json, report
from matricula.profiles.person_frame import people, with_kind
from matricula.profiles.rules import RULES
from matricula.profiles.vocabulary import PEOPLE
from matricula.roster import Finding, Roster

#: Moodle never sends mail to addresses in the reserved domain .invalid.
PLACEHOLDER = "@noemail.invalid"
#: Stands before the position of a pair of fields in the column of the value that accounts are recognised by.
MATCH = "match:"
#: Fields that have rules of their own, and findings.
_OWN = ("username", "firstname", "lastname", "email", "idnumber")
#: User names that may stand before the @ of an address; of others a digest does.
_LOCAL_PART = r"^[a-z0-9_\-]+(?:\.[a-z0-9_\-]+)*$"
_LOCAL_LENGTH = 64


def desire_users(roster: Roster, profile: Profile) -> Part:
    """Accounts for the people of a roster whom the profile has rules for.

    Args:
        roster: the roster. Parents for whom nothing is done are passed over; other people for whom nothing is done
            are there, since their enrolments need their accounts.
        profile: the profile, of which its part on users counts.

    Returns:
        Rows with `key` (sourcedId), `name`, `kind` (one of `PERSON_KINDS`), `suspended`, `enrolled` and `early` (true
        and false until `with_enrolled` says more), `placeholder` (whether `email` is one), `fields`, `line`, a column
        for each Moodle field that is mapped, and `match:0`, `match:1` … with the values that accounts are recognised
        by. In `fields` the e-mail is null where it is a placeholder, which never takes the place of an address, and
        `suspended` is null for disabled people of a kind that is not deactivated.
    """
    rules = profile.users
    mapped = rules.mapped()
    templates = [each.value for each in mapped.values()] + [each.value for each in rules.match]
    named = properties(*templates, rules.only.value if rules.only else None)
    chosen = _chosen(with_kind(people(roster, named), rules), profile)
    missing = not_delivered(roster, named)
    worked = _made_fit(with_fields(chosen, mapped, USER_FIELDS, PEOPLE, profile, missing), rules)
    wrong = {
        "user-without-username": pl.col("username") == "",
        "username-refused-by-moodle": (pl.col("username") != "")
        & ~(pl.col("username").str.contains(USERNAME) & (pl.col("username").str.len_chars() <= LENGTHS["username"])),
        "user-without-name": pl.col("nameless"),
    }
    findings = [found for code, caught in wrong.items() for found in report(_caught(worked, caught, code), code)]
    bad = pl.any_horizontal(*wrong.values())
    good = worked.filter(~bad)
    findings += _warnings(good, mapped, rules)
    good = with_short_ids(good, "idnumber", "idnumber")
    return Part(_frame(good, mapped, profile), tuple(findings), frozenset(worked.filter(bad)["sourcedId"]))


def with_enrolled(users: Part, enrolments: pl.DataFrame) -> Part:
    """The accounts with what is known of the person's enrolments.

    Args:
        users: what `desire_users` gave.
        enrolments: the desired enrolments with `user` and `early`.

    Returns:
        the accounts; `enrolled` says whether the person stands in a course, and `early` whether in none but by
        enrolments that only a manual run makes.
    """
    everybody = enrolments["user"].unique().implode()
    ordinary = enrolments.filter(~pl.col("early"))["user"].unique().implode()
    enrolled = pl.col("key").is_in(everybody)
    return replace(
        users, frame=users.frame.with_columns(enrolled=enrolled, early=enrolled & ~pl.col("key").is_in(ordinary))
    )


def _chosen(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    rules = profile.users
    parents = rules.parent.create or rules.parent.update or rules.parent.deactivate
    wanted = pl.col("person.kind").is_not_null() & (pl.lit(parents) | (pl.col("person.kind") != "parent"))
    if rules.only is not None:
        wanted &= meets(text_of(rules.only.value, PEOPLE, profile), rules.only)
    return frame.filter(wanted)


def _made_fit(worked: pl.DataFrame, rules: UserRules) -> pl.DataFrame:
    """What the mappings gave for the fields that every account needs, as Moodle takes it."""

    def came(field: str) -> pl.Expr:
        return pl.col(f"{CAME}{field}")

    first, last = (cut(tidy(came(field)), field) for field in ("firstname", "lastname"))
    email = came("email").str.strip_chars()
    return worked.with_columns(
        username=came("username").str.strip_chars().str.to_lowercase(),
        spare=_first_is_blank(rules.mapped()["username"]),
        firstname=pl.when(first == "").then(pl.lit("-")).otherwise(first),
        lastname=pl.when(last == "").then(pl.lit("-")).otherwise(last),
        nameless=(first == "") & (last == ""),
        came=pl.concat_str(came("firstname"), pl.lit(" "), came("lastname")),
        email=pl.when(usable_email(email)).then(email).otherwise(pl.lit("")),
        emailCame=email,
        idnumber=pl.when(pl.col("idnumber").is_not_null()).then(came("idnumber")),
        suspended=~pl.col("enabledUser").fill_null(value=True),
    ).with_columns(label=pl.concat_str("firstname", pl.lit(" "), "lastname"))


def _first_is_blank(mapped: Mapped) -> pl.Expr:
    """Whether the first of several properties is blank, so that another one stands in for it."""
    (first, *others) = parse(mapped.value).content or ("",)
    if others or not isinstance(first, Placeholder) or len(first.properties) < 2:
        return pl.lit(value=False)
    return pl.col(first.properties[0]).fill_null("").str.strip_chars() == ""


def _frame(good: pl.DataFrame, mapped: Mapping[str, Mapped], profile: Profile) -> pl.DataFrame:
    others = sorted(set(mapped) - set(_OWN))
    kind = pl.col("person.kind").alias("kind")
    known = pl.when(pl.col("email") != "").then("email").alias("email")
    suspended = pl.when(~pl.col("suspended") | _deactivated(profile.users)).then("suspended").alias("suspended")
    fields: list[str | pl.Expr] = ["username", "firstname", "lastname", known, "idnumber", *others, suspended, kind]
    return good.select(
        pl.col("sourcedId").alias("key"),
        pl.col("label").alias("name"),
        kind,
        "suspended",
        pl.lit(value=True).alias("enrolled"),
        pl.lit(value=False).alias("early"),
        (pl.col("email") == "").alias("placeholder"),
        _with_placeholder(good).alias("email"),
        *(name for name in (*_OWN, *others) if name != "email"),
        *_match_values(good, profile),
        as_json(*fields),
        "line",
    )


def _deactivated(rules: UserRules) -> pl.Expr:
    """Whether the accounts of people of the person's kind are suspended."""
    return pl.col("person.kind").is_in([kind for kind in PERSON_KINDS if rules.of_kind(kind).deactivate])


def _match_values(good: pl.DataFrame, profile: Profile) -> list[pl.Expr]:
    """For each pair of fields the value to recognise an account by."""
    return [
        (
            text_of(pair.value, PEOPLE, profile).str.strip_chars()
            if pair.value is not None
            else _with_placeholder(good)
            if pair.field == "email"
            else pl.col(pair.field)
        ).alias(f"{MATCH}{position}")
        for position, pair in enumerate(profile.users.match)
    ]


def placeholder_of(username: str) -> str:
    """The address that stands for a missing one: Moodle takes it and never sends to it."""
    fit = re.match(_LOCAL_PART, username) and len(username) <= _LOCAL_LENGTH
    return f"{username if fit else digest(username)}{PLACEHOLDER}"


def _with_placeholder(good: pl.DataFrame) -> pl.Expr:
    """E-mail addresses, where there is none one that Moodle takes and never sends to."""
    username = pl.col("username")
    unfit = ~username.str.contains(_LOCAL_PART) | (username.str.len_chars() > _LOCAL_LENGTH)
    odd = good.filter((pl.col("email") == "") & unfit)["username"].unique()
    local = username.replace(odd, pl.Series([digest(name) for name in odd], dtype=pl.String))
    return pl.when(pl.col("email") == "").then(local + PLACEHOLDER).otherwise("email")


def _caught(worked: pl.DataFrame, condition: pl.Expr, code: str) -> pl.DataFrame:
    value = {"username": "username", "email": "emailCame"}.get(RULES[code].column, "came")
    return worked.filter(condition).select("sourcedId", "line", "label", pl.col(value).alias("value"))


def _warnings(good: pl.DataFrame, mapped: Mapping[str, Mapped], rules: UserRules) -> list[Finding]:
    caught = {
        "username-taken-from-elsewhere": pl.col("spare"),
        "name-cleaned": pl.col("label") != pl.col("came").str.strip_chars(),
        "email-placeholder" if rules.missing_email == "placeholder" else "user-without-email": pl.col("email") == "",
    }
    own = [found for code, condition in caught.items() for found in report(_caught(good, condition, code), code)]
    return own + findings_of(
        good, {name: each for name, each in mapped.items() if name not in _OWN}, USER_FIELDS, "user"
    )
