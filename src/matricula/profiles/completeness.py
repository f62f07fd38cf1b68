"""Of which kinds of records all that they are made of has come, so that a missing one means that it is gone."""

from collections.abc import Iterable

from matricula.profiles.cohorts import names_in_cohorts
from matricula.profiles.documents import Profile
from matricula.profiles.groups import names_in_groups
from matricula.profiles.meta_links import names_in_meta_links
from matricula.roster import Roster

_PLACES = frozenset({"users", "roles", "classes", "enrollments"})
#: Roster tables that must have come completely before a missing record of a kind means anything.
NEEDED = {
    "category": frozenset({"classes"}),
    "user": frozenset({"users", "roles"}),
    "course": frozenset({"classes"}),
    "enrolment": _PLACES,
    "grouping": _PLACES,
    "group": _PLACES,
    "grouping-member": _PLACES,
    "group-member": _PLACES,
    "cohort": frozenset({"users", "roles"}),
    "cohort-member": frozenset({"users", "roles"}),
    "meta-link": frozenset({"classes"}),
}
_OF_GROUPS = ("grouping", "group", "grouping-member", "group-member")
_OF_COHORTS = ("cohort", "cohort-member")

#: Tables that properties come from beside those that every record of the kind needs.
_TABLES = {
    "person.form": ("classes", "enrollments"),
    "institute.": ("orgs",),
    "stream.": ("courses", "orgs"),
    "subject.": ("courses",),
    "group.name": ("courses",),
    "grade.": ("courses",),
    "period.": ("academicSessions",),
    "semester.": ("academicSessions",),
    "course.": ("academicSessions",),
    "group.start": ("academicSessions",),
    "group.end": ("academicSessions",),
}


def complete_kinds(roster: Roster, profile: Profile) -> frozenset[str]:
    """Kinds of which a missing record means that it is gone.

    Args:
        roster: the roster; what it covers.
        profile: the profile; the properties that groups, cohorts and meta-links are made of.
    """
    made_of = dict.fromkeys(_OF_GROUPS, names_in_groups(profile))
    made_of |= dict.fromkeys(_OF_COHORTS, names_in_cohorts(profile))
    made_of["meta-link"] = names_in_meta_links(profile)
    needed = {kind: tables | _tables_of(made_of.get(kind, ())) for kind, tables in NEEDED.items()}
    return frozenset(kind for kind, tables in needed.items() if all(map(roster.scope.covers, tables)))


def _tables_of(names: Iterable[str]) -> frozenset[str]:
    return frozenset(
        table for name in names for prefix, tables in _TABLES.items() if name.startswith(prefix) for table in tables
    )
