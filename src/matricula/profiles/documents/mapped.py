"""How documents write mappings: a template such as `{person.email}`, or a value with what is to be done with it."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from matricula.profiles import vocabulary
from matricula.profiles.documents.base import SCALAR, TEXT, Document, one_or_several
from matricula.profiles.documents.roles import EnrolmentRoleNames
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


#: Tells a text that is a mapping from others, for forms.
MAPPING = "mapping"
PersonTemplate = Annotated[str, _template(lambda _: vocabulary.PEOPLE), MAPPING]
CourseTemplate = Annotated[str, _template(_courses), MAPPING]
ClassTemplate = Annotated[str, _template(lambda _: vocabulary.CLASSES), MAPPING]
EnrolmentTemplate = Annotated[str, _template(lambda _: vocabulary.ENROLMENTS), MAPPING]


class Mapped(Document):
    """A value for a Moodle field. Written short, the template alone stands for it."""

    short_form = SCALAR

    value: str = Field(description="Template or fixed value, for example `{person.email}` or `topics`.")
    case: Literal["none", "lower", "upper"] = Field(
        "none", description="Letters of the result: as they come, all small, or all capital."
    )
    write: Write | None = Field(
        None,
        description="`in-step` follows the roster always, `create-only` is set once and then left to the teachers, "
        "`if-empty` is filled in where the site has nothing. Each field has a default of its own.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, came: Any) -> Any:
        """`"{person.email}"`, `10` and `false` stand for `{value: …}`."""
        if isinstance(came, dict):
            return came | {"value": _as_text(came["value"])} if "value" in came else came
        return {"value": _as_text(came)} if isinstance(came, str | bool | int | float) else came


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


class PersonField(Mapped):
    """A field of an account."""

    value: PersonTemplate = Field(
        description="Template or fixed value, for example `{person.email}`.", json_schema_extra=SCALAR
    )


class CourseField(Mapped):
    """A field of a course."""

    value: CourseTemplate = Field(
        description="Template or fixed value, for example `{group.title}`.", json_schema_extra=SCALAR
    )


class Condition(Document):
    """Which records are meant: those whose value is like one of some patterns."""

    like: tuple[str, ...] = Field(
        json_schema_extra=one_or_several,
        min_length=1,
        description="Patterns, in which `*` stands for anything and `?` for one character; case is alike.",
    )
    unlike: tuple[str, ...] = Field(
        (), description="Patterns of those that are not meant after all.", json_schema_extra=one_or_several
    )

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


def _known(fields: Mapping[str, MoodleField], what: str) -> WrapValidator:
    """Checks the names of fields beside their mappings, so that all faults are told at once."""

    def fault(name: str, value: Any) -> str:
        if name not in fields:
            near = get_close_matches(name, fields, 3) or sorted(fields)
            return f"Moodle's {what}s have no field “{name}” to set; near are {', '.join(near)}"
        if value is None and fields[name].locked:
            return f"this field is locked: every {what} needs one. Map it otherwise, but do not take it out"
        return ""

    def checked(came: Any, handler: ValidatorFunctionWrapHandler) -> dict[str, Any]:
        named = came.items() if isinstance(came, dict) else ()
        faults: list[InitErrorDetails] = [
            {"type": PydanticCustomError("value_error", "{told}", {"told": told}), "loc": (str(name),), "input": value}
            for name, value in named
            if (told := fault(str(name), value))
        ]
        try:
            mapped: dict[str, Any] = handler(came)
        except ValidationError as error:
            faults += map(_again, error.errors(include_url=False))
        if faults:
            raise ValidationError.from_exception_data("fields", faults)
        return mapped

    return WrapValidator(checked)


def _again(told: ErrorDetails) -> InitErrorDetails:
    """A fault that Pydantic found, to be raised together with others."""
    context = {**told.get("ctx", {}), "told": told["msg"]}
    return {"type": PydanticCustomError(told["type"], "{told}", context), "loc": told["loc"], "input": told["input"]}


UserFields = Annotated[
    dict[str, PersonField | None],
    _known(USER_FIELDS, "user"),
    Field(json_schema_extra={"propertyNames": {"enum": list(USER_FIELDS)}}),
]
CourseFields = Annotated[
    dict[str, CourseField | None],
    _known(COURSE_FIELDS, "course"),
    Field(json_schema_extra={"propertyNames": {"enum": list(COURSE_FIELDS)}}),
]


class Dated(Document):
    """A day of an enrolment. Written short, the template alone stands for it."""

    short_form = TEXT

    value: EnrolmentTemplate = Field(description="Template of a day, for example `{enrolment.beginDate}`.")
    not_for: EnrolmentRoleNames = Field((), description="Enrolment roles whose enrolments get no such day.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, came: Any) -> Any:
        return {"value": came} if isinstance(came, str) else came


def tables_and_basis(content: Mapping[str, Any]) -> Context:
    """What the mappings of a profile are judged by, from its values as they came."""
    tables = content.get("tables")
    return {"tables": set(tables) if isinstance(tables, dict) else set(), "basis": content.get("basis") or "group"}
