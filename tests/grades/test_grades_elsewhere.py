"""The same transfers into files, and with the state on a server."""

import csv

import fastexcel
import pytest
from grade_desk import GradeDesk

from matricula.hub.grades import conflicts_meant, settle_conflicts
from matricula.hub.home import DATABASE_VARIABLE
from matricula.sandbox import running

FILES = "kind: sink\nname: sis\ntype: oneroster-csv\npath: {path}\nschool: o1\n"


def test_files_hold_what_was_sent_and_the_next_transfer_what_changed(grades, tmp_path):
    grades.home.load(FILES.format(path=tmp_path / "out"), "test", tmp_path)
    assert grades.hub.apply(grades.plan().number).left == 0
    assert grades.acts(grades.plan()) == []
    grades.grade("u2", 85)
    grades.transfer()
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8", newline="") as file:
        scores = {row["studentSourcedId"]: float(row["score"]) for row in csv.DictReader(file) if row["score"]}
    assert scores == {"u2": 85.0, "u3": 0.0}
    undo = grades.hub.undo(2)
    grades.hub.apply(undo.number, undo.words)
    assert grades.acts(grades.plan())[0] == ("create", "Test"), "what a later transfer changed stays, with its item"


def test_the_state_may_be_on_a_server(tmp_path, request, monkeypatch):
    monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    with running(fixture="empty") as sandbox, GradeDesk.open(tmp_path, sandbox) as grades:
        grades.transfer()
        grades.edit("u2", 90)
        grades.edit("u3", 90)
        grades.plan()
        settle_conflicts(grades.home, "default", conflicts_meant(grades.home, "default", None)[:1], send=True)
        assert len(grades.acts(grades.plan())) == 1
        grades.transfer()
        assert sorted(grades.results().values()) == [80.0, 90.0]
        assert grades.store.conflicts.counts() == {"default": 1}
        assert grades.store.conflicts.newest().keys() == {"default"}


def test_a_workbook_names_classes_and_people_as_the_roster_does(grades, tmp_path):
    path = tmp_path / "grades.xlsx"
    grades.home.load(f"kind: sink\nname: sis\ntype: spreadsheet\npath: {path}\n", "test", tmp_path)
    assert grades.hub.apply(grades.plan().number).left == 0
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_polars()
    told = {cell for row in sheet.iter_rows() for cell in row}
    assert {"Family u2, Given", "Family u3, Given"} <= told


@pytest.mark.parametrize(
    ("how", "title", "minimum", "maximum"),
    [
        ("description", "Essay", 10, 50),
        ("range-exact", "Theirs", 0, 100),
        ("range-maximum", "Theirs", 10, 100),
        ("range-first", "Theirs", 10, 50),
    ],
)
def test_an_item_that_the_school_has_is_filled_in_and_not_made_anew(grades, how, title, minimum, maximum):
    grades.transfer()
    for kind in ("grade-category", "line-item", "result"):
        grades.store.ledger.forget("default", kind, grades.store.ledger.frame("default", kind)["key"])
    grades.sql("delete from matricula_results")
    grades.sql("delete from matricula_line_items where title = 'Test'")
    told = "update matricula_line_items set sourced_id = 'theirs', title = ?, description = ?, "
    grades.sql(f"{told} result_value_min = ?, result_value_max = ?", title, title, minimum, maximum)
    assert ("create", "Essay") in grades.acts(grades.plan()), "nobody asked to look for it"
    grades.set("  sink: sis", f"  sink: sis\n  match: [{how}]")
    grades.transfer()
    assert grades.results(title) == {"u2": 80.0, "u3": 0.0}
    assert len(grades.sql("select * from matricula_line_items")) == 2, "that of the school, and one for “Test”"
    assert grades.acts(grades.plan()) == []
