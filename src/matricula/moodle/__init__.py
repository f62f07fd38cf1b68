"""A Moodle client that knows nothing of rosters.

Example:
    from matricula.moodle import Moodle

    with Moodle("https://moodle.school.example", token) as moodle:
        for user in moodle.users.find("idnumber", ["S-1", "S-2"]):
            print(user.username)
"""

from matricula.moodle.activities import Activity, AssignGrade, CourseModule, Reached, Submission
from matricula.moodle.ahead import Asked
from matricula.moodle.batches import fit, fitting, lanes, too_large
from matricula.moodle.categories import Category, CategoryUpdate, CreatedCategory, NewCategory
from matricula.moodle.checks import Check
from matricula.moodle.client import Moodle
from matricula.moodle.cohorts import Cohort, CohortUpdate, NewCohort
from matricula.moodle.courses import Course, CourseUpdate, CreatedCourse, NewCourse
from matricula.moodle.encoding import count_fields
from matricula.moodle.enrolments import CourseEnrolment, CourseRole, EnrolledUser, Enrolment, OwnEnrolment, Unenrolment
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
from matricula.moodle.gradebook import (
    FAILED,
    LOCKED,
    SEVERAL,
    WRITTEN,
    GradeCategory,
    GradeCell,
    PersonGrades,
)
from matricula.moodle.grades import Grade, Graded
from matricula.moodle.groups import Group, GroupUpdate, Membership, NewGroup
from matricula.moodle.plugin import Plugin
from matricula.moodle.plugin_rows import (
    CohortSync,
    CourseCopy,
    CourseFields,
    CoursePerson,
    CourseRoleRow,
    GradeItemPlace,
    GradeItemRow,
    GradeRow,
    InstalledPlugin,
    Link,
    MethodEnrolment,
    MethodUnenrolment,
    Moved,
    Outcome,
    PluginSite,
    SiteRole,
    Written,
)
from matricula.moodle.preflight import preflight
from matricula.moodle.roles import Assignment
from matricula.moodle.row_warnings import RowWarning
from matricula.moodle.site import Site
from matricula.moodle.snapshot import Snapshot
from matricula.moodle.users import Created, NewUser, User, UserUpdate

__all__ = [
    "FAILED",
    "LOCKED",
    "SEVERAL",
    "WRITTEN",
    "AccessRefused",
    "Activity",
    "Asked",
    "AssignGrade",
    "Assignment",
    "Busy",
    "Category",
    "CategoryUpdate",
    "Check",
    "Cohort",
    "CohortSync",
    "CohortUpdate",
    "Course",
    "CourseCopy",
    "CourseEnrolment",
    "CourseFields",
    "CourseModule",
    "CoursePerson",
    "CourseRole",
    "CourseRoleRow",
    "CourseUpdate",
    "Created",
    "CreatedCategory",
    "CreatedCourse",
    "EnrolledUser",
    "Enrolment",
    "FunctionMissing",
    "Grade",
    "GradeCategory",
    "GradeCell",
    "GradeItemPlace",
    "GradeItemRow",
    "GradeRow",
    "Graded",
    "Group",
    "GroupUpdate",
    "InDoubt",
    "InstalledPlugin",
    "Link",
    "Membership",
    "MethodEnrolment",
    "MethodUnenrolment",
    "Moodle",
    "MoodleError",
    "Moved",
    "NewCategory",
    "NewCohort",
    "NewCourse",
    "NewGroup",
    "NewUser",
    "NotMoodle",
    "Outcome",
    "OwnEnrolment",
    "PersonGrades",
    "Plugin",
    "PluginSite",
    "Reached",
    "Refused",
    "RolledBack",
    "RowWarning",
    "Site",
    "SiteFailure",
    "SiteRole",
    "Snapshot",
    "Submission",
    "TokenRefused",
    "Unenrolment",
    "User",
    "UserUpdate",
    "Written",
    "count_fields",
    "fit",
    "fitting",
    "lanes",
    "preflight",
    "too_large",
]
