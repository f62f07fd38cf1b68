"""Why a site would not take a record, in words that a school secretary can act on.

Moodle's answer to a refused batch names neither the row nor the field on a site with debugging off, so the likely
cause is looked up.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from matricula.errors import MatriculaError
from matricula.planning import Change, Ground
from matricula.planning.containers import course_of
from matricula.planning.course_matching import TEMPLATE

UNSAID = frozenset({"invalidparameter", "dmlwriteexception", "invalidresponse", ""})


def reason_for(ground: Ground, change: Change, said: str, code: str = "") -> str:
    """The reason for a refusal.

    Args:
        ground: profile, ledger and site, to look the likely cause up.
        change: the change that was refused.
        said: the site's own words.
        code: the site's error code, or the plugin's word for why it refused this row; empty where it gave none.
    """
    if code in _OF_PLUGIN:
        return _OF_PLUGIN[code].format(person=change.person or "?", course=change.course or "?")
    if code == "failed" and change.kind == "enrolment":  # the plugin has looked whether account and course are there
        return f"{said} It was sent twice. See whether the database's disk is full, and the site's PHP error log."
    try:
        likely = _LIKELY.get(change.kind, _nothing)(ground, change)
    except MatriculaError:
        likely = ""
    if likely:
        return likely
    if code in _WORDS:
        return _WORDS[code]
    return f"{said} Look at the record in the school's system for odd characters and over-long values."


_WORDS = {
    "wsusercannotassign": "The token's user may not give this role. Allow it: Site administration > Users > "
    "Permissions > Define roles > Allow role assignments.",
    "wsnoinstance": "The course has no manual enrolment. Add it: the course > Participants > Enrolment methods.",
    "enddatebeforestartdate": "The course would end before it begins. Mend the dates of its terms.",
    "maxlength": "A value is longer than Moodle takes.",
}


_FOR_ITS_OWN = "Site administration > Plugins > Enrolments > Manage enrol plugins"
#: What the plugin local_matricula says of single rows: it names the row, so that nothing has to be looked up.
_OF_PLUGIN = {
    "nouser": "The account of {person} is no longer in Moodle. Plan again: it is made anew.",
    "nocourse": "The course {course} is no longer in Moodle. Plan again: it is made anew.",
    "norole": _WORDS["wsusercannotassign"],
    "noinstance": "The course {course} does not have the method by which {person} is to be enrolled, or it is switched "
    "off there. See the course > Participants > Enrolment methods.",
    "noplugin": "The enrolment of {person} is to be written by Matricula's own method, and the site does not have it, "
    "not switched on, or its document says `plugins: false`. Install the plugins local_matricula and enrol_matricula "
    f"again, or switch it on: {_FOR_ITS_OWN}.",
    "other": "The enrolment that Matricula made for {person} is no longer there, or another one has its number: it was "
    "ended in Moodle meanwhile. Plan again.",
    "notmanual": "{person} is not enrolled in {course} by hand any more. Plan again.",
}


def _nothing(ground: Ground, change: Change) -> str:
    del ground, change
    return ""


def _user(ground: Ground, change: Change) -> str:
    for field, word in (("username", "user name"), ("email", "e-mail address")):
        value = change.after.get(field)
        others = ground.moodle.users.find("username" if field == "username" else "email", [value]) if value else []
        other = next((user for user in others if user.id != change.moodle_id), None)
        if other:
            return (
                f"The {word} “{value}” belongs to the account “{other.username}” ({other.firstname} {other.lastname}, "
                f"id {other.id}). Change one of the two, or let the profile match by {word}."
            )
    return ""


def _course(ground: Ground, change: Change) -> str:
    for field, word in (("shortname", "short name"), ("idnumber", "ID number")):
        value = change.after.get(field)
        others = ground.moodle.courses.find("shortname" if field == "shortname" else "idnumber", value) if value else []
        other = next((course for course in others if course.id != change.moodle_id), None)
        if other and TEMPLATE in change.after and not other.idnumber:
            if other.visible:
                continue  # the copy itself, of which the rest was refused
            return (
                f"A hidden course with the short name “{value}” (id {other.id}) is there, perhaps a copy that Moodle "
                "did not finish. Delete it and plan again."
            )
        if other:
            return (
                f"The {word} “{value}” belongs to the course “{other.fullname}” (id {other.id}). Change one of the "
                f"two, or let the profile match by {word}."
            )
    return ""


def _enrolment(ground: Ground, change: Change) -> str:
    user, course = change.key.split("\t", 1)
    number = ground.ids("user", [user]).get(user)
    accounts = (
        [account for account in ground.moodle.users.find("id", [number]) if not account.deleted] if number else []
    )
    if not accounts:
        return f"The account of {change.person} is no longer in Moodle. Plan again: it is made anew."
    place = ground.ids("course", [course]).get(course)
    if place is None or not ground.moodle.courses.by_ids([place]):
        return f"The course {change.course} is no longer in Moodle. Plan again: it is made anew."
    return ""


def _group(ground: Ground, change: Change) -> str:
    course = ground.ids("course", [course_of(change.key)])
    for number in course.values():
        for other in ground.moodle.groups.of_course(number):
            if other.id != change.moodle_id and _alike(change.after, other.name, other.idnumber):
                return (
                    f"The course has another group “{other.name}” with the ID number “{other.idnumber}”. Change one of "
                    "the two; a plan made now would take that group for this one."
                )
    return ""


def _category(ground: Ground, change: Change) -> str:
    wanted = _folded(str(change.after.get("idnumber") or ""))
    for other in ground.moodle.categories.all() if wanted else []:
        if other.id != change.moodle_id and _folded(other.idnumber or "") == wanted:
            return (
                f"The ID number “{other.idnumber}” belongs to the category “{other.name}” (id {other.id}); to Moodle's "
                "database letters with and without accents are the same. Change one of the two in the school's system."
            )
    return ""


def _folded(text: str) -> str:
    """A text as the databases under Moodle compare it: without accents and case."""
    parted = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in parted if not unicodedata.combining(letter)).casefold()


def _cohort(ground: Ground, change: Change) -> str:
    for other in ground.moodle.cohorts.all():
        if other.id != change.moodle_id and _alike(change.after, "", other.idnumber):
            return (
                f"The ID number “{other.idnumber}” belongs to the cohort “{other.name}” (id {other.id}). Change one of "
                "the two; a plan made now would take that cohort for this one."
            )
    return ""


def _alike(after: Mapping[str, Any], name: str, idnumber: str) -> bool:
    """Whether a record has a name or ID number that a change sets."""
    there = {"name": name.casefold(), "idnumber": idnumber.casefold()}
    return any(value and str(after.get(field, "")).casefold() == value for field, value in there.items())


_LIKELY: dict[str, Callable[[Ground, Change], str]] = {
    "user": _user,
    "category": _category,
    "course": _course,
    "enrolment": _enrolment,
    "group": _group,
    "cohort": _cohort,
}
