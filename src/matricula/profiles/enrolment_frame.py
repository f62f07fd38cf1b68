"""The enrolments of a roster as one frame: who is in which class, and by that in which course, as what."""

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from matricula.profiles.documents import Profile
from matricula.profiles.documents.roles import TEACHER_RANKS
from matricula.profiles.parts import Part
from matricula.roster import Roster

#: Stands between the keys of a person and a course in the key of an enrolment; neither may hold it.
SEPARATOR = "\t"

_TEACHER = "teacher"
_OWN = {
    "enrolment.id": "sourcedId",
    "enrolment.role": "role",
    "enrolment.beginDate": "beginDate",
    "enrolment.endDate": "endDate",
    "enrolment.primary": "primary",
}
_EXTENSION = "enrolment.metadata."


def enrolment_rows(roster: Roster, users: Part, classes: pl.DataFrame, courses: Part, profile: Profile) -> pl.DataFrame:
    """Enrolments of people who get an account in classes that lead to a course.

    Args:
        roster: the roster.
        users: the accounts wanted.
        classes: the classes, with `class` and the key of its `course`.
        courses: the courses wanted.
        profile: the profile; its roles.

    Returns:
        One row an enrolment of the roster and course, with `sourcedId`, `line`, `user`, `class`, `course`, `person`
        and `title` (names of the two), `role` (OneRoster's), `rule` (the role by which the profile names it),
        `beginDate`, `endDate`, `primary` and the extension columns of enrolments.
    """
    names = ("sourcedId", "line", "role", "beginDate", "endDate", "primary", *roster.extensions("enrollments"))
    came = roster.enrollments.select(*names, user="userSourcedId", **{"class": "classSourcedId"})
    leads = classes.select("class", "course").join(courses.frame.select(course="key", title="name"), on="course")
    return (
        _by_rules(came, profile.enrolments.roles)
        .join(users.frame.select(user="key", person="name"), on="user")
        .join(leads, on="class")
    )


def with_properties(
    rows: pl.DataFrame, people: pl.DataFrame, classes: pl.DataFrame, names: Collection[str]
) -> pl.DataFrame:
    """Rows of enrolments with the properties that mappings name.

    Args:
        rows: what `enrolment_rows` gave, or some of it.
        people: what `person_frame.people` gave, with the properties of people among the names.
        classes: what `class_frame.classes` gave, with all others but those of enrolments.
        names: the properties.

    Returns:
        the rows in their order, with a column for each property.
    """
    own = {name: pl.col(column) for name, column in _OWN.items() if name in names}
    own |= {name: _extension(rows, name) for name in names if name.startswith(_EXTENSION)}
    of_people = [name for name in names if name.startswith("person.")]
    of_classes = [name for name in names if name not in own and name not in of_people]
    rows = rows.with_columns(**own)
    if of_people:
        rows = rows.join(people.select(*of_people, user="sourcedId"), on="user", how="left", maintain_order="left")
    if of_classes:
        placed = classes.select("class", "course", *of_classes)
        rows = rows.join(placed, on=["class", "course"], how="left", maintain_order="left")
    return rows


def unreadable_enrolments(roster: Roster, classes: pl.DataFrame, profile: Profile) -> frozenset[str]:
    """Keys of enrolments that were in the delivery and could not be used.

    Where the course of a class cannot be known because the class itself could not be read, whoever is in that class
    counts as unreadable in every course.

    Returns:
        keys, of which one side may be empty, which stands for anybody or any course.
    """
    if profile.basis == "group":
        return frozenset(SEPARATOR.join(pair) for pair in roster.unreadable_pairs)
    courses: dict[str, list[str]] = {}
    for each, course in classes.select("class", "course").iter_rows():
        courses.setdefault(each, []).append(course)
    read = set(roster.classes["sourcedId"])
    lost = pl.Series(sorted(roster.unreadable.get("classes", frozenset())), dtype=pl.String)
    of_lost = roster.enrollments.filter(pl.col("classSourcedId").is_in(lost.implode()))["userSourcedId"]
    pairs = {(user, course) for user, each in roster.unreadable_pairs for course in _courses_of(each, courses, read)}
    return frozenset(SEPARATOR.join(pair) for pair in {*pairs, *((user, "") for user in of_lost)})


def _courses_of(each: str, courses: Mapping[str, list[str]], read: Collection[str]) -> Iterable[str]:
    """Keys of the courses a class leads to; empty, for any, where the class is not known."""
    return courses.get(each, ()) if each in read else ("",)


def _extension(rows: pl.DataFrame, name: str) -> pl.Expr:
    column = name.removeprefix("enrolment.")
    return pl.col(column) if column in rows.columns else pl.lit(None, pl.String)


def _by_rules(rows: pl.DataFrame, roles: Mapping[str, str]) -> pl.DataFrame:
    """The rows whose role the profile names, with the name that it has there."""
    named = rows.filter(pl.col("role").is_in([role for role in roles if role not in TEACHER_RANKS]))
    if not set(TEACHER_RANKS) & set(roles):
        return named.with_columns(rule="role")
    others = named.filter(pl.col("role") != _TEACHER).with_columns(rule="role")
    return pl.concat([others, _ranked(rows.filter(pl.col("role") == _TEACHER), roles)])


def _ranked(teachers: pl.DataFrame, roles: Mapping[str, str]) -> pl.DataFrame:
    """Teachers by rank. One of whom it is not said is the main one where nobody in the class is said to be."""
    led = pl.col("primary").fill_null(value=False).any().over("class")
    rank = pl.when(pl.col("primary").fill_null(~led)).then(pl.lit(TEACHER_RANKS[0])).otherwise(pl.lit(TEACHER_RANKS[1]))
    rule = pl.when(rank.is_in(list(roles))).then(rank).otherwise(pl.lit(_TEACHER))
    return teachers.with_columns(rule=rule).filter(pl.col("rule").is_in(list(roles)))
