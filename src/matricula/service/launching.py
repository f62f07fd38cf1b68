"""Going on to courses that other Moodles publish as tools: who may, what is noted, and what is entered over there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from authlib.oauth2.rfc6749 import InvalidRequestError

from matricula.errors import MatriculaError, UsageError
from matricula.hub.pairwise import pairwise_key
from matricula.profiles.documents.portal import PublishedCourse
from matricula.provider.launches import (
    DEPLOYMENT,
    Platform,
    Posted,
    StrangeLaunchError,
    answer,
    asked_for,
    beginning,
    client_of,
)
from matricula.provider.requests import Asked
from matricula.service.going import named
from matricula.service.provider_desk import ProviderDesk
from matricula.service.visitors import Who
from matricula.sign_on import Person

PATH: Final = "/lti/"
"""Links to published courses begin with it."""
_AGAIN: Final = "Follow the link once more."
_TOLD: Final[Mapping[str, tuple[str, str]]] = {
    "lti-no-course": (
        "No published course is known by what this Moodle asks for.",
        "Follow the link once more. If it stays so, the client ID that is entered in that Moodle is another one.",
    ),
    "lti-redirect": (
        "That Moodle wants to be told who you are at another address than the one that is kept for it.",
        "Set `moodle` of the published course to the address that this Moodle calls itself by, to the letter.",
    ),
    "lti-request": ("This is no request that a Moodle makes when a course is gone on to.", _AGAIN),
    "lti-other-person": ("Somebody else began to go on to this course.", _AGAIN),
    "lti-signed-out": ("You are not signed in here any more.", _AGAIN),
}


class LaunchError(UsageError):
    """Somebody does not get into a published course.

    Args:
        code: stable short name, of `_TOLD`.
    """

    def __init__(self, code: str) -> None:
        what, remedy = _TOLD[code]
        super().__init__(what, where="sign-on", remedy=remedy, code=code)


@dataclass(frozen=True)
class Registration:
    """What the administrator of another Moodle enters, so that people of this school get into its courses.

    Args:
        moodle: address of that Moodle.
        platform: Platform ID.
        client: Client ID.
        asks: Authentication request URL.
        keys: Public keyset URL.
        token: Access token URL.
        deployment: Deployment ID.
        courses: the courses, by the link to each.
    """

    moodle: str
    platform: str
    client: str
    asks: str
    keys: str
    token: str
    deployment: str
    courses: Mapping[str, PublishedCourse]


class LaunchDesk:
    """Takes people on to published courses.

    Args:
        desk: the provider as it is set up, by whose keys it signs.
    """

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk

    @property
    def courses(self) -> tuple[PublishedCourse, ...]:
        """The published courses that the service's document names."""
        portal = self._desk.home.service().portal
        return portal.published if portal is not None else ()

    def begin(self, person: Person, name: str, who: Who) -> str:
        """Where somebody begins to go on to a course; why that is nowhere is noted.

        Args:
            person: who it is.
            name: of the course.
            who: who asks, and from where.

        Raises:
            UsageError: there is no such course.
            SettingError: the service has no address by which people can be signed on.
        """
        course = next((each for each in self.courses if each.name == name), None)
        with self._noted(person, who):
            if course is None:
                raise UsageError(
                    "There is no published course of this name.",
                    where="service, portal.published",
                    remedy="The portal lists those that there are.",
                    code="lti-unknown",
                )
            return beginning(course, person, self._platform())

    def answer(self, asked: Asked, person: Person | None, who: Who) -> Posted:
        """Tell a Moodle who comes; that it was told, or why not, is noted.

        Args:
            asked: the request with which it sent the browser.
            person: who is signed in here.
            who: who asks, and from where; `by` is empty for people without an account here.

        Raises:
            LaunchError: it is not told.
            SettingError: the service has no address by which people can be signed on.
        """
        values = asked.values
        with self._noted(person, who):
            try:
                asked.refuse_odd()
                course = asked_for(self.courses, values)
                posted = answer(course, person, values, self._platform(), self._desk.now())
            except StrangeLaunchError as error:
                raise LaunchError(error.code) from error
            except InvalidRequestError as error:
                raise LaunchError("lti-request") from error
        self._note("lti.launched", person, who, f"{course.name}, {course.moodle.host}")
        return posted

    @contextmanager
    def _noted(self, person: Person | None, who: Who) -> Iterator[None]:
        """Note why somebody does not get into a course."""
        try:
            yield
        except MatriculaError as error:
            self._note("lti.refused", person, who, error.code)
            raise

    def _note(self, act: str, person: Person | None, who: Who, words: str) -> None:
        subject = "person" if person is None else named(person)
        self._desk.store.audit.note(act, by=who.by, address=who.address, subject=subject, words=words)

    def _platform(self) -> Platform:
        return Platform(self._desk.issuer, self._desk.keys, pairwise_key(self._desk.home))

    def registrations(self) -> list[Registration]:
        """What is entered in each Moodle whose courses are published.

        Raises:
            SettingError: the service has no address by which people can be signed on.
        """
        if not self.courses:
            return []
        issuer = self._desk.issuer
        by_moodle: dict[str, dict[str, PublishedCourse]] = {}
        for each in self.courses:
            by_moodle.setdefault(client_of(each), {})[f"{issuer}{PATH}{each.name}"] = each
        return [
            Registration(
                moodle=str(next(iter(courses.values())).moodle).rstrip("/"),
                platform=issuer,
                client=client,
                asks=f"{issuer}/provider/launch",
                keys=f"{issuer}/provider/keys",
                token=f"{issuer}/provider/token",
                deployment=DEPLOYMENT,
                courses=courses,
            )
            for client, courses in by_moodle.items()
        ]
