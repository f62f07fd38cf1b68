"""The classes of a roster with the properties that mappings name: one row a class, or a pair of class and subject."""

from collections.abc import Collection, Mapping

import polars as pl

from matricula.profiles import vocabulary
from matricula.profiles.conditions import meets
from matricula.profiles.documents import Profile
from matricula.profiles.fields import properties, text_of
from matricula.profiles.moodle_limits import tidy
from matricula.profiles.sessions import sessions, sessions_of, with_sessions
from matricula.roster import Roster

#: Stands before the sourcedId of a OneRoster course in the key of the Moodle course for it (basis `subject`).
SUBJECT = "subject:"
#: Stands between a class and a subject of it in the key of the course for both (basis `group-subject`).
PAIR = "/"
#: A word that can show that two titles say the same.
_WORD = r"\p{L}{4,}"
_COURSE, _ORG, _DEPARTMENT = "course:", "org:", "department:"


def classes(roster: Roster, profile: Profile, names: Collection[str]) -> pl.DataFrame:
    """The classes that become courses.

    Args:
        roster: the roster.
        profile: the profile, of which the basis, the period and `courses.only` count.
        names: properties that are wanted; those of people and enrolments are passed over.

    Returns:
        `class` (sourcedId), `course` (key of the course the class goes to), `line`, `school`, and a column for each
        property wanted, of its kind; blank texts are null.

    Raises:
        SettingError: the delivery has no such period.
    """
    return every_class(roster, profile, names).filter("taken").drop("taken", "unclear")


def every_class(roster: Roster, profile: Profile, names: Collection[str]) -> pl.DataFrame:
    """All classes, as `classes` gives those that become courses.

    Returns:
        two columns more: `taken`, whether the class becomes a course, and `unclear`, whether that cannot be told
        because what it depends on did not come or could not be read.
    """
    condition = profile.courses.only
    needed = dict.fromkeys((*names, *properties(condition.value if condition else None)))
    wanted = [name for name in needed if vocabulary.CLASSES.knows(name)]
    told = sessions(roster)
    wide = with_sessions(_with_others(roster), told, sessions_of(profile, told))
    rows = _by_basis(wide, profile)
    frame = rows.with_columns(_property(name, rows.columns, profile) for name in wanted)
    meant = pl.lit(value=True)
    if condition is not None:
        meant = meets(text_of(condition.value, vocabulary.CLASSES, profile), condition)
    undated = pl.col("inPeriod").is_null() & pl.lit(profile.period is not None)
    taken = pl.col("inPeriod").fill_null(profile.period is None) & meant
    frame = frame.with_columns(taken=taken, unclear=undated | (~taken & _refers_to_unreadable(roster)))
    return frame.select(
        pl.col("sourcedId").alias("class"),
        "course",
        "line",
        pl.col("schoolSourcedId").alias("school"),
        *(_OF_COURSES.get(name, pl.col(name)).alias(name) for name in wanted if name in names),
        "taken",
        "unclear",
    )


def _with_others(roster: Roster) -> pl.DataFrame:
    """Classes with their OneRoster course, school and department, each column under a prefix of its own."""
    orgs = roster.orgs
    departments = orgs.filter(pl.col("type") == "department")
    return (
        roster.classes.join(_prefixed(roster.courses, _COURSE), on="courseSourcedId", how="left", maintain_order="left")
        .join(_prefixed(orgs, _ORG, "schoolSourcedId"), on="schoolSourcedId", how="left", maintain_order="left")
        .join(
            _prefixed(departments, _DEPARTMENT, f"{_COURSE}orgSourcedId"),
            on=f"{_COURSE}orgSourcedId",
            how="left",
            maintain_order="left",
        )
        .with_columns(courseYear=pl.col(f"{_COURSE}schoolYearSourcedId"))
    )


def _prefixed(frame: pl.DataFrame, prefix: str, key: str = "courseSourcedId") -> pl.DataFrame:
    return frame.select(pl.all().name.prefix(prefix), pl.col("sourcedId").alias(key))


def _by_basis(wide: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Rows with `course`, `subjectCode` and `subjectTitle`, as the profile's basis has it."""
    if profile.basis == "group-subject":
        return _paired(wide)
    alone = pl.col("sourcedId")
    of_subject = pl.lit(SUBJECT) + pl.col("courseSourcedId")
    return wide.with_columns(course=pl.coalesce(of_subject, alone) if profile.basis == "subject" else alone)


def _paired(wide: pl.DataFrame) -> pl.DataFrame:
    """A row for each class and subject of it.

    Subjects are the class's own, else those of its course; where neither names any, the course is the subject.
    """
    own = (pl.col("subjects").list.len().fill_null(0) + pl.col("subjectCodes").list.len().fill_null(0)) > 0
    of_class = wide.with_columns(
        codes=pl.when(own).then("subjectCodes").otherwise(f"{_COURSE}subjectCodes"),
        titles=pl.when(own).then("subjects").otherwise(f"{_COURSE}subjects"),
    ).with_columns(many=pl.max_horizontal(pl.col("codes", "titles").list.len().fill_null(0)))
    each = of_class.with_columns(place=pl.int_ranges(0, pl.max_horizontal("many", pl.lit(1)))).explode("place")
    code, title = (_filled(pl.col(name).list.get(pl.col("place"), null_on_oob=True)) for name in ("codes", "titles"))
    of_course = [
        pl.when(pl.col("many") == 0).then(_filled(pl.col(f"{_COURSE}{name}"))) for name in ("courseCode", "title")
    ]
    each = each.with_columns(subjectCode=pl.coalesce(code, of_course[0]), subjectTitle=pl.coalesce(title, of_course[1]))
    each = each.with_columns(
        subjectCode=pl.coalesce("subjectCode", "subjectTitle"), subjectTitle=pl.coalesce("subjectTitle", "subjectCode")
    )
    some = each.filter(pl.col("subjectCode").is_not_null() | (pl.col("place") == 0))
    empty = pl.col("subjectCode").is_null() & (pl.len().over("sourcedId") > 1)
    pair = pl.concat_str(escaped(pl.col("sourcedId")), pl.lit(PAIR), escaped(pl.col("subjectCode")))
    keyed = some.filter(~empty).with_columns(course=pl.coalesce(pair, "sourcedId"))
    return keyed.unique("course", keep="first", maintain_order=True)


def escaped(identifier: pl.Expr) -> pl.Expr:
    """Identifiers in which no stroke stands, so that they can be parts of a path."""
    return identifier.str.replace_all("%", "%25", literal=True).str.replace_all("/", "%2F", literal=True)


def path_step(identifier: str) -> str:
    """One identifier as `escaped` gives it."""
    return identifier.replace("%", "%25").replace("/", "%2F")


def _refers_to_unreadable(roster: Roster) -> pl.Expr:
    """Whether a class names a course or school whose row was there and could not be read."""
    return pl.any_horizontal(
        pl.col(column).is_in(sorted(roster.unreadable.get(table, frozenset()))).fill_null(value=False)
        for column, table in (("courseSourcedId", "courses"), ("schoolSourcedId", "orgs"))
    )


def _filled(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.strip_chars() != "").then(text)


def _title() -> pl.Expr:
    """Title of a class, else its code, else the title of its course."""
    names = ("title", "classCode", f"{_COURSE}title")
    return pl.coalesce(*(pl.when(tidy(pl.col(name)) != "").then(name) for name in names))


def _name() -> pl.Expr:
    """Title of a class with its course's before it where the two say different things."""
    course = tidy(pl.col(f"{_COURSE}title"))
    lowered = tidy(_title()).str.to_lowercase()
    words = [text.str.extract_all(_WORD) for text in (lowered, course.str.to_lowercase())]
    alike = words[0].list.set_intersection(words[1]).list.len() > 0
    alone = (course == "") | alike | lowered.str.contains(course.str.to_lowercase(), literal=True)
    return pl.when(alone).then(_title()).otherwise(pl.concat_str(f"{_COURSE}title", pl.lit(" – "), _title()))


def _first(column: str) -> pl.Expr:
    return pl.col(column).list.drop_nulls().list.first()


_GRADE = pl.coalesce(_first("grades"), _first(f"{_COURSE}grades"))
#: Properties by name; those of subjects are others with basis `group-subject`.
_PROPERTIES: Mapping[str, pl.Expr] = {
    "group.id": pl.col("sourcedId"),
    "group.title": _title(),
    "group.code": pl.col("classCode"),
    "group.name": _name(),
    "group.type": pl.col("classType"),
    "group.location": pl.col("location"),
    "group.grade": _first("grades"),
    "group.grades": pl.col("grades"),
    "group.periods": pl.col("periods"),
    "group.subjects": pl.col("subjects"),
    "group.start": pl.col("first"),
    "group.end": pl.col("last"),
    "subject.id": pl.col(f"{_COURSE}sourcedId"),
    "subject.title": pl.col(f"{_COURSE}title"),
    "subject.code": pl.col(f"{_COURSE}courseCode"),
    "subject.grade": _first(f"{_COURSE}grades"),
    "subject.subjects": pl.col(f"{_COURSE}subjects"),
    "institute.id": pl.col(f"{_ORG}sourcedId"),
    "institute.name": pl.col(f"{_ORG}name"),
    "institute.code": pl.col(f"{_ORG}identifier"),
    "period.id": pl.col("year"),
    "period.title": pl.col("yearName"),
    "period.span": pl.col("span"),
    "semester.id": pl.col("semester"),
    "semester.title": pl.col("semesterTitle"),
    "grade.id": _GRADE,
    "grade.name": _GRADE,
    "stream.id": pl.col(f"{_DEPARTMENT}sourcedId"),
    "stream.name": pl.col(f"{_DEPARTMENT}name"),
    "stream.code": pl.col(f"{_DEPARTMENT}identifier"),
    "location.id": pl.col("location"),
    "location.name": pl.col("location"),
    "course.start": pl.col("first"),
    "course.end": pl.col("last"),
}
#: What several classes of one course tell together.
_OF_COURSES: Mapping[str, pl.Expr] = {
    "course.start": pl.col("first").min().over("course", "taken"),
    "course.end": pl.col("last").max().over("course", "taken"),
}
_OF_PAIRS: Mapping[str, pl.Expr] = {
    "subject.id": pl.col("subjectCode"),
    "subject.code": pl.col("subjectCode"),
    "subject.title": pl.col("subjectTitle"),
}
#: Whose extension columns stand behind a property such as `subject.metadata.house`.
_EXTENSIONS = {"group.": "", "subject.": _COURSE, "institute.": _ORG}


def _property(name: str, columns: Collection[str], profile: Profile) -> pl.Expr:
    known = {**_PROPERTIES, **(_OF_PAIRS if profile.basis == "group-subject" else {})}
    if name in known:
        of_kind = vocabulary.CLASSES.kind_of(name)
        return (_filled(known[name]) if of_kind == "text" else known[name]).alias(name)
    prefix, column = next(
        (here, name.removeprefix(word)) for word, here in _EXTENSIONS.items() if name.startswith(word)
    )
    there = f"{prefix}{column}" in columns
    return (_filled(pl.col(f"{prefix}{column}")) if there else pl.lit(None, pl.String)).alias(name)
