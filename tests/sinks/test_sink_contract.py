"""What every kind of sink must do. A new kind joins with one line in `KINDS_OF_SINK`."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import polars as pl
import pytest
from gradebooks import LONG, categories, finals, frame, gradebooks, items, result, small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oneroster_seen import oneroster_service_1_1, oneroster_service_1_2
from opensis_gradebooks import opensis_8
from packages_seen import oneroster_1_1, oneroster_1_2, oneroster_zip
from sink_benches import SinkBench, Writer, by_id, texts, translated
from sink_databases import (
    in_mariadb,
    in_postgresql,
    in_sqlite,
    in_sqlite_mapped,
)
from workbooks_seen import workbook_by_class

from matricula.errors import SettingError
from matricula.roster.gradebook import KINDS, fields_of
from matricula.sinks import SINKS, WRITTEN, open_sink, settings_model

KINDS_OF_SINK: dict[str, Callable[[Path], AbstractContextManager[SinkBench]]] = {
    "oneroster-csv": oneroster_1_2,
    "oneroster-csv, 1.1": oneroster_1_1,
    "oneroster-csv, zip": oneroster_zip,
    "opensis": opensis_8,
    "sql": in_sqlite,
    "sql, mapped": in_sqlite_mapped,
    "sql, postgresql": in_postgresql,
    "sql, mariadb": in_mariadb,
    "spreadsheet": workbook_by_class,
    "oneroster-rest": oneroster_service_1_2,
    "oneroster-rest, 1.1": oneroster_service_1_1,
}
"""For each kind, and for each setting that changes what it can take: makes a world with an empty sink in a folder."""


@pytest.fixture(params=KINDS_OF_SINK, scope="module")
def world(request, tmp_path_factory):
    with KINDS_OF_SINK[request.param](tmp_path_factory.mktemp("sink")) as bench:
        yield bench


@pytest.fixture
def bench(world) -> SinkBench:
    world.clear()
    return world


@pytest.fixture
def writer(bench) -> Writer:
    return Writer(bench)


def seen(bench: SinkBench, kind: str, sourced_id: str):
    (row,) = [row for row in bench.seen(kind) if row["id"] == sourced_id]
    return row


def test_every_kind_is_in_this_suite():
    assert {name.partition(",")[0] for name in KINDS_OF_SINK} == set(SINKS)


def test_an_empty_sink_has_all_frames_and_nothing_in_them(writer):
    frames = writer.read().frames
    assert {kind: frames[kind].schema for kind in frames} == KINDS
    assert all(rows.is_empty() for rows in frames.values())


def test_what_was_written_is_read_again_and_seen_by_all(bench, writer):
    written = writer.fill(small(bench))
    frames = writer.read().frames
    for kind, rows in written.items():
        expected = translated(kind, rows, written, "key", "id") if kind == "line-item" else rows
        assert by_id(kind, frames) == expected.drop("key").sort("id").to_dicts()
        assert {row["id"] for row in bench.seen(kind)} == set(rows["id"])
    assert seen(bench, "result", written["result"]["id"][0])["score"] == 71.5
    assert seen(bench, "line-item", written["line-item"]["id"][1])["title"] == "Vocabulary"


def test_answers_name_every_row_and_its_id(bench, writer):
    told = writer.write("grade-category", categories(bench.classes[0]))
    assert told.schema == WRITTEN
    assert told["number"].to_list() == [1, 2]
    assert told["state"].to_list() == ["done", "done"]
    assert told["id"].n_unique() == 2


def test_no_rows_are_written_without_complaint(bench, writer):
    assert writer.write("result", frame("result", [])).schema == WRITTEN
    assert bench.seen("result") == []


def test_a_write_that_is_repeated_does_nothing_twice(bench, writer):
    written = writer.fill(small(bench))
    for kind in written:
        again = writer.write(kind, written[kind].with_columns(id=pl.lit(None, pl.String)))
        # A sink that keeps no key cannot know whether another item of that title is meant.
        assert set(again["state"]) <= {"done"} | ({"stale"} if kind != "result" else set())
        assert {row["id"] for row in bench.seen(kind)} == set(written[kind]["id"])


def test_an_update_changes_that_record_alone(bench, writer):
    class_, (one, two, *_) = bench.classes[0], bench.students
    written = writer.fill(small(bench, result("r1", "i1", class_, one, 50.0), result("r2", "i1", class_, two, 60.0)))
    rows = written["result"].filter(pl.col("student") == one)
    told = update(writer, "result", rows, score=55.25)
    assert told["state"].to_list() == ["done"]
    assert seen(bench, "result", rows["id"][0])["score"] == 55.25
    assert [row["score"] for row in bench.seen("result") if row["id"] != rows["id"][0]] == [60.0]


def test_titles_of_categories_and_items_change(bench, writer):
    written = writer.fill(small(bench))
    for kind in ("grade-category", "line-item"):
        rows = written[kind].head(1)
        assert update(writer, kind, rows, title="Another")["state"].to_list() == ["done"]
        assert seen(bench, kind, rows["id"][0])["title"] == "Another"


def update(writer: Writer, kind: str, rows: pl.DataFrame, **fields):
    """Change fields of rows that were written, as they are read now."""
    before = as_read(writer, kind, rows)
    told = {name: pl.lit(value, KINDS[kind][name]) for name, value in fields.items()}
    return writer.write(kind, rows.with_columns(**told), "update", before)


def as_read(writer: Writer, kind: str, rows: pl.DataFrame) -> pl.Series:
    read = writer.read().frames[kind]
    return texts(kind, rows.select("id").join(read, on="id", how="left", maintain_order="left"))


def test_an_update_that_is_repeated_is_done(bench, writer):
    rows = writer.fill(small(bench))["result"]
    before = as_read(writer, "result", rows)
    changed = rows.with_columns(score=pl.lit(80.0))
    for _ in range(2):
        assert writer.write("result", changed, "update", before)["state"].to_list() == ["done"]
    assert seen(bench, "result", rows["id"][0])["score"] == 80.0


def test_what_is_removed_is_gone_and_may_be_removed_again(bench, writer):
    if not writer.abilities.removes:
        pytest.skip("it cannot take records away")
    written = writer.fill(small(bench))
    for kind in reversed(written):
        before = as_read(writer, kind, written[kind])
        for _ in range(2):
            told = writer.write(kind, written[kind], "remove", before)
            assert set(told["state"]) == {"done"}
        assert bench.seen(kind) == []
        assert writer.read().frames[kind].is_empty()


def test_a_score_that_somebody_changed_is_left(bench, writer):
    rows = writer.fill(small(bench))["result"]
    before = as_read(writer, "result", rows)
    bench.alter("result", rows["id"][0], score=12.0)
    actions = ("update", "remove") if writer.abilities.removes else ("update",)
    for action in actions:
        told = writer.write("result", rows.with_columns(score=pl.lit(99.0)), action, before)
        assert told["state"].to_list() == ["stale"]
        assert told["reason"][0]
    assert seen(bench, "result", rows["id"][0])["score"] == 12.0
    assert writer.read().frames["result"]["score"].to_list() == [12.0]


def test_a_record_that_somebody_took_away_is_not_made_again_by_an_update(bench, writer):
    rows = writer.fill(small(bench))["result"]
    before = as_read(writer, "result", rows)
    bench.lose("result", rows["id"][0])
    assert writer.write("result", rows, "update", before)["state"].to_list() == ["stale"]
    assert bench.seen("result") == []


def test_there_is_one_result_of_a_student_in_an_item(bench, writer):
    written = writer.fill(small(bench))
    other = written["result"].with_columns(key=pl.lit("other"), id=pl.lit(None, pl.String), score=pl.lit(1.0))
    assert writer.write("result", other)["state"].to_list() == ["stale"]
    assert [row["score"] for row in bench.seen("result")] == [71.5]


def test_a_bad_row_costs_itself_alone(bench, writer):
    class_, (one, two, three, four) = bench.classes[0], bench.students
    written = writer.fill(small(bench, result("r0", "i2", class_, one, 1.0)))
    item = written["line-item"]["id"][0]
    rows = frame(
        "result",
        [
            result("r1", item, class_, one, 10.0),
            result("r2", item, class_, two, float("nan")),
            result("r3", item, class_, three, 30.0),
            result("r4", item, class_, four, 40.0, status="beautiful"),
        ],
    )
    told = writer.write("result", rows)
    assert told["state"].to_list() == ["done", "refused", "done", "refused"]
    assert all(told.filter(state="refused")["reason"].is_not_null())
    assert sorted(row["score"] for row in bench.seen("result")) == [1.0, 10.0, 30.0]


def test_a_result_of_no_item_is_refused(bench, writer):
    written = writer.fill(small(bench))
    gone = written["line-item"]["id"][0]
    writer.bench.clear()
    told = writer.write("result", frame("result", [result("r9", gone, bench.classes[0], bench.students[1], 5.0)]))
    assert told["state"].to_list() == ["refused"]


def test_an_item_without_a_title_is_refused(bench, writer):
    nameless = items(bench.classes[0], bench.sessions[0], title=None, category=None).head(1)
    assert writer.write("line-item", nameless)["state"].to_list() == ["refused"]


def test_zero_no_score_and_an_excuse_are_told_apart(bench, writer):
    class_, (one, two, three, _) = bench.classes[0], bench.students
    excused = result("r3", "i1", class_, three, None, status="exempt")
    rows = [result("r1", "i1", class_, one, 0.0), result("r2", "i1", class_, two, None)]
    rows += [excused] if writer.abilities.exempt else []
    writer.fill(small(bench, *rows))
    read = writer.read().frames["result"]
    told = {row["student"]: (row["status"], row["score"]) for row in read.to_dicts()}
    wanted = {one: ("fully graded", 0.0), two: ("not submitted", None)}
    assert told == wanted | ({three: ("exempt", None)} if writer.abilities.exempt else {})


def test_whoever_cannot_be_excused_gets_no_zero(bench, writer):
    if writer.abilities.exempt:
        pytest.skip("people can be excused here")
    written = writer.fill(small(bench))
    excused = result("r3", written["line-item"]["id"][1], bench.classes[0], bench.students[2], None, status="exempt")
    assert writer.write("result", frame("result", [excused]))["state"].to_list() == ["refused"]
    assert len(bench.seen("result")) == 1


def test_a_score_becomes_none_and_an_excuse_and_again_a_score(bench, writer):
    rows = writer.fill(small(bench))["result"]
    states = [("not submitted", None), ("exempt", None), ("fully graded", 0.0)]
    for status, score in states:
        if status in writer.abilities.statuses and (status != "exempt" or writer.abilities.exempt):
            told = update(writer, "result", rows, status=status, score=score)
            assert told["state"].to_list() == ["done"]
            assert writer.read().frames["result"].select("status", "score").rows() == [(status, score)]


def test_extra_credit_survives(bench, writer):
    class_ = bench.classes[0]
    rows = writer.fill(small(bench, result("r1", "i1", class_, bench.students[0], 300.0)))["result"]
    assert seen(bench, "result", rows["id"][0])["score"] == 300.0
    assert writer.read().frames["result"]["score"].to_list() == [300.0]


@pytest.mark.parametrize("title", [LONG, "She said “no”, \"no\", and 'no';", "Ünïcödé 数学 🎓", "two\nlines", "=1+1"])
def test_titles_are_any_text(bench, writer, title):
    frames = small(bench)
    frames["line-item"] = items(bench.classes[0], bench.sessions[0], title=title)
    written = writer.fill(frames)["line-item"]
    shown = writer.abilities.held("line-item", frames["line-item"])["title"][0]
    assert seen(bench, "line-item", written["id"][0])["title"] == shown
    assert shown in writer.read().frames["line-item"]["title"].to_list()


def test_letters_stand_beside_points_or_alone(bench, writer):
    class_, (one, two, *_) = bench.classes[0], bench.students
    both, alone = (
        result("r1", "i1", class_, one, 88.0, text="B+"),
        result("r2", "i1", class_, two, None, text="A", status="fully graded"),
    )
    writer.fill(small(bench, both, alone))
    told = {row["student"]: (row["score"], row["text"]) for row in writer.read().frames["result"].to_dicts()}
    letters = writer.abilities.letters
    assert told == ({one: (88.0, "B+"), two: (None, "A")} if letters else {one: (88.0, None)})


def test_a_letter_without_a_place_is_refused_where_there_are_no_points(bench, writer):
    if writer.abilities.letters:
        pytest.skip("letters have a place here")
    written = writer.fill(small(bench))
    row = result("r2", written["line-item"]["id"][1], bench.classes[0], bench.students[1], None)
    told = writer.write("result", frame("result", [row | {"text": "A", "status": "fully graded"}]))
    assert told["state"].to_list() == ["refused"]


def test_comments_and_weights_are_kept_where_it_says_so(bench, writer):
    class_ = bench.classes[0]
    comment = 'Well done,\n"really"; more soon'
    writer.fill(small(bench, result("r1", "i1", class_, bench.students[0], 88.0, comment=comment)))
    frames = writer.read().frames
    assert frames["result"]["comment"].to_list() == [comment if writer.abilities.comments else None]
    weights = sorted(frames["grade-category"]["weight"].fill_null(-1))
    assert weights == ([40.0, 60.0] if writer.abilities.weights else [-1, -1])


def test_final_grades_are_kept_where_it_says_so(bench, writer):
    rows = finals(bench, 91.5, 0.0, None)
    if "final-grade" not in writer.abilities.kinds:
        assert writer.write("final-grade", rows)["state"].to_list() == ["refused"] * 3
        return
    written = writer.fill({"final-grade": rows})["final-grade"]
    assert by_id("final-grade", writer.read().frames) == written.drop("key").sort("id").to_dicts()
    assert update(writer, "final-grade", written.head(1), percent=93.0)["state"].to_list() == ["done"]
    assert 93.0 in writer.read().frames["final-grade"]["percent"].to_list()


def test_only_the_classes_asked_for_are_read(bench, writer):
    writer.fill(small(bench))
    assert all(rows.is_empty() for rows in writer.read([bench.classes[1]]).frames.values())
    assert all(rows.is_empty() for rows in writer.read(["no-such-class"]).frames.values())
    assert all(rows.is_empty() for rows in writer.read([]).frames.values())
    some = writer.read([bench.classes[0], "no-such-class"]).frames
    assert some["result"].height == 1


def test_a_class_that_is_not_there_takes_nothing_of_others(bench, writer):
    told = writer.write("grade-category", categories("no-such-class"))
    assert set(told["state"]) <= {"done", "refused"}
    assert writer.read().frames["grade-category"].is_empty()


def test_the_order_of_rows_does_not_matter(bench, writer):
    class_ = bench.classes[0]
    frames = small(bench, *(result(f"r{n}", "i1", class_, who, float(n)) for n, who in enumerate(bench.students)))
    writer.fill(frames)
    there = without_ids(writer)
    bench.clear()
    writer.fill({kind: rows.reverse() for kind, rows in frames.items()})
    assert without_ids(writer) == there


def without_ids(writer: Writer):
    frames = writer.read().frames
    names = dict(zip(frames["line-item"]["key"], frames["line-item"]["title"], strict=True))
    rows = frames["result"].with_columns(pl.col("item").replace(names))
    return rows.drop("key", "id").sort("student").to_dicts()


def test_it_says_truly_what_it_can_take(bench, writer):
    abilities = writer.abilities
    assert {"grade-category", "line-item", "result"} <= abilities.kinds <= set(KINDS)
    assert {"fully graded", "not submitted"} <= abilities.statuses
    assert ("exempt" in abilities.statuses) == abilities.exempt
    fields = {f"{kind}.{name}" for kind in KINDS for name in fields_of(kind)}
    assert (abilities.without | set(abilities.lengths)) <= fields
    kept = small(bench)
    for kind, rows in kept.items():
        held = abilities.held(kind, rows)
        assert held.schema == KINDS[kind]
        assert abilities.held(kind, held).equals(held)


def test_students_it_knows_are_those_of_the_class(bench, writer):
    writer.fill(small(bench))
    known = writer.read().students
    if known is not None:
        assert set(known.columns) == {"class", "student"}
        assert set(bench.students) <= set(known.filter(pl.col("class") == bench.classes[0])["student"])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_gradebook_is_read_as_it_was_written(world, data):
    world.clear()
    writer = Writer(world)
    written = writer.fill(data.draw(gradebooks(world.classes, world.students, world.sessions)))
    frames = writer.read().frames
    for kind, rows in written.items():
        assert by_id(kind, frames) == rows.drop("key").sort("id").to_dicts()


def test_settings_are_documented_and_unknown_ones_are_refused(bench):
    model = settings_model(bench.settings["type"])
    assert all(field.description for field in model.model_fields.values())
    with pytest.raises(ValueError, match="colour"):
        open_sink({**bench.settings, "colour": "green"})


@pytest.mark.parametrize("document", [{}, {"type": "carrier-pigeon"}, {"type": 7}])
def test_an_unknown_kind_is_refused_with_the_kinds_there_are(document):
    with pytest.raises(SettingError) as error:
        open_sink(document)
    assert all(kind in str(error.value) for kind in SINKS)


_READER = """
import json, sys
from matricula.sinks import open_sink
settings, classes = json.loads(sys.argv[1])
print("ready", flush=True)
for _ in range(25):
    with open_sink(settings) as sink:
        rows = sink.read(classes).frames["result"]
    print(json.dumps(sorted(set(rows["score"]))), rows.height, flush=True)
"""


def test_who_reads_meanwhile_sees_whole_states_alone(bench, writer):
    if writer.abilities.at_once or bench.settings.get("type") == "oneroster-rest":
        pytest.skip("its rows are written one by one")
    class_ = bench.classes[0]
    rows = writer.fill(small(bench, *(result(f"r{n}", "i1", class_, who, 0.0) for n, who in enumerate(bench.students))))
    told = json.dumps([dict(bench.settings), list(bench.classes)])
    with subprocess.Popen([sys.executable, "-c", _READER, told], stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "ready\n"
        score = 0.0
        while reader.poll() is None and score < 200:
            score += 1.0
            update(writer, "result", rows["result"], score=score)
        looks = reader.stdout.read().splitlines()
    assert reader.returncode == 0
    assert len(looks) == 25
    assert {look.count(",") for look in looks} == {0}
    assert {look.split()[-1] for look in looks} == {"4"}
