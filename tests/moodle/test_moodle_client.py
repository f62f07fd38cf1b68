"""The client's own work: probing, threads, and distrust of what a site answers."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hostile import TOKEN, http, refusal, value

from matricula.errors import SettingError
from matricula.moodle import FunctionMissing, InDoubt, Moodle, NotMoodle, Refused

SITE = {
    "sitename": "Hill School",
    "siteurl": "https://hill.example",
    "release": "4.5.5+ (Build: 20250613)",
    "version": "2024100705.01",
    "userid": 2,
    "username": "ws",
    "userissiteadmin": False,
    "userprivateaccesskey": "not to be kept",
    "functions": [{"name": "core_user_get_users", "version": "1"}],
}


def test_the_site_is_asked_once(server, moodle):
    server.replies = [value(SITE)]
    site = moodle.site()
    assert (site.name, site.build, site.branch, site.user_id) == ("Hill School", "20250613", (4, 5), 2)
    assert site.functions == {"core_user_get_users"}
    assert not site.is_admin
    assert "not to be kept" not in repr(site)
    assert moodle.site() is site
    assert len(server.asked) == 1


@pytest.mark.parametrize("ahead", [-3600, 0, 90])
def test_the_clock_difference_comes_from_the_date_header(server, moodle, ahead):
    theirs = datetime.now(UTC) + timedelta(seconds=ahead)
    server.replies = [value(SITE, date=format_datetime(theirs, usegmt=True))]
    assert moodle.site().clock_difference == pytest.approx(ahead, abs=3)


def test_a_site_that_does_not_tell_its_time(server, moodle):
    server.replies = [value(SITE)]
    assert moodle.site().clock_difference is None


@pytest.mark.parametrize(
    "answer", [None, [], "fine", 7, {"userid": "x", "functions": []}, {"userid": 2}, {"userid": 2, "functions": [1]}]
)
def test_json_of_another_program_is_no_moodle(server, moodle, answer):
    server.replies = [value(answer)]
    with pytest.raises(NotMoodle, match="core_webservice_get_site_info"):
        moodle.site()


def limited(server, limit):
    """Answers the probe as PHP does with a limit of form fields."""

    def reply():
        form = server.asked[-1].form[:limit]
        if "get_site_info" in server.asked[-1].target:
            yield value(SITE)
        else:
            yield value([{"id": 2}] if ("2" in dict(form).values()) else [])

    server.replies = [reply]


@pytest.mark.parametrize(
    ("limit", "found", "calls"), [(5000, 4900, 1), (3000, 2400, 3), (1000, 960, 3), (300, 240, 3), (241, 240, 3)]
)
def test_the_form_field_limit_is_probed_once_in_a_few_calls(server, limit, found, calls):
    limited(server, limit)
    with Moodle(server.url, TOKEN) as moodle:
        assert moodle.form_fields == found
        assert moodle.form_fields == found
    assert len(server.asked) == 1 + calls


def test_a_limit_below_all_use_is_told_with_the_setting(server):
    limited(server, 100)
    with Moodle(server.url, TOKEN) as moodle, pytest.raises(SettingError, match="max_input_vars = 5000"):
        _ = moodle.form_fields


def test_a_site_that_prints_phps_warning_before_the_answer(server):
    def reply():
        if "get_site_info" in server.asked[-1].target:
            yield value(SITE)
        elif len(server.asked[-1].form) > 1000:
            yield http("<br />\n<b>Warning</b>: Input variables exceeded 1000.[]")
        else:
            yield value([{"id": 2}])

    server.replies = [reply]
    with Moodle(server.url, TOKEN) as moodle:
        assert moodle.form_fields == 960


def test_a_filter_that_dislikes_large_forms(server):
    def reply():
        if "get_site_info" in server.asked[-1].target:
            yield value(SITE)
        elif len(server.asked[-1].form) > 1000:
            yield http("<h1>Blocked</h1>", status="403 Forbidden", kind="text/html")
        else:
            yield value([{"id": 2}])

    server.replies = [reply]
    with Moodle(server.url, TOKEN) as moodle:
        assert moodle.form_fields == 960


def test_a_known_limit_is_not_probed(server, moodle):
    assert moodle.form_fields == 960
    assert server.asked == []


def test_the_probe_says_when_its_function_is_missing(server):
    server.replies = [value(SITE), refusal("accessexception")]
    with Moodle(server.url, TOKEN) as moodle, pytest.raises(FunctionMissing, match="get_users_by_field"):
        _ = moodle.form_fields


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.users.create([{"username": "a", "firstname": "A", "lastname": "A", "email": "a@b.c"}]),
        lambda m: m.users.update([{"id": 3, "firstname": "A"}]),
        lambda m: m.categories.create([{"name": "A"}]),
        lambda m: m.courses.create([{"fullname": "A", "shortname": "A", "categoryid": 1}]),
        lambda m: m.courses.delete([3]),
        lambda m: m.groups.create([{"courseid": 2, "name": "A", "description": ""}]),
        lambda m: m.cohorts.create([{"name": "A", "idnumber": "A", "categorytype": {"type": "system", "value": ""}}]),
        lambda m: m.cohorts.add_members([(1, 2)]),
        lambda m: m.meta.link(2, 3),
    ],
)
@pytest.mark.parametrize("answer", [{"surprise": True}, [1, 2], "fine"])
def test_a_write_answered_with_another_shape_is_in_doubt(server, moodle, call, answer):
    server.replies = [value(answer)]
    with pytest.raises(InDoubt):
        call(moodle)


def test_a_meta_link_that_is_not_answered_is_in_doubt(server, moodle):
    server.replies = [value([])]
    with pytest.raises(InDoubt):
        moodle.meta.link(2, 3)


def test_fewer_answers_than_rows_are_in_doubt(server, moodle):
    server.replies = [value([{"id": 5, "username": "a"}])]
    row = {"username": "a", "firstname": "A", "lastname": "A", "email": "a@b.c"}
    with pytest.raises(InDoubt, match="2 records were sent and 1 were answered"):
        moodle.users.create([row, row])


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.users.find("idnumber", ["a"]),
        lambda m: m.users.all(),
        lambda m: m.categories.all(),
        lambda m: m.courses.all(),
        lambda m: m.courses.find("shortname", "a"),
        lambda m: m.courses.by_ids([2]),
        lambda m: m.enrolments.of_course(2),
        lambda m: m.enrolments.methods(2),
        lambda m: m.groups.of_course(2),
        lambda m: m.groups.members([2]),
        lambda m: m.cohorts.by_ids([2]),
        lambda m: m.cohorts.members([2]),
    ],
)
@pytest.mark.parametrize("answer", [{"surprise": True}, [{"id": "x"}], [1, 2], "fine", None])
def test_reading_another_shape_says_which_function_answered_it(server, moodle, call, answer):
    server.replies = [value(answer)]
    with pytest.raises(NotMoodle, match=r"core_\w+ answered"):
        call(moodle)


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.users.find("username", []),
        lambda m: m.users.find("username", ["KIM", "", " kim", "a\0"]),
        lambda m: m.users.create([]),
        lambda m: m.users.update([]),
        lambda m: m.users.delete([]),
        lambda m: m.categories.delete([]),
        lambda m: m.courses.by_ids([]),
        lambda m: m.courses.find("idnumber", ""),
        lambda m: m.courses.update([]),
        lambda m: m.courses.delete([]),
        lambda m: m.enrolments.enrol([]),
        lambda m: m.enrolments.of_courses([]),
        lambda m: m.groups.members([]),
        lambda m: m.cohorts.add_members([]),
    ],
)
def test_nothing_to_do_is_no_call(server, moodle, call):
    assert not call(moodle)
    assert server.asked == []


@pytest.mark.parametrize("criteria", [{"shoesize": "44"}, {"email": "%", "Email": "a"}, {}])
def test_a_search_that_would_answer_everybody_is_not_sent(server, moodle, criteria):
    with pytest.raises(ValueError, match=r"everybody|criterion"):
        moodle.users.search(criteria)
    assert server.asked == []


def test_many_values_are_asked_for_in_calls_that_fit(server, moodle):
    def reply():
        yield value([{"id": int(text)} for name, text in server.asked[-1].form if name.startswith("values")])

    server.replies = [reply]
    found = moodle.users.find("id", [*range(1, 2001), 5, 6])
    assert sorted(user.id for user in found) == list(range(1, 2001))
    assert len(server.asked) == 3
    assert all(len(asked.form) <= 961 for asked in server.asked)


def test_an_account_that_several_values_find_comes_once(server, moodle):
    server.replies = [value([{"id": 5, "idnumber": "S-1"}])]
    assert [user.id for user in moodle.users.find("idnumber", [f"s-{number}" for number in range(2000)])] == [5]
    assert len(server.asked) == 3


def test_usernames_that_only_some_sites_allow_are_asked_for_apart(server, moodle):
    server.replies = [value([{"id": 5, "username": "kim"}]), refusal("invalidparameter")]
    assert [user.id for user in moodle.users.find("username", ["kim", "josé", "KIM"])] == [5]
    assert [text for asked in server.asked for name, text in asked.form if "values" in name] == ["kim", "josé"]


def test_a_course_that_may_not_be_entered_hides_only_itself(server, moodle):
    def reply():
        ids = [int(text) for name, text in server.asked[-1].form if "ids" in name]
        if 13 in ids:
            yield refusal("errorcoursecontextnotvalid")
        else:
            yield value([{"id": one, "categoryid": 1} for one in ids])

    server.replies = [reply]
    assert {course.id for course in moodle.courses.by_ids(range(10, 20))} == set(range(10, 20)) - {13}


def test_a_course_is_not_moved_into_a_category_that_does_not_exist(server, moodle):
    server.replies = [value([{"id": 1}])]
    with pytest.raises(Refused, match="no category 99"):
        moodle.courses.update([{"id": 5, "categoryid": 1}, {"id": 6, "categoryid": 99}])
    assert [asked.target.partition("wsfunction=")[2].partition("&")[0] for asked in server.asked] == [
        "core_course_get_categories"
    ]


def test_warnings_of_single_rows_are_data(server, moodle):
    told = {"item": "user", "itemid": 7, "warningcode": "useremailduplicate", "message": "Duplicate address"}
    server.replies = [value({"warnings": [told]})]
    (warning,) = moodle.users.update([{"id": 7, "email": "taken@b.c"}])
    assert (warning.item_id, warning.code, warning.message) == (7, "useremailduplicate", "Duplicate address")


def test_tasks_run_side_by_side_and_answer_in_order(moodle):
    together = threading.Barrier(4, timeout=5)

    def task(number):
        together.wait()
        return number

    assert moodle.in_parallel([lambda n=n: task(n) for n in range(4)]) == [0, 1, 2, 3]


def test_no_more_tasks_than_callers_run_at_once(server):
    under_way, most, lock = 0, 0, threading.Lock()

    def task():
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.005)
        with lock:
            under_way -= 1

    with Moodle(server.url, TOKEN, callers=2) as moodle:
        moodle.in_parallel([task] * 8)
    assert most == 2


def test_the_first_error_ends_the_tasks_not_yet_begun(moodle):
    begun = []

    def task(number):
        begun.append(number)
        if number == 0:
            raise Refused("wrong")
        threading.Event().wait(0.02)

    with pytest.raises(Refused):
        moodle.in_parallel([lambda n=n: task(n) for n in range(50)])
    assert len(begun) < 50


def test_tasks_may_start_tasks_without_waiting_for_themselves(moodle):
    inner = [lambda: "inner"] * 3
    assert moodle.in_parallel([lambda: moodle.in_parallel(inner)] * 6) == [["inner"] * 3] * 6
