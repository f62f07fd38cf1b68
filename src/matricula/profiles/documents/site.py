"""The site document: one Moodle."""

from typing import Literal

from pydantic import AnyHttpUrl, Field

from matricula.profiles.documents.base import Document, Name

#: Role ids that a Moodle gives itself on installation.
STANDARD_ROLES = {"manager": 1, "coursecreator": 2, "editingteacher": 3, "teacher": 4, "student": 5}


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
        3600,
        ge=0,
        description="Seconds that a run waits for a site in maintenance or out of reach before it ends. It keeps its "
        "site for itself meanwhile.",
    )
    roles: dict[str, int] = Field(
        default_factory=lambda: dict(STANDARD_ROLES),
        description="The site's role ids by short name. Moodle has no call that lists them.",
    )
    never_touch: tuple[str, ...] = Field(
        ("admin", "guest"),
        description="User names that are never matched or changed, beside the token's own user.",
    )
