"""Settings of a OneRoster gradebook service."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from matricula.sinks.settings import SinkDocument
from matricula.sources.oneroster_rest.settings import PATHS as ROSTERING
from matricula.sources.oneroster_rest.settings import base_of, check_version
from matricula.sources.web.signing_in import SignIn, safe_address

PATHS = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/gradebook/v1p2"}
"""Where a gradebook service stands below a host, by version (REST bindings 1.1, 3.1, and 1.2 gradebook, 2.1)."""

_SCOPE = "https://purl.imsglobal.org/spec/or/v1p{}/scope/{}"
_WRITING = ("gradebook.readonly", "gradebook.createput", "gradebook.delete")
_CLASSES = "roster-core.readonly"


class OneRosterSinkSettings(SinkDocument):
    """A OneRoster gradebook service (REST), version 1.1 or 1.2. `auth.method` decides which secret it needs."""

    type: Literal["oneroster-rest"] = Field(
        "oneroster-rest", description="Writes to the gradebook of a OneRoster service, 1.1 or 1.2."
    )
    url: str = Field(
        description="Address of the service, with or without the path that the standard gives it "
        f"(`{PATHS['1.1']}` or `{PATHS['1.2']}`)."
    )
    version: Literal["1.1", "1.2"] = Field(description="OneRoster version of the service.")
    auth: SignIn = Field(description="How the service is signed in to.")
    school: str = Field(
        default="",
        max_length=255,
        description="1.2: sourcedId of the school that line items are said to be of. By default that of their class, "
        "which is then read from the rostering service.",
    )
    final_title: str = Field(
        default="Final grades",
        min_length=1,
        description="Title of the category, and of the line items in it, that hold final grades.",
    )
    callers: int = Field(default=4, ge=1, le=16, description="Requests under way at once.")
    limit: int = Field(
        default=1000,
        ge=0,
        le=10_000,
        description="Records asked for at a time. 0 is for services that know no pages and hand over everything at "
        "once.",
    )
    timeout: float = Field(default=60, gt=0, le=600, description="Seconds that one answer may take.")
    ca_file: Path | None = Field(
        default=None,
        description="File of certificates (PEM) of an authority of the school's own, trusted beside the usual ones.",
    )

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        return safe_address(url)

    @model_validator(mode="after")
    def _version_fits(self) -> Self:
        check_version(self.url, self.version)
        return self

    @property
    def base(self) -> str:
        """Address below which the gradebook's collections stand, without a slash at its end."""
        return base_of(self.url, self.version, PATHS).replace("/rostering/v1p2", "/gradebook/v1p2")

    @property
    def rostering(self) -> str:
        """Address below which classes stand."""
        return base_of(self.url, self.version, ROSTERING).replace("/gradebook/v1p2", "/rostering/v1p2")

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a token must be good for (1.2 gradebook service model, 4.1; 1.1 uses the same names)."""
        wanted = (*_WRITING, *(() if self.school or self.version == "1.1" else (_CLASSES,)))
        return tuple(_SCOPE.format(self.version[-1], name) for name in wanted)

    def secrets(self) -> tuple[str, ...]:
        """The secret that signing in needs."""
        return (self.auth.secret,)
