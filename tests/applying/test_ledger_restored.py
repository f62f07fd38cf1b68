"""A state that was restored from a backup made in the midst of a run: nothing crashes, nothing is made twice."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from corridor import DOCUMENTS, Corridor, picture

from matricula.hub import Home, Hub
from matricula.planning.courses import Courses
from matricula.sandbox import running


def copied(state: Path, to: Path) -> None:
    # What is not closed leaves its last writes in a file beside.
    with closing(sqlite3.connect(state)) as source, closing(sqlite3.connect(to)) as target, target:
        source.backup(target)
        # The process that this test stands for is no more.
        target.execute("update run set host = host || '-gone'")
        target.execute("delete from site_lock")


def test_a_state_restored_from_within_a_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, backup, send = tmp_path / "home", tmp_path / "backup.db", Courses.send
    state = home / "matricula.db"

    def send_and_copy(*given):
        if not backup.exists():
            copied(state, backup)
        return send(*given)

    with running("empty") as site:
        with Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor:
            corridor.school(20)
            monkeypatch.setattr(Courses, "send", send_and_copy)
            corridor.hub.apply(corridor.plan().number)
            before = picture(corridor.url, corridor.token)
        for rest in home.glob("matricula.db*"):
            rest.unlink()
        shutil.copy(backup, state)
        with Home(home) as opened:
            hub = Hub(opened)
            assert opened.store.runs.unfinished("moodle") is not None
            planned = hub.plan("default")
            assert set(planned.changes["action"]) == {"match"}
            assert set(planned.changes["kind"]) <= {"course", "enrolment"}
            assert "enrolments-there-already" in {each.code for each in planned.findings}
            planned = hub.plan("default", adopt=True)
            assert hub.apply(planned.number).left == 0
            ledger = opened.store.ledger.frame("default", "enrolment")
            assert ledger.filter(pl.col("origin") != "made").height == 0
            assert hub.plan("default", full=True).changes.height == 0
            assert picture(site.url, site.tokens["admin"]) == before


def test_a_home_lost_altogether_is_made_anew_without_doubling(tmp_path: Path) -> None:
    with running("empty") as site:
        with Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor:
            corridor.school(20)
            corridor.hub.apply(corridor.plan().number)
            before = picture(corridor.url, corridor.token)
        with Home.make(tmp_path / "other") as home:
            home.load(DOCUMENTS.format(url=site.url, folder=tmp_path / "csv", patience=60), "test", tmp_path)
            home.keep_token("moodle", site.tokens["admin"])
            hub = Hub(home)
            planned = hub.plan("default", adopt=True)
            assert set(planned.changes["action"]) == {"match"}
            assert hub.apply(planned.number).left == 0
            assert picture(site.url, site.tokens["admin"]) == before
            assert hub.plan("default", full=True).changes.height == 0
