"""The REST protocol itself: tokens, formats, form fields, pages that are not there."""

import json
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.sandbox.forms import parse_form


def test_a_wrong_path_answers_a_page_and_404(ask):
    answer, text = ask.request("GET", "/moodle/webservice/rest/server.php")
    assert answer.status == 404
    assert text.startswith("<html>")


def test_every_answer_carries_the_time(ask):
    answer, _ = ask.raw("core_webservice_get_site_info")
    assert parsedate_to_datetime(answer.headers["Date"])


def test_without_a_format_the_answer_is_xml(ask):
    answer, text = ask.raw("core_course_get_categories", moodlewsrestformat=None)
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert '<KEY name="name"><VALUE>Category 1</VALUE>' in text
    assert '<KEY name="idnumber"><VALUE null="null"/>' in text


def test_an_error_in_xml_names_class_and_code(ask):
    _, text = ask.raw("core_user_delete_users", {"userids": [2]}, moodlewsrestformat="xml")
    assert '<EXCEPTION class="core\\exception\\moodle_exception">' in text
    assert "<ERRORCODE>useradminodelete</ERRORCODE>" in text


def test_function_and_token_may_come_in_the_body(ask):
    body = f"wstoken={ask.token}&wsfunction=core_webservice_get_site_info&moodlewsrestformat=json"
    answer, text = ask.request("POST", "/webservice/rest/server.php", body)
    assert answer.status == 200
    assert json.loads(text)["username"] == "admin"


def test_no_function_is_an_invalid_parameter(ask):
    assert json.loads(ask.raw("")[1])["errorcode"] == "invalidparameter"


def test_raw_text_is_raw_and_other_text_is_for_a_page(ask):
    ask("core_course_create_categories", categories=[{"name": "Q & A < 3"}])
    shown = ask("core_course_get_categories")[1]["name"]
    _, raw = ask.raw("core_course_get_categories", moodlewssettingraw="1")
    assert shown == "Q &amp; A &lt; 3"
    assert json.loads(raw)[1]["name"] == "Q & A < 3"


def test_the_site_says_only_functions_of_the_tokens_service(ask, site):
    few = ask.as_token(site.tokens["few"])
    named = {entry["name"] for entry in few("core_webservice_get_site_info")["functions"]}
    assert named == {
        "core_webservice_get_site_info", "core_user_get_users_by_field", "core_course_get_categories",
    }  # fmt: skip
    assert few("core_course_get_courses")["errorcode"] == "accessexception"


def test_fields_beyond_the_limit_are_dropped_in_silence(ask, site):
    site.faults.set(max_input_vars=20)
    found = ask("core_user_get_users_by_field", field="id", values=[9] * 19 + [2])
    lost = ask("core_user_get_users_by_field", field="id", values=[9] * 20 + [2])
    assert [user["id"] for user in found] == [2]
    assert lost == []
    assert site.faults.seen()["fields_cut"] == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a[0][b]=1&a[0][c]=2&a[1][b]=3", {"a": {"0": {"b": "1", "c": "2"}, "1": {"b": "3"}}}),
        ("a[]=1&a[]=2", {"a": {"0": "1", "1": "2"}}),
        ("a[5]=1&a[]=2", {"a": {"5": "1", "6": "2"}}),
        ("a.b=1&c d=2", {"a_b": "1", "c_d": "2"}),
        ("a=1&a=2", {"a": "2"}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a%5B0%5D=x+y%26", {"a": {"0": "x y&"}}),
        ("a[b=1", {"a_b": "1"}),
        ("&&a&", {"a": ""}),
    ],
)
def test_form_fields_are_read_as_php_reads_them(text, value):
    assert parse_form(text, 0)[0] == value


@given(st.integers(0, 30), st.integers(0, 40))
def test_the_limit_keeps_that_many_fields_and_counts_the_rest(limit, sent):
    text = "&".join(f"v[{number}]=x" for number in range(sent))
    values, cut = parse_form(text, limit, beyond=1)
    kept = min(sent, limit + 1) if limit else sent
    assert len(values.get("v", {})) == kept
    assert cut == sent - kept
