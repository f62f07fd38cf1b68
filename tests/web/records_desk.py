"""A home with two sites and a school on each, for tests of the console."""

from __future__ import annotations

import csv
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import stamina

from matricula.moodle import Moodle
from matricula.sandbox import Running, running
from matricula.sandbox.school import School

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matricula.service import Service

DOCUMENTS = """
kind: site
name: {site}
url: {url}
patience: 5
---
kind: source
name: {site}-school
type: oneroster-csv
path: {folder}
---
kind: profile
name: {site}-profile
source: {site}-school
site: {site}
"""
ODD_KEY = "a/b c?d#e&f=“é"
ODD_NAME = "Zoë <script>alert(1)</script> \u202eO'Brien\""


@dataclass
class Place:
    """One site with its profile and its school.

    Args:
        name: the site.
        site: the sandbox.
        folder: where the CSV files lie.
        school: the school.
    """

    name: str
    site: Running
    folder: Path
    school: School

    @property
    def profile(self) -> str:
        return f"{self.name}-profile"

    @contextmanager
    def moodle(self) -> Iterator[Moodle]:
        with Moodle(self.site.url, self.site.tokens["admin"], callers=2) as moodle:
            yield moodle

    def edit(self, table: str, change: Any) -> None:
        """Change the rows of a file; `change` gets each row and returns it, or None to leave it out."""
        file = self.folder / f"{table}.csv"
        with file.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        kept = [row for each in rows if (row := change(dict(each))) is not None]
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, list(rows[0]))
            writer.writeheader()
            writer.writerows(kept)

    def rename(self, table: str, old: str, new: str) -> None:
        """Put another sourcedId in the place of one, wherever it stands."""
        for each in (table, "enrollments", "roles"):
            file = self.folder / f"{each}.csv"
            if file.exists():
                self.edit(each, lambda row: {name: new if cell == old else cell for name, cell in row.items()})


@dataclass
class Desk:
    """Two places on one service.

    Args:
        service: the service.
        north: a site.
        south: another one.
    """

    service: Service
    north: Place
    south: Place

    def run(self, place: Place, **options: Any) -> int:
        """Plan and apply, whatever holds the plan."""
        planned = self.service.hub.plan(place.profile, **options)
        return self.service.hub.apply(planned.number, planned.words).run

    def plan(self, place: Place, **options: Any) -> int:
        return self.service.hub.plan(place.profile, **options).number

    def namesake(self, place: Place, student: Any, **other: str) -> int:
        """An account with a student's user name that is somebody else's by all other fields."""
        values = {
            "username": student.username.lower(),
            "firstname": "Other",
            "lastname": "Person",
            "email": f"other-{student.sourced_id}@elsewhere.example",
            "idnumber": "not-ours",
            "password": "Secret-123",
        }
        with place.moodle() as moodle:
            (made,) = moodle.users.create([values | other])
        return made.id

    def edited(self, place: Place, student: Any, **fields: Any) -> int:
        """Edit a student's account in Moodle by hand, and have it noticed."""
        row = self.service.store.ledger.get(place.profile, "user", student.sourced_id)
        with place.moodle() as moodle:
            moodle.users.update([{"id": row.moodle_id} | fields])
        self.plan(place, full=True)
        return row.moodle_id


@contextmanager
def two_places(service: Service, folder: Path, students: int = 12) -> Iterator[Desk]:
    """Two sandboxes with a small school each; nothing is planned yet."""
    with ExitStack() as stack:
        stack.enter_context(stamina.set_testing(True, attempts=4))
        places = []
        for number, name in enumerate(("north", "south")):
            site = stack.enter_context(running("empty"))
            school = School.generate(seed=5 + number, students=students, staff=3, classes=4)
            where = folder / name
            school.write(where)
            service.home.load(DOCUMENTS.format(site=name, url=site.url, folder=where), "test", folder)
            service.home.keep_token(name, site.tokens["admin"])
            places.append(Place(name, site, where, school))
        yield Desk(service, *places)
