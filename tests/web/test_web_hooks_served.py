"""The example of the page on near real time, as it stands there, against a server that listens."""

import re
import subprocess
import threading
from pathlib import Path

import pytest
import uvicorn

from matricula.hub import Home
from matricula.service import Service
from matricula.web.app import create_app

PAGE = Path(__file__).parents[2] / "docs" / "near-real-time.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = """
kind: service
name: service
hooks_in: [{name: sis, secret: hook, profiles: [default]}]
---
kind: site
name: moodle
url: http://127.0.0.1:9
---
kind: source
name: school
type: oneroster-csv
path: csv
---
kind: profile
name: default
source: school
site: moodle
"""


@pytest.fixture
def served(tmp_path):
    with Home.make(tmp_path / "home") as home:
        home.load(SETTINGS, "test", tmp_path)
        home.keep_secret("hook", SECRET)
        up = threading.Event()

        class Served(uvicorn.Server):
            async def startup(self, sockets=None):
                await super().startup(sockets)
                up.set()

        server = Served(uvicorn.Config(create_app(Service(home)), host="127.0.0.1", port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        assert up.wait(30)
        yield home, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(("language", "command"), [("sh", ["sh"]), ("python", ["python3"])])
def test_the_examples_of_the_page_are_taken(served, language, command):
    home, address = served
    (example,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    example = example.replace("whsec_…", SECRET).replace("https://sync.school.example", address)
    told = subprocess.run(command, input=example, capture_output=True, text=True, timeout=60)
    assert '"job":1' in told.stdout, told.stdout + told.stderr
    assert home.store.wishes.waiting() == {"default": 1}
