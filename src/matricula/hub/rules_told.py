"""A profile's rules in words: why they make no account or no course of a record."""

from collections.abc import Collection, Mapping

from matricula.profiles import Profile
from matricula.profiles.documents import PERSON_KINDS
from matricula.profiles.documents.roles import TEACHER_RANKS


def why_no_account(profile: Profile, roles: Collection[str]) -> str:
    """Why the rules make no account of a person.

    Args:
        profile: the profile.
        roles: the person's OneRoster roles.
    """
    rules, told = profile.users, ", ".join(roles) or "none"
    kind = next((kind for kind in PERSON_KINDS if set(rules.of_kind(kind).roles).intersection(roles)), None)
    if kind is None:
        named = ", ".join(role for kind in PERSON_KINDS for role in rules.of_kind(kind).roles)
        return f"The rules make no account for the role {told}: users of profile {profile.name} names {named}."
    if not rules.of_kind(kind).create:
        return f"The rules make no account for the role {told}: users.{kind}.create of profile {profile.name} is false."
    return f"The rules make no account: the person does not meet users.only of profile {profile.name}."


def why_no_course(profile: Profile) -> str:
    """What keeps a class from becoming a course."""
    settings = {"period": profile.period, "courses.only": profile.courses.only}
    named = " and ".join(name for name, value in settings.items() if value)
    return f"see {named} of profile {profile.name}." if named else "see the finding."


def roles_given(role: str, roles: Mapping[str, str]) -> list[str]:
    """The Moodle roles that a OneRoster role may lead to; those of teachers depend on their rank, too.

    Args:
        role: OneRoster's role of an enrolment.
        roles: the profile's `enrolments.roles`.
    """
    names = (role, *(rank for rank in TEACHER_RANKS if rank.startswith(f"{role}:")))
    return list(dict.fromkeys(roles[name] for name in names if name in roles))


def what_happens(profile: Profile) -> list[str]:
    """What a profile does to whom, in sentences for people who never saw a setting."""
    return [
        *_accounts_told(profile),
        *_courses_told(profile),
        *_enrolments_told(profile),
        _NEVER,
    ]


_NEVER = (
    "The account of Matricula's own token, accounts that the site names under “never touch” (admin and guest unless "
    "said otherwise), and whatever Matricula neither made nor recognised are never changed."
)
_PEOPLE = {"student": "students", "teacher": "teachers", "employee": "other staff", "parent": "parents"}


def _accounts_told(profile: Profile) -> list[str]:
    rules = profile.users
    made = [_PEOPLE[kind] for kind in PERSON_KINDS if rules.of_kind(kind).create]
    never = [_PEOPLE[kind] for kind in PERSON_KINDS if not rules.of_kind(kind).create]
    left = [_PEOPLE[kind] for kind in PERSON_KINDS if rules.of_kind(kind).deactivate]
    told = []
    if made:
        fields = [_FIELDS.get(pair.field, pair.field) for pair in rules.match]
        known = f"Whoever has an account already, recognised by {listed(fields)}, keeps it."
        told.append(f"New {listed(made)} get an account. {known}")
    if never:
        told.append(f"No account is made for {listed(never)}.")
    if left:
        told.append(f"When {listed(left)} leave, their accounts are suspended, not deleted; they come back with them.")
    return told


_WHO = {"student": "students", "teacher": "teachers", "aide": "aides", "parent": "parents"}
_ROLES = {"student": "Student", "teacher": "Non-editing teacher", "editingteacher": "Teacher", "manager": "Manager"}
_FIELDS = {
    "username": "user name",
    "email": "e-mail address",
    "idnumber": "ID number",
    "shortname": "short name",
    "fullname": "full name",
}
_COURSE_OF = {
    "group": "each class becomes a course",
    "subject": "each subject becomes a course, its classes groups in it",
    "group-subject": "each pair of a class and a subject becomes a course",
}
_COURSE_GONE = {
    "leave": "The course of a class that is gone is left as it is.",
    "hide": "The course of a class that is gone is hidden from students, not deleted.",
    "archive": "The course of a class that is gone is hidden and moved to the category for old courses.",
    "delete": "The course of a class that is gone is deleted, with all that is in it.",
}
_ENROLMENT_GONE = {
    "keep": "Nobody is ever taken out of a course.",
    "suspend": "Who leaves a class is suspended in its course; work and grades stay.",
    "suspend-without-roles": "Who leaves a class is suspended in its course and loses the role there; grades stay.",
    "unenrol": "Who leaves a class is taken out of its course; grades are kept by Matricula.",
}


def _courses_told(profile: Profile) -> list[str]:
    rules = profile.courses
    if rules.create:
        return [f"In Moodle {_COURSE_OF[profile.basis]}.", _COURSE_GONE[rules.gone]]
    if not profile.enrolments.roles:
        return ["Courses are left alone."]
    return [f"No course is made; courses that are there are recognised by their {_FIELDS[rules.match]}."]


def _enrolments_told(profile: Profile) -> list[str]:
    roles = profile.enrolments.roles
    if not roles:
        return ["Nobody is enrolled in anything, or taken out."]
    as_what = listed([f"{_WHO.get(role, role)} as {_ROLES.get(name, name)}" for role, name in roles.items()])
    return [
        f"People are enrolled in the courses of their classes: {as_what}.",
        _ENROLMENT_GONE[profile.enrolments.gone],
    ]


def listed(words: list[str]) -> str:
    """Words as people list them: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
