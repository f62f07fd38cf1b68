"""Deltas along the whole way: the site comes to hold what the complete delivery would make of it."""

import csv
import os
import time
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.sandbox import Running
from matricula.sandbox.school import School

Rows = dict[str, list[str]]
DATE = "2026-11-24T02:00:00.000Z"


def rows_of(file: Path) -> tuple[list[str], Rows]:
    with file.open(encoding="utf-8", newline="") as text:
        header, *rows = csv.reader(text)
    return header, {row[0]: row for row in rows}


def write_delta(before: Path, after: Path, to: Path) -> None:
    """Write what differs between two complete deliveries as changes."""
    to.mkdir()
    for file in after.glob("*.csv"):
        if file.name == "manifest.csv":
            (to / file.name).write_text(file.read_text(encoding="utf-8").replace(",bulk", ",delta"), encoding="utf-8")
            continue
        header, now = rows_of(file)
        _, then = rows_of(before / file.name)
        changed = [[row[0], "active", DATE, *row[3:]] for row in now.values() if then.get(row[0]) != row]
        gone = [[row[0], "tobedeleted", DATE, *row[3:]] for row in then.values() if row[0] not in now]
        with (to / file.name).open("w", encoding="utf-8", newline="") as text:
            csv.writer(text).writerows([header, *changed, *gone])


class Tuesday:
    """The second day of a school whose first day is on the site already."""

    def __init__(self, school: School, folder: Path) -> None:
        self.folder = folder
        self.roster = folder / "roster"
        tomorrow, self.story = school.next_day()
        tomorrow.write(folder / "bulk")
        write_delta(self.roster, folder / "bulk", folder / "delta")

    @property
    def leaver(self) -> str:
        return next(each for each in self.story if "left the school" in each).split(" (")[0]

    def put(self, name: str) -> None:
        """Put a delivery in the place of the one that was there."""
        self.roster.rename(self.folder / f"before {name}")
        (self.folder / name).rename(self.roster)


@pytest.fixture
def tuesday(ready: Desk, school: School, tmp_path: Path) -> Tuesday:
    assert ready("run", "--yes").status == 0
    return Tuesday(school, tmp_path)


def test_a_delta_does_to_the_site_what_the_complete_delivery_would(
    ready: Desk, site: Running, tuesday: Tuesday, school: School
) -> None:
    tuesday.put("delta")
    planned = ready.end(ready.start("plan", "--json"))  # another process: what was delivered is kept
    assert planned.status == 0, planned.all
    counts = planned.json["counts"]
    assert counts["user"] == {"create": 1, "update": 1, "suspend": 1}
    assert planned.json["changes"] < len(school.students)
    shown = ready("show", 2, "--json").json["shown"]
    assert [each["name"] for each in shown if each["action"] == "suspend" and each["kind"] == "user"] == [
        tuesday.leaver
    ]
    assert ready("apply", 2).status == 0
    leaver = next(person for person in school.students if person.name == tuesday.leaver)
    assert site.state.value("SELECT suspended FROM user WHERE username = ?", leaver.username.lower()) == 1
    again = ready("plan")
    assert "Nothing to do" in again.out
    assert "Nothing has come since roster" in again.words
    tuesday.put("bulk")
    assert "Nothing to do" in ready("plan").out


def test_a_delta_that_cannot_be_read_leaves_everything_as_it_was(ready: Desk, tuesday: Tuesday) -> None:
    tuesday.put("delta")
    users = tuesday.roster / "users.csv"
    good = users.read_text(encoding="utf-8")
    users.write_text(good.replace("sourcedId", "id", 1), encoding="utf-8")
    told = ready("plan")
    assert told.status == 1
    assert "users.csv line 1: There is no column sourcedId" in told.words
    users.write_text(good, encoding="utf-8")
    assert ready("plan", "--json").json["counts"]["user"] == {"create": 1, "update": 1, "suspend": 1}


def test_a_delta_before_anything_complete_is_refused(ready: Desk, school: School, tmp_path: Path) -> None:
    day = Tuesday(school, tmp_path)
    day.put("delta")
    told = ready("plan")
    assert told.status == 1
    assert "changes only (delta)" in told.words
    assert "ask the vendor for a bulk export" in told.words
    assert "Traceback" not in told.all


def test_a_watched_folder(ready: Desk, tuesday: Tuesday) -> None:
    inbox = tuesday.folder / "inbox"
    inbox.mkdir()
    tuesday.roster.rename(inbox / "monday")
    for file in (inbox / "monday").iterdir():
        os.utime(file, (time.time() - 9000,) * 2)
    source = tuesday.folder / "source.yaml"
    source.write_text(f"kind: source\nname: roster\ntype: oneroster-csv\npath: {inbox}\ntake: newest\n")
    name = ready("dump").out.split("kind: source\nname: ")[1].split("\n")[0]
    source.write_text(source.read_text().replace("name: roster", f"name: {name}"))
    assert ready("load", source).status == 0
    assert "Nothing to do" in ready("plan").out
    (tuesday.folder / "delta").rename(inbox / "tuesday")
    os.utime(inbox / "tuesday" / "users.csv", None)
    waiting = ready("plan")
    assert "tuesday may still be being written" in waiting.words
    assert "Nothing to do" in waiting.out
    for file in (inbox / "tuesday").iterdir():
        os.utime(file, (time.time() - 60,) * 2)
    assert tuesday.leaver in ready("plan").out
