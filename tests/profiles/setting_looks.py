"""How the effect of a setting is looked at: in what is desired, planned, sent or held, and in how a profile stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl
from rosters import roster, rows_of, wanted
from setting_bench import Bench, Parts

from matricula.errors import MatriculaError
from matricula.hub.hub import Hub
from matricula.hub.retention import purge
from matricula.hub.standing import Standing, standing_of
from matricula.planning import Draft
from matricula.planning.change import changes_frame, read_changes
from matricula.planning.courses import Courses
from matricula.planning.delivered import incomplete
from matricula.planning.emptied import Stock, emptied
from matricula.planning.limits import holds
from matricula.planning.users import Users
from matricula.profiles import Desired, Profile, desire
from matricula.roster import Delivery, Roster
from matricula.roster.shape import TableShape
from matricula.service import Service
from matricula.store import PlanRecord, schema

Look = Callable[[Bench, Parts], Any]
#: Stands for a setting that is left out.
LEFT_OUT = object()
_WANTED = wanted()
_DAY = date(2026, 9, 1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Setting(NamedTuple):
    """A place of a profile, and what comes of it.

    Args:
        at: the place, as `users.match.0.value`.
        look: shows the effect.
        outcomes: values, each with what comes of it; all differ.
        base: a profile in which it matters.
        alike: values of which the same comes as of another one, which has a reason.
    """

    at: str
    look: Look
    outcomes: list[tuple[Any, Any]]
    base: Parts = {}  # noqa: RUF012 - never written to
    alike: tuple[str, ...] = ()

    def parts(self, value: Any) -> dict[str, Any]:
        """The parts of a profile that has the value at the place."""
        whole = deepcopy(dict(self.base))
        *way, last = [int(step) if step.isdigit() else step for step in self.at.split(".")]
        part: Any = whole
        for step in way:
            part = part[step] if isinstance(part, list) else part.setdefault(step, {})
        if value is LEFT_OUT:
            part.pop(last, None)
        else:
            part[last] = value
        return whole

    def is_at(self, path: str) -> bool:
        """Whether a path of the reference, as `users.match[].value`, names the place."""
        pattern = re.escape(path).replace(re.escape("[]"), r"\.\d+").replace("NAME", r"[^.]+")
        return re.fullmatch(pattern, self.at) is not None


def read(parts: Parts) -> Profile:
    """A profile of some parts, its mappings judged by its own tables and basis."""
    return Profile.model_validate({"name": "default", "source": "school", "site": "moodle"} | dict(parts), context={})


def desired(tell: Callable[[Desired], Any], made: Roster | None = None, **tables: Any) -> Look:
    """Looks at what is desired for a roster."""
    given = made or roster(**tables)
    return lambda _, parts: tell(desire(given, read(parts)))


def fields(kind: str, *names: str, made: Roster | None = None, **tables: Any) -> Look:
    """Looks at fields of the one desired record of a kind; at the value itself where there is one field."""

    def tell(found: Desired) -> Any:
        (row,) = rows_of(found, kind).values()
        values = tuple(row["fields"].get(name) for name in names)
        return values if len(names) > 1 else values[0]

    return desired(tell, made, **tables)


def keys(kind: str, made: Roster | None = None, **tables: Any) -> Look:
    """Looks at the keys of the desired records of a kind."""
    return desired(lambda found: sorted(rows_of(found, kind)), made, **tables)


def planned(kind: str, made: Roster, *, second_day: bool = False, key: str | None = None) -> Look:
    """Looks at the actions and keys of a plan, on the site with what was made by hand or on the second day."""

    def look(bench: Bench, parts: Parts) -> Any:
        changes = read_changes(_plan(bench, parts, made, second_day=second_day).changes)
        return sorted((each.action, each.key) for each in changes if each.kind == kind and key in (None, each.key))

    return look


def after(kind: str, made: Roster, key: str, *, second_day: bool = False) -> Look:
    """Looks at the action and the new fields of the changes of one record."""

    def look(bench: Bench, parts: Parts) -> Any:
        changes = read_changes(_plan(bench, parts, made, second_day=second_day).changes)
        return [(each.action, dict(each.after)) for each in changes if (each.kind, each.key) == (kind, key)]

    return look


def changed(kind: str, made: Roster, field: str) -> Look:
    """Looks at whose field changes on the second day."""

    def look(bench: Bench, parts: Parts) -> Any:
        changes = read_changes(_plan(bench, parts, made, second_day=True).changes)
        return sorted(each.key for each in changes if each.kind == kind and field in each.after)

    return look


def matched(kind: str, made: Roster) -> Look:
    """Looks at what somebody made by hand that is taken for the one record of a kind, by its name on the site."""

    def look(bench: Bench, parts: Parts) -> Any:
        changes = read_changes(_plan(bench, parts, made).changes)
        (number,) = [each.moodle_id or 0 for each in changes if (each.kind, each.action) == (kind, "match")]
        if kind == "user":
            return next(user.username for user in bench.by_hand.moodle.users.all() if user.id == number)
        return next(course.shortname for course in bench.by_hand.moodle.courses.by_ids([number]))

    return look


def sent(*names: str) -> Look:
    """Looks at what Moodle gets for a new account."""

    def look(bench: Bench, parts: Parts) -> Any:
        row = rows_sent(bench, parts)["user"]
        return {name: row[name] for name in names if name in row}

    return look


def rows_sent(bench: Bench, parts: Parts) -> dict[str, dict[str, Any]]:
    """What Moodle gets for a new account and a new course, as far as they are made."""
    ground, entities = bench.by_hand.ground(), {"user": Users(), "course": Courses()}
    places = {"category": dict.fromkeys(("unsorted", "institute:o1/period:2027"), 1)}
    return {
        each.kind: entities[each.kind].row(ground, each, entities[each.kind].steps[0], places)
        for each in read_changes(_plan(bench, parts, roster()).changes)
        if each.action == "create" and each.kind in entities
    }


def held(number: int, of: int, kind: str = "user", action: str = "suspend") -> Look:
    """Looks at what holds a plan that takes away some of so many records."""
    rows = [{"kind": kind, "key": str(each), "action": action, "removes": True} for each in range(number)]
    changes = changes_frame(rows)

    def look(_: Bench, parts: Parts) -> Any:
        found = holds(changes, _WANTED, {kind: of}, read(parts).limits, _DAY)
        return [hold.words for hold in found]

    return look


def emptied_course(lost: int, of: int) -> Look:
    """Looks at what holds a plan that takes away some of so many enrolments of one course that stays."""
    standing = small_stock({"c1": of})
    changes = removals("enrolment", "suspend", [f"u{each}\tc1" for each in range(lost)])
    staying = standing.courses["key"]
    return lambda _, parts: [hold.words for hold in emptied(changes, staying, standing, read(parts).limits, _DAY)]


def emptied_category(lost: int, of: int) -> Look:
    """Looks at what holds a plan that hides some of so many courses of a category."""
    standing = small_stock({f"c{each}": 1 for each in range(of)})
    changes = removals("course", "hide", [f"c{each}" for each in range(lost)])
    staying = standing.courses["key"].filter(~standing.courses["key"].is_in(changes["key"].implode()))
    return lambda _, parts: [hold.words for hold in emptied(changes, staying, standing, read(parts).limits, _DAY)]


def small_stock(courses: Mapping[str, int]) -> Stock:
    """Courses in one category, beside one in another, with so many enrolments each."""
    places = [f"u{number}\t{course}" for course, many in courses.items() for number in range(many)]
    rows = [(course, course, "k1") for course in courses] + [("other", "other", "k2")]
    return Stock(
        enrolments=pl.DataFrame({"key": [*places, "u0\tother"]}),
        courses=pl.DataFrame(rows, schema=["key", "name", "category"], orient="row"),
        categories=pl.DataFrame({"key": ["k1", "k2"], "name": ["One", "Two"], "parent": ["", ""]}),
    )


def removals(kind: str, action: str, keys: Sequence[str]) -> pl.DataFrame:
    return changes_frame([{"kind": kind, "action": action, "key": key, "removes": True} for key in keys])


def delivered(rows: int, before: int, filled: float = 1) -> Look:
    """Looks at what holds a delivery of so many rows after another; a column is blank now that was filled before."""
    old, new = TableShape(before, {"email": filled}), TableShape(rows, {} if filled < 1 else {"email": 1})

    def look(_: Bench, parts: Parts) -> Any:
        return [hold.words for hold in incomplete({"users": old}, {"users": new}, read(parts).limits, _DAY)]

    return look


def standing(tell: Callable[[Standing], Any], *others: Parts) -> Look:
    """Looks at how the profile `b` stands beside others of the site."""

    def look(bench: Bench, parts: Parts) -> Any:
        home = bench.home(document("b", **parts), *others)
        return tell(standing_of(home, "b", NOON))

    return look


def document(name: str, **parts: Any) -> dict[str, Any]:
    return {"kind": "profile", "name": name, "source": "sis", "site": "moodle"} | parts


def purged(what: str, days: int) -> Look:
    """Looks at whether a plan that was put away, a grade and a delivery that are so many days old would go."""

    def look(bench: Bench, parts: Parts) -> bool:
        home, now = bench.home(document("b", **parts)), datetime.now(UTC)
        changes = changes_frame(
            [{"kind": "user", "action": "create", "key": "s1", "name": "Ann", "reason": "", "place": ""}]
        )
        record = PlanRecord(None, "b", "moodle", "sis", now, "rejected", "", {"counts": {}}, [])
        number = home.store.plans.add(record, changes.with_columns(number=1), [])
        texts = dict.fromkeys(("person_key", "course_key", "person", "course", "grades"), "x")
        grade = {"plan": number, "profile": "b", "user_id": 1, "course_id": 1, "at": now} | texts
        with home.store.begin() as connection:
            connection.execute(schema.kept_grade.insert().values(**grade))
        home.store.kept.keep("sis", Delivery({}, "1.2", "sis"), "", now)
        return what in purge(home, dry_run=True, at=now + timedelta(days=days)).counts

    return look


def asks(*hours: float) -> Look:
    """Looks at which jobs a schedule that was first seen at noon asks for at some hours after that."""

    def look(bench: Bench, parts: Parts) -> list[list[str]]:
        home = bench.home(document("b", **parts))
        service = Service(home)
        service.schedules.tick(NOON)
        found = []
        for each in hours:
            service.schedules.tick(NOON + timedelta(hours=each))
            jobs = [job for job in service.jobs.all(states=["waiting"]) if job.profile]
            found.append([job.kind for job in jobs])
            for job in jobs:
                service.jobs.cancel(job.id, "test")
        return found

    return look


def loaded(bench: Bench, parts: Parts) -> Any:
    """Looks at which profiles there are when a document has been loaded."""
    try:
        return bench.home(parts).names("profile")
    except MatriculaError as error:
        return error.code


def opened(bench: Bench, parts: Parts) -> Any:
    """Looks at what a plan misses first in a home that holds nothing but the profile."""
    try:
        Hub(bench.home(parts)).plan("b")
    except MatriculaError as error:
        return error.what
    return None


def ground_of(bench: Bench, parts: Parts) -> Any:
    """Looks at which site is opened for the profile."""
    hub = Hub(bench.home(parts))
    try:
        with hub.ground(hub.home.profile("b")):
            return None
    except MatriculaError as error:
        return error.what


def _plan(bench: Bench, parts: Parts, made: Roster, *, second_day: bool = False) -> Draft:
    desk = bench.second_day if second_day else bench.by_hand
    desk.parts = dict(parts)
    return desk.plan(made)
