"""What all documents share: how names, time zones and days are written."""

from datetime import date
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

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
