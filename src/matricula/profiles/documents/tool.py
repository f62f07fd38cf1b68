"""The tool document: one learning tool that Moodle courses are connected with."""

from typing import Literal, Self

from pydantic import AnyHttpUrl, Field, model_validator

from matricula.profiles.documents.base import Document, Name


class Tool(Document):
    """One learning tool: a platform of its own that gets rosters from Moodle courses and gives grades back."""

    kind: Literal["tool"] = "tool"
    name: Name = Field(description="What this tool is called in commands.")
    type: Literal["kuracloud", "oneroster"] = Field(description="How it is spoken to.")
    site: Name = Field(description="The site whose courses are connected with it.")
    url: AnyHttpUrl = Field(description="Address of its service, without the path of any call.")
    token_url: AnyHttpUrl | None = Field(
        None, description="`oneroster`: where an access token is fetched for `client_id` (OAuth 2, client credentials)."
    )
    client_id: str | None = Field(
        None,
        description="`oneroster`: the client's id, or without a `token_url` the consumer key of OAuth 1.0a; its secret "
        "is kept apart. Without it the service is signed in to by a token.",
    )
    roles: tuple[str, ...] = Field(
        ("student",), min_length=1, description="Short names of the roles whose people go to the tool."
    )
    suspended: Literal["send", "leave", "delete"] = Field(
        "delete",
        description="People whose enrolment or account is suspended: `send` as others, `leave` as they are in the "
        "tool, `delete` from it.",
    )
    changed_email: Literal["change", "invite-again"] = Field(
        "change",
        description="When an address has changed: `change` it where the tool can, or delete the student and invite "
        "them again.",
    )
    invitations: Literal["tool", "matricula"] = Field(
        "tool",
        description="Who invites people that are added or brought back: the `tool`, or `matricula` by mail, for a tool "
        "whose own invitations are switched off.",
    )
    invitation_link: AnyHttpUrl | None = Field(
        None, description="With `invitations: matricula`: the address at which people sign in to the tool."
    )
    points: Literal["proportional", "as-given"] = Field(
        "proportional",
        description="How a lesson's points become those of an activity: in proportion to the most that each gives, or "
        "`as-given`, at most the activity's maximum.",
    )
    timeout: float = Field(60, gt=0, le=600, description="Seconds to wait for one answer.")
    patience: float = Field(600, gt=0, le=7200, description="Seconds to wait for an export of grades to be ready.")

    @model_validator(mode="after")
    def _can_be_invited(self) -> Self:
        if self.invitations == "tool":
            return self
        if self.type == "oneroster":
            raise ValueError(
                "a tool of the type oneroster is only read: Matricula adds nobody there, so there is nobody to invite; "
                "leave `invitations` out"
            )
        if self.invitation_link is None:
            raise ValueError("invitations by Matricula need `invitation_link`, the address at which people sign in")
        return self
