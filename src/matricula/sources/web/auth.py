"""What all ways of signing in to a web service share."""

import httpx2


class ServiceAuth(httpx2.Auth):
    """A way of signing in that can say in words what it signs in with."""

    credential: str
    """For people: `the consumer key matricula with its consumer_secret`."""
    advice: str
    """What to do where the service refuses it."""

    def secrets(self) -> tuple[str, ...]:
        """What messages may not show."""
        raise NotImplementedError

    def permission(self) -> str:
        """What was asked leave for, for people; empty where that is not part of signing in."""
        return ""
