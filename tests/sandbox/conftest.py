"""A sandbox being served, and courses with people in it."""

import pytest
from sandbox_callers import Caller, person

from matricula.sandbox import running


@pytest.fixture
def site():
    with running("empty") as served:
        yield served


@pytest.fixture
def ask(site):
    return Caller(site)


@pytest.fixture
def class_of(ask):
    """Makes a course and people, and enrols them as students; gives the course and their ids."""

    def make(*names, shortname="C1"):
        course = ask(
            "core_course_create_courses",
            courses=[{"fullname": shortname, "shortname": shortname, "categoryid": 1}],
        )[0]["id"]
        if not names:
            return course, []
        made = ask("core_user_create_users", users=[person(name) for name in names])
        ids = [user["id"] for user in made]
        rows = [{"roleid": 5, "userid": user, "courseid": course} for user in ids]
        assert ask("enrol_manual_enrol_users", enrolments=rows) is None
        return course, ids

    return make
