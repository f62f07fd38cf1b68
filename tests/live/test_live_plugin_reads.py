"""A real Moodle tells the same by the plugin local_matricula as without it."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest
from real_site import ON_A_REAL_SITE, TOKEN, URL

from matricula.moodle import Moodle, MoodleError

pytestmark = ON_A_REAL_SITE

STUDENT, TEACHER = 5, 3
ODD = "Ç & Ö „x“ 0"


class Both(NamedTuple):
    """One site by a client that uses the plugin and by one that does not, and what was made on it."""

    by_plugin: Moodle
    plain: Moodle
    users: list[int]
    courses: list[int]
    groups: list[int]
    grouping: int
    cohort: int
    mark: str


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    mark = f"p{int(time.time() * 1000) % 10**10}"
    with Moodle(URL, TOKEN, timeout=900) as by_plugin, Moodle(URL, TOKEN, timeout=900, plugins=False) as plain:
        if not by_plugin.plugin.there:
            pytest.skip("this Moodle has no plugin local_matricula in the token's service")
        category = plain.categories.create([{"name": f"{mark} {ODD}", "description": "<b>A</b> & B"}])[0].id
        below = plain.categories.create([{"name": f"{mark} below", "parent": category, "idnumber": mark}])[0].id
        try:
            yield _school(by_plugin, plain, mark, below)
        finally:
            with suppress(MoodleError):
                plain.users.delete([user.id for user in plain.users.search({"username": f"{mark}%"})])
            with suppress(MoodleError):
                plain.cohorts.delete([cohort.id for cohort in plain.cohorts.all() if cohort.idnumber == mark])
            plain.categories.delete([category])


def _school(by_plugin: Moodle, plain: Moodle, mark: str, category: int) -> Both:
    users = _users(plain, mark)
    topics = {"summary": "<p>A &amp; B</p>", "startdate": 86400 * 20000, "numsections": 3}
    made = plain.courses.create(
        [
            {"fullname": f"{mark} one & two", "shortname": f"{mark}-1", "categoryid": category, **topics},
            {"fullname": f"{mark} weeks", "shortname": f"{mark}-2", "categoryid": category, "format": "weeks"},
            {"fullname": f"{mark} empty", "shortname": f"{mark}-3", "categoryid": category, "visible": False},
        ]
    )
    courses = [course.id for course in made]
    now = int(time.time())
    dates = [{}, {"suspend": True}, {"timestart": now + 9000}, {"timeend": now - 9000}, {"timeend": now + 9000}]
    plain.enrolments.enrol(
        [
            {"courseid": course, "userid": user, "roleid": STUDENT, **date}
            for course in courses[:2]
            for user, date in zip(users, dates, strict=False)
        ]
    )
    plain.enrolments.enrol([{"courseid": courses[0], "userid": users[0], "roleid": TEACHER}])
    row = {"courseid": courses[0], "roleid": TEACHER, "method": "matricula", "timeend": 0}
    outcomes = by_plugin.plugin.enrol(
        [
            {**row, "userid": users[1], "suspended": False, "timestart": 0},
            {**row, "userid": users[5], "suspended": True, "timestart": now - 500},
        ]
    )
    assert all(outcome.done for outcome in outcomes), outcomes
    groups = plain.groups.create(
        [{"courseid": courses[0], "name": f"{ODD} {number}", "description": "<i>x</i>"} for number in range(2)]
    )
    plain.groups.add_members([{"groupid": groups[0].id, "userid": user} for user in users[:3]])
    grouping = plain.groups.create_groupings(
        [{"courseid": courses[0], "name": "R", "idnumber": "R", "description": "r & s"}]
    )[0]
    plain.groups.assign([{"groupingid": grouping.id, "groupid": group.id} for group in groups])
    cohort = plain.cohorts.create(
        [{"categorytype": {"type": "system", "value": ""}, "name": ODD, "idnumber": mark, "description": "<u>c</u>"}]
    )[0]
    plain.cohorts.add_members([(cohort.id, user) for user in users[2:]])
    return Both(by_plugin, plain, users, courses, [group.id for group in groups], grouping.id, cohort.id, mark)


def _users(plain: Moodle, mark: str) -> list[int]:
    more = [
        {"idnumber": f"{mark}-shared", "interests": "chess, tea", "phone1": "0", "phone2": "+49 1"},
        {"idnumber": f"{mark}-shared", "institution": "0", "department": ODD, "address": "Straße 1", "city": "Köln"},
        {"description": "<p>A &amp; B</p>", "country": "DE", "timezone": "Europe/Berlin", "mailformat": 0},
        {"middlename": "M", "alternatename": "Z"},
        {},
        {},
    ]
    made = plain.users.create(
        [
            {
                "username": f"{mark}.{number}",
                "firstname": "Zoë  & Co",
                "lastname": f"O'Neil {number}",
                "email": f"{mark}.{number}@school.example",
                "password": "Pass.12345!",
                **each,
            }
            for number, each in enumerate(more)
        ]
    )
    users = [user.id for user in made]
    assert plain.users.update([{"id": users[4], "suspended": True}]) == []
    return users


def by_id(rows):
    return sorted(rows, key=lambda row: row.id)


def still(users):
    """Accounts without what changes by itself while a test runs."""
    return by_id(user for user in users if user.username != "admin")


@pytest.mark.timeout(1800)  # Moodle itself needs minutes for some thousands of accounts
def test_all_accounts(both):
    assert still(both.by_plugin.users.all()) == still(both.plain.users.all())


def test_accounts_of_a_name(both):
    ours = [user for user in both.by_plugin.users.all() if user.username.startswith(both.mark)]
    assert by_id(ours) == by_id(both.plain.users.search({"email": f"{both.mark}%"}))
    assert {user.id for user in ours} >= set(both.users)


def test_accounts_found(both):
    searches = {
        "id": [*both.users, *range(1, 100), 999999],
        "username": ["guest", f"{both.mark}.0", f"{both.mark}.1".upper(), f"{both.mark}.nobody"],
        "idnumber": [f"{both.mark}-shared", "0", "none"],
        "email": [f"{both.mark}.0@school.example", f"{both.mark}.2@SCHOOL.example"],
    }
    for by, values in searches.items():
        assert still(both.by_plugin.users.find(by, values)) == still(both.plain.users.find(by, values)), by


def test_deleted_accounts_are_still_found_by_their_id(both):
    row = {"firstname": "A", "lastname": "B", "password": "Pass.12345!", "email": f"{both.mark}.gone@school.example"}
    key = both.plain.users.create([{"username": f"{both.mark}.gone", **row}])[0].id
    both.plain.users.delete([key])
    found = both.by_plugin.users.find("id", [key])
    assert found == both.plain.users.find("id", [key])
    assert [user.deleted for user in found] == [True]


def test_courses(both):
    assert by_id(both.by_plugin.courses.all()) == by_id(both.plain.courses.all())
    some = [*both.courses, 1, 999999]
    assert by_id(both.by_plugin.courses.by_ids(some)) == by_id(both.plain.courses.by_ids(some))


def test_categories(both):
    assert both.by_plugin.categories.all() == both.plain.categories.all()


def test_enrolments(both):
    told = both.by_plugin.enrolments.of_courses(both.courses)
    assert [row._replace(own=None, methods=()) for row in told] == both.plain.enrolments.of_courses(both.courses)
    own = {row.user_id: row.own.suspended for row in told if row.own}
    assert own == {both.users[1]: False, both.users[5]: True}
    methods = {(row.course_id, row.user_id): row.methods for row in told}
    assert methods[both.courses[0], both.users[1]] == ("manual", "matricula")


def test_groups_groupings_and_cohorts(both):
    for moodle_call in ("of_course", "groupings_of_course"):
        for course in both.courses:
            by_plugin, plain = (getattr(moodle.groups, moodle_call)(course) for moodle in both[:2])
            assert by_id(by_plugin) == by_id(plain)
    assert both.by_plugin.groups.members(both.groups) == both.plain.groups.members(both.groups)
    assert both.by_plugin.groups.of_groupings([both.grouping]) == both.plain.groups.of_groupings([both.grouping])
    assert by_id(both.by_plugin.cohorts.all()) == by_id(both.plain.cohorts.all())
    assert both.by_plugin.cohorts.members([both.cohort]) == both.plain.cohorts.members([both.cohort])


@pytest.mark.parametrize("call", ["enrolments.of_courses", "groups.members", "groups.of_course", "cohorts.members"])
def test_what_is_not_there_is_refused_alike(both, call):
    family, name = call.split(".")
    told = []
    for moodle in both[:2]:
        with pytest.raises(MoodleError) as caught:
            getattr(getattr(moodle, family), name)(999999 if name == "of_course" else [999999])
        told.append((type(caught.value), caught.value.errorcode))
    assert told[0] == told[1]
