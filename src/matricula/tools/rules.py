"""Every kind of finding that comparing a course with a tool's can raise.

`docs/tools.md` prints this table; a test holds them together.
"""

from typing import Final

from matricula.profiles.rules import Rule

_ALL = (
    Rule(
        code="tool-email-missing",
        severity="error",
        meaning="Somebody of the course has no e-mail address in Moodle, or none that the token's user may see. They "
        "are neither added nor changed, and nobody whom the tool knows as them is deleted.",
        remedy="Enter the address in Moodle, or let the token's user see addresses (moodle/site:viewuseridentity).",
        table="",
        column="",
        message="{name} has no e-mail address.",
    ),
    Rule(
        code="tool-email-shared",
        severity="error",
        meaning="Several people of the course have the same e-mail address. A tool knows people by it, so none of "
        "them is added or changed, and nobody whom the tool has by it is deleted.",
        remedy="Give each an address of their own.",
        table="",
        column="",
        message="{name} and somebody else have the e-mail address {value}.",
    ),
    Rule(
        code="tool-email-of-another",
        severity="error",
        meaning="Somebody has the e-mail address of a student of the tool who is known as somebody else of the course. "
        "They are not added: two people would share what the student did.",
        remedy="Mend the address in Moodle or in the tool. It settles itself where the other's address changes, too.",
        table="",
        column="",
        message="{name} has the e-mail address {value} of a student who is {other}.",
    ),
    Rule(
        code="tool-two-students",
        severity="error",
        meaning="Somebody is one student of the tool by what was sent before, and another one by the e-mail address. "
        "Both are left as they are.",
        remedy="Merge the two in the tool, or delete there the one that is not to stay.",
        table="",
        column="",
        message="{name} is two students of the tool: {value} and {other}.",
    ),
    Rule(
        code="tool-nobody",
        severity="warning",
        meaning="Nobody in the course has one of the roles whose people go to the tool, and the tool's course has "
        "students. All of them would be deleted.",
        remedy="See that `roles` of the tool's document names the right roles, and that the token's user sees "
        "everybody in the course.",
        table="",
        column="",
        message="Nobody in the course has a role that goes to the tool; {value} students of the tool would be deleted.",
    ),
    Rule(
        code="tool-mail-missing",
        severity="error",
        meaning="Matricula is to send the invitations (`invitations: matricula`), and the service's settings name no "
        "mail server. The preview cannot be carried out.",
        remedy="Set `mail` in the service's document and try `matricula notify test`, or leave inviting to the tool.",
        table="",
        column="",
        message="No mail server is set, so {value} people cannot be invited.",
    ),
    Rule(
        code="tool-by-hand",
        severity="warning",
        meaning="Somebody is in the course and not in the tool, or the other way, or is told otherwise there, and the "
        "tool lets its rosters only be read (OneRoster). Nothing is written to it.",
        remedy="Change it in the tool, or where the tool gets its roster from, such as the school's OneRoster files.",
        table="",
        column="",
        message="{name} {value}.",
    ),
)

RULES: Final[dict[str, Rule]] = {rule.code: rule for rule in _ALL}
"""Every kind of finding about a tool's roster, by its code."""
