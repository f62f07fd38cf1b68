"""Passwords of new accounts: worked out of a secret that stays in the home, so that none is stored."""

import hmac
import string
from collections.abc import Callable

_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "*-_.!?")
_LENGTH = 24
#: For each place of a password what a byte of the digest stands for.
_LETTERS = [[group[byte % len(group)] for byte in range(256)] for group in _CLASSES * (_LENGTH // len(_CLASSES))]

PasswordOf = Callable[[str, str], str]
"""Gives the password of a new account by the person's key and the user name."""


def password_of(secret: bytes, site: str, profile: str) -> PasswordOf:
    """How the passwords of one profile's new accounts are worked out.

    The same account gets the same password whenever it is asked for: a run that was cut off can still hand out
    those it set. There is every class of characters in it that Moodle's policy can ask for.

    Args:
        secret: what keeps others from working them out.
        site: name of the site document.
        profile: name of the profile.
    """

    def of(key: str, username: str) -> str:
        message = "\0".join((site, profile, key, username)).encode()
        digest = hmac.digest(secret, message, "sha256")[:_LENGTH]
        return "".join([letters[byte] for letters, byte in zip(_LETTERS, digest, strict=True)])

    return of
