"""What people see of a workbook, and what becomes of what they change in it."""

from datetime import timedelta

import polars as pl
import pytest
from gradebooks import MORNING, categories, finals, frame, items, result, small
from sink_benches import Writer, texts
from workbooks_seen import WorkbookBench

from matricula.errors import SettingError, StopError
from matricula.sinks import open_sink
from matricula.sinks.spreadsheet import workbook

NAME = "8 B Mathematics"
LONG_FORM = ["Categories", "Items", "Results", "Finals"]


@pytest.fixture
def bench(tmp_path) -> WorkbookBench:
    return WorkbookBench(tmp_path / "grades.xlsx", "class")


@pytest.fixture
def writer(bench) -> Writer:
    return Writer(bench)


def school(bench) -> dict[str, pl.DataFrame]:
    """Results of everything there is: points, zero, none, an excuse, a letter, extra credit."""
    class_, (one, two, three, _) = bench.classes[0], bench.students
    rows = (
        result("r1", "i1", class_, one, 71.5),
        result("r2", "i1", class_, two, 0.0),
        result("r3", "i1", class_, three, None, status="exempt"),
        result("r4", "i2", class_, one, 120.0),
        result("r5", "i2", class_, two, None),
        result("r6", "i2", class_, three, None, text="B+", status="fully graded"),
    )
    return small(bench, *rows) | {"final-grade": finals(bench, 95.75)}


def lines(bench, sheet: str = NAME) -> list[list[object]]:
    """The lines of a sheet, those of students from the sixth on."""
    grid = bench.book.grid(sheet)
    places = list(grid[3])
    return [[line.get(place) for place in ["A", "B", *places[1:]]] for line in grid]


def test_students_stand_by_line_and_items_by_column_with_totals_and_finals(bench, writer):
    writer.fill(school(bench))
    _ids, classes, of, names, most, *students = lines(bench)
    assert set(classes[2:]) == {NAME}
    assert of == ["Category", None, "Homework (40 %)", "Tests (60 %)", None, None, None]
    assert names == ["Item", None, "Essay", "Vocabulary", "Points", "of", "Final Autumn"]
    assert most[:4] == ["Points at most", None, 100, 100]
    assert students == [
        ["Abel, Ugo", "student-2", 0, None, 0, 100, None],
        ["Sjöström, Eva", "student-1", 71.5, 120, 191.5, 200, "95.75 % A"],
        [None, "student-3", "excused", "B+", None, None, None],
    ]


def test_a_class_has_a_sheet_and_a_long_form_follows(bench, writer):
    frames = school(bench)
    other = categories(bench.classes[1]).with_columns(pl.col("key") + "-2")
    frames["grade-category"] = pl.concat([frames["grade-category"], other])
    writer.fill(frames)
    assert list(bench.book.sheets()) == [NAME, "class-2", *LONG_FORM]


def test_all_classes_stand_on_one_sheet_where_that_is_wished(tmp_path):
    bench = WorkbookBench(tmp_path / "grades.xlsx", "all")
    writer = Writer(bench)
    frames = school(bench)
    class_ = bench.classes[1]
    second = {
        "grade-category": categories(class_).with_columns(pl.col("key") + "-2"),
        "line-item": items(class_, bench.sessions[0]).with_columns(pl.col("key", "category") + "-2"),
        "result": frame("result", [result("r9", "i1-2", class_, bench.students[0], 33.0)]),
    }
    writer.fill({kind: pl.concat([rows, second.get(kind, rows.clear())]) for kind, rows in frames.items()})
    assert list(bench.book.sheets()) == ["Gradebook", *LONG_FORM]
    _ids, classes, _of, names, _most, *students = lines(bench, "Gradebook")
    assert classes[2:] == [NAME] * 5 + ["class-2"] * 4
    assert names.count("Essay") == 2
    (eva,) = [line for line in students if line[1] == "student-1"]
    assert eva[2:] == [71.5, 120, 191.5, 200, "95.75 % A", 33, None, 33, 100]


def test_the_line_of_ids_is_hidden_and_the_head_stays_in_sight(bench, writer):
    writer.fill(school(bench))
    text = bench.book.tree(NAME)
    spaces = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    first = text.find("m:sheetData/m:row", spaces)
    assert first.attrib["hidden"] == "1"
    assert text.find(".//m:pane", spaces).attrib["state"] == "frozen"


def type_into(bench, student: str, item: str, value: str | None, sheet: str = NAME) -> None:
    """A person types into the cell of a student and an item."""
    spaces = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    grid, tree = bench.book.grid(sheet), bench.book.tree(sheet)
    place = next(place for place, name in grid[3].items() if name == item)
    number = next(number for number, line in enumerate(grid) if line.get("B") == student)
    row = tree.findall(f"{spaces}sheetData/{spaces}row")[number]
    address = f"{place}{row.attrib['r']}"
    cells = [cell for cell in row if cell.attrib["r"] == address]
    for cell in cells:
        row.remove(cell)
    if value is not None:
        cell = row.makeelement(f"{spaces}c", {"r": address, "t": "inlineStr"})
        inner = cell.makeelement(f"{spaces}is", {})
        text = inner.makeelement(f"{spaces}t", {})
        text.text = value
        inner.append(text)
        cell.append(inner)
        row.append(cell)
        row[:] = sorted(row, key=lambda each: (len(each.attrib["r"]), each.attrib["r"]))
    bench.book.put(sheet, tree)


@pytest.mark.parametrize(
    ("typed", "status", "score", "text"),
    [
        ("80", "fully graded", 80.0, None),
        ("80,5", "fully graded", 80.5, None),
        ("A-", "fully graded", None, "A-"),
        ("nan", "fully graded", None, "nan"),
        ("Excused", "exempt", None, None),
        (None, "not submitted", None, None),
    ],
)
def test_what_somebody_types_on_the_sheet_of_a_class_is_read_and_never_written_over(
    bench, writer, typed, status, score, text
):
    written = writer.fill(school(bench))["result"]
    before = texts("result", writer.read().frames["result"].sort("key"))
    type_into(bench, "student-1", "Essay", typed)
    row = writer.read().frames["result"].filter(id=written["id"][0])
    assert row.select("status", "score", "text").rows() == [(status, score, text)]
    changed = written.with_columns(score=pl.lit(1.0), text=pl.lit(None, pl.String), status=pl.lit("fully graded"))
    told = writer.write("result", changed.head(2), "update", before.head(2))
    assert told["state"].to_list() == ["stale", "done"]
    # What was typed stands in the long form as well, now that the workbook was written again.
    (line,) = [line for line in bench.seen("result") if line["id"] == written["id"][0]]
    assert (line["status"], line.get("score"), line.get("text")) == (status, score, text)


def test_a_grade_that_somebody_enters_where_there_was_none_is_a_record(bench, writer):
    class_, (one, two, *_) = bench.classes[0], bench.students
    rows = (result("r1", "i1", class_, one, 71.5), result("r2", "i2", class_, two, 3.0))
    written = writer.fill(small(bench, *rows))
    type_into(bench, two, "Essay", "44")
    read = writer.read().frames["result"]
    assert sorted(read["score"]) == [3.0, 44.0, 71.5]
    assert read["key"].null_count() == 0
    ours = result("r3", written["line-item"]["id"][0], class_, two, 50.0)
    assert writer.write("result", frame("result", [ours]))["state"].to_list() == ["stale"]


def test_items_stand_by_category_and_then_by_day(bench, writer):
    class_, session = bench.classes[0], bench.sessions[0]
    third = items(class_, session, key="i0", title="Earlier", due=MORNING + timedelta(days=1)).head(1)
    frames = small(bench)
    frames["line-item"] = pl.concat([frames["line-item"], third])
    writer.fill(frames)
    assert [name for name in lines(bench)[3] if name in ("Earlier", "Essay", "Vocabulary")] == [
        "Earlier",
        "Essay",
        "Vocabulary",
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [("a/b:c*[d]?\\'", "a b c d"), ("results", "results (2)"), ("x" * 40, "x" * 31), ("", "Class"), ("'", "Class")],
)
def test_sheets_have_names_that_excel_takes(tmp_path, title, name):
    assert workbook._sheet_name(title, {}) == name


def test_sheets_of_the_same_name_are_told_apart():
    taken = {"X" * 31: []}
    assert workbook._sheet_name("x" * 40, taken) == "x" * 27 + " (2)"


def test_another_workbook_is_not_written_over(bench, writer):
    import xlsxwriter

    with xlsxwriter.Workbook(str(bench.path)) as book:
        book.add_worksheet("Budget").write_string(0, 0, "Precious")
    old = bench.path.read_bytes()
    with pytest.raises(SettingError, match="not written by Matricula"):
        writer.write("grade-category", categories(bench.classes[0]))
    assert bench.path.read_bytes() == old


def test_what_is_no_workbook_stops(bench, writer):
    bench.path.write_bytes(b"no workbook")
    with pytest.raises(StopError, match="cannot be read"):
        writer.read()


def test_more_than_a_workbook_holds_is_refused_whole(bench, writer, monkeypatch):
    writer.fill(small(bench))
    old = bench.path.read_bytes()
    monkeypatch.setattr(workbook, "MOST_LINES", 3)
    more = categories(bench.classes[1]).with_columns(pl.col("key") + "-2")
    with pytest.raises(StopError, match="a sheet has 3"):
        writer.write("grade-category", more)
    assert bench.path.read_bytes() == old


def test_the_file_has_the_right_ending():
    with pytest.raises(ValueError, match=r"\.xlsx"):
        open_sink({"type": "spreadsheet", "path": "grades.csv"})
