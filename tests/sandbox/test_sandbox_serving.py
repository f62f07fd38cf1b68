"""Running a sandbox as a process of its own, and how much it bears."""

import signal
import subprocess
import sys
import time

import pytest
from sandbox_callers import person

SERVE = """
from matricula.sandbox import Sandbox, serve
serve(Sandbox("empty"), ready=lambda url: print(url, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(number):
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.stdout.close()


def test_a_thousand_people_and_their_enrolments_take_a_moment(ask, class_of):
    course, _ = class_of()
    start = time.monotonic()
    ids = []
    for batch in range(5):
        users = [person(f"u{batch}x{number}", idnumber=f"{batch}-{number}") for number in range(200)]
        ids += [user["id"] for user in ask("core_user_create_users", users=users)]
    rows = [{"roleid": 5, "userid": user, "courseid": course} for user in ids]
    ask("enrol_manual_enrol_users", enrolments=rows)
    assert len(ask("core_enrol_get_enrolled_users", courseid=course)) == 1000
    assert time.monotonic() - start < 20
