"""Who the site is, and who we are on it."""

import re
from dataclasses import dataclass
from typing import Any

from matricula.moodle.shapes import flag, number, record, records, text

GET_SITE_INFO = "core_webservice_get_site_info"


@dataclass(frozen=True, slots=True)
class Site:
    """One Moodle as the token's user sees it (`core_webservice_get_site_info`).

    Args:
        name: full name of the site.
        url: the site's own idea of its address (`wwwroot`).
        release: for people, for example `5.1+ (Build: 20251017)`.
        version: Moodle's version number, for example `2025100600.02`.
        build: build date `YYYYMMDD` as in the release, empty where the release has none.
        user_id: the token's user.
        username: the token's user.
        functions: functions of the token's service that this site has.
        is_admin: whether the token's user is a site administrator.
        clock_difference: seconds by which the site's clock is ahead of ours, `None` where it did not tell.
    """

    name: str
    url: str
    release: str
    version: str
    build: str
    user_id: int
    username: str
    functions: frozenset[str]
    is_admin: bool
    clock_difference: float | None = None

    @property
    def branch(self) -> tuple[int, int]:
        """Major and minor version, for example `(5, 1)`; `(0, 0)` where the release is unreadable."""
        found = re.match(r"(\d+)\.(\d+)", self.release)
        return (int(found[1]), int(found[2])) if found else (0, 0)


def site_of(value: Any, clock_difference: float | None) -> Site:
    """The site in an answer of `core_webservice_get_site_info`.

    Raises:
        NotMoodle: the answer has another shape.
    """
    row = record(value, GET_SITE_INFO)
    release = text(row, "release")
    build = re.search(r"Build: *(\d{8})", release)
    return Site(
        name=text(row, "sitename"),
        url=text(row, "siteurl"),
        release=release,
        version=text(row, "version"),
        build=build[1] if build else "",
        user_id=number(row, "userid", GET_SITE_INFO),
        username=text(row, "username"),
        functions=frozenset(text(item, "name") for item in records(row.get("functions"), GET_SITE_INFO)),
        is_admin=flag(row, "userissiteadmin"),
        clock_difference=clock_difference,
    )
