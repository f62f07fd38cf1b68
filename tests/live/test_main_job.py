"""The main job on a real Moodle, which afterwards is as it was.

    MATRICULA_LIVE_URL=https://moodle.example MATRICULA_LIVE_TOKEN=… ./dev live

The token's service needs the functions that `matricula check --functions` prints, and to clean up behind the trial
`core_user_delete_users`, `core_course_delete_courses` and `core_course_delete_categories`.
"""

from corridor import Corridor
from real_site import ON_A_REAL_SITE
from small_school import SmallSchool

from matricula.planning.functions import FUNCTIONS

pytestmark = ON_A_REAL_SITE


def states(corridor: Corridor, run: int) -> dict[str, int]:
    return dict(corridor.hub.store.journal.outcomes(run)["state"].value_counts().iter_rows())


def seen(corridor: Corridor) -> dict[tuple[str, str], tuple[tuple[str, ...], bool]]:
    """Who is in which class of the trial: roles and whether suspended."""
    ledger = corridor.hub.store.ledger
    courses = {number: key for key, number in ledger.frame("default", "course").select("key", "moodle_id").iter_rows()}
    users = {number: key for key, number in ledger.frame("default", "user").select("key", "moodle_id").iter_rows()}
    with corridor.moodle() as moodle:
        return {
            (users[row.user_id], courses[row.course_id]): (tuple(role.shortname for role in row.roles), row.suspended)
            for row in moodle.enrolments.of_courses(courses)
        }


def test_preflight_finds_nothing_in_the_way(corridor: Corridor) -> None:
    failed = [check for check in corridor.hub.check("moodle") if check.state == "fail"]
    assert failed == []
    with corridor.moodle() as moodle:
        assert set(FUNCTIONS) <= moodle.site().functions


def test_a_school_comes_in_and_its_second_day(corridor: Corridor, mark: str) -> None:
    school = SmallSchool(mark)
    school.write(corridor.folder)
    planned = corridor.plan()
    assert planned.record.summary["counts"] == {
        "category": {"create": 2},
        "user": {"create": 15},
        "course": {"create": 4},
        "enrolment": {"create": 16},
    }
    assert corridor.hub.apply(planned.number).states == {"done": 37}
    assert corridor.plan().changes.height == 0
    assert seen(corridor)[f"{mark}-s1", f"{mark}-cl1"] == (("student",), False)
    assert seen(corridor)[f"{mark}-t0", f"{mark}-cl3"] == (("editingteacher",), False)

    school.without(3).renamed(5, "Müller").write(corridor.folder)
    planned = corridor.plan()
    told = planned.changes.select("kind", "action", "key").rows()
    assert sorted(told) == sorted(
        [
            ("user", "update", f"{mark}-s5"),
            ("user", "suspend", f"{mark}-s3"),
            ("enrolment", "suspend", f"{mark}-s3\t{mark}-cl3"),
        ]
    )
    assert corridor.hub.apply(planned.number).left == 0
    assert corridor.plan().changes.height == 0
    assert seen(corridor)[f"{mark}-s3", f"{mark}-cl3"] == (("student",), True)

    school.write(corridor.folder)
    planned = corridor.plan()
    assert planned.record.summary["counts"] == {"user": {"update": 1, "revive": 1}, "enrolment": {"revive": 1}}
    corridor.hub.apply(planned.number)
    assert seen(corridor)[f"{mark}-s3", f"{mark}-cl3"] == (("student",), False)
    assert corridor.plan().changes.height == 0


def test_one_refused_row_costs_one_row(corridor: Corridor, mark: str) -> None:
    school = SmallSchool(mark)
    school.write(corridor.folder)
    planned = corridor.plan()
    with corridor.moodle() as moodle:
        early = moodle.users.create(
            [
                {
                    "username": f"{mark}.early",
                    "firstname": "Early",
                    "lastname": "Bird",
                    "email": school.email(4),
                    "password": "Pass.12345-x",
                }
            ]
        )
    try:
        applied = corridor.hub.apply(planned.number)
        assert states(corridor, applied.run) == {"done": 35, "refused": 1, "skipped": 1}
        reasons = [problem.reason for problem in corridor.hub.store.problems.all("default")]
        assert any(f"{mark}.early" in reason for reason in reasons)
        again = corridor.plan()
        assert again.changes.height == 0
        assert {finding.code for finding in again.findings if finding.severity == "error"} == {"email-taken"}
    finally:
        with corridor.moodle() as moodle:
            moodle.users.delete([row.id for row in early])


def test_a_teachers_edit_stands_and_a_moved_ground_is_named(corridor: Corridor, mark: str) -> None:
    school = SmallSchool(mark)
    school.write(corridor.folder)
    corridor.hub.apply(corridor.plan().number)
    ledger = corridor.hub.store.ledger
    course = ledger.get("default", "course", f"{mark}-cl0").moodle_id
    pupil = ledger.get("default", "user", f"{mark}-s2").moodle_id
    with corridor.moodle() as moodle:
        moodle.courses.update([{"id": course, "fullname": "A better name & more"}])
    assert corridor.plan().changes.height == 0
    school.renamed(2, "Newname").write(corridor.folder)
    planned = corridor.plan()
    with corridor.moodle() as moodle:
        moodle.users.update([{"id": pupil, "lastname": "Handmade"}])
    applied = corridor.hub.apply(planned.number)
    assert states(corridor, applied.run) == {"stale": 1}
    with corridor.moodle() as moodle:
        assert moodle.users.find("id", [pupil])[0].lastname == "Handmade"


def test_records_deleted_by_hand_are_made_again_once(corridor: Corridor, mark: str) -> None:
    school = SmallSchool(mark)
    school.write(corridor.folder)
    corridor.hub.apply(corridor.plan().number)
    ledger = corridor.hub.store.ledger
    pupil = ledger.get("default", "user", f"{mark}-s2").moodle_id
    course = ledger.get("default", "course", f"{mark}-cl0").moodle_id
    with corridor.moodle() as moodle:
        moodle.users.delete([pupil])
        moodle.courses.delete([course])
    planned = corridor.hub.plan("default", full=True)
    assert set(planned.changes["action"]) == {"create"}
    assert planned.record.summary["counts"]["user"] == {"create": 1}
    assert planned.record.summary["counts"]["course"] == {"create": 1}
    assert corridor.hub.apply(planned.number).left == 0
    assert corridor.hub.plan("default", full=True).changes.height == 0
    assert seen(corridor)[f"{mark}-s2", f"{mark}-cl2"] == (("student",), False)
    assert seen(corridor)[f"{mark}-s0", f"{mark}-cl0"] == (("student",), False)
