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
