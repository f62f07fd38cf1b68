"""Plots: what is drawn, with few points and with many, and the numbers beside it."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from web_browser import words

from matricula.service import Service
from matricula.web.plots import Plotted, svg_of

DAY = datetime(2026, 8, 1, tzinfo=UTC)


def plotted(*values, stacked=False, **series):
    found = series or {"people": list(values)}
    many = len(next(iter(found.values())))
    return Plotted("People", "people", [DAY + timedelta(days=each) for each in range(many)], found, stacked)


@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize(
    "values", [[], [0], [7], [0, 0], [1, None, 3], [3, 3], list(range(400)), [0.5, 0.25], [1e9, 1], [None, None]]
)
def test_anything_can_be_drawn_within_its_frame(values, stacked):
    drawn = svg_of(plotted(*values, stacked=stacked), UTC)
    if not values:
        assert drawn == ""
        return
    root = ET.fromstring(drawn)
    numbers = [float(text) for text in re.findall(r"(?:cx|cy|x|y|height|width)=\"(-?[\d.]+)\"", str(drawn))]
    assert all(0 <= each <= 720 for each in numbers)
    points = [each.get("points") for each in root.iter("polyline")]
    assert all("nan" not in each and "inf" not in each for each in points)
    assert "style=" not in drawn


def test_a_point_that_is_twice_as_high_is_drawn_twice_as_high():
    drawn = svg_of(plotted(50, 100), UTC)
    low, high = (float(y) for y in re.findall(r'cy="([\d.]+)"', drawn))
    ground = 260 - 40
    assert (ground - high) == pytest.approx(2 * (ground - low), abs=0.2)


def test_bars_stand_upon_one_another():
    drawn = svg_of(plotted(stacked=True, done=[4], refused=[2]), UTC)
    first, second = re.findall(
        r'<rect class="part (\w+)" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', drawn
    )
    assert (first[0], second[0]) == ("one", "two")
    assert float(second[1]) + float(second[2]) == pytest.approx(float(first[1]), abs=0.2)
    assert float(first[2]) == pytest.approx(2 * float(second[2]), abs=0.2)


def test_names_cannot_break_out_of_the_picture():
    drawn = svg_of(Plotted("<script>", '"><b>', [DAY], {"x": [1]}), UTC)
    assert "<script>" not in drawn
    assert "<b>" not in drawn


@pytest.fixture
def service(corridor):
    service = Service(corridor.home)
    yield service
    service.stop()


def test_figures_of_a_profile_without_any(owner, service):
    told = words(owner.get("/figures"))
    assert "no delivery has gone through" in told
    assert "no run has ended" in told


def test_figures_of_runs_and_deliveries(owner, service, corridor):
    corridor.school(20)
    plan = corridor.plan()
    corridor.hub.apply(plan.number)
    page = owner.get("/figures")
    assert page.text.count('<svg class="plot"') == 4
    assert "There is one point so far" in words(page)
    assert f"{plan.changes.height:,}" in words(page)
    rows = list(csv.DictReader(io.StringIO(owner.get("/figures/file.csv", params={"plot": "changes"}).text)))
    assert [float(row["Done"]) for row in rows] == [plan.changes.height]
    people = list(csv.DictReader(io.StringIO(owner.get("/figures/file.csv", params={"plot": "people"}).text)))
    assert int(people[0]["people"]) == service.store.deliveries.last("default").counts["users"]


def test_figures_of_another_site_are_not_shown(sign_in_as, service, corridor):
    corridor.home.load("kind: site\nname: other\nurl: https://other.example\n", "test", corridor.folder)
    stranger = sign_in_as("viewer", "other")
    assert "There is no profile yet" in words(stranger.get("/figures"))
    assert stranger.get("/figures", params={"profile": "default"}).status_code == 403
