"""The classes of a roster as Moodle courses, and the categories they stand in."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from matricula.profiles.documents import CategoryRules, CourseRules, Profile
from matricula.profiles.moodle_limits import LENGTHS, cut, folded, tidy, with_unique_ids
from matricula.profiles.parts import Part, as_json, report
from matricula.roster import Roster

UNSORTED = "unsorted"

#: A word that can show that two titles say the same.
_WORD = r"\p{L}{4,}"


def desire_courses(roster: Roster, profile: Profile) -> tuple[Part, Part]:
    """Courses for the classes of a roster, and the categories that hold them.

    Args:
        roster: the roster.
        profile: the profile; its parts on courses and categories and its time zone.

    Returns:
        The categories (rows with `key`, `name`, `idnumber`, `parent`, `depth`, `fields`, `line`), and the courses
        (rows with `key` (sourcedId), `name`, `shortname`, `idnumber`, `category`, `fields`, `line`).
    """
    classes = _with_dates(_with_course(roster), _sessions(roster), profile.timezone)
    titled = _named(classes)
    bad = pl.col("fullname") == ""
    good = _placed(_told_apart(titled.filter(~bad)), roster, profile.categories)
    nameless = titled.filter(bad).select("sourcedId", "line", value=pl.lit(""), label=pl.lit(""))
    findings = report(nameless, "class-without-title")
    caught = {
        "course-name-cleaned": (pl.col("fullname") != pl.col("came"), "came"),
        "shortname-shared": (pl.col("shared"), "code"),
        "course-unsorted": (pl.col("category") == UNSORTED, "schoolSourcedId"),
        "course-dates-reversed": (pl.col("reversed"), "fullname"),
    }
    for code, (condition, value) in caught.items():
        rows = good.filter(condition).select("sourcedId", "line", value=pl.col(value), label="fullname")
        findings += report(rows, code)
    return _categories(good, profile.categories), Part(
        _course_frame(good, profile.courses), tuple(findings), frozenset(titled.filter(bad)["sourcedId"])
    )


def midnight(day: pl.Expr, zone: str) -> pl.Expr:
    """Dates as Unix seconds of the moment they begin in a time zone: one o'clock where the clocks skip midnight."""
    begin = day.cast(pl.Datetime("us"))
    hours = (begin, begin.dt.offset_by("1h"))
    there = (hour.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null") for hour in hours)
    return pl.coalesce(*there).dt.epoch("s")


def _sessions(roster: Roster) -> pl.DataFrame:
    """Each academic session with the school year it lies in: `session`, `year` (key), `yearName`, `span`, its days.

    A year is known by the number of the calendar year in which it ends, so that the sessions of several schools, and
    terms that name no parent, meet in one category; a year without a number is known by its sourcedId.
    """
    rows = {row["sourcedId"]: row for row in roster.academicSessions.sort("sourcedId").iter_rows(named=True)}
    titles: dict[str, str] = {}
    years = []
    for row in rows.values():
        year = _school_year(rows, row)
        ends = str((year or row)["schoolYear"] or "")[-4:]
        span = f"{int(ends) - 1}/{ends[2:]}" if len(ends) == len("2027") and ends.isdecimal() else ""
        key = ends if span else str(year["sourcedId"]) if year else None
        if key and row is year and row["title"]:
            titles.setdefault(key, str(row["title"]))
        years.append(
            {"session": row["sourcedId"], "year": key, "span": span}
            | {name: row[name] for name in ("startDate", "endDate")}
        )
    schema = {"session": pl.String, "year": pl.String, "span": pl.String, "startDate": pl.Date, "endDate": pl.Date}
    named = pl.DataFrame(
        {"year": list(titles), "title": list(titles.values())}, schema=dict.fromkeys(("year", "title"), pl.String)
    )
    frame = pl.DataFrame(years, schema=schema).join(named, on="year", how="left", maintain_order="left")
    title = cut(tidy(pl.col("title")), "category.name")
    return frame.with_columns(yearName=pl.when(title != "").then(title).otherwise("span")).drop("title")


def _school_year(rows: Mapping[str, dict[str, Any]], session: dict[str, Any]) -> dict[str, Any] | None:
    """The session of type schoolYear that a session is or lies in, however the parents are tangled."""
    seen: set[str] = set()
    row: dict[str, Any] | None = session
    while row and row["type"] != "schoolYear" and row["sourcedId"] not in seen:
        seen.add(row["sourcedId"])
        row = rows.get(row["parentSourcedId"])
    return row if row and row["type"] == "schoolYear" else None


def _with_course(roster: Roster) -> pl.DataFrame:
    courses = roster.courses.select(
        pl.col("sourcedId").alias("courseSourcedId"),
        pl.col("title").alias("courseTitle"),
        pl.col("schoolYearSourcedId").alias("courseYear"),
    )
    return roster.classes.join(courses, on="courseSourcedId", how="left")


def _with_dates(classes: pl.DataFrame, sessions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Classes with the year of their terms (else of their course) and their first and last day."""
    of_terms = classes.select("sourcedId", session="termSourcedIds").explode("session").join(sessions, on="session")
    without = classes.filter(~pl.col("sourcedId").is_in(of_terms["sourcedId"].implode()))
    of_courses = without.select("sourcedId", session="courseYear").join(sessions, on="session")
    terms = (
        pl.concat([of_terms, of_courses])
        .sort("sourcedId", "startDate", "session")
        .group_by("sourcedId", maintain_order=True)
        .agg(
            pl.col("year", "yearName", "span").drop_nulls().first(),
            pl.col("startDate").min(),
            pl.col("endDate").max(),
        )
    )
    start, end = midnight(pl.col("startDate"), zone), midnight(pl.col("endDate").dt.offset_by("1d"), zone)
    return (
        classes.join(terms, on="sourcedId", how="left")
        .with_columns(startdate=start, ends=end)
        .with_columns(reversed=(pl.col("ends") <= pl.col("startdate")).fill_null(value=False))
        .with_columns(enddate=pl.when(~pl.col("reversed") & pl.col("startdate").is_not_null()).then("ends"))
    )


def _named(classes: pl.DataFrame) -> pl.DataFrame:
    names = ("title", "classCode", "courseTitle")
    title = pl.coalesce(*(pl.when(tidy(pl.col(name)) != "").then(name) for name in names), pl.lit(""))
    course, lowered = tidy(pl.col("courseTitle")), tidy(title).str.to_lowercase()
    words = [text.str.extract_all(_WORD) for text in (lowered, course.str.to_lowercase())]
    alike = words[0].list.set_intersection(words[1]).list.len() > 0
    alone = (course == "") | alike | lowered.str.contains(course.str.to_lowercase(), literal=True)
    came = pl.when(alone).then(title).otherwise(pl.concat_str("courseTitle", pl.lit(" – "), title))
    code = pl.coalesce(pl.when(tidy(pl.col("classCode")) != "").then("classCode"), title)
    year = pl.when(pl.col("span").fill_null("") != "").then(pl.lit(" ") + pl.col("span")).otherwise(pl.lit(""))
    return classes.with_columns(
        came=came.str.strip_chars(),
        fullname=cut(tidy(came), "fullname"),
        code=cut(pl.concat_str(tidy(code), year), "shortname"),
    )


def _told_apart(classes: pl.DataFrame) -> pl.DataFrame:
    """Short names are unique on a whole Moodle: classes that share one all get their sourcedId added.

    Many databases compare them without case and accents, so these do not tell them apart.
    """
    told_apart = with_unique_ids(classes.with_columns(mark="sourcedId"), "mark", "course.idnumber")
    start = pl.col("code").str.slice(0, LENGTHS["shortname"] - LENGTHS["course.idnumber"] - 3).str.strip_chars_end()
    return told_apart.with_columns(shared=folded(pl.col("code")).is_duplicated()).with_columns(
        shortname=pl.when("shared").then(pl.format("{} ({})", start, "mark")).otherwise("code")
    )


def _placed(classes: pl.DataFrame, roster: Roster, rules: CategoryRules) -> pl.DataFrame:
    orgs = roster.orgs.select(schoolSourcedId="sourcedId", orgName=cut(tidy(pl.col("name")), "category.name"))
    placed = classes.join(orgs, on="schoolSourcedId", how="left").with_columns(
        orgKey=pl.when(pl.col("orgName").fill_null("") != "").then(_step("org", "schoolSourcedId")),
        yearKey=pl.when(pl.col("yearName").fill_null("") != "").then(_step("year", "year")),
    )
    keys = [pl.col(f"{level}Key") for level in rules.levels]
    path = pl.concat_str(pl.lit(None, pl.String), *keys, separator="/", ignore_nulls=True)
    return placed.with_columns(
        category=pl.when(path == "").then(pl.lit(UNSORTED)).otherwise(path),
        placed=pl.all_horizontal(pl.lit(value=True), *(key.is_not_null() for key in keys)),
    )


def _step(level: str, column: str) -> pl.Expr:
    """One step of a category's path; a stroke inside an identifier does not divide it."""
    return pl.lit(f"{level}:") + pl.col(column).str.replace_all("%", "%25", literal=True).str.replace_all("/", "%2F")


def _categories(classes: pl.DataFrame, rules: CategoryRules) -> Part:
    """The tree that the courses need: every level of every path once."""
    nodes: dict[str, dict[str, object]] = {}
    levels = [column for level in rules.levels for column in (f"{level}Key", f"{level}Name")]
    for row in classes.select("category", *levels).unique().sort("category").iter_rows(named=True):
        if row["category"] == UNSORTED:
            nodes[UNSORTED] = _node(UNSORTED, "", 0, rules.unsorted, "matricula-unsorted")
            continue
        parent, depth = "", 0
        for level in rules.levels:
            if row[f"{level}Key"] is None:
                continue
            key = f"{parent}/{row[f'{level}Key']}".lstrip("/")
            nodes[key] = _node(key, parent, depth, str(row[f"{level}Name"]), key)
            parent, depth = key, depth + 1
    schema = {
        "key": pl.String,
        "name": pl.String,
        "idnumber": pl.String,
        "parent": pl.String,
        "depth": pl.Int64,
    }
    frame = with_unique_ids(pl.DataFrame(list(nodes.values()), schema=schema), "idnumber", "category.idnumber")
    return Part(frame.with_columns(as_json("name", "idnumber", "parent"), line=pl.lit(None, pl.Int64)))


def _node(key: str, parent: str, depth: int, name: str, idnumber: str) -> dict[str, object]:
    return {"key": key, "name": name, "idnumber": idnumber, "parent": parent, "depth": depth}


def _course_frame(classes: pl.DataFrame, rules: CourseRules) -> pl.DataFrame:
    """The courses. Their fields name no category where a level of it is unknown: nothing is moved for that."""
    known = pl.when("placed").then("category").alias("category")
    classes = with_unique_ids(classes.with_columns(idnumber="sourcedId"), "idnumber", "course.idnumber")
    return classes.with_columns(visible=pl.lit(int(rules.visible), pl.Int64)).select(
        "shortname",
        "idnumber",
        "category",
        as_json("fullname", "shortname", "idnumber", known, "visible", "startdate", "enddate"),
        "line",
        key="sourcedId",
        name="fullname",
    )
