"""The whole effective profile: every setting with its value and where that comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from matricula.profiles.documents import Level, Mapped, Profile, UserMatch
from matricula.profiles.documents.courses import LEVEL_NAMES
from matricula.profiles.faults import Lines, path_text
from matricula.profiles.fields import field_of
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS, MoodleField
from matricula.roster.tables import EXTENSION_PREFIX

Origin = Literal["written", "default", "basis"]
Path = tuple[str | int, ...]

#: Course fields of which the defaults follow the profile's basis.
_BY_BASIS = ("fullname", "shortname", "idnumber")
#: Where extensions of OneRoster's roles may be written without what they begin with.
_ROLES = ("enrolments", "roles")
#: What a level's categories have for an ID number where the profile does not say.
_PATH = "(the path of what the category is made for)"


@dataclass(frozen=True)
class Setting:
    """One setting that is in force.

    Args:
        path: where it stands, entries of lists counted from 0.
        value: its value; None where there is none.
        origin: `written` in the document, the `default`, or brought by the `basis`.
        line: the line of the document, where it is written there.
    """

    path: Path
    value: Any
    origin: Origin
    line: int | None

    @property
    def name(self) -> str:
        """The path as people write it, entries of lists counted from 1: `groups[1].name`."""
        return path_text(self.path)


def effective(profile: Profile, lines: Lines) -> list[Setting]:
    """Every setting of a profile that is in force, in the order of the reference page.

    Args:
        profile: the profile.
        lines: the lines of its document (`faults.lines_of`).
    """
    return list(_Walk(profile, lines).model(profile, (), "written"))


class _Walk:
    """A walk through one profile, in which the parts that have effects of their own are filled in."""

    def __init__(self, profile: Profile, lines: Lines) -> None:
        self._profile = profile
        full = {path: (*path[:-1], f"{EXTENSION_PREFIX}{path[-1]}") for path in lines if path[:-1] == _ROLES}
        self._lines = {**{full[path]: lines[path] for path in full}, **lines}

    def model(self, part: BaseModel, path: Path, origin: Origin) -> Iterator[Setting]:
        for name, value in part:
            known: Origin = origin if name in part.model_fields_set else _inherited(origin)
            yield from self._filled_in(part, name, value, (*path, name), known)

    def _filled_in(self, part: BaseModel, name: str, value: Any, path: Path, origin: Origin) -> Iterator[Setting]:
        profile = self._profile
        if path == ("users", "fields"):
            yield from self._fields(profile.users.mapped(), profile.users.fields, USER_FIELDS, path, ())
        elif path == ("courses", "fields"):
            mapped = profile.courses.mapped(profile.basis)
            yield from self._fields(mapped, profile.courses.fields, COURSE_FIELDS, path, _BY_BASIS)
        elif path == ("groups",) and value is None and profile.groups_in_courses:
            yield from self.value(profile.groups_in_courses, path, "basis")
        elif isinstance(part, Level) and value is None:
            filled = LEVEL_NAMES[part.level] if name == "name" else _PATH
            yield Setting(path, filled, "default", None)
        elif isinstance(part, UserMatch) and value is None:
            mapped_to = profile.users.mapped().get(part.field)
            yield Setting(path, mapped_to.value if mapped_to else None, "default", None)
        elif isinstance(part, Mapped) and name == "write" and value is None:
            yield Setting(path, self._write(path), "default", None)
        else:
            yield from self.value(value, path, origin)

    def value(self, value: Any, path: Path, origin: Origin) -> Iterator[Setting]:
        if isinstance(value, BaseModel):
            yield from self.model(value, path, origin)
        elif isinstance(value, Mapping) and value:
            for name, each in value.items():
                yield from self.value(each, (*path, name), origin)
        elif isinstance(value, tuple) and any(isinstance(each, BaseModel) for each in value):
            for number, each in enumerate(value):
                yield from self.value(each, (*path, number), origin)
        else:
            yield Setting(path, value, origin, self._line(path) if origin == "written" else None)

    def _fields(
        self,
        mapped: Mapping[str, Mapped],
        written: Mapping[str, Mapped | None],
        known: Mapping[str, MoodleField],
        path: Path,
        by_basis: tuple[str, ...],
    ) -> Iterator[Setting]:
        """The fields of a kind of record: those of the defaults, those written, and those that were taken out."""
        for name, value in {**{name: each for name, each in mapped.items() if name in known}, **written}.items():
            if name in written:
                yield from self.value(value, (*path, name), "written")
            else:
                yield from self.value(value, (*path, name), "basis" if name in by_basis else "default")

    def _write(self, path: Path) -> str:
        """How a field is written where the profile does not say."""
        kinds = {"fields": USER_FIELDS if path[0] == "users" else COURSE_FIELDS}
        name = str(path[-2])
        name = f"preference:{name}" if path[1] == "preferences" else name
        return field_of(name, kinds.get(str(path[1]), {})).write

    def _line(self, path: Path) -> int | None:
        return next((self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), None)


def _inherited(origin: Origin) -> Origin:
    return "default" if origin == "written" else origin
