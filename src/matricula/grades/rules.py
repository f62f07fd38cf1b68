"""Every kind of finding that working out a gradebook can raise, and how rows are told with it.

`docs/reference/findings.md` prints this table.
"""

from typing import Final

import polars as pl

from matricula.profiles.rules import Rule
from matricula.roster import Finding

#: More findings of one kind than this are told as one with a count, so that a report stays readable.
MANY: Final = 20

_ALL = (
    Rule(
        code="grade-course-without-class",
        severity="warning",
        meaning="The grades of a course were read, and no class of the roster leads to it. None of them is sent.",
        remedy="Deliver the class again, or let the profile take it (courses.only, period).",
        table="classes",
        column="sourcedId",
        message="No class of the roster leads to the course “{label}”; its grades are not sent.",
    ),
    Rule(
        code="grade-person-unknown",
        severity="warning",
        meaning="Somebody has grades in a course whom the roster does not have. Their grades are not sent; what was "
        "sent before stays.",
        remedy="Enter the person in the school's system. A guest of the course can be passed over.",
        table="users",
        column="sourcedId",
        message="In “{label}” there are grades of somebody whom the roster does not have (account {value}).",
    ),
    Rule(
        code="grade-student-without-class",
        severity="warning",
        meaning="Several classes share a course, and a student with grades in it is in none of them. Their grades are "
        "not sent; what was sent before stays.",
        remedy="Enter the student in the right class in the school's system.",
        table="enrollments",
        column="classSourcedId",
        message="{label} has grades in “{value}”, and is in none of the classes that share it.",
    ),
    Rule(
        code="grade-student-in-several-classes",
        severity="warning",
        meaning="A student is in several of the classes that share a course. Their grades go to the one that they came "
        "to last.",
        remedy="End the enrolments that no longer hold in the school's system.",
        table="enrollments",
        column="classSourcedId",
        message="{label} is in several of the classes that share “{value}”; grades go to the one they came to last.",
    ),
    Rule(
        code="grade-item-without-maximum",
        severity="error",
        meaning="An item has no maximum, or one that is not above its minimum, so that its grades have no meaning. It "
        "is not sent.",
        remedy="Set the maximum grade of the item in Moodle, or leave the item out (grades.items.without).",
        table="",
        column="",
        message="The item “{label}” in {place} has no usable maximum ({value}).",
    ),
    Rule(
        code="grade-item-without-weight",
        severity="error",
        meaning="Grades are weighted in Moodle, and the site does not tell what an item counts. It is not sent.",
        remedy="Give the token's user gradereport/user:view, or weight in the school's system (grades.weighting).",
        table="",
        column="",
        message="What the item “{label}” in {place} counts in the course is not known.",
    ),
    Rule(
        code="grade-item-name-shared",
        severity="warning",
        meaning="Several items or categories of one class have the same name. All but the first get their ID number or "
        "a number added, so that the school's system can tell them apart.",
        remedy="Give each a name of its own in Moodle.",
        table="",
        column="",
        message="Several items or categories in {place} are called “{label}”; one is sent as “{value}”.",
    ),
    Rule(
        code="grade-period-none",
        severity="error",
        meaning="No academic session of a class holds the day of an item, or of a final grade. It is not sent.",
        remedy="Mend the due date in Moodle or the sessions in the school's system, or name a session in the profile "
        "(grades.marking_period).",
        table="academicSessions",
        column="startDate",
        message="“{label}” in {place} lies in no academic session of the class ({value}).",
    ),
    Rule(
        code="grade-period-several",
        severity="warning",
        meaning="Several academic sessions of a class hold the day of an item just as well. The one that begins first, "
        "then the one whose sourcedId comes first, is taken.",
        remedy="Mend the sessions in the school's system, or name one in the profile (grades.marking_period).",
        table="academicSessions",
        column="startDate",
        message="Several academic sessions could be that of “{label}” in {place}; “{value}” is taken.",
    ),
    Rule(
        code="grade-scale-without-points",
        severity="error",
        meaning="An item is graded by a scale whose words are no numbers, and the profile gives them no points. The "
        "grade is not sent; what was sent before stays.",
        remedy="Give each word its points in the profile (grades.scales), or send letters (grades.scale: letters).",
        table="",
        column="",
        message="“{value}”, a grade of “{label}” in {place}, is no number, and grades.scales gives it no points.",
    ),
    Rule(
        code="grade-without-number",
        severity="error",
        meaning="A grade was given that the site shows without a number. It is not sent; what was sent before stays.",
        remedy="Look at the grade in Moodle and enter it anew.",
        table="",
        column="",
        message="A grade of “{label}” in {place} has no number (“{value}”).",
    ),
    Rule(
        code="grade-not-finite",
        severity="error",
        meaning="A grade is infinite or no number at all. It is not sent; what was sent before stays.",
        remedy="Look at the grade in Moodle and enter it anew.",
        table="",
        column="",
        message="A grade of “{label}” in {place} is not a finite number ({value}).",
    ),
    Rule(
        code="grade-above-maximum",
        severity="warning",
        meaning="A grade is above the maximum of its item: extra credit, or a slip. It is sent as it is.",
        remedy="Mend the grade in Moodle if it is a slip.",
        table="",
        column="",
        message="A grade of “{label}” in {place} is above the maximum: {value}.",
    ),
    Rule(
        code="grade-without-letter",
        severity="warning",
        meaning="No letter stands for a percentage. The grade is sent without one.",
        remedy="Let the last of grades.letters begin at 0, or show letters in the course's gradebook in Moodle.",
        table="",
        column="",
        message="No letter stands for a grade of “{label}” in {place} ({value}).",
    ),
    Rule(
        code="grade-final-several",
        severity="error",
        meaning="Several courses of one class have a total for a student (basis `group-subject`), and a report card "
        "has room for one grade of a class and session. None of them is sent as final grade.",
        remedy="Enter the final grade in the school's system, or make one course of the class (basis).",
        table="",
        column="",
        message="{label} has totals in several courses of {place}; none is sent as final grade.",
    ),
    Rule(
        code="grade-item-match-contested",
        severity="warning",
        meaning="Several items of Moodle could be one that the school's system has. The first got it; the other is "
        "sent as a new one.",
        remedy="Give each a description of its own, or match by description alone (grades.match).",
        table="",
        column="",
        message="“{label}” in {place} fits an item of the school's system that another item of Moodle is bound to.",
    ),
    Rule(
        code="grade-item-match-several",
        severity="warning",
        meaning="Several items of the school's system have the description of one of Moodle. The first of them is "
        "taken.",
        remedy="Give each a description of its own in the school's system.",
        table="",
        column="",
        message="{value} items of the school's system have the description of “{label}” in {place}.",
    ),
)

RULES: Final[dict[str, Rule]] = {rule.code: rule for rule in _ALL}
"""Every kind of finding of grades, by its code."""


def report(rows: pl.DataFrame, code: str, label: str = "title", place: str = "in") -> list[Finding]:
    """Findings for rows that a rule caught: one for all rows of the same label and place.

    Args:
        rows: the rows, with `value` (what came), the columns of label and place, and `sourcedId` where a record of the
            roster is meant.
        code: the rule, one of `RULES`.
        label: the column with what `{label}` in the message stands for.
        place: the column with what `{place}` stands for.
    """
    if rows.is_empty():
        return []
    record = pl.col("sourcedId") if "sourcedId" in rows.columns else pl.lit("")
    told = rows.select(
        pl.col(label).alias("label"),
        pl.col(place).alias("place"),
        record.alias("record"),
        pl.col("value").cast(pl.String),
    )
    told = (
        told.sort(pl.all(), nulls_last=True)
        .group_by("label", "place", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("record", "value").first())
    )
    if told.height > MANY:
        told = told.head(1).with_columns(count=pl.lit(rows.height))
    return [
        RULES[code].finding(
            sourced_id=row["record"] or "",
            line=None,
            value=row["value"] or "",
            count=row["count"],
            told={"label": row["label"], "place": row["place"]},
        )
        for row in told.iter_rows(named=True)
    ]
