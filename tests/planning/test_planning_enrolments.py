"""Who is in which course as what."""

import datetime as dt

import pytest
from desk import Desk, change, codes, told
from rosters import EVERYTHING, people, roster

NONE = {"enrollments": []}


def test_a_student_is_enrolled(desk: Desk):
    desk.run()
    assert desk.members() == {"ann": (("student",), False)}


def test_changes_of_enrolments_name_person_and_course(desk: Desk):
    def names(draft):
        found = change(draft, "enrolment")
        return found["name"], found["person"], found["course"]

    whole = ("Ann Lee in English 09 – Ludicrous Lemur", "Ann Lee", "English 09 – Ludicrous Lemur")
    assert names(desk.run()) == whole
    assert names(desk.run(roster(enrollments=[{"role": "teacher"}]))) == whole
    assert names(desk.run(roster(**NONE))) == whole


def enrolled_by_hand(desk: Desk, role: int = 5, **fields):
    course, user = desk.course(idnumber="c1"), desk.user()
    desk.moodle.enrolments.enrol([{"roleid": role, "userid": user, "courseid": course} | fields])


@pytest.mark.parametrize(("fields", "found"), [({}, []), ({"suspend": True}, ["enrolment-left-alone"])])
def test_an_enrolment_that_was_there_is_left_as_it_is(desk: Desk, fields, found):
    enrolled_by_hand(desk, **fields)
    before = desk.members()
    draft = desk.run()
    assert told(draft, "enrolment") == [("match", "u1\tc1")]
    assert codes(draft) == found
    assert desk.members() == before
    assert told(desk.plan(roster(**NONE)), "enrolment") == []
    assert told(desk.plan(roster(enrollments=[{"role": "teacher"}])), "enrolment") == []


def test_an_enrolment_that_was_there_in_another_role_is_left_and_told(desk: Desk):
    enrolled_by_hand(desk, role=4)
    draft = desk.run()
    assert codes(draft) == ["enrolment-left-alone"]
    assert "as teacher where the roster says student" in draft.findings[0].message
    assert desk.members() == {"ann": (("teacher",), False)}


def test_a_new_role_takes_the_place_of_the_old(desk: Desk):
    desk.run()
    found = change(desk.run(roster(enrollments=[{"role": "teacher"}])), "enrolment")
    assert (found["action"], found["before"], found["after"]) == (
        "update",
        {"role": "student"},
        {"role": "editingteacher"},
    )
    assert desk.members() == {"ann": (("editingteacher",), False)}


def test_a_role_added_by_hand_stays(desk: Desk):
    desk.run()
    number, course = desk.account().id, desk.course_of().id
    desk.moodle.enrolments.enrol([{"roleid": 4, "userid": number, "courseid": course}])
    assert told(desk.plan()) == []
    desk.run(roster(enrollments=[{"role": "teacher"}]))
    assert desk.members() == {"ann": (("editingteacher", "teacher"), False)}


def test_who_left_a_class_is_suspended_and_returns(desk: Desk):
    desk.run()
    found = change(desk.run(roster(**NONE)), "enrolment")
    assert (found["action"], found["removes"]) == ("suspend", True)
    assert desk.members() == {"ann": (("student",), True)}
    assert told(desk.plan(roster(**NONE))) == []
    assert told(desk.run(), "enrolment") == [("revive", "u1\tc1")]
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan()) == []


def stripped(desk: Desk) -> None:
    desk.run(enrolments={"gone": "suspend-without-roles"})
    draft = desk.run(roster(**NONE))
    found = change(draft, "enrolment")
    assert (found["action"], found["removes"]) == ("suspend", True)
    assert found["after"] == {"suspended": True, "role": ""}
    assert desk.members() == {"ann": ((), True)}
    assert told(desk.plan(roster(**NONE))) == []


def test_who_left_loses_the_role_where_the_profile_says_so_and_returns_with_it(desk: Desk):
    stripped(desk)
    assert told(desk.run(), "enrolment") == [("revive", "u1\tc1")]
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan()) == []


def test_a_role_given_by_hand_stays_when_ours_is_taken_away(desk: Desk):
    desk.run(enrolments={"gone": "suspend-without-roles"})
    desk.moodle.enrolments.enrol([{"roleid": 4, "userid": desk.account().id, "courseid": desk.course_of().id}])
    desk.run(roster(**NONE))
    assert desk.members() == {"ann": (("teacher",), True)}


def test_a_role_taken_away_by_hand_is_not_given_by_suspending(desk: Desk):
    desk.run(enrolments={"gone": "suspend-without-roles"})
    place = {"contextlevel": "course", "instanceid": desk.course_of().id}
    desk.moodle.roles.unassign([{"roleid": 5, "userid": desk.account().id, **place}])
    desk.run(roster(**NONE))
    assert desk.members() == {"ann": ((), True)}


def test_a_run_cut_off_before_the_role_was_taken_away_goes_on(desk: Desk):
    desk.run(enrolments={"gone": "suspend-without-roles"})
    draft = desk.plan(roster(**NONE))
    pair = {"roleid": 5, "userid": desk.account().id, "courseid": desk.course_of().id}
    desk.moodle.enrolments.enrol([pair | {"suspend": True}])
    assert desk.apply(draft).left == 0
    assert desk.members() == {"ann": ((), True)}


def ended(desk: Desk) -> None:
    desk.run(enrolments={"gone": "unenrol"})
    found = change(desk.run(roster(**NONE)), "enrolment")
    assert (found["action"], found["removes"], found["after"]) == ("unenrol", True, {"gone": True})
    assert found["before"] == {"role": "student", "suspended": False}
    assert desk.members() == {}
    assert told(desk.plan(roster(**NONE))) == []


def test_who_left_is_unenrolled_where_the_profile_says_so_and_enrolled_anew(desk: Desk):
    ended(desk)
    found = change(desk.run(), "enrolment")
    assert (found["action"], found["reason"]) == ("create", "is in the roster again")
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan()) == []
    assert told(desk.plan(roster(**NONE)), "enrolment") == [("unenrol", "u1\tc1")]


def test_who_was_enrolled_by_hand_after_we_ended_it_is_left_alone(desk: Desk):
    ended(desk)
    pair = {"userid": desk.account().id, "courseid": desk.course_of().id}
    desk.moodle.enrolments.enrol([pair | {"roleid": 4}])
    found = change(desk.run(), "enrolment")
    assert (found["action"], found["origin"], found["after"]) == ("match", "matched", {})
    assert told(desk.plan()) == []
    assert told(desk.plan(roster(**NONE))) == []


def test_whom_somebody_unenrolled_already_is_only_noted(desk: Desk):
    desk.run(enrolments={"gone": "unenrol"})
    desk.moodle.enrolments.unenrol([{"userid": desk.account().id, "courseid": desk.course_of().id}])
    found = change(desk.run(roster(**NONE)), "enrolment")
    assert (found["action"], found["removes"]) == ("note", False)


@pytest.mark.parametrize("gone", ["suspend", "suspend-without-roles", "unenrol"])
def test_an_enrolment_that_was_there_is_never_taken_away(desk: Desk, gone):
    enrolled_by_hand(desk)
    desk.run(enrolments={"gone": gone})
    before = desk.members()
    desk.run(roster(**NONE))
    assert desk.members() == before == {"ann": (("student",), False)}


def test_enrolments_of_a_course_that_is_deleted_go_with_it_and_come_again(desk: Desk):
    desk.run(enrolments={"gone": "unenrol"}, courses={"gone": "delete"})
    nothing = roster(classes=[], **NONE)
    assert ("note", "u1\tc1") in told(desk.run(nothing), "enrolment")
    assert told(desk.plan(nothing)) == []
    assert told(desk.run(), "enrolment") == [("create", "u1\tc1")]
    assert desk.members() == {"ann": (("student",), False)}


def test_a_role_by_id_is_given_and_known_again(desk: Desk):
    desk.run(enrolments={"roles": {"student": 5}})
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan()) == []
    found = change(desk.run(enrolments={"roles": {"student": "student"}}), "enrolment")
    assert (found["action"], found["after"]) == ("note", {})
    assert desk.members() == {"ann": (("student",), False)}


def test_an_enrolment_that_was_there_in_a_role_the_profile_gives_by_id_is_nothing_to_tell(desk: Desk):
    enrolled_by_hand(desk)
    assert codes(desk.run(enrolments={"roles": {"student": 5}})) == []


@pytest.mark.parametrize(("gone", "kept"), [("keep", 1), ("suspend", 1), ("suspend-without-roles", 1), ("unenrol", 0)])
def test_grades_stay_unless_the_enrolment_ends(desk: Desk, gone, kept):
    desk.run(enrolments={"gone": gone})
    state, course, user = desk.sandbox.state, desk.course_of().id, desk.account().id
    item = state.insert("grade_items", courseid=course, itemtype="manual", itemname="Participation")
    state.insert("grade_grades", itemid=item, userid=user, finalgrade=77)
    desk.run(roster(**NONE))
    desk.run()
    assert len(state.all("SELECT finalgrade FROM grade_grades WHERE userid = ? AND finalgrade = 77", user)) == kept
    assert desk.members() == {"ann": (("student",), False)}


# The first day that is taken

EARLY = roster(enrollments=[{"beginDate": dt.date(2026, 8, 31)}])
SINCE = {"since": dt.date(2026, 9, 1)}


def test_enrolments_before_the_first_day_taken_are_not_made(desk: Desk):
    assert told(desk.run(EARLY, enrolments=SINCE), "enrolment") == []
    assert told(desk.plan(EARLY)) == []
    assert told(desk.plan(roster(enrollments=[{"beginDate": dt.date(2026, 9, 1)}])), "enrolment") == [
        ("create", "u1\tc1")
    ]


def test_enrolments_before_the_first_day_taken_that_are_there_are_neither_removed_nor_ignored(desk: Desk):
    desk.run(EARLY)
    assert told(desk.plan(EARLY, enrolments=SINCE)) == []
    later = roster(enrollments=[{"beginDate": dt.date(2026, 8, 31), "role": "teacher"}])
    assert told(desk.run(later), "enrolment") == [("update", "u1\tc1")]
    assert told(desk.run(roster(**NONE)), "enrolment") == [("suspend", "u1\tc1")]
    assert told(desk.run(EARLY), "enrolment") == [("revive", "u1\tc1")]


def test_an_early_enrolment_that_we_ended_is_made_anew(desk: Desk):
    desk.run(EARLY, enrolments={"gone": "unenrol"})
    desk.run(roster(**NONE), enrolments={"gone": "unenrol", **SINCE})
    assert told(desk.run(EARLY), "enrolment") == [("create", "u1\tc1")]


def test_who_left_is_kept_where_the_profile_says_so(desk: Desk):
    desk.run(enrolments={"gone": "keep"})
    assert told(desk.plan(roster(**NONE))) == []


def test_who_was_suspended_by_hand_stays_so_and_leaving_is_only_noted(desk: Desk):
    desk.run()
    pair = {"roleid": 5, "userid": desk.account().id, "courseid": desk.course_of().id}
    desk.moodle.enrolments.enrol([pair | {"suspend": True}])
    assert told(desk.plan()) == []
    found = change(desk.run(roster(**NONE)), "enrolment")
    assert (found["action"], found["removes"]) == ("note", False)


DAYS = {"start": "{enrolment.beginDate}", "end": "{enrolment.endDate}"}


def test_dates_are_written_and_moved(desk: Desk):
    def stay(day):
        return roster(enrollments=[{"beginDate": dt.date(2026, 9, 1), "endDate": dt.date(2027, 7, day)}])

    def seen():
        return desk.sandbox.state.all("SELECT timestart, timeend FROM user_enrolments")

    desk.run(stay(1), enrolments=DAYS, timezone="Europe/Berlin")
    berlin = dt.timezone(dt.timedelta(hours=2))
    begin = int(dt.datetime(2026, 9, 1, tzinfo=berlin).timestamp())
    assert seen() == [{"timestart": begin, "timeend": int(dt.datetime(2027, 7, 2, tzinfo=berlin).timestamp())}]
    desk.run(stay(8))
    assert seen() == [{"timestart": begin, "timeend": int(dt.datetime(2027, 7, 9, tzinfo=berlin).timestamp())}]
    assert told(desk.plan(stay(8))) == []
    desk.run(roster(**NONE))
    assert seen() == [{"timestart": begin, "timeend": int(dt.datetime(2027, 7, 9, tzinfo=berlin).timestamp())}]


def test_people_with_unclear_accounts_are_not_enrolled_and_the_others_are(desk: Desk):
    made = people({"username": "same"}, {"username": "same"}, {})
    places = [{"sourcedId": f"e{n}", "userSourcedId": f"u{n}"} for n in (1, 2, 3)]
    assert told(desk.plan(roster(**made, enrollments=places)), "enrolment") == [("create", "u3\tc1")]


# Absence is not an order


@pytest.mark.parametrize(
    ("missing", "removed"),
    [
        (set(), {"user", "course", "enrolment"}),
        ({"users"}, {"course"}),
        ({"roles"}, {"course"}),
        ({"classes"}, {"user"}),
        ({"enrollments"}, {"user", "course"}),
        ({"orgs"}, {"user", "course", "enrolment"}),
    ],
)
def test_removal_happens_only_inside_what_was_delivered_completely(desk: Desk, missing, removed):
    desk.run()
    nothing = {name: [] for name in EVERYTHING}
    draft = desk.plan(roster(complete=EVERYTHING - missing, **nothing))
    assert {kind for kind, _, _ in told(draft)} == removed


@pytest.mark.parametrize(
    "unreadable", [{"users": frozenset({"u1"})}, {"users": frozenset({"u1", "u2"}), "classes": frozenset({"c1"})}]
)
def test_what_could_not_be_read_is_not_absent(desk: Desk, unreadable):
    desk.run()
    draft = desk.plan(roster(users=[], roles=[], enrollments=[], unreadable=unreadable))
    assert told(draft) == []


def test_a_class_that_could_not_be_read_keeps_its_members(desk: Desk):
    desk.run()
    assert told(desk.plan(roster(classes=[], enrollments=[], unreadable={"classes": frozenset({"c1"})}))) == []


@pytest.mark.parametrize("pair", [("u1", "c1"), ("u1", ""), ("", "c1")])
def test_a_place_whose_row_could_not_be_read_is_not_absent(desk: Desk, pair):
    desk.run()
    assert told(desk.plan(roster(**NONE, pairs=[pair]))) == []


@pytest.mark.parametrize("pair", [("u1", "c2"), ("u2", ""), ("", "c2")])
def test_other_rows_that_could_not_be_read_keep_nobody(desk: Desk, pair):
    desk.run()
    assert told(desk.plan(roster(**NONE, pairs=[pair])), "enrolment") == [("suspend", "u1\tc1")]


def test_a_person_whom_the_rules_refuse_today_keeps_account_and_places(desk: Desk):
    desk.run()
    assert told(desk.plan(roster(users=[{"username": "ann lee"}]))) == []


def test_a_person_who_left_is_suspended_and_returns(desk: Desk):
    desk.run()
    draft = desk.run(roster(users=[], roles=[], **NONE))
    assert sorted(told(draft)) == [("enrolment", "suspend", "u1\tc1"), ("user", "suspend", "u1")]
    assert desk.account().suspended
    assert told(desk.plan(roster(users=[], roles=[], **NONE))) == []
    assert sorted(told(desk.run())) == [("enrolment", "revive", "u1\tc1"), ("user", "revive", "u1")]
    assert not desk.account().suspended
    assert told(desk.plan()) == []


def test_accounts_are_kept_where_the_profile_says_so(desk: Desk):
    desk.run(users={"student": {"deactivate": False}})
    assert told(desk.plan(roster(users=[], roles=[], **NONE)), "user") == []


def test_a_disabled_person_who_leaves_is_only_noted_and_comes_back_active(desk: Desk):
    desk.run()
    desk.run(roster(users=[{"enabledUser": False}]))
    draft = desk.run(roster(users=[], roles=[], **NONE))
    assert ("note", "u1") in told(draft, "user")
    assert ("revive", "u1") in told(desk.run(), "user")
    assert not desk.account().suspended


def test_without_update_leavers_are_suspended_and_return_all_the_same(desk: Desk):
    desk.run(users={"student": {"update": False}})
    desk.run(roster(users=[], roles=[], **NONE))
    assert desk.account().suspended
    desk.run()
    assert not desk.account().suspended


def test_an_account_deleted_in_moodle_is_made_again_with_its_places(desk: Desk):
    desk.run()
    desk.moodle.users.delete([desk.account().id])
    draft = desk.run(roster(users=[{"givenName": "Anna"}]))
    assert sorted(told(draft)) == [("enrolment", "create", "u1\tc1"), ("user", "create", "u1")]
    assert "removed in Moodle" in change(draft, "user")["reason"]
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan(roster(users=[{"givenName": "Anna"}]))) == []
