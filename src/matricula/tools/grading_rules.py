"""Every kind of finding about the grades of a tool; `docs/tools.md` prints this table."""

from matricula.profiles.rules import Rule

_ALL = (
    Rule(
        code="tool-lesson-unplaced",
        severity="warning",
        meaning="No activity of the course has the name of a lesson, or several have, so its grades go nowhere.",
        remedy="Make an activity with just its name in Moodle, or choose one for it (matricula tool place).",
        table="",
        column="",
        message="There is no one activity called “{title}”; its grades are left.",
    ),
    Rule(
        code="tool-lesson-without-maximum",
        severity="warning",
        meaning="The tool does not say how many points the questions of a lesson give, so its grades mean nothing.",
        remedy="Give each question of the lesson its points in the tool.",
        table="",
        column="",
        message="It is not known how many points “{title}” gives; its grades are left.",
    ),
    Rule(
        code="tool-lesson-vanished",
        severity="warning",
        meaning="The tool no longer tells of a lesson whose grades were written. They stay in Moodle.",
        remedy="If the lesson is gone for good, say so (matricula tool place … --forget); its grades stay all the same "
        "and can be taken away in Moodle's gradebook.",
        table="",
        column="",
        message="The tool no longer tells of “{title}”; the grades that it gave stay in Moodle.",
    ),
    Rule(
        code="tool-item-locked",
        severity="warning",
        meaning="The gradebook's item is locked, and Moodle takes no grades for it.",
        remedy="Unlock it in Moodle's gradebook if its grades are to change.",
        table="",
        column="",
        message="“{name}” is locked in the gradebook; the grades of “{title}” are left.",
    ),
    Rule(
        code="tool-item-in-words",
        severity="warning",
        meaning="An activity is graded with words or not at all, so that points cannot be written to it.",
        remedy="Let the activity be graded with points, or choose another one for the lesson.",
        table="",
        column="",
        message="“{name}” is not graded with points; the grades of “{title}” are left.",
    ),
    Rule(
        code="tool-student-unknown",
        severity="warning",
        meaning="A student of the tool who has grades is nobody in the course.",
        remedy="Look at the preview of the roster: it tells who is whom.",
        table="",
        column="",
        message="Student {student} of the tool has grades in “{title}” and is nobody in the course.",
    ),
    Rule(
        code="tool-grade-no-number",
        severity="error",
        meaning="Points came from the tool that are no number.",
        remedy="Look at the student's grades in the tool; if they are right there, tell the tool's makers.",
        table="",
        column="",
        message="What {name} has in “{title}” is no number; the grade is left.",
    ),
    Rule(
        code="tool-grade-fixed",
        severity="warning",
        meaning="A teacher overrode or locked a grade in Moodle's gradebook, and Moodle leaves it as it is.",
        remedy="Take the override away in the gradebook if the tool's grade is meant to stand.",
        table="",
        column="",
        message="A teacher fixed the grade of {name} in “{title}”; it stays.",
    ),
    Rule(
        code="tool-grade-changed",
        severity="warning",
        meaning="Somebody else gave or changed a grade in Moodle; it is not written over in silence.",
        remedy="Write it over with --replace if the tool's grade is meant to stand.",
        table="",
        column="",
        message="Somebody graded {name} in “{title}” in Moodle; that grade stays.",
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ALL}
"""Every kind of finding about grades of tools, by its code."""
