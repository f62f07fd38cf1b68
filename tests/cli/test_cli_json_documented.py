"""Every key that a machine may read is in the guide to the commands."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_desk import Desk

from matricula.sandbox import Running
from matricula.sandbox.school import School

GUIDE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
JSON = GUIDE.partition("## JSON")[2]
#: Under these keys stand names of the school's own, of functions, of fields or of kinds.
OPEN = ("counts", "before", "after", "functions", "outcomes", "input", "result", "filled", "samples", "fields")


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from () if name in OPEN else keys(inner)
    elif isinstance(value, list):
        for each in value:
            yield from keys(each)


@pytest.fixture
def eventful(ready: Desk, site: Running, school: School, cut_users: Callable[[], None]) -> Desk:
    """A home with a refused record, an open problem and a held plan with findings."""
    site.faults.set(refuse_users=[school.students[0].username.lower()])
    ready("plan")
    ready("apply", 1)
    cut_users()
    return ready


def test_every_key_is_in_the_guide(eventful: Desk, school: School, tmp_path: Path) -> None:
    file = tmp_path / "again.yaml"
    file.write_text(eventful("dump").out, encoding="utf-8")
    commands: list[list[object]] = [
        ["load", file],
        ["check"],
        ["check", "--functions"],
        ["plan"],
        ["run", "--yes"],
        ["show", 1],
        ["apply", 2],
        ["reject", 2],
        ["source", "list"],
        ["source", "check"],
        ["source", "diff"],
        ["profile", "list"],
        ["profile", "explain"],
        ["profile", "preview"],
        ["profile", "copy", "default", "next"],
        ["drift"],
        ["history"],
        ["forget", school.students[1].sourced_id, "--profile", "default", "--dry-run"],
        ["purge"],
        ["key", "where"],
        ["key", "rotate"],
        ["history", "--acts"],
        ["problems", "default"],
        ["verify"],
        ["why", "--profile", "default", school.students[0].sourced_id, school.classes[0].sourced_id],
    ]
    for command in commands:
        told = eventful(*command, "--json").json
        assert [key for key in keys(told) if f"`{key}`" not in JSON and f'"{key}"' not in JSON] == [], command


def test_what_was_left_over_is_told_to_machines(eventful: Desk, site: Running, school: School) -> None:
    site.faults.clear()
    outcomes = [change["outcome"] for change in eventful("show", 1, "--json").json["shown"]]
    assert {outcome["state"] for outcome in outcomes} == {"done", "refused", "skipped"}
    assert all(outcome["reason"] for outcome in outcomes if outcome["state"] != "done")
