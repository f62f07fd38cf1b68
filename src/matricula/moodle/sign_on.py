"""Signing on by key: needs the plugin auth_userkey."""

from typing import Literal

from matricula.moodle.family import Family
from matricula.moodle.shapes import text, unexpected

KeyField = Literal["username", "email", "idnumber"]
_REQUEST = "auth_userkey_request_login_url"


class SignOn(Family):
    """Calls about signing people on."""

    def login_address(self, by: KeyField, value: str) -> str:
        """An address that signs somebody on once, for about a minute (`auth_userkey_request_login_url`).

        The plugin looks neither whether the account is suspended nor whether several have the same value, and it
        takes the value as the site's database compares: look the account up before.

        Args:
            by: the field that the plugin is set to (its setting Mapping field).
            value: what the account has there.

        Raises:
            Refused: there is no such account, or the plugin is set to another field.
            MoodleError: one of the tree.
        """
        answer = self._moodle.write(_REQUEST, {"user": {by: value}})
        address = text(answer, "loginurl") if isinstance(answer, dict) else ""
        if not address:
            raise unexpected("an address", answer, _REQUEST, wrote=True)
        return address
