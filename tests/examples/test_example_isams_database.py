"""The iSAMS example with iSAMS' database, read by its presets, in the place of the folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from isams_school import IsamsSchool, in_sqlite
from looking import Place
from test_example_isams import SETS

from matricula.errors import SettingError

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDER = "type: oneroster-csv\npath: roster"


@pytest.fixture
def school(tmp_path) -> IsamsSchool:
    return in_sqlite(tmp_path / "isams.sqlite")


@pytest.fixture
def opened(place, site, tmp_path) -> Iterator[Callable[..., Place]]:
    """Opens a home with the example, its source read by a preset and other words changed."""
    places: list[Place] = []

    def open_place(preset: str, changed: dict[str, str] | None = None) -> Place:
        text = (EXAMPLES / "isams.yaml").read_text(encoding="utf-8")
        for old, new in ({FOLDER: f"type: sql\npath: isams.sqlite\npreset: {preset}"} | (changed or {})).items():
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "isams.yaml").write_text(text, encoding="utf-8")
        places.append(Place(tmp_path / "isams.yaml", tmp_path, site))
        return places[-1]

    del place
    yield open_place
    for each in places:
        each.close()


def people(here: Place) -> dict[str, tuple]:
    return here.users("firstname", "lastname", "idnumber", "department")


def test_the_tables_give_what_the_example_says(opened, school):
    here = opened("isams")
    here.run()
    assert people(here) == {
        "leea": ("Ann", "Lee", "pupil-0001", "7A"),
        "leec": ("Cléo", "Lee", "pupil-0003", ""),
        "orrd": ("Dan", "Orr", "pupil-0004", ""),
        "th": ("Tom", "Hill", "staff-1", "7A"),
        "ui": ("Uma", "Iyer", "staff-2", "7A"),
    }
    courses = here.courses()
    courses.pop("Y7-Science")
    assert set(courses) == {*SETS, "Art, Design - 8/Ad - 26-27", "Form - 8B - 26-27", "Form - 8C - 26-27"}
    in_science = {row for row in here.enrolments() if row[1] == SETS[0]}
    assert in_science == {
        ("leea", SETS[0], "student"), ("th", SETS[0], "editingteacher"), ("ui", SETS[0], "editingteacher"),
    }  # fmt: skip


def test_who_leaves_a_set_in_the_database_is_suspended_in_its_course(opened, school):
    here = opened("isams")
    here.run()
    school.change("DELETE FROM TblTeachingManagerSetLists WHERE intSetID = 12 AND txtSchoolID = '0004'")
    here.run()
    assert {row for row in here.enrolments() if row[1] == SETS[1] and row[0] == "orrd"} == {
        ("orrd", SETS[1], "student", "suspended")
    }


def test_a_view_that_is_gone_leaves_the_site_as_it_was(opened, school):
    here = opened("isams-views", VIEWS)
    here.run()
    before = here.enrolments()
    school.change("DROP VIEW VwMoodleEnrolData")
    with pytest.raises(SettingError, match="VwMoodleEnrolData"):
        here.run()
    assert here.enrolments() == before


VIEWS = {
    '"{subject.title} - {group.code} - {period.span|substring(3, 2)}-{period.span|substring(6, 2)}"': '"{group.title}"',
    '"{group.code} - {period.span|substring(3, 2)}-{period.span|substring(6, 2)}"': '"{group.code}"',
    'unlike: [Clubs, "Private Study", Fixtures]': "unlike: [iSAMS_*]",
}


def test_the_views_give_the_courses_and_roles_that_moodles_own_plugin_makes(opened, school):
    here = opened("isams-views", VIEWS)
    here.run()
    assert people(here)["ann.lee@lindenhof.example"][:3] == ("Annabel", "Lee", "person-ann.lee@lindenhof.example")
    assert "Ben" not in {first for first, *_ in people(here).values()}
    courses = here.courses()
    assert courses["Science - 7A/Sc - 26-27"][:2] == ("Science - 7A/Sc - 26-27", "7A/Sc - 26-27")
    assert {"Year 7", "Year 8", "Nursery", "North", "South"} <= set(courses)
    assert "Staff" not in courses
    roles = {row[2] for row in here.enrolments() if row[1] == "Science - 7A/Sc - 26-27"}
    assert roles == {"student", "editingteacher"}
    assert ("ann.lee@lindenhof.example", "Year 7", "student") in here.enrolments()
