"""Faults on demand, each seen from outside."""

import http.client
import json
import threading
import time

import pytest

from matricula.sandbox import Faults, running

BROKEN = (http.client.RemoteDisconnected, ConnectionResetError, http.client.BadStatusLine)


def names(ask):
    found = ask("core_course_get_categories")
    return [category["name"] for category in found]


def create(ask, name):
    return ask("core_course_create_categories", categories=[{"name": name}])


def test_a_connection_dropped_before_leaves_nothing_written(ask, site):
    site.faults.set(drop_before={"times": 1})
    with pytest.raises(BROKEN):
        create(ask, "Lost")
    assert names(ask) == ["Category 1"]


def test_a_connection_dropped_after_leaves_all_written(ask, site):
    site.faults.set(drop_after={"times": 1})
    with pytest.raises(BROKEN):
        create(ask, "Kept")
    assert names(ask) == ["Category 1", "Kept"]


def test_a_fault_may_be_for_one_function_and_wait(ask, site):
    site.faults.set(bad_gateway={"times": 1, "function": "core_course_create_categories", "skip": 1})
    assert names(ask) == ["Category 1"]
    create(ask, "One")
    answer, text = ask.raw("core_course_create_categories", {"categories": [{"name": "Two"}]})
    assert answer.status == 502
    assert "Bad Gateway" in text
    assert names(ask) == ["Category 1", "One"]


def test_a_deadlock_rolls_the_call_back(ask, site):
    site.faults.set(deadlock={"times": 1})
    assert create(ask, "Lost")["errorcode"] == "dmlwriteexception"
    assert names(ask) == ["Category 1"]
    assert ask.sandbox("GET", "requests")[1]["deadlocks"] == 1


def test_enrolments_under_way_that_share_a_user_deadlock(ask, site, class_of):
    course, (ann, bob) = class_of("ann", "bob")
    site.faults.set(share_deadlock=True, latency_ms=200)

    def enrol_at_once(*batches):
        answers = [None] * len(batches)

        def one(place, users):
            rows = [{"roleid": 5, "userid": user, "courseid": course} for user in users]
            answers[place] = ask("enrol_manual_enrol_users", enrolments=rows)

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(batches)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [answer["errorcode"] if answer else None for answer in answers]

    assert sorted(map(str, enrol_at_once([ann, bob], [bob]))) == ["None", "dmlwriteexception"]
    assert enrol_at_once([ann], [bob]) == [None, None]


def test_latency_of_calls_under_way_overlaps(ask, site):
    site.faults.set(latency_ms=300)
    threads = [threading.Thread(target=names, args=(ask,)) for _ in range(5)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.3 <= time.monotonic() - start < 1.2


def test_maintenance_refuses_every_call(ask, site):
    site.faults.set(maintenance=True)
    assert ask("core_webservice_get_site_info")["errorcode"] == "sitemaintenance"
    site.faults.set(maintenance=False, maintenance_page=True)
    answer, text = ask.raw("core_webservice_get_site_info")
    assert answer.status == 503
    assert "maintenance" in text


def test_a_token_ends_after_so_many_calls(ask, site):
    site.faults.set(token_calls=2)
    assert [isinstance(ask("core_course_get_categories"), list) for _ in range(3)] == [True, True, False]
    assert ask("core_course_get_categories")["errorcode"] == "accessexception"


def test_a_user_that_the_database_refuses_takes_the_batch_along(ask, site):
    from sandbox_callers import person

    site.faults.set(refuse_users=["bob"])
    both = ask("core_user_create_users", users=[person("ann"), person("bob")])
    assert both["errorcode"] == "dmlwriteexception"
    assert ask("core_user_create_users", users=[person("ann")])[0]["username"] == "ann"


def test_faults_are_set_and_shown_over_http(ask):
    status, shown = ask.sandbox("POST", "faults", {"latency_ms": 5, "drop_after": {"chance": 0.5}})
    assert status == 200
    assert shown["latency_ms"] == 5
    assert ask.sandbox("GET", "faults")[1]["drop_after"]["chance"] == 0.5


@pytest.mark.parametrize(
    "wrong", [{"latency": 5}, {"drop_after": {"often": 1}}, {"maintenance": 1}, {"latency_ms": "much"}]
)
def test_a_fault_that_is_none_is_refused_with_a_reason(ask, wrong):
    status, said = ask.sandbox("POST", "faults", wrong)
    assert status == 400
    assert next(iter(wrong)) in said["error"]


def test_a_seed_repeats_what_chance_did():
    def struck(seed):
        faults = Faults(seed=seed, bad_gateway={"chance": 0.3})
        return [faults.due("bad_gateway", "f") for _ in range(50)]

    assert struck(4) == struck(4)
    assert struck(4) != struck(5)
    assert 5 < sum(struck(4)) < 25


def test_calls_are_counted_by_function(ask):
    names(ask)
    names(ask)
    assert ask.sandbox("GET", "requests")[1]["calls"] == {"core_course_get_categories": 2}


def test_reset_goes_back_to_the_fixture_and_ends_faults(ask, site):
    create(ask, "Gone soon")
    site.faults.set(latency_ms=1)
    status, said = ask.sandbox("POST", "reset")
    assert status == 200
    assert said["tokens"] == site.tokens
    assert names(ask) == ["Category 1"]
    assert site.faults.settings.latency_ms == 0


def test_faults_may_be_in_force_from_the_start():
    with running("empty", faults=Faults(maintenance=True)) as site:
        from sandbox_callers import Caller

        assert Caller(site)("core_course_get_categories")["errorcode"] == "sitemaintenance"


def test_answers_are_json_even_where_something_is_refused(ask):
    _, text = ask.raw("core_user_create_users", {"users": "x"})
    assert json.loads(text)["errorcode"] == "invalidparameter"


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [("server_error", 500, "Fatal error"), ("half_answer", 200, "[{"), ("invalid_response", 200, "invalidresponse")],
)
def test_an_answer_spoilt_on_its_way_leaves_all_written(ask, site, fault, status, body):
    site.faults.set(**{fault: {"times": 1, "writes": True}})
    answer, text = ask.raw("core_course_create_categories", {"categories": [{"name": "Kept"}]})
    assert (answer.status, body in text, text.endswith("]")) == (status, True, False)
    assert names(ask) == ["Category 1", "Kept"]


def test_a_late_answer_comes_after_the_work(ask, site):
    site.faults.set(late_answer={"times": 1, "writes": True}, late_ms=300)
    start = time.monotonic()
    create(ask, "Late")
    assert time.monotonic() - start >= 0.3
    assert names(ask) == ["Category 1", "Late"]


def test_too_many_calls_are_told_when_to_come_again(ask, site):
    site.faults.set(too_many={"times": 1}, retry_after=7)
    answer, _ = ask.raw("core_course_create_categories", {"categories": [{"name": "Not yet"}]})
    assert (answer.status, answer.getheader("Retry-After")) == (429, "7")
    assert names(ask) == ["Category 1"]


def test_a_full_disk_takes_nothing_new_and_answers_questions(ask, site):
    site.faults.set(disk_full=True)
    assert create(ask, "Lost")["errorcode"] == "dmlwriteexception"
    assert names(ask) == ["Category 1"]


def test_a_row_that_the_database_refuses_is_named_by_a_field(ask, site):
    site.faults.set(refuse_rows=["name=Two"])
    assert (
        ask("core_course_create_categories", categories=[{"name": "One"}, {"name": "Two"}])["errorcode"]
        == "dmlwriteexception"
    )
    create(ask, "One")
    assert names(ask) == ["Category 1", "One"]


def test_a_service_can_lose_a_function(ask, site):
    site.faults.set(missing_functions=["core_course_create_categories"])
    assert create(ask, "Lost")["errorcode"] == "accessexception"
    listed = {each["name"] for each in ask("core_webservice_get_site_info")["functions"]}
    assert "core_course_create_categories" not in listed
    assert "core_course_get_categories" in listed


def test_a_sign_in_wall_sends_every_caller_on(ask, site):
    site.faults.set(login_redirect=True)
    answer, _ = ask.raw("core_webservice_get_site_info")
    assert answer.status == 303
    assert answer.getheader("Location").endswith("/login/index.php")


def test_a_strike_can_be_for_each_function_that_writes():
    faults = Faults(bad_gateway={"times": 1, "each": True, "writes": True})
    calls = ["core_user_get_users", "core_user_create_users", "core_user_create_users", "core_group_create_groups"]
    assert [faults.due("bad_gateway", call) for call in calls] == [False, True, False, True]
