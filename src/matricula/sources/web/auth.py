"""What all ways of signing in to a web service share."""

from abc import ABC, abstractmethod
from typing import Final

import httpx2

ENTER: Final = "matricula source secret"
"""The command that secrets of sources are entered with."""


class ServiceAuth(httpx2.Auth, ABC):
    """A way of signing in that can say in words what it signs in with."""

    credential: str
    """For people: `the consumer key matricula with its consumer_secret`."""
    advice: str
    """What to do where the service refuses it."""

    @abstractmethod
    def secrets(self) -> tuple[str, ...]:
        """What messages may not show."""

    def permission(self) -> str:
        """What was asked leave for, for people; empty where that is not part of signing in."""
        return ""
