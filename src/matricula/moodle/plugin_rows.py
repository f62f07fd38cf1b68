"""What the plugin local_matricula takes and tells row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Required, TypedDict

Method = Literal["matricula", "manual"]


class MethodEnrolment(TypedDict, total=False):
    """An enrolment by a certain method, made or brought to what is said here.

    Args:
        roleid: a role to give beside; 0 for none. Roles held before stay.
        method: `matricula` is the method of the plugin enrol_matricula, which no teacher and no other program alters.
        suspended, timestart, timeend: as they are to be; 0 for no limit.
        id: the enrolment (`user_enrolments`) that it must be, where one is known.
    """

    courseid: Required[int]
    userid: Required[int]
    roleid: Required[int]
    method: Required[Method]
    suspended: Required[bool]
    timestart: Required[int]
    timeend: Required[int]
    id: int | None


class MethodUnenrolment(TypedDict, total=False):
    """An enrolment to be ended; that of other methods in the same course stays."""

    courseid: Required[int]
    userid: Required[int]
    method: Required[Method]
    id: int | None


class CourseRoleRow(TypedDict):
    """A role of somebody in a course."""

    courseid: int
    userid: int
    roleid: int


class CoursePerson(TypedDict):
    """Somebody in a course."""

    courseid: int
    userid: int


class GradeItemRow(TypedDict, total=False):
    """A grade item that no activity has, found by `id`, else by `idnumber`, else made.

    Args:
        category: name of the category that it is in; empty for the whole gradebook.
    """

    courseid: Required[int]
    idnumber: Required[str]
    name: Required[str]
    max: Required[float]
    min: Required[float]
    category: str
    hidden: bool
    id: int | None


class GradeItemPlace(TypedDict):
    """A grade item of a course."""

    courseid: int
    id: int


class GradeRow(TypedDict, total=False):
    """A grade to be written; None takes it away. A feedback that is None or left out stays."""

    courseid: Required[int]
    itemid: Required[int]
    userid: Required[int]
    grade: Required[float | None]
    feedback: str | None


class CourseCopy(TypedDict, total=False):
    """A course to be made with the contents of another, without its people."""

    templateid: Required[int]
    fullname: Required[str]
    shortname: Required[str]
    categoryid: Required[int]
    idnumber: str
    visible: bool
    startdate: int
    enddate: int
    summary: str
    customfields: dict[str, str]


class Link(TypedDict):
    """A meta-link: everybody of the linked course is enrolled in the course too."""

    courseid: int
    linkedid: int


class CohortSync(TypedDict, total=False):
    """A cohort whose members are enrolled in a course with a role, and put into a group where one is named."""

    courseid: Required[int]
    cohortid: Required[int]
    roleid: Required[int]
    groupid: int


class CourseFields(TypedDict):
    """Values of custom fields of a course, by short name."""

    courseid: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    Args:
        id: id of the record that was made or altered; None where there is none to tell.
        code: why it was not done, such as `nouser`; empty where it was done.
        message: the same in words for people, without names.
    """

    id: int | None = None
    code: str = ""
    message: str = ""

    @property
    def done(self) -> bool:
        """Whether the row was done."""
        return not self.code


@dataclass(frozen=True, slots=True)
class Moved(Outcome):
    """What became of an enrolment that was to be moved to Matricula's own method.

    Args:
        method: the method that it was of before; `matricula` where it was moved already.
        grades: how many grades the person has in the course; all stay.
    """

    method: str = ""
    grades: int = 0


@dataclass(frozen=True, slots=True)
class Written(Outcome):
    """What became of a grade.

    Args:
        grade: what stands in the gradebook now; None for no grade.
    """

    grade: float | None = None


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A plugin that the site has.

    Args:
        version: as its `version.php` says.
        enabled: whether it is switched on, where it can be switched off.
    """

    version: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class SiteRole:
    """A role of the site.

    Args:
        assignable: whether the token's user may give it in courses.
    """

    id: int
    shortname: str
    archetype: str
    assignable: bool


@dataclass(frozen=True, slots=True)
class PluginSite:
    """What the plugin tells of its site.

    Args:
        version: of local_matricula.
        release: the same for people.
        plugins: the plugins that matter to Matricula and are there, by their full names.
        roles: in the site's order.
        welcome: whether people enrolled by hand in new courses get a message; None where not told.
        form_fields: PHP's `max_input_vars`; None where not told.
        session_seconds: after how long without a click people are signed out; None where not told.
    """

    version: int
    release: str
    plugins: Mapping[str, InstalledPlugin] = field(default_factory=dict)
    roles: tuple[SiteRole, ...] = ()
    welcome: bool | None = None
    form_fields: int | None = None
    session_seconds: int | None = None

    def has(self, plugin: str) -> bool:
        """Whether a plugin is there and switched on."""
        found = self.plugins.get(plugin)
        return found is not None and found.enabled

    def role_id(self, shortname: str) -> int | None:
        """The id of a role, None where the site has none of that name."""
        return next((role.id for role in self.roles if role.shortname == shortname), None)
