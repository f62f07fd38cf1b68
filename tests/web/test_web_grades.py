"""Grades in the console: conflicts decided, transfers asked for, and learning data looked at."""

import re
from datetime import UTC, datetime

import pytest
from grades_at_work import GradeDesk, done
from web_browser import Caller, words

from matricula.sandbox import running
from matricula.service import Service
from matricula.store import Conflict, Conflicts


@pytest.fixture
def grades(tmp_path):
    with running("empty") as sandbox, GradeDesk.open(tmp_path, sandbox) as desk:
        yield desk


@pytest.fixture
def service(grades):
    service = Service(grades.home)
    yield service
    service.stop()


def marks_of(page):
    """What stands for each conflict of a page, once."""
    return list(dict.fromkeys(re.findall(r'name="marks" value="(\w+)"', page.text)))


def test_a_conflict_is_decided_in_the_browser_and_the_next_transfer_goes_by_it(grades, service, owner):
    grades.transfer()
    grades.grade("u2", 85)
    grades.edit("u2", 90)
    grades.plan()
    assert 'href="/conflicts?profile=default"' in owner.get("/").text
    page = owner.get("/conflicts")
    assert "Given Family u2: Essay grade score 85 score 90" in words(page)
    assert "Last transfer Plan 3" in words(owner.get("/profiles/default"))

    (mark,) = marks_of(page)
    grades.edit("u2", 95)
    grades.plan()
    refused = owner.fill_in("/conflicts", "/profiles/default/conflicts", marks=mark, decision="send")
    assert "It has changed since this page was made" in words(refused)
    assert grades.store.conflicts.all("default")[0].state == "open"

    (mark,) = marks_of(owner.get("/conflicts"))
    told = owner.fill_in("/conflicts", "/profiles/default/conflicts", marks=mark, decision="send")
    assert "the next transfer sends 1 grade" in words(told)
    assert "Nothing waits for you" in words(told)
    assert "Moodle's stands" in words(owner.get("/conflicts?show=all"))
    assert grades.results()["u2"] == 95
    owner.fill_in("/profiles/default", "/profiles/default/transfer")
    assert done(service).result["conflicts"] == 0
    assert grades.results()["u2"] == 85
    assert "Nothing is in conflict" in words(owner.get("/conflicts?show=all"))


def test_all_that_are_shown_are_kept_at_once_and_a_viewer_decides_nothing(grades, owner, sign_in_as):
    grades.transfer()
    for student in ("u2", "u3"):
        grades.edit(student, 42)
    grades.plan()
    viewer = sign_in_as("viewer", "moodle")
    assert viewer.get("/plans/2").status_code == 200, "who sees the site sees transfers of its grades"
    assert "score 42" in words(viewer.get("/conflicts"))
    assert marks_of(viewer.get("/conflicts")) == []
    marks = marks_of(owner.get("/conflicts"))
    assert len(marks) == 2
    owner.fill_in("/conflicts", "/profiles/default/conflicts", marks=" ".join(marks), decision="keep")
    assert {each.state for each in grades.store.conflicts.all("default")} == {"keep"}


def test_a_long_list_is_read_page_by_page(grades, owner, monkeypatch):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    found = [
        Conflict("default", "result", f"r{each:03}", f"Grade {each:03}", "{}", "{}", "open", None, at, at)
        for each in range(120)
    ]
    grades.store.conflicts.replace("default", found)
    read = []
    some = Conflicts.some
    monkeypatch.setattr(Conflicts, "some", lambda *given, **more: read.append(some(*given, **more)) or read[-1])
    monkeypatch.delattr(Conflicts, "all")
    page = words(owner.get("/conflicts?page=3"))
    assert "Grade 100" in page
    assert "Grade 119" in page
    assert "Grade 099" not in page
    assert "Grade 119" in words(owner.get("/conflicts?page=99")), "one after the last is the last"
    call = Caller(owner)
    first = call("GET", "/profiles/default/conflicts?limit=70").json()
    rest = call("GET", f"/profiles/default/conflicts?limit=70&cursor={first['next']}").json()
    assert [each["key"] for each in (*first["items"], *rest["items"])] == [each.key for each in found]
    assert rest["next"] is None
    assert [len(each) for each in read] == [20, 20, 71, 50]


def test_learning_data_is_read_and_told_by_course_and_item(grades, service, owner):
    assert "Nothing was read yet" in words(owner.get("/learning"))
    owner.fill_in("/learning/moodle", "/profiles/default/learning")
    done(service)
    assert "Class 1" in words(owner.get("/learning/moodle"))
    page = words(owner.get(f"/learning/moodle/courses/{grades.course}"))
    assert re.search(r"Essay \S+.* 100 2 0 0 0", page)
    assert re.search(r"Test \S+.* 100 0 2 0 0", page)
    assert owner.get("/learning/moodle/courses/4242").status_code == 404
