"""Groups, cohorts and meta-links on a real Moodle, which afterwards is as it was.

The token's service needs `core_cohort_delete_cohorts` beside what `matricula check --functions` prints.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from corridor import Corridor
from real_site import ON_A_REAL_SITE, TOKEN, URL, clean_up
from small_school import SmallSchool

pytestmark = ON_A_REAL_SITE

PROFILE = "kind: profile\nname: default\nsource: school\nsite: moodle\n"
HALVES = "{person.familyName|first(1)|lookup(halves)}"
RULES = """
tables: {{halves: {{O: odd, E: even}}}}
groups:
  - {{name: "Group of the {half} & others", idnumber: "{mark}-{half}", grouping: Halves}}
  - {{name: "{{group.title}}", roles: [student]}}
cohorts:
  - {{name: "The {half} & others", idnumber: "{mark}-{half}"}}
meta_links:
  - {{shortname: "{mark} META", fullname: "For ever & ever", classes: {{value: "{{group.code}}", like: "*0A"}}}}
"""


@pytest.fixture
def corridor(tmp_path: Path) -> Iterator[Corridor]:
    with Corridor.open(tmp_path, URL, TOKEN) as corridor:
        try:
            yield corridor
        finally:
            with corridor.moodle() as moodle:
                moodle.cohorts.delete([cohort.id for cohort in moodle.cohorts.by_ids(ids(corridor, "cohort").values())])
            clean_up(corridor)


def ids(corridor: Corridor, kind: str) -> dict[str, int]:
    """Moodle ids of what the ledger knows, by key."""
    return dict(corridor.hub.store.ledger.frame("default", kind).select("key", "moodle_id").drop_nulls().iter_rows())


def school_of(mark: str, *odd: int) -> SmallSchool:
    """Six pupils, of whom some have a family name that begins with an O."""
    names = {number: (f"Pupil{number}", f"{'Oéll' if number in odd else 'Eßer'} & Søn") for number in range(6)}
    return SmallSchool(mark, students=names)


def deliver(corridor: Corridor, school: SmallSchool, rules: str = RULES) -> dict[str, Any]:
    corridor.home.load(PROFILE + rules.format(mark=school.mark, half=HALVES), "test", corridor.folder)
    school.write(corridor.folder)
    planned = corridor.plan()
    applied = corridor.hub.apply(planned.number, planned.words)
    assert applied.left == 0, [problem.reason for problem in corridor.hub.store.problems.all("default")]
    assert corridor.plan().changes.height == 0
    assert corridor.hub.plan("default", full=True).changes.height == 0
    counts: dict[str, Any] = planned.record.summary["counts"]
    return counts


def groups_of(corridor: Corridor, mark: str, klass: int) -> dict[str, int]:
    """Number of members by the name of the group."""
    with corridor.moodle() as moodle:
        there = moodle.groups.of_course(ids(corridor, "course")[f"{mark}-cl{klass}"])
        held = moodle.groups.members([group.id for group in there])
    return {group.name: len(held[group.id]) for group in there}


def cohorts_of(corridor: Corridor, mark: str) -> dict[str, int]:
    with corridor.moodle() as moodle:
        there = [cohort for cohort in moodle.cohorts.all() if cohort.idnumber.startswith(mark)]
        held = moodle.cohorts.members([cohort.id for cohort in there])
    return {cohort.name: len(held[cohort.id]) for cohort in there}


def test_groups_groupings_and_cohorts_come_move_and_go(corridor: Corridor, mark: str) -> None:
    counts = deliver(corridor, school_of(mark, 0, 1))
    assert counts["grouping"] == {"create": 4}
    assert counts["cohort"] == {"create": 2}
    assert counts["cohort-member"] == {"create": 6}
    title = "0A Science & Q"
    assert groups_of(corridor, mark, 0) == {"Group of the odd & others": 1, "Group of the even & others": 1, title: 2}
    assert cohorts_of(corridor, mark) == {"The odd & others": 2, "The even & others": 4}

    counts = deliver(corridor, school_of(mark, 1, 2, 3, 4, 5))
    assert counts["group-member"]["create"] == 5
    assert groups_of(corridor, mark, 0) == {"Group of the odd & others": 1, "Group of the even & others": 1, title: 2}
    assert groups_of(corridor, mark, 2) == {"Group of the odd & others": 1, "2A Science & Q": 1}
    assert cohorts_of(corridor, mark) == {"The odd & others": 5, "The even & others": 1}

    deliver(corridor, school_of(mark, 0, 1), RULES.replace("The {half}", "All {half}").replace("Group of", "Those of"))
    assert set(cohorts_of(corridor, mark)) == {"All odd & others", "All even & others"}
    assert "Those of the odd & others" in groups_of(corridor, mark, 0)

    counts = deliver(corridor, school_of(mark, 0, 1), "")
    assert cohorts_of(corridor, mark) == groups_of(corridor, mark, 0) == {}
    assert set(counts["grouping"]) == set(counts["group"]) == set(counts["cohort"]) == {"delete"}


def test_what_was_made_by_hand_is_left(corridor: Corridor, mark: str) -> None:
    deliver(corridor, school_of(mark, 0, 1), "")
    course, user = ids(corridor, "course")[f"{mark}-cl0"], ids(corridor, "user")[f"{mark}-s0"]
    with corridor.moodle() as moodle:
        (group,) = moodle.groups.create([{"courseid": course, "name": "0a science & q", "description": ""}])
        moodle.groups.add_members([{"groupid": group.id, "userid": user}])
        place: Any = {"type": "system", "value": ""}
        (cohort,) = moodle.cohorts.create([{"categorytype": place, "name": "Mine", "idnumber": f"{mark}-odd"}])
        moodle.cohorts.add_members([(cohort.id, user)])
    try:
        counts = deliver(corridor, school_of(mark, 0, 1))
        assert counts["group"]["match"] == counts["cohort"]["match"] == counts["cohort-member"]["match"] == 1
        deliver(corridor, school_of(mark, 0, 1), "")
        assert groups_of(corridor, mark, 0) == {"0a science & q": 1}
        assert cohorts_of(corridor, mark) == {"Mine": 1}
    finally:
        with corridor.moodle() as moodle:
            moodle.cohorts.delete([cohort.id])


def test_a_long_lived_course_takes_the_enrolments_of_others(corridor: Corridor, mark: str) -> None:
    school = school_of(mark, 0, 1)
    deliver(corridor, school)
    parent = ids(corridor, "course")[f"meta:{mark} META"]
    with corridor.moodle() as moodle:
        there = {enrolment.user_id for enrolment in moodle.enrolments.of_courses([parent])}
        if not there:
            pytest.skip("the enrolment method Course meta link is switched off on this site")
        (course,) = moodle.courses.by_ids([parent])
    users = ids(corridor, "user")
    assert there == {users[f"{mark}-{key}"] for key in ("s0", "s4", "t0")}
    assert course.fullname == "For ever & ever"
    assert deliver(corridor, school, RULES.replace("*0A", "*1A"))["meta-link"] == {"create": 1, "remove": 1}
    with corridor.moodle() as moodle:
        there = {enrolment.user_id for enrolment in moodle.enrolments.of_courses([parent])}
    assert there == {users[f"{mark}-{key}"] for key in ("s1", "s5", "t1")}
