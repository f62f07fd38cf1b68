import csv
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import time

import polars as pl
import pytest
from gradebooks import categories, frame, items, result, small
from hypothesis import given, settings
from hypothesis import strategies as st
from packages_seen import PackageBench
from sink_benches import Writer, texts

from matricula.errors import SettingError, StopError, WaitError
from matricula.sandbox.school import School
from matricula.sinks import files, open_sink
from matricula.sinks.oneroster_csv.rows import sourced_ids
from matricula.sources import open_source

BASE = "sourcedId,status,dateLastModified,"
ITEM = "title,description,assignDate,dueDate,classSourcedId,categorySourcedId,"
RESULT = "lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment"
HEADERS = {
    ("1.1", "categories"): f"{BASE}title",
    ("1.1", "lineItems"): f"{BASE}{ITEM}gradingPeriodSourcedId,resultValueMin,resultValueMax",
    ("1.1", "results"): f"{BASE}{RESULT}",
    ("1.2", "categories"): f"{BASE}title,weight",
    ("1.2", "lineItems"): f"{BASE}{ITEM}academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId",
    ("1.2", "results"): f"{BASE}{RESULT},textScore,classSourcedId,inProgress,incomplete,late,missing",
}


@pytest.fixture(params=["1.1", "1.2"])
def version(request) -> str:
    return request.param


@pytest.fixture
def bench(tmp_path) -> PackageBench:
    return PackageBench(tmp_path / "package", "1.2")


@pytest.fixture
def writer(bench) -> Writer:
    return Writer(bench)


def test_headers_are_those_of_the_binding_and_then_extensions(tmp_path, version):
    bench = PackageBench(tmp_path / "package", version)
    Writer(bench).fill(small(bench))
    for name in ("categories", "lineItems", "results"):
        header = bench.files()[f"{name}.csv"].splitlines()[0]
        plain, extensions = header[: len(HEADERS[version, name])], header[len(HEADERS[version, name]) :]
        assert plain == HEADERS[version, name]
        assert re.fullmatch(r"(,metadata\.\w+)*", extensions)


def test_the_manifest_names_every_file_of_the_version(tmp_path, version):
    bench = PackageBench(tmp_path / "package", version)
    bench.settings |= {"system_name": "Our Moodle, grades"}
    Writer(bench).fill(small(bench))
    header, *rows = csv.reader(io.StringIO(bench.files()["manifest.csv"]))
    told = dict(rows)
    assert header == ["propertyName", "value"]
    assert told.pop("manifest.version") == "1.0"
    assert told.pop("oneroster.version") == version
    assert told.pop("source.systemName") == "Our Moodle, grades"
    assert {name for name, mode in told.items() if mode == "bulk"} == {
        "file.categories", "file.lineItems", "file.results",
    }  # fmt: skip
    assert set(told.values()) == {"bulk", "absent"}
    assert len(told) == (13 if version == "1.1" else 21)


def test_a_file_that_is_gone_comes_again_and_the_manifest_follows_the_settings(bench, writer):
    writer.fill(small(bench))
    (bench.path / "results.csv").unlink()
    bench.settings |= {"system_name": "Another"}
    other = categories(bench.classes[1]).with_columns(pl.col("key") + "-2")
    writer.write("grade-category", other)
    assert set(bench.files()) == {"manifest.csv", "categories.csv", "lineItems.csv", "results.csv"}
    assert "source.systemName,Another" in bench.files()["manifest.csv"]
    assert bench.rows("result") == []


def test_rows_of_complete_files_have_no_status_and_plain_decimals(bench, writer):
    class_, (one, two, *_) = bench.classes[0], bench.students
    small_one = result("r1", "i1", class_, one, 0.00001)
    writer.fill(small(bench, small_one, result("r2", "i1", class_, two, 123456789.5)))
    rows = bench.rows("result")
    assert {(row["status"], row["dateLastModified"]) for row in rows} == {("", "")}
    assert sorted(row["score"] for row in rows) == ["0.00001", "123456789.5"]
    assert {row["scoreDate"] for row in rows} == {"2026-01-31T08:00:00.000Z"}
    assert {row["schoolSourcedId"] for row in bench.rows("line-item")} == {"school-1"}


def test_the_strict_reader_of_sources_finds_no_fault_in_a_roster_with_the_package(tmp_path, version):
    roster = tmp_path / "roster"
    School.generate(students=4, staff=2, classes=1).write(roster, version)
    bench = PackageBench(tmp_path / "package", version)
    Writer(bench).fill(small(bench))
    ours = [name for name in bench.files() if name != "manifest.csv"]
    for name in ours:
        shutil.copy(bench.path / name, roster)
    # Of each file one of the two manifests says bulk.
    theirs = (roster / "manifest.csv").read_text().splitlines()
    bulk = {line for line in bench.files()["manifest.csv"].splitlines() if line.endswith(",bulk")}
    lines = [line for line in theirs if line.replace(",absent", ",bulk") not in bulk]
    (roster / "manifest.csv").write_text("\n".join([*lines, *bulk]) + "\n")
    read = open_source({"type": "oneroster-csv", "path": str(roster), "strict": True}).deliver().roster()
    assert list(read.findings) == []


def test_what_must_have_a_day_gets_one_and_is_read_as_without(bench, writer):
    class_ = bench.classes[0]
    undated = result("r1", "i1", class_, bench.students[0], 5.0, scored=None)
    frames = small(bench, undated)
    frames["line-item"] = items(class_, bench.sessions[0], assigned=None, due=None)
    written = writer.fill(frames)
    for row in bench.rows("line-item"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["assignDate"])
        assert row["dueDate"]
    read = writer.read().frames
    first = read["line-item"].filter(id=written["line-item"]["id"][0])
    assert first.select("assigned", "due").rows() == [(None, None)]
    assert bench.rows("result")[0]["scoreDate"]
    assert read["result"]["scored"].to_list() == [None]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=300), unique=True, max_size=5))
def test_every_key_has_a_sourced_id_of_its_own(keys):
    ids = sourced_ids(pl.Series("key", keys, pl.String))
    assert ids.n_unique() == len(keys)
    assert all(re.fullmatch(r"[0-9a-zA-Z.\-_/@]{1,255}", each) for each in ids)


def test_keys_that_are_no_sourced_ids_are_read_again(bench, writer):
    class_ = bench.classes[0]
    keys = ["i:17\tstudent-1", "ключ", "digest-1", "x" * 300]
    frames = small(bench)
    frames["grade-category"] = frame(
        "grade-category",
        [{"key": key, "class": class_, "title": "T"} for key in keys] + categories(class_).drop("id").to_dicts(),
    )
    writer.fill(frames)
    assert set(keys) <= set(writer.read().frames["grade-category"]["key"])


def test_what_others_added_to_a_row_stays(bench, writer):
    rows = writer.fill(small(bench))["result"]
    text = pl.read_csv(bench.path / "results.csv", infer_schema=False)
    text.with_columns(pl.lit("blue").alias("metadata.colour")).write_csv(bench.path / "results.csv")
    before = texts("result", writer.read().frames["result"])
    told = writer.write("result", rows.with_columns(score=pl.lit(1.5)), "update", before)
    assert told["state"].to_list() == ["done"]
    assert [(row["score"], row["metadata.colour"]) for row in bench.rows("result")] == [("1.5", "blue")]


def test_rows_of_others_without_our_columns_are_read(bench, writer):
    writer.fill(small(bench))
    for kind, name in (("grade-category", "categories"), ("line-item", "lineItems"), ("result", "results")):
        text = pl.read_csv(bench.path / f"{name}.csv", infer_schema=False)
        text.select(column for column in text.columns if not column.startswith("metadata.")).write_csv(
            bench.path / f"{name}.csv"
        )
        assert kind in writer.read().frames
    frames = writer.read().frames
    assert frames["grade-category"]["class"].to_list() == [bench.classes[0]] * 2
    assert frames["grade-category"]["key"].to_list() == frames["grade-category"]["id"].to_list()


def test_what_is_still_named_is_not_taken_away(bench, writer):
    written = writer.fill(small(bench))
    for kind in ("grade-category", "line-item"):
        before = texts(kind, writer.read().frames[kind])
        told = writer.write(kind, written[kind].head(1), "remove", before.head(1))
        assert told["state"].to_list() == ["refused"]


@pytest.mark.parametrize(("field", "words"), [("category", "category"), ("session", "marking period")])
def test_an_item_lacks_nothing_that_the_binding_demands(bench, writer, field, words):
    writer.write("grade-category", categories(bench.classes[0]))
    lacking = items(bench.classes[0], bench.sessions[0]).head(1).with_columns(pl.lit(None, pl.String).alias(field))
    told = writer.write("line-item", lacking)
    assert told["state"].to_list() == ["refused"]
    assert words in told["reason"][0]


def test_an_item_of_1_1_has_a_maximum(tmp_path):
    bench = PackageBench(tmp_path / "package", "1.1")
    writer = Writer(bench)
    writer.write("grade-category", categories(bench.classes[0]))
    told = writer.write("line-item", items(bench.classes[0], bench.sessions[0], maximum=None))
    assert told["state"].to_list() == ["refused", "done"]


def test_a_score_that_would_be_no_plain_decimal_is_refused(bench, writer):
    written = writer.fill(small(bench))
    row = result("r9", written["line-item"]["id"][1], bench.classes[0], bench.students[1], 1e16)
    assert writer.write("result", frame("result", [row]))["state"].to_list() == ["refused"]


def test_1_2_needs_the_school():
    with pytest.raises(ValueError, match="school"):
        open_sink({"type": "oneroster-csv", "path": "somewhere", "version": "1.2"})


def test_a_package_of_something_else_is_not_written_over(tmp_path, bench, writer):
    bench.path.mkdir()
    (bench.path / "users.csv").write_text("sourcedId\nu\n")
    with pytest.raises(SettingError, match="no package of gradebooks"):
        writer.write("grade-category", categories(bench.classes[0]))
    (bench.path / "manifest.csv").write_text("propertyName,value\noneroster.version,1.2\nfile.users,bulk\n")
    with pytest.raises(SettingError, match="other things"):
        writer.read()
    assert (bench.path / "users.csv").read_text() == "sourcedId\nu\n"


def test_a_package_of_another_version_is_not_written_over(tmp_path, bench, writer):
    writer.fill(small(bench))
    older = Writer(PackageBench(bench.path, "1.1"))
    with pytest.raises(SettingError, match=r"of OneRoster 1\.2"):
        older.write("grade-category", categories(bench.classes[0]))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("results.csv", b"nothing,of,this\n1,2,3\n"),
        ("results.csv", b"\xff\xfe\x00"),
        ("lineItems.csv", b"sourcedId\n"),
    ],
)
def test_a_package_that_was_spoilt_is_not_used(bench, writer, name, data):
    writer.fill(small(bench))
    (bench.path / name).write_bytes(data)
    with pytest.raises(StopError, match="package"):
        writer.read()


def test_a_score_that_is_no_number_stops(bench, writer):
    rows = writer.fill(small(bench))["result"]
    bench.alter("result", rows["id"][0], score="71,5")
    with pytest.raises(StopError, match="score of"):
        writer.read()


def test_a_broken_zip_stops(tmp_path):
    (tmp_path / "package.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(StopError):
        Writer(PackageBench(tmp_path / "package.zip", "1.2")).read()


def test_where_nothing_can_be_written_it_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    bench = PackageBench(tmp_path / "file" / "package", "1.2")
    with pytest.raises(StopError, match="cannot be written"):
        Writer(bench).write("grade-category", categories("class-1"))


def test_a_writer_waits_for_another_and_not_for_ever(bench, writer, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    with files.one_writer(bench.path), pytest.raises(WaitError):
        writer.write("grade-category", categories(bench.classes[0]))
    assert writer.write("grade-category", categories(bench.classes[0]))["state"].to_list() == ["done"] * 2


_WRITER = """
import json, sys
import polars as pl
from matricula.roster.gradebook import KINDS
from matricula.sinks import open_sink
settings, prefix, times, rows = json.loads(sys.argv[1])
print("ready", flush=True)
for turn in range(times):
    told = {"class": "class-1", "title": "T", "weight": float(turn)}
    rows_told = [told | {"key": f"{prefix}-{turn}-{number}", "id": None} for number in range(rows)]
    new = pl.DataFrame(rows_told, KINDS["grade-category"])
    asked = new.with_columns(number=pl.int_range(rows, dtype=pl.Int64), action=pl.lit("create"), before=pl.lit("{}"))
    with open_sink(settings) as sink:
        assert set(sink.write("grade-category", asked)["state"]) == {"done"}
"""


def _writes(settings, prefix: str, times: int, rows: int) -> "subprocess.Popen[str]":
    told = json.dumps([settings, prefix, times, rows])
    return subprocess.Popen([sys.executable, "-c", _WRITER, told], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_two_who_write_at_once_lose_nothing(tmp_path, name):
    bench = PackageBench(tmp_path / name, "1.2")
    writers = [_writes(bench.settings, prefix, 4, 3) for prefix in ("one", "two")]
    for each in writers:
        each.communicate()
        assert each.returncode == 0
    assert Writer(bench).read().frames["grade-category"].height == 24


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_killed_while_writing_the_package_is_whole(tmp_path, name):
    bench = PackageBench(tmp_path / name, "1.2")
    for moment in (0.05, 0.25):
        with _writes(bench.settings, f"kill-{moment}", 1000, 500) as killed:
            assert killed.stdout
            killed.stdout.readline()
            time.sleep(moment)
            killed.send_signal(signal.SIGKILL)
        there = Writer(bench).read().frames["grade-category"]
        assert there.height % 500 == 0
    assert Writer(bench).write("grade-category", categories("class-1"))["state"].to_list() == ["done"] * 2
    left = {entry.name for entry in (tmp_path if name.endswith("zip") else bench.path).iterdir()}
    assert [each for each in left if each.endswith(files.PART)] == []
