"""How documents write mappings: a template such as `{person.email}`, or a value with what is to be done with it."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from matricula.profiles import vocabulary
from matricula.profiles.documents.base import Document
from matricula.profiles.mapping import MappingFault, Vocabulary, check, parse
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS, MoodleField, Write

#: Settings of the whole profile that its mappings are judged by, given to Pydantic as validation context.
Context = Mapping[str, Any]


def _template(choose: Callable[[Context], Vocabulary]) -> AfterValidator:
    def checked(text: str, info: ValidationInfo) -> str:
        context: Context = info.context or {}
        try:
            check(parse(text), choose(context), context.get("tables"))
        except MappingFault as fault:
            raise ValueError(str(fault)) from fault
        return text

    return AfterValidator(checked)


def _courses(context: Context) -> Vocabulary:
    return vocabulary.COURSES.get(context.get("basis", "group"), vocabulary.CLASSES)


PersonTemplate = Annotated[str, _template(lambda _: vocabulary.PEOPLE)]
CourseTemplate = Annotated[str, _template(_courses)]
ClassTemplate = Annotated[str, _template(lambda _: vocabulary.CLASSES)]
EnrolmentTemplate = Annotated[str, _template(lambda _: vocabulary.ENROLMENTS)]


class Mapped(Document):
    """A value for a Moodle field. Written short, the template alone stands for it."""

    value: str = Field(description="Template or fixed value, for example `{person.email}` or `topics`.")
    case: Literal["none", "lower", "upper"] = Field("none", description="Letters of the result: as they come, or …")
    write: Write | None = Field(
        None,
        description="`in-step` follows the roster always, `create-only` is set once and then left to the teachers, "
        "`if-empty` is filled in where the site has nothing. Each field has a default of its own.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, came: Any) -> Any:
        """`"{person.email}"`, `10` and `false` stand for `{value: …}`."""
        if isinstance(came, bool):
            return {"value": str(came).lower()}
        if isinstance(came, str | int | float):
            return {"value": str(came)}
        if isinstance(came, dict) and isinstance(came.get("value"), bool | int | float):
            return came | cls._short(came["value"])
        return came


class PersonField(Mapped):
    """A field of an account."""

    value: PersonTemplate = Field(description="Template or fixed value, for example `{person.email}`.")


class CourseField(Mapped):
    """A field of a course."""

    value: CourseTemplate = Field(description="Template or fixed value, for example `{group.title}`.")


class Condition(Document):
    """Which records are meant: those whose value is like one of some patterns."""

    like: tuple[str, ...] = Field(
        min_length=1, description="Patterns, in which `*` stands for anything and `?` for one character; case is alike."
    )
    unlike: tuple[str, ...] = Field((), description="Patterns of those that are not meant after all.")

    @model_validator(mode="before")
    @classmethod
    def _one(cls, came: Any) -> Any:
        if isinstance(came, dict):
            return {
                name: (value,) if name in ("like", "unlike") and isinstance(value, str) else value
                for name, value in came.items()
            }
        return came


class PersonCondition(Condition):
    """Which people are meant."""

    value: PersonTemplate = Field(description="What the patterns are compared with, for example `{person.grade}`.")


class ClassCondition(Condition):
    """Which classes are meant."""

    value: ClassTemplate = Field(description="What the patterns are compared with, for example `{group.code}`.")


def _known(fields: Mapping[str, MoodleField], what: str) -> AfterValidator:
    def checked(mapped: dict[str, Any]) -> dict[str, Any]:
        faults = []
        for name, value in mapped.items():
            if name not in fields:
                near = get_close_matches(name, fields, 3) or sorted(fields)
                faults.append(f"Moodle's {what}s have no field “{name}” to set; near are {', '.join(near)}")
            elif value is None and fields[name].locked:
                faults.append(f"{name} is locked: every {what} needs one. Map it otherwise, but do not take it out")
        if faults:
            raise ValueError("; ".join(faults))
        return mapped

    return AfterValidator(checked)


UserFields = Annotated[dict[str, PersonField | None], _known(USER_FIELDS, "user")]
CourseFields = Annotated[dict[str, CourseField | None], _known(COURSE_FIELDS, "course")]


class Dated(Document):
    """A day of an enrolment. Written short, the template alone stands for it."""

    value: EnrolmentTemplate = Field(description="Template of a day, for example `{enrolment.beginDate}`.")
    not_for: tuple[str, ...] = Field((), description="Enrolment roles whose enrolments get no such day.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, came: Any) -> Any:
        return {"value": came} if isinstance(came, str) else came

    def applies_to(self, role: str) -> bool:
        """Whether enrolments in a OneRoster role get the day."""
        return role not in self.not_for


def tables_and_basis(content: Mapping[str, Any]) -> Context:
    """What the mappings of a profile are judged by, from its values as they came."""
    tables = content.get("tables")
    return {"tables": set(tables) if isinstance(tables, dict) else set(), "basis": content.get("basis") or "group"}
