"""Which course of the site a class of the roster is, the first time; ever after it is known by Moodle's id."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from matricula.moodle import Course
from matricula.planning.change import to_json
from matricula.planning.entity import Fields
from matricula.planning.ground import Ground
from matricula.planning.rules import RULES
from matricula.profiles.meta_links import LONG_LIVED
from matricula.profiles.moodle_fields import Write

#: In what a change sets this holds the short name of the course that a new one is copied of.
TEMPLATE = "template"
_WORDS = {"idnumber": "ID number", "shortname": "short name", "fullname": "full name"}


class Matching:
    """Brings new classes and courses of the site together.

    Args:
        ground: profile and ledger; what cannot be entered is reported to its findings.
        there: the site's courses.
        writes: how single fields are written.
    """

    def __init__(self, ground: Ground, there: Iterable[Course], writes: Mapping[str, Write]) -> None:
        self._ground = ground
        self._writes = writes
        self._field = ground.profile.courses.match
        self._by: dict[str, dict[str, list[Course]]] = {name: defaultdict(list) for name in _WORDS}
        for course in there:
            for name, alike in self._by.items():
                alike[(getattr(course, name) or "").lower()].append(course)
        rows = ground.ledger("course").filter(pl.col("moodle_id").is_not_null()).iter_rows(named=True)
        self._held = {row["key"]: row for row in rows}
        self._taken = {
            row["moodle_id"]: key
            for key, row in self._held.items()
            if not ground.looked.is_lost("course", key, row["moodle_id"])
        }

    def changes(self, fresh: Iterable[dict[str, Any]], seen: Mapping[int, Fields]) -> list[dict[str, Any]]:
        """Changes for classes that the ledger does not hold.

        Args:
            fresh: the desired rows, with `place`.
            seen: what the site's courses hold, by id.
        """
        rows = list(fresh)
        wanted = Counter(course.id for row in rows for course in self._alike(row))
        changes = []
        for row in rows:
            alike = self._alike(row)
            if len(alike) > 1:
                self._report(
                    "several-courses", row, row[self._field_of(row)], ids=", ".join(str(each.id) for each in alike)
                )
            elif alike and (self._taken.get(alike[0].id, row["key"]) != row["key"] or wanted[alike[0].id] > 1):
                self._report("course-already-matched", row, row["shortname"], other=alike[0])
            elif alike:
                changes.append(self._match(row, alike[0], seen[alike[0].id]))
            elif row["key"].startswith(LONG_LIVED) and not row["fullname"]:
                self._report("long-lived-course-missing", row, row["shortname"])
            elif self._may_create(row) and not self._is_another(row) and self._is_free(row):
                changes.append(_create(row))
        return changes

    def _alike(self, row: Mapping[str, Any]) -> list[Course]:
        field = self._field_of(row)
        value = row[field].lower()
        return self._by[field].get(value, []) if value else []

    def _field_of(self, row: Mapping[str, Any]) -> str:
        """What a course is recognised by: of long-lived ones the profile knows nothing but the short name."""
        return "shortname" if row["key"].startswith(LONG_LIVED) else self._field

    def _may_create(self, row: Mapping[str, Any]) -> bool:
        return self._ground.profile.courses.create or row["key"].startswith(LONG_LIVED)

    def _is_another(self, row: Mapping[str, Any]) -> bool:
        """Whether the course that was matched has nothing of the class any more: perhaps it was renamed by hand.

        Only where the site went back in time is there nothing to ask.
        """
        held = self._held.get(row["key"])
        if held is None or held["origin"] != "matched" or self._ground.restore:
            return False
        seen = self._ground.looked.other("course", row["key"], held["moodle_id"])
        if seen is None:
            return False
        told = {"name": row["name"], "other": seen["fullname"], "id": held["moodle_id"]}
        self._ground.findings.append(
            RULES["course-is-another"].finding(
                sourced_id=row["key"], line=row["line"], value=row["shortname"], told=told
            )
        )
        return True

    def _is_free(self, row: Mapping[str, Any]) -> bool:
        """Whether nothing stands in the way of making the course; else it is reported."""
        for name, code in (("shortname", "shortname-taken"), ("idnumber", "idnumber-taken")):
            value = row[name]
            clash = self._by[name].get(value.lower()) if value else None
            if clash:
                self._report(code, row, value, other=clash[0])
                return False
        template = row[TEMPLATE]
        if template and template.lower() not in self._by["shortname"]:
            self._report("template-not-found", row, template)
            return False
        return True

    def _match(self, row: Mapping[str, Any], found: Course, seen: Fields) -> dict[str, Any]:
        """A course that was there is entered as it is; only fields that it has nothing in are filled where asked for.

        Its name, category and dates are the teachers' until the roster says something new.
        """
        fields = json.loads(row["fields"])
        after = {
            name: value
            for name, value in fields.items()
            if value not in (None, "") and self._writes.get(name) == "if-empty" and not seen.get(name)
        }
        matched = _create(row) | {
            "action": "match",
            "moodle_id": found.id,
            "before": to_json({name: seen[name] for name in after if name in seen}),
            "after": to_json(after),
            "written": row["fields"],
            "origin": "matched",
            "reason": f"matched by {_WORDS[self._field_of(row)]} with “{found.fullname}”",
        }
        return matched | self._came_back(row, found, seen, after)

    def _came_back(self, row: Mapping[str, Any], found: Course, seen: Fields, filled: Fields) -> Fields:
        """What else holds of a course that the ledger has under another id: it is what it was.

        What the roster says anew of it is set as in any course that is known.
        """
        held = self._held.get(row["key"])
        if held is None or held["removed"]:
            return {}
        written, told = json.loads(held["written"]), json.loads(row["fields"])
        after = filled | {
            name: value
            for name, value in told.items()
            if value is not None
            and value not in (written.get(name), seen.get(name))
            and self._writes.get(name, "in-step") == "in-step"
            and self._ground.profile.courses.update
        }
        return {
            "origin": held["origin"],
            "before": to_json({name: seen[name] for name in after if name in seen}),
            "after": to_json(after),
            "reason": f"is there as “{found.fullname}” (id {found.id}), no longer with the id {held['moodle_id']}",
        }

    def _report(
        self, code: str, row: Mapping[str, Any], value: str, other: Course | None = None, ids: str = ""
    ) -> None:
        told: dict[str, object] = {"name": row["name"], "ids": ids, "word": _WORDS[self._field]}
        if other is not None:
            told |= {"other": other.fullname, "id": other.id}
        self._ground.findings.append(
            RULES[code].finding(sourced_id=row["key"], line=row["line"], value=value, told=told)
        )


def _create(row: Mapping[str, Any]) -> dict[str, Any]:
    """A new course; one of which a level of the category is unknown goes to the category for unsorted courses."""
    fields = json.loads(row["fields"]) | {"category": row["category"]}
    copied = {TEMPLATE: row[TEMPLATE]} if row[TEMPLATE] else {}
    return {
        "action": "create",
        "key": row["key"],
        "name": row["name"],
        "course": row["name"],
        "after": to_json(fields | copied),
        "written": to_json(fields),
        "origin": "made",
        "reason": _reason(row),
        "place": row["place"],
    }


def _reason(row: Mapping[str, Any]) -> str:
    if row["key"].startswith(LONG_LIVED):
        return "the profile's meta-links name it"
    return f"new class in the roster, copied of {row[TEMPLATE]}" if row[TEMPLATE] else "new class in the roster"
