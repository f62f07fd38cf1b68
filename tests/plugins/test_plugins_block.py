"""The block's own code, by PHP alone: it signs as Matricula verifies, and tells each refusal in its own words."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matricula.errors import UsageError
from matricula.service.block_signing import NONCE, SIGNATURE, TIME, verified

PLUGIN = Path(__file__).parents[2] / "moodle-plugins" / "block_matricula"
PHP = shutil.which("php")
needs_php = pytest.mark.skipif(PHP is None, reason="there is no php")

#: What stands in Moodle and is called here.
MOODLE = """
class moodle_exception extends Exception {
    public $errorcode; public $a;
    public function __construct($code, $module = '', $link = '', $a = null, $debuginfo = null) {
        $this->errorcode = $code; $this->a = $a; parent::__construct($code);
    }
}
"""


def php(code: str, *given: object) -> object:
    loaded = "".join(f"require {json.dumps(str(PLUGIN / 'classes' / name))};" for name in ("refusal.php", "client.php"))
    whole = f"{MOODLE}{loaded}$given = json_decode(stream_get_contents(STDIN), true);{code}"
    told = subprocess.run(
        [PHP, "-r", whole], input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return json.loads(told.stdout)


@needs_php
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1, max_size=40), st.text(max_size=60))
def test_both_ends_sign_alike(secret, said):
    at = datetime.now(UTC)
    moment, nonce, path = str(int(at.timestamp())), "0f" * 16, "/hooks/moodle/north/course"
    body = json.dumps({"courseid": 2, "by": said}, ensure_ascii=False)
    made = php("echo json_encode(block_matricula\\client::signature(...$given));", secret, moment, nonce, path, body)
    sent = {TIME: moment, NONCE: nonce, SIGNATURE: str(made)}
    assert verified((secret.encode(),), sent, path, body.encode(), at).nonce == nonce
    with pytest.raises(UsageError):
        verified((secret.encode(),), sent, path, body.encode() + b" ", at)


READ = """
try { echo json_encode(['answer' => block_matricula\\client::read(...$given)]); }
catch (block_matricula\\refusal $error) { echo json_encode([$error->reason, $error->a]); }
"""
TOLD = {"title": "What.", "detail": "Remedy."}


@needs_php
@pytest.mark.parametrize(
    ("status", "text", "wanted"),
    [
        (200, {"job": 7}, {"answer": {"job": 7}}),
        (401, TOLD | {"code": "block-clock"}, ["clock", "What. Remedy."]),
        (401, TOLD | {"code": "block-refused"}, ["refused", None]),
        (401, TOLD | {"code": "block-replayed"}, ["refused", None]),
        (429, TOLD | {"code": "too-many-requests"}, ["busy", None]),
        (409, TOLD | {"code": "block-held"}, ["told", "What. Remedy."]),
        (503, TOLD | {"code": "x"}, ["told", "What. Remedy."]),
        (502, "<html>Bad gateway</html>", ["broken", 502]),
        (200, "<html>Sign in</html>", ["broken", 200]),
        (500, {}, ["broken", 500]),
    ],
)
def test_each_answer_is_told_in_its_own_words(status, text, wanted):
    assert php(READ, status, text if isinstance(text, str) else json.dumps(text)) == wanted


@needs_php
@pytest.mark.parametrize("file", sorted(PLUGIN.rglob("*.php")), ids=lambda file: file.name)
def test_every_file_can_be_read_by_php(file):
    told = subprocess.run([PHP, "-l", str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stdout


def strings() -> set[str]:
    text = (PLUGIN / "lang" / "en" / "block_matricula.php").read_text(encoding="utf-8")
    return set(re.findall(r"^\$string\['([^']+)'\]", text, re.M))


def test_every_string_that_is_used_is_there_and_none_is_there_for_nothing():
    there, used = strings(), set()
    for file in [*PLUGIN.rglob("*.php"), *PLUGIN.rglob("*.mustache")]:
        text = file.read_text(encoding="utf-8")
        used |= set(re.findall(r"get_string\('([\w:]+)', 'block_matricula'", text))
        used |= set(re.findall(r"\{\{#str\}\}\s*([\w:]+)\s*,\s*block_matricula", text))
        used |= set(re.findall(r"'(privacy:metadata:[\w:]+)'", text))
        used |= {f"error:{reason}" for reason in re.findall(r"new refusal\('(\w+)'", text)}
    used |= {f"matricula:{each}" for each in ("addinstance", "view", "synchronise")} | {"cachedef_courses"}
    used |= {"synchroniseenrolments", "synchronisegrades"}
    assert used - there == set()
    assert {each for each in there - used if not each.startswith("action:")} == set()


def test_every_act_that_matricula_tells_of_has_a_heading():
    from matricula.hub.block_told import ACTIONS

    assert {each.removeprefix("action:") for each in strings() if each.startswith("action:")} == {*ACTIONS, "grade"}


def test_every_file_says_its_licence():
    for file in [*PLUGIN.rglob("*.php"), *PLUGIN.rglob("*.mustache")]:
        assert "GNU General Public License" in file.read_text(encoding="utf-8"), file
