"""The long-running service: decides when, and never fetches or parses. `hirewatch serve` runs it.

Its ticks look for what is due in the database and hand it on: visits to a queue, deliveries to threads. A tick that is
lost costs a second, since the next one finds the same rows. Of several services on one PostgreSQL database one is
elected, which alone orders visits, expires and maintains; all of them visit and deliver. On SQLite claims keep several
services apart.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.engine import Engine

from delivery.dispatch import Dispatcher, Settled
from delivery.outlets import Context
from postings.errors import ConfigurationError, HirewatchError, how_to_install
from postings.visits import VisitSummary
from scheduler import budget
from scheduler.clocks import common, keep_right
from scheduler.maintenance import Maintenance
from scheduler.observer import Observer
from scheduler.ownership import owner_dead
from scheduler.protocol import Done, WorkerSettings
from scheduler.queue import LocalQueue, Queue
from scheduler.threads import StorageThread, utc_now
from storage import leases
from storage.election import Candidate
from storage.engine import connect
from storage.leases import Outlook
from storage.ledger import Ledger
from storage.retention import Keep

log = logging.getLogger(__name__)

#: seconds between two ticks
VISITS_EVERY = 1
EXPIRY_EVERY = 60
DELIVERIES_EVERY = 1
MAINTENANCE_EVERY = 60
BUDGET_EVERY = 3600
#: what deliveries under way have to end once the service was asked to
DELIVERY_GRACE = timedelta(seconds=7)


class Service:
    """The ticks, the queue with its worker processes, and the deliveries of one service."""

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        context: Context,
        say: Callable[[str], None],
        workers: int = 1,
        observer: Observer | None = None,
        keep: Keep | None = None,
    ) -> None:
        """`say` takes a line for whoever watches the service; `context` is what outlets need to deliver.

        `keep` says how long things are kept; None = as long as it says by itself.
        """
        self._settings = settings
        self._engine = connect(settings.database)
        self._ledger = Ledger(self._engine)
        self._store = StorageThread()
        self._say = say
        self._clock = common(self._engine, utc_now)
        self._observer = observer
        self._rng = rng = Random()
        self._dispatcher = Dispatcher(self._engine, context, rng)
        self._queue = queue_for(
            settings, self._engine, workers=workers, done=self._visited, say=say, rng=rng, clock=self._clock
        )
        self._candidate = Candidate(self._engine)
        self._maintenance = Maintenance(self._engine, keep or Keep())
        self._elected: bool | None = None
        self._troubles: dict[str, str] = {}
        self._ending = False

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, then ends within 10 seconds, with running visits kept as partial.

        Raises RuntimeError, after it has ended in the same order, if its workers could not be kept running.
        """
        for name, tick in (("expiry", self.tick_expiry), ("budget", self.tick_budget)):
            await self._guarded(name, partial(self._if_elected, tick))
        ticker = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for name, tick, seconds in (
            ("visits", partial(self._if_elected, self.tick_visits), VISITS_EVERY),
            ("expiry", partial(self._if_elected, self.tick_expiry), EXPIRY_EVERY),
            ("deliveries", self.tick_deliveries, DELIVERIES_EVERY),
            ("maintenance", partial(self._if_elected, self.tick_maintenance), MAINTENANCE_EVERY),
            ("budget", partial(self._if_elected, self.tick_budget), BUDGET_EVERY),
        ):
            ticker.add_job(self._guarded, "interval", (name, tick), seconds=seconds, id=name)
        working = asyncio.ensure_future(self._queue.run(stop))
        keeping_right = asyncio.ensure_future(keep_right(self._clock, self._store))
        ticker.start()
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait([stopped, working], return_when=asyncio.FIRST_COMPLETED)
            asked_to_end = stop.is_set()
        finally:
            self._ending = True
            stop.set()
            ticker.shutdown(wait=False)
            keeping_right.cancel()
            stopped.cancel()
            delivering = asyncio.to_thread(self._dispatcher.close, DELIVERY_GRACE)
            _, broke = await asyncio.gather(delivering, working, return_exceptions=True)
            await self._store(self._candidate.resign)
            self._store.close()
            self._engine.dispose()
        if isinstance(broke, BaseException):
            if asked_to_end:
                log.error("service.ended-badly", exc_info=broke)
                return
            # whoever watches the process has to see that it failed: without workers it would serve nobody
            raise RuntimeError("the service cannot go on without its workers") from broke

    def kill(self) -> None:
        """Ends the worker processes at once."""
        self._queue.kill()

    async def status(self) -> str:
        """The service in a line, e.g. "3 sites, next visit 11:04"."""
        now = self._clock()
        return describe(await self._store(leases.outlook, self._engine, now), now)

    # ------------------------------------------------------------------------------------------------ ticks

    async def tick_visits(self) -> None:
        """Orders a visit to each site that is due, as far as the queue has room."""
        room = await self._queue.room()
        if room.free <= 0 or self._ending:
            return
        due = await self._store(
            leases.due, self._engine, self._clock(), room.free, dead=owner_dead, besides=room.ordered
        )
        if not self._ending:
            await self._queue.submit(due)

    async def tick_expiry(self) -> None:
        """Closes the postings whose validThrough has passed."""
        closed = await self._store(self._ledger.expire, self._clock())
        if closed:
            log.info("postings.expired closed=%s", closed)
            self._say(f"{_number(closed, 'posting')} closed: past the last day")
            self._wake_deliveries()

    async def tick_deliveries(self) -> None:
        """Starts a round for each outlet that has something due; tells what became of the rounds before."""
        for settled in await self._store(self._dispatcher.tick, self._clock()):
            self._delivered(settled)

    async def tick_maintenance(self) -> None:
        """Does a part of what keeps the database small and quick."""
        for line in await self._store(self._maintenance.tick, self._clock()):
            self._say(line)

    async def tick_budget(self) -> None:
        """Works out anew what a request is worth, so that all visits together stay within the budget."""
        settings = self._settings
        lines = await self._store(
            budget.tick,
            self._engine,
            requests_a_day=settings.requests_a_day,
            bounds=settings.bounds,
            now=self._clock(),
            rng=self._rng,
        )
        for line in lines:
            self._say(line)

    async def _if_elected(self, tick: Callable[[], Coroutine[Any, Any, None]]) -> None:
        elected = await self._store(self._candidate.elected)
        if elected != self._elected:
            log.info("service.elected yes=%s", elected)
            if self._elected is not None or not elected:
                self._say("this service schedules now" if elected else "another service schedules; this one stands by")
            self._elected = elected
        if elected:
            await tick()

    async def _guarded(self, name: str, tick: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await self._tick(name, tick())

    async def _tick(self, name: str, tick: Coroutine[Any, Any, None]) -> None:
        began, failed = time.monotonic(), True
        try:
            await tick
        except HirewatchError as error:
            self._trouble(name, str(error))
        except Exception:
            log.exception("tick.failed name=%s", name)
        else:
            failed = False
            self._trouble(name, None)
        if self._observer:
            self._observer.ticked(name, time.monotonic() - began, failed)
            self._observer.staffed(self._queue.failing())

    def _trouble(self, name: str, trouble: str | None) -> None:
        """Says a trouble once, and once that it is over, however often a tick meets it."""
        before = self._troubles.pop(name, None)
        if trouble is not None:
            self._troubles[name] = trouble
        if trouble != before:
            self._say(f"{name}: {trouble or 'works again'}")

    # ------------------------------------------------------------------------------------------------ visits

    def _visited(self, done: Done) -> None:
        if line := told_of(done):
            self._say(line)
        if done.summary is not None:
            if self._observer:
                self._observer.visited(done.summary)
            self._wake_deliveries()

    # -------------------------------------------------------------------------------------------- deliveries

    def _delivered(self, settled: Settled) -> None:
        if self._observer:
            self._observer.delivered(settled)
        if settled.sent:
            self._say(f"outlet {settled.outlet}: {_number(settled.sent, 'event')} delivered")
        if settled.parked:
            self._say(f"outlet {settled.outlet}: {_number(settled.parked, 'event')} given up")
        if not settled.busy:
            self._trouble(f"outlet {settled.outlet}", settled.error or settled.left_out)

    def _wake_deliveries(self) -> None:
        if not self._ending:
            self._waking = asyncio.ensure_future(self._tick("deliveries", self.tick_deliveries()))


def serve(
    settings: WorkerSettings,
    *,
    context: Context,
    say: Callable[[str], None],
    workers: int = 1,
    observer: Observer | None = None,
    keep: Keep | None = None,
    beside: Callable[[asyncio.Event], Awaitable[None]] | None = None,
) -> int:
    """Serves until SIGTERM or SIGINT and returns the exit code. A second signal ends everything at once.

    `beside` runs in the same loop; it returns soon after its argument is set, and raises nothing.
    """

    async def main() -> None:
        service = Service(settings, context=context, say=say, workers=workers, observer=observer, keep=keep)

        async def run(stop: asyncio.Event) -> None:
            say(await service.status())
            await asyncio.gather(service.run(stop), *([beside(stop)] if beside else []))

        await _until_signalled(run, service.kill)
        say("stopped")

    asyncio.run(main())
    return 0


def work(settings: WorkerSettings, *, say: Callable[[str], None], workers: int = 1) -> int:
    """Makes visits that a service orders, on this machine or another, until SIGTERM or SIGINT; returns the exit code.

    Needs PostgreSQL. A second signal ends everything at once.
    """

    def visited(done: Done) -> None:
        if line := told_of(done):
            say(line)

    async def main() -> None:
        engine, store = connect(settings.database), StorageThread()
        right = common(engine, utc_now)
        queue = queue_for(settings, engine, workers=workers, done=visited, say=say, rng=Random(), clock=right)
        keeping_right = asyncio.ensure_future(keep_right(right, store))
        await _until_signalled(queue.run, queue.kill)
        keeping_right.cancel()
        store.close()
        engine.dispose()
        say("stopped")

    asyncio.run(main())
    return 0


async def _until_signalled(run: Callable[[asyncio.Event], Awaitable[None]], kill: Callable[[], None]) -> None:
    stop = asyncio.Event()

    def asked_to_end(number: int) -> None:
        if stop.is_set():
            kill()
            os._exit(128 + number)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_end, number)
    await run(stop)


def queue_for(
    settings: WorkerSettings,
    engine: Engine,
    *,
    workers: int,
    done: Callable[[Done], None],
    say: Callable[[str], None],
    rng: Random,
    clock: Callable[[], datetime],
) -> Queue:
    """The queue that fits the database: one of this machine (SQLite), or one that all machines share (PostgreSQL).

    Raises ConfigurationError if what the latter needs is not installed.
    """
    if engine.dialect.name == "sqlite":
        return LocalQueue(settings, workers=workers, done=done, say=say, rng=rng)
    try:
        from scheduler.procrastinate_queue import ProcrastinateQueue  # an extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "visits on a PostgreSQL database need a queue that is not installed",
            subject=error.name,
            remedy=how_to_install("postgres"),
        ) from error
    return ProcrastinateQueue(settings, engine, workers=workers, done=done, say=say, rng=rng, clock=clock)


def describe(outlook: Outlook, now: datetime) -> str:
    """The sites and what happens next, in a line for people; the time of day is the local one."""
    if not outlook.sites:
        return "no site yet: add one with hirewatch add URL"
    parts = [_number(outlook.sites, "site")]
    if outlook.paused:
        parts.append(f"{outlook.paused} paused")
    if outlook.visiting:
        parts.append(f"visiting {outlook.visiting} now")
    if outlook.next_visit_at is not None:
        parts.append(_when(outlook.next_visit_at, now))
    return ", ".join(parts)


def told_of(done: Done) -> str | None:
    """What became of an order in a line for people; None if it is not worth one."""
    if done.summary is not None:
        return told(done.summary)
    return f"visit of site {done.site}: {done.problem}" if done.problem else None


def told(summary: VisitSummary) -> str:
    """A finished visit in a line for people."""
    counts = [
        f"{number} {word}"
        for number, word in (
            (summary.opened, "opened"),
            (summary.changed, "changed"),
            (summary.closed, "closed"),
            (summary.reopened, "reopened"),
        )
        if number
    ]
    outcome = f"{summary.outcome}" + (f" ({summary.reason})" if summary.reason else "")
    return f"{summary.site}: {outcome}, {summary.read} read, {', '.join(counts) or 'nothing new'}"


def _when(at: datetime, now: datetime) -> str:
    if at <= now:
        return "next visit now"
    local = at.astimezone()
    far = at - now > timedelta(hours=20)
    return f"next visit {local:%a %d %b %H:%M}" if far else f"next visit {local:%H:%M}"


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
