"""Settings of a OneRoster service."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from matricula.sources.settings import SourceDocument
from matricula.sources.web.signing_in import SignIn, safe_address

PATHS = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/rostering/v1p2"}
"""Where a service stands below a host, by version (REST bindings 1.1, 3.1, and 1.2, 2.1)."""

_BASE = re.compile(r"(.*/v1p([12]))(?:/.*)?")
_SCOPE = "https://purl.imsglobal.org/spec/or/v1p{}/scope/roster-core.readonly"


class OneRosterRestSettings(SourceDocument):
    """A OneRoster service (REST), version 1.1 or 1.2. `auth.method` decides which secret it needs."""

    NEUTRAL = frozenset({"limit", "full_every", "timeout", "ca_file"})

    type: Literal["oneroster-rest"] = Field("oneroster-rest", description="Reads a OneRoster service, 1.1 or 1.2.")
    url: str = Field(
        description="Address of the service, with or without the path that the standard gives it "
        f"(`{PATHS['1.1']}` or `{PATHS['1.2']}`)."
    )
    version: Literal["1.1", "1.2"] = Field(description="OneRoster version of the service.")
    auth: SignIn = Field(description="How the service is signed in to.")
    schools: tuple[str, ...] = Field(
        default=(),
        description="sourcedIds of schools: only their classes and enrolments, and people who belong to them. None: "
        "all.",
    )
    limit: int = Field(
        default=1000,
        ge=0,
        le=10_000,
        description="Records asked for at a time. 0 is for services that know no pages and hand over everything at "
        "once.",
    )
    full_every: int = Field(
        default=7,
        ge=0,
        le=365,
        description="Days after which everything is read again; in between, changes alone. 0: always everything.",
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
    def _version_fits(self) -> "OneRosterRestSettings":
        check_version(self.url, self.version)
        return self

    @property
    def base(self) -> str:
        """Address below which the collections stand, without a slash at its end."""
        return base_of(self.url, self.version, PATHS)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a token must be good for to read a roster (1.2 service model, 4.1; 1.1 uses the same names)."""
        return (_SCOPE.format(self.version[-1]),)

    def secrets(self) -> tuple[str, ...]:
        """The secret that signing in needs."""
        return (self.auth.secret,)


def check_version(url: str, version: str) -> None:
    """See that an address is not of another version.

    Raises:
        ValueError: it is.
    """
    found = _BASE.fullmatch(_bare(url))
    if found and f"1.{found[2]}" != version:
        raise ValueError(f"the address is of OneRoster 1.{found[2]}, and version says {version}")


def base_of(url: str, version: str, paths: Mapping[str, str]) -> str:
    """Address below which the collections of a service stand, without a slash at its end.

    Args:
        url: its address, with or without the path that the standard gives it.
        version: `1.1` or `1.2`.
        paths: that path, by version.
    """
    bare = _bare(url)
    found = _BASE.fullmatch(bare)
    return found[1] if found else bare.removesuffix("/ims/oneroster") + paths[version]


def _bare(url: str) -> str:
    return url.partition("?")[0].partition("#")[0].rstrip("/")
