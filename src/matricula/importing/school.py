"""From a Moodle to a school: everything that a first import tells, and what of it is new."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

from matricula.importing.people import People
from matricula.importing.places import Known, Places
from matricula.importing.records import School, with_known
from matricula.importing.site import Say, SiteSeen, read_site, read_totals
from matricula.importing.years import current_year
from matricula.moodle import Grade, Moodle
from matricula.profiles.documents import Import
from matricula.store import ImportedRow


def school_of(
    moodle: Moodle,
    settings: Import,
    told: Iterable[ImportedRow],
    *,
    today: date,
    protected: Collection[str] = (),
    say: Say = lambda _: None,
) -> School:
    """Read a site and work out what it is as a school. Nothing is written anywhere.

    Args:
        moodle: the site.
        settings: the import.
        told: what was told of it before.
        today: the day it is in the import's time zone.
        protected: user names that are left out beside those of the import.
        say: told in words what is being done.

    Raises:
        MoodleError: the site cannot be read.
    """
    site = read_site(moodle, say)
    return school_from(
        site, settings, told, lambda wanted: read_totals(moodle, wanted, say), today=today, protected=protected
    )


def school_from(
    site: SiteSeen,
    settings: Import,
    told: Iterable[ImportedRow],
    totals_of: Callable[[Mapping[int, Collection[int]]], Mapping[tuple[int, int], Grade]],
    *,
    today: date,
    protected: Collection[str] = (),
) -> School:
    """Work out what a site is as a school.

    Args:
        site: what was read of it.
        settings: the import.
        told: what was told of it before.
        totals_of: gives the totals of courses by course and account, of the students of each course.
        today: the day it is in the import's time zone.
        protected: user names that are left out beside those of the import.
    """
    rows = list(told)
    known = _by_kind(rows)
    year = current_year(settings, today)
    somebody, places = People(site, settings, protected), Places(site, settings, year, today)
    people = somebody.records(known["person"])
    categories = places.categories(known["category"])
    courses = places.courses(known["course"], categories)
    enrolments = places.enrolments(known["enrolment"], people, courses)
    results = list(places.results(totals_of(places.students_of_history(people)), people, courses))
    seen = [*categories, *people, *courses, *enrolments, *results]
    return with_known(year, seen, rows, (*somebody.findings, *places.findings))


def _by_kind(rows: Iterable[ImportedRow]) -> dict[str, Known]:
    found: dict[str, dict[str, tuple[str, dict[str, object]]]] = defaultdict(dict)
    for row in rows:
        if "@" not in row.kind:
            found[row.kind][row.moodle_id] = (row.key, json.loads(row.body))
    return defaultdict(dict, found)
