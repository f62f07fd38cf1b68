"""On PostgreSQL the table of jobs and procrastinate's queue come together again, however they came apart."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from corridor import Corridor
from sqlalchemy import text

from jobs_seen import ended, once
from matricula.service import Service, procrastination
from matricula.service.minding import Minder
from matricula.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["postgresql"])
def engine(postgres_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MATRICULA_DATABASE", postgres_address)
    monkeypatch.setattr(procrastination, "EVERY", 0.2)
    return "postgresql"


@pytest.fixture
def corridor(engine: str, tmp_path: Path) -> Iterator[Corridor]:
    with Corridor.open(tmp_path, "http://127.0.0.1:9", "0" * 32) as corridor:
        yield corridor


def noted(service: Service) -> int:
    """A job that nobody put into the queue."""
    return service.jobs.note("purge", by="ann").id


def test_what_waits_and_is_in_no_queue_is_put_there(service: Service) -> None:
    number = noted(service)
    service.start()
    assert ended(service, number).state == "done"


def test_what_was_fetched_before_it_could_be_seen_is_put_there_again(service: Service) -> None:
    service.start()
    with service.store.begin():
        number = service.jobs.ask("purge", by="ann").id
        with Store.open(service.home.store._database._engine.url.render_as_string(hide_password=False)) as other:
            once_gone(other)
    assert ended(service, number).state == "done"


def once_gone(other: Store) -> None:
    """Until the queue holds nothing that waits: the worker has fetched it, and found no such job."""
    pause = threading.Event()
    for _ in range(400):
        with other.begin() as connection:
            query = text("select count(*) from procrastinate_jobs where status in ('todo', 'doing')")
            if not connection.execute(query).scalar_one():
                return
        pause.wait(0.05)
    raise AssertionError("nobody fetched it")


def test_a_queue_that_was_emptied_is_filled_again(service: Service) -> None:
    number = service.jobs.ask("purge", by="ann").id
    with service.store.begin() as connection:
        assert connection.execute(text("delete from procrastinate_jobs")).rowcount == 1
    service.start()
    assert ended(service, number).state == "done"


def test_a_site_is_freed_that_a_worker_held_which_died_before_it_began(service: Service) -> None:
    first = service.jobs.ask("check", site="moodle", by="ann").id
    with service.store.begin() as connection:
        connection.execute(text("update procrastinate_jobs set status = 'doing'"))  # no worker is noted for it
    service.start()
    once(service, first, lambda job: job.attempts > 0)


def test_a_job_whose_worker_is_unknown_is_taken_over(service: Service) -> None:
    number = noted(service)
    lost = Minder(service)
    assert service.store.jobs.claim(lost.name, number) is not None
    service.store.workers.forget(lost.name)
    service.start()
    job = ended(service, number)
    assert (job.state, job.attempts) == ("done", 2)
    assert service.store.jobs.end(number, lost.name, "failed") is None
    assert service.jobs.get(number).state == "done"


def test_a_job_that_all_its_workers_die_of_has_failed_at_last(service: Service) -> None:
    number = noted(service)
    for _ in range(12):
        lost = Minder(service)
        if service.store.jobs.claim(lost.name, number) is None:
            break
        service.store.workers.forget(lost.name)
        finder = Minder(service)
        finder.take_over()
        finder.end()
    job = service.jobs.get(number)
    assert (job.state, job.attempts, job.error["code"]) == ("failed", 10, "job-worker-lost")


def test_the_tables_of_the_queue_are_made_once_by_whoever_comes_first(service: Service, postgres_address: str) -> None:
    stores = [Store.open(postgres_address) for _ in range(6)]
    gate, failed = threading.Barrier(len(stores)), []

    def prepare(store: Store) -> None:
        gate.wait()
        try:
            store.queue_tables.prepare()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at below
            failed.append(error)
        store.close()

    threads = [threading.Thread(target=prepare, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_the_moments_of_schedules_are_looked_at_by_a_periodic_task(service: Service) -> None:
    service.start()
    seen = threading.Event()
    service.schedules.tick = lambda: seen.set()
    app = service.queue._app_to_work_with(service.queue._minder, service.store.queue_tables.prepare())
    assert [(task.cron, task.task.name) for task in app.periodic_registry.periodic_tasks.values()] == [
        ("* * * * *", procrastination.TICK)
    ]
    app.tasks[procrastination.TICK](timestamp=0)
    assert seen.is_set()
