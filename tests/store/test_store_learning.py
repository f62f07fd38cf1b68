"""Learning data: what was read stays until it is purged, and a moment moves only when something changed."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from matricula.store import Gradebook
from matricula.store.learning import MOMENT, TABLES, schema_of

NOW = datetime(2026, 11, 25, 6, 30, 1, 500, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FLAGS = {"hidden": False, "locked": False, "overridden": False, "former": False}


def rows(what, *given):
    wanted = {name: kind for name, kind in schema_of(what).items() if name not in ("changed_at", "gone_at", "course")}
    return pl.DataFrame([{name: row.get(name) for name in wanted} for row in given], schema=wanted)


def item(key, **more):
    return {
        "item": key,
        "position": 1,
        "kind": "manual",
        "module": "",
        "name": f"I{key}",
        "idnumber": "",
        **FLAGS,
        **more,
    }


def grade(key, user, raw=None, state=None, **more):
    texts = {"shown": "", "percentage": "", "letter": "", "feedback": ""}
    state = state or ("none" if raw is None else "graded")
    return {"item": key, "user": user, "state": state, "raw": raw, **texts, **FLAGS, **more}


def book(items=(1, 2), grades=(), categories=(9,)):
    named = [{"category": key, "name": f"C{key}", "item": None, "parent": None, "weight": None} for key in categories]
    return Gradebook(rows("category", *named), rows("item", *(item(key) for key in items)), rows("grade", *grades))


def courses(*ids, name="Maths"):
    about = ("course", "name", "shortname", "idnumber", "start", "end")
    given = [dict(zip(about, (each, name, f"s{each}", "", 0, 0), strict=True)) for each in ids]
    return pl.DataFrame(given, schema={column: schema_of("course")[column] for column in about})


@pytest.fixture
def learning(store):
    store.learning.keep_courses("moodle", courses(7, 8), NOW, [7, 8])
    return store.learning


def test_frames_have_the_columns_of_their_tables(learning):
    for what, table in TABLES.items():
        frame = learning.frame(what, "moodle")
        assert frame.columns == [column.name for column in table.c if column.name != "site"]
        assert dict(frame.schema) == schema_of(what)


def test_no_grade_zero_and_excused_are_three_things(learning):
    given = [grade(1, 3), grade(1, 4, 0.0), grade(1, 5, state="excused"), grade(2, 5, 4.0, hidden=True)]
    assert learning.keep_gradebook("moodle", 7, book(grades=given), NOW) == 4
    known = learning.frame("grade", "moodle", [7])
    assert known.select("user", "state", "raw", "hidden").rows() == [
        (3, "none", None, False), (4, "graded", 0.0, False), (5, "excused", None, False), (5, "graded", 4.0, True),
    ]  # fmt: skip
    assert known["changed_at"].to_list() == [NOW] * 4
    assert learning.graded("moodle", ("course", "category")) == {7: 2}
    assert learning.graded("moodle", ("manual",)) == learning.graded("other", ()) == {}
    assert learning.frame("item", "moodle")["item"].to_list() == [1, 2]
    assert learning.frame("category", "moodle")["name"].to_list() == ["C9"]


def test_a_moment_moves_only_with_what_changed(learning):
    learning.keep_gradebook("moodle", 7, book(grades=[grade(1, 3, 1.0), grade(1, 4, 2.0)]), NOW)
    assert learning.keep_gradebook("moodle", 7, book(grades=[grade(1, 3, 1.0), grade(1, 4, 2.0)]), LATER) == 0
    assert learning.keep_gradebook("moodle", 7, book(grades=[grade(1, 3, 1.5), grade(1, 4, 2.0)]), LATER) == 1
    assert learning.frame("grade", "moodle")["changed_at"].to_list() == [LATER, NOW]


def test_what_is_no_longer_there_stays_and_says_so(learning):
    learning.keep_gradebook("moodle", 7, book(grades=[grade(1, 3, 1.0), grade(2, 3, 2.0)]), NOW)
    learning.keep_gradebook("moodle", 7, book(items=(1,), grades=[grade(1, 3, 1.0)], categories=()), LATER)
    for what, left in (("item", 1), ("grade", 1), ("category", 0)):
        assert learning.frame(what, "moodle").height == left
        everything = learning.frame(what, "moodle", gone=True)
        assert everything.filter(gone_at=LATER).height == 1
    learning.keep_gradebook("moodle", 7, book(grades=[grade(1, 3, 1.0), grade(2, 3, 2.0)]), LATER)
    assert learning.frame("grade", "moodle").height == 2


def test_who_left_keeps_the_last_grades(learning):
    learning.keep_gradebook("moodle", 7, book(grades=[grade(1, 3, 1.0), grade(1, 4, 2.0), grade(2, 4, 2.0)]), NOW)
    learning.keep_gradebook("moodle", 7, book(items=(1,), grades=[grade(1, 3, 1.0)]), LATER)
    assert learning.frame("grade", "moodle").select("item", "user", "raw", "former").rows() == [
        (1, 3, 1.0, False), (1, 4, 2.0, True),
    ]  # fmt: skip
    assert learning.people("moodle", 7) == {3, 4}
    assert learning.frame("grade", "moodle", users=[4]).height == 1


def test_sites_and_courses_do_not_touch_each_other(learning):
    learning.keep_gradebook("moodle", 7, book(grades=[grade(1, 3, 1.0)]), NOW)
    learning.keep_gradebook("moodle", 8, book(items=(5,), grades=[grade(5, 3, 1.0)]), NOW)
    learning.keep_gradebook("other", 7, book(items=(1,), grades=[grade(1, 3, 5.0)]), LATER)
    assert learning.frame("grade", "moodle", [7])["raw"].to_list() == [1.0]
    assert learning.frame("grade", "moodle", [8]).height == 1
    assert learning.frame("grade", "moodle", []).height == 0


def test_a_course_that_went_takes_what_is_in_it_and_is_read_anew_when_it_is_back(learning):
    learning.keep_gradebook("moodle", 7, book(grades=[grade(1, 3, 1.0)]), NOW)
    learning.note("moodle", 7, grades_at=NOW, marks={"since": 5})
    learning.note("moodle", 7, contents_at=LATER)
    marks = learning.marks("moodle")[7]
    assert (marks.grades_at, marks.contents_at, marks.more) == (NOW, LATER, {"since": 5})
    learning.keep_courses("moodle", courses(8), LATER, [7, 8])
    assert set(learning.marks("moodle")) == {8}
    assert learning.frame("grade", "moodle").height == 0
    assert learning.frame("grade", "moodle", gone=True)["gone_at"].to_list() == [LATER]
    learning.keep_courses("moodle", courses(7, name="Sums"), LATER, [7])
    assert learning.marks("moodle")[7].grades_at is None
    assert learning.frame("course", "moodle")["name"].to_list() == ["Sums", "Maths"]


def test_activities_modules_and_submissions(learning):
    quiz = {"module": "quiz", "instance": 3, "course": 7, "cmid": 4, "name": "Q", "opens": 0, "due": 0, "closes": 9}
    assign = quiz | {"module": "assign", "maximum": 10.0}
    frames = {each["module"]: pl.DataFrame([each | {"maximum": each.get("maximum")}]) for each in (quiz, assign)}
    for module, frame in frames.items():
        learning.keep_activities("moodle", module, frame, NOW, [7, 8])
    learning.keep_activities("moodle", "quiz", frames["quiz"].clear(), LATER, [7])
    assert learning.frame("activity", "moodle").select("module", "maximum").rows() == [("assign", 10.0)]
    assert learning.frame("activity", "moodle", gone=True).height == 2
    module = {"cmid": 4, "section": "One", "position": 1, "module": "url", "instance": 2, "name": "M", "url": "u"}
    learning.keep_modules("moodle", 7, pl.DataFrame([module | {"visible": True, "links": "[]"}]), NOW)
    assert learning.frame("module", "moodle").select("name", "visible").rows() == [("M", True)]
    handed = {"module": "assign", "instance": 3, "user": 5, "course": 7, "attempt": 0, "status": "submitted"}
    handed |= {"grading": "notgraded", "created": 1, "modified": 2}
    assert learning.keep_submissions("moodle", pl.DataFrame([handed])) == 1
    assert learning.keep_submissions("moodle", pl.DataFrame([handed])) == 0
    assert learning.keep_submissions("moodle", pl.DataFrame([handed | {"grading": "graded"}])) == 1
    assert learning.frame("submission", "moodle")["grading"].to_list() == ["graded"]


def test_many_rows_go_the_short_way(learning):
    given = [grade(key, user, 1.0) for key in range(1, 31) for user in range(1, 51)]
    learning.keep_gradebook("moodle", 7, book(items=range(1, 31), grades=given), NOW)
    known = learning.frame("grade", "moodle", [7])
    assert known.height == 1500
    assert known.schema["changed_at"] == MOMENT
    assert set(known["changed_at"]) == {NOW}
