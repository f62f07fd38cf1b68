"""The portal: where people without an account of the console prove who they are, to go on to a Moodle."""

from typing import Annotated, Self

from pydantic import AnyHttpUrl, Field, model_validator

from matricula.profiles.documents.base import Document, Name

Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 30)]
Column = Annotated[str, Field(min_length=1, max_length=100)]


class PortalProvider(Document):
    """Signing in at the portal with the accounts of an OpenID Connect provider."""

    issuer: AnyHttpUrl = Field(description="The provider's address, below which its configuration is found.")
    client_id: str = Field(min_length=1, description="What the provider calls the portal.")
    secret: str | None = Field(None, description="Name of the kept secret that the provider gave.")
    label: str = Field("Sign in with your school account", description="What the button says.")
    username: Column = Field("preferred_username", description="The claim that holds the user name.")
    email: Column = Field("email", description="The claim that holds the e-mail address.")
    idnumber: Column | None = Field(
        None,
        description="The claim that holds the person's sourcedId in the school's system; by default none.",
    )


class PortalDirectory(Document):
    """Signing in at the portal with the user name and password of the school's directory."""

    source: Name = Field(
        description="Name of the directory's source, whose connection, people and attributes are used. Whoever it "
        "does not hold, or holds as disabled, does not get in."
    )
    label: str = Field("Your school account", description="What stands above user name and password.")
    username: Column = Field("username", description="The source's column that people type as their user name.")
    email: Column = Field("email", description="The source's column that holds the e-mail address.")
    idnumber: Column = Field(
        "sourcedId", description="The source's column that holds the person's number in the school's system."
    )


class Portal(Document):
    """Where people prove who they are, to go on to a Moodle. Accounts of the console are always good."""

    provider: PortalProvider | None = Field(None, description="The school's OpenID Connect provider.")
    directory: PortalDirectory | None = Field(None, description="The school's directory.")
    idle: Minutes = Field(60, description="Minutes without going on to a site after which a session here ends.")
    longest: Minutes = Field(600, description="Minutes after which a session here ends in any case.")

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if self.provider is None and self.directory is None:
            raise ValueError("name a provider or a directory; without them leave portal out")
        return self
