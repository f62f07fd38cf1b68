"""A tiny school whose few days make every change that a run can write."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from corridor import picture
from desk import Desk
from rosters import Row, people, roster

from matricula.applying import Applied, Progress, Silent, apply_plan, recover
from matricula.applying.progress import StopAsked
from matricula.moodle import Moodle
from matricula.planning import ENTITIES, Draft, Ground
from matricula.profiles import Site
from matricula.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matricula.roster import Roster
    from matricula.sandbox import Running


def every(*, plugins: bool) -> set[tuple[str, str, str]]:
    """Every kind and action that a run can write, with the functions that write it.

    A match of a category only enters the ledger, and enrolments are moved by a plan of their own.
    """
    return {
        (kind, action, step.packed if plugins and step.packed else step.function)
        for kind, entity in ENTITIES.items()
        for step in entity.steps
        for action in step.actions
        if (kind, action) not in (("category", "match"), ("enrolment", "move"))
    }


ORGS: list[Row] = [
    {},
    {"sourcedId": "d1", "name": "Arts", "type": "department"},
    {"sourcedId": "d2", "name": "Languages", "type": "department"},
    {"sourcedId": "d3", "name": "Sport", "type": "department", "parentSourcedId": "d1"},
]
PEOPLE: list[Row] = [
    {"givenName": "Ann", "grades": ["7"]},
    {"givenName": "Bea", "grades": ["7"]},
    {"givenName": "Cleo", "grades": ["8"]},
    {"givenName": "Dan", "grades": ["8"], "identifier": "D-4"},
    {"givenName": "Eve", "role": "teacher"},
]
CLASSES: list[Row] = [
    {"sourcedId": "c1", "classCode": "7A", "title": "Lemur", "courseSourcedId": "co1"},
    {"sourcedId": "c2", "classCode": "7B", "title": "Otter", "courseSourcedId": "co2", "location": "TPL"},
    {"sourcedId": "c3", "classCode": "7C", "title": "Heron", "courseSourcedId": "co2"},
]
COURSES: list[Row] = [
    {"sourcedId": "co1", "title": "Lemur", "orgSourcedId": "d1"},
    {"sourcedId": "co2", "title": "Otter", "orgSourcedId": "d2"},
]
PLACES = [("u1", "c1"), ("u2", "c1"), ("u3", "c2"), ("u4", "c2"), ("u5", "c1"), ("u1", "c2"), ("u4", "c3")]

PARTS: dict[str, Any] = {
    "users": {"match": ["idnumber", "username"], "fields": {"department": {"value": "x", "write": "if-empty"}}},
    "categories": {"levels": ["institute", "stream", "subject"]},
    "courses": {
        "template": "{group.location}",
        "fields": {"summary": {"value": "About {group.title}", "write": "if-empty"}},
        "gone": "hide",
    },
    "enrolments": {"gone": "suspend"},
    "groups": [
        {"name": "{group.title}", "idnumber": "{group.id}", "grouping": "Classes"},
        {"name": "Y{person.grade}", "grouping": "Classes"},
    ],
    "cohorts": [{"name": "Grade {person.grade} {institute.name}", "idnumber": "y{person.grade}"}],
    "meta_links": [{"shortname": "EVER", "fullname": "For ever", "classes": {"value": "{group.code}", "like": "7*"}}],
}


def school(places: Any = PLACES, **tables: Any) -> Roster:
    rows = [
        {"sourcedId": f"e-{user}-{group}", "userSourcedId": user, "classSourcedId": group, "role": role}
        for user, group, role in ((*place, "teacher" if place[0] == "u5" else "student")[:3] for place in places)
    ]
    made = people(*(dict(row) for row in tables.pop("people", PEOPLE)))
    usual = {"orgs": ORGS, "courses": COURSES, "classes": CLASSES}
    return roster(**made, **usual | tables, enrollments=rows)


def altered(rows: list[Row], number: int, **changes: Any) -> list[Row]:
    return [row | changes if place == number else row for place, row in enumerate(rows)]


_OTHER = {
    "orgs": altered(altered(ORGS, 3, parentSourcedId="d2"), 0, name="Elm School"),
    "people": altered(altered(altered(PEOPLE, 0, familyName="Lea"), 3, grades=["7"]), 1, enabledUser=False),
    "classes": altered(CLASSES[:2], 0, title="Lemurs"),
    "courses": altered(COURSES, 0, title="Lemurs", orgSourcedId="d2"),
}
_PLACES = [("u1", "c1", "teacher"), ("u3", "c2"), ("u4", "c2"), ("u5", "c1")]

DAYS: list[tuple[Roster, dict[str, Any]]] = [
    (school(), PARTS),
    (
        school(_PLACES, **_OTHER),
        {
            "groups": [
                PARTS["groups"][0] | {"grouping": "Others"},
                PARTS["groups"][1] | {"idnumber": "y{person.grade}"},
            ],
        },
    ),
    (school([*PLACES[:-1], ("u4", "c3", "teacher")]), {"groups": PARTS["groups"]}),
    (
        school(_PLACES, **_OTHER),
        {
            "courses": PARTS["courses"] | {"gone": "archive"},
            "enrolments": {"gone": "unenrol"},
            "groups": [PARTS["groups"][0]],
            "cohorts": [],
            "meta_links": [],
        },
    ),
    (
        school([("u1", "c1")], classes=CLASSES[:1]),
        {
            "courses": PARTS["courses"] | {"gone": "delete"},
            "enrolments": {"gone": "suspend-without-roles"},
            "groups": [],
        },
    ),
]
"""The roster of each day, and what the profile says from that day on."""


class TinyDesk(Desk):
    """A desk at a site that may not serve."""

    progress: Progress = Silent()
    patience = 60.0

    def __init__(self, store: Store, moodle: Moodle, sandbox: Running) -> None:
        super().__init__(store, moodle, sandbox)
        self.stop = StopAsked()
        self.made: Roster | None = None

    def ground(self, *, full: bool = False, restore: bool = False) -> Ground:
        ground = super().ground(full=full, restore=restore)

        ground.site = Site(name="moodle", url=self.sandbox.url, patience=self.patience)
        return ground

    def by_hand(self) -> None:
        """What was on the site before."""
        self.course(fullname="Template", shortname="TPL")
        self.user(username="user5", firstname="Eve", email="user5@school.example")
        self.course(fullname="Heron", shortname="7C", idnumber="c3")
        self.moodle.categories.create([{"name": "Oak School", "parent": 0}])

    def day(self, number: int) -> Draft:
        made, parts = DAYS[number]
        return self.plan(made, **parts)

    def go_on(self) -> Applied:
        recover(self.store, "moodle", lambda _: self.ground())
        run = self.store.runs.start(self.number, "default", "moodle", "test")
        changes = self.store.plans.changes(self.number)
        return apply_plan(self.store, self.ground(), run, changes, self.progress, self.stop)

    def sent(self, draft: Draft) -> set[tuple[str, str, str]]:
        """Kind, action and function of everything that was sent of the plan that was applied last."""
        of = {
            number: (kind, action) for number, kind, action in draft.changes.select("number", "kind", "action").rows()
        }
        return {
            (*of[number], batch.function)
            for run in self.store.runs.all("default")
            if run.plan == self.number
            for batch in self.store.journal.batches(run.id)
            for number in batch.changes
        }

    @contextmanager
    def impatient(self, seconds: float) -> Iterator[None]:
        """A run whose calls may take so long at most."""
        usual = self.moodle
        with Moodle(self.sandbox.url, self.sandbox.tokens["admin"], callers=2, timeout=seconds) as self.moodle:
            yield
        self.moodle = usual

    def picture(self) -> dict[str, list[Any]]:
        return picture(self.sandbox.url, self.sandbox.tokens["admin"])


@contextmanager
def tiny_desk(place: Path, site: Running, callers: int = 2) -> Iterator[TinyDesk]:
    """A desk at a site as it is on the first morning."""
    site.sandbox.reset()
    with (
        Store.open(place / "state.db") as store,
        Moodle(site.url, site.tokens["admin"], callers=callers) as moodle,
    ):
        desk = TinyDesk(store, moodle, site)
        desk.by_hand()
        yield desk
