"""The rows of the course and the enrolment table as they should be."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import polars as pl

from matricula.errors import SettingError
from matricula.planning.difference import place_of
from matricula.profiles import Desired, Profile
from matricula.profiles.categories import UNSORTED
from matricula.profiles.moodle_fields import COURSE_FIELDS
from matricula.profiles.moodle_limits import folded
from matricula.publishing.rows import NOW, Rows, among, apart, gone, joined, written
from matricula.publishing.rules import RULES
from matricula.publishing.shape import DAYS, KEY, values_of
from matricula.roster import Finding

_NONE = pl.DataFrame(schema={KEY: pl.String, "reason": pl.String})


def rows_of_courses(desired: Desired, profile: Profile, current: pl.DataFrame) -> Rows:
    """The courses that should stand in the table.

    Args:
        desired: what the site should hold.
        profile: the profile; its part on courses.
        current: the table as it stands.
    """
    rules = profile.courses
    came = joined(_wanted_courses(desired), current)
    known = pl.col(f"shortname{NOW}").is_not_null()
    stays = came.filter(known | rules.create).with_columns(**_values_of_courses(profile))
    removed = gone(desired, "course", current).select(KEY, "reason") if rules.gone != "leave" else _NONE
    others = current.join(stays, on=KEY, how="anti").join(removed, on=KEY, how="anti")
    kept, refused = apart(stays, others, [folded(pl.col("shortname")), folded(pl.col("idnumber"))])
    findings = [
        RULES["published-course-shared"].finding(
            sourced_id=row[KEY],
            line=row["line"],
            value=f"{row['shortname']}, {row['idnumber']}",
            told={"name": row["name"]},
        )
        for row in refused.iter_rows(named=True)
    ]
    new = kept.filter(pl.col("category") != "", ~among("category", current["category"].to_list()))
    findings += _categories_needed(new, desired)
    return Rows(
        frame=kept.select(KEY, *values_of(profile)["course"], "name", "place", person=pl.lit(None), course="name"),
        removed=removed,
        refused=frozenset(refused[KEY]),
        findings=tuple(findings),
    )


def rows_of_enrolments(
    desired: Desired,
    profile: Profile,
    roles: Mapping[str, int],
    current: dict[str, pl.DataFrame],
    settled: dict[str, Rows],
    now: datetime,
) -> Rows:
    """The enrolments that should stand in the table: those in force at a moment.

    Args:
        desired: what the site should hold.
        profile: the profile; its part on enrolments.
        roles: the site's role ids by short name, for roles that the profile names by id.
        current: the tables as they stand.
        settled: the rows of people and courses as they should be.
        now: the moment.

    Raises:
        SettingError: a role is named by an id of which the short name is not known.
    """
    part, rules = desired.parts["enrolment"].frame, profile.enrolments
    users, courses = settled["user"], settled["course"]
    wanted = (
        part.select(
            "user",
            "name",
            "early",
            pl.col("key").alias(KEY),
            role=pl.col("role").replace(_short_names(profile, roles)),
            place=place_of("enrollments"),
            person="person",
            course_key="course",
            course="title",
            ended=(_moment("timeend") > 0) & (_moment("timeend") <= int(now.timestamp())),
            ahead=_moment("timestart") > int(now.timestamp()),
        )
        .join(_names_of_users(desired, current["user"], users), on="user", how="left")
        .join(_names_of_courses(desired, current["course"], courses), on="course_key", how="left")
    )
    came = joined(wanted, current["enrolment"])
    known = pl.col(f"role{NOW}").is_not_null()
    dated, left = pl.col("ended") | pl.col("ahead"), among("user", users.left)
    refused = among("user", users.refused) | among("course_key", courses.refused)
    stays = came.filter(
        ~dated, ~left | (known & pl.lit(rules.gone == "keep")), ~refused, known | ~pl.col("early")
    ).with_columns(pl.coalesce("username", f"username{NOW}").alias("username"))
    why = pl.when("ended").then(pl.lit("has ended")).when("ahead").then(pl.lit("has not begun"))
    why = why.when(left & pl.lit(rules.gone != "keep")).then(pl.lit("the person is disabled in the roster"))
    ordered = came.filter(known & ~refused).select(KEY, reason=why.otherwise(None)).drop_nulls("reason")
    departed = _NONE if rules.gone == "keep" else gone(desired, "enrolment", current["enrolment"]).select(KEY, "reason")
    return Rows(
        frame=stays.select(KEY, *values_of(profile)["enrolment"], "name", "place", "person", "course"),
        removed=pl.concat([ordered, departed]),
    )


def _wanted_courses(desired: Desired) -> pl.DataFrame:
    categories = desired.parts["category"].frame.select(category="key", category_id="idnumber")
    placed = pl.col("fields").str.json_path_match("$.category").is_not_null()
    return (
        desired.parts["course"]
        .frame.join(categories, on="category", how="left", maintain_order="left")
        .select(
            pl.col("key").alias(KEY),
            "name",
            "line",
            "fullname",
            "shortname",
            "idnumber",
            place_of("classes").alias("place"),
            # Where it is not known Moodle's own setting for new courses decides.
            category=pl.when(placed & (pl.col("category") != UNSORTED)).then("category_id"),
            **{day: _moment(day, None) for day in DAYS},
        )
    )


def _values_of_courses(profile: Profile) -> dict[str, pl.Expr]:
    rules, mapped = profile.courses, profile.courses.mapped(profile.basis)
    updated = pl.lit(rules.update)
    values = {
        name: written(name, COURSE_FIELDS[name].way(mapped[name].write), updated)
        for name in ("fullname", "shortname", "idnumber")
    }
    values["category"] = written("category", "in-step", updated)
    for day in DAYS:
        now = pl.col(f"{day}{NOW}")
        create_only = day in mapped and COURSE_FIELDS[day].way(mapped[day].write) == "create-only"
        kept = now.is_not_null() & (~updated | pl.lit(create_only))
        values[day] = pl.when(kept).then(now).otherwise(pl.col(day)).fill_null(now).fill_null(0)
    return values


def _categories_needed(courses: pl.DataFrame, desired: Desired) -> Iterator[Finding]:
    """Each category that new courses stand in, once, with its path."""
    tree = {row["key"]: row for row in desired.parts["category"].frame.iter_rows(named=True)}
    by_id = {row["idnumber"]: row for row in tree.values()}
    for number, of_category in courses.sort("category", KEY).group_by("category", maintain_order=True):
        names, row = [], by_id.get(str(number[0]))
        while row is not None:
            names.append(row["name"])
            row = tree.get(row["parent"])
        first = of_category.row(0, named=True)
        yield RULES["published-category-needed"].finding(
            sourced_id=first[KEY],
            line=first["line"],
            value=number[0],
            told={"path": " / ".join(reversed(names))},
            count=of_category.height,
        )


def _names_of_users(desired: Desired, current: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """By `user` the user name and ID number that enrolments carry: those of the person's row, else the profile's."""
    came = desired.parts["user"].frame.select(user="key", username="username", user_idnumber="idnumber")
    return _names("user", rows, current, came, {"username": "username", "user_idnumber": "idnumber"})


def _names_of_courses(desired: Desired, current: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    came = desired.parts["course"].frame.select(
        course_key="key", course_idnumber="idnumber", course_shortname="shortname"
    )
    return _names("course_key", rows, current, came, {"course_idnumber": "idnumber", "course_shortname": "shortname"})


def _names(key: str, rows: Rows, current: pl.DataFrame, came: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    chosen = {key: pl.col(KEY)} | {
        new: pl.col(old) if old in current.columns else pl.lit("") for new, old in names.items()
    }
    found = pl.concat([rows.frame.select(**chosen), current.select(**chosen), came.fill_null("")])
    return found.unique(key, keep="first", maintain_order=True)


def _short_names(profile: Profile, roles: Mapping[str, int]) -> dict[str, str]:
    """Short names of the roles that the profile names by id."""
    given = {role for role in profile.enrolments.roles.values() if role.isdigit()}
    known = {str(number): name for name, number in roles.items()}
    if unknown := sorted(given - set(known)):
        raise SettingError(
            f"The short name of the role with the id {', '.join(unknown)} is not known.",
            where=f"profile {profile.name}, enrolments.roles",
            remedy="Write its short name there (Site administration > Users > Define roles shows it), or add it to the "
            "site document's roles.",
            code="role-short-name",
        )
    return {number: known[number] for number in given}


def _moment(name: str, absent: int | None = 0) -> pl.Expr:
    value = pl.col("fields").str.json_path_match(f"$.{name}").cast(pl.Int64)
    return value if absent is None else value.fill_null(absent)
