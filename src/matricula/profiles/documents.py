"""The documents a school writes: what a site is, and what a profile wants.

Every field has a default that suits a plain OneRoster export, so that a profile of four lines works. Sources
have documents too; each is described in its own file in `matricula.sources`.
"""

from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field

from matricula.roster.tables import ENROLLMENTS, EXTENSION_PREFIX, USERS, Table

Roles = TypeVar("Roles", tuple[str, ...], dict[str, str])
Level = Literal["org", "year"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no such time zone; write one as Europe/Berlin or America/New_York") from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


def _roles_of(table: Table) -> AfterValidator:
    known = next(column.values for column in table.columns if column.name == "role")
    names = known.everywhere() if known else ()

    def checked(roles: Roles) -> Roles:
        unknown = [role for role in roles if role not in names and not role.startswith(EXTENSION_PREFIX)]
        if unknown:
            raise ValueError(
                f"OneRoster knows no role {', '.join(unknown)}; known are {', '.join(names)}, and those that begin "
                f"with {EXTENSION_PREFIX}"
            )
        return roles

    return AfterValidator(checked)


def _each_once(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    if len(set(levels)) < len(levels):
        raise ValueError("name each level once")
    return levels


def _plain_name(name: str) -> str:
    if not name.strip() or "<" in name:
        raise ValueError("write a name without “<”")
    return name.strip()


UserRoles = Annotated[tuple[str, ...], _roles_of(USERS)]
EnrolmentRoles = Annotated[dict[str, str], _roles_of(ENROLLMENTS)]

#: Role ids that a Moodle gives itself on installation.
STANDARD_ROLES = {"manager": 1, "coursecreator": 2, "editingteacher": 3, "teacher": 4, "student": 5}

STUDENT_ROLES = ("student",)
STAFF_ROLES = (
    "teacher",
    "administrator",
    "aide",
    "proctor",
    "counselor",
    "principal",
    "siteAdministrator",
    "districtAdministrator",
    "systemAdministrator",
)


class Document(BaseModel):
    """What all documents share: unknown keys are refused, so that a typing error is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(Document):
    """One Moodle."""

    kind: Literal["site"] = "site"
    name: Name = Field(description="What this site is called in profiles and commands.")
    url: AnyHttpUrl = Field(description="Address of the site's front page, as in a browser.")
    token_env: str | None = Field(
        None, description="Environment variable that holds the token; without it the stored token is used."
    )
    callers: int = Field(
        2,
        ge=1,
        le=16,
        description="Calls under way at once. On a Moodle with two cores, two take half the time of one and four "
        "hardly less than two; raise it for a site with more.",
    )
    timeout: float = Field(120, gt=0, le=3600, description="Seconds to wait for one answer.")
    patience: float = Field(
        300, ge=0, description="Seconds to wait for a site in maintenance or out of reach before a run stops."
    )
    roles: dict[str, int] = Field(
        default_factory=lambda: dict(STANDARD_ROLES),
        description="The site's role ids by short name. Moodle has no call that lists them.",
    )
    never_touch: tuple[str, ...] = Field(
        ("admin", "guest"),
        description="User names that are never matched or changed, beside the token's own user.",
    )


class UserRules(Document):
    """Which people become accounts, and how."""

    student: UserRoles = Field(STUDENT_ROLES, description="OneRoster roles treated as students.")
    staff: UserRoles = Field(STAFF_ROLES, description="OneRoster roles treated as staff.")
    match: Literal["username", "email", "idnumber"] = Field(
        "username", description="Field by which an existing account is recognised the first time."
    )
    username: Literal["username", "email", "identifier", "sourcedId"] = Field(
        "username", description="Roster property that becomes the user name, in lower case."
    )
    idnumber: Literal["sourcedId", "identifier"] = Field(
        "sourcedId", description="Roster property that becomes the ID number."
    )
    create: bool = Field(True, description="Make accounts for new people.")
    update: bool = Field(True, description="Keep names, e-mail, user name and ID number in step.")
    gone: Literal["suspend", "keep"] = Field(
        "suspend", description="What happens to the account of a person who left the roster."
    )
    auth: str = Field("manual", description="Moodle authentication plugin of new accounts.")
    password: Literal["generate", "mail", "none"] = Field(
        "generate",
        description=(
            "New accounts: `generate` sets a strong one that nobody knows (people use “Forgotten your password?” "
            "or single sign-on), `mail` lets Moodle make and mail one, `none` is for plugins that keep no password."
        ),
    )
    missing_email: Literal["placeholder", "leave-out"] = Field(
        "placeholder",
        description=(
            "People without an e-mail: `placeholder` gives a new account USERNAME@noemail.invalid, to which Moodle "
            "never sends, and leaves the address of one that is there; "
            "`leave-out` makes no account."
        ),
    )


class CategoryRules(Document):
    """Where courses stand in Moodle's tree of categories."""

    levels: Annotated[tuple[Level, ...], AfterValidator(_each_once)] = Field(
        ("org", "year"), description="The levels of the tree, from the top."
    )
    unsorted: Annotated[str, AfterValidator(_plain_name)] = Field(
        "Unsorted courses", max_length=255, description="Category of courses whose school or year is not known."
    )


class CourseRules(Document):
    """Which classes become courses, and how."""

    match: Literal["idnumber", "shortname"] = Field(
        "idnumber", description="Field by which an existing course is recognised the first time."
    )
    create: bool = Field(True, description="Make courses for new classes.")
    update: bool = Field(True, description="Keep name, category and dates in step.")
    visible: bool = Field(True, description="Whether new courses are visible to students.")
    gone: Literal["hide", "keep"] = Field("hide", description="What happens to the course of a class that is gone.")


class EnrolmentRules(Document):
    """Who is enrolled as what."""

    roles: EnrolmentRoles = Field(
        default_factory=lambda: {"student": "student", "teacher": "editingteacher"},
        description="Moodle role (short name) for each OneRoster enrolment role; roles not named are not enrolled.",
    )
    gone: Literal["suspend", "keep"] = Field(
        "suspend", description="What happens to an enrolment that is no longer in the roster."
    )
    dates: Literal["ignore", "students"] = Field(
        "ignore", description="Whether students' begin and end dates become the enrolment's start and end."
    )


class Limits(Document):
    """When a plan waits for a person."""

    share: float = Field(0.10, ge=0, le=1, description="Largest share of a kind that a plan may remove unasked.")
    floor: int = Field(10, ge=0, description="Kinds with fewer records than this are not held by the share.")


class Profile(Document):
    """What a school wants: which roster goes to which site, and by which rules."""

    kind: Literal["profile"] = "profile"
    name: Name = Field(description="What this profile is called in commands.")
    source: Name = Field(description="The source document to read.")
    site: Name = Field(description="The site document to write to.")
    timezone: TimeZone = Field("UTC", description="Time zone in which days begin, for example Europe/Berlin.")
    users: UserRules = Field(default_factory=UserRules, description="Which people become accounts.")
    categories: CategoryRules = Field(default_factory=CategoryRules, description="Where courses stand.")
    courses: CourseRules = Field(default_factory=CourseRules, description="Which classes become courses.")
    enrolments: EnrolmentRules = Field(default_factory=EnrolmentRules, description="Who is enrolled as what.")
    limits: Limits = Field(default_factory=Limits, description="When a plan waits for a person.")
