"""What all documents share: how names, time zones and days are written."""

from datetime import date
from typing import Annotated, Any, ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no such time zone; write one as Europe/Berlin or America/New_York") from error
    return name


def _plain_name(name: str) -> str:
    if not name.strip() or "<" in name:
        raise ValueError("write a name without “<”")
    return name.strip()


TimeZone = Annotated[str, AfterValidator(_known_zone)]
PlainName = Annotated[str, AfterValidator(_plain_name), Field(max_length=255)]


class Document(BaseModel):
    """What all documents share: unknown keys are refused, so that a typing error is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: JSON Schema of what may stand for the whole table; None where nothing else may.
    short_form: ClassVar[dict[str, Any] | None] = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The model's JSON Schema, with the short form beside the long one."""
        schema = handler(core)
        if cls.short_form is not None:
            whole = handler.resolve_ref_schema(schema)
            long = dict(whole)
            whole.clear()
            whole.update({"anyOf": [cls.short_form, long]})
        return schema


#: JSON Schema of a text, and of a value that is taken as one.
TEXT: dict[str, Any] = {"type": "string"}
SCALAR: dict[str, Any] = {"type": ["string", "boolean", "number"]}


def one_or_several(schema: dict[str, Any]) -> None:
    """JSON Schema of a list of which one entry may stand for the whole."""
    entry = schema["items"]
    several = {name: schema.pop(name) for name in list(schema) if name in ("type", "items", "minItems", "maxItems")}
    schema["anyOf"] = [entry, several]


class Days(Document):
    """A stretch of days, its first and last included; an end that is not named is open."""

    start: date | None = Field(None, description="First day, as 2026-08-15.")
    end: date | None = Field(None, description="Last day, as 2027-07-31.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"it ends ({self.end}) before it begins ({self.start})")
        return self

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def meets(self, other: "Days") -> bool:
        """Whether it has a day in common with another stretch."""
        return (self.start or date.min) <= (other.end or date.max) and (other.start or date.min) <= (
            self.end or date.max
        )
