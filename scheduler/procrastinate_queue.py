"""Due sites as jobs of procrastinate, which worker processes of any number of machines take: see `scheduler.queue`.

A job holds the lock of its site, so no site has two running jobs or two waiting ones. A worker that gives no sign of
life loses its jobs: they wait again, until the lease of their site has run out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

from procrastinate import exceptions, jobs
from sqlalchemy import Engine

from postings.errors import DatabaseError
from scheduler.child import WorkerProcess
from scheduler.jobs import TASK, connect, in_words, lock_of, name_of_queue, site_of, upgrade
from scheduler.ownership import owner_dead
from scheduler.protocol import Done, WorkerSettings
from scheduler.queue import Room, hold_after_deaths
from storage import leases
from storage.leases import Due

log = logging.getLogger(__name__)

#: jobs that wait for a worker at any time: enough for a second's work of all machines, few enough that what is due
#: longest still comes first
WAITING = 200
#: a worker without a heartbeat for this share of a lease has lost its jobs
STALLED = 1 / 3
#: seconds between two looks for lost jobs
_LOOK_EVERY = 5.0
_CONNECTIONS = 2

#: a job waits again, unless it has been put back already or taken by another worker
_PUT_BACK = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = %(at)s
WHERE id = %(id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker)s::bigint
"""


class ProcrastinateQueue:
    """The queue in the database, and the worker processes of this machine that take from it; see `Queue`."""

    def __init__(
        self,
        settings: WorkerSettings,
        engine: Engine,
        *,
        workers: int,
        done: Callable[[Done], None],
        say: Callable[[str], None],
        rng: Random,
        clock: Callable[[], datetime],
    ) -> None:
        """`done` hears of the visits that the workers of this machine made; `say` takes a line for whoever watches."""
        self._workers = [
            WorkerProcess(replace(settings, shared=True), done=done, died=self._died, say=say, rng=rng)
            for _ in range(workers)
        ]
        self._engine = engine
        self._clock = clock
        self._app = connect(engine, connections=_CONNECTIONS)
        self._stalled_after = settings.lease * STALLED
        self._name: str | None = None
        self._opening = asyncio.Lock()
        self._orphans: set[int] = set()
        self._look = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """See `Queue.run`."""
        rescuing = asyncio.ensure_future(self._rescue_all())
        try:
            await asyncio.gather(stop.wait(), *(worker.run(stop) for worker in self._workers))
        finally:
            rescuing.cancel()
            await asyncio.wait([rescuing])
            with contextlib.suppress(exceptions.ConnectorException):
                await self._app.close_async()

    def kill(self) -> None:
        """See `Queue.kill`."""
        for worker in self._workers:
            worker.kill()

    def failing(self) -> bool:
        """See `Queue.failing`."""
        return all(worker.failing for worker in self._workers)

    async def room(self) -> Room:
        """See `Queue.room`."""
        async with self._explained():
            queue = await self._opened()
            waiting = await self._jobs(queue, jobs.Status.TODO)
            running = await self._jobs(queue, jobs.Status.DOING)
        ready = [job for job in waiting if job.scheduled_at is None or job.scheduled_at <= self._clock()]
        return Room(free=WAITING - len(ready), ordered=frozenset(map(site_of, [*waiting, *running])))

    async def submit(self, due: Sequence[Due]) -> None:
        """See `Queue.submit`."""
        if not due:
            return
        async with self._explained():
            queue = await self._opened()
            wanted = [_job(queue, site) for site in due]
            try:
                await self._app.job_manager.batch_defer_jobs_async(wanted)
            except exceptions.AlreadyEnqueued:
                for job in wanted:
                    with contextlib.suppress(exceptions.AlreadyEnqueued):
                        await self._app.job_manager.defer_job_async(job)
        for site in due:
            log.info("visit.ordered site=%s", site.name)

    async def rescue(self, *, dead: frozenset[int] = frozenset()) -> int:
        """Makes the jobs wait again whose worker is gone: one of the sites `dead`, or without a sign of life.

        Answers how many there were. Raises DatabaseError.
        """
        async with self._explained():
            queue = await self._opened()
            lost = list(
                await self._app.job_manager.get_stalled_jobs(
                    queue=queue,
                    seconds_since_heartbeat=self._stalled_after,
                )
            )
            if dead:
                known = {job.id for job in lost}
                running = await self._jobs(queue, jobs.Status.DOING)
                lost += [job for job in running if site_of(job) in dead and job.id not in known]
            for job in lost:
                await self._put_back(job)
        return len(lost)

    async def _put_back(self, job: jobs.Job) -> None:
        site, now = site_of(job), self._clock()
        free_at = await asyncio.to_thread(leases.until, self._engine, site, now=now, dead=owner_dead)
        at = max(free_at, now + hold_after_deaths(job.attempts + 1))
        log.warning("job.rescued site_id=%s attempts=%s again_at=%s", site, job.attempts + 1, at.isoformat())
        try:
            # not `retry_job`: that asks not whose job it is, and another rescuer may have been faster, and a worker too
            await self._app.connector.execute_query_async(_PUT_BACK, id=job.id, worker=job.worker_id, at=at)
        except exceptions.UniqueViolation:
            # the site waits already
            await self._app.job_manager.finish_job(job, status=jobs.Status.ABORTED, delete_job=True)

    async def _rescue_all(self) -> None:
        said: str | None = None
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), _LOOK_EVERY)
            self._look.clear()
            dead = frozenset(self._orphans)
            try:
                await self.rescue(dead=dead)
                self._orphans -= dead
                said = None
            except DatabaseError as error:
                # once, however long the server is away
                log.log(logging.DEBUG if said == str(error) else logging.WARNING, "jobs.not-rescued: %s", error)
                said = str(error)
            except Exception:
                log.exception("jobs.not-rescued")

    def _died(self, sites: frozenset[int]) -> None:
        self._orphans |= sites
        self._look.set()

    async def _jobs(self, queue: str, status: jobs.Status) -> Sequence[jobs.Job]:
        return list(await self._app.job_manager.list_jobs_async(queue=queue, status=status.value))

    async def _opened(self) -> str:
        """The name of the queue, once there are tables and a connection for it."""
        async with self._opening:
            if self._name is None:
                await asyncio.to_thread(upgrade, self._engine)
                await self._app.open_async()
                self._name = await asyncio.to_thread(name_of_queue, self._engine)
            return self._name

    @contextlib.asynccontextmanager
    async def _explained(self) -> AsyncIterator[None]:
        try:
            yield
        except exceptions.ConnectorException as error:
            words = in_words(self._engine, error)
            if words is None:
                raise
            raise words from error


def _job(queue: str, site: Due) -> jobs.Job:
    lock = lock_of(site.id)
    return jobs.Job(
        queue=queue, lock=lock, queueing_lock=lock, task_name=TASK, task_kwargs={"site": site.id, "name": site.name}
    )
