"""A Moodle client that knows nothing of rosters.

Example:
    from matricula.moodle import Moodle

    with Moodle("https://moodle.school.example", token) as moodle:
        for user in moodle.users.find("idnumber", ["S-1", "S-2"]):
            print(user.username)
"""

from matricula.moodle.batches import fit, lanes
from matricula.moodle.categories import Category, CategoryUpdate, CreatedCategory, NewCategory
from matricula.moodle.client import Moodle
from matricula.moodle.cohorts import Cohort, CohortUpdate, NewCohort
from matricula.moodle.courses import Course, CourseUpdate, CreatedCourse, NewCourse
from matricula.moodle.encoding import count_fields
from matricula.moodle.enrolments import CourseEnrolment, CourseRole, EnrolledUser, Enrolment, Unenrolment
from matricula.moodle.errors import (
    AccessRefused,
    Busy,
    FunctionMissing,
    InDoubt,
    MoodleError,
    NotMoodle,
    Refused,
    RolledBack,
    SiteFailure,
    TokenRefused,
)
from matricula.moodle.grades import Grade, Graded
from matricula.moodle.groups import Group, GroupUpdate, Membership, NewGroup
from matricula.moodle.preflight import Check, preflight
from matricula.moodle.roles import Assignment
from matricula.moodle.row_warnings import RowWarning
from matricula.moodle.site import Site
from matricula.moodle.users import Created, NewUser, User, UserUpdate

__all__ = [
    "AccessRefused",
    "Assignment",
    "Busy",
    "Category",
    "CategoryUpdate",
    "Check",
    "Cohort",
    "CohortUpdate",
    "Course",
    "CourseEnrolment",
    "CourseRole",
    "CourseUpdate",
    "Created",
    "CreatedCategory",
    "CreatedCourse",
    "EnrolledUser",
    "Enrolment",
    "FunctionMissing",
    "Grade",
    "Graded",
    "Group",
    "GroupUpdate",
    "InDoubt",
    "Membership",
    "Moodle",
    "MoodleError",
    "NewCategory",
    "NewCohort",
    "NewCourse",
    "NewGroup",
    "NewUser",
    "NotMoodle",
    "Refused",
    "RolledBack",
    "RowWarning",
    "Site",
    "SiteFailure",
    "TokenRefused",
    "Unenrolment",
    "User",
    "UserUpdate",
    "count_fields",
    "fit",
    "lanes",
    "preflight",
]
