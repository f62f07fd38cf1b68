"""The editor of profiles: its parts, the form of each, and what is shown beside it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from matricula.errors import MatriculaError, SettingError, UsageError
from matricula.hub.trying import Trial, Tried
from matricula.profiles import Profile
from matricula.profiles.documents import Profile as ProfileModel
from matricula.profiles.faults import Fault
from matricula.profiles.fields import field_of as moodle_field_of
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS
from matricula.profiles.reading import NOWHERE, content_of, order_of, parse_documents, profile_faults, read_profile
from matricula.profiles.rewriting import restated
from matricula.service.reach import sinks_within, sites_within, sources_within
from matricula.store import Document
from matricula.web.forms import Form, Posted, Section, View
from matricula.web.forms.base import Flat, Path
from matricula.web.forms.building import Builder
from matricula.web.forms.moodle_words import NOT_MAPPED
from matricula.web.visit import Visit


@dataclass(frozen=True)
class EditorPart:
    """One part of the editor, a page of its own.

    Args:
        title: what its tab says.
        says: what is decided there, in a sentence.
        settings: the settings of the document that it shows.
        vocabularies: whose properties its mappings may name, as `vocabularies` of the page.
    """

    title: str
    says: str
    settings: tuple[tuple[str, ...], ...]
    vocabularies: tuple[str, ...] = ()


PARTS: Final[Mapping[str, EditorPart]] = MappingProxyType(
    {
        "users": EditorPart("Users", "Who gets an account, and what stands in it.", (("users",),), ("people",)),
        "courses": EditorPart(
            "Courses",
            "Which classes become courses, and what they are called.",
            (("basis",), ("courses",)),
            ("courses",),
        ),
        "enrolments": EditorPart(
            "Enrolments",
            "Who is enrolled as what, and what happens when they leave.",
            (("enrolments",),),
            ("enrolments",),
        ),
        "categories": EditorPart(
            "Categories", "Where courses stand in Moodle's tree.", (("categories",),), ("courses",)
        ),
        "groups": EditorPart(
            "Groups",
            "Groups within courses, cohorts of people, and long-lived courses that take others' people.",
            (("groups",), ("cohorts",), ("meta_links",)),
            ("enrolments", "people", "classes"),
        ),
        "grades": EditorPart("Grades", "Which grades go back to the school's system, and as what.", (("grades",),)),
        "tables": EditorPart(
            "Lookup tables", "Tables in which mappings look values up, with `lookup`.", (("tables",),)
        ),
        "schedule": EditorPart(
            "Schedule and window",
            "From where to where, what is done by itself and when, and on which days.",
            (("source",), ("site",), ("enabled",), ("schedule",), ("window",), ("period",), ("timezone",), ("beside",)),
        ),
        "limits": EditorPart(
            "Limits",
            "When a plan waits for a person, how long things are kept, and what becomes of edits made in Moodle.",
            (("limits",), ("retention",), ("observe",), ("drift",)),
        ),
    }
)
"""The parts by the last word of their addresses."""


@dataclass(frozen=True)
class Tryout:
    """What is shown below a mapping.

    Args:
        tried: what it makes of real rows; None where that cannot be told.
        faults: why it cannot.
        timezone: time zone in which days are told.
        path: the setting.
        open: whether the rows are unfolded.
    """

    tried: Tried | None
    faults: tuple[str, ...]
    timezone: str
    path: Path
    open: bool = False

    def told(self, value: Any) -> str:
        """A value as people read it."""
        if value is None:
            return "left as it is"
        path = self.path[:-1] if self.path[-1:] == ("value",) else self.path
        known = USER_FIELDS if path[:1] == ("users",) else COURSE_FIELDS
        field = moodle_field_of(str(path[-1]), known if path[1:2] == ("fields",) else {})
        if field.kind == "date" and isinstance(value, int):
            return f"{datetime.fromtimestamp(value, ZoneInfo(self.timezone)):%-d %b %Y, %H:%M}"
        if field.kind == "boolean":
            return "yes" if value else "no"
        if field.kind == "choice":
            return next((word for word, number in field.choices.items() if number == value), str(value))
        return str(value) if value != "" else "empty"


@dataclass(frozen=True)
class Line:
    """One line of the YAML beside a form.

    Args:
        number: from 1.
        text: the line.
        faults: what is wrong in it.
        changed: whether it is another one than in the kept document.
    """

    number: int
    text: str
    faults: tuple[str, ...]
    changed: bool


class Editing:
    """One part of a profile being edited in a visit.

    Args:
        visit: the visit.
        name: the profile.
        part: one of `PARTS`.
        revision: the revision that the form was made from; None for the newest.

    Raises:
        UsageError: there is no such profile, part or revision.
    """

    def __init__(self, visit: Visit, name: str, part: str, revision: int | None = None) -> None:
        self.visit = visit
        self.home = visit.service.home
        self.name = name
        self.part_name = part
        if part not in PARTS:
            raise UsageError(f"A profile has no part “{part}”.", remedy="Go on from its tabs.", code="page-unknown")
        self.part = PARTS[part]
        documents = self.home.store.documents
        found = documents.get("profile", name) if revision is None else documents.revision("profile", name, revision)
        if found is None:
            raise UsageError(
                f"The profile {name} has no revision {revision}.",
                remedy="Load the page again.",
                code="revision-unknown",
            )
        self.base: Document = found
        self.content = content_of(found.body)

    def form(self, flat: Flat | None = None) -> Form:
        """The form of the part; defaults go by the basis that is being chosen in it."""
        chosen = (flat or {}).get("basis", [""])[0] or self.content.get("basis") or "group"
        basis = chosen if chosen in ("group", "subject", "group-subject") else "group"
        builder = Builder(basis, self._choices())  # type: ignore[arg-type]
        return Form(Section(path, builder.part_of(path)) for path in self.part.settings)

    def text(self, posted: Posted) -> str:
        """The document's text as it would be; the kept one where a form cannot change it."""
        try:
            return restated(self.base.body, posted.content, order_of(ProfileModel))
        except SettingError:
            return self.base.body

    def faults(self, posted: Posted, text: str) -> list[Fault]:
        """All that is wrong with what was made of the profile, with the lines of its text."""
        try:
            lines = parse_documents(text, self.name)[0].lines
        except SettingError:
            lines = NOWHERE
        found = profile_faults(posted.content, lines)
        return [*found, *(Fault((), 0, told) for told in posted.doubles.values())]

    def tryouts(self, posted: Posted, views: Iterable[View], seek: str, *, only: str = "") -> dict[str, Tryout]:
        """What mappings make of rows of the last delivery that was kept; nothing where none was.

        Args:
            posted: what was made of the profile.
            views: the form.
            seek: the person, class or course that is to be shown.
            only: the name of the one mapping that is wanted, which is shown unfolded.
        """
        read = self.visit.service.rosters.of(str(self.content["source"]))
        if read is None:
            return {}
        found: dict[str, Tryout] = {}
        trials: dict[int, Trial] = {}
        for view in _mappings(views):
            if only and view.name != only:
                continue
            profile, faults = self._draft(posted, view.path)
            if profile is None:
                found[view.name] = Tryout(None, faults, "UTC", view.path, open=bool(only))
                continue
            trial = trials.setdefault(id(profile), Trial(read.roster, profile, seek))
            try:
                tried = trial.of(view.path)
            except MatriculaError as error:
                found[view.name] = Tryout(None, (error.what,), profile.timezone, view.path, open=bool(only))
                continue
            if tried is not None:
                found[view.name] = Tryout(tried, (), profile.timezone, view.path, open=bool(only))
        return found

    def lines(self, text: str, faults: Iterable[Fault]) -> list[Line]:
        """The YAML, with what is wrong at its lines."""
        at: dict[int, list[str]] = {}
        for fault in faults:
            at.setdefault(fault.line, []).append(fault.says)
        kept = set(self.base.body.splitlines())
        return [
            Line(number, line, tuple(at.get(number, ())), bool(line.strip()) and line not in kept)
            for number, line in enumerate(text.splitlines(), 1)
        ]

    @property
    def fixed(self) -> tuple[tuple[str, str], ...]:
        """What cannot be set here, and why."""
        return NOT_MAPPED.get(self.part_name, ())

    def _draft(self, posted: Posted, path: Path) -> tuple[Profile | None, tuple[str, ...]]:
        """The profile to try a mapping with: as much of what is being written as can be used.

        Returns:
            The profile, or what is wrong with this very mapping.
        """
        if not hasattr(self, "_whole"):
            self._whole = profile_faults(posted.content)
            self._good = None if self._whole else read_profile(posted.content, self.name)
        if self._good is not None:
            return self._good, ()
        here = tuple(fault.says for fault in self._whole if fault.path and fault.path == path[: len(fault.path)])
        if here:
            return None, here
        for length in (1, 2, 3):
            content = _with_part(self.content, posted.content, path[:length])
            if not profile_faults(content):
                return read_profile(content, self.name), ()
        return None, ("Mend what is wrong elsewhere first; then this can be tried.",)

    def _choices(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        here = self.visit.visitor
        site, source = str(self.content["site"]), str(self.content["source"])
        sink = [str(each) for each in [(self.content.get("grades") or {}).get("sink")] if each]
        others = (each for each in self.home.names("profile") if each != self.name)
        return {
            ("site",): tuple(dict.fromkeys((site, *sites_within(self.home, here)))),
            ("source",): tuple(dict.fromkeys((source, *sources_within(self.home, here)))),
            ("grades", "sink"): tuple(dict.fromkeys((*sink, *sinks_within(self.home, here)))),
            ("beside",): tuple(each for each in others if self.home.profile(each).site == site),
        }


def flat_of(form: FormData) -> Flat:
    """A form that was sent, as texts by name."""
    flat: Flat = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            flat.setdefault(name, []).append(value)
    return flat


def _mappings(views: Iterable[View]) -> Iterator[View]:
    for view in views:
        if view.kind == "mapping":
            yield view
        yield from _mappings(view.parts)
        for row in view.rows:
            yield from _mappings(row.parts)


def _with_part(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The one version of a document with one part of the other."""
    content = dict(before)
    around, mine = content, after
    for part in path[:-1]:
        inside = around.get(part)  # type: ignore[arg-type]
        around[part] = around = dict(inside) if isinstance(inside, Mapping) else {}  # type: ignore[index]
        found = mine.get(part)  # type: ignore[arg-type]
        mine = found if isinstance(found, Mapping) else {}
    if path[-1] in mine:
        around[path[-1]] = mine[path[-1]]  # type: ignore[index]
    return content
