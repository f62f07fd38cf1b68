"""A run is taken back field by field where nobody has changed anything since."""

import datetime as dt
from typing import Any

from desk import Desk, change, codes, told
from rosters import people, roster
from undo_desk import brought_back, last_run, picture, undo, undone


def test_a_first_load_is_taken_back_gently(desk: Desk) -> None:
    before = picture(desk)
    desk.run(groups=[{"name": "{group.title}"}], cohorts=[{"name": "All", "idnumber": "all"}])
    run = last_run(desk)
    draft = undone(desk, run)
    assert {(kind, action) for kind, action, _ in told(draft)} == {
        ("user", "suspend"),
        ("course", "hide"),
        ("enrolment", "suspend"),
        ("group-member", "remove"),
        ("cohort-member", "remove"),
    }
    assert brought_back(before, picture(desk)) == []
    assert set(codes(draft)) == {"undo-stays"}
    assert change(draft, "user")["reason"] == f"undone: run {run} made it"


def test_a_field_that_somebody_changed_since_is_left_and_told(desk: Desk) -> None:
    desk.run()
    desk.run(roster(users=[{"familyName": "Löw", "givenName": "Anna"}]))
    run = last_run(desk)
    desk.moodle.users.update([{"id": desk.account().id, "firstname": "Annie"}])
    draft = undone(desk, run)
    assert change(draft, "user")["after"] == {"lastname": "Lee"}
    (finding,) = draft.findings
    assert (finding.code, finding.severity) == ("undo-edited", "warning")
    assert "firstname was set to “Anna”, is now “Annie”" in finding.message
    assert (desk.account().firstname, desk.account().lastname) == ("Annie", "Lee")


def test_the_ledger_tells_the_truth_so_that_the_next_plan_would_do_it_again(desk: Desk) -> None:
    desk.run()
    second = roster(users=[{"familyName": "Löw"}])
    desk.run(second)
    undone(desk, last_run(desk))
    assert told(desk.plan(second)) == [("user", "update", "u1")]
    assert told(desk.plan(roster())) == []


def test_what_was_made_and_undone_is_revived_by_the_next_plan(desk: Desk) -> None:
    made = desk.run()
    undone(desk, last_run(desk))
    again = desk.run()
    assert {row[:2] for row in told(again)} == {("user", "revive"), ("course", "show"), ("enrolment", "revive")}
    assert not desk.account().suspended
    assert made.changes.height > again.changes.height


def test_undoing_twice_gives_an_empty_plan(desk: Desk) -> None:
    desk.run(groups=[{"name": "{group.title}"}])
    run = last_run(desk)
    undone(desk, run)
    assert told(undo(desk, run)) == []


def test_an_undo_that_takes_much_away_waits_for_a_person(desk: Desk) -> None:
    made = people(*({} for _ in range(12)))
    rows = [{"sourcedId": f"e{number}", "userSourcedId": f"u{number}"} for number in range(1, 13)]
    desk.run(roster(**made, enrollments=rows))
    draft = undo(desk, last_run(desk))
    assert "suspend 12 users" in {hold.words for hold in draft.held}


def test_a_leaver_comes_back_with_what_the_run_set_alone(desk: Desk) -> None:
    both = people({}, {})
    rows = [{"sourcedId": f"e{number}", "userSourcedId": f"u{number}"} for number in (1, 2)]
    desk.run(roster(**both, enrollments=rows))
    before = picture(desk)
    left = roster(**people({}), enrollments=rows[:1])
    desk.run(left)
    assert picture(desk) != before
    run = last_run(desk)
    undone(desk, run)
    assert picture(desk) == before
    assert told(desk.plan(left)) == [("user", "suspend", "u2"), ("enrolment", "suspend", "u2\tc1")]
    undone(desk, last_run(desk))
    assert desk.account("user2").suspended
    assert told(desk.plan(left)) == []


def test_who_was_unenrolled_is_enrolled_again_with_role_and_dates(desk: Desk) -> None:
    dates = {"beginDate": dt.date(2026, 8, 1), "endDate": dt.date(2027, 6, 30)}
    rows = [{"sourcedId": "e1", **dates}]
    gone: dict[str, Any] = {"enrolments": {"gone": "unenrol"}}
    desk.run(roster(enrollments=rows), **gone)
    before = desk.members()
    desk.run(roster(enrollments=[]), **gone)
    assert desk.members() == {}
    draft = undone(desk, last_run(desk))
    assert told(draft) == [("enrolment", "create", "u1\tc1")]
    assert change(draft, "enrolment")["after"].items() >= {"role": "student", "suspended": False}.items()
    assert desk.members() == before
    assert told(desk.plan(roster(enrollments=rows))) == []


def test_dates_of_an_enrolment_come_back_from_what_was_written_before(desk: Desk) -> None:
    days = {"start": "{enrolment.beginDate}", "end": "{enrolment.endDate}"}
    first, later = ({"endDate": dt.date(2027, month, 1), "beginDate": dt.date(2026, 8, 1)} for month in (5, 6))
    old = change(desk.run(roster(enrollments=[first]), enrolments=days), "enrolment")["written"]
    desk.run(roster(enrollments=[later]))
    run = last_run(desk)
    draft = undone(desk, run)
    assert change(draft, "enrolment")["after"] == {"timeend": old["timeend"]}
    assert change(draft, "enrolment")["written"] == old
    assert told(undo(desk, run)) == []


def test_a_matched_account_gets_its_own_values_back(desk: Desk) -> None:
    desk.user(lastname="Leigh")
    desk.run()
    assert desk.account().lastname == "Lee"
    draft = undone(desk, last_run(desk))
    assert change(draft, "user")["after"].items() >= {"lastname": "Leigh"}.items()
    assert desk.account().lastname == "Leigh"
    assert not desk.account().suspended


def test_an_archived_course_goes_back_to_a_category_of_somebody_else(desk: Desk) -> None:
    desk.course(idnumber="c1")
    settings = {"match": "idnumber", "gone": "archive"}
    desk.run(courses=settings)
    assert desk.course_of().category == 1
    desk.run(roster(classes=[], enrollments=[]), courses=settings)
    assert (desk.course_of().category, desk.course_of().visible) != (1, True)
    undone(desk, last_run(desk))
    assert (desk.course_of().category, desk.course_of().visible) == (1, True)


def test_a_deleted_course_is_said_to_be_gone(desk: Desk) -> None:
    gone = {"gone": "delete"}
    desk.run(courses=gone)
    desk.run(roster(classes=[], enrollments=[]), courses=gone)
    draft = undo(desk, last_run(desk))
    assert told(draft) == []
    (finding,) = draft.findings
    assert (finding.code, finding.severity) == ("undo-course-deleted", "error")
    assert "Recycle bin (7 days" in finding.remedy


def test_a_record_that_is_another_one_by_now_is_left(desk: Desk) -> None:
    desk.run()
    run = last_run(desk)
    desk.moodle.users.delete([desk.account().id])
    desk.apply(desk.plan(full=True))
    draft = undo(desk, run)
    assert ("user", "suspend", "u1") not in told(draft)
    assert "undo-elsewhere" in codes(draft)
    assert not desk.account().suspended


def test_a_protected_account_is_left(desk: Desk) -> None:
    desk.run()
    desk.never_touch = ("admin", "guest", "ann")
    draft = undo(desk, last_run(desk))
    assert ("user", "suspend", "u1") not in told(draft)
    assert "undo-protected" in codes(draft)
