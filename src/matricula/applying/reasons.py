"""Why a site would not take a record, in words that a school secretary can act on.

Moodle's answer to a refused batch names neither the row nor the field on a site with debugging off, so the likely
cause is looked up.
"""

from collections.abc import Callable

from matricula.errors import MatriculaError
from matricula.planning import Change, Ground

UNSAID = frozenset({"invalidparameter", "dmlwriteexception", "invalidresponse", ""})


def reason_for(ground: Ground, change: Change, said: str, code: str = "") -> str:
    """The reason for a refusal.

    Args:
        ground: profile, ledger and site, to look the likely cause up.
        change: the change that was refused.
        said: the site's own words.
        code: the site's error code, empty where it gave none.
    """
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
        return f"The account of {change.person} is no longer in Moodle. Plan again with --full to make it anew."
    place = ground.ids("course", [course]).get(course)
    if place is None or not ground.moodle.courses.by_ids([place]):
        return f"The course {change.course} is no longer in Moodle. Plan again with --full to make it anew."
    return ""


_LIKELY: dict[str, Callable[[Ground, Change], str]] = {"user": _user, "course": _course, "enrolment": _enrolment}
