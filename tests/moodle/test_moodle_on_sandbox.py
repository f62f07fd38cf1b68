"""The client against the sandbox: each trap of a real Moodle that the client must keep its callers out of."""

import time
from functools import partial

import pytest

from matricula.moodle import (
    AccessRefused,
    Busy,
    CourseEnrolment,
    CourseRole,
    FunctionMissing,
    InDoubt,
    Moodle,
    Refused,
    RolledBack,
    TokenRefused,
    fit,
    lanes,
)
from matricula.sandbox import Running, Strike, running

STUDENT, TEACHER = CourseRole(5, "student"), CourseRole(3, "editingteacher")
GRADED = 2
ADA, ALAN, GRACE, TEACH = 4, 5, 6, 7
ENROL = "enrol_manual_enrol_users"


@pytest.fixture(scope="module", params=["4.5", "5.1"])
def started(request):
    with running(fixture="contract", moodle=request.param) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Running):
    started.sandbox.reset()
    yield started
    started.faults.clear()


@pytest.fixture
def moodle(sandbox):
    with Moodle(sandbox.url, sandbox.tokens["admin"], timeout=10, form_fields=900) as client:
        yield client


def new_user(name, **more):
    return {
        "username": name,
        "firstname": name,
        "lastname": "Test",
        "email": f"{name}@x.example",
        "password": "Pass.12345",
        **more,
    }


def new_course(name, **more):
    return {"fullname": name, "shortname": name, "categoryid": 1, **more}


def made_users(moodle, count):
    rows = [new_user(f"u{number}") for number in range(count)]
    return [made.id for batch in fit(rows, moodle.form_fields) for made in moodle.users.create(batch)]


def enrolled(moodle, course=GRADED):
    return {seen.user_id for seen in moodle.enrolments.of_courses([course])}


# users


def test_users_are_made_found_changed_and_deleted(moodle):
    house = [{"type": "housename", "value": "North"}]
    (made,) = moodle.users.create([new_user("kim", idnumber="S-1", customfields=house)])
    (kim,) = moodle.users.find("idnumber", ["S-1", "nobody"])
    assert (kim.id, kim.username, kim.email, kim.custom_fields) == (
        made.id,
        "kim",
        "kim@x.example",
        {"housename": "North"},
    )
    assert moodle.users.update([{"id": kim.id, "suspended": True, "lastname": "O'Brien & Söhne"}]) == []
    (kim,) = moodle.users.find("username", ["kim"])
    assert (kim.suspended, kim.lastname, kim.idnumber) == (True, "O'Brien & Söhne", "S-1")
    moodle.users.delete([kim.id])
    assert moodle.users.find("username", ["kim"]) == []


def test_a_deleted_account_is_still_found_by_id_and_known_as_deleted(moodle):
    moodle.users.delete([ADA])
    found = {user.id: user.deleted for user in moodle.users.find("id", [ADA, ALAN])}
    assert found == {ADA: True, ALAN: False}
    assert ADA not in {user.id for user in moodle.users.all()}


def test_upper_case_usernames_do_not_spoil_the_look_up(moodle):
    assert [user.id for user in moodle.users.find("username", ["ada", "ADA", "Alan"])] == [ADA]


def test_an_idnumber_may_be_held_twice(moodle):
    moodle.users.create([new_user("kim", idnumber="P-ada")])
    assert {user.username for user in moodle.users.find("idnumber", ["P-ada"])} == {"ada", "kim"}


def test_everybody_but_the_guest(moodle):
    assert {user.username for user in moodle.users.all()} == {"admin", "wsplain", "ada", "alan", "grace", "teach"}


def test_searching(moodle):
    assert [user.id for user in moodle.users.search({"lastname": "Lovelace", "firstname": "A%"})] == [ADA]
    assert moodle.users.search({"lastname": "Lovelace", "firstname": "Alan"}) == []


def test_one_wrong_row_refuses_the_whole_batch(moodle):
    with pytest.raises(Refused):
        moodle.users.create([new_user("fine"), new_user("ada")])
    assert moodle.users.find("username", ["fine"]) == []


def test_wrong_rows_of_an_update_are_named_and_the_others_done(moodle):
    warnings = moodle.users.update([{"id": ADA, "email": "alan@example.org"}, {"id": ALAN, "firstname": "Al"}])
    assert [(warning.item_id, warning.code) for warning in warnings] == [(ADA, "useremailduplicate")]
    assert moodle.users.find("id", [ALAN])[0].firstname == "Al"


def test_a_value_longer_than_its_column_is_refused_after_a_deadlock_was_ruled_out(moodle, sandbox):
    with pytest.raises(RolledBack, match="longer"):
        moodle.users.create([new_user("long", firstname="x" * 101)])
    assert sandbox.faults.calls["core_user_create_users"] == 4


def test_a_weak_password_is_told_in_words(moodle):
    with pytest.raises(Refused, match="at least 8 characters") as caught:
        moodle.users.create([new_user("weak", password="abc")])
    assert caught.value.errorcode == "passwordpolicy"


def test_a_weak_password_ends_an_update_in_doubt(moodle):
    with pytest.raises(InDoubt):
        moodle.users.update([{"id": ADA, "firstname": "Adah"}, {"id": ALAN, "password": "weak"}])
    assert moodle.users.find("id", [ADA])[0].firstname == "Adah"


# categories and courses


def test_names_come_as_they_were_entered(moodle):
    (category,) = moodle.categories.create([{"name": "Arts & Crafts", "idnumber": "A&C"}])
    moodle.courses.create([new_course("Q&A", categoryid=category.id)])
    assert "Arts & Crafts" in {one.name for one in moodle.categories.all()}
    (course,) = moodle.courses.find("category", category.id)
    assert (course.fullname, course.shortname) == ("Q&A", "Q&A")


def test_categories_are_made_changed_and_deleted(moodle):
    (top,) = moodle.categories.create([{"name": "North", "idnumber": "N"}])
    (below,) = moodle.categories.create([{"name": "2026", "parent": top.id}])
    moodle.categories.update([{"id": below.id, "name": "Year 2026", "idnumber": "N-26"}])
    found = {one.idnumber: one for one in moodle.categories.all()}
    assert (found["N-26"].name, found["N-26"].parent, found["N-26"].path) == (
        "Year 2026",
        top.id,
        f"/{top.id}/{below.id}",
    )
    moodle.categories.delete([below.id], move_to=top.id)
    moodle.categories.delete([top.id])
    assert [one.id for one in moodle.categories.all()] == [1]


def test_courses_are_made_found_changed_and_deleted(moodle):
    row = new_course("MA7", idnumber="C-1", startdate=1788000000, enddate=1799000000, visible=False)
    (made,) = moodle.courses.create([row])
    (course,) = moodle.courses.find("idnumber", "C-1")
    assert (course.id, course.start, course.end, course.visible) == (made.id, 1788000000, 1799000000, False)
    warnings = moodle.courses.update([{"id": made.id, "shortname": "GRADED"}, {"id": GRADED, "fullname": "New"}])
    assert [(warning.item_id, warning.code) for warning in warnings] == [(made.id, "shortnametaken")]
    assert {one.fullname for one in moodle.courses.by_ids([GRADED, made.id])} == {"New", "MA7"}
    assert [warning.item_id for warning in moodle.courses.delete([made.id, 999999])] == [999999]
    assert moodle.courses.find("shortname", "MA7") == []


def test_the_front_page_is_no_course(moodle):
    assert [course.id for course in moodle.courses.all()] == [GRADED]
    assert moodle.courses.find("id", 1) == []
    assert moodle.courses.by_ids([1]) == []


def test_a_missing_course_hides_no_other(moodle):
    assert [course.id for course in moodle.courses.by_ids([999999, GRADED])] == [GRADED]


def test_no_course_is_moved_into_a_category_that_is_not_there(moodle):
    with pytest.raises(Refused, match="no category 999"):
        moodle.courses.update([{"id": GRADED, "categoryid": 999}])
    assert moodle.courses.by_ids([GRADED])[0].category == 1


# enrolments


def test_who_is_in_a_course_with_roles_and_status(moodle):
    assert set(moodle.enrolments.of_courses([GRADED])) == {
        CourseEnrolment(GRADED, ADA, (STUDENT,), suspended=False),
        CourseEnrolment(GRADED, ALAN, (STUDENT,), suspended=False),
        CourseEnrolment(GRADED, GRACE, (STUDENT,), suspended=True),
        CourseEnrolment(GRADED, TEACH, (TEACHER,), suspended=False),
    }


def test_active_and_suspended_ones_are_asked_for_apart(moodle):
    suspended = moodle.enrolments.of_course(GRADED, only="suspended", fields=("id", "username"))
    assert [(user.id, user.username, user.roles) for user in suspended] == [(GRACE, "grace", ())]
    assert {user.id for user in moodle.enrolments.of_course(GRADED, only="active")} == {ADA, ALAN, TEACH}


def test_an_enrolment_in_the_future_is_not_active(moodle):
    row = {"roleid": 5, "userid": ADA, "courseid": GRADED, "timestart": int(time.time()) + 10**8}
    moodle.enrolments.enrol([row])
    assert ADA in {user.id for user in moodle.enrolments.of_course(GRADED, only="suspended")}


def test_suspending_and_bringing_back(moodle):
    row = {"roleid": 5, "userid": ADA, "courseid": GRADED}
    moodle.enrolments.enrol([{**row, "suspend": True}])
    assert {seen.user_id for seen in moodle.enrolments.of_courses([GRADED]) if seen.suspended} == {ADA, GRACE}
    moodle.enrolments.enrol([{**row, "suspend": False}])
    assert {seen.user_id for seen in moodle.enrolments.of_courses([GRADED]) if seen.suspended} == {GRACE}


def test_unenrolling(moodle):
    moodle.enrolments.unenrol([{"userid": ADA, "courseid": GRADED}])
    assert enrolled(moodle) == {ALAN, GRACE, TEACH}


def test_one_wrong_enrolment_refuses_all(moodle):
    (course,) = moodle.courses.create([new_course("new")])
    rows = [{"roleid": 5, "userid": user, "courseid": course.id} for user in (ADA, 999999)]
    with pytest.raises(Refused, match="plan again"):
        moodle.enrolments.enrol(rows)
    assert enrolled(moodle, course.id) == set()


def test_roles_are_added_and_taken_away(moodle):
    row = {"roleid": 4, "userid": ADA, "contextlevel": "course", "instanceid": GRADED}
    moodle.roles.assign([row])
    roles = {seen.user_id: {role.id for role in seen.roles} for seen in moodle.enrolments.of_courses([GRADED])}
    assert roles[ADA] == {4, 5}
    moodle.roles.unassign([row])
    roles = {seen.user_id: {role.id for role in seen.roles} for seen in moodle.enrolments.of_courses([GRADED])}
    assert roles[ADA] == {5}


def test_learning_which_roles_may_be_given_writes_nothing(moodle, sandbox):
    def everything():
        return [list(sandbox.state.all(f"SELECT * FROM {table}")) for table in ("user_enrolments", "role_assignments")]

    before = everything()
    assert moodle.roles.assignable([1, 3, 4, 5, 6, 7, 999, 5]) == {1, 3, 4, 5}
    assert everything() == before
    assert all(before)


def test_a_front_page_that_takes_enrolments_is_not_enrolled_in_by_asking(moodle, sandbox):
    with sandbox.state.transaction():
        sandbox.state.insert("enrol", enrol="manual", status=0, courseid=1)
    before = list(sandbox.state.all("SELECT * FROM user_enrolments"))
    assert moodle.roles.assignable([5, 7]) == {5}
    assert list(sandbox.state.all("SELECT * FROM user_enrolments")) == before


# limits


def test_a_batch_beyond_the_limit_loses_rows_without_a_word_and_fit_prevents_it(moodle, sandbox):
    users = made_users(moodle, 400)
    (course,) = moodle.courses.create([new_course("large")])
    rows = [{"roleid": 5, "userid": user, "courseid": course.id} for user in users]
    sandbox.faults.set(max_input_vars=999)  # PHP keeps one more: the token and 333 whole rows
    moodle.enrolments.enrol(rows)
    assert len(enrolled(moodle, course.id)) < 400
    with Moodle(sandbox.url, sandbox.tokens["admin"]) as probing:
        cut_before = sandbox.faults.struck["fields_cut"]
        assert probing.form_fields == 960
        assert sandbox.faults.struck["fields_cut"] > cut_before
        cut_before = sandbox.faults.struck["fields_cut"]
        for batch in fit(rows, probing.form_fields):
            probing.enrolments.enrol(batch)
        assert len(probing.users.find("id", users)) == 400
    assert sandbox.faults.struck["fields_cut"] == cut_before
    assert enrolled(moodle, course.id) == set(users)


def test_the_probe_finds_the_usual_limit_in_one_call(sandbox):
    with Moodle(sandbox.url, sandbox.tokens["admin"]) as moodle:
        assert moodle.form_fields == 4900
    assert sandbox.faults.calls["core_user_get_users_by_field"] == 1


def test_users_that_a_server_cut_off_are_noticed(moodle, sandbox):
    sandbox.faults.set(max_input_vars=10)  # PHP keeps one more: the token and two whole rows
    with pytest.raises(InDoubt, match="3 records were sent and 2 were answered"):
        moodle.users.create([new_user("a"), new_user("b"), new_user("c")])


# faults


def test_parallel_lanes_never_share_a_user(moodle, sandbox):
    users = made_users(moodle, 40)
    courses = [made.id for made in moodle.courses.create([new_course(f"c{number}") for number in range(6)])]
    rows = [{"roleid": 5, "userid": user, "courseid": course} for course in courses for user in users]
    sandbox.faults.set(share_deadlock=True, latency_ms=5)

    def send(lane):
        for batch in fit(lane, 90):
            moodle.enrolments.enrol(batch)

    divided = lanes(rows, user=lambda row: row["userid"], count=moodle.callers)
    moodle.in_parallel([partial(send, lane) for lane in divided])
    assert sandbox.faults.struck["deadlock"] == 0
    assert all(enrolled(moodle, course) == set(users) for course in courses)


def test_a_deadlock_is_repeated(moodle, sandbox):
    (course,) = moodle.courses.create([new_course("new")])
    sandbox.faults.set(deadlock=Strike(times=2, function=ENROL))
    moodle.enrolments.enrol([{"roleid": 5, "userid": ADA, "courseid": course.id}])
    assert enrolled(moodle, course.id) == {ADA}


@pytest.mark.parametrize(("fault", "done"), [("drop_before", False), ("drop_after", True), ("bad_gateway", False)])
def test_a_write_that_lost_its_answer_is_in_doubt_and_sent_once(moodle, sandbox, fault, done):
    sandbox.faults.set(**{fault: Strike(times=1, function="core_user_create_users")})
    with pytest.raises(InDoubt, match="read them before"):
        moodle.users.create([new_user("kim")])
    assert bool(moodle.users.find("username", ["kim"])) is done


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "bad_gateway"])
def test_reading_that_lost_its_answer_is_repeated(moodle, sandbox, fault):
    sandbox.faults.set(**{fault: Strike(times=3)})
    assert [user.id for user in moodle.users.find("username", ["ada"])] == [ADA]


def test_maintenance_is_not_hammered(moodle, sandbox):
    sandbox.faults.set(maintenance=True)
    with pytest.raises(Busy, match="maintenance"):
        moodle.users.find("username", ["ada"])
    with pytest.raises(Busy, match="maintenance"):
        moodle.users.create([new_user("kim")])
    sandbox.faults.set(maintenance=False)
    assert moodle.users.find("username", ["kim"]) == []


def test_a_token_that_expires_on_the_way(moodle, sandbox):
    assert moodle.site().is_admin
    sandbox.faults.set(token_calls=1)
    moodle.users.find("username", ["ada"])
    with pytest.raises((AccessRefused, TokenRefused)):
        moodle.users.find("username", ["ada"])


def test_a_token_that_nobody_has(sandbox):
    with Moodle(sandbox.url, "0" * 32) as moodle, pytest.raises(TokenRefused, match="Manage tokens"):
        moodle.site()


def test_a_token_whose_user_may_nothing(sandbox):
    with Moodle(sandbox.url, sandbox.tokens["plain"]) as moodle, pytest.raises(AccessRefused):
        moodle.users.all()


def test_a_function_that_the_service_lacks(sandbox):
    with Moodle(sandbox.url, sandbox.tokens["few"]) as moodle:
        with pytest.raises(FunctionMissing, match="core_user_create_users"):
            moodle.users.create([new_user("kim")])
        assert [user.id for user in moodle.users.find("username", ["ada"])] == [ADA]


def test_a_function_that_no_moodle_has(moodle):
    with pytest.raises(FunctionMissing, match="no_such_function"):
        moodle.call("no_such_function", {}, repeatable=True)
