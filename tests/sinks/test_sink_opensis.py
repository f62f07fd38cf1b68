"""What openSIS's teachers see of grades that were written, and what becomes of what they change."""

import os
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from gradebooks import categories, finals, frame, items, result, small
from opensis_gradebooks import KEPT, MORNING, PLACES, opensis
from sink_benches import Writer, texts
from sqlalchemy import make_url

from matricula.errors import SettingError
from matricula.sinks import open_sink, settings_model


@pytest.fixture(params=PLACES, scope="module")
def school(request):
    with opensis(request.param) as bench:
        yield bench


@pytest.fixture
def bench(school):
    school.clear()
    return school


@pytest.fixture
def writer(bench) -> Writer:
    return Writer(bench)


def fill(writer: Writer, bench, *rows, **item):
    """A gradebook whose first item has such fields."""
    return writer.fill(small(bench, *rows) | {"line-item": items(bench.classes[0], bench.sessions[0], **item)})


def answers(writer: Writer, kind: str, *rows, action="create", before=None) -> list[tuple[str, str | None]]:
    told = writer.write(kind, frame(kind, rows), action, before)
    return told.select("state", "reason").rows()


def before(writer: Writer, kind: str, rows: pl.DataFrame | None = None) -> pl.Series:
    """What is read now, of all records or of some."""
    read = writer.read().frames[kind]
    return texts(
        kind, read if rows is None else rows.select("id").join(read, on="id", how="left", maintain_order="left")
    )


def number(sourced_id: str) -> int:
    return int(sourced_id.partition("-")[2])


def test_a_type_and_an_assignment_are_those_of_the_sections_teacher(bench, writer):
    due = datetime(2021, 9, 9, 3, 59, tzinfo=UTC)
    fill(writer, bench, assigned=MORNING, due=due, description="Read < 5 & “more”", maximum=20.0)
    (section,) = bench.run(
        "SELECT teacher_id, course_id FROM course_periods WHERE course_period_id = %s", number(bench.classes[0])
    )
    homework, _ = bench.run("SELECT * FROM gradebook_assignment_types ORDER BY assignment_type_id")
    assert (homework["title"], float(homework["final_grade_percent"])) == ("Homework", 0.4)
    assert (homework["staff_id"], homework["course_id"]) == (section["teacher_id"], section["course_id"])
    essay, _ = bench.run("SELECT * FROM gradebook_assignments ORDER BY assignment_id")
    assert essay["assignment_type_id"] == homework["assignment_type_id"]
    assert (essay["points"], essay["staff_id"]) == (20, section["teacher_id"])
    assert essay["marking_period_id"] == number(bench.sessions[0])
    assert (essay["assigned_date"], essay["due_date"]) == (date(2021, 8, 31), date(2021, 9, 8))
    assert essay["description"] == "Read &lt; 5 &amp; “more”"


def test_the_four_different_things_are_different_in_openSIS(bench, writer):  # noqa: N802
    class_, (one, two, three, four) = bench.classes[0], bench.students
    fill(
        writer,
        bench,
        result("r1", "i1", class_, one, 0.0),
        result("r2", "i1", class_, two, None),
        result("r3", "i1", class_, three, None, status="exempt"),
        result("r4", "i1", class_, four, 123.45, comment="Extra"),
    )
    rows = bench.run("SELECT student_id, points, comment, period_id FROM gradebook_grades")
    points = {int(row["student_id"]): row["points"] for row in rows}
    assert points == {number(one): 0, number(two): None, number(three): -1, number(four): Decimal("123.45")}
    assert {row["comment"] for row in rows} == {None, "Extra"}
    assert all(row["period_id"] for row in rows)


def test_less_than_zero_becomes_zero_and_no_excuse(bench, writer):
    rows = fill(writer, bench, result("r1", "i1", bench.classes[0], bench.students[0], -1.0))["result"]
    assert bench.run("SELECT points FROM gradebook_grades")[0]["points"] == 0
    assert writer.read().frames["result"].select("status", "score").rows() == [("fully graded", -1.0)]
    assert answers(writer, "result", *rows.to_dicts(), action="remove", before=before(writer, "result"))[0][0] == "done"


ENTERED = {85: ("fully graded", 85.0), -1: ("exempt", None), None: ("not submitted", None)}


@pytest.mark.parametrize("points", ENTERED)
def test_what_a_teacher_enters_is_read_and_stands(bench, writer, points):
    rows = fill(writer, bench)["result"]
    seen = before(writer, "result")
    bench.alter("result", rows["id"][0], score=points)
    read = writer.read().frames["result"]
    assert read.select("key", "status", "score").rows() == [("r1", *ENTERED[points])]
    state, reason = answers(writer, "result", *rows.to_dicts(), action="update", before=seen)[0]
    assert state == "stale"
    assert reason
    assert bench.run("SELECT points FROM gradebook_grades")[0]["points"] == points


def test_grades_that_teachers_entered_are_read_under_their_own_ids(bench, writer):
    item = fill(writer, bench)["line-item"]["id"][1]
    grade = "INSERT INTO gradebook_grades (student_id, course_period_id, assignment_id, points) VALUES (%s, %s, %s, %s)"
    section = number(bench.classes[0])
    bench.run(grade, number(bench.students[1]), section, item, 12)
    bench.run(grade, number(bench.students[2]), section, item, None)
    read = writer.read().frames["result"].filter(pl.col("key") != "r1")
    # Empty rows come of saving a page, and say nothing.
    assert read.select("key", "student", "score").rows() == [
        (f"{item}-{number(bench.students[1])}", bench.students[1], 12.0)
    ]
    row = result("r9", item, bench.classes[0], bench.students[2], 33.0)
    assert answers(writer, "result", row) == [("done", None)]
    row = result("r8", item, bench.classes[0], bench.students[1], 34.0)
    assert answers(writer, "result", row)[0][0] == "stale"


def test_an_assignment_with_grades_of_a_teacher_is_not_removed(bench, writer):
    written = fill(writer, bench)
    bench.run(
        "INSERT INTO gradebook_grades (student_id, course_period_id, assignment_id, points) VALUES (%s, %s, %s, 5)",
        number(bench.students[3]),
        number(bench.classes[0]),
        written["line-item"]["id"][0],
    )
    for kind in ("result", "line-item", "grade-category"):
        told = writer.write(kind, written[kind], "remove", before(writer, kind, written[kind]))
        states = told["state"].to_list()
        assert states == {"result": ["done"]}.get(kind, ["refused", "done"])
    assert len(bench.run("SELECT * FROM gradebook_assignments")) == 1
    assert len(bench.run("SELECT * FROM gradebook_grades")) == 1


def test_what_openSIS_cannot_take_is_refused_row_by_row(bench, writer):  # noqa: N802
    class_, session = bench.classes[0], bench.sessions[0]
    written = fill(writer, bench)
    item, category = written["line-item"]["id"][1], written["grade-category"]["id"][0]
    told = answers(
        writer,
        "result",
        result("r2", item, class_, "student-999", 5.0),
        result("r3", item, class_, "parent-1", 5.0),
        result("r4", item, class_, bench.students[0], 12345.0),
        result("r5", item, class_, bench.students[1], 1.234),
        result("r6", item, class_, bench.students[2], 10.0),
    )
    assert [state for state, _ in told] == ["refused"] * 4 + ["done"]
    reasons = [reason for _, reason in told[:4]]
    assert "not scheduled" in reasons[0]
    assert "no such student" in reasons[1]
    assert "larger" in reasons[2]
    assert "2 decimals" in reasons[3]
    assert not any(part in reason for reason in reasons for part in ("999", "12345", "1.234"))
    row = {"class": class_, "category": category, "session": session, "title": "T", "maximum": 10.0}
    told = answers(
        writer,
        "line-item",
        row | {"key": "a", "maximum": 12.5},
        row | {"key": "b", "session": None},
        row | {"key": "c", "session": "term-9999"},
        row | {"key": "d", "category": None},
        row | {"key": "e", "maximum": None},
        row | {"key": "f", "title": "T" * 101},
        row | {"key": "g"},
    )
    assert [state for state, _ in told] == ["refused"] * 6 + ["done"]
    assert "whole numbers" in told[0][1]


def test_a_section_without_a_teacher_takes_no_gradebook(bench, writer):
    section = number(bench.classes[1])
    (was,) = bench.run("SELECT teacher_id FROM course_periods WHERE course_period_id = %s", section)
    bench.run("UPDATE course_periods SET teacher_id = NULL WHERE course_period_id = %s", section)
    try:
        told = answers(writer, "grade-category", *categories(bench.classes[1]).to_dicts())
    finally:
        bench.run("UPDATE course_periods SET teacher_id = %s WHERE course_period_id = %s", was["teacher_id"], section)
    assert [state for state, _ in told] == ["refused", "refused"]
    assert "no teacher" in told[0][1]


def test_final_grades_stand_on_report_cards_and_credits_are_left(bench, writer):
    written = writer.fill({"final-grade": finals(bench, 91.5)})["final-grade"]
    (row,) = bench.run("SELECT * FROM student_report_card_grades")
    assert (float(row["grade_percent"]), row["grade_letter"]) == (91.5, "A")
    assert row["marking_period_id"] == str(number(bench.sessions[0]))
    assert row["syear"]
    assert row["course_title"]
    assert row["credit_earned"] is None
    scale = bench.run(
        "SELECT g.id FROM report_card_grades g JOIN course_periods p ON p.grade_scale_id = g.grade_scale_id "
        "WHERE g.title = 'A' AND p.course_period_id = %s",
        number(bench.classes[0]),
    )
    assert row["report_card_grade_id"] == (scale[0]["id"] if scale else None)
    bench.run("UPDATE student_report_card_grades SET credit_earned = 1.5, credit_attempted = 2")
    changed = written.with_columns(percent=pl.lit(80.25))
    told = writer.write("final-grade", changed, "update", before(writer, "final-grade"))
    assert told["state"].to_list() == ["done"]
    (row,) = bench.run("SELECT * FROM student_report_card_grades")
    assert [float(row[name]) for name in ("grade_percent", "credit_earned", "credit_attempted")] == [80.25, 1.5, 2.0]
    told = writer.write("final-grade", changed, "remove", before(writer, "final-grade"))
    assert told["state"].to_list() == ["refused"]


def test_weights_that_have_no_end_are_read_as_they_were_sent(bench, writer):
    weights = categories(bench.classes[0]).with_columns(weight=pl.Series([100 / 3, 200 / 3]))
    writer.write("grade-category", weights)
    assert sorted(writer.read().frames["grade-category"]["weight"]) == [100 / 3, 200 / 3]
    bench.run("UPDATE gradebook_assignment_types SET final_grade_percent = 0.5 WHERE title = 'Homework'")
    assert sorted(writer.read().frames["grade-category"]["weight"]) == [50.0, 200 / 3]


def test_openSIS_own_tables_stay_as_they_are_made(bench, writer):  # noqa: N802
    def made() -> list[str]:
        told = [bench.run(f"SHOW CREATE TABLE {table}")[0]["Create Table"] for table in KEPT]
        return [" ".join(each.rpartition("ENGINE=")[0].split()) for each in told]

    was = made()
    fill(writer, bench)
    assert made() == was
    assert bench.run("SELECT COUNT(*) AS n FROM matricula_grade_keys")[0]["n"] == 5


def test_students_are_those_who_are_scheduled(bench, writer):
    known = writer.read().students
    assert {(class_, student) for class_ in bench.classes for student in bench.students} <= set(known.rows())


def _elsewhere() -> str:
    return make_url(os.environ["MATRICULA_TEST_MARIADB"]).set(password=None).render_as_string()


def test_a_database_of_something_else_is_told(bench):
    settings = bench.settings | {"url": _elsewhere()}
    with pytest.raises(SettingError) as error, open_sink(settings, bench.surroundings) as sink:
        sink.read(bench.classes)
    assert "gradebook_assignment_types" in str(error.value)


def test_only_mysql_is_openSIS():  # noqa: N802
    with pytest.raises(ValueError, match="MariaDB or MySQL"):
        settings_model("opensis").model_validate({"type": "opensis", "url": "postgresql://sis.example/opensis"})
