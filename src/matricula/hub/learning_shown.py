"""Learning data as it is shown: course by course, and people by their names as far as the ledger knows them."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from matricula.errors import UsageError
from matricula.hub.home import Home
from matricula.hub.hub import Hub
from matricula.hub.learning import course_of

_OF_GRADE = (
    *("item", "state", "raw", "shown", "percentage", "letter", "feedback", "share"),
    *("hidden", "locked", "overridden", "former", "submitted", "graded", "changed_at"),
)


def shown(hub: Hub, site_name: str, course: str | None = None, person: str | None = None) -> list[dict[str, Any]]:
    """What is known of a site's courses.

    Args:
        hub: the hub.
        site_name: the site.
        course: only this one, as `course_of` takes it.
        person: only this person's grades and submissions, by Moodle's id, sourcedId, user name, e-mail or full name.

    Returns:
        for each course its name, when it was read, and lists of `categories`, `items`, `people` with their `grades`,
        `submissions`, `activities` and `modules`.

    Raises:
        UsageError: there is no such site, course or person.
    """
    hub.home.site(site_name)
    names = names_of_accounts(hub.home, site_name)
    courses = None if course is None else [course_of(hub, site_name, course)]
    users = None if person is None else [_person_of(person, names)]
    learning = hub.store.learning
    frames = {
        what: _by_course(learning.frame(what, site_name, courses, users=users if of_people else None))  # type: ignore[arg-type]
        for what, of_people in (
            *(("category", False), ("item", False), ("activity", False), ("module", False)),
            *(("grade", True), ("submission", True)),
        )
    }
    rows = learning.frame("course", site_name, courses).drop("marks", "gone_at").iter_rows(named=True)
    told = [_course(row, frames, names) for row in rows]
    return [each for each in told if each["people"] or each["submissions"]] if users else told


def _course(
    row: dict[str, Any], frames: Mapping[str, Mapping[int, pl.DataFrame]], names: Mapping[int, Mapping[str, str]]
) -> dict[str, Any]:
    def of(what: str) -> list[dict[str, Any]]:
        frame = frames[what].get(row["course"])
        return [] if frame is None else frame.drop("course", "gone_at", strict=False).to_dicts()

    people: dict[int, dict[str, Any]] = {}
    for grade in of("grade"):
        user = grade["user"]
        person = people.setdefault(user, {"user": user, "name": name_of(user, names), "grades": []})
        person["grades"].append({name: grade[name] for name in _OF_GRADE})
    return row | {
        "categories": of("category"),
        "items": sorted(of("item"), key=lambda each: each["position"]),
        "people": sorted(people.values(), key=lambda each: (each["name"].casefold(), each["user"])),
        "submissions": [each | {"name": name_of(each["user"], names)} for each in of("submission")],
        "activities": of("activity"),
        "modules": [
            each | {"links": json.loads(each["links"])} for each in sorted(of("module"), key=lambda m: m["position"])
        ],
    }


def _by_course(frame: pl.DataFrame) -> dict[int, pl.DataFrame]:
    return {key[0]: part for key, part in frame.partition_by("course", as_dict=True).items()}


def names_of_accounts(home: Home, site_name: str) -> dict[int, dict[str, str]]:
    """What the ledgers of a site's profiles have of each account."""
    known: dict[int, dict[str, str]] = {}
    for profile in home.profiles():
        if profile.site == site_name:
            rows = home.store.ledger.frame(profile.name, "user").select("moodle_id", "key", "written").iter_rows()
            for account, key, written in rows:
                if account is not None:
                    known[account] = json.loads(written or "{}") | {"key": key}
    return known


def name_of(user: int, names: Mapping[int, Mapping[str, str]]) -> str:
    """The name of an account, by what `names_of_accounts` gives; its number where nobody is known by it."""
    known = names.get(user, {})
    return f"{known.get('firstname', '')} {known.get('lastname', '')}".strip() or f"account {user}"


def _person_of(asked: str, names: Mapping[int, Mapping[str, str]]) -> int:
    if asked.isdigit():
        return int(asked)
    wanted = asked.casefold()

    def names_of(user: int, known: Mapping[str, str]) -> set[str]:
        told = (name_of(user, names), *(known.get(name) or "" for name in ("key", "username", "email")))
        return {each.casefold() for each in told}

    found = [user for user, known in names.items() if wanted in names_of(user, known)]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        f"{len(found)} accounts answer to “{asked}”." if found else f"Nobody “{asked}” is known.",
        where="matricula learning show",
        remedy="Name the person by Moodle's id, sourcedId, user name, e-mail address or full name.",
        code="person-ambiguous" if found else "person-unknown",
    )
