"""What becomes of enrolments on a real Moodle, which afterwards is as it was."""

import pytest
from corridor import Corridor
from real_site import ON_A_REAL_SITE
from small_school import SmallSchool
from test_main_job import seen

pytestmark = ON_A_REAL_SITE

PROFILE = "kind: profile\nname: default\nsource: school\nsite: moodle\nenrolments: {{{}}}\n"


def rules(corridor: Corridor, text: str) -> None:
    corridor.home.load(PROFILE.format(text), "test", corridor.folder)


def carry_out(corridor: Corridor, *only: str) -> dict[str, dict[str, int]]:
    """Plan and apply; the counts of the plan."""
    planned = corridor.hub.plan("default", only=only)
    assert corridor.hub.apply(planned.number, planned.words).left == 0
    counts: dict[str, dict[str, int]] = planned.record.summary["counts"]
    return counts


def group_of(corridor: Corridor, mark: str) -> int:
    """Put the third pupil into a group by hand."""
    ledger = corridor.hub.store.ledger
    course, user = (
        dict(ledger.frame("default", kind).select("key", "moodle_id").iter_rows())[f"{mark}-{key}"]
        for kind, key in (("course", "cl3"), ("user", "s3"))
    )
    with corridor.moodle() as moodle:
        (group,) = moodle.groups.create([{"courseid": course, "name": "By hand", "description": ""}])
        moodle.groups.add_members([{"groupid": group.id, "userid": user}])
    return group.id


def members(corridor: Corridor, group: int) -> int:
    with corridor.moodle() as moodle:
        return len(moodle.groups.members([group])[group])


@pytest.mark.parametrize(
    ("gone", "action", "left", "in_group"),
    [
        ("suspend", "suspend", (("student",), True), 1),
        ("suspend-without-roles", "suspend", ((), True), 1),
        ("unenrol", "unenrol", None, 0),
    ],
)
def test_who_leaves_a_class_and_returns(corridor, mark, gone, action, left, in_group) -> None:
    rules(corridor, f"gone: {gone}")
    school, pair = SmallSchool(mark), (f"{mark}-s3", f"{mark}-cl3")
    school.write(corridor.folder)
    carry_out(corridor)
    group = group_of(corridor, mark)
    school.without(3).write(corridor.folder)
    assert carry_out(corridor)["enrolment"] == {action: 1}
    assert seen(corridor).get(pair) == left
    assert members(corridor, group) == in_group
    assert corridor.plan().changes.height == 0
    school.write(corridor.folder)
    assert carry_out(corridor)["enrolment"] == {"create" if left is None else "revive": 1}
    assert seen(corridor)[pair] == (("student",), False)
    assert corridor.plan().changes.height == 0


def test_roles_by_id_and_days_that_lie_ahead(corridor, mark) -> None:
    rules(corridor, 'roles: {student: 5, teacher: 3}, start: {value: "2098-01-01", not_for: [teacher]}')
    school = SmallSchool(mark)
    school.write(corridor.folder)
    carry_out(corridor)
    assert seen(corridor)[f"{mark}-s3", f"{mark}-cl3"] == (("student",), True)
    assert seen(corridor)[f"{mark}-t0", f"{mark}-cl3"] == (("editingteacher",), False)
    assert corridor.hub.plan("default", full=True).changes.height == 0
    rules(corridor, 'roles: {student: 5, teacher: 4}, start: "2020-01-01"')
    assert carry_out(corridor)["enrolment"] == {"update": 16}
    assert seen(corridor)[f"{mark}-s3", f"{mark}-cl3"] == (("student",), False)
    assert seen(corridor)[f"{mark}-t0", f"{mark}-cl3"] == (("teacher",), False)


def test_a_run_for_one_person(corridor, mark) -> None:
    school = SmallSchool(mark)
    school.write(corridor.folder)
    assert carry_out(corridor, f"{mark}.pupil3") == {
        "category": {"create": 2},
        "user": {"create": 1},
        "course": {"create": 1},
        "enrolment": {"create": 1},
    }
    assert seen(corridor) == {(f"{mark}-s3", f"{mark}-cl3"): (("student",), False)}
    assert carry_out(corridor)["user"] == {"create": 14}
