"""Jobs, their logs and the wishes behind them: a person is taken out of them, and what is old goes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from matricula.store import Person, Store, Until, schema

NOW = datetime(2027, 12, 1, tzinfo=UTC)
OLD = NOW - timedelta(days=500)
UNTIL = Until("school", NOW - timedelta(days=400), NOW - timedelta(days=1100))
ANN = Person("school", frozenset({"u-77x"}), frozenset({"sis"}), frozenset({"u-77x", "ann.odd", "Ann Oddity", "ao"}))
TEXTS = ("u-77x", "ann.odd", "oddity", '"ao"', "'ao'")


def job(store: Store, *only: str, profile: str = "school", lines: tuple[str, ...] = ()) -> int:
    """A job for some people, with its log."""
    arguments = {"only": list(only)} if only else {}
    made, _ = store.jobs.add(
        "plan", site="moodle", profile=profile, arguments=arguments, same=f"{profile} {only}", by="test"
    )
    for line in lines:
        store.jobs.say(made.id, "info", line)
    return made.id


def ended(store: Store, number: int, at: datetime) -> int:
    with store.begin() as connection:
        here = schema.job.c.id == number
        connection.execute(update(schema.job).where(here).values(state="done", ended_at=at, asked_at=at))
    return number


def wish(store: Store, number: int | None, whom: str, at: datetime = OLD) -> None:
    with store.begin() as connection:
        values = {"profile": "school", "whom": whom, "asked_by": "sis", "asked_at": at, "job": number}
        connection.execute(insert(schema.wish).values(**values))


def everything(store: Store) -> str:
    tables = (schema.job, schema.job_line, schema.wish)
    with store.begin() as connection:
        return str([row for table in tables for row in connection.execute(select(table)).all()]).casefold()


@pytest.fixture
def filled(store: Store) -> Store:
    first = ended(store, job(store, "Ann Oddity", "Bob Low", lines=("ann.odd is missing", "all is well")), NOW)
    with store.begin() as connection:
        told = {"result": '{"why": "u-77x"}', "error": '{"what": "Ann Oddity is no user"}', "step": "at ann.odd"}
        connection.execute(update(schema.job).where(schema.job.c.id == first).values(**told))
    job(store, "ao")
    job(store, "bob")
    job(store, "ann.odd", profile="other")
    wish(store, first, "Ann Oddity", NOW)
    wish(store, None, "AO", NOW)
    wish(store, first, "bob", NOW)
    return store


def test_nobody_who_was_forgotten_is_named_by_jobs_or_wishes(filled: Store) -> None:
    counts = filled.forgetting.forget([ANN], "(forgotten)", "test")
    others = everything(filled).replace("'ann.odd", "").replace('"ann.odd"', "")
    assert [text for text in TEXTS if text in others] == []
    assert "bob low" in others
    assert '["(forgotten)", "bob low"]' in others
    assert "'bob'" in others
    assert (counts["job"], counts["job_line"], counts["wish"]) == (4, 1, 2)


def test_a_job_that_waited_for_somebody_forgotten_is_cancelled_and_no_other(filled: Store) -> None:
    filled.forgetting.forget([ANN], "(forgotten)", "test")
    states = {str(each.arguments["only"]): each.state for each in filled.jobs.all()}
    assert states == {
        "['(forgotten)', 'Bob Low']": "done",
        "['(forgotten)']": "cancelled",
        "['bob']": "waiting",
        "['ann.odd']": "waiting",
    }


def test_what_is_old_and_ended_goes(store: Store) -> None:
    old = ended(store, job(store, "a", lines=("one", "two")), OLD)
    new = ended(store, job(store, "b", lines=("one",)), NOW)
    waiting, other = job(store, "c"), ended(store, job(store, "d", profile="other"), OLD)
    wish(store, old, "a")
    wish(store, new, "b", NOW)
    wish(store, None, "e")
    assert store.purging.counts(UNTIL) == {"job_line": 2, "wish": 2, "job": 1}
    assert store.purging.purge(UNTIL) == {"job_line": 2, "wish": 2, "job": 1}
    assert {each.id for each in store.jobs.all()} == {new, waiting, other}
    assert store.purging.profiles() == {"school", "other"}
    assert store.purging.purge(UNTIL) == {}


def test_jobs_of_no_profile_grow_old_too(store: Store) -> None:
    ended(store, job(store, profile=""), OLD)
    assert store.purging.profiles() == {""}
    assert store.purging.purge(Until("", UNTIL.plans, UNTIL.grades)) == {"job": 1}
