"""The enrolments of a roster as Moodle enrolments."""

import polars as pl

from matricula.profiles.classes import midnight
from matricula.profiles.documents import Profile
from matricula.profiles.parts import Part, as_json, report
from matricula.roster import Roster

#: Stands between the person's and the class's sourcedId in the key of an enrolment; neither may hold it.
SEPARATOR = "\t"
PAIR = ("userSourcedId", "classSourcedId")


def desire_enrolments(roster: Roster, users: Part, courses: Part, profile: Profile) -> Part:
    """Enrolments of people who get an account in classes that become courses.

    Args:
        roster: the roster.
        users: the accounts wanted.
        courses: the courses wanted.
        profile: the profile; its part on enrolments and its time zone.

    Returns:
        Rows with `key`, `user`, `course`, `name`, `person`, `title`, `role`, `fields`, `line`. A person is enrolled
        once in a course; of several roles the one named last in the profile is taken. Dates are students' alone.
    """
    roles = pl.Series(list(profile.enrolments.roles), dtype=pl.String)
    wanted = roster.enrollments.filter(pl.col("role").is_in(roles.implode()))
    rows = wanted.join(users.frame.select(userSourcedId="key", person="name"), on="userSourcedId", how="inner").join(
        courses.frame.select(classSourcedId="key", title="name"), on="classSourcedId", how="inner"
    )
    # Few have several rows, and looking for them costs far less than treating everybody so.
    several = rows.select(pl.struct(PAIR).is_duplicated()).to_series()
    alone = rows.filter(~several).with_columns(torn=pl.lit(value=False))
    rows = pl.concat([alone, _one_of_several(rows.filter(several), roles)])
    rows = _dated(rows, profile)
    told = {"label": pl.col("person")}
    findings = report(
        rows.filter("torn").select("sourcedId", "line", value="role", **told), "two-roles-in-a-class"
    ) + report(
        rows.filter("reversed").select("sourcedId", "line", value=pl.col("endDate").cast(pl.String), **told),
        "enrolment-dates-reversed",
    )
    return Part(_frame(rows, profile), tuple(findings))


def _one_of_several(rows: pl.DataFrame, roles: pl.Series) -> pl.DataFrame:
    """One row for each person and class: in the role named last, from its earliest begin to its latest end."""
    ranks = roles.to_frame("role").with_row_index("rank")
    rows = rows.join(ranks, on="role").sort("rank", "sourcedId", descending=[True, False]).drop("rank")
    stay = (*PAIR, "role")
    begin, end = pl.col("beginDate"), pl.col("endDate")
    return rows.with_columns(
        beginDate=pl.when(begin.is_not_null().all().over(stay)).then(begin.min().over(stay)),
        endDate=pl.when(end.is_not_null().all().over(stay)).then(end.max().over(stay)),
        torn=pl.col("role").n_unique().over(PAIR) > 1,
    ).unique(PAIR, keep="first", maintain_order=True)


def _dated(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Rows with `timestart` and `timeend`, 0 where there is none, and whether they were `reversed`."""
    student = (pl.col("role") == "student") & (profile.enrolments.dates == "students")
    begin = midnight(pl.col("beginDate"), profile.timezone)
    end = midnight(pl.col("endDate").dt.offset_by("1d"), profile.timezone)
    rows = rows.with_columns(
        timestart=pl.when(student).then(begin).fill_null(0), timeend=pl.when(student).then(end).fill_null(0)
    )
    turned = (pl.col("timeend") > 0) & (pl.col("timeend") <= pl.col("timestart"))
    return rows.with_columns(reversed=turned).with_columns(
        pl.when("reversed").then(0).otherwise(pl.col("timestart", "timeend")).name.keep()
    )


def _frame(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    rules = profile.enrolments
    fields = ["role", "suspended", *(("timestart", "timeend") if rules.dates == "students" else ())]
    roles = pl.DataFrame(
        {"role": list(rules.roles), "given": list(rules.roles.values())},
        schema=dict.fromkeys(("role", "given"), pl.String),
    )
    rows = rows.join(roles, on="role", maintain_order="left").with_columns(role="given", suspended=pl.lit(value=False))
    return rows.select(
        key=pl.concat_str("userSourcedId", "classSourcedId", separator=SEPARATOR),
        user="userSourcedId",
        course="classSourcedId",
        name=pl.concat_str("person", pl.lit(" in "), "title"),
        person="person",
        title="title",
        role="role",
        fields=as_json(*fields),
        line="line",
    )
