"""The profile's parts on what is looked at unasked, and on what becomes of edits that somebody made in Moodle."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from matricula.profiles.documents.base import Document
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS

Policy = Literal["leave", "accept", "put-back"]

_NAMES = ("name", "idnumber")
#: Fields that can be kept in step, by kind of record; custom fields stand under their prefix beside them.
_FIELDS: dict[str, tuple[Collection[str], str]] = {
    "category": ((*_NAMES, "parent"), ""),
    "user": ((*USER_FIELDS, "suspended"), "profile:"),
    "course": ((*COURSE_FIELDS, "category"), "custom:"),
    "cohort": (_NAMES, ""),
    "group": (_NAMES, ""),
    "enrolment": (("role", "suspended", "timestart", "timeend"), ""),
}


def _of(kind: str) -> AfterValidator:
    known, custom = _FIELDS[kind]

    def checked(policies: dict[str, Policy]) -> dict[str, Policy]:
        unknown = [name for name in policies if name not in known and not (custom and name.startswith(custom))]
        if unknown:
            near = [match for name in unknown for match in get_close_matches(name, known, 3)] or sorted(known)
            raise ValueError(
                f"a {kind} has no field {', '.join(f'“{name}”' for name in unknown)} that is kept in step; there are "
                f"{', '.join(near)}" + (f" and {custom}NAME" if custom else "")
            )
        return policies

    return AfterValidator(checked)


class DriftRules(Document):
    """What becomes of a field that Matricula keeps in step and that somebody edited in Moodle."""

    default: Policy = Field(
        "leave",
        description="All fields that are not named below: `leave` lists the edit and never touches it, `accept` takes "
        "it as right until the roster says something new, `put-back` plans what was written before.",
    )
    category: Annotated[dict[str, Policy], _of("category")] = Field(
        default_factory=dict, description="Single fields of categories: `name`, `idnumber`, `parent`."
    )
    user: Annotated[dict[str, Policy], _of("user")] = Field(
        default_factory=dict,
        description="Single fields of accounts, by Moodle's names, `suspended` among them; custom ones as "
        "`profile:NAME`.",
    )
    course: Annotated[dict[str, Policy], _of("course")] = Field(
        default_factory=dict,
        description="Single fields of courses, by Moodle's names, `category` among them; custom ones as `custom:NAME`.",
    )
    cohort: Annotated[dict[str, Policy], _of("cohort")] = Field(
        default_factory=dict, description="Single fields of cohorts: `name`, `idnumber`."
    )
    group: Annotated[dict[str, Policy], _of("group")] = Field(
        default_factory=dict, description="Single fields of groups: `name`, `idnumber`."
    )
    enrolment: Annotated[dict[str, Policy], _of("enrolment")] = Field(
        default_factory=dict,
        description="Single fields of enrolments: `role`, `suspended`; of those of Matricula's own method also "
        "`timestart` and `timeend`.",
    )

    def of(self, kind: str, field: str) -> Policy:
        """What becomes of an edit of a field."""
        policies: dict[str, Policy] = getattr(self, kind) if kind in _FIELDS else {}
        return policies.get(field, self.default)


class ObserveRules(Document):
    """How much of the site is looked at unasked."""

    within: int = Field(
        7,
        ge=0,
        le=366,
        description="Days in which ordinary plans look at every record, a share at a time; 0 for never: then only "
        "`--full` does. Where the site has Matricula's plugin, each plan looks at all that has changed instead.",
    )
