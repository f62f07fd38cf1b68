"""Figures of the whole state, on each backend."""

from datetime import UTC, datetime, timedelta

from store_making import add_plan, start_run

from matricula.service.measures import UNSERVED
from matricula.store.deliveries import Deliveries

AT = datetime(2026, 8, 1, 1, tzinfo=UTC)


def figures(store):
    return store.measuring.figures(UNSERVED)


def done_job(store, state="done", *, kind="run", profile="p", site="s", result=None, error=None):
    job, _ = store.jobs.add(kind, site=site, profile=profile, arguments={}, same=f"{kind}{profile}{site}", by="t")
    store.jobs.claim("w", job.id)
    if state == "waiting":
        return store.jobs.put_back(job.id, "w", error=error)
    return store.jobs.end(job.id, "w", state, result=result, error=error)


def test_an_empty_state_has_figures(store):
    found = figures(store)
    assert (found.jobs, found.due, found.oldest_due, found.successes, found.sites) == ({}, 0, None, {}, {})
    assert (found.unsent, found.backed_up, found.workers) == (0, None, {})


def test_what_waits_for_a_person_is_counted_by_profile(store):
    add_plan(store, state="held", profile="a")
    add_plan(store, state="held", profile="a")
    add_plan(store, state="ready", profile="a")
    add_plan(store, state="held", profile="b")
    assert figures(store).held == {"a": 2, "b": 1}


def test_jobs_by_kind_and_state_and_how_long_the_oldest_waits(store):
    store.jobs.add("run", site="s", profile="p", arguments={}, same="1", by="t", not_before=AT)
    later = datetime(2999, 1, 1, tzinfo=UTC)
    store.jobs.add("run", site="s", profile="p", arguments={}, same="2", by="t", not_before=later)
    done_job(store, "failed", kind="purge", site="", profile="")
    found = figures(store)
    assert found.jobs == {("run", "waiting"): 2, ("purge", "failed"): 1}
    assert (found.due, found.oldest_due) == (1, AT)


def test_a_success_is_a_run_that_ended_a_job_with_nothing_to_do_or_a_delivery_that_went_through(store):
    for name in ("p", "q", "r", "never"):
        store.documents.save("profile", name, "x")
    run = start_run(store, profile="p")
    store.runs.finish(run, "done", {})
    first = figures(store).successes["p"]
    assert first == store.runs.get(run).finished_at
    done_job(store, profile="p", result={"held": True})
    assert figures(store).successes["p"] == first
    job = done_job(store, profile="p", result={"held": False})
    assert figures(store).successes["p"] == job.ended_at >= first
    done_job(store, "failed", profile="q")
    Deliveries(store._database).note("r", {}, AT)
    Deliveries(store._database).note("r", {}, AT - timedelta(days=2))
    found = figures(store)
    assert found.successes == {"p": job.ended_at, "r": AT}
    assert found.deliveries == {"r": AT}


def test_a_site_is_up_when_the_last_job_that_asked_it_says_so(store):
    for name in ("s", "t", "u", "v"):
        store.documents.save("site", name, "x")
    done_job(store, site="s")
    done_job(store, "waiting", site="s", error={"code": "busy", "what": "x"})
    done_job(store, "failed", site="t", error={"code": "token-refused", "what": "x"})
    done_job(store, site="t", kind="check")
    done_job(store, "failed", site="u", error={"code": "file-missing", "what": "x"})
    done_job(store, kind="read", site="v")
    assert figures(store).sites == {"s": False, "t": True}


def test_runs_are_counted_once_when_they_end_whatever_the_order(store):
    old = start_run(store, site="a")
    seen = store.measuring.seen()
    new = start_run(store, site="b")
    ended, seen = store.measuring.ended_since(seen)
    assert ended == []
    store.runs.finish(new, "done", {"done": 7, "refused": 1})
    ended, seen = store.measuring.ended_since(seen)
    assert [(each.state, each.outcomes) for each in ended] == [("done", {"done": 7, "refused": 1})]
    store.runs.finish(old, "interrupted", {})
    ended, seen = store.measuring.ended_since(seen)
    assert [each.state for each in ended] == ["interrupted"]
    assert store.measuring.ended_since(seen)[0] == []


def test_runs_that_ended_before_are_not_counted(store):
    store.runs.finish(start_run(store), "done", {"done": 1})
    assert store.measuring.ended_since(store.measuring.seen())[0] == []
