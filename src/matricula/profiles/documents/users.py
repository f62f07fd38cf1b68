"""The profile's part on users: which people become accounts, and how."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from matricula.profiles.documents.base import TEXT, Document, one_or_several
from matricula.profiles.documents.mapped import PersonCondition, PersonField, PersonTemplate, UserFields
from matricula.profiles.documents.roles import roles_of
from matricula.roster.tables import USERS

#: What a profile takes a person for; of several that fit somebody the first one named here counts.
PERSON_KINDS = ("teacher", "employee", "student", "parent")


UserRoles = Annotated[tuple[str, ...], roles_of(USERS)]


class PersonRules(Document):
    """What is done with one kind of people."""

    roles: UserRoles = Field(description="OneRoster roles of these people.")
    create: bool = Field(True, description="Make accounts for new people.")
    update: bool = Field(True, description="Keep the accounts in step, each field as it is mapped.")
    deactivate: bool = Field(True, description="Suspend the accounts of people who left; returning revives them.")


class StudentRules(PersonRules):
    """What is done with students."""

    roles: UserRoles = Field(("student",), description="OneRoster roles of students.")


class TeacherRules(PersonRules):
    """What is done with teachers."""

    roles: UserRoles = Field(("teacher",), description="OneRoster roles of teachers.")


class ParentRules(PersonRules):
    """What is done with parents; unless said otherwise they get no account."""

    roles: UserRoles = Field(("parent", "guardian", "relative"), description="OneRoster roles of parents.")
    create: bool = Field(False, description="Make accounts for new people.")
    update: bool = Field(False, description="Keep the accounts in step, each field as it is mapped.")
    deactivate: bool = Field(False, description="Suspend the accounts of people who left; returning revives them.")


class EmployeeRules(PersonRules):
    """What is done with employees who do not teach."""

    roles: UserRoles = Field(
        (
            "administrator",
            "aide",
            "proctor",
            "counselor",
            "principal",
            "siteAdministrator",
            "districtAdministrator",
            "systemAdministrator",
        ),
        description="OneRoster roles of employees.",
    )


#: Fields by which an account can be recognised; of custom fields `profile:` stands before the short name.
MATCH_FIELDS = ("username", "email", "idnumber")
PROFILE_PREFIX = "profile:"


class UserMatch(Document):
    """A pair of fields by which an account is recognised. Written short, the Moodle field alone stands for it."""

    short_form = TEXT

    field: str = Field(description="Moodle's field: username, email, idnumber, or profile:SHORTNAME.")
    value: PersonTemplate | None = Field(
        None, description="What it is compared with, without case; by default what is mapped to the field."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, came: Any) -> Any:
        return {"field": came} if isinstance(came, str) else came

    @model_validator(mode="after")
    def _known(self) -> "UserMatch":
        custom = self.field.startswith(PROFILE_PREFIX) and self.field != PROFILE_PREFIX
        if self.field not in MATCH_FIELDS and not custom:
            raise ValueError(f"an account is recognised by {', '.join(MATCH_FIELDS)} or profile:SHORTNAME")
        return self


def _several(came: Any) -> Any:
    return came if isinstance(came, list | tuple) else [came]


#: How accounts are filled in where the profile does not say.
USER_DEFAULTS: Mapping[str, PersonField] = {
    "username": PersonField(value="{person.username, person.email, person.identifier|first}", case="lower"),
    "firstname": PersonField(value="{person.preferredGivenName, person.givenName|first}"),
    "lastname": PersonField(value="{person.preferredFamilyName, person.familyName|first}"),
    "email": PersonField(value="{person.email}"),
    "idnumber": PersonField(value="{person.id}"),
}


class UserRules(Document):
    """Which people become accounts, and how."""

    student: StudentRules = Field(default_factory=StudentRules, description="What is done with students.")
    teacher: TeacherRules = Field(default_factory=TeacherRules, description="What is done with teachers.")
    parent: ParentRules = Field(default_factory=ParentRules, description="What is done with parents.")
    employee: EmployeeRules = Field(default_factory=EmployeeRules, description="What is done with other employees.")
    only: PersonCondition | None = Field(None, description="Condition that people must meet to get an account.")
    without_enrolments: bool = Field(True, description="Make accounts for people who are enrolled in no course, too.")
    match: Annotated[tuple[UserMatch, ...], Field(min_length=1), BeforeValidator(_several)] = Field(
        (UserMatch(field="username"),),
        json_schema_extra=one_or_several,
        description="Fields by which an existing account is recognised the first time, tried one after another; ever "
        "after it is known by Moodle's id.",
    )
    fields: UserFields = Field(
        default_factory=dict, description="Fields of the account and what they are made of, beside the defaults."
    )
    profile_fields: dict[str, PersonField] = Field(
        default_factory=dict, description="Custom profile fields of the site by short name."
    )
    preferences: dict[str, PersonField] = Field(
        default_factory=dict, description="User preferences by name; set once, with the account."
    )
    taken_username: Literal["ask", "number"] = Field(
        "ask",
        description="A user name that somebody else has: `ask` puts the person into the queue of identities, `number` "
        "adds the first free number from 2 to the names of new accounts and keeps it for good.",
    )
    auth: str = Field("manual", description="Moodle authentication plugin of new accounts.")
    password: Literal["generate", "mail", "none"] = Field(
        "generate",
        description="New accounts: `generate` sets a strong one that `matricula passwords RUN` hands out as a file, "
        "`mail` lets Moodle make and mail one, `none` is for plugins that keep no password.",
    )
    force_change: bool = Field(
        False, description="Whether people must choose a password of their own when they first sign in."
    )
    missing_email: Literal["placeholder", "leave-out"] = Field(
        "placeholder",
        description="People without an e-mail: `placeholder` gives a new account USERNAME@noemail.invalid, to which "
        "Moodle never sends, and leaves the address of one that is there; `leave-out` makes no account.",
    )

    @model_validator(mode="after")
    def _match_has_values(self) -> "UserRules":
        without = [
            pair.field
            for pair in self.match
            if pair.value is None
            and pair.field.removeprefix(PROFILE_PREFIX) not in {*MATCH_FIELDS, *self.profile_fields}
        ]
        if without:
            raise ValueError(
                f"nothing is mapped to {', '.join(without)}, by which accounts are to be recognised; map it in "
                "profile_fields, or write {field: …, value: …} in match"
            )
        return self

    def of_kind(self, kind: str) -> PersonRules:
        """What is done with `student`, `teacher`, `parent` or `employee`."""
        rules: PersonRules = getattr(self, kind)
        return rules

    def mapped(self) -> dict[str, PersonField]:
        """Every field that is set, by Moodle's name; custom ones as `profile:…`, preferences as `preference:…`."""
        core = {name: value for name, value in {**USER_DEFAULTS, **self.fields}.items() if value is not None}
        profile = {f"{PROFILE_PREFIX}{name}": value for name, value in self.profile_fields.items()}
        return core | profile | {f"preference:{name}": value for name, value in self.preferences.items()}
