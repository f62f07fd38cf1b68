"""The settings of a source that is made of two others."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from matricula.roster import TABLES
from matricula.roster.extensions import extensions_of
from matricula.sources.settings import SourceDocument

_KEYS = ("sourcedId", "username", "email", "identifier", "userMasterIdentifier")
_NOT_TAKEN = ("sourcedId", "status", "dateLastModified", "primaryOrgSourcedId", "agentSourcedIds")

TAKEN = tuple(column.name for column in TABLES["users"].of("1.2") if column.kept and column.name not in _NOT_TAKEN)
"""Columns that may come from the source of people; the others point to records of the source of courses, or at none."""


def _checked_key(key: str) -> str:
    if key not in _KEYS and not extensions_of(TABLES["users"], [key]):
        raise ValueError(f"people cannot be joined by “{key}”; use {', '.join(_KEYS)} or metadata.…")
    return key


def _checked_column(name: str) -> str:
    if name not in TAKEN and not extensions_of(TABLES["users"], [name]):
        raise ValueError(
            f"“{name}” cannot be taken from the source of people; there are: {', '.join(TAKEN)}, metadata.…"
        )
    return name


Key = Annotated[str, AfterValidator(_checked_key)]
Column = Annotated[str, AfterValidator(_checked_column)]


class Join(BaseModel):
    """By which columns people are known on both sides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: Key = Field(description="Column of the source of people.")
    courses: Key = Field(
        description="Column of the source of courses; where that has no people, what stands in its enrolments counts."
    )


class CombinedSettings(SourceDocument):
    """Two sources in one: people from one, classes from another."""

    type: Literal["combined"] = Field("combined", description="Joins two other sources.")
    courses: str = Field(description="The source of classes and enrolments, and of who is what in which school.")
    people: str = Field(description="The source whose word on people's fields counts, such as a directory.")
    join: Key | Join = Field(
        description=(
            "The column by which people of both are joined: `sourcedId`, `username`, `email`, `identifier`, "
            "`userMasterIdentifier` or an extension column as `metadata.payroll`; or one for each side."
        )
    )
    ignore_case: bool = Field(default=True, description="Whether capitals in keys mean nothing.")
    take: tuple[Column, ...] | None = Field(
        None,
        description="Columns that come from the source of people; by default all it has. Blank ones erase nothing.",
    )
    only_people: Literal["keep", "leave-out"] | None = Field(
        None,
        description=(
            "What becomes of people that only the source of people has; by default they are left out, and kept where "
            "the source of courses has no people of its own."
        ),
    )
    only_courses: Literal["keep", "leave-out"] = Field(
        "leave-out", description="What becomes of people that only the source of courses has."
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.courses == self.people:
            raise ValueError("courses and people name the same source; name two")
        return self

    @property
    def keys(self) -> Join:
        """The column of each side."""
        return Join(people=self.join, courses=self.join) if isinstance(self.join, str) else self.join
