"""Every kind of finding that a publication can raise beside those of the roster and of a profile's rules.

`docs/publish.md` prints this table; a test holds them together.
"""

from matricula.profiles.rules import Rule

_ALL = (
    Rule(
        code="published-username-shared",
        severity="error",
        meaning="Several people have the same user name. One whose row stands in the table keeps it; no new one is "
        "published.",
        remedy="Give each a user name of their own in the school's system, or by users.fields.username of the profile.",
        table="users",
        column="username",
        message="{name} and somebody else have the user name “{value}”.",
    ),
    Rule(
        code="published-username-used",
        severity="error",
        meaning="A person has a user name that was published for somebody else, who left. Moodle would give them that "
        "account with all that is in it, so they are not published.",
        remedy="Give the person another user name; or rename or delete the old account in Moodle, then publish with "
        "--renamed and the name.",
        table="users",
        column="username",
        message="{name} has the user name “{value}”, which was published for somebody else.",
    ),
    Rule(
        code="published-username-kept",
        severity="warning",
        meaning="A person has another user name than was published. External database authentication knows accounts by "
        "it alone, and would suspend the account and make a new one. So the old name stays in the table.",
        remedy="Rename the account in Moodle, then publish with --renamed and the new name.",
        table="users",
        column="username",
        message="{name} has the user name “{value}” now; {published} stays published.",
    ),
    Rule(
        code="published-course-shared",
        severity="error",
        meaning="A course has the short name or ID number of another one whose row stands in the table. Moodle would "
        "make no course of it, so it is not published, nor are its enrolments.",
        remedy="Give each class a code of its own, or mend courses.fields of the profile.",
        table="classes",
        column="classCode",
        message="{name} has the short name or ID number of another course: {value}.",
    ),
    Rule(
        code="published-category-needed",
        severity="warning",
        meaning="Courses of a category that no course was published in before. Database enrolments make no categories "
        "and no course where one is missing.",
        remedy="See that Moodle has the category with just this ID number (Site administration > Courses); the next "
        "synchronisation makes its courses.",
        table="classes",
        column="schoolSourcedId",
        message="New courses stand in the category “{path}”, which needs the ID number “{value}” in Moodle.",
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ALL}
"""Every kind of finding of publishing itself, by its code."""
