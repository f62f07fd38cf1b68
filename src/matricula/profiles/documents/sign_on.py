"""Signing people on to a site: by which way, and which account is whose."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from matricula.profiles.documents.base import Document
from matricula.profiles.landing import stays_inside

Match = Literal["username", "email", "idnumber"]


def _inside(path: str) -> str:
    if not stays_inside(path):
        raise ValueError("write a path on the site, as /my/ or /course/index.php")
    return path


Landing = Annotated[str, Field(max_length=1000), AfterValidator(_inside)]


class SiteSignOn(Document):
    """Signing people on to a site."""

    by: Literal["ticket", "userkey", "openid"] = Field(
        description="The way: `ticket` needs the plugin auth_matricula on the site, `userkey` the plugin auth_userkey, "
        "`openid` a provider of the site that is Matricula's own."
    )
    match: Match = Field(
        "username",
        description="By what a person and an account are the same, where the ledger does not know the person by the "
        "number that they have in the school's system.",
    )
    landing: Landing = Field("/my/", description="Page of the site to go on to, where no course is named.")
    administrators: bool = Field(
        False,
        description="Whether site administrators may be signed on, too: those named in `never_touch`, the token's own "
        "user, and by ticket all others. auth_matricula has a setting of its own, which must allow it as well.",
    )
    key_field: Match = Field(
        "email", description="For `userkey`: the field that auth_userkey knows people by (its setting Mapping field)."
    )
    key_life: int = Field(60, ge=15, le=120, description="For `ticket`: seconds for which a ticket is good.")
