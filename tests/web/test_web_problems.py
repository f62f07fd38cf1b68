"""Problems in the console: by reason, with what can be done, and tried again."""

import pytest
from records_desk import ODD_NAME
from web_browser import words

from matricula.hub.problems import alike, target_of
from matricula.hub.waiting import waiting_of


@pytest.fixture
def refused(desk):
    """Three students whose accounts the site refuses."""
    students = desk.north.school.students[:3]
    desk.north.site.faults.set(refuse_users=[each.username.lower() for each in students])
    desk.run(desk.north)
    desk.north.site.faults.clear()
    return students


def problems(desk):
    return desk.service.store.problems.all("north-profile")


def test_no_problems(desk, owner):
    assert "every record that was planned went through" in words(owner.get("/problems"))


def test_problems_are_told_by_reason(desk, refused, owner):
    page = owner.get("/problems")
    told = words(page)
    assert "3 accounts of north-profile" in told
    assert "Error writing to database" in told
    for each in refused:
        assert f"{each.given} {each.family}" in told
        assert f"/profiles/north-profile/people/{each.sourced_id}" in page.text
    assert waiting_of(desk.service.store, "north-profile").problems == len(problems(desk))
    assert "enrolments" not in words(owner.get("/problems?kind=user"))


def test_names_and_values_do_not_make_reasons_differ(desk):
    store = desk.service.store
    for number, name in enumerate(("Ann Lee", "Bob Low", "Cy Day")):
        reason = f"The user name “{name}” belongs to the account “x{number}” (Some Body, id {number}). Change one."
        store.problems.open("north-profile", "user", f"k{number}", name, reason, None)
    store.problems.open("north-profile", "user", "k9", "Di Roe", "The account of Di Roe is no longer in Moodle.", None)
    first, second = alike(problems(desk))
    assert (len(first.problems), first.reason) == (
        3,
        "The user name “…” belongs to the account “…” (…). Change one.",
    )
    assert second.reason == "The account of … is no longer in Moodle."


def test_one_is_tried_again(desk, refused, owner):
    key = refused[0].sourced_id
    page = owner.fill_in("/problems", "/profiles/north-profile/problems/again", kind="user", key=key)
    (job,) = desk.service.jobs.all()
    assert page.url.path == f"/jobs/{job.id}"
    assert (job.kind, job.arguments, job.asked_by) == ("run", {"only": [f"person:{key}"]}, "owner-0")
    desk.run(desk.north, only=job.arguments["only"])
    assert key not in {each.key for each in problems(desk)}
    page = owner.fill_in("/problems", "/profiles/north-profile/problems/again", kind="user", key=key)
    assert "it was solved meanwhile" in words(page)
    assert len(desk.service.jobs.all()) == 1


def test_all_of_a_reason_are_tried_again(desk, refused, owner):
    mark = next(each.mark for each in alike(problems(desk)) if each.kind == "user")
    owner.fill_in("/problems", "/profiles/north-profile/problems/again", reason=mark)
    (job,) = desk.service.jobs.all()
    assert job.arguments == {"only": sorted(f"person:{each.sourced_id}" for each in refused)}


def test_what_only_a_whole_run_brings_asks_for_one(desk, owner):
    desk.service.store.problems.open("north-profile", "category", "c1", "Year 7", "Moodle refused this.", None)
    owner.fill_in("/problems", "/profiles/north-profile/problems/again", kind="category", key="c1")
    assert desk.service.jobs.all()[0].arguments == {}
    assert target_of("category", "c1") is None
    assert target_of("enrolment", "p\tc") == "person:p"
    assert target_of("group", "c\tid:g") == "course:c"
    assert target_of("grouping-member", "id:g\tc\tname:x") == "course:c"


def test_many_of_a_reason_are_on_pages(desk, owner):
    for number in range(60):
        desk.service.store.problems.open("north-profile", "user", f"k{number:02}", f"P {number:02}", "Refused.", None)
    (one,) = alike(problems(desk))
    page = owner.get("/problems")
    assert "All 60" in words(page)
    page = owner.get(f"/problems?profile=north-profile&reason={one.mark}")
    assert "60 records refused for one reason" in words(page)
    assert ("P 49" in page.text, "P 50" in page.text) == (True, False)
    assert "page=2" in page.text
    page = owner.get(f"/problems?profile=north-profile&reason={one.mark}&page=2")
    assert ("P 49" in page.text, "P 59" in page.text) == (False, True)


def test_other_sites_are_not_seen_and_viewers_press_nothing(desk, refused, sign_in_as):
    viewer, other = sign_in_as("viewer", "north"), sign_in_as("operator", "south")
    page = viewer.get("/problems")
    assert refused[0].family in page.text
    assert "Try again" not in words(page)
    assert viewer.fill_in("/", "/profiles/north-profile/problems/again", kind="user", key="x").status_code == 403
    assert "every record that was planned went through" in words(other.get("/problems"))
    assert other.fill_in("/", "/profiles/north-profile/problems/again", kind="user", key="x").status_code == 404
    assert desk.service.jobs.all() == []


def test_names_are_shown_harmlessly(desk, owner):
    desk.service.store.problems.open("north-profile", "user", 'k"><b>', ODD_NAME, f"No: {ODD_NAME} <i>", None)
    (one,) = alike(problems(desk))
    for page in (owner.get("/problems"), owner.get(f"/problems?profile=north-profile&reason={one.mark}")):
        assert "<script>alert" not in page.text
        assert "<i>" not in page.text
        assert "<bdi>Zoë &lt;script&gt;" in page.text
