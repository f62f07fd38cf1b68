"""Every kind of finding that reading learning data can raise.

`docs/learning-data.md` prints this table; a test holds them together.
"""

from matricula.profiles.rules import Rule

_ALL = (
    Rule(
        code="gradebook-unread",
        severity="error",
        meaning="The gradebook or the contents of a course could not be read. What was known of it stays as it was, "
        "and the next reading tries again.",
        remedy="Read the message: give the token's user gradereport/user:view, moodle/grade:viewall and "
        "moodle/grade:viewhidden in the course, or wait until the site serves again.",
        table="",
        column="",
        message="Course {name} (id {value}) could not be read: {why}",
    ),
    Rule(
        code="gradebook-halved",
        severity="warning",
        meaning="A gradebook was answered with less than half of the people or items that were in it. It is not "
        "believed at once: what was known stays, and is replaced where the next reading is answered the same.",
        remedy="If most people or items really left the course, read again: matricula learning read SITE --course ID.",
        table="",
        column="",
        message="Course {name} (id {value}) was answered with {people} people and {items} items; {known} were known.",
    ),
    Rule(
        code="course-not-there",
        severity="warning",
        meaning="A course is not on the site any more, or the token's user may not enter it. What was known of it "
        "stays, marked as gone; where most courses are missing at once nothing is marked.",
        remedy="See whether it was deleted, and that the token's user may enter it.",
        table="",
        column="",
        message="Course {value} is not on the site, or the token's user may not enter it.",
    ),
    Rule(
        code="points-unreadable",
        severity="warning",
        meaning="A grade came whose points are no number. It is kept as no grade, with what the site shows.",
        remedy="Look at the item in Moodle's gradebook: a calculation or a plugin wrote it.",
        table="",
        column="",
        message="In course {name} (id {value}) there are grades whose points are no number.",
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ALL}
"""Every kind of finding of reading learning data, by its code."""
