"""Jobs on PostgreSQL: procrastinate brings them to any number of processes; the table of jobs stays the truth.

What is in its queue is only the number of a job whose moment has come, locked by its site. Whatever may come apart
between the two (a process that dies between them, a queue that was emptied) is mended by `_sweep`, which every worker
does every few seconds: what waits and is not in the queue is put there, what a dead worker held is freed.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException
from procrastinate.jobs import Status

from matricula import logs
from matricula.errors import MatriculaError
from matricula.service.minding import EVERY, Minder
from matricula.store import Job

if TYPE_CHECKING:
    from matricula.service.service import Service

QUEUE: Final = "matricula"
TASK: Final = "matricula.job"
TICK: Final = "matricula.tick"
POLL: Final = 1.0
"""Seconds after which a worker looks by itself whether a site has become free."""
SILENT_AFTER: Final = 60.0
"""Seconds after which a worker of procrastinate that was not heard of is taken for dead."""
_CONNECTIONS: Final = 6


class Procrastination:
    """The queue on PostgreSQL.

    Args:
        service: what jobs are done with.
    """

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._table = service.store.jobs
        self._asking: procrastinate.App | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._minder: Minder | None = None
        self._cancel: Callable[[], object] = bool

    def put(self, job: Job) -> None:
        """Put a job into the queue if its moment has come; later ones are put there by a worker at their moment.

        One that waits for its moment would else keep all others of its site waiting.
        """
        if job.state != "waiting" or job.not_before > self._table.now():
            return
        try:
            self._table.queue(job.id, _deferrer(self._app_to_ask_with(), job).defer(job=job.id))
        except AlreadyEnqueued:
            return
        except ProcrastinateException as error:  # the job is noted, and a worker will find it
            logs.event("queue", code=type(error).__name__)

    def withdraw(self, job: Job) -> None:
        """Take a job out of the queue; one that stays there by mischance finds nothing to do."""
        if job.queued is None:
            return
        try:
            self._app_to_ask_with().job_manager.cancel_job_by_id(job.queued, delete_job=True)
        except ProcrastinateException as error:
            logs.event("queue", code=type(error).__name__)

    def start(self, threads: int) -> None:
        """Begin to work; see `Queue.start`."""
        if self._thread is not None:
            return
        minder = self._minder = Minder(self._service)
        self._thread = threading.Thread(target=self._work, args=(minder, threads), name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the work; see `Queue.stop`."""
        if self._minder is not None and self._thread is not None:
            self._minder.stopping.set()
            self._cancel()
            self._thread.join()
            self._minder.end()
            self._thread = self._minder = None
        with self._lock:
            if self._asking is not None:
                self._asking.close()
                self._asking = None

    def _app_to_ask_with(self) -> procrastinate.App:
        with self._lock:
            if self._asking is None:
                reached_by = self._service.store.queue_tables.prepare()
                connector = procrastinate.SyncPsycopgConnector(kwargs=reached_by, min_size=1, max_size=_CONNECTIONS)
                self._asking = procrastinate.App(connector=connector).open()
            return self._asking

    def _work(self, minder: Minder, threads: int) -> None:
        """The life of the worker; where the database was away it begins anew."""
        while not minder.stopping.is_set():
            try:
                asyncio.run(self._serve(minder, threads))
            except (MatriculaError, ProcrastinateException, OSError) as error:
                logs.event("worker", code=getattr(error, "code", type(error).__name__))
                minder.stopping.wait(EVERY)

    async def _serve(self, minder: Minder, threads: int) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(threads + 4, thread_name_prefix="job"))
        app = self._app_to_work_with(minder, await asyncio.to_thread(self._service.store.queue_tables.prepare))
        async with app.open_async():
            minding = asyncio.create_task(self._mind(app, minder))
            serving = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    name=minder.name,
                    concurrency=threads,
                    fetch_job_polling_interval=POLL,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=EVERY,
                    stalled_worker_timeout=SILENT_AFTER,
                )
            )
            self._cancel = lambda: loop.call_soon_threadsafe(serving.cancel)
            if minder.stopping.is_set():
                serving.cancel()
            try:
                await serving  # when it is cancelled, it ends once the jobs at work have
            except asyncio.CancelledError:
                return
            finally:
                self._cancel = bool
                minding.cancel()

    def _app_to_work_with(self, minder: Minder, reached_by: dict[str, Any]) -> procrastinate.App:
        connector = procrastinate.PsycopgConnector(kwargs=reached_by, min_size=2, max_size=_CONNECTIONS)
        app = procrastinate.App(connector=connector)

        @app.task(name=TASK, queue=QUEUE)
        def _job(job: int) -> None:
            claimed = self._table.claim(minder.name, job)
            if claimed is not None:
                minder.working.carry_out(claimed)

        @app.periodic(cron="* * * * *")
        @app.task(name=TICK, queue=QUEUE, queueing_lock=TICK, lock=TICK)
        def _tick(timestamp: int) -> None:  # noqa: ARG001 - what is due is due by the clock of the database
            self._service.schedules.tick()

        return app

    async def _mind(self, app: procrastinate.App, minder: Minder) -> None:
        while True:
            try:
                await asyncio.to_thread(minder.beat)
                await self._sweep(app, minder)
            except (MatriculaError, ProcrastinateException) as error:
                logs.event("worker", code=getattr(error, "code", type(error).__name__))
            await asyncio.sleep(EVERY)

    async def _sweep(self, app: procrastinate.App, minder: Minder) -> None:
        """Bring the table and the queue together again."""
        manager = app.job_manager
        for orphan in await asyncio.to_thread(minder.take_over):
            if orphan.queued is not None:
                await _tried(manager.finish_job_by_id_async(orphan.queued, Status.FAILED, delete_job=True))
        for stalled in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=SILENT_AFTER):
            await _tried(manager.finish_job_by_id_async(stalled.id or 0, Status.FAILED, delete_job=True))
        ready = await asyncio.to_thread(self._table.ready)
        if not ready:
            return
        there = {each.id for each in await manager.list_jobs_async(queue=QUEUE, task=TASK)}
        for job in ready:
            if job.queued not in there:
                try:
                    queued = await _deferrer(app, job).defer_async(job=job.id)
                except AlreadyEnqueued:
                    continue
                await asyncio.to_thread(self._table.queue, job.id, queued)


def _deferrer(app: procrastinate.App, job: Job) -> Any:
    return app.configure_task(TASK, queue=QUEUE, lock=job.site or None, queueing_lock=job.same)


async def _tried(finishing: Coroutine[Any, Any, None]) -> None:
    """Free what a dead worker held, unless another worker was faster."""
    try:
        await finishing
    except ProcrastinateException:
        return
