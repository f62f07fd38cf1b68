"""The example in the manner of openSIS's own link, reading the database of openSIS Classic, as its page shows it."""

import os
import re
from pathlib import Path

import pytest
from looking import Place

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "sources" / "opensis.md"
SCHOOL = "Greenwood International School"


@pytest.fixture
def here(site, tmp_path):
    """A home with the example's site, and the source and the profile of the page, reading the school of openSIS 9.2."""
    shared = Path(os.environ.get("MATRICULA_SHARED") or ROOT.parent / "shared")
    file = shared / "sis" / "opensis-9.2" / "opensis_9.2_core.sqlite"
    if not file.is_file():
        pytest.skip("the sample schools of openSIS are not on this machine (set MATRICULA_SHARED)")
    site.sandbox.reset()
    told = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    source = next(text for text in told if "kind: source" in text)
    profile = next(text for text in told if "kind: profile" in text)
    (moodle, _, _) = (ROOT / "examples" / "opensis.yaml").read_text(encoding="utf-8").split("---\n")
    documents = tmp_path / "documents.yaml"
    # A test calls no other machine than its own.
    documents.write_text("---\n".join((moodle, re.sub(r"(?m)^url: .*$", f"path: {file}", source), profile)))
    opened = Place(documents, tmp_path, site)
    yield opened
    opened.close()


def test_a_login_with_capitals_is_the_account_in_small_letters(here):
    here.run()
    people = here.users("firstname", "lastname", "email", "idnumber", "suspended")
    assert people["vihaan"] == ("Vihaan", "Ahuja", "vihaan@noemail.invalid", "student-1", False)
    assert here.enrolments() >= {
        ("vihaan", "Attendance - 001 2025/26", "student"),
        ("vihaan", "English-001 2025/26", "student"),
    }


def test_an_account_that_is_there_already_is_vihaans(here):
    row = {"username": "vihaan", "firstname": "V.", "lastname": "A.", "email": "va@home.example"}
    (made,) = here.moodle.users.create([row | {"password": "Secret-123"}])
    here.run()
    (vihaan,) = here.moodle.users.find("username", ["vihaan"])
    assert (vihaan.id, vihaan.firstname, vihaan.email, vihaan.idnumber) == (
        made.id,
        "Vihaan",
        "va@home.example",
        "student-1",
    )


def test_two_people_of_one_name_have_two_accounts(here):
    here.run()
    people = here.users("firstname", "lastname", "idnumber")
    assert {name: row[2] for name, row in people.items() if row[:2] == ("Tim", "Jones")} == {
        "timjones": "staff-3",
        "timejones": "staff-4",
    }


def test_one_without_a_login_is_told_by_name(here):
    planned = here.hub.plan("opensis")
    told = [finding.message for finding in planned.findings if finding.code == "user-without-username"]
    assert len(told) == 1
    assert "Charlotte Davis" in told[0]


def test_sections_are_courses_with_their_days_below_their_courses(here):
    here.run()
    courses = here.courses()
    assert courses["English-001 2025/26"] == (
        "Reading - English-001",
        "section-2",
        f"{SCHOOL} / Reading",
        True,
        "2025-08-04 00:00",
        "2025-12-20 00:00",
    )
    assert len(courses) == 4
    assert ("kiplling", "English-001 2025/26", "editingteacher") in here.enrolments()
    assert here.cohorts()["Grade 11", "grade-11"]
