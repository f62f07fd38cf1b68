"""The service document: how the console is reached, who signs on to it and how, and how people are told."""

from typing import Annotated, Literal, Self

from pydantic import AnyHttpUrl, Field, model_validator

from matricula.profiles.documents.base import Document, Name, TimeZone
from matricula.profiles.documents.portal import Portal

NoticeKind = Literal["held-plan", "failed-run", "new-problems", "grade-conflicts", "token-expires", "tool-wrong"]
_ALL_NOTICES: tuple[NoticeKind, ...] = (
    "held-plan",
    "failed-run",
    "new-problems",
    "grade-conflicts",
    "token-expires",
    "tool-wrong",
)
ROLES = ("owner", "operator", "approver", "viewer")
Role = Literal["owner", "operator", "approver", "viewer"]
Address = Annotated[str, Field(pattern=r"^[^\s@<>,;:\"]+@[^\s@<>,;:\"]+$", max_length=254)]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 30)]


class SessionRules(Document):
    """How long somebody stays signed in."""

    idle: Minutes = Field(60, description="Minutes without a click after which a session ends.")
    longest: Minutes = Field(720, description="Minutes after which a session ends in any case.")
    second_factor: Literal["offered", "required"] = Field(
        "offered", description="Whether everybody has to set up a second factor, or may."
    )


class OpenId(Document):
    """Signing on to the console with the accounts of an OpenID Connect provider."""

    issuer: AnyHttpUrl = Field(description="The provider's address, below which its configuration is found.")
    client_id: str = Field(min_length=1, description="What the provider calls Matricula.")
    secret: str | None = Field(None, description="Name of the kept secret that the provider gave.")
    label: str = Field("Sign in with your school account", description="What the button says.")
    claim: str = Field("email", description="The claim that names the account: an e-mail address or a user name.")
    new_accounts: Role | None = Field(
        None, description="Role, for all sites, of people who come for the first time; by default they are refused."
    )


class Mail(Document):
    """The mail server that messages go through."""

    host: str = Field(min_length=1, description="The mail server (SMTP).")
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is encrypted; `none` only inside one's own network."
    )
    user: str | None = Field(None, description="User name at the mail server; by default none is given.")
    secret: str | None = Field(None, description="Name of the kept secret that holds the password.")
    sender: Address = Field(description="Address that messages come from.")

    @model_validator(mode="after")
    def _closed(self) -> Self:
        if self.security == "none" and (self.user or self.secret):
            raise ValueError("a password is not sent over a connection that is not encrypted; take starttls or tls")
        return self


class Told(Document):
    """Somebody who is told by e-mail."""

    to: tuple[Address, ...] = Field(min_length=1, description="E-mail addresses; each gets a message of its own.")
    about: tuple[NoticeKind, ...] = Field(_ALL_NOTICES, description="What they are told of at once.")
    sites: tuple[Name, ...] = Field((), description="Only of these sites; by default of all.")
    digest: str | None = Field(
        None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Time of the daily digest, as 07:00; by default none."
    )


class HookOut(Document):
    """An address that is told by a signed request."""

    name: Name = Field(description="What this webhook is called.")
    url: AnyHttpUrl = Field(description="Where the requests go.")
    secret: str = Field(min_length=1, description="Name of the kept secret that requests are signed with.")
    about: tuple[NoticeKind, ...] = Field(_ALL_NOTICES, description="What it is told of.")
    sites: tuple[Name, ...] = Field((), description="Only of these sites; by default of all.")
    this_machine: bool = Field(
        False, description="Whether the address may be one of the machine itself that Matricula runs on."
    )


class HookIn(Document):
    """Another system that may say, by a signed request, that people or classes have changed."""

    name: Name = Field(description="What this system is called; it is part of the address it sends to.")
    secret: str = Field(min_length=1, description="Name of the kept secret that it signs with.")
    profiles: tuple[Name, ...] = Field(min_length=1, description="Profiles it may ask for.")


class ServiceSettings(Document):
    """How the service is reached, signed on to, and tells people. There is one such document, named `service`."""

    kind: Literal["service"] = "service"
    name: Literal["service"] = Field("service", description="Always `service`.")
    address: AnyHttpUrl | None = Field(
        None, description="Address under which people reach the console, for links in messages."
    )
    timezone: TimeZone = Field("UTC", description="Time zone of digests and of moments shown in messages.")
    sessions: SessionRules = Field(default_factory=SessionRules, description="How long somebody stays signed in.")
    sign_on: OpenId | None = Field(None, description="Signing on with OpenID Connect; by default passwords alone.")
    portal: Portal | None = Field(
        None,
        description="Where teachers and pupils sign in to go on to a Moodle; by default accounts of the console alone.",
    )
    mail: Mail | None = Field(None, description="The mail server; by default no e-mail is sent.")
    told: tuple[Told, ...] = Field((), description="Who is told by e-mail, and of what.")
    hooks_out: tuple[HookOut, ...] = Field((), description="Addresses that are told by signed requests.")
    hooks_in: tuple[HookIn, ...] = Field((), description="Systems that may say what has changed.")

    @property
    def secrets(self) -> dict[str, list[str]]:
        """The names of the secrets that it needs, each with what it is used for."""
        used: dict[str, list[str]] = {}
        if self.mail and self.mail.secret:
            used.setdefault(self.mail.secret, []).append("mail")
        if self.sign_on and self.sign_on.secret:
            used.setdefault(self.sign_on.secret, []).append("sign_on")
        if self.portal and self.portal.provider and self.portal.provider.secret:
            used.setdefault(self.portal.provider.secret, []).append("portal")
        for hook in self.hooks_out:
            used.setdefault(hook.secret, []).append(f"hooks_out {hook.name}")
        for system in self.hooks_in:
            used.setdefault(system.secret, []).append(f"hooks_in {system.name}")
        return used
