"""A worker process takes visits from the queue in the database: as many at a time as it has places, until it ends.

Called by `scheduler.worker`, only where the database is PostgreSQL.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from procrastinate import BaseRetryStrategy, RetryDecision, exceptions, jobs
from sqlalchemy import Engine

from postings.errors import DatabaseError
from scheduler.jobs import TASK, Unable, connect, name_of_queue, upgrade
from scheduler.protocol import Done, Fate, Order, WorkerSettings
from scheduler.queue import hold_when_unable

log = logging.getLogger(__name__)

#: connections to the database beside those of the visits: to fetch and finish jobs
_CONNECTIONS = 2
#: seconds between two looks for a job, where no notification comes (of one that waits for its time there is none)
_POLL = 2.0
#: heartbeats in the time of a lease
_BEATS = 12
#: seconds that running visits have to end; they stop by themselves
_GRACE = 5.5
#: seconds until a worker that lost the server altogether begins anew
_AGAIN = 5.0
#: seconds after which the row of a worker is deleted that never said good-bye. Long: a worker that comes back after
#: that has to register anew
_FORGOTTEN = 3600.0


class _Later(BaseRetryStrategy):
    """A visit that could not be kept is tried again, with growing pauses."""

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> RetryDecision | None:
        if not isinstance(exception, Unable):
            return None
        return RetryDecision(retry_in={"seconds": round(hold_when_unable(job.attempts + 1).total_seconds())})


async def take_visits(
    settings: WorkerSettings, engine: Engine, perform: Callable[[Order], Awaitable[Done]], stop: asyncio.Event
) -> None:
    """Performs visits from the queue until `stop` is set. Outlasts a server that is away for a while."""
    while not stop.is_set():
        taking = asyncio.ensure_future(_take(settings, engine, perform))
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait([taking, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        taking.cancel()
        try:
            await taking
        except asyncio.CancelledError:
            continue
        except (exceptions.ConnectorException, DatabaseError) as error:
            log.warning("queue.lost: %s", error.__cause__ or error)
        except Exception:
            log.exception("queue.lost")
        with_patience = asyncio.ensure_future(stop.wait())
        await asyncio.wait([with_patience], timeout=_AGAIN)
        with_patience.cancel()


async def _take(settings: WorkerSettings, engine: Engine, perform: Callable[[Order], Awaitable[Done]]) -> None:
    await asyncio.to_thread(upgrade, engine)
    queue = await asyncio.to_thread(name_of_queue, engine)
    app = connect(engine, connections=_CONNECTIONS)

    @app.task(name=TASK, queue=queue, retry=_Later())
    async def visit(site: int, name: str) -> None:
        done = await perform(Order(site, name))
        if done.fate is Fate.UNABLE:
            raise Unable(done.problem)

    async with app.open_async():
        await app.run_worker_async(
            queues=[queue],
            concurrency=settings.visits,
            install_signal_handlers=False,
            fetch_job_polling_interval=_POLL,
            update_heartbeat_interval=settings.lease / _BEATS,
            stalled_worker_timeout=_FORGOTTEN,
            shutdown_graceful_timeout=_GRACE,
            delete_jobs="always",
        )
