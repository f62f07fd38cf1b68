"""Learning tools in the console: added, mapped, previewed by name, written, with no command line."""

import pytest
from web_browser import words

from jobs_seen import ended
from matricula.moodle import Moodle
from matricula.sandbox import running
from matricula.sandbox.functions.gradebook import add_activity
from matricula.sandbox.tools import running_tool

SITE = "kind: site\nname: moodle\nurl: {url}\n"


@pytest.fixture
def moodle():
    with running("empty") as site:
        yield site


@pytest.fixture
def tool():
    with running_tool() as tool:
        yield tool


@pytest.fixture
def course(service, moodle, tmp_path):
    """A course of Moodle with one student and an activity."""
    service.home.load(SITE.format(url=moodle.url), "test", tmp_path)
    service.home.keep_token("moodle", moodle.tokens["admin"])
    with Moodle(moodle.url, moodle.tokens["admin"]) as client:
        person = {"username": "ann", "firstname": "Ann", "lastname": "Lee", "email": "ann@school.example"}
        (ann,) = client.users.create([person | {"auth": "manual", "password": "Adm1n-pass!"}])
        (made,) = client.courses.create([{"fullname": "Biology 7", "shortname": "bio", "categoryid": 1}])
        client.enrolments.enrol([{"roleid": 5, "userid": ann.id, "courseid": made.id}])
    add_activity(moodle.state, made.id, "assign", "Cells", 100)
    return made.id


@pytest.fixture
def mapped(sign_in_as, service, tool, course):
    """An owner who has added the tool and keeps two courses together."""
    tool.state.add_course("Biology", "BIO")
    owner = sign_in_as("owner")
    sent = {"name": "kura", "type": "kuracloud", "site": "moodle", "url": tool.url, "token": tool.token}
    assert "The tool kura is there" in words(owner.fill_in("/tools/-/new", "/tools/-/new", **sent))
    assert "It is being looked at" in words(owner.get("/tools/kura"))
    job, seen = at_work(service, owner, "/tools/kura", "/tools/kura/check")
    assert job.result == {"tool": "kura", "state": "ok", "message": ""}
    assert "OK" in words(seen)
    found = owner.get("/tools/kura/map", params={"remote": "bio", "course": "biology"})
    assert "Biology 7 (bio)" in words(found)
    page = owner.fill_in("/tools/kura/map?remote=bio&course=bio", "/tools/kura/map", remote="BIO", course=str(course))
    assert "are kept together now" in words(page)
    return owner


def at_work(service, owner, page, path, **fields):
    """Ask for a job on a page, have it done, and give the page as it is then."""
    owner.fill_in(page, path, **fields)
    service.start()
    job = ended(service, service.jobs.all(limit=1)[0].id)
    service.stop()
    return job, owner.get(page)


def test_people_and_grades_go_their_way_as_somebody_saw_them(mapped, service, moodle, tool):
    (mapping,) = service.store.tools.mappings("kura")
    here = f"/tools/kura/courses/{mapping.id}"
    job, _ = at_work(service, mapped, here, f"{here}/roster")
    preview = f"/tools/kura/previews/{job.result['preview']}"
    assert "Added: 1 Ann Lee ann@school.example, gets an invitation" in words(mapped.get(preview))
    assert tool.state.students(int(mapping.remote)) == []
    _, page = at_work(service, mapped, preview, f"{preview}/apply")
    assert "Ann Lee ann@school.example, gets an invitation done" in words(page)
    (student,) = tool.state.students(int(mapping.remote))

    grades = {"studentId": student["studentId"], "gradeOffset": None}
    grades["questionGrades"] = [{"questionId": 1, "questionGrade": 3}]
    revision = {"publishedRevisionId": 10, "publishedRevisionTitle": "Cells", "studentGrades": [grades]}
    revision["questions"] = [{"questionId": 1, "maxGrade": 4}]
    lesson = {"publishedContentId": 1, "publishedLessonId": 1, "publishedLessonTitle": "Cells"}
    tool.state.lessons[int(mapping.remote)] = [lesson | {"gradedPublishedRevisions": [revision]}]
    job, page = at_work(service, mapped, here, f"{here}/grades")
    assert "1 grade, not written yet" in words(page)
    preview = f"/tools/kura/previews/{job.result['preview']}"
    assert "Cells: 1 Ann Lee no grade → 75 (3 of 4 in the tool)" in words(mapped.get(preview))
    at_work(service, mapped, preview, f"{preview}/apply")
    graded = moodle.state.one("SELECT finalgrade FROM grade_grades g JOIN grade_items i ON i.id = g.itemid"
                              " WHERE i.itemtype = 'mod' AND g.userid = ?", _ann(moodle))  # fmt: skip
    assert graded["finalgrade"] == 75
    assert "Cells Cells" in words(mapped.get(f"{here}/lessons"))


def test_grades_that_wait_for_the_roster_say_so_with_the_way_on(mapped, service):
    (mapping,) = service.store.tools.mappings("kura")
    here = f"/tools/kura/courses/{mapping.id}"
    job, page = at_work(service, mapped, here, f"{here}/grades")
    assert job.state == "failed"
    assert "The people of the two courses are not the same: 1 to add" in words(page)


def test_a_lesson_is_placed_and_a_wrong_number_refused(mapped, service):
    (mapping,) = service.store.tools.mappings("kura")
    service.store.tool_grades.saw(mapping.id, {("1", "10"): ("Plants", 4.0)})
    lessons = f"/tools/kura/courses/{mapping.id}/lessons"
    assert "Plants Nowhere" in words(mapped.get(lessons))
    refused = mapped.fill_in(lessons, lessons, lesson="1-10", activity="424242")
    assert (refused.status_code, "no graded activity 424242" in words(refused)) == (422, True)


def test_a_viewer_sees_and_can_do_nothing(mapped, sign_in_as, service, tool):
    (mapping,) = service.store.tools.mappings("kura")
    viewer = sign_in_as("viewer")
    page = viewer.get(f"/tools/kura/courses/{mapping.id}")
    assert "Show what would change" not in words(page)
    assert tool.token not in viewer.get("/tools/kura").text


def test_a_tool_in_use_is_not_removed_and_unmapping_leaves_the_students(mapped, service, tool):
    (mapping,) = service.store.tools.mappings("kura")
    refused = mapped.fill_in("/me", "/tools/kura/remove", typed="kura")
    assert "1 course is mapped to the tool" in words(refused)
    assert "kura" in service.home.names("tool")
    here = f"/tools/kura/courses/{mapping.id}"
    assert "no longer kept together" in words(mapped.fill_in(here, f"{here}/unmap"))
    gone = mapped.fill_in("/tools/kura/remove", "/tools/kura/remove", typed="kura")
    assert "The tool kura and its token are removed" in words(gone)
    assert service.home.names("tool") == []


def test_a_tool_that_cannot_be_is_refused_with_what_was_typed(sign_in_as, service, course):
    owner = sign_in_as("owner")
    page = owner.fill_in("/tools/-/new", "/tools/-/new", name="Kura!", type="kuracloud", site="moodle", url="http://x")
    assert page.status_code == 422
    assert 'value="Kura!"' in page.text


@pytest.mark.parametrize("as_text", [True, False])
def test_nobody_moves_a_tool_to_a_site_of_others(mapped, sign_in_as, service, tmp_path, as_text):
    service.home.load(SITE.replace("moodle", "other").format(url="https://other.example"), "test", tmp_path)
    owner = sign_in_as("owner", site="moodle")
    body = service.store.documents.get("tool", "kura").body
    sent = {"body": body.replace("site: moodle", "site: other")} if as_text else {"site": "other"}
    assert owner.fill_in("/tools/kura/settings", "/tools/kura/settings", **sent).status_code == 403
    assert service.home.tool("kura").site == "moodle"


def _ann(moodle):
    return moodle.state.value("SELECT id FROM user WHERE username = 'ann'")
