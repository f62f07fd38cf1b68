"""The settings of a directory as a source."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from matricula.roster import TABLES
from matricula.roster.extensions import extensions_of
from matricula.sources.ldap.filters import check_filter
from matricula.sources.ldap.locks import LOCKS
from matricula.sources.ldap.presets import PRESETS, Preset
from matricula.sources.ldap.templates import Template, template
from matricula.sources.settings import SourceDocument

_NOT_MAPPED = ("status", "dateLastModified", "orgSourcedIds", "role", "primaryOrgSourcedId")
_GROUP_COLUMNS = ("sourcedId", "title", "classCode", "classType", "location", "grades", "subjects", "subjectCodes")
_ADDRESS = r"^ldaps?://[^/?#@\s]+/?$"

Role = Literal[
    "aide",
    "counselor",
    "districtAdministrator",
    "guardian",
    "parent",
    "principal",
    "proctor",
    "relative",
    "siteAdministrator",
    "student",
    "systemAdministrator",
    "teacher",
]
Scope = Literal["subtree", "one", "base"]


def _checked_filter(text: str) -> str:
    if text:
        check_filter(text)
    return text


def _checked_template(text: str) -> str:
    if text:
        template(text)
    return text


def _checked_columns(attributes: dict[str, str | None]) -> dict[str, str | None]:
    known = [column.name for column in TABLES["users"].of("1.2") if column.kept and column.name not in _NOT_MAPPED]
    for name, text in attributes.items():
        if not text and text is not None:
            raise ValueError(f"{name} is made of nothing; write null to take it out")
        if name not in known and not extensions_of(TABLES["users"], [name]):
            raise ValueError(f"“{name}” is no column of people; there are: {', '.join(known)}, metadata.…")
        if name == "sourcedId" and text is None:
            raise ValueError("sourcedId cannot be taken out: by it a person is known again")
    return attributes


def _checked_address(url: str) -> str:
    if not re.fullmatch(_ADDRESS, url):
        raise ValueError(f"“{url}” is no address such as ldaps://dc1.school.example or ldap://10.0.0.5:389")
    return url


def _checked_path(path: Path | None) -> Path | None:
    if path is not None and not path.is_absolute():
        raise ValueError(f"“{path}” is not a whole path, from the root")
    return path


Filter = Annotated[str, AfterValidator(_checked_filter)]
Taken = Annotated[str, AfterValidator(_checked_template)]
Columns = Annotated[dict[str, Taken | None], AfterValidator(_checked_columns)]
Address = Annotated[str, AfterValidator(_checked_address)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class School(_Part):
    """The school that people and groups belong to."""

    name: str = Field("", description="Its name; with `by` the one of entries that do not say theirs.")
    id: str = Field("", description="Its sourcedId, by default its name in small letters.")
    by: Taken = Field(
        "", description="What it is read from, where there are several: an attribute, or a part of the name as `dn.ou`."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.name and not self.by:
            raise ValueError("give the school a name, or say by what attribute it is known")
        return self


class RoleRule(_Part):
    """A role for some of a part's people."""

    role: Role = Field(description="OneRoster's role.")
    member_of: str = Field("", description="Distinguished name of the group whose members have it.")
    attribute: Taken = Field("", description="Attribute that says who has it.")
    values: tuple[str, ...] = Field((), description="Values of the attribute that mean the role, in any capitals.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.member_of) == bool(self.attribute):
            raise ValueError("a role goes by either member_of or attribute")
        if bool(self.attribute) != bool(self.values):
            raise ValueError("attribute and values belong together")
        return self


class UserPart(_Part):
    """People below one base."""

    base: str = Field(description="Distinguished name below which they stand.")
    filter: Filter = Field("", description="Which entries are people; by default those of its kind of directory.")
    scope: Scope = Field("subtree", description="How deep to look: all below, one level, or the entry itself.")
    role: Role | None = Field(None, description="OneRoster's role, for all that no rule in `roles` gives one.")
    roles: tuple[RoleRule, ...] = Field((), description="Roles by group or attribute; the first that fits counts.")
    attributes: Columns = Field(
        {}, description="Columns of people and what they are made of, in the place of those for the whole directory."
    )
    disabled_filter: Filter = Field("", description="Which of them are disabled, beside what `disabled_by` says.")
    school: School | None = Field(None, description="Their school, in the place of that for the whole directory.")

    @model_validator(mode="after")
    def _has_role(self) -> Self:
        if self.role is None and not self.roles:
            raise ValueError("say the role of these people with role, or with rules in roles")
        return self


class GroupPart(_Part):
    """Groups below one base."""

    base: str = Field(description="Distinguished name below which they stand.")
    filter: Filter = Field("", description="Which entries are groups; by default those of its kind of directory.")
    scope: Scope = Field("subtree", description="How deep to look: all below, one level, or the entry itself.")
    make: Literal["classes", "cohorts"] = Field(
        description="What is made of them: a class and a course each, or a column of their members for cohorts."
    )
    attributes: dict[str, Taken] = Field(
        {}, description="Columns of classes and what they are made of; of cohorts `sourcedId` and `title` alone."
    )
    column: str = Field(
        "",
        description="For cohorts: the extension column of people that holds the group, `house` for `metadata.house`.",
    )
    most: int = Field(1, ge=1, le=20, description="For cohorts: how many groups one person may be in.")
    school: School | None = Field(None, description="Their school, in the place of that for the whole directory.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.make == "cohorts") != bool(self.column):
            raise ValueError("column names where cohorts stand: needed with `make: cohorts`, and only there")
        if self.column and not extensions_of(TABLES["users"], [f"metadata.{self.column}"]):
            raise ValueError(f"“{self.column}” cannot be a column: letters, digits, _, - and . may stand in it")
        allowed = _GROUP_COLUMNS if self.make == "classes" else ("sourcedId", "title")
        for name, text in self.attributes.items():
            if not text:
                raise ValueError(f"{name} is made of nothing")
            if name not in allowed and not (self.make == "classes" and extensions_of(TABLES["classes"], [name])):
                raise ValueError(f"“{name}” is no column of groups; there are: {', '.join(allowed)}")
        return self


class Session(_Part):
    """The school year that classes belong to."""

    title: str = Field(description="Its title, as 2026/27.")
    start: date = Field(description="Its first day.")
    end: date = Field(description="Its last day.")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the school year ends before it begins")
        return self


class LdapSettings(SourceDocument):
    """A directory: Active Directory, OpenLDAP or another one that speaks LDAP."""

    NEUTRAL = frozenset({"url", "tls", "ca_file", "bind_dn", "page_size", "timeout_seconds"})

    type: Literal["ldap"] = Field("ldap", description="Reads a directory.")
    url: Address | tuple[Address, ...] = Field(
        description="Address, as ldaps://dc1.school.example; of several the next is tried when one is out of reach."
    )
    tls: Literal["start_tls", "ldaps", "none"] | None = Field(
        None,
        description=(
            "How the connection is encrypted; by default as the address says: ldaps:// from the start, ldap:// by "
            "StartTLS. `none` sends names and the password openly."
        ),
    )
    ca_file: Annotated[Path | None, AfterValidator(_checked_path)] = Field(
        None, description="Certificate of the authority that signed the server's, where the machine does not know it."
    )
    bind_dn: str = Field(
        "", description="Account to read with; its password is the secret `password`. Blank: anonymous."
    )
    directory: Literal["active-directory", "openldap", "389-directory"] = Field(
        description="What kind of directory it is: decides filters and attributes by default."
    )
    attributes: Columns = Field(
        {}, description="Columns of people and what they are made of: an attribute, or text with attributes in braces."
    )
    users: tuple[UserPart, ...] = Field(min_length=1, description="Where people stand, and who they are.")
    groups: tuple[GroupPart, ...] = Field((), description="Where groups stand, and what becomes of them.")
    nested: int = Field(
        5, ge=0, le=20, description="How many levels of groups within groups are followed; 0 follows none."
    )
    school: School = Field(description="The school of people and groups.")
    session: Session | None = Field(
        None, description="The school year of classes; by default the one from 1 August to 31 July that holds today."
    )
    disabled_by: tuple[
        Literal["userAccountControl", "accountExpires", "pwdAccountLockedTime", "nsAccountLock", "shadowExpire"], ...
    ] = Field(LOCKS, description="Attributes by which accounts are known to be disabled or to have ended.")
    page_size: int | None = Field(
        None, ge=0, le=5000, description="Entries asked for at a time, by default as its kind has it; 0: all at once."
    )
    timeout_seconds: int = Field(60, ge=1, le=3600, description="How long to wait for an answer.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for url in self.urls:
            if self.tls is not None and (self.tls == "ldaps") != url.startswith("ldaps:"):
                right = "ldap://" if url.startswith("ldaps:") else "ldaps://"
                raise ValueError(f"tls is {self.tls} and the address {url}; write {right}, or leave tls out")
        return self

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses in the order in which they are tried."""
        return (self.url,) if isinstance(self.url, str) else self.url

    @property
    def preset(self) -> Preset:
        """What its kind has as defaults."""
        return PRESETS[self.directory]

    def columns_of(self, part: UserPart) -> dict[str, Template]:
        """Columns of people and what they are made of, for one part."""
        return _templates(self.preset.attributes, self.attributes, part.attributes)

    def columns_of_groups(self, part: GroupPart) -> dict[str, Template]:
        """Columns of groups and what they are made of, for one part."""
        return _templates(self.preset.group_attributes, part.attributes)

    def secrets(self) -> tuple[str, ...]:
        """The password of the account it reads with."""
        return ("password",) if self.bind_dn else ()


def _templates(*maps: Mapping[str, str | None]) -> dict[str, Template]:
    merged: dict[str, str | None] = {}
    for each in maps:
        merged |= each
    return {column: template(text) for column, text in merged.items() if text is not None}
