"""A service that is told to stop ends its work before it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from matricula.hub import Home


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_is_stopped_strikes_its_worker_out_and_ends_well(tmp_path, number):
    command = [sys.executable, "-m", "matricula", "--home", str(tmp_path / "home"), "serve", "--port", "0"]
    told = os.environ | {"MATRICULA_LOG": "-"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=told)
    address = ""
    while not address:
        line = process.stdout.readline()
        assert line, process.communicate()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        address = found.group() if found else ""
    with urllib.request.urlopen(f"{address}/readyz", timeout=30) as answer:
        assert answer.status == 200
    with Home(tmp_path / "home") as home:
        assert len(home.store.workers.all()) == 1
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    last = json.loads(err.splitlines()[-1])
    assert (last["event"], last["command"], last["status"]) == ("ends", "serve", 0)
    with Home(tmp_path / "home") as home:
        assert home.store.workers.all() == []
