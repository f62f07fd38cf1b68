"""The sink `oneroster-rest`: the rules of OneRoster's gradebook service one by one, and answers that are none."""

import polars as pl
import pytest
from gradebooks import LONG, MORNING, finals, frame, items, result, small
from hypothesis import example, given
from hypothesis import strategies as st
from oneroster_seen import items_of, numbered, only, sink_of
from sink_benches import Writer, texts

from gradebook_service import refusal
from matricula.sinks import open_sink, settings_model
from matricula.sinks.oneroster_rest import names

CLASS = "alg-1"


class TestNames:
    @given(st.lists(st.text(max_size=30), min_size=1, max_size=2))
    @example(["a/b:c@d.e_f~g"])
    @example(["Zoë’s 数学"])
    def test_any_key_is_read_off_its_sourced_id_again(self, parts):
        made = names.sourced_id("c", *parts)
        assert len(made) <= 255
        assert not set(made) - set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_")
        found = names.read(made)
        assert found is not None
        assert found.kind == "c"
        assert found.parts in ((), tuple(parts))
        assert found.parts or len("".join(parts).encode()) > 60

    @given(st.lists(st.text(max_size=8), min_size=2, max_size=2), st.lists(st.text(max_size=8), min_size=2, max_size=2))
    def test_different_keys_have_different_sourced_ids(self, one, other):
        assert (names.sourced_id("c", *one) == names.sourced_id("c", *other)) == (one == other)

    @pytest.mark.parametrize("foreign", ["", "4711", "matricula", "matricula.", "matricula.c", "other.c.key"])
    def test_other_sourced_ids_say_nothing(self, foreign):
        assert names.read(foreign) is None

    def test_a_long_key_has_a_digest_and_is_kept_in_metadata(self, scribe, served):
        key = "course/" + "9:" * 200
        result_of_it = frame("result", [result("r1", key, CLASS, "ann", 5.0)])
        scribe.fill(small(scribe.bench) | {"line-item": items(CLASS, "t1", key=key).head(1), "result": result_of_it})
        (made,) = served.tables["lineItems"]
        assert len(made) <= 255
        assert scribe.read().frames["line-item"]["key"].to_list() == [key]
        assert scribe.read().frames["result"]["item"].to_list() == [key]


class TestRecords:
    def test_each_kind_is_put_in_its_wrapper_at_its_own_address(self, scribe, served):
        written = scribe.fill(small(scribe.bench))
        puts = [path for method, path, _ in served.asked if method == "PUT"]
        told = [f"{name}/{sourced}" for name, rows in served.tables.items() for sourced in rows]
        assert sorted(puts) == sorted(told)
        assert set(written["result"]["id"]) == set(served.tables["results"])

    def test_dates_are_told_in_full(self, scribe, served):
        scribe.fill(small(scribe.bench))
        item = served.tables["lineItems"][names.sourced_id("i", "i1")]
        assert item["assignDate"] == "2026-01-31T08:00:00.000Z"
        assert only(served, "results")["scoreDate"] == "2026-01-31T08:00:00.000Z"

    def test_dates_that_are_not_known_are_filled_in_and_read_as_unknown(self, scribe, served):
        written = items_of(scribe, assigned=None, due=MORNING)
        item = only(served, "lineItems")
        assert item["assignDate"] == item["dueDate"] == "2026-01-31T08:00:00.000Z"
        read = scribe.read().frames["line-item"]
        assert read.select("assigned", "due").row(0) == (None, MORNING)
        told = scribe.write("line-item", written["line-item"].with_columns(id=pl.lit(None, pl.String)))
        assert told["state"].to_list() == ["done"]

    def test_an_item_without_any_date_has_one_all_the_same(self, scribe, served):
        items_of(scribe, assigned=None, due=None)
        assert only(served, "lineItems")["dueDate"]
        assert scribe.read().frames["line-item"].select("assigned", "due").row(0) == (None, None)

    def test_a_result_without_a_date_has_one_all_the_same(self, scribe, served):
        scribe.fill(small(scribe.bench, result("r1", "i1", CLASS, "ann", None, scored=None)))
        assert only(served, "results")["scoreDate"]
        assert "score" not in only(served, "results")
        assert scribe.read().frames["result"]["scored"].to_list() == [None]

    def test_an_update_keeps_what_else_the_service_has(self, scribe, served):
        written = items_of(scribe)
        item = only(served, "lineItems")
        item["metadata"]["color"] = "green"
        item["learningObjectiveSet"] = [{"source": "case"}]
        before = texts("line-item", scribe.read().frames["line-item"])
        told = scribe.write("line-item", written["line-item"].with_columns(title=pl.lit(LONG)), "update", before)
        assert told["state"].to_list() == ["done"]
        item = only(served, "lineItems")
        assert (item["title"], item["metadata"]["color"]) == (LONG, "green")
        assert item["learningObjectiveSet"] == [{"source": "case"}]

    def test_what_is_emptied_is_no_longer_told(self, scribe, served):
        rows = scribe.fill(small(scribe.bench, result("r1", "i1", CLASS, "ann", 5.0, comment="Good")))["result"]
        before = texts("result", scribe.read().frames["result"])
        emptied = rows.with_columns(
            score=pl.lit(None, pl.Float64), comment=pl.lit(None, pl.String), status=pl.lit("exempt")
        )
        assert scribe.write("result", emptied, "update", before)["state"].to_list() == ["done"]
        assert not {"score", "comment"} & set(only(served, "results"))
        assert only(served, "results")["scoreStatus"] == "exempt"

    def test_records_of_others_keep_their_sourced_ids_and_are_matched_by_them(self, scribe, served):
        served.tables["categories"]["hw"] = {"sourcedId": "hw", "status": "active", "title": "Homework"}
        read = scribe.read().frames["grade-category"]
        assert read.select("key", "id", "class", "title").row(0) == ("hw", "hw", None, "Homework")
        rows = items(CLASS, "t1", category="hw").head(1)
        assert scribe.write("line-item", rows)["state"].to_list() == ["done"]
        assert scribe.read().frames["line-item"]["category"].to_list() == ["hw"]
        renamed = read.with_columns(title=pl.lit("Home"))
        assert scribe.write("grade-category", renamed, "update", texts("grade-category", read))["id"].to_list() == [
            "hw"
        ]
        assert "metadata" not in served.tables["categories"]["hw"]

    def test_a_service_that_drops_metadata_is_told_nothing_twice(self, scribe, served):
        served.keeps_metadata = False
        written = scribe.fill(small(scribe.bench))
        frames = scribe.read().frames
        for kind, rows in written.items():
            assert set(frames[kind]["key"]) == set(rows["key"])
            again = scribe.write(kind, rows.with_columns(id=pl.lit(None, pl.String)))
            assert set(again["state"]) == {"done"}
        assert served.counts("PUT") == 5
        assert set(frames["grade-category"]["class"]) == {CLASS}

    @pytest.mark.parametrize("told", [300, 300.0, "300", "300,0", " 300.0 "])
    def test_scores_are_numbers_however_they_are_told(self, scribe, served, told):
        scribe.fill(small(scribe.bench))
        only(served, "results")["score"] = told
        assert scribe.read().frames["result"]["score"].to_list() == [300.0]

    @pytest.mark.parametrize("told", ["", "n/a", "NaN", None, True, [], {"a": 1}])
    def test_a_score_that_is_none_is_none(self, scribe, served, told):
        scribe.fill(small(scribe.bench))
        only(served, "results")["score"] = told
        assert scribe.read().frames["result"]["score"].to_list() == [None]

    def test_sessions_are_grading_periods_in_the_first_version(self, older):
        Writer(older).fill(small(older))
        assert {each["gradingPeriod"]["sourcedId"] for each in older.served.tables["lineItems"].values()} == {"t1"}

    def test_a_grading_period_is_read_and_left_in_the_second(self, scribe, served):
        written = items_of(scribe)
        item = only(served, "lineItems")
        item["gradingPeriod"] = item.pop("academicSession")
        assert scribe.read().frames["line-item"]["session"].to_list() == ["t1"]
        before = texts("line-item", scribe.read().frames["line-item"])
        scribe.write("line-item", written["line-item"].with_columns(title=pl.lit("New")), "update", before)
        assert only(served, "lineItems")["gradingPeriod"] == {"sourcedId": "t1"}
        assert "academicSession" not in only(served, "lineItems")


class TestSchool:
    def test_the_school_is_that_of_the_class(self, scribe, served):
        items_of(scribe)
        assert only(served, "lineItems")["school"] == {"sourcedId": "north"}
        assert [path for _, path, _ in served.asked if path == f"classes/{CLASS}"] == [f"classes/{CLASS}"]

    def test_a_school_that_items_of_the_class_name_is_not_asked_for_again(self, scribe, served):
        items_of(scribe)
        served.asked.clear()
        scribe.write(
            "line-item", items(CLASS, "t1", key="i9", category=next(iter(served.tables["categories"]))).head(1)
        )
        assert not [path for _, path, _ in served.asked if path == f"classes/{CLASS}"]
        assert len(served.tables["lineItems"]) == 2

    def test_the_setting_comes_first_and_needs_no_scope_for_rosters(self, newer, served):
        served.classes["alg-1"], served.classes["bio-2"] = "south", "north"
        served.scopes = served.scopes[:3]
        with sink_of(newer, school="north") as sink:
            category = sink.write("grade-category", numbered(small(newer)["grade-category"]))["id"][0]
            rows = items(CLASS, "t1", category=category).head(1)
            assert sink.write("line-item", numbered(rows))["state"].to_list() == ["done"]
        assert only(served, "lineItems")["school"] == {"sourcedId": "north"}

    def test_an_item_of_a_class_whose_school_nobody_knows_is_refused_with_the_setting(self, scribe, served):
        category = scribe.fill({"grade-category": small(scribe.bench)["grade-category"]})["grade-category"]["id"][0]
        served.before.append(lambda _s, _m, path: refusal(404, "unknown") if path == f"classes/{CLASS}" else None)
        told = scribe.write("line-item", items(CLASS, "t1", category=category).head(1))
        assert told["state"].to_list() == ["refused"]
        assert "`school`" in told["reason"][0]


class TestReading:
    def test_pages_are_followed_to_the_end(self, newer, served):
        scribe = Writer(newer)
        item = items_of(scribe)["line-item"]["id"][0]
        served.students = tuple(f"s{number:03}" for number in range(25))
        rows = frame("result", [result(f"r{who}", item, CLASS, who, 1.0) for who in served.students])
        assert set(scribe.write("result", rows)["state"]) == {"done"}
        with sink_of(newer, limit=10) as sink:
            served.asked.clear()
            assert sink.read([CLASS]).frames["result"].height == 25
        offsets = [query["offset"] for _, path, query in served.asked if path.endswith("/results")]
        assert offsets == ["0", "10", "20"]

    def test_an_unknown_class_is_absent(self, scribe):
        scribe.fill(small(scribe.bench))
        assert scribe.read([CLASS, "no/such class"]).frames["result"].height == 1

    def test_addresses_with_signs_are_signed_as_they_are_sent(self, older):
        older.served.classes["10/a: Größe"] = "north"
        rows = small(older)["grade-category"].with_columns(**{"class": pl.lit("10/a: Größe")})
        with sink_of(older) as sink:
            category = sink.write("grade-category", numbered(rows))["id"][0]
            item = items("10/a: Größe", "t1", category=category).head(1)
            assert sink.write("line-item", numbered(item))["state"].to_list() == ["done"]
            assert sink.read(["10/a: Größe"]).frames["line-item"]["class"].to_list() == ["10/a: Größe"]

    def test_no_more_requests_are_under_way_than_callers(self, newer, served):
        scribe = Writer(newer)
        item = items_of(scribe)["line-item"]["id"][0]
        served.students = tuple(f"s{number:03}" for number in range(12))
        rows = frame("result", [result(f"r{who}", item, CLASS, who, 1.0) for who in served.students])
        served.pause, served.most_at_once = 0.02, 0
        with sink_of(newer, callers=3) as sink:
            assert set(sink.write("result", numbered(rows))["state"]) == {"done"}
        assert served.most_at_once == 3

    def test_a_token_that_ends_is_renewed_once_for_all_who_call(self, newer, served):
        scribe = Writer(newer)
        item = items_of(scribe)["line-item"]["id"][0]
        served.students = tuple(f"s{number:03}" for number in range(12))
        rows = frame("result", [result(f"r{who}", item, CLASS, who, 1.0) for who in served.students])
        with sink_of(newer, callers=4) as sink:
            sink.read([CLASS])
            before = len(served.tokens)
            served.tokens.append("another")
            assert set(sink.write("result", numbered(rows))["state"]) == {"done"}
        assert len(served.tokens) == before + 2

    def test_requests_are_in_proportion_to_classes_and_rows(self, newer, served):
        scribe = Writer(newer)
        item = items_of(scribe)["line-item"]["id"][0]
        rows = frame("result", [result(f"r{who}", item, CLASS, who, 1.0) for who in served.students])
        served.asked.clear()
        scribe.write("result", rows)
        assert served.counts("PUT") == 4
        assert served.counts("GET") == 2


class TestFinalGrades:
    def test_they_are_results_of_an_item_for_class_and_session_in_a_category_of_their_own(self, scribe, served):
        scribe.fill({"final-grade": finals(scribe.bench, 91.5, None)})
        category, item = only(served, "categories"), only(served, "lineItems")
        assert (category["title"], item["title"]) == ("Final grades", "Final grades")
        assert item["category"] == {"sourcedId": category["sourcedId"]}
        assert (item["class"], item["academicSession"]) == ({"sourcedId": CLASS}, {"sourcedId": "t1"})
        assert item["resultValueMax"] == 100
        told = {each["student"]["sourcedId"]: each for each in served.tables["results"].values()}
        assert (told["ann"]["score"], told["ann"]["textScore"]) == (91.5, "A")

    def test_what_holds_them_is_not_taken_for_categories_and_items_of_the_gradebook(self, scribe):
        scribe.fill({"final-grade": finals(scribe.bench, 91.5)})
        frames = scribe.read().frames
        assert frames["grade-category"].is_empty()
        assert frames["line-item"].is_empty()
        assert frames["result"].is_empty()
        assert frames["final-grade"].height == 1

    def test_a_second_session_has_an_item_of_its_own(self, newer, scribe, served):
        rows = finals(newer, 91.5)
        scribe.fill({"final-grade": rows})
        scribe.write("final-grade", rows.with_columns(key=pl.lit("g9"), session=pl.lit("t2")))
        assert len(served.tables["lineItems"]) == 2
        assert len(served.tables["categories"]) == 1
        assert sorted(scribe.read().frames["final-grade"]["session"]) == ["t1", "t2"]

    def test_where_their_item_is_refused_so_are_they(self, scribe, served):
        served.before.append(
            lambda _s, method, path: (
                refusal(422, "no more items") if (method, path[:9]) == ("PUT", "lineItems") else None
            )
        )
        told = scribe.write("final-grade", finals(scribe.bench, 91.5, 80.0))
        assert told["state"].to_list() == ["refused", "refused"]
        assert "no more items" in told["reason"][0]

    def test_the_title_is_a_setting(self, newer, served):
        with sink_of(newer, final_title="Zeugnis") as sink:
            sink.write("final-grade", numbered(finals(newer, 91.5)))
        assert only(served, "categories")["title"] == "Zeugnis"


class TestSettings:
    def test_the_paths_of_rosters_and_gradebooks_lead_to_each_other(self):
        for url in ("https://x.example", "https://x.example/ims/oneroster/rostering/v1p2"):
            made = settings_model("oneroster-rest").model_validate(
                {"type": "oneroster-rest", "url": url, "version": "1.2", "auth": {"method": "bearer"}}
            )
            assert made.base == "https://x.example/ims/oneroster/gradebook/v1p2"
            assert made.rostering == "https://x.example/ims/oneroster/rostering/v1p2"

    @pytest.mark.parametrize(
        "changes",
        [
            {"url": "http://x.example"},
            {"url": "https://x.example/ims/oneroster/v1p1"},
            {"callers": 0},
            {"callers": 99},
            {"version": "1.3"},
        ],
    )
    def test_settings_that_cannot_be_are_refused(self, newer, changes):
        with pytest.raises(ValueError, match=r"."):
            open_sink({**newer.settings, **changes})

    def test_nothing_is_asked_before_it_is_read_or_written(self, newer, served):
        with sink_of(newer) as sink:
            assert sink.abilities.letters
        assert served.asked == []
