"""A profile's rules turned into what its site should hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from matricula.profiles.class_frame import classes as classes_of
from matricula.profiles.cohorts import desire_cohorts
from matricula.profiles.completeness import complete_kinds
from matricula.profiles.courses import desire_courses
from matricula.profiles.documents import Profile
from matricula.profiles.enrolment_frame import enrolment_rows, unreadable_enrolments, with_properties
from matricula.profiles.enrolments import desire_enrolments
from matricula.profiles.fields import properties
from matricula.profiles.groups import desire_groups, names_in_groups
from matricula.profiles.meta_links import desire_meta_links, names_in_meta_links, with_long_lived
from matricula.profiles.parts import Part
from matricula.profiles.people import desire_users, with_enrolled
from matricula.profiles.person_frame import people, with_kind
from matricula.profiles.places import findings_placed
from matricula.roster import Finding, Roster


@dataclass(frozen=True)
class Desired:
    """What a site should hold.

    Args:
        parts: for each kind its records.
        complete: the kinds of which a missing record means that it is gone. Others are never removed from.
        unreadable: for each kind the keys that were in the delivery but could not be used; of an enrolment a side of
            the key may be empty, which stands for anybody or any course.
        counts: rows that came, by roster table.
        classes: each `class` with the key of the `course` that it leads to.
        files: what each of the roster's tables was read from, for people.
    """

    parts: dict[str, Part]
    complete: frozenset[str]
    unreadable: dict[str, frozenset[str]]
    counts: dict[str, int]
    classes: pl.DataFrame
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that the profile's rules found wrong with rows."""
        return findings_placed((found for part in self.parts.values() for found in part.findings), self.files)


def desire(roster: Roster, profile: Profile) -> Desired:
    """Work out what the profile's site should hold.

    Args:
        roster: what the source delivered.
        profile: the rules.
    """
    users = desire_users(roster, profile)
    categories, courses = desire_courses(roster, profile)
    names = _names(profile)
    classes = classes_of(roster, profile, (*names, *names_in_meta_links(profile)))
    rows = enrolment_rows(roster, users, classes, courses, profile)
    if names:
        rows = with_properties(rows, with_kind(people(roster, names), profile.users), classes, names)
    enrolments = desire_enrolments(rows, profile)
    users = with_enrolled(users, enrolments.frame)
    return Desired(
        parts={
            "category": categories,
            "user": users,
            "course": with_long_lived(courses, profile),
            "enrolment": enrolments,
            "meta-link": desire_meta_links(classes, courses, profile),
        }
        | desire_groups(rows, profile)
        | desire_cohorts(roster, users, profile),
        complete=complete_kinds(roster, profile),
        unreadable={
            "category": frozenset(),
            "user": users.held | roster.unreadable.get("users", frozenset()),
            "course": courses.held | roster.unreadable.get("classes", frozenset()),
            "enrolment": unreadable_enrolments(roster, classes, profile),
        },
        counts=roster.counts(),
        classes=classes.select("class", "course"),
        files=roster.files,
    )


def _names(profile: Profile) -> tuple[str, ...]:
    """The properties that mappings of enrolments and rules for groups name, each once."""
    days = properties(*(day.value for day in (profile.enrolments.start, profile.enrolments.end) if day))
    return tuple(dict.fromkeys((*days, *names_in_groups(profile))))
