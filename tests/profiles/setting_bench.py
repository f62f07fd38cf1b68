"""Where settings are tried: a site with what was made by hand, one after a first day, and homes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rosters import people, roster

from matricula.hub.home import Home
from matricula.sandbox import running

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from desk import Desk

Parts = Mapping[str, Any]
#: Somebody and a class whom the site `by_hand` holds several candidates for, each by one mark.
MIA = roster(
    **people({"sourcedId": "m1", "username": "mia", "email": "mia@school.example", "identifier": "4711"}),
    enrollments=[],
)
C9 = roster(classes=[{"sourcedId": "c9"}], enrollments=[])
_ACCOUNTS: dict[str, dict[str, Any]] = {
    "mia": {},
    "by-email": {"email": "mia@school.example"},
    "by-idnumber": {"idnumber": "m1"},
    "by-number": {"idnumber": "4711"},
    "by-field": {"customfields": [{"type": "payroll", "value": "m1"}]},
    "max": {"idnumber": "another"},
}
_COURSES: dict[str, dict[str, Any]] = {
    "by-idnumber": {"idnumber": "c9"},
    "ENG-9 2026/27": {},
    "by-fullname": {"fullname": "English 09 – Ludicrous Lemur"},
    "TPL": {},
}

_ROLES = {"s1": "student", "t1": "teacher", "e1": "aide", "p1": "parent"}


def day(*classes: Mapping[str, Any], enrolled: bool = True, phones: Mapping[str, str] | None = None, **all_users: Any):
    """A day of people of all kinds and two classes, c1 and c2, with one of the people in c1."""
    rows = [
        {"sourcedId": key, "role": role, "username": key, "phone": (phones or {}).get(key)} | all_users
        for key, role in _ROLES.items()
    ]
    for row in rows:
        row["email"] = f"{row['sourcedId']}@school.example"
    named = [{"sourcedId": f"c{n}", "classCode": f"C{n}"} | each for n, each in enumerate(classes or ({}, {}), 1)]
    return roster(**people(*rows), classes=named, enrollments=[{"userSourcedId": "s1"}] if enrolled else [])


#: On the first day t1 has a number and s1 has none, c1 has a place and c2 has none.
FIRST_DAY = day({"location": "A"}, {}, phones={"t1": "1"})
FIRST_PARTS: dict[str, Any] = {
    "users": {
        "parent": {"create": True, "update": True, "deactivate": True},
        "fields": {"department": "{person.phone}"},
        "profile_fields": {"house": "{person.phone}"},
        "preferences": {"htmleditor": "{person.phone}"},
    },
    "courses": {"fields": {"summary": "{group.location}"}, "custom_fields": {"level": "{group.location}"}},
}
#: Second days: all have new names, numbers and places; nobody and no class is left; nobody is enrolled.
RENAMED = day({"title": "Lion"}, {"title": "Bear"}, givenName="New")
MOVED = day({"location": "B"}, {"location": "B"}, phones={"s1": "2", "t1": "2"})
NOBODY = roster(users=[], roles=[], enrollments=[])
NO_CLASSES = roster(classes=[], enrollments=[])
NOBODY_ENROLLED = day(enrolled=False)
#: The profile of a site on which somebody edited something of every kind.
EDITED: dict[str, Any] = {
    "groups": [{"name": "{group.title}"}],
    "cohorts": [{"name": "All", "idnumber": "all"}],
}


@dataclass
class Bench:
    """What looks stand on.

    Args:
        folder: an empty folder.
        until: closes what was opened.
    """

    folder: Path
    until: ExitStack

    @cached_property
    def by_hand(self) -> Desk:
        """A site with accounts, courses and a category that somebody made; nothing is ever applied to it."""
        desk = self._desk("by-hand")
        desk.sandbox.sandbox.state.insert("user_field", shortname="payroll", name="Payroll")
        for name, fields in _ACCOUNTS.items():
            desk.user(**{"username": name, "email": f"{name}@made.example"} | fields)
        for name, fields in _COURSES.items():
            desk.course(**{"shortname": name, "fullname": f"Made {name}"} | fields)
        desk.moodle.categories.create([{"name": "Elm School", "idnumber": "elm", "parent": 0}])
        return desk

    @cached_property
    def second_day(self) -> Desk:
        """A site after the first day; a second day is only planned."""
        desk = self._desk("second-day")
        desk.sandbox.sandbox.state.insert("user_field", shortname="house", name="House")
        desk.sandbox.sandbox.state.insert("course_field", shortname="level", name="Level")
        desk.run(FIRST_DAY, **FIRST_PARTS)
        return desk

    @cached_property
    def edited(self) -> Desk:
        """A site after the first day, on which somebody edited something of every kind; it is only planned for."""
        desk = self._desk("edited")
        desk.run(FIRST_DAY, **EDITED)
        ids = {
            kind: desk.store.ledger.frame("default", kind).sort("key")["moodle_id"].to_list()
            for kind in ("category", "user", "course", "cohort", "group")
        }
        moodle = desk.moodle
        moodle.categories.update([{"id": number, "name": f"Edited {number}"} for number in ids["category"]])
        moodle.users.update([{"id": number, "firstname": "Edited"} for number in ids["user"]])
        moodle.courses.update([{"id": number, "fullname": "Edited"} for number in ids["course"]])
        system = {"categorytype": {"type": "system", "value": ""}, "idnumber": "all"}
        moodle.cohorts.update([{"id": number, "name": "Edited", **system} for number in ids["cohort"]])
        moodle.groups.update([{"id": number, "name": "Edited"} for number in ids["group"]])
        (key,) = desk.store.ledger.frame("default", "enrolment")["key"]
        user, course = key.split("\t")
        ends = {"userid": desk.store.ledger.get("default", "user", user).moodle_id}
        ends |= {"courseid": desk.store.ledger.get("default", "course", course).moodle_id}
        moodle.enrolments.enrol([ends | {"roleid": 5, "suspend": 1}])
        return desk

    def home(self, *profiles: Parts) -> Home:
        """A new home with profiles as somebody wrote them."""
        name = f"home-{len(list(self.folder.iterdir()))}"
        home = self.until.enter_context(Home.make(self.folder / name))
        home.load("\n---\n".join(map(json.dumps, profiles)), "file", self.folder)
        return home

    def _desk(self, name: str) -> Desk:
        (self.folder / name).mkdir()
        site = self.until.enter_context(running(fixture="empty"))
        return self.until.enter_context(Desk.open(self.folder / name, site))
