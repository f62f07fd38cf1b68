"""Grades that a plan would destroy are listed in it, and stored before they go."""

from typing import Any

import pytest
from desk import Desk, change, codes, told
from rosters import people, roster
from undo_desk import last_run, undo

from matricula.sandbox.functions.gradebook import add_activity
from matricula.sandbox.registry import FUNCTIONS
from matricula.store import KeptGrades

UNENROL: dict[str, Any] = {"enrolments": {"gone": "unenrol"}}
GRADES = "gradereport_user_get_grade_items"


@pytest.fixture
def graded(desk: Desk) -> Desk:
    """Six people in a course; the first two have a grade in an essay."""
    desk.run(roster(**people(*({} for _ in range(6))), enrollments=[_row(number) for number in range(1, 7)]), **UNENROL)
    course = desk.course_of().id
    cmid = add_activity(desk.sandbox.state, course, "assign", "Essay", 10, idnumber="E-1")
    for number, points in ((1, 7), (2, 9.5)):
        grade = {"studentid": desk.account(f"user{number}").id, "grade": points}
        desk.moodle.write(
            "core_grades_update_grades",
            {
                "source": "test",
                "courseid": course,
                "component": "mod_assign",
                "activityid": cmid,
                "itemnumber": 0,
                "grades": [grade],
            },
        )
    return desk


def _row(number: int) -> dict[str, Any]:
    return {"sourcedId": f"e{number}", "userSourcedId": f"u{number}"}


def leaving(*numbers: int) -> Any:
    stay = [number for number in range(1, 7) if number not in numbers]
    return roster(**people(*({} for _ in range(6))), enrollments=[_row(number) for number in stay])


def _without(desk: Desk, function: str) -> None:
    """Take a function out of the token's service."""
    state = desk.sandbox.state
    for (service,) in [tuple(row.values()) for row in state.all("SELECT id FROM service")]:
        state.run("UPDATE service SET everything = 0 WHERE id = ?", service)
        for name in set(FUNCTIONS) - {function}:
            state.run("INSERT OR IGNORE INTO service_function (serviceid, name) VALUES (?, ?)", service, name)


def essays(kept: list[KeptGrades]) -> dict[str, list[tuple[str, Any]]]:
    return {
        each.person_key: [(grade["name"], grade["raw"]) for grade in each.grades if grade["kind"] == "mod"]
        for each in kept
    }


def test_a_plan_says_how_many_grades_would_be_lost_and_names_them(graded: Desk) -> None:
    draft = graded.plan(leaving(1, 3))
    assert change(draft, "enrolment", "u1\tc1")["reason"] == "no longer in the roster; 1 grade would be lost"
    assert change(draft, "enrolment", "u3\tc1")["reason"] == "no longer in the roster"
    (kept,) = draft.grades
    assert (kept.person, kept.course, kept.person_key, kept.course_key) == (
        "Ann Lee",
        "English 09 – Ludicrous Lemur",
        "u1",
        "c1",
    )
    grade = next(grade for grade in kept.grades if grade["kind"] == "mod")
    expected = {"name": "Essay", "module": "assign", "idnumber": "E-1", "raw": 7, "maximum": 10, "formatted": "7.00"}
    assert grade.items() >= expected.items()


def test_of_many_who_leave_a_course_the_grades_are_read_in_one_call(graded: Desk) -> None:
    graded.sandbox.faults.clear()
    draft = graded.plan(leaving(1, 2, 3, 4, 5, 6))
    assert essays(list(draft.grades)) == {"u1": [("Essay", 7)], "u2": [("Essay", 9.5)]}
    assert graded.sandbox.faults.seen()["calls"][GRADES] == 1


def test_suspended_people_whom_the_report_leaves_out_are_asked_for_alone(graded: Desk) -> None:
    enrolment = {"roleid": 5, "userid": graded.account("user2").id, "courseid": graded.course_of().id, "suspend": True}
    graded.moodle.enrolments.enrol([enrolment])
    draft = graded.plan(leaving(1, 2, 3, 4, 5, 6))
    assert essays(list(draft.grades)) == {"u1": [("Essay", 7)], "u2": [("Essay", 9.5)]}


def test_a_run_stores_the_grades_as_they_are_just_before_they_go(graded: Desk) -> None:
    draft = graded.plan(leaving(1, 2))
    item = graded.sandbox.state.one("SELECT * FROM grade_items WHERE itemname = 'Essay'")
    graded.sandbox.state.run(
        "UPDATE grade_grades SET finalgrade = 8 WHERE itemid = ? AND userid = ?", item["id"], graded.account("user1").id
    )
    assert graded.apply(draft).left == 0
    run = last_run(graded)
    assert essays(graded.store.grades.find(run=run)) == {"u1": [("Essay", 8)], "u2": [("Essay", 9.5)]}
    assert set(graded.members()) == {"user3", "user4", "user5", "user6"}
    told_of = [finding for finding in undo(graded, run).findings if finding.code == "undo-grades"]
    assert len(told_of) == 2
    assert f"1 kept: matricula kept-grades --run {run}" in told_of[0].message


def test_grades_are_on_disk_before_the_call_goes_out(graded: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    draft = graded.plan(leaving(1, 2))
    monkeypatch.setattr(type(graded.moodle.enrolments), "unenrol", killed)
    with pytest.raises(KilledError):
        graded.apply(draft)
    expected = {"u1": [("Essay", 7)], "u2": [("Essay", 9.5)]}
    assert essays(graded.store.grades.find(run=last_run(graded))) == expected
    assert {"user1", "user2"} <= set(graded.members())
    monkeypatch.undo()
    assert graded.go_on().left == 0
    assert essays(graded.store.grades.find(run=last_run(graded))) == expected
    assert not {"user1", "user2"} & set(graded.members())


def test_nothing_is_destroyed_whose_grades_cannot_be_read(graded: Desk) -> None:
    before = graded.members()
    draft = graded.plan(leaving(1, 2))
    _without(graded, GRADES)
    applied = graded.apply(draft)
    assert applied.states == {"refused": 2}
    assert graded.members() == before
    reasons = graded.store.journal.outcomes(applied.run)["reason"]
    assert all("could not be read before they are destroyed" in reason and GRADES in reason for reason in reasons)
    again = graded.plan(leaving(1, 2))
    assert codes(again) == ["grades-unreadable"] * 2


def test_a_course_that_is_deleted_leaves_the_grades_of_everybody(graded: Desk) -> None:
    everybody = people(*({} for _ in range(6)))
    draft = graded.plan(roster(**everybody, classes=[], enrollments=[]), courses={"gone": "delete"})
    assert change(draft, "course")["reason"] == "no longer in the roster; 2 grades of 2 people would be lost"
    assert graded.apply(draft).left == 0
    assert essays(graded.store.grades.find(run=last_run(graded))) == {"u1": [("Essay", 7)], "u2": [("Essay", 9.5)]}
    assert ("course", "delete", "c1") in told(draft)
