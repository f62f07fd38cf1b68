"""The profile's parts on enrolments, groups in courses, cohorts and meta-links."""

from datetime import date
from typing import Literal

from pydantic import Field

from matricula.profiles.documents.base import Document, PlainName
from matricula.profiles.documents.mapped import ClassCondition, Dated, EnrolmentTemplate, PersonTemplate
from matricula.profiles.documents.roles import EnrolmentRoleNames, EnrolmentRoles


class EnrolmentRules(Document):
    """Who is enrolled as what."""

    roles: EnrolmentRoles = Field(
        default_factory=lambda: {"student": "student", "teacher": "editingteacher"},
        json_schema_extra={"additionalProperties": {"type": ["string", "integer"], "minLength": 1}},
        description="Moodle role (short name or id) for each OneRoster enrolment role; roles not named are not "
        "enrolled. `teacher:primary` and `teacher:secondary` tell the main teacher from the others.",
    )
    since: date | None = Field(
        None,
        description="Enrolments that begin before this day are made only by `matricula run --only`.",
    )
    gone: Literal["keep", "suspend", "suspend-without-roles", "unenrol"] = Field(
        "suspend",
        description="What happens to an enrolment that is no longer in the roster. `keep` never takes anybody out, "
        "`unenrol` loses the person's grades and groups in the course.",
    )
    start: Dated | None = Field(None, description="First day of the enrolment, for example `{enrolment.beginDate}`.")
    end: Dated | None = Field(None, description="Last day of the enrolment, for example `{enrolment.endDate}`.")


class GroupRules(Document):
    """Groups in courses, made of a property of the people or classes in them."""

    name: EnrolmentTemplate = Field(description="Name of the group, for example `{group.title}` or `{person.form}`.")
    idnumber: EnrolmentTemplate | None = Field(None, description="ID number of the group; by default it has none.")
    grouping: EnrolmentTemplate | None = Field(None, description="Grouping that the group is put into.")
    roles: EnrolmentRoleNames = Field((), description="Enrolment roles that become members; by default all.")


class CohortRules(Document):
    """Cohorts, made of a property of people."""

    name: PersonTemplate = Field(description="Name of the cohort, for example `Year {person.grade}`.")
    idnumber: PersonTemplate = Field(
        description="ID number, by which the cohort is recognised, as `year-{person.grade}`."
    )
    category: str | None = Field(
        None, description="ID number of the category the cohort stands in; by default it is the whole site's."
    )


class MetaLink(Document):
    """A long-lived course that takes the enrolments of synchronised ones."""

    shortname: PlainName = Field(description="Short name of the long-lived course.")
    fullname: PlainName | None = Field(
        None, description="Its full name, where it is to be made if it is not there; else it has to be there."
    )
    classes: ClassCondition = Field(description="Classes whose courses it takes the enrolments of.")
