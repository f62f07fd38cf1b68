"""The classes of a roster as Moodle courses, and the categories they stand in."""

from hashlib import sha256

import polars as pl

from matricula.profiles.documents import CategoryRules, CourseRules, Profile
from matricula.profiles.moodle_limits import LENGTHS, cut, tidy
from matricula.profiles.parts import Part, Rule, as_json, report
from matricula.roster import Roster

UNSORTED = "unsorted"

_WITHOUT_TITLE = Rule(
    "class-without-title", "error", "title",
    "A class has neither a title nor a code nor a course.",
    "Give the class a title in the school's system.",
)  # fmt: skip
_WARNINGS = {
    "course-name-cleaned": Rule(
        "course-name-cleaned", "warning", "title",
        "The course name “{value}” was changed to one that Moodle accepts: {label}.",
        "Course names have at most 254 characters and no HTML tags.",
    ),
    "shortname-shared": Rule(
        "shortname-shared", "warning", "classCode",
        "Several classes have the short name “{value}”; their sourcedId was added to tell them apart.",
        "Give each class a code of its own in the school's system.",
    ),
    "course-unsorted": Rule(
        "course-unsorted", "warning", "schoolSourcedId",
        "{label} belongs to no known school or year; it goes to the category for unsorted courses.",
        "Deliver orgs and academicSessions with the classes, or move the course in Moodle.",
    ),
    "course-dates-reversed": Rule(
        "course-dates-reversed", "warning", "termSourcedIds",
        "The terms of {label} end before they begin; the course gets no end date.",
        "Mend the dates of its terms in the school's system.",
    ),
}  # fmt: skip


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
    findings = report(
        titled.filter(bad).select("sourcedId", "line", value=pl.lit(""), label=pl.lit("")),
        _WITHOUT_TITLE,
        "classes",
    )
    caught = {
        "course-name-cleaned": (pl.col("fullname") != pl.col("came"), "came"),
        "shortname-shared": (pl.col("shared"), "code"),
        "course-unsorted": (pl.col("category") == UNSORTED, "schoolSourcedId"),
        "course-dates-reversed": (pl.col("reversed"), "fullname"),
    }
    for code, (condition, value) in caught.items():
        rows = good.filter(condition).select("sourcedId", "line", value=pl.col(value), label="fullname")
        findings += report(rows, _WARNINGS[code], "classes")
    return _categories(good, profile.categories), Part(
        _course_frame(good, profile.courses), tuple(findings), frozenset(titled.filter(bad)["sourcedId"])
    )


def short_id(identifier: str) -> str:
    """An ID number that fits Moodle's 100 characters and stays one of a kind: long ones end in a digest."""
    if len(identifier) <= LENGTHS["course.idnumber"]:
        return identifier
    return f"{identifier[:60]}~{sha256(identifier.encode()).hexdigest()[:16]}"


def midnight(day: pl.Expr, zone: str) -> pl.Expr:
    """Dates as Unix seconds of the moment they begin in a time zone."""
    return (
        day.cast(pl.Datetime("us")).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.epoch("s")
    )


def _sessions(roster: Roster) -> pl.DataFrame:
    """Each academic session with the school year it lies in: `session`, `year` (key), `yearName`, `startDate`, …."""
    rows = {row["sourcedId"]: row for row in roster.academicSessions.iter_rows(named=True)}

    def school_year(sourced_id: str) -> dict[str, object] | None:
        seen: set[str] = set()
        row = rows.get(sourced_id)
        while row and row["type"] != "schoolYear" and row["sourcedId"] not in seen:
            seen.add(row["sourcedId"])
            row = rows.get(row["parentSourcedId"])
        return row if row and row["type"] == "schoolYear" else None

    years = []
    for row in rows.values():
        year = school_year(row["sourcedId"])
        ends = str((year or row)["schoolYear"] or "")[-4:]
        span = f"{int(ends) - 1}/{ends[2:]}" if ends.isdigit() else ""
        years.append(
            {
                "session": row["sourcedId"],
                "year": str(year["sourcedId"]) if year else (ends or None),
                "yearName": str(year["title"] or span) if year else (span or None),
                "span": span,
                "startDate": row["startDate"],
                "endDate": row["endDate"],
            }
        )
    schema = {"session": pl.String, "year": pl.String, "yearName": pl.String, "span": pl.String}
    return pl.DataFrame(years, schema=schema | {"startDate": pl.Date, "endDate": pl.Date})


def _with_course(roster: Roster) -> pl.DataFrame:
    courses = roster.courses.select(
        pl.col("sourcedId").alias("courseSourcedId"),
        pl.col("title").alias("courseTitle"),
        pl.col("schoolYearSourcedId").alias("courseYear"),
    )
    return roster.classes.join(courses, on="courseSourcedId", how="left")


def _with_dates(classes: pl.DataFrame, sessions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Classes with the year of their terms (else of their course) and their first and last day."""
    terms = (
        classes.select("sourcedId", session=pl.col("termSourcedIds").list.concat(pl.concat_list("courseYear")))
        .explode("session")
        .join(sessions, on="session", how="inner", maintain_order="left")
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
    title = pl.coalesce(pl.when(tidy(pl.col("title")) != "").then("title"), "classCode", "courseTitle", pl.lit(""))
    course = tidy(pl.col("courseTitle"))
    alone = (course == "") | tidy(title).str.to_lowercase().str.contains(course.str.to_lowercase(), literal=True)
    came = pl.when(alone).then(title).otherwise(pl.concat_str("courseTitle", pl.lit(" – "), title))
    code = pl.coalesce(pl.when(tidy(pl.col("classCode")) != "").then("classCode"), title)
    year = pl.when(pl.col("span").fill_null("") != "").then(pl.lit(" ") + pl.col("span")).otherwise(pl.lit(""))
    return classes.with_columns(
        came=came.str.strip_chars(),
        fullname=cut(tidy(came), "fullname"),
        code=cut(pl.concat_str(tidy(code), year), "shortname"),
    )


def _told_apart(classes: pl.DataFrame) -> pl.DataFrame:
    """Short names are unique on a whole Moodle: classes that share one all get their sourcedId added."""
    shared = pl.len().over(pl.col("code").str.to_lowercase()) > 1
    room = LENGTHS["shortname"]
    return classes.with_columns(shared=shared).with_columns(
        shortname=pl.when("shared")
        .then(
            pl.concat_str(
                pl.col("code").str.slice(0, room - 70),
                pl.lit(" ("),
                pl.col("sourcedId").str.tail(60),
                pl.lit(")"),
            )
        )
        .otherwise("code")
    )


def _placed(classes: pl.DataFrame, roster: Roster, rules: CategoryRules) -> pl.DataFrame:
    orgs = roster.orgs.select(schoolSourcedId="sourcedId", orgName=cut(tidy(pl.col("name")), "category.name"))
    placed = classes.join(orgs, on="schoolSourcedId", how="left").with_columns(
        orgKey=pl.when(pl.col("orgName").fill_null("") != "").then(pl.lit("org:") + pl.col("schoolSourcedId")),
        yearKey=pl.when(pl.col("yearName").fill_null("") != "").then(pl.lit("year:") + pl.col("year")),
        yearName=cut(tidy(pl.col("yearName")), "category.name"),
    )
    path = pl.concat_str([f"{level}Key" for level in rules.levels], separator="/", ignore_nulls=True)
    known = pl.any_horizontal(pl.lit(False), *(pl.col(f"{level}Key").is_not_null() for level in rules.levels))
    return placed.with_columns(category=pl.when(known).then(path).otherwise(pl.lit(UNSORTED)))


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
            nodes[key] = _node(key, parent, depth, str(row[f"{level}Name"]), short_id(key))
            parent, depth = key, depth + 1
    schema = {
        "key": pl.String,
        "name": pl.String,
        "idnumber": pl.String,
        "parent": pl.String,
        "depth": pl.Int64,
    }
    frame = pl.DataFrame(list(nodes.values()), schema=schema)
    return Part(frame.with_columns(as_json("name", "idnumber", "parent"), line=pl.lit(None, pl.Int64)))


def _node(key: str, parent: str, depth: int, name: str, idnumber: str) -> dict[str, object]:
    return {"key": key, "name": name, "idnumber": idnumber, "parent": parent, "depth": depth}


def _course_frame(classes: pl.DataFrame, rules: CourseRules) -> pl.DataFrame:
    long = pl.col("sourcedId").str.len_chars() > LENGTHS["course.idnumber"]
    idnumber = pl.when(long).then(pl.col("sourcedId").map_elements(short_id, pl.String)).otherwise("sourcedId")
    return classes.with_columns(idnumber=idnumber, visible=pl.lit(int(rules.visible), pl.Int64)).select(
        key="sourcedId",
        name="fullname",
        shortname="shortname",
        idnumber="idnumber",
        category="category",
        fields=as_json("fullname", "shortname", "idnumber", "category", "visible", "startdate", "enddate"),
        line="line",
    )
