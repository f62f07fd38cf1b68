"""The profile document: what a school wants of one site."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, ValidationInfo, model_validator

from matricula.profiles.documents.base import Days, Document, Name, TimeZone
from matricula.profiles.documents.courses import CategoryRules, CourseRules
from matricula.profiles.documents.drift import DriftRules, ObserveRules
from matricula.profiles.documents.enrolments import CohortRules, EnrolmentRules, GroupRules, MetaLink
from matricula.profiles.documents.grades import GradeRules
from matricula.profiles.documents.limits import Limits
from matricula.profiles.documents.mapped import tables_and_basis
from matricula.profiles.documents.retention import Retention
from matricula.profiles.documents.schedule import Schedule
from matricula.profiles.documents.users import UserRules
from matricula.profiles.vocabulary import Basis

Groups = Annotated[tuple[GroupRules, ...], Field(max_length=20)]

#: With one course for all classes of a subject, the classes live on as groups in it.
CLASSES_AS_GROUPS = GroupRules.model_construct(
    name="{group.title, group.code|first}", idnumber="{group.id}", grouping=None, roles=()
)


def _numbers_as_text(came: Any) -> Any:
    """A table of year groups, `7: Year 7`, is one of texts, too."""
    if not isinstance(came, dict):
        return came
    return {_text(name): _text(value) for name, value in came.items()}


def _text(came: Any) -> Any:
    return str(came) if isinstance(came, int) and not isinstance(came, bool) else came


class Profile(Document):
    """What a school wants: which roster goes to which site, when, and by which rules."""

    kind: Literal["profile"] = "profile"
    name: Name = Field(description="What this profile is called in commands.")
    source: Name = Field(description="The source document to read.")
    site: Name = Field(description="The site document to write to.")
    enabled: bool = Field(True, description="Whether plans of it may be applied; planning is always possible.")
    window: Days | None = Field(
        None, description="Synchronisation window: days on which plans of it may be applied; by default all."
    )
    beside: tuple[Name, ...] = Field(
        (),
        description="Other profiles of the site that look after other people and classes, so that neither waits for "
        "the other although their windows overlap.",
    )
    period: str | None = Field(
        None,
        min_length=1,
        description="Academic period: title, sourcedId or year of the school year whose classes are taken, or "
        "`current`; by default all that the source delivers.",
    )
    timezone: TimeZone = Field("UTC", description="Time zone in which days begin, for example Europe/Berlin.")
    basis: Basis = Field(
        "group",
        description="What becomes a course: `group` each class; `subject` each OneRoster course with all its classes, "
        "which become groups in it; `group-subject` each pair of a class and a subject of it.",
    )
    tables: dict[str, Annotated[dict[str, str], BeforeValidator(_numbers_as_text)]] = Field(
        default_factory=dict,
        description="Tables that mappings look values up in, with the function `lookup`.",
        json_schema_extra={
            "additionalProperties": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}
        },
    )
    users: UserRules = Field(default_factory=UserRules, description="Which people become accounts.")
    categories: CategoryRules = Field(default_factory=CategoryRules, description="Where courses stand.")
    courses: CourseRules = Field(default_factory=CourseRules, description="Which classes become courses.")
    enrolments: EnrolmentRules = Field(default_factory=EnrolmentRules, description="Who is enrolled as what.")
    groups: Groups | None = Field(
        None, description="Groups in courses; by default none, and with `basis: subject` the classes."
    )
    cohorts: tuple[CohortRules, ...] = Field((), description="Cohorts of people.")
    meta_links: tuple[MetaLink, ...] = Field((), description="Long-lived courses that take others' enrolments.")
    grades: GradeRules = Field(default_factory=GradeRules, description="Which grades go back to the school's system.")
    schedule: Schedule = Field(default_factory=Schedule, description="What is done by itself, and when.")
    limits: Limits = Field(default_factory=Limits, description="When a plan waits for a person.")
    retention: Retention = Field(default_factory=Retention, description="How long personal data is kept.")
    observe: ObserveRules = Field(
        default_factory=ObserveRules, description="How much of the site is looked at unasked."
    )
    drift: DriftRules = Field(
        default_factory=DriftRules, description="What becomes of fields that somebody edited in Moodle."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _with_context(cls, came: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Mappings are judged by the profile's own tables and basis."""
        if isinstance(came, dict) and info.context is not None:
            info.context.update(tables_and_basis(came))
        return handler(came)

    @property
    def groups_in_courses(self) -> tuple[GroupRules, ...]:
        """The rules for groups, with those that the basis brings."""
        if self.groups is not None:
            return self.groups
        return (CLASSES_AS_GROUPS,) if self.basis == "subject" else ()
