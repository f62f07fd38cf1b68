"""The portal: where people without an account of the console prove who they are, to go on to a Moodle."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AnyHttpUrl, Field, model_validator

from matricula.profiles.documents.base import Document, Name

Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 30)]
Column = Annotated[str, Field(min_length=1, max_length=100)]
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def _closed(address: AnyHttpUrl) -> AnyHttpUrl:
    if address.scheme != "https" and address.host not in _LOOPBACK:
        raise ValueError("write an address that begins with https://: people are told of there")
    return address


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


class PublishedCourse(Document):
    """A course that a Moodle publishes as a tool (LTI 1.3), for people of this school to take part in."""

    name: Name = Field(description="What this course is called here; it is part of the link to it.")
    title: str = Field(min_length=1, max_length=255, description="What people read, as the course's full name.")
    moodle: Annotated[AnyHttpUrl, AfterValidator(_closed)] = Field(description="Address of that Moodle.")
    resource: str = Field(
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="What that Moodle calls the course: the value of `id` among its custom properties.",
    )
    tells: tuple[Literal["name", "email"], ...] = Field(
        ("name", "email"), description="What that Moodle is told of people, beside a number that means nothing."
    )
    instructors: tuple[str, ...] = Field(
        (), description="User names of the people who teach there; everybody else comes as a learner."
    )


class Portal(Document):
    """Where people prove who they are, to go on to a Moodle. Accounts of the console are always good."""

    provider: PortalProvider | None = Field(None, description="The school's OpenID Connect provider.")
    directory: PortalDirectory | None = Field(None, description="The school's directory.")
    published: tuple[PublishedCourse, ...] = Field(
        (), description="Courses of other Moodles that people may go on to, published as tools (LTI 1.3)."
    )
    idle: Minutes = Field(60, description="Minutes without going on to a site after which a session here ends.")
    longest: Minutes = Field(600, description="Minutes after which a session here ends in any case.")

    @model_validator(mode="after")
    def _some_use(self) -> Self:
        if self.provider is None and self.directory is None and not self.published:
            raise ValueError("name a provider, a directory or published courses; without them leave portal out")
        names = [each.name for each in self.published]
        if len(set(names)) < len(names):
            raise ValueError("two published courses have the same name; each link leads to one course")
        return self
