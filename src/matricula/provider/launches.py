"""Launches of courses that another Moodle publishes as tools (LTI 1.3 Core; 1EdTech Security Framework, 5.1.1).

Matricula is the platform: it knows who somebody is. The browser asks the tool to begin, which sends it back to ask who
comes, and takes the answer, a signed ID token, out of a form. Nothing is kept in between: what the tool gets at the
beginning is no secret, and is compared with whoever is signed in when it comes back.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwt

from matricula.profiles.documents.portal import PublishedCourse
from matricula.provider.keys import ALGORITHM, Keys
from matricula.sign_on import Person
from matricula.sign_on.account import same

DEPLOYMENT: Final = "1"
"""What a Moodle calls its one connection with us (LTI 1.3, 3.1.3)."""
LASTS: Final = timedelta(minutes=2)
"""So long an ID token is good: the browser carries it on at once."""
_BACK: Final = timedelta(seconds=30)
"""By so much clocks may differ: Moodle takes no token that was signed later than now."""
_LOGIN, _LAUNCH = "/enrol/lti/login.php", "/enrol/lti/launch.php"
_CLAIM: Final = "https://purl.imsglobal.org/spec/lti/claim/"
_ROLE: Final = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_WANTED: Final = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
_LONGEST: Final = 1_000


@dataclass(frozen=True)
class Platform:
    """What we are to the Moodles.

    Args:
        issuer: our address.
        keys: what is signed with.
        pairwise: what the numbers are made with that people are known by.
    """

    issuer: str
    keys: Keys
    pairwise: str


@dataclass(frozen=True)
class Posted:
    """What the browser carries on to a Moodle.

    Args:
        to: the address it goes to.
        fields: the fields of the form.
        course: the course.
    """

    to: str
    fields: Mapping[str, str]
    course: PublishedCourse


class StrangeLaunchError(Exception):
    """A request that is none of a launch; `code` says in which way."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def client_of(course: PublishedCourse) -> str:
    """What the course's Moodle calls us.

    It is another one for each Moodle: what one of them is told of somebody is no proof for any other.
    """
    return f"matricula-lti-{hashlib.sha256(_base(course).encode()).hexdigest()[:12]}"


def subject_of(person: Person, course: PublishedCourse, pairwise: str) -> str:
    """What the course's Moodle knows somebody by, for good.

    Without the key nobody can find out who is meant, and no two Moodles that they mean the same.
    """
    told = f"{client_of(course)}\n{person.subject}"
    return hmac.new(pairwise.encode(), told.encode(), hashlib.sha256).hexdigest()[:40]


def beginning(course: PublishedCourse, person: Person, platform: Platform) -> str:
    """The address at which the course's Moodle begins a launch (Security Framework, 5.1.1.1).

    Args:
        course: the course.
        person: who is to go there.
        platform: who we are.
    """
    query = {
        "iss": platform.issuer,
        "client_id": client_of(course),
        "lti_deployment_id": DEPLOYMENT,
        "target_link_uri": _base(course) + _LAUNCH,
        "login_hint": subject_of(person, course, platform.pairwise),
        "lti_message_hint": course.name,
    }
    return f"{_base(course)}{_LOGIN}?{urlencode(query)}"


def asked_for(courses: tuple[PublishedCourse, ...], asked: Mapping[str, str]) -> PublishedCourse:
    """The course that a Moodle asks for when it wants to know who comes (Security Framework, 5.1.1.2).

    Args:
        courses: those that there are.
        asked: what the request says.

    Raises:
        StrangeLaunchError: it is none: `lti-no-course`, `lti-redirect` where the answer would go elsewhere, else
            `lti-request`.
    """
    hint, client = asked.get("lti_message_hint", ""), asked.get("client_id", "")
    course = next((each for each in courses if each.name == hint and client_of(each) == client), None)
    if course is None:
        raise StrangeLaunchError("lti-no-course")
    if asked.get("redirect_uri") != _base(course) + _LAUNCH:
        raise StrangeLaunchError("lti-redirect")
    if any(asked.get(name) != value for name, value in _WANTED.items()):
        raise StrangeLaunchError("lti-request")
    if not all(0 < len(asked.get(name, "")) <= _LONGEST for name in ("nonce", "state")):
        raise StrangeLaunchError("lti-request")
    return course


def answer(
    course: PublishedCourse, person: Person | None, asked: Mapping[str, str], platform: Platform, now: datetime
) -> Posted:
    """Tell a Moodle who comes (Security Framework, 5.1.1.3; LTI 1.3, 5.3).

    Args:
        course: the course that was asked for.
        person: who is signed in here; None for nobody.
        asked: what the request says.
        platform: who we are.
        now: the moment.

    Raises:
        StrangeLaunchError: `lti-signed-out`, or `lti-other-person`, where it was somebody else who began.
    """
    if person is None:
        raise StrangeLaunchError("lti-signed-out")
    subject = subject_of(person, course, platform.pairwise)
    if not hmac.compare_digest(asked.get("login_hint", "").encode(), subject.encode()):
        raise StrangeLaunchError("lti-other-person")
    key = platform.keys.signing(now)
    claims = _claims(course, person, platform.issuer) | {
        "sub": subject,
        "nonce": asked["nonce"],
        "iat": int((now - _BACK).timestamp()),
        "exp": int((now + LASTS).timestamp()),
    }
    header = {"alg": ALGORITHM, "kid": str(key.kid), "typ": "JWT"}
    token = jwt.encode(header, claims, key, algorithms=[ALGORITHM])
    return Posted(_base(course) + _LAUNCH, {"id_token": token, "state": asked["state"]}, course)


def _claims(course: PublishedCourse, person: Person, issuer: str) -> dict[str, Any]:
    client = client_of(course)
    teaches = any(same("username", person.username, each.lower()) for each in course.instructors)
    told: dict[str, Any] = {
        "iss": issuer,
        "aud": client,
        "azp": client,
        f"{_CLAIM}message_type": "LtiResourceLinkRequest",
        f"{_CLAIM}version": "1.3.0",
        f"{_CLAIM}deployment_id": DEPLOYMENT,
        f"{_CLAIM}target_link_uri": _base(course) + _LAUNCH,
        f"{_CLAIM}resource_link": {"id": course.name, "title": course.title},
        f"{_CLAIM}roles": [_ROLE + ("Instructor" if teaches else "Learner")],
        f"{_CLAIM}custom": {"id": course.resource},
        f"{_CLAIM}launch_presentation": {"document_target": "window"},
    }
    if "name" in course.tells:
        told |= _names(person)
    if "email" in course.tells and person.email:
        told["email"] = person.email
    return told


def _names(person: Person) -> dict[str, str]:
    """Given and family name; accounts of the console have them in one, the family name last."""
    given, family = person.given, person.family
    if not family:
        given, _, family = given.rpartition(" ")
    told = {"name": person.name, "given_name": given or family, "family_name": family}
    return {name: value for name, value in told.items() if value}


def _base(course: PublishedCourse) -> str:
    return str(course.moodle).rstrip("/")
