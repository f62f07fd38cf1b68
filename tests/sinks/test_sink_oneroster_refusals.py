"""The sink `oneroster-rest`: refusals of records, and answers that are none."""

import json

import polars as pl
import pytest
from gradebooks import frame, result, small
from oneroster_seen import items_of, numbered, sink_of
from sink_benches import texts

from gradebook_service import BASES, KEY, SECRET, raw, refusal
from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.sinks import open_sink
from matricula.sinks.oneroster_rest import names

CLASS = "alg-1"


class TestStatus:
    @pytest.mark.parametrize("edited", [200, 201, 204])
    def test_an_edit_may_be_answered_in_several_ways(self, scribe, served, edited):
        served.edited = edited
        rows = scribe.fill(small(scribe.bench))["result"]
        before = texts("result", scribe.read().frames["result"])
        told = scribe.write("result", rows.with_columns(score=pl.lit(9.0)), "update", before)
        assert told["state"].to_list() == ["done"]

    @pytest.mark.parametrize("deleted", [200, 204])
    @pytest.mark.parametrize("marks", [False, True])
    def test_what_is_taken_away_is_gone_or_marked(self, scribe, served, deleted, marks):
        served.deleted, served.marks_deleted = deleted, marks
        rows = scribe.fill(small(scribe.bench))["result"]
        before = texts("result", scribe.read().frames["result"])
        assert scribe.write("result", rows, "remove", before)["state"].to_list() == ["done"]
        assert scribe.read().frames["result"].is_empty()

    def test_what_is_gone_already_when_it_is_taken_away_is_done(self, scribe, served):
        rows = scribe.fill(small(scribe.bench))["result"]
        before = texts("result", scribe.read().frames["result"])
        served.before.append(lambda _s, method, _p: refusal(404, "unknown object") if method == "DELETE" else None)
        assert scribe.write("result", rows, "remove", before)["state"].to_list() == ["done"]

    def test_a_row_that_is_refused_says_why_and_keeps_nobody_back(self, scribe, served):
        written = items_of(scribe)["line-item"]["id"][0]
        rows = [result(f"r{who}", written, CLASS, who, 1.0) for who in ("ann", "nobody", "cy")]
        told = scribe.write("result", frame("result", rows))
        assert told["state"].to_list() == ["done", "refused", "done"]
        assert "(422) (it says: unknown student)" in told["reason"][1]
        assert told["id"].null_count() == 0

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 500])
    def test_one_refusal_of_any_kind_costs_one_row(self, scribe, served, status):
        scribe.fill(small(scribe.bench))
        bad = names.sourced_id("c", CLASS, "bad")
        served.before.append(
            lambda _s, method, path: refusal(status, "not this") if method == "PUT" and path.endswith(bad) else None
        )
        rows = frame("grade-category", [{"key": key, "class": CLASS, "title": key} for key in ("good", "bad")])
        with open_sink(scribe.bench.settings, scribe.bench.surroundings) as sink:
            told = sink.write("grade-category", numbered(rows)).sort("number")
        assert told["state"].to_list() == ["done", "refused"]
        assert "not this" in told["reason"][1]

    def test_the_minor_code_is_told_where_there_is_no_description(self, scribe, served):
        fields = [{"imsx_codeMinorFieldName": "sis", "imsx_codeMinorFieldValue": "invaliddata"}]
        body = {"imsx_codeMajor": "failure", "imsx_CodeMinor": {"imsx_codeMinorField": fields}}
        served.before.append(lambda _s, m, _p: raw(json.dumps(body), 422) if m == "PUT" else None)
        told = scribe.write("grade-category", small(scribe.bench)["grade-category"])
        assert all("(it says: invaliddata)" in reason for reason in told["reason"])

    def test_403_for_every_row_is_a_matter_of_permission(self, scribe, served):
        served.before.append(lambda _s, method, _p: refusal(403, "insufficient scope") if method == "PUT" else None)
        with pytest.raises(SettingError) as met:
            scribe.write("grade-category", small(scribe.bench)["grade-category"])
        assert met.value.code == "scope-refused"
        assert "gradebook.createput" in str(met.value)

    @pytest.mark.parametrize("status", [405, 501])
    def test_a_service_that_takes_no_writing_says_so(self, scribe, served, status):
        served.before.append(lambda _s, method, _p: raw("", status) if method == "PUT" else None)
        with pytest.raises(SettingError) as met:
            scribe.write("grade-category", small(scribe.bench)["grade-category"])
        assert met.value.code == "write-unknown"
        assert "PUT and DELETE" in met.value.remedy


def writes(number: int, answer):
    """Answers that `PUT`, counting from 1, and those behind it."""
    count = iter(range(1, 10**6))
    return lambda _s, method, _p: answer() if method == "PUT" and next(count) >= number else None


def first_write(answer):
    """Answers the first `PUT` alone."""
    count = iter(range(1, 10**6))
    return lambda _s, method, _p: answer() if method == "PUT" and next(count) == 1 else None


class TestBadAnswers:
    def refused(self, scribe, kind=MatriculaError, **changes) -> MatriculaError:
        rows = small(scribe.bench)["grade-category"]
        with sink_of(scribe.bench, **changes) as sink, pytest.raises(kind) as met:
            sink.write("grade-category", numbered(rows))
        assert SECRET not in str(met.value)
        return met.value

    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_a_busy_service_is_told_again(self, scribe, served, status):
        served.before.append(first_write(lambda: raw("later", status, retry_after="1")))
        assert scribe.fill(small(scribe.bench))
        assert served.counts("PUT") == 6

    @pytest.mark.parametrize(("status", "code"), [(429, "service-limits"), (503, "service-busy")])
    def test_a_service_that_stays_busy_is_left_for_later(self, scribe, served, status, code):
        served.before.append(writes(1, lambda: raw("later", status)))
        assert self.refused(scribe, WaitError).code == code

    def test_a_pause_that_is_too_long_is_not_waited_for(self, scribe, served):
        served.before.append(writes(1, lambda: raw("later", 429, retry_after="86400")))
        self.refused(scribe, WaitError, callers=1)
        assert served.counts("PUT") == 1

    def test_what_was_written_before_the_service_failed_is_found_by_reading(self, scribe, served):
        served.before.append(writes(2, lambda: raw("later", 503)))
        self.refused(scribe, WaitError, callers=1)
        served.before.clear()
        assert scribe.read().frames["grade-category"].height == 1
        assert set(scribe.write("grade-category", small(scribe.bench)["grade-category"])["state"]) == {"done"}
        assert len(served.tables["categories"]) == 2

    def test_a_sign_in_page_half_way_is_no_reason_to_think_that_nothing_was_written(self, scribe, served):
        served.before.append(writes(2, lambda: raw("<html>Sign in", content_type="text/html")))
        assert self.refused(scribe, WaitError, callers=1).code == "service-address"
        assert len(served.tables["categories"]) == 1

    def test_a_web_page_is_no_success(self, scribe, served):
        served.before.append(writes(1, lambda: raw("<!doctype html><p>Sign in", content_type="text/html")))
        assert self.refused(scribe, SettingError).code == "service-address"

    def test_a_redirection_to_a_sign_in_page_is_not_followed(self, scribe, served):
        served.before.append(writes(1, lambda: raw("", 302, location="https://login.school.example/x?y")))
        error = self.refused(scribe, SettingError)
        assert "302, sends on to login.school.example" in str(error)

    def test_half_an_answer_to_a_record_that_was_stored_is_no_matter(self, scribe, served):
        def half(service, method, path):
            return raw('{"category": {"sour', 201) if method == "PUT" else None

        served.before.append(half)
        told = scribe.write("grade-category", small(scribe.bench)["grade-category"])
        assert told["state"].to_list() == ["done", "done"]

    def test_half_a_page_is_read_again(self, scribe, served):
        scribe.fill(small(scribe.bench))
        count = iter(range(1, 10**6))
        served.before.append(lambda *_: raw('{"categories": [{"so') if next(count) == 1 else None)
        assert scribe.read().frames["result"].height == 1

    def test_pages_that_stay_half_stop(self, scribe, served):
        served.before.append(lambda *_: raw('{"categories": [{"so'))
        with pytest.raises(StopError):
            scribe.read()

    @pytest.mark.parametrize("body", ["[]", '{"category": []}', '{"categories": {}}', "7"])
    def test_json_that_is_not_oneroster_stops(self, scribe, served, body):
        served.before.append(lambda *_: raw(body))
        with pytest.raises(StopError):
            scribe.read()

    def test_an_address_without_a_gradebook_is_told_and_not_taken_for_an_empty_one(self, newer):
        with sink_of(newer, url=f"{newer.served.address}/elsewhere") as sink, pytest.raises(SettingError) as met:
            sink.read([CLASS])
        assert met.value.code == "service-address"
        assert BASES["1.2"] in met.value.remedy

    def test_a_wrong_secret_is_told_with_the_command_that_enters_it(self, newer):
        with sink_of(newer, secret="wrong") as sink, pytest.raises(SettingError) as met:
            sink.read([CLASS])
        assert met.value.code == "credentials-refused"
        assert "`matricula grades secret`" in met.value.remedy

    def test_scopes_that_may_not_be_had_are_named(self, newer, served):
        served.scopes = ("gradebook.readonly",)
        with sink_of(newer) as sink, pytest.raises(SettingError) as met:
            sink.read([CLASS])
        assert met.value.code == "scope-refused"
        assert "v1p2/scope/gradebook.createput" in str(met.value)

    @pytest.mark.parametrize(("ahead", "words"), [(1800, "30 minutes behind"), (-1800, "30 minutes ahead of")])
    def test_clocks_that_differ_are_named(self, older, ahead, words):
        older.served.clock = ahead
        with sink_of(older) as sink, pytest.raises(SettingError) as met:
            sink.read([CLASS])
        assert met.value.code == "credentials-refused"
        assert words in str(met.value)

    def test_a_signature_by_the_other_way_is_refused_in_words(self, older):
        older.served.signature = "HMAC-SHA256"
        auth = {"method": "oauth1", "consumer_key": KEY}
        with sink_of(older, auth=auth) as sink, pytest.raises(SettingError) as met:
            sink.read([CLASS])
        assert "set signature: HMAC-SHA256" in met.value.remedy
