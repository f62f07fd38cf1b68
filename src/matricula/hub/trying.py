"""One mapping tried on real rows while somebody writes it: what came, and what it makes of that."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import polars as pl

from matricula.hub.preview import by_key, meant, properties_of_people
from matricula.profiles import Profile
from matricula.profiles.class_frame import classes, every_class
from matricula.profiles.conditions import meets
from matricula.profiles.courses import desire_courses
from matricula.profiles.documents.courses import LEVEL_NAMES
from matricula.profiles.documents.mapped import Condition
from matricula.profiles.enrolment_frame import enrolment_rows, with_properties
from matricula.profiles.fields import name_of, properties, text_of
from matricula.profiles.mapping import Vocabulary
from matricula.profiles.moodle_limits import tidy
from matricula.profiles.parts import Part
from matricula.profiles.people import desire_users
from matricula.profiles.person_frame import people, with_kind
from matricula.profiles.vocabulary import CLASSES, COURSES, ENROLMENTS, PEOPLE
from matricula.roster import Roster

Path = tuple[str | int, ...]
#: What custom fields are called where a profile's rules work fields out.
_PREFIXES: Final = {
    "fields": "",
    "profile_fields": "profile:",
    "preferences": "preference:",
    "custom_fields": "custom:",
}
_NAMES: Final = ("name", "idnumber", "grouping", "template")
"""Settings that name a thing: empty where a property of theirs is."""


@dataclass(frozen=True)
class TriedRow:
    """One person, class or enrolment.

    Args:
        name: its name.
        came: the properties that the mapping names.
        value: what the mapping makes of them; None where the field is left as it is.
        is_meant: of a condition whether it is met; None for everything else.
    """

    name: str
    came: Mapping[str, Any]
    value: Any
    is_meant: bool | None = None


@dataclass(frozen=True)
class Tried:
    """What a mapping makes of some rows.

    Args:
        rows: the first of them.
        of: how many there are.
    """

    rows: tuple[TriedRow, ...]
    of: int


def vocabulary_at(path: Path, basis: str) -> Vocabulary | None:
    """What a mapping at a path may name; None where there is no mapping.

    Args:
        path: the setting, with or without `value` at its end.
        basis: the profile's basis.
    """
    if path[:1] in (("users",), ("cohorts",)):
        return PEOPLE
    if path[:1] in (("enrolments",), ("groups",)):
        return ENROLMENTS
    if path[:1] == ("meta_links",) or path[:2] == ("courses", "only"):
        return CLASSES
    if path[:1] in (("courses",), ("categories",)):
        return COURSES[basis]  # type: ignore[index]
    return None


class Trial:
    """A profile tried on a roster; what several mappings need is worked out once.

    Args:
        roster: the roster.
        profile: the profile as it is being written.
        seek: the sourcedId of a person, class or course, or a part of a name; empty for the first there are.
        limit: how many rows are wanted.
    """

    def __init__(self, roster: Roster, profile: Profile, seek: str = "", limit: int = 5) -> None:
        self._roster = roster
        self._profile = profile
        self._seek = seek.strip() or None
        self._limit = limit

    def of(self, path: Path) -> Tried | None:
        """What the mapping at a path makes of rows; None where nothing is mapped there.

        Raises:
            SettingError: the delivery has no such period.
        """
        if path[-1:] == ("value",):
            path = path[:-1]
        if len(path) > 2 and path[0] in ("users", "courses") and path[1] in _PREFIXES:
            return self._field(path)
        template, condition = _template(self._profile, path)
        vocabulary = vocabulary_at(path, self._profile.basis)
        if template is None or vocabulary is None:
            return None
        if vocabulary is PEOPLE:
            rows = self._people(path, properties(template))
        elif vocabulary is ENROLMENTS:
            rows = self._enrolments(properties(template))
        else:
            rows = self._classes(path, properties(template))
        return self._texts(rows, template, vocabulary, condition, names=path[-1] in _NAMES)

    def _field(self, path: Path) -> Tried | None:
        """Values of a field of accounts or courses, just as a plan would have them."""
        users = path[0] == "users"
        part = self._users if users else self._courses
        mapped = self._profile.users.mapped() if users else self._profile.courses.mapped(self._profile.basis)
        field = f"{_PREFIXES[str(path[1])]}{path[2]}"
        if field not in mapped:
            return None
        came = self._came_of_users if users else self._came_of_courses
        names = properties(mapped[field].value)
        rows = tuple(
            TriedRow(
                row["name"], {name: came[row["key"]][name] for name in names}, json.loads(row["fields"]).get(field)
            )
            for row in self._first(part.frame).iter_rows(named=True)
        )
        return Tried(rows, meant(part.frame, self._seek).height)

    @cached_property
    def _came_of_users(self) -> dict[str, dict[str, Any]]:
        """For the people shown, what all mappings of accounts name."""
        names = properties(*(each.value for each in self._profile.users.mapped().values()))
        keys = self._first(self._users.frame)["key"]
        return properties_of_people(self._roster, self._profile, names, keys)

    @cached_property
    def _came_of_courses(self) -> dict[str, dict[str, Any]]:
        """For the courses shown, what all mappings of courses name, of the first class of each."""
        mapped = self._profile.courses.mapped(self._profile.basis)
        names = properties(*(each.value for each in mapped.values()))
        keys = self._first(self._courses.frame)["key"]
        known = classes(self._roster, self._profile, names).filter(pl.col("course").is_in(keys.implode()))
        return by_key(known.sort("class"), pl.col("course"), names)

    def _texts(
        self, rows: pl.DataFrame, template: str, vocabulary: Vocabulary, condition: Condition | None, *, names: bool
    ) -> Tried:
        chosen = self._first(rows)
        work = name_of if names else text_of
        value = work(template, vocabulary, self._profile)
        value = tidy(value) if names else value
        held = pl.lit(None, pl.Boolean) if condition is None else meets(value, condition)
        known = properties(template)
        found = chosen.with_columns(value.alias("=value"), held.alias("=meant"))
        return Tried(
            tuple(
                TriedRow(row["name"], {name: row[name] for name in known}, row["=value"], row["=meant"])
                for row in found.iter_rows(named=True)
            ),
            meant(rows, self._seek).height,
        )

    def _first(self, rows: pl.DataFrame) -> pl.DataFrame:
        chosen = meant(rows, self._seek)
        return chosen.sort("line", nulls_last=True, maintain_order=True).head(self._limit)

    @cached_property
    def _users(self) -> Part:
        return desire_users(self._roster, self._profile)

    @cached_property
    def _courses(self) -> Part:
        return desire_courses(self._roster, self._profile)[1]

    def _people(self, path: Path, names: Sequence[str]) -> pl.DataFrame:
        profile = self._profile
        users = self._users
        if path == ("users", "only"):  # those who are left out are to be seen, too
            everybody = profile.model_copy(update={"users": profile.users.model_copy(update={"only": None})})
            users = desire_users(self._roster, everybody)
        named = users.frame.select("key", "name")
        found = with_kind(people(self._roster, names), profile.users)
        return found.select("line", *names, key="sourcedId").join(named, on="key", maintain_order="left")

    def _classes(self, path: Path, names: Sequence[str]) -> pl.DataFrame:
        profile = self._profile
        if path == ("courses", "only"):
            profile = profile.model_copy(update={"courses": profile.courses.model_copy(update={"only": None})})
        told = "subject.title" if profile.basis == "subject" and path[0] != "meta_links" else "group.name"
        found = every_class(self._roster, profile, tuple(dict.fromkeys((*names, told)))).filter("taken")
        key = "class" if path[0] == "meta_links" or path == ("courses", "only") else "course"
        found = found.unique(key, keep="first", maintain_order=True)
        return found.select("line", *names, key=key, name=pl.col(told).fill_null(pl.col("class")))

    @cached_property
    def _rows(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Enrolments of people with an account in classes with a course, and these classes."""
        known = classes(self._roster, self._profile, ())
        rows = enrolment_rows(self._roster, self._users, known, self._courses, self._profile)
        key = pl.when(pl.lit(self._seek) == pl.col("course")).then("course").otherwise("user")
        return rows.with_columns(key=key, name=pl.concat_str("person", pl.lit(" in "), "title")), known

    def _enrolments(self, names: Sequence[str]) -> pl.DataFrame:
        rows, known = self._rows
        total = meant(rows, self._seek)
        first = self._first(total)
        if any(not name.startswith(("person.", "enrolment.")) for name in names):
            known = classes(self._roster, self._profile, names)
        found = with_kind(people(self._roster, names), self._profile.users)
        with_them = with_properties(first, found, known, names)
        rest = total.join(first.select("sourcedId", "course"), on=["sourcedId", "course"], how="anti")
        return pl.concat([with_them, rest], how="diagonal").select("line", "key", "name", *names)


def _template(profile: Profile, path: Path) -> tuple[str | None, Condition | None]:
    """The mapping at a path, and the condition that it is of."""
    found: Any = profile if path[:1] != ("groups",) else {"groups": profile.groups_in_courses}
    level = None
    for part in path:
        if isinstance(part, int):
            found = found[part] if isinstance(found, tuple) and part < len(found) else None
        else:
            found = found.get(part) if isinstance(found, Mapping) else getattr(found, part, None)
        if path[:2] == ("categories", "levels") and isinstance(part, int):
            level = found
        if found is None:
            break
    if found is None and level is not None and path[-1] == "name":
        found = LEVEL_NAMES[level.level]
    if isinstance(found, Condition):
        return found.value, found  # type: ignore[attr-defined]
    template = getattr(found, "value", found)
    return (template, None) if isinstance(template, str) else (None, None)
