"""Every kind of finding that the undoing of a run can raise.

An error is something that cannot be brought back, a warning something that is left as it is or has to be known.
"""

from matricula.profiles.rules import Rule


def _rule(code: str, severity: str, meaning: str, remedy: str, message: str) -> Rule:
    return Rule(code, severity, meaning, remedy, table="", column="", message=message)  # type: ignore[arg-type]


_ALL = (
    _rule(
        "undo-course-deleted",
        "error",
        "A run deleted a course. Moodle has no web service that brings it back; it rests in the recycle bin for some "
        "days.",
        "Restore it by hand: the category the course stood in > More > Recycle bin (7 days by default: Site "
        "administration > Plugins > Admin tools > Recycle bin). Then plan again: it is matched by its ID number.",
        "The course {name} was deleted and cannot be brought back from here.",
    ),
    _rule(
        "undo-unknown",
        "error",
        "What a field held before a run is not known: Moodle does not tell of it, and no earlier run wrote it.",
        "Mend it in Moodle by hand.",
        "{kind} {name}: what {field} was before is not known; it stays “{value}”.",
    ),
    _rule(
        "undo-grades",
        "warning",
        "A person whose enrolment a run ended is enrolled again. Their grades do not come back by themselves.",
        "Enter by hand what was kept: `matricula kept-grades` shows it.",
        "The grades of {name} do not come back by themselves; {number} kept: matricula kept-grades --run {run}",
    ),
    _rule(
        "undo-edited",
        "warning",
        "A field that a run set has been changed since, by a person or by a later run. It is left as it is.",
        "If it is to be as before the run, mend it in Moodle.",
        "{kind} {name}: {field} was set to “{value}”, is now “{now}”, and is left so.",
    ),
    _rule(
        "undo-unseen",
        "warning",
        "A field that a run set is not read any more, as the profile has come to leave it out. It is left as it is.",
        "Mend it in Moodle, or map the field again and undo the run then.",
        "{kind} {name}: {field} is not in the profile any more, and is left as it is.",
    ),
    _rule(
        "undo-moved",
        "warning",
        "A run moved enrolments to Matricula's own method. They stay with it: status, dates, roles and grades are as "
        "they were, and nobody notices the difference.",
        "",
        "{number} enrolments were moved to Matricula's own method and stay with it.",
    ),
    _rule(
        "undo-gone",
        "warning",
        "A record that a run made or changed is no longer on the site. There is nothing to undo.",
        "",
        "{kind} {name} is no longer on the site.",
    ),
    _rule(
        "undo-elsewhere",
        "warning",
        "A record that a run made or changed is another one by now: it was made anew, or another record took its "
        "place. It is left as it is.",
        "Look at it in Moodle.",
        "{kind} {name} is another record in Moodle by now, and is left as it is.",
    ),
    _rule(
        "undo-protected",
        "warning",
        "An account that a run changed has come to be one that is never touched. It is left as it is.",
        "Look at it in Moodle.",
        "The account of {name} is never touched, and is left as it is.",
    ),
    _rule(
        "undo-stays",
        "warning",
        "A run made a category, group, grouping or cohort. It stays: by itself it holds nothing.",
        "Delete it in Moodle if it is in the way.",
        "{kind} {name} was made and stays.",
    ),
    _rule(
        "undo-place-gone",
        "warning",
        "A place in a group, grouping or cohort cannot be given back: what it was in is no longer there.",
        "",
        "{name} cannot be given the place back: the {kind} is no longer on the site.",
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ALL}
"""Every kind of finding of an undoing, by its code."""
