"""Plain tables: what a school sees in them, and what its own tables refuse."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from gradebooks import MORNING, categories, finals, frame, items, result, small
from sink_benches import Writer, texts
from sink_databases import MAP, TablesBench, in_mariadb, in_postgresql, in_sqlite
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from matricula.errors import MatriculaError, SettingError, WaitError
from matricula.sinks import open_sink, settings_model
from matricula.sinks.sql.shapes import COLUMNS, TABLES

PAGE = Path(__file__).parents[2] / "docs" / "sinks" / "sql.md"
WORLDS = {"sqlite": in_sqlite, "postgresql": in_postgresql, "mariadb": in_mariadb}


@pytest.fixture(params=WORLDS, scope="module")
def world(request, tmp_path_factory):
    with WORLDS[request.param](tmp_path_factory.mktemp("sink")) as bench:
        yield bench


@pytest.fixture
def bench(world) -> TablesBench:
    world.clear()
    return world


@pytest.fixture
def strict(world):
    """A table of the school's own for results, which refuses thirteen."""
    world.clear()
    world.run(
        "CREATE TABLE marks (ref VARCHAR(80) PRIMARY KEY, test VARCHAR(40) NOT NULL, course VARCHAR(80), "
        "pupil VARCHAR(80), mark NUMERIC(6,2), note VARCHAR(10), state VARCHAR(20), seen_on DATE, CHECK (mark <> 13))"
    )
    columns = {"sourced_id": "ref", "line_item_sourced_id": "test", "class_sourced_id": "course",
               "student_sourced_id": "pupil", "score": "mark", "comment": "note", "score_status": "state",
               "score_date": "seen_on"}  # fmt: skip
    table = {"name": "marks", "columns": columns}
    bench = TablesBench(world.engine, world.settings | {"tables": {"results": table}, "timezone": "America/New_York"})
    bench.surroundings = world.surroundings
    yield bench
    world.run("DROP TABLE marks")


def test_the_tables_hold_what_the_page_says(bench):
    Writer(bench).fill(small(bench) | {"final-grade": finals(bench, 88.0)})
    (row,) = bench.run("SELECT * FROM matricula_results")
    assert row == {
        "sourced_id": "r1",
        "line_item_sourced_id": "i1",
        "class_sourced_id": bench.classes[0],
        "student_sourced_id": bench.students[0],
        "score_status": "fully graded",
        "score": 71.5,
        "text_score": None,
        "comment": None,
        "score_date": row["score_date"],
    }
    assert str(row["score_date"])[:19] == MORNING.strftime("%Y-%m-%d %H:%M:%S")
    (row,) = bench.run("SELECT title, category_sourced_id, due_date FROM matricula_line_items WHERE sourced_id = 'i1'")
    assert (row["title"], row["category_sourced_id"]) == ("Essay", "c1")
    assert bench.run("SELECT percent FROM matricula_finals") == [{"percent": 88.0}]


def test_nothing_is_made_by_reading(tmp_path):
    path = tmp_path / "grades.sqlite"
    with open_sink({"type": "sql", "path": str(path)}) as sink:
        assert sink.read(["section-1"]).frames["result"].is_empty()
    assert not path.exists()


def test_a_change_that_is_under_way_is_waited_for_and_stands(bench):
    writer = Writer(bench)
    rows = writer.fill(small(bench))["result"]
    seen = texts("result", writer.read().frames["result"])
    begin = {"sqlite": "BEGIN IMMEDIATE"}.get(bench.engine.dialect.name)
    with bench.engine.connect() as somebody, ThreadPoolExecutor(1) as pool:
        if begin:
            somebody.exec_driver_sql(begin)
        somebody.exec_driver_sql("UPDATE matricula_results SET score = 12 WHERE sourced_id = 'r1'")
        told = pool.submit(writer.write, "result", rows.with_columns(score=pl.lit(99.0)), "update", seen)
        with pytest.raises(TimeoutError):
            told.result(timeout=0.3)
        somebody.commit()
        assert told.result(timeout=20)["state"].to_list() == ["stale"]
    assert [row["score"] for row in bench.seen("result")] == [12.0]


def test_keys_are_told_apart_letter_by_letter(bench):
    rows = categories(bench.classes[0]).with_columns(key=frame("result", [{"key": "Äa"}, {"key": "aa"}])["key"])
    assert Writer(bench).write("grade-category", rows)["state"].to_list() == ["done", "done"]


def test_a_row_that_the_schools_own_table_refuses_costs_itself_alone(strict):
    writer = Writer(strict)
    class_, students = strict.classes[0], strict.students
    writer.fill({"grade-category": categories(class_), "line-item": items(class_, strict.sessions[0])})
    scores = [12.0, 13.0, 12.345, 123456.0]
    rows = [
        result(f"r{n}", "i1", class_, who, score) for n, (who, score) in enumerate(zip(students, scores, strict=True))
    ]
    rows += [result("r9", "i2", class_, students[0], 9.0, comment="far too long a comment")]
    told = writer.write("result", frame("result", rows))
    assert told["state"].to_list() == ["done", "refused", "refused", "refused", "refused"]
    assert told["reason"].to_list()[1:] == [
        "A rule of the table forbids it.",
        "Score has more decimals than its column: that holds 2 decimals. Have it rounded in the profile.",
        "Score is larger than its column allows.",
        "Comment is longer than the 10 letters that its column holds.",
    ]
    assert [row["id"] for row in strict.seen("result")] == ["r0"]


def test_a_column_of_days_has_the_day_that_it_is_at_school(strict):
    writer = Writer(strict)
    class_ = strict.classes[0]
    writer.fill({"grade-category": categories(class_), "line-item": items(class_, strict.sessions[0])})
    evening = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
    row = result("r1", "i1", class_, strict.students[0], 5.0, scored=evening)
    assert writer.write("result", frame("result", [row]))["state"].to_list() == ["done"]
    (seen,) = strict.run("SELECT seen_on FROM marks")
    assert str(seen["seen_on"]) == "2026-03-01"
    assert writer.read().frames["result"]["scored"].to_list() == [evening]
    strict.run(
        "UPDATE marks SET seen_on = ?", date(2026, 3, 4) if strict.engine.dialect.name != "sqlite" else "2026-03-04"
    )
    assert writer.read().frames["result"]["scored"].to_list() == [datetime(2026, 3, 4, 5, tzinfo=UTC)]


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path):
    path = tmp_path / "school.sqlite"
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE marks_kinds (nr INTEGER, reference TEXT, course TEXT, name TEXT)")
    engine.dispose()
    settings = {"type": "sql", "path": str(path), "tables": {"categories": MAP["categories"]}}
    with pytest.raises(SettingError) as error, open_sink(settings) as sink:
        sink.read(["section-1"])
    assert error.value.code == "sink-column"
    assert "reference" in str(error.value)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "one of url and path"),
        ({"url": "mysql://sis.example/x", "path": "/x.sqlite"}, "one of url and path"),
        ({"url": "oracle://sis.example/x"}, "Oracle"),
        ({"path": "/x.sqlite", "prefix": "marks; DROP"}, "prefix"),
        ({"path": "/x.sqlite", "timezone": "Mars"}, "time zone"),
        ({"path": "/x.sqlite", "tables": {"marks": {}}}, "categories"),
        ({"path": "/x.sqlite", "tables": {"categories": {"name": "k", "columns": {"titel": "t"}}}}, "title"),
        ({"path": "/x.sqlite", "tables": {"categories": {"name": "k", "columns": {"title": "t"}}}}, "sourced_id"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, told):
    with pytest.raises(ValueError, match=told):
        settings_model("sql").model_validate({"type": "sql"} | settings)


@pytest.mark.parametrize(
    "settings", [{"url": "mysql://writer:hush@sis.example/x"}, {"url": "mysql://x/y", "password": "p"}]
)
def test_no_password_stands_in_the_document(settings):
    with pytest.raises(SettingError) as error:
        settings_model("sql").model_validate({"type": "sql"} | settings)
    assert error.value.code == "sql-password-in-document"
    assert "matricula grades secret" in str(error.value)
    assert "hush" not in str(error.value)


def test_a_password_is_asked_for_where_there_is_an_account():
    model = settings_model("sql")
    assert model.model_validate({"type": "sql", "url": "mysql://writer@sis.example/x"}).secrets() == ("password",)
    assert model.model_validate({"type": "sql", "url": "mysql://sis.example/x"}).secrets() == ()


def refusal(settings) -> MatriculaError:
    with pytest.raises(MatriculaError) as error, open_sink(settings) as sink:
        sink.write("grade-category", small(TablesBench)["grade-category"].clear())
    return error.value


def test_a_server_that_is_not_there_is_waited_for():
    for url in ("mysql://127.0.0.1:1/x", "postgresql://127.0.0.1:1/x"):
        told = refusal({"type": "sql", "url": url, "passwordless": True})
        assert isinstance(told, WaitError)
        assert told.code == "sink-database-unreachable"


def test_a_database_that_is_not_there_is_a_setting(world):
    if world.engine.dialect.name == "sqlite":
        told = refusal({"type": "sql", "path": "/no/such/folder/grades.sqlite"})
    else:
        url = world.engine.url.set(database="no_such_database", password=None, query={})
        told = refusal(world.settings | {"url": url.render_as_string(hide_password=False)})
    assert isinstance(told, SettingError)


def test_a_table_without_transactions_is_refused():
    with ExitStack() as stack:
        bench = stack.enter_context(in_mariadb(Path()))
        Writer(bench).write("grade-category", categories(bench.classes[0]))
        bench.run("DROP TABLE matricula_finals")
        bench.run("CREATE TABLE matricula_finals (sourced_id VARCHAR(20)) ENGINE = MyISAM")
        with pytest.raises(MatriculaError) as error:
            Writer(bench).write("grade-category", categories(bench.classes[0]))
        assert error.value.code == "sink-database-engine"


def test_the_page_has_every_column():
    page = PAGE.read_text(encoding="utf-8")
    for word, kind in TABLES.items():
        (_, told) = page.split(f"### `matricula_{word}`", 1)
        named = re.findall(r"^\| `(\w+)` \|", told.split("###", 1)[0], re.MULTILINE)
        assert named == list(COLUMNS[kind].values())
