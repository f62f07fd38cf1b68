"""The example of a school's own CSV files, read by a map of columns."""

import shutil

import pytest

from conftest import EXAMPLES

SCHOOL = "Lindenhof School / 2026/27"
DAYS = ("2026-08-17 00:00", "2027-07-04 00:00")


@pytest.fixture
def here(place, tmp_path):
    shutil.copytree(EXAMPLES / "tables" / "files", tmp_path / "files")
    return place("tables/school")


def test_people_of_both_lists_have_accounts(here):
    here.run()
    assert here.users("firstname", "lastname", "email", "idnumber") == {
        "ann.lee": ("Ann", "Lee", "ann.lee@lindenhof.example", "1001"),
        "ben.oest": ("Ben", "Öst", "ben.oest@lindenhof.example", "1002"),
        "cleo.lee": ("Cléo", "Lee", "cleo.lee@lindenhof.example", "1003"),
        "dan.orr": ("Dan", "Orr", "dan.orr@lindenhof.example", "1004"),
        "tom.hill": ("Tom", "Hill", "tom.hill@lindenhof.example", "staff-HIL"),
        "uma.iyer": ("Uma", "Iyer", "uma.iyer@lindenhof.example", "staff-IYE"),
    }


ENROLLED = {
    ("ann.lee", "7A/Sc 2026/27", "student"),
    ("ben.oest", "7A/Sc 2026/27", "student"),
    ("tom.hill", "7A/Sc 2026/27", "editingteacher"),
    ("uma.iyer", "7A/Sc 2026/27", "editingteacher"),
    ("cleo.lee", "7B/Sc 2026/27", "student"),
    ("dan.orr", "7B/Sc 2026/27", "student"),
    ("tom.hill", "7B/Sc 2026/27", "editingteacher"),
    ("ann.lee", "7A/En 2026/27", "student"),
    ("uma.iyer", "7A/En 2026/27", "editingteacher"),
}


def test_groups_of_the_timetable_are_courses_with_their_people(here):
    here.run()
    assert here.courses() == {
        "7A/Sc 2026/27": ("Science – 7A/Sc", "SC/7A_2fSc/2027", SCHOOL, True, *DAYS),
        "7B/Sc 2026/27": ("Science – 7B/Sc", "SC/7B_2fSc/2027", SCHOOL, True, *DAYS),
        "7A/En 2026/27": ("English – 7A/En", "EN/7A_2fEn/2027", SCHOOL, True, *DAYS),
    }
    assert here.enrolments() == ENROLLED


def test_who_is_no_longer_in_a_group_is_suspended_in_its_course(here, tmp_path):
    here.run()
    file = tmp_path / "files" / "groups.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("1004;7B/Sc;28.09.2026\n", ""), encoding="utf-8")
    here.run()
    dan = ("dan.orr", "7B/Sc 2026/27", "student")
    assert here.enrolments() == ENROLLED - {dan} | {(*dan, "suspended")}


def test_a_teacher_who_is_mistyped_keeps_the_place_that_was_there(here, tmp_path):
    here.run()
    file = tmp_path / "files" / "timetable.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("HIL, IYE", "HIL, IYI"), encoding="utf-8")
    here.run()
    assert here.enrolments() == ENROLLED
    told = [finding.message for finding in here.hub.plan("school").findings if finding.code == "pointer-unknown"]
    assert told == ["teacher “IYI” is nobody's identifier that was read."]
