"""Groups, cohorts and meta links on the sandbox."""

import pytest

from matricula.moodle import Moodle, Refused
from matricula.sandbox import running

GRADED = 2
ADA, ALAN, GRACE, TEACH = 4, 5, 6, 7
SYSTEM = {"type": "system", "value": ""}


@pytest.fixture(scope="module", params=["4.5", "5.1"])
def started(request):
    with running(fixture="contract", moodle=request.param) as sandbox:
        yield sandbox


@pytest.fixture
def moodle(started):
    started.sandbox.reset()
    with Moodle(started.url, started.tokens["admin"], timeout=10, form_fields=900) as client:
        yield client


def test_groups_and_their_members(moodle):
    first, second = moodle.groups.create(
        [
            {"courseid": GRADED, "name": "7A & B", "description": "", "idnumber": "G-7A"},
            {"courseid": GRADED, "name": "7C", "description": "later"},
        ]
    )
    assert [(one.name, one.idnumber) for one in moodle.groups.of_course(GRADED)] == [("7A & B", "G-7A"), ("7C", "")]
    moodle.groups.add_members([{"groupid": first.id, "userid": user} for user in (ADA, ALAN)])
    moodle.groups.remove_members([{"groupid": first.id, "userid": ALAN}])
    assert moodle.groups.members([first.id, second.id]) == {first.id: {ADA}, second.id: set()}
    moodle.groups.update([{"id": second.id, "name": "7D"}])
    moodle.groups.delete([first.id])
    assert [one.name for one in moodle.groups.of_course(GRADED)] == ["7D"]


def test_only_people_of_the_course_become_members(moodle):
    (group,) = moodle.groups.create([{"courseid": GRADED, "name": "7A", "description": ""}])
    with pytest.raises(Refused):
        moodle.groups.add_members([{"groupid": group.id, "userid": user} for user in (ADA, 2)])
    assert moodle.groups.members([group.id]) == {group.id: set()}


def test_groupings(moodle):
    (group,) = moodle.groups.create([{"courseid": GRADED, "name": "7A", "description": ""}])
    (grouping,) = moodle.groups.create_groupings([{"courseid": GRADED, "name": "Houses", "description": ""}])
    place = {"groupingid": grouping.id, "groupid": group.id}
    moodle.groups.assign([place])
    moodle.groups.unassign([place])
    assert [one.name for one in moodle.groups.groupings_of_course(GRADED)] == ["Houses"]
    moodle.groups.delete_groupings([grouping.id])
    assert moodle.groups.groupings_of_course(GRADED) == []


def test_cohorts_and_their_members(moodle):
    (cohort,) = moodle.cohorts.create([{"categorytype": SYSTEM, "name": "Year 7", "idnumber": "Y7"}])
    warnings = moodle.cohorts.add_members([(cohort.id, ADA), (cohort.id, ALAN), (cohort.id, ADA)])
    assert [warning.code for warning in warnings] == ["3"]
    moodle.cohorts.remove_members([(cohort.id, ALAN)])
    assert moodle.cohorts.members([cohort.id]) == {cohort.id: {ADA}}
    moodle.cohorts.update([{"id": cohort.id, "categorytype": SYSTEM, "name": "Year Seven", "idnumber": "Y7"}])
    assert [one.name for one in moodle.cohorts.by_ids([cohort.id, 999])] == ["Year Seven"]
    moodle.cohorts.delete([cohort.id])
    assert moodle.cohorts.by_ids([cohort.id]) == []


def test_a_meta_link_brings_the_people_of_the_child(moodle):
    (parent,) = moodle.courses.create([{"fullname": "All", "shortname": "ALL", "categoryid": 1}])
    assert moodle.meta.link(parent.id, GRADED)
    assert not moodle.meta.link(parent.id, GRADED)
    assert {seen.user_id for seen in moodle.enrolments.of_courses([parent.id])} >= {ADA, ALAN, TEACH}
    assert moodle.meta.unlink(parent.id, GRADED)
    assert moodle.enrolments.of_courses([parent.id]) == []


def test_a_meta_link_with_a_course_that_is_not_there(moodle):
    with pytest.raises(Refused):
        moodle.meta.link(GRADED, 999999)
