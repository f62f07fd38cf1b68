"""History: one stream of everything that happened, searched, paged and taken along."""

import csv
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from web_browser import words

from matricula.hub import Chosen
from matricula.hub.retention import purge
from matricula.service import Service
from matricula.store import Wanted

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

from command_desk import Desk


@pytest.fixture
def service(corridor):
    service = Service(corridor.home)
    yield service
    service.stop()


@pytest.fixture
def lived(corridor, service):
    """A plan that was made and applied by the machine's user, and one that was rejected."""
    corridor.school(20)
    applied = corridor.plan()
    corridor.hub.apply(applied.number)
    rejected = corridor.hub.part(corridor_plan_with_changes(corridor), _some())
    corridor.hub.reject(rejected.number, "not wanted")
    return applied, rejected


def corridor_plan_with_changes(corridor):
    corridor.school(30)
    return corridor.plan().number


def _some():
    return Chosen(groups=(Wanted(kind="user", action="create"),))


def test_plans_runs_and_acts_stand_in_one_stream(owner, service, lived):
    owner.sign_in("owner-0")
    service.store.acts.note("purge", "matricula", {"plan": 2})
    told = words(owner.get("/history"))
    for said in ("plan 1: made", "run 1: began", "run 1: ended", "plan 1: written", "plan 3: rejected", "not wanted"):
        assert said in told
    assert "removed what was old" in told
    assert "signed in" in told


def test_what_the_console_rejects_is_told_once_with_its_address(sign_in_as, service, lived):
    approver = sign_in_as("approver")
    approver.fill_in("/plans/2", "/plans/2/reject", words="cut off")
    found = service.store.stream.find(act="plan.rejected")
    assert [(each.subject, each.by, each.words) for each in found if each.subject == "plan 2"] == [
        ("plan 2", "approver-0", "cut off")
    ]
    assert found[0].address == "testclient"
    assert {each.subject for each in found} == {"plan 2", "plan 3"}


def test_the_stream_is_searched(owner, service, lived):
    assert "run 1" not in words(owner.get("/history", params={"kind": "plan."}))
    assert "run 1: began" in words(owner.get("/history", params={"q": "RUN 1"}))
    assert "Nothing like that" in words(owner.get("/history", params={"by": "nobody"}))
    assert "Nothing like that" in words(owner.get("/history", params={"until": "2020-01-01"}))
    page = owner.get("/history", params={"since": "yesterday"})
    assert page.status_code == 400
    assert "is no day" in words(page)


def test_pages_leave_nothing_out_and_double_nothing(owner, service, corridor, monkeypatch):
    for number in range(25):
        service.store.audit.note("test.done", by="ann", subject=f"thing {number}")
    everything = [(each.source, each.id) for each in service.store.stream.find(limit=1000)]
    monkeypatch.setattr("matricula.web.pages.history.PER_PAGE", 7)
    seen, path = [], "/history"
    while path:
        page = owner.get(path)
        seen += [part.partition(":")[0] for part in page.text.split('data-label="What">')[1:]]
        following = page.text.partition('rel="next" href="')[2].partition('"')[0]
        path = following.replace("&amp;", "&")
    assert len(seen) == len(everything)
    assert [each for each in seen if each.startswith("thing")] == [f"thing {number}" for number in range(24, -1, -1)]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_whole_stream_is_taken_along(owner, service, form, monkeypatch):
    monkeypatch.setattr("matricula.web.pages.history._AT_ONCE", 4)
    for number in range(10):
        service.store.audit.note("test.done", by="ann", subject=f"thing {number}", words="=1+1")
    page = owner.get(f"/history/file.{form}", params={"by": "ann"})
    if form == "json":
        rows = json.loads(page.text)
        assert rows[0]["words"] == "=1+1"
    else:
        rows = list(csv.DictReader(io.StringIO(page.text.removeprefix("\ufeff"))))
        assert rows[0]["words"] == "'=1+1"
    assert [row["subject"] for row in rows] == [f"thing {number}" for number in range(9, -1, -1)]
    assert service.store.audit.find(act="history.")[0].by == "owner-0"


def test_what_is_of_another_site_is_not_seen(sign_in_as, corridor, service, lived):
    corridor.home.load("kind: site\nname: other\nurl: https://other.example\n", "test", corridor.folder)
    stranger = sign_in_as("viewer", "other")
    told = words(stranger.get("/history"))
    assert "plan 1" not in told
    assert "run 1" not in told
    assert "plan 1" not in stranger.get("/history/file.csv").text


def test_old_entries_are_purged(corridor, service):
    for profile in ("default", ""):
        service.store.audit.note("test.done", by="ann", profile=profile)
    later = datetime(2100, 1, 1, tzinfo=UTC)
    assert purge(corridor.home, dry_run=True, at=later).counts["audited"] == 2
    assert purge(corridor.home, at=later).counts["audited"] == 2
    assert service.store.audit.find() == []


def test_what_the_command_line_did_to_settings_stands_there_too(owner, corridor, service):
    desk = Desk(corridor.home.folder)
    assert desk("profile", "disable", "default").status == 0
    file = corridor.folder.parent / "more.yaml"
    file.write_text("kind: site\nname: other\nurl: https://other.example\n", encoding="utf-8")
    assert desk("load", file).status == 0
    told = words(owner.get("/history"))
    assert "profile default: disabled" in told
    assert "site other: loaded" in told
