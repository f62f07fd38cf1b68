"""A plan goes to the Moodle it was made for and to no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from matricula.errors import StopError
from matricula.hub import Home, Hub
from matricula.sandbox import Running, running
from matricula.sandbox.school import School

DOCUMENTS = """
kind: site
name: moodle
url: {url}
---
kind: site
name: other
url: {url}
---
kind: source
name: school
path: roster
---
kind: profile
name: default
source: school
site: {site}
"""


@pytest.fixture
def site() -> Iterator[Running]:
    with running("empty") as served:
        yield served


@pytest.fixture
def hub(site: Running, tmp_path: Path) -> Iterator[Hub]:
    School.generate(students=20, staff=3, classes=2).write(tmp_path / "roster")
    with Home.make(tmp_path / "home") as home:
        home.load(DOCUMENTS.format(url=site.url, site="moodle"), "test", tmp_path)
        for name in ("moodle", "other"):
            home.keep_token(name, site.tokens["admin"])
        yield Hub(home)


@pytest.mark.parametrize("changed", ["site", "address"])
def test_a_plan_for_another_moodle_is_refused(hub: Hub, site: Running, tmp_path: Path, changed: str) -> None:
    planned = hub.plan("default")
    told = {"site": ("other", site.url), "address": ("moodle", site.url.replace("127.0.0.1", "localhost"))}
    name, url = told[changed]
    hub.home.load(DOCUMENTS.format(url=url, site=name), "test", tmp_path)
    before = site.faults.seen()["total"]
    with pytest.raises(StopError) as refused:
        hub.apply(planned.number)
    assert refused.value.code == "plan-of-another-site"
    assert "matricula plan default" in refused.value.remedy
    assert site.faults.seen()["total"] == before
    assert hub.apply(hub.plan("default").number).left == 0
