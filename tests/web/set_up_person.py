"""A person who sets up a first synchronisation in the console."""

from __future__ import annotations

import io
import time
import zipfile
from typing import TYPE_CHECKING

from web_browser import form_token

from matricula.sandbox.school import School

if TYPE_CHECKING:
    from pathlib import Path

ENDED = ("done", "failed", "cancelled")


def school_files(folder: Path, students: int = 30, seed: int = 5) -> dict[str, bytes]:
    """A OneRoster export by names of files."""
    School.generate(seed, students, 6, 6).write(folder)
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def send_files(browser, page, path, files, **fields):
    """Send a form with files, as a browser does."""
    token = form_token(browser.get(page).text)
    parts = [("files", (name, content, "application/octet-stream")) for name, content in files.items()]
    return browser.post(path, data={"csrf": token, **fields}, files=parts or [("files", ("", b"", ""))])


def all_done(service, seconds=30.0):
    """Let the jobs that wait be done; gives the last one."""
    service.start()
    end = time.monotonic() + seconds
    while any(job.state not in ENDED for job in service.jobs.all()):
        assert time.monotonic() < end, service.jobs.all()
        time.sleep(0.02)
    return service.jobs.all()[0]
