"""The block inside a real Moodle, as a teacher uses it: with a browser, and a Matricula that is really served.

The Moodle must have the plugins local_matricula and block_matricula, and its folder must be on this machine: address,
site and secret are set with its own `admin/cli/cfg.php`, and emptied at the end.
"""

from dataclasses import replace

import pytest
from block_reader import awake
from console_process import CHROMIUM, Console
from corridor import Corridor
from real_site import IN_ITS_FOLDER, ON_A_REAL_SITE
from small_school import SmallSchool

from matricula.hub.blocks import make_block_secret

PASSWORD = "Teacher-123"

pytestmark = [
    *ON_A_REAL_SITE,
    IN_ITS_FOLDER,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
]


def enrolled(corridor: Corridor, course: int) -> dict[str, bool]:
    with corridor.moodle() as moodle:
        names = {user.id: user.username for user in moodle.users.all()}
        return {names[each.user_id]: each.suspended for each in moodle.enrolments.of_courses([course])}


@pytest.mark.timeout(1200)
def test_a_teacher_brings_a_course_in_step_from_inside_moodle(corridor, mark, plugin, at):
    school = SmallSchool(mark)
    school.write(corridor.folder)
    teacher = {"username": f"{mark}.teacher0", "firstname": "Teacher0", "lastname": "Łuk", "password": PASSWORD}
    with corridor.moodle() as moodle:
        (made,) = moodle.users.create([teacher | {"email": f"{mark}.teacher0@school.example", "auth": "manual"}])
    try:
        corridor.hub.apply(corridor.plan().number)
        ids = dict(corridor.hub.store.ledger.frame("default", "course").select("key", "moodle_id").iter_rows())
        first, fourth = ids[f"{mark}-cl0"], ids[f"{mark}-cl3"]
        # Pupil 3 leaves the fourth class for the first, and the roster is read, but nothing is written.
        replace(school, moved=frozenset({3})).write(corridor.folder)
        corridor.plan()
        secret = make_block_secret(corridor.home, "moodle")
        with Console.started(corridor.home.folder) as console:
            plugin(address=console.address, sitekey="moodle", secret=secret)
            awake(console.address, secret, first, fourth)
            reader = at(teacher["username"], PASSWORD)
            _joins(reader, corridor, school, first)
            _leaves(reader, corridor, school, fourth)
            _with_scripts(at, teacher["username"], first)
            _refused(plugin, reader, first)
            plugin(secret=secret)
        reader.course(first)
        reader.press("Synchronise enrolments")
        assert "Matricula cannot be reached just now. Nothing in the course has changed" in reader.words()
        reader.look("7-out-of-reach")
    finally:
        with corridor.moodle() as moodle:
            moodle.users.delete([made.id])


def _joins(reader, corridor, school, course):
    reader.add_block(course)
    told = reader.block_words()
    assert "In step with the school's roster" in told
    assert "From school, by the rules of default" in told
    assert "Missing: 1" in told
    assert f"{' '.join(school.students[3])} (student)" in told
    reader.look("1-missing")
    reader.press("Synchronise enrolments")
    reader.ended(".block_matricula-preview")
    told = reader.words()
    assert "Will be enrolled (1)" in told
    assert f"{' '.join(school.students[3])} as student" in told
    assert enrolled(corridor, course).get(school.username(3)) is None, "nothing is written yet"
    reader.look("2-preview")
    reader.page.get_by_role("button", name="Continue").click()
    reader.ended(".block_matricula-job .alert-success")
    assert "1 done." in reader.words()
    reader.look("3-done")
    assert enrolled(corridor, course)[school.username(3)] is False
    reader.page.get_by_role("link", name="Back to the course").click()
    reader.block.wait_for(state="attached")
    assert "Nobody is missing." in reader.block_words()


def _leaves(reader, corridor, school, course):
    reader.add_block(course)
    reader.press("Synchronise enrolments")
    reader.ended(".block_matricula-preview")
    assert "Will be suspended (1)" in reader.words()
    reader.look("4-suspended")
    reader.page.get_by_role("button", name="Continue").click()
    assert reader.page.locator(".block_matricula-preview").count(), "it has to be agreed to first"
    reader.page.get_by_label("I have looked at who loses access: suspend 1 enrolment").check()
    reader.page.get_by_role("button", name="Continue").click()
    reader.ended(".block_matricula-job .alert-success")
    assert enrolled(corridor, course)[school.username(3)] is True


def _with_scripts(at, name, course):
    """All else is done without any script; with them it is the same."""
    reader = at(name, PASSWORD, scripts=True)
    reader.course(course)
    reader.press("Synchronise enrolments")
    reader.ended(".block_matricula-preview")
    assert "Everything is in step; there is nothing to do." in reader.words()
    reader.look("5-with-scripts")


def _refused(plugin, reader, course):
    plugin(secret="another secret than the one that Matricula knows")
    reader.course(course)
    reader.press("Synchronise enrolments")
    assert "site or secret are not those that it knows" in reader.words()
    reader.look("6-refused")
