"""The documents a school writes: what a site is, and what a profile wants.

Every field has a default that suits a plain OneRoster export, so that a profile of four lines works. Sources
have documents too; each is described in its own file in `matricula.sources`.
"""

from matricula.profiles.documents.base import Days, Document, Name
from matricula.profiles.documents.courses import CategoryRules, CourseRules, Level
from matricula.profiles.documents.drift import DriftRules, ObserveRules, Policy
from matricula.profiles.documents.enrolments import CohortRules, EnrolmentRules, GroupRules, MetaLink
from matricula.profiles.documents.grades import FinalRules, GradeItemRules, GradeRules
from matricula.profiles.documents.importing import Import, ImportField
from matricula.profiles.documents.limits import Allowance, DeliveryLimits, Limits, Within
from matricula.profiles.documents.mapped import CourseField, Dated, Mapped, PersonField
from matricula.profiles.documents.profile import Profile
from matricula.profiles.documents.retention import Retention
from matricula.profiles.documents.schedule import Quiet, Schedule, Scheduled
from matricula.profiles.documents.service import ROLES, Role, ServiceSettings
from matricula.profiles.documents.site import STANDARD_ROLES, Site
from matricula.profiles.documents.tool import Tool
from matricula.profiles.documents.users import PERSON_KINDS, PersonRules, UserMatch, UserRules

__all__ = [
    "PERSON_KINDS",
    "ROLES",
    "STANDARD_ROLES",
    "Allowance",
    "CategoryRules",
    "CohortRules",
    "CourseField",
    "CourseRules",
    "Dated",
    "Days",
    "DeliveryLimits",
    "Document",
    "DriftRules",
    "EnrolmentRules",
    "FinalRules",
    "GradeItemRules",
    "GradeRules",
    "GroupRules",
    "Import",
    "ImportField",
    "Level",
    "Limits",
    "Mapped",
    "MetaLink",
    "Name",
    "ObserveRules",
    "PersonField",
    "PersonRules",
    "Policy",
    "Profile",
    "Quiet",
    "Retention",
    "Role",
    "Schedule",
    "Scheduled",
    "ServiceSettings",
    "Site",
    "Tool",
    "UserMatch",
    "UserRules",
    "Within",
]
