"""Plans as files: for a spreadsheet, for machines, and as a page that needs nothing else."""

import csv
import io
import json
import stat
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from command_desk import Desk

from matricula.sandbox.school import School


class Page(HTMLParser):
    """The text of a page, and whatever it would load from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "link", "iframe"):
            self.loads.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def second_plan(ready: Desk, school: School, deliver: Callable[[School], None]) -> dict:
    ready("run", "--yes")
    deliver(school.next_day()[0])
    return ready("plan", "--json").json


def test_a_page_needs_nothing_else_and_names_every_change(
    ready: Desk, school: School, deliver: Callable[[School], None], tmp_path: Path
) -> None:
    second_plan(ready, school, deliver)
    file = tmp_path / "plan.html"
    assert ready("show", 2, "--to", file).status == 0
    page = Page(file.read_text(encoding="utf-8"))
    assert page.loads == []
    for change in ready("show", 2, "--json").json["shown"]:
        assert change["name"] in page.text
        assert change["reason"] in page.text
    assert "takes something away" in file.read_text(encoding="utf-8")


def test_a_page_shows_texts_of_the_roster_as_texts(ready: Desk, tmp_path: Path) -> None:
    users = tmp_path / "roster" / "users.csv"
    text = users.read_text(encoding="utf-8")
    given = next(csv.DictReader(io.StringIO(text)))["givenName"]
    users.write_text(text.replace(given, "Bobby & <b>Co", 1), encoding="utf-8")
    ready("plan")
    file = tmp_path / "plan.html"
    ready("show", 1, "--to", file)
    assert "<b>Co" not in file.read_text(encoding="utf-8")


def test_a_held_plan_says_on_its_page_how_it_is_released_and_rejected(
    ready: Desk, school: School, deliver: Callable[[School], None], tmp_path: Path
) -> None:
    ready("run", "--yes")
    users = tmp_path / "roster" / "users.csv"
    users.write_text(users.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    held = ready("plan", "--json").json
    assert held["state"] == "held"
    file = tmp_path / "plan.html"
    ready("show", 2, "--to", file)
    text = Page(file.read_text(encoding="utf-8")).text
    assert f'matricula apply 2 --release "{held["release"]}"' in text
    assert "matricula reject 2" in text


def test_a_table_has_a_row_for_each_field_with_before_and_after(
    ready: Desk, school: School, deliver: Callable[[School], None], tmp_path: Path
) -> None:
    second_plan(ready, school, deliver)
    file = tmp_path / "plan.csv"
    ready("show", 2, "--action", "update", "--to", file)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    changes = ready("show", 2, "--action", "update", "--json").json["shown"]
    assert len(rows) == sum(len(change["after"]) for change in changes)
    (renamed,) = (row for row in rows if row["field"] == "lastname")
    change = next(each for each in changes if "lastname" in each["after"])
    assert (renamed["before"], renamed["after"]) == (change["before"]["lastname"], change["after"]["lastname"])


def test_a_name_does_not_become_a_formula(ready: Desk, tmp_path: Path) -> None:
    users = tmp_path / "roster" / "users.csv"
    text = users.read_text(encoding="utf-8")
    given = next(csv.DictReader(io.StringIO(text)))["givenName"]
    users.write_text(text.replace(f",{given},", ",=1+1,", 1), encoding="utf-8")
    ready("plan")
    file = tmp_path / "plan.csv"
    ready("show", 1, "--kind", "user", "--to", file)
    cells = [cell for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))) for cell in row]
    assert any(cell.startswith("'=1+1") for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)


def test_json_is_what_the_command_prints(ready: Desk, tmp_path: Path) -> None:
    ready("plan")
    file = tmp_path / "plan.json"
    ready("show", 1, "--to", file)
    assert json.loads(file.read_text(encoding="utf-8")) == ready("show", 1, "--json").json


def test_a_file_is_its_owners_alone_and_none_is_replaced(ready: Desk, tmp_path: Path) -> None:
    ready("plan")
    file = tmp_path / "plan.html"
    ready("show", 1, "--to", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = ready("show", 1, "--to", file)
    assert again.status == 2
    assert "such a file already" in again.words


def test_another_form_is_refused_by_name(ready: Desk, tmp_path: Path) -> None:
    ready("plan")
    told = ready("show", 1, "--to", tmp_path / "plan.pdf")
    assert told.status == 2
    assert ".html" in told.words
