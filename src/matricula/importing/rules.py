"""Every kind of finding that a first import can raise.

`docs/first-import.md` prints this table; a test holds them together.
"""

from typing import Final, Literal

from matricula.profiles.rules import Rule


def _rule(
    code: str,
    meaning: str,
    remedy: str,
    message: str,
    *,
    at: str,
    severity: Literal["error", "warning"] = "warning",
) -> Rule:
    table, _, column = at.partition(".")
    return Rule(
        code=code, severity=severity, meaning=meaning, remedy=remedy, table=table, column=column, message=message
    )


_ALL: Final = (
    _rule(
        "import-email-missing",
        "An account has no e-mail address, or one that stands for none. The person is taken without one.",
        "Enter an address in Moodle, or in the school's system afterwards.",
        "{name} has no e-mail address.",
        at="users.email",
    ),
    _rule(
        "import-email-shared",
        "Several accounts have the same e-mail address. All are taken; a school's system may refuse the second.",
        "See whether one person has two accounts, and give each an address of their own.",
        "{name} and somebody else have the e-mail address “{value}”.",
        at="users.email",
    ),
    _rule(
        "import-idnumber-shared",
        "Several records have the same ID number. It can be nobody's key, so that each gets one made of its Moodle id; "
        "the number is kept as the identifier.",
        "See whether one person has two accounts, and mend the ID numbers in Moodle before the first import.",
        "{name} shares the ID number “{value}”.",
        at="users.sourcedId",
    ),
    _rule(
        "import-idnumber-unfit",
        "An ID number holds blanks, commas or other characters that a key must not have, is longer than 100, or is a "
        "key already. The record gets a key made of its Moodle id; the number is kept as the identifier.",
        "Nothing has to be done. For a tidier key mend the number in Moodle before the first import.",
        "The ID number “{value}” of {name} cannot be a key.",
        at="users.sourcedId",
    ),
    _rule(
        "import-person-left-out",
        "An account has none of the roles that count in any course, so that nobody can tell who it is. It is left out.",
        "Say with `unenrolled: staff` or `students` what such accounts are, or name more roles.",
        "{name} has no role that counts in any course.",
        at="users.role",
    ),
    _rule(
        "import-person-unseen",
        "Somebody is enrolled whose account the token may not see or who is left out by name. The enrolment is left "
        "out.",
        "Nothing has to be done for accounts that you left out. For others give the token's user the capability "
        "moodle/user:viewalldetails.",
        "An account is enrolled in “{value}” that is not taken.",
        at="enrollments.userSourcedId",
    ),
    _rule(
        "import-enrolment-suspended",
        "Somebody's enrolment in a course of this year is suspended, or its dates lie in the past or future. It is "
        "left out; one that was imported before gets today as its last day.",
        "Nothing has to be done. To take it activate it in Moodle and import again.",
        "The enrolment of {name} in “{value}” is not active.",
        at="enrollments.userSourcedId",
    ),
    _rule(
        "import-course-later",
        "A course begins after the academic year. It is left out until its year is the current one.",
        "Import again in its year, or with --year.",
        "“{value}” begins after the academic year.",
        at="classes.title",
    ),
    _rule(
        "import-total-hidden",
        "The total of an older course is hidden from the student. It is not taken.",
        "Show it in Moodle's gradebook and import again, or enter it by hand.",
        "The total of {name} in “{value}” is hidden.",
        at="results.score",
    ),
    _rule(
        "import-field-empty",
        "Nobody has anything in a custom profile field that is to become a field of the school's system.",
        "See that its short name is right, and that the token's user may see it.",
        "Nobody has the profile field “{value}”.",
        at="users.metadata",
    ),
    _rule(
        "import-value-cut",
        "A value is longer than its column of openSIS, or has letters that the column cannot hold. A name or title is "
        "cut; any other value is left out.",
        "Shorten it in Moodle and import again, or enter it in openSIS by hand.",
        "“{value}” does not fit into {column}.",
        at="users.value",
    ),
    _rule(
        "import-grade-unknown",
        "A student's grade is none that the school has in openSIS. The student is enrolled without one.",
        "Enter the grade level in openSIS (short name or title) and import again.",
        "{name} is in grade “{value}”, which openSIS does not have.",
        at="users.grades",
    ),
    _rule(
        "import-login-taken",
        "A user name is somebody else's in openSIS. The person gets no login.",
        "Give one of them another user name.",
        "The user name “{value}” of {name} is taken in openSIS.",
        at="users.username",
    ),
    _rule(
        "import-person-there",
        "Somebody with the same number, user name or e-mail address is in openSIS already. They are taken for this "
        "person and not altered.",
        "If they are somebody else, give one of them another number or address and import again.",
        "{name} is in openSIS already ({value}).",
        at="users.identifier",
    ),
    _rule(
        "import-person-ambiguous",
        "Several people in openSIS have the number, user name or e-mail address of somebody. Nobody is taken for this "
        "person, and no new record is made.",
        "Mend the numbers and addresses in openSIS, then import again.",
        "{name} could be several people in openSIS ({value}).",
        at="users.identifier",
        severity="error",
    ),
    _rule(
        "import-teachers-many",
        "A course has more than two teachers. openSIS knows a teacher and a second one; the others are left out.",
        "Nothing has to be done.",
        "“{value}” has {number} teachers.",
        at="enrollments.role",
    ),
    _rule(
        "import-staff-studies",
        "Somebody on the staff is a student in a course. openSIS keeps staff and students apart, so that this "
        "enrolment is left out.",
        "Nothing has to be done, or give the person a second account.",
        "{name} is on the staff and studies in “{value}”.",
        at="enrollments.userSourcedId",
    ),
)

RULES: Final[dict[str, Rule]] = {rule.code: rule for rule in _ALL}
"""Every kind of finding of a first import, by its code."""
