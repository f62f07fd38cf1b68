"""Reading by the plugin local_matricula gives what reading without it gives, whatever a school holds."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from random_school import RandomSchool

from matricula.moodle import Moodle, Refused
from matricula.sandbox import running


class Both(NamedTuple):
    """One site by a client that uses the plugin, and by one that does not."""

    school: RandomSchool
    by_plugin: Moodle
    plain: Moodle


@pytest.fixture(scope="module", params=range(8))
def both(request) -> Iterator[Both]:
    with running("empty", plugins=True) as site:
        school = RandomSchool(site.state, request.param)
        with (
            Moodle(site.url, site.tokens["admin"]) as by_plugin,
            Moodle(site.url, site.tokens["admin"], plugins=False) as plain,
        ):
            assert by_plugin.plugin.there
            assert not plain.plugin.there
            yield Both(school, by_plugin, plain)
            asked = site.faults.seen()
        assert asked["calls"].get("local_matricula_get_snapshot"), "the plugin was not asked at all"


def by_id(rows):
    return sorted(rows, key=lambda row: row.id)


def test_all_accounts(both):
    assert by_id(both.by_plugin.users.all()) == by_id(both.plain.users.all())


@pytest.mark.parametrize(
    ("by", "values"),
    [
        ("id", [1, 2, 999, *range(3, 40)]),
        ("username", ["guest", "user1", "USER2", "user3", "", "jörg", "nobody"]),
        ("idnumber", ["S-1", "s-2", "S-shared", "0", "", "none"]),
        ("email", ["user1@school.example", "USER2@school.example", "root@localhost", " user3@school.example"]),
    ],
)
def test_accounts_found(both, by, values):
    assert by_id(both.by_plugin.users.find(by, values)) == by_id(both.plain.users.find(by, values))


def test_courses(both):
    assert by_id(both.by_plugin.courses.all()) == by_id(both.plain.courses.all())
    some = [*both.school.courses[::2], 1, 999]
    assert by_id(both.by_plugin.courses.by_ids(some)) == by_id(both.plain.courses.by_ids(some))


def test_categories(both):
    assert both.by_plugin.categories.all() == both.plain.categories.all()


def test_enrolments(both):
    courses = both.school.courses[::-1]
    told = both.by_plugin.enrolments.of_courses(courses)
    assert [row._replace(own=None, methods=()) for row in told] == both.plain.enrolments.of_courses(courses)
    assert both.by_plugin.enrolments.of_courses([]) == []


def test_methods_and_own_enrolments(both):
    state = both.school.state
    for seen in both.by_plugin.enrolments.of_courses(both.school.courses):
        rows = state.all(
            "SELECT ue.*, e.enrol FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid"
            " WHERE e.courseid = ? AND ue.userid = ?",
            seen.course_id,
            seen.user_id,
        )
        assert list(seen.methods) == sorted({row["enrol"] for row in rows})
        own = [
            (row["id"], row["status"] == 1, row["timestart"], row["timeend"])
            for row in rows
            if row["enrol"] == "matricula"
        ]
        assert ([] if seen.own is None else [tuple(seen.own)]) == own


def test_groups_and_their_members(both):
    for course in both.school.courses:
        groups = both.by_plugin.groups.of_course(course)
        assert by_id(groups) == by_id(both.plain.groups.of_course(course))
        ids = [group.id for group in groups]
        assert both.by_plugin.groups.members(ids) == both.plain.groups.members(ids)
    of_all = both.by_plugin.groups.of_courses(both.school.courses)
    assert {course: by_id(each) for course, each in of_all.items()} == {
        course: by_id(each) for course, each in both.plain.groups.of_courses(both.school.courses).items()
    }


def test_groupings_and_their_groups(both):
    for course in both.school.courses:
        groupings = both.by_plugin.groups.groupings_of_course(course)
        assert by_id(groupings) == by_id(both.plain.groups.groupings_of_course(course))
        ids = [grouping.id for grouping in groupings]
        assert both.by_plugin.groups.of_groupings(ids) == both.plain.groups.of_groupings(ids)


def test_cohorts_and_their_members(both):
    assert by_id(both.by_plugin.cohorts.all()) == by_id(both.plain.cohorts.all())
    some = [*both.school.cohorts[1:], 999]
    assert by_id(both.by_plugin.cohorts.by_ids(some)) == by_id(both.plain.cohorts.by_ids(some))
    assert both.by_plugin.cohorts.members(both.school.cohorts) == both.plain.cohorts.members(both.school.cohorts)


@pytest.mark.parametrize(
    "ask",
    [
        lambda moodle: moodle.enrolments.of_courses([2, 999]),
        lambda moodle: moodle.groups.of_course(999),
        lambda moodle: moodle.groups.groupings_of_course(999),
        lambda moodle: moodle.groups.members([999]),
        lambda moodle: moodle.groups.of_groupings([999]),
        lambda moodle: moodle.cohorts.members([999]),
    ],
    ids=["enrolments", "groups", "groupings", "members", "of-groupings", "cohort-members"],
)
@pytest.mark.parametrize("both", [0], indirect=True)
def test_what_is_not_there_is_refused_alike(both, ask):
    told = []
    for moodle in (both.by_plugin, both.plain):
        with pytest.raises(Refused) as caught:
            ask(moodle)
        told.append((caught.value.errorcode, caught.value.function))
    assert told[0] == told[1]
