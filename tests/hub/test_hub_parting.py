"""Parts of plans from the hub and the command line: stored, held, written, and what becomes of the other plans."""

import sys
from pathlib import Path

import pytest

from matricula.errors import MatriculaError
from matricula.hub import Chosen
from matricula.sandbox import running
from matricula.store import Wanted

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))
sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

from command_desk import Desk
from corridor import Corridor

USERS = Chosen(groups=(Wanted(kind="user"),))


@pytest.fixture
def corridor(tmp_path):
    with (
        running(fixture="empty") as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        corridor.school(20)
        yield corridor


def test_a_part_is_applied_and_the_plan_stays_for_the_rest(corridor):
    hub, whole = corridor.hub, corridor.plan()
    part = hub.part(whole.number, USERS)
    assert part.record.summary["part"] == {"of": whole.number, "chosen": part.changes.height, "needed": 0}
    assert part.record.checksum != whole.record.checksum
    assert hub.apply(part.number).left == 0
    assert hub.store.plans.get(whole.number).state == "ready"
    rest = corridor.plan().changes
    others = whole.changes.filter(whole.changes["kind"] != "user")
    assert set(rest.select("kind", "key").rows()) == set(others.select("kind", "key").rows())


def test_applying_the_plan_puts_its_parts_away(corridor):
    hub, whole = corridor.hub, corridor.plan()
    part = hub.part(whole.number, USERS)
    hub.apply(whole.number)
    assert hub.store.plans.get(part.number).state == "superseded"


@pytest.mark.parametrize(
    ("before", "chosen", "code"),
    [
        (None, Chosen(), "part-empty"),
        (None, Chosen((100_000,)), "change-unknown"),
        (None, Chosen(groups=(Wanted(),)), "part-whole"),
        ("reject", USERS, "plan-state"),
        ("begin", USERS, "part-begun"),
    ],
)
def test_what_cannot_be_a_part_is_refused(corridor, before, chosen, code):
    hub, number = corridor.hub, corridor.plan().number
    if before == "reject":
        hub.reject(number)
    elif before == "begin":
        hub.store.runs.finish(hub.store.runs.start(number, "default", "moodle", "ann"), "interrupted", {})
    with pytest.raises(MatriculaError) as caught:
        hub.part(number, chosen)
    assert caught.value.code == code
    assert len(hub.store.plans.all()) == 1


def test_the_command_line_makes_a_part(corridor):
    number = corridor.plan().number
    desk = Desk(corridor.home.folder)
    told = desk("part", number, "--kind", "user", "--name", "a")
    assert told.status == 0, told.err
    assert f"matricula apply {number + 1}" in told.out
    assert f"Plan {number} stays as it is" in told.words
    part = desk("part", number, "--change", 1, "--json").json
    assert part["part"]["of"] == number
    assert part["part"]["chosen"] == 1
    assert desk("part", number, "--kind", "walrus").status == 2
    assert desk("part", number).status == 2
