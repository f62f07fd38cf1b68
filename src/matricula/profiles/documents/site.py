"""The site document: one Moodle."""

from datetime import date
from typing import Literal

from pydantic import AnyHttpUrl, Field

from matricula.profiles.documents.base import Document, Name
from matricula.profiles.documents.sign_on import SiteSignOn

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
    token_expires: date | None = Field(
        None,
        description="Last day on which the token is valid, as 2027-07-31: people are told 30 days, 7 days and 1 day "
        "before. Moodle has no call that tells it; it stands where the token was made.",
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
        description="The site's role ids by short name. Moodle has no call that lists them; Matricula's plugin has, "
        "and `check` then compares them.",
    )
    never_touch: tuple[str, ...] = Field(
        ("admin", "guest"),
        description="User names that are never matched or changed, beside the token's own user.",
    )
    plugins: bool = Field(
        True,
        description="Use Matricula's plugins where the site has them: many records are read with one call, and "
        "enrolments can have a method of their own. Everything works without them, more slowly.",
    )
    sign_on: SiteSignOn | None = Field(
        None, description="Signing people on to this site; by default Matricula signs nobody on."
    )
