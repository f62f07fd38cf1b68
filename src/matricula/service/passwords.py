"""Passwords of accounts: how they are kept, and which ones are refused."""

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from matricula.errors import UsageError

SHORTEST: Final = 12
LONGEST: Final = 200
_AT_A_TIME: Final = 4
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_LEFT: Final = 6
_COMMON: Final = "password passwort qwertz qwerty asdfgh welcome school schule moodle matricula"


class Passwords:
    """Hashes and verifies with argon2id, at the cost that OWASP asks for (19 MiB, two turns, one lane).

    Only a few are worked on at a time: each takes memory and a core, and strangers can ask for it.
    """

    def __init__(self) -> None:
        self._hasher = _HASHER
        self._turns = threading.BoundedSemaphore(_AT_A_TIME)

    def hashed(self, password: str, about: Iterable[str] = ()) -> str:
        """A password as it is kept.

        Args:
            password: the password.
            about: names of whoever it is for; a password made of them is refused.

        Raises:
            UsageError: it is too short, too long, or easily guessed.
        """
        plain = _plain(password)
        if len(plain) < SHORTEST:
            raise UsageError(
                f"The password is too short: {SHORTEST} characters are the least.",
                where="password",
                remedy="Take a sentence that you can remember.",
                code="password-short",
            )
        if len(plain) > LONGEST:
            raise UsageError(
                f"The password is too long: {LONGEST} characters are the most.",
                where="password",
                remedy="Take a shorter one.",
                code="password-long",
            )
        if _left_of(plain, about) < _LEFT:
            raise UsageError(
                "The password is easily guessed: it is made of your name or of very common words, or repeats itself.",
                where="password",
                remedy="Take a sentence that only you would think of.",
                code="password-guessable",
            )
        with self._turns:
            return self._hasher.hash(plain)

    def right(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that is kept; without one it takes as long and is never right."""
        with self._turns:
            try:
                self._hasher.verify(kept or _of_nobody(self._hasher), _plain(password[: LONGEST * 2]))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def renewed(self, kept: str, password: str) -> str | None:
        """A password hashed anew, where it was hashed at another cost than today's."""
        if not self._hasher.check_needs_rehash(kept):
            return None
        with self._turns:
            return self._hasher.hash(_plain(password))


def _plain(password: str) -> str:
    """The same characters whichever keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def _left_of(password: str, about: Iterable[str]) -> int:
    """How many characters a guesser has to guess: without known words, and without runs such as 1234 or aaaa."""
    text = password.casefold()
    for word in sorted({*_COMMON.split(), *_words(about)}, key=len, reverse=True):
        text = text.replace(word, "")
    before, steps = "", set()
    for character in text:
        if not before or abs(ord(character) - ord(before)) > 1:
            steps.add((before, character))
        before = character
    return len(steps)


def _words(about: Iterable[str]) -> Iterator[str]:
    for each in about:
        parts = re.split(r"[\W_]+", each.casefold())
        yield from (part for part in (each.casefold(), *parts) if len(part) > 2)


@cache
def _of_nobody(hasher: PasswordHasher) -> str:
    """What a password is compared with where there is none, so that it takes as long."""
    return hasher.hash(secrets.token_urlsafe())
