"""Who wants to go on to a Moodle."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has proved who they are: at the school's identity provider, in its directory, or here.

    Args:
        subject: how they proved it and who they are there, as `account anna`; it never changes and never is reused.
        username: what they sign in with; may be empty.
        email: their address; may be empty.
        idnumber: their number in the school's system; may be empty.
        given: given name.
        family: family name.
    """

    subject: str
    username: str = ""
    email: str = ""
    idnumber: str = ""
    given: str = ""
    family: str = ""

    @property
    def name(self) -> str:
        """Given and family name, or what they sign in with."""
        return f"{self.given} {self.family}".strip() or self.username or self.email
