"""The invented school: made, kept over a restart, and erased without a trace but in the audit log."""

import pytest

from matricula.errors import UsageError
from matricula.hub import Home
from matricula.sandbox import running
from matricula.service import Service
from matricula.store import schema


@pytest.fixture
def place(engine, tmp_path):
    """Where a home is made, with its state on each backend."""
    return tmp_path / "home"


def left(home):
    """Tables in which anything stands of the invented school."""
    found = set()
    with home.store.begin() as connection:
        for table in schema.metadata.tables.values():
            for column in ("profile", "site"):
                if column in table.c and connection.execute(table.select().where(table.c[column] == "demo")).first():
                    found.add(table.name)
    return found


def test_what_it_leaves_is_erased_and_the_real_school_stays(place, tmp_path):
    with Home.make(place) as home, running("empty") as moodle:
        service = Service(home)
        try:
            service.demo.make()
            planned = service.hub.plan("demo")
            service.hub.apply(planned.number)
            roster = home.folder / "demo" / "roster"
            home.load(
                f"kind: site\nname: real\nurl: {moodle.url}\n---\nkind: source\nname: real\npath: {roster}\n---\n"
                "kind: profile\nname: real\nsource: real\nsite: real\n",
                "test",
                tmp_path,
            )
            home.keep_token("real", moodle.tokens["admin"])
            mine = service.hub.plan("real")
            service.jobs.ask("check", site="demo", by="ann")
            home.store.audit.note("demo.made", by="ann", site="demo", profile="demo")
            assert {"plan", "run", "ledger", "job"} <= left(home)
            service.demo.remove()
            assert left(home) == {"audited"}
            assert home.names("site") == home.names("source") == home.names("profile") == ["real"]
            assert home.store.plans.changes(mine.number).height == planned.changes.height
            assert not (home.folder / "demo").exists()
        finally:
            service.stop()


def test_after_a_restart_it_is_as_it_was(place):
    with Home.make(place) as home:
        service = Service(home)
        service.demo.make()
        service.hub.apply(service.hub.plan("demo").number)
        service.stop()
        again = Service(home)
        again.demo.resume()
        try:
            assert again.demo.there
            assert again.hub.plan("demo").changes.height == 0
            assert again.demo.next_day()
            assert 0 < again.hub.plan("demo").changes.height < 50
            assert again.demo.day == 2
        finally:
            again.stop()


def test_it_takes_no_name_that_the_school_has_given(place, tmp_path):
    with Home.make(place) as home:
        home.load("kind: source\nname: demo\npath: /srv/ours\n", "test", tmp_path)
        with pytest.raises(UsageError) as told:
            Service(home).demo.make()
        assert told.value.code == "demo-taken"
        assert home.names("site") == []
