"""Courses in the console: what leads to them, who is in them, and what Moodle holds."""

from urllib.parse import quote

import pytest
from records_desk import ODD_KEY
from web_browser import words


@pytest.fixture
def course(desk):
    """A course with people in it, after the first run."""
    desk.run(desk.north)
    enrolled = desk.service.store.ledger.frame("north-profile", "enrolment")["key"].sort()
    return enrolled[0].split("\t")[1]


def address(key, act="courses"):
    return f"/profiles/north-profile/{act}/{quote(key, safe='')}"


def test_a_course_is_told_from_its_rows_to_moodle(desk, course, owner):
    page = owner.get(address(course))
    row = desk.service.store.ledger.get("north-profile", "course", course)
    assert f"is in Moodle (id {row.moodle_id})" in words(page)
    assert f"{desk.north.site.url}/course/view.php?id={row.moodle_id}" in page.text
    assert "Short name" in words(page)
    rows = words(owner.get(address(course) + "?show=rows"))
    for file in ("classes.csv line", "courses.csv line", "academicSessions.csv line", "enrollments.csv line"):
        assert file in rows
    assert "make course" in words(owner.get(address(course) + "?show=history"))


def test_who_is_in_a_course_is_listed_with_links(desk, course, owner):
    page = owner.get(address(course) + "?show=enrolments")
    (first, *others) = desk.service.store.ledger.ending("north-profile", "enrolment", course)
    person = first.key.split("\t")[0]
    assert f"{len(others) + 1} enrolments" in words(page)
    assert f"/profiles/north-profile/people/{person}" in page.text
    assert "enrolled" in words(page)


def test_a_look_shows_who_is_in_it_now(desk, course, owner):
    (first, *_) = desk.service.store.ledger.ending("north-profile", "enrolment", course)
    account = desk.service.store.ledger.get("north-profile", "user", first.key.split("\t")[0]).moodle_id
    number = desk.service.store.ledger.get("north-profile", "course", course).moodle_id
    with desk.north.moodle() as moodle:
        moodle.enrolments.unenrol([{"roleid": 5, "userid": account, "courseid": number}])
        moodle.courses.update([{"id": number, "fullname": "Called otherwise"}])
    page = owner.fill_in(address(course), address(course, "courses-look") + "?show=enrolments&page=1")
    assert "not enrolled" in words(page)
    page = owner.fill_in(address(course), address(course, "courses-look"))
    assert "Called otherwise edited in Moodle" in words(page)


def test_synchronising_asks_for_a_run_of_just_that_course(desk, course, owner):
    owner.fill_in(address(course), address(course, "courses-run"))
    (job,) = desk.service.jobs.all()
    assert (job.kind, job.arguments) == ("run", {"only": [f"course:{course}"]})
    assert desk.service.hub.plan("north-profile", only=job.arguments["only"]).only


def test_keys_of_any_characters_have_their_page(desk, owner):
    (key, *_) = desk.service.home.source("north-school").deliver(None).roster().classes["sourcedId"]

    def renamed(row):
        return {name: ODD_KEY if cell == key else cell for name, cell in row.items()}

    for table in ("classes", "enrollments"):
        desk.north.edit(table, renamed)
    desk.run(desk.north)
    for part in ("", "?show=enrolments", "?show=rows", "?show=history"):
        assert owner.get(address(ODD_KEY) + part).status_code == 200
    owner.fill_in(address(ODD_KEY), address(ODD_KEY, "courses-run"))
    assert desk.service.jobs.all()[0].arguments == {"only": [f"course:{ODD_KEY}"]}


def test_a_course_that_left_is_told_by_what_was_written(desk, course, owner):
    desk.north.edit("classes", lambda row: None if row["sourcedId"] == course else row)
    desk.north.edit("enrollments", lambda row: None if row["classSourcedId"] == course else row)
    desk.run(desk.north)
    told = words(owner.get(address(course)))
    assert "Not in the roster any more" in told
    assert "taken out of use" in told


def test_a_class_that_becomes_no_course_says_why(desk, owner):
    profile = desk.service.home.dump("profile", "north-profile")
    desk.service.home.load(
        profile + 'courses: {only: {value: "{group.title}", like: [nothing]}}\n', "test", desk.north.folder
    )
    desk.plan(desk.north)
    (key, *_) = desk.service.home.source("north-school").deliver(None).roster().classes["sourcedId"]
    page = owner.get("/people?what=classes&profile=north-profile")
    assert address(key) in page.text
    told = words(owner.get(address(key)))
    assert "The rules make no course of it" in told
    assert "the profile's rules make none" in told


def test_other_sites_are_not_seen(desk, course, sign_in_as):
    viewer = sign_in_as("viewer", "south")
    assert viewer.get(address(course)).status_code == 404
    assert viewer.fill_in("/", address(course, "courses-look")).status_code == 404
    assert sign_in_as("viewer", "north").get(address(course)).status_code == 200
