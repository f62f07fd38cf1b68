"""The profile's parts on courses and on the categories they stand in."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from matricula.profiles.documents.base import Document, PlainName
from matricula.profiles.documents.mapped import ClassCondition, CourseField, CourseFields, CourseTemplate
from matricula.profiles.vocabulary import Basis

LevelName = Literal["institute", "period", "grade", "stream", "location", "group", "subject", "semester"]

#: What the name of a level's categories is made of where the profile does not say.
LEVEL_NAMES: Mapping[LevelName, str] = {
    "institute": "{institute.name}",
    "period": "{period.title}",
    "grade": "{grade.name}",
    "stream": "{stream.name}",
    "location": "{location.name}",
    "group": "{group.name}",
    "subject": "{subject.title}",
    "semester": "{semester.title}",
}


_LEVEL_NAME: dict[str, Any] = {"enum": list(LEVEL_NAMES)}


class Level(Document):
    """One level of the tree. Written short, its name alone stands for it."""

    short_form = _LEVEL_NAME

    level: LevelName = Field(description="What the categories of the level are made for.")
    name: CourseTemplate | None = Field(
        None, description="Name of a category; by default the name of what it is made for."
    )
    idnumber: CourseTemplate | None = Field(
        None, description="ID number of a category; by default the path of what it is made for."
    )
    match: Literal["idnumber", "name"] = Field(
        "idnumber",
        description="How an existing category is recognised the first time: `idnumber` by ID number, else by name in "
        "the same parent where it has no ID number; `name` by name in the same parent, whatever its ID number.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, came: Any) -> Any:
        return {"level": came} if isinstance(came, str) else came


def _each_once(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    names = [level.level for level in levels]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        free = ", ".join(name for name in LEVEL_NAMES if name not in names)
        raise ValueError(f"{', '.join(twice)} stands there twice; not yet used are {free or 'none'}")
    return levels


class CategoryRules(Document):
    """Where courses stand in Moodle's tree of categories."""

    levels: Annotated[tuple[Level, ...], Field(max_length=8), AfterValidator(_each_once)] = Field(
        (Level(level="institute"), Level(level="period")), description="The levels of the tree, from the top."
    )
    unsorted: PlainName = Field(
        "Unsorted courses", description="Category of courses of which a level is empty or unknown."
    )
    archive: PlainName = Field("Archive", description="Category of courses that courses.gone: archive puts away.")


_SHORTNAMES: Mapping[Basis, str] = {
    "group": "{group.code, group.title|first}[ {period.span}]",
    "subject": "{subject.code, subject.title|first}[ {period.span}]",
    "group-subject": "{group.code, group.title|first}[-{subject.code, subject.title|first}][ {period.span}]",
}
_FULLNAMES: Mapping[Basis, str] = {
    "group": "{group.name}",
    "subject": "{subject.title}",
    "group-subject": "{group.title}[ – {subject.title}]",
}
_IDS: Mapping[Basis, str] = {
    "group": "{group.id}",
    "subject": "{subject.id}",
    "group-subject": "{group.id}[/{subject.id}]",
}


def course_defaults(basis: Basis) -> dict[str, CourseField]:
    """How courses are filled in where the profile does not say."""
    values = {
        "fullname": _FULLNAMES[basis],
        "shortname": _SHORTNAMES[basis],
        "idnumber": _IDS[basis],
        "startdate": "{course.start}",
        "enddate": "{course.end}",
        "visible": "true",
    }
    return {name: CourseField.model_construct(value=value, case="none", write=None) for name, value in values.items()}


class CourseRules(Document):
    """Which classes become courses, and how."""

    only: ClassCondition | None = Field(None, description="Condition that classes must meet to become courses.")
    match: Literal["idnumber", "shortname", "fullname"] = Field(
        "idnumber", description="Field by which an existing course is recognised the first time."
    )
    create: bool = Field(True, description="Make courses for new classes.")
    update: bool = Field(True, description="Keep courses in step, each field as it is mapped, and their category.")
    template: CourseTemplate | None = Field(
        None,
        description="Short name of the course whose contents new courses get; where it is empty they are made plain.",
    )
    fields: CourseFields = Field(
        default_factory=dict, description="Fields of the course and what they are made of, beside the defaults."
    )
    custom_fields: dict[str, CourseField] = Field(
        default_factory=dict, description="Custom course fields of the site by short name."
    )
    gone: Literal["leave", "hide", "archive", "delete"] = Field(
        "hide",
        description="What happens to the course of a class that is gone: it is left, hidden, hidden and moved to "
        "categories.archive, or deleted with all grades.",
    )

    def mapped(self, basis: Basis) -> dict[str, CourseField]:
        """Every field that is set, by Moodle's name; custom ones as `custom:…`."""
        core = {name: value for name, value in {**course_defaults(basis), **self.fields}.items() if value is not None}
        return core | {f"custom:{name}": value for name, value in self.custom_fields.items()}
