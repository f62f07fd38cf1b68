"""Every kind of finding that the rules for people, classes and enrolments can raise.

`docs/findings-in-plans.md` prints this table and planning's; a test holds them together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from matricula.roster import Finding
from matricula.roster.codes import Code
from matricula.roster.findings import shortened


@dataclass(frozen=True)
class Rule(Code):
    """One kind of finding about a row.

    Args:
        code, severity, meaning, remedy: as in `matricula.roster.codes.Code`.
        table: the roster table of the row.
        column: OneRoster's name of the column to look at.
        message: the sentence, with names in braces to be filled in.
    """

    table: str
    column: str
    message: str

    def finding(
        self, *, sourced_id: str, line: int | None, value: object, told: Mapping[str, object], count: int = 1
    ) -> Finding:
        """The finding about one row.

        Args:
            sourced_id: the row's sourcedId.
            line: its line in the file, where it has one.
            value: what came.
            told: what fills the braces of the message, beside `value`.
            count: how many rows have the same, where one stands for all.
        """
        return Finding(
            code=self.code,
            severity=self.severity,
            message=self.message.format(value=shortened(value), **{name: _told(each) for name, each in told.items()}),
            file=f"{self.table}.csv" if self.table else "",
            line=line,
            column=self.column,
            value=shortened(value or ""),
            remedy=self.remedy,
            table=self.table,
            sourced_id=sourced_id,
            count=count,
        )


def _told(value: object) -> object:
    return shortened(value) if isinstance(value, str) else value


_ALL = (
    Rule(
        code="user-without-username",
        severity="error",
        meaning="A person has nothing that could be a user name. They get no account.",
        remedy="Enter a user name in the school's system, or map another property in the profile "
        "(users.fields.username).",
        table="users",
        column="username",
        message="{label} has nothing that could be a user name.",
    ),
    Rule(
        code="username-refused-by-moodle",
        severity="error",
        meaning="A user name holds characters that Moodle refuses, or has more than 100. The person gets no account; "
        "one that is there stays as it is.",
        remedy="Mend it in the school's system, or choose another property in the profile (users.fields.username).",
        table="users",
        column="username",
        message="The user name “{value}” of {label} holds characters that Moodle refuses (allowed: a–z 0–9 . @ _ -) "
        "or is longer than 100.",
    ),
    Rule(
        code="user-without-name",
        severity="error",
        meaning="A person has neither a given nor a family name. They get no account; one that is there stays as it "
        "is.",
        remedy="Enter the name in the school's system.",
        table="users",
        column="familyName",
        message="A person has neither a given nor a family name.",
    ),
    Rule(
        code="user-without-email",
        severity="error",
        meaning="A person has no usable e-mail address, and the profile makes no accounts without one. An account that "
        "is there keeps its address and stays in step otherwise.",
        remedy="Enter one in the school's system, or set users.missing_email: placeholder in the profile.",
        table="users",
        column="email",
        message="{label} has no usable e-mail address; no account is made.",
    ),
    Rule(
        code="username-taken-from-elsewhere",
        severity="warning",
        meaning="The property that the profile makes user names of is blank; another one was used.",
        remedy="Enter a user name in the school's system, or map another property in the profile "
        "(users.fields.username).",
        table="users",
        column="username",
        message="{label} has no user name of the chosen kind; “{value}” is used.",
    ),
    Rule(
        code="name-cleaned",
        severity="warning",
        meaning="A person's name was changed to one that Moodle accepts.",
        remedy="Names have at most 100 characters and no HTML tags; a missing part is written as “-”.",
        table="users",
        column="familyName",
        message="The name “{value}” was changed to one that Moodle accepts: {label}.",
    ),
    Rule(
        code="email-placeholder",
        severity="warning",
        meaning="A person has no usable e-mail address. A new account gets a placeholder, to which no mail goes; an "
        "account that is there keeps its address.",
        remedy="Enter an address in the school's system when there is one.",
        table="users",
        column="email",
        message="{label} has no usable e-mail address (“{value}”); a new account gets a placeholder, to which no "
        "mail goes.",
    ),
    Rule(
        code="class-without-title",
        severity="error",
        meaning="A class gives its course no full name or no short name, or nothing is left of it without HTML tags. "
        "It becomes no course; one that is there stays as it is.",
        remedy="Give the class a title in the school's system, or map the name otherwise (courses.fields).",
        table="classes",
        column="title",
        message="The class {value} gives its course no full name or no short name.",
    ),
    Rule(
        code="class-unclear",
        severity="warning",
        meaning="It cannot be told whether a class is one of those that the profile takes: its school year is not in "
        "the delivery, or its course or school could not be read. Its course is left as it is.",
        remedy="Deliver the academic sessions, courses and schools that classes name.",
        table="classes",
        column="termSourcedIds",
        message="It cannot be told whether the class {value} is one of those that the profile takes; its course is "
        "left as it is.",
    ),
    Rule(
        code="course-idnumber-shared",
        severity="error",
        meaning="The profile's mapping gives several courses one ID number, which Moodle refuses. None of them is "
        "made or changed.",
        remedy="Map idnumber in courses.fields to something that each course has for itself.",
        table="classes",
        column="sourcedId",
        message="Several courses would have the ID number “{value}”; {label} is one.",
    ),
    Rule(
        code="category-idnumber-shared",
        severity="warning",
        meaning="The profile's mapping gives several categories one ID number, which Moodle refuses. They get their "
        "paths instead.",
        remedy="Map idnumber in categories.levels to something that each category has for itself.",
        table="classes",
        column="sourcedId",
        message="Several categories would have the ID number “{value}”; {label} is one and gets its path instead.",
    ),
    Rule(
        code="course-name-cleaned",
        severity="warning",
        meaning="The name of a course was changed to one that Moodle accepts.",
        remedy="Course names have at most 254 characters and no HTML tags.",
        table="classes",
        column="title",
        message="The course name “{value}” was changed to one that Moodle accepts: {label}.",
    ),
    Rule(
        code="shortname-shared",
        severity="warning",
        meaning="Several courses would have the same short name. Each got its ID number added.",
        remedy="Give each class a code of its own in the school's system, or map shortname otherwise.",
        table="classes",
        column="classCode",
        message="Several courses have the short name “{value}”; their ID number was added to tell them apart.",
    ),
    Rule(
        code="course-unsorted",
        severity="warning",
        meaning="A level of the category of a course is empty or unknown. A new course goes to the category for "
        "unsorted courses; one that is there stays where it is.",
        remedy="Deliver what the levels are made of (orgs, academicSessions …) with the classes, or move the course "
        "in Moodle.",
        table="classes",
        column="schoolSourcedId",
        message="A level of the category of {label} is unknown; a new course goes to the category for unsorted "
        "courses.",
    ),
    Rule(
        code="course-dates-reversed",
        severity="warning",
        meaning="The terms of a class end before they begin. The course gets no end date.",
        remedy="Mend the dates of its terms in the school's system.",
        table="classes",
        column="termSourcedIds",
        message="The terms of {label} end before they begin; the course gets no end date.",
    ),
    Rule(
        code="two-roles-in-a-class",
        severity="warning",
        meaning="A person has two roles in one course. The one named last in the profile was taken.",
        remedy="Mend the enrolments in the school's system if that is not what is meant.",
        table="enrollments",
        column="role",
        message="{label} has two roles in one course; “{value}” is taken.",
    ),
    Rule(
        code="enrolment-dates-reversed",
        severity="warning",
        meaning="An enrolment ends before it begins. It was made without dates.",
        remedy="Mend the dates of the enrolment in the school's system.",
        table="enrollments",
        column="endDate",
        message="The enrolment of {label} ends before it begins ({value}); it is made without dates.",
    ),
    Rule(
        code="enrolment-day-unusable",
        severity="warning",
        meaning="What the profile maps to the first or last day of an enrolment is no day as 2026-08-15. The enrolment "
        "has no such day.",
        remedy="Mend it in the school's system, or map the day otherwise (enrolments.start, enrolments.end).",
        table="enrollments",
        column="beginDate",
        message="“{value}” is no day; the enrolment of {label} is made without it.",
    ),
    Rule(
        code="user-value-cut",
        severity="warning",
        meaning="A value that the profile's mappings give a user is longer than Moodle keeps. It was cut.",
        remedy="Shorten it in the school's system, or map the field otherwise (for example with first).",
        table="users",
        column="sourcedId",
        message="{label}: {value} is longer than Moodle keeps and was cut.",
    ),
    Rule(
        code="user-value-unusable",
        severity="warning",
        meaning="A value that the profile's mappings give a user is not of the kind that Moodle's field holds: no "
        "day as 2026-08-15, no whole number, or none of the words it knows. The field is left as it is.",
        remedy="Mend it in the school's system, or map the field otherwise.",
        table="users",
        column="sourcedId",
        message="{label}: {value} cannot be used for this field, which is left as it is.",
    ),
    Rule(
        code="course-value-cut",
        severity="warning",
        meaning="A value that the profile's mappings give a course is longer than Moodle keeps. It was cut.",
        remedy="Shorten it in the school's system, or map the field otherwise (for example with first).",
        table="classes",
        column="sourcedId",
        message="{label}: {value} is longer than Moodle keeps and was cut.",
    ),
    Rule(
        code="course-value-unusable",
        severity="warning",
        meaning="A value that the profile's mappings give a course is not of the kind that Moodle's field holds: no "
        "day as 2026-08-15, no whole number, or none of the words it knows. The field is left as it is.",
        remedy="Mend it in the school's system, or map the field otherwise.",
        table="classes",
        column="sourcedId",
        message="{label}: {value} cannot be used for this field, which is left as it is.",
    ),
    Rule(
        code="group-name-shared",
        severity="warning",
        meaning="Groups of one course would have the same name. Each got its ID number added.",
        remedy="Let the profile make the names of other properties (groups.name), or leave out the ID number to make "
        "them one group.",
        table="classes",
        column="title",
        message="Several groups in {label} would be called “{value}”.",
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ALL}
"""Every kind of finding of a profile's rules, by its code."""
