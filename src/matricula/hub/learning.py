"""Reading learning data: of which courses, of whom, and how often."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

import polars as pl

from matricula import logs
from matricula.errors import UsageError
from matricula.grades.reading import Reading, read_learning
from matricula.hub.deliveries import Say, silent
from matricula.hub.hub import Hub
from matricula.profiles import Profile, Site
from matricula.store.ledger import SEPARATOR

WITHIN = 2.0
"""Days within which every gradebook of a site is read that no profile transfers grades of."""
_STUDENT = "student"
"""The role whose holders have grades, by Moodle's default."""


def read_site(
    hub: Hub,
    site_name: str,
    say: Say = silent,
    *,
    full: bool = False,
    contents: bool = False,
    courses: Sequence[str] = (),
) -> Reading:
    """Read learning data of a site: of the courses that its profiles keep in step, or of some.

    Args:
        hub: the hub.
        site_name: the site.
        say: told in words what is being done.
        full: whether every gradebook is read, whether anything tells of a change in it or not.
        contents: whether modules and links are read, too.
        courses: courses as a person calls them, by Moodle's id, sourcedId, short name, ID number or name; these are
            read in any case. By default all.

    Raises:
        UsageError: a course is none, or several.
        MatriculaError: the site cannot be read, or a document is wrong.
    """
    site = hub.home.site(site_name)
    profiles = _profiles(hub, site_name)
    chosen = [course_of(hub, site_name, each) for each in courses]
    return _read(
        hub, site, profiles, chosen or courses_of(hub, profiles), say, full=full or bool(chosen), contents=contents
    )


def read_for(
    hub: Hub, profile: Profile | str, say: Say = silent, *, full: bool = False, contents: bool = False
) -> Reading:
    """Read the learning data that a profile's transfer of grades stands on: of the courses in its ledger.

    Args:
        hub: the hub.
        profile: the profile, or its name.
        say: told in words what is being done.
        full: whether every gradebook is read.
        contents: whether modules and links are read, too.

    Raises:
        MatriculaError: the site cannot be read, or a document is wrong.
    """
    meant = hub.home.profile(profile) if isinstance(profile, str) else profile
    site = hub.home.site(meant.site)
    return _read(hub, site, [meant], courses_of(hub, [meant]), say, full=full, contents=contents)


def courses_of(hub: Hub, profiles: Iterable[Profile]) -> list[int]:
    """Ids of the courses that profiles keep in step."""
    return sorted({key for profile in profiles for key in _ids(hub, profile.name, "course").values()})


def course_of(hub: Hub, site_name: str, asked: str) -> int:
    """The id of a course that a person names.

    Args:
        hub: the hub.
        site_name: the site.
        asked: Moodle's id, sourcedId, short name, ID number or name.

    Raises:
        UsageError: no course is meant, or several are.
    """
    if asked.isdigit():
        return int(asked)
    found: set[int] = set()
    for profile in _profiles(hub, site_name):
        ids = _ids(hub, profile.name, "course")
        rows = hub.store.ledger.frame(profile.name, "course").select("key", "written").iter_rows()
        found |= {ids[key] for key, written in rows if key in ids and _is_called(asked, key, written)}
    known = hub.store.learning.frame("course", site_name).select("course", "shortname", "idnumber", "name")
    wanted = asked.casefold()
    found |= {key for key, *names in known.iter_rows() if wanted in (name.casefold() for name in names)}
    if len(found) == 1:
        return found.pop()
    told = ", ".join(str(key) for key in sorted(found))
    raise UsageError(
        f"Several courses are called “{asked}”: {told}." if found else f"No course “{asked}” is known on {site_name}.",
        where="matricula learning",
        remedy="Name it by Moodle's id, the number after id= in the address of its page.",
        code="course-ambiguous" if found else "course-unknown",
    )


def _read(
    hub: Hub,
    site: Site,
    profiles: Sequence[Profile],
    courses: Collection[int],
    say: Say,
    *,
    full: bool,
    contents: bool,
) -> Reading:
    with hub.home.client(site) as moodle:
        reading = read_learning(
            moodle,
            hub.store,
            site.name,
            courses,
            full=full,
            within_days=min((each.grades.within for each in profiles), default=WITHIN),
            contents=contents,
            expected=_students(hub, profiles, site),
            say=say,
            now=datetime.now(UTC),
        )
    told = {"courses": reading.courses, "gradebooks": len(reading.gradebooks), "changed": reading.changed}
    logs.event("learning data read", site=site.name, findings=len(reading.findings), **told)
    return reading


def _students(hub: Hub, profiles: Iterable[Profile], site: Site) -> dict[int, set[int]]:
    """Accounts by course that the ledger knows as students, suspended or not."""
    roles = {_STUDENT, str(site.roles.get(_STUDENT, ""))}
    found: dict[int, set[int]] = defaultdict(set)
    for profile in profiles:
        users, courses = _ids(hub, profile.name, "user"), _ids(hub, profile.name, "course")
        rows = hub.store.ledger.frame(profile.name, "enrolment").filter(~pl.col("removed"))
        role = pl.col("written").str.json_path_match("$.role")
        for key in rows.filter(role.is_in(list(roles)))["key"]:
            user, _, course = key.partition(SEPARATOR)
            if user in users and course in courses:
                found[courses[course]].add(users[user])
    return found


def _ids(hub: Hub, profile: str, kind: str) -> dict[str, int]:
    rows = hub.store.ledger.frame(profile, kind).filter(~pl.col("removed") & pl.col("moodle_id").is_not_null())
    return dict(rows.select("key", "moodle_id").iter_rows())


def _profiles(hub: Hub, site: str) -> list[Profile]:
    return [each for each in hub.home.profiles() if each.site == site]


def _is_called(asked: str, key: str, written: str | None) -> bool:
    fields = json.loads(written or "{}")
    names = (key, *(fields.get(name) or "" for name in ("shortname", "idnumber", "fullname")))
    return asked.casefold() in (str(name).casefold() for name in names)
