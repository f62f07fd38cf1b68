"""The enrolments of a roster as Moodle enrolments."""

import polars as pl

from matricula.profiles.classes import midnight
from matricula.profiles.documents import Profile
from matricula.profiles.parts import Part, Rule, as_json, report
from matricula.roster import Roster

#: Stands between the person's and the class's sourcedId in the key of an enrolment; neither may hold it.
SEPARATOR = "\t"

_TWO_ROLES = Rule(
    "two-roles-in-a-class", "warning", "role",
    "{label} stands in one class in two roles; “{value}” is taken.",
    "Mend the enrolments in the school's system if that is not what is meant.",
)  # fmt: skip


def desire_enrolments(roster: Roster, users: Part, courses: Part, profile: Profile) -> Part:
    """Enrolments of people who get an account in classes that become courses.

    Args:
        roster: the roster.
        users: the accounts wanted.
        courses: the courses wanted.
        profile: the profile; its part on enrolments and its time zone.

    Returns:
        Rows with `key`, `user`, `course`, `name`, `person`, `title`, `role`, `fields`, `line`. A person is enrolled
        once in a course; of several roles the one named last in the profile is taken.
    """
    rules = profile.enrolments
    rank = {role: place for place, role in enumerate(rules.roles)}
    wanted = roster.enrollments.filter(pl.col("role").is_in(list(rules.roles)))
    rows = wanted.join(users.frame.select(userSourcedId="key", person="name"), on="userSourcedId", how="inner").join(
        courses.frame.select(classSourcedId="key", title="name"), on="classSourcedId", how="inner"
    )
    pair = ("userSourcedId", "classSourcedId")
    rows = rows.with_columns(rank=pl.col("role").replace_strict(rank, return_dtype=pl.Int64))
    rows = rows.sort("rank", "sourcedId", descending=[True, False]).with_columns(
        torn=pl.col("role").n_unique().over(pair) > 1
    )
    rows = rows.unique(pair, keep="first", maintain_order=True)
    findings = report(
        rows.filter("torn").select("sourcedId", "line", value="role", label="person"),
        _TWO_ROLES,
        "enrollments",
    )
    return Part(_frame(rows, profile), tuple(findings))


def _frame(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    rules = profile.enrolments
    fields = ["role", "suspended"]
    rows = rows.with_columns(
        pl.col("role").replace_strict(rules.roles, return_dtype=pl.String), suspended=pl.lit(value=False)
    )
    if rules.dates == "students":
        student = pl.col("role") == rules.roles.get("student", "student")
        begin = midnight(pl.col("beginDate"), profile.timezone)
        end = midnight(pl.col("endDate").dt.offset_by("1d"), profile.timezone)
        rows = rows.with_columns(
            timestart=pl.when(student).then(begin).fill_null(0),
            timeend=pl.when(student).then(end).fill_null(0),
        )
        fields += ["timestart", "timeend"]
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
