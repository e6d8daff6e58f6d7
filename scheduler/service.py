"""The long-running service: decides when, and never fetches or parses. `hirewatch serve` runs it.

Its ticks look for what is due in the database and hand it on: visits to worker processes, deliveries to threads. A
tick that is lost costs a second, since the next one finds the same rows; claims keep several services apart.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from delivery.dispatch import Dispatcher, Settled
from delivery.outlets import Context
from postings.errors import HirewatchError
from postings.sites import Site
from postings.visits import VisitSummary
from scheduler.child import WorkerProcess
from scheduler.protocol import Done, Fate, Order, WorkerSettings
from scheduler.queue import owner_dead
from scheduler.threads import StorageThread, utc_now
from storage import leases, sites
from storage.engine import connect
from storage.ledger import Ledger

log = logging.getLogger(__name__)

#: seconds between two ticks
VISITS_EVERY = 1
EXPIRY_EVERY = 60
DELIVERIES_EVERY = 1
#: seconds for which a site is not ordered again after its order came to nothing
HOLD = {Fate.NOT_NEEDED: 5.0, Fate.LOST: 5.0, Fate.UNABLE: 30.0}
#: the same after the worker died during its visit for the second time in a row; doubled each time, up to an hour
HOLD_AFTER_DEATHS = 60.0
#: what deliveries under way have to end once the service was asked to
DELIVERY_GRACE = timedelta(seconds=7)


class Service:
    """The ticks, the worker processes and the deliveries of one service."""

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        context: Context,
        say: Callable[[str], None],
        workers: int = 1,
        clock: Callable[[], datetime] = utc_now,
        rng: Random | None = None,
    ) -> None:
        """`say` takes a line for whoever watches the service; `context` is what outlets need to deliver."""
        self._engine = connect(settings.database)
        self._ledger = Ledger(self._engine)
        self._store = StorageThread()
        self._say = say
        self._clock = clock
        rng = rng or Random()
        self._dispatcher = Dispatcher(self._engine, context, rng)
        self._workers = [
            WorkerProcess(settings, done=self._visited, died=self._worker_died, say=say, rng=rng)
            for _ in range(workers)
        ]
        self._most = settings.visits
        self._deaths: Counter[int] = Counter()
        #: by site: not ordered before this time of the monotonic clock
        self._held: dict[int, float] = {}
        self._troubles: dict[str, str] = {}
        self._ending = False

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, then ends within 10 seconds, with running visits kept as partial."""
        await self._tick("expiry", self.tick_expiry())
        ticker = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for name, tick, seconds in (
            ("visits", self.tick_visits, VISITS_EVERY),
            ("expiry", self.tick_expiry, EXPIRY_EVERY),
            ("deliveries", self.tick_deliveries, DELIVERIES_EVERY),
        ):
            ticker.add_job(self._guarded, "interval", (name, tick), seconds=seconds, id=name)
        workers = [asyncio.ensure_future(worker.run(stop)) for worker in self._workers]
        ticker.start()
        try:
            await stop.wait()
        finally:
            self._ending = True
            stop.set()
            ticker.shutdown(wait=False)
            delivering = asyncio.to_thread(self._dispatcher.close, DELIVERY_GRACE)
            await asyncio.gather(delivering, *workers, return_exceptions=True)
            self._store.close()
            self._engine.dispose()

    def kill(self) -> None:
        """Ends the worker processes at once."""
        for worker in self._workers:
            worker.kill()

    async def status(self) -> str:
        """The service in a line, e.g. "3 sites, next visit 11:04"."""
        watched = await self._store(sites.watched, self._engine)
        return describe(watched, self._clock(), visiting=len(self._in_flight()))

    # ------------------------------------------------------------------------------------------------ ticks

    async def tick_visits(self) -> None:
        """Orders a visit to each site that is due, as far as the workers have places."""
        now = time.monotonic()
        self._held = {site: until for site, until in self._held.items() if until > now}
        passed_over = self._in_flight() | self._held.keys()
        room = self._most * len(self._workers) - len(self._in_flight())
        if room <= 0:
            return
        due = await self._store(leases.due, self._engine, self._clock(), room + len(passed_over), dead=owner_dead)
        for site in due:
            if site.id in passed_over:
                continue
            worker = min(self._workers, key=lambda worker: (worker.pid is None, len(worker.in_flight)))
            if room <= 0 or self._ending or not worker.submit(Order(site.id, site.name)):
                return
            room -= 1

    async def tick_expiry(self) -> None:
        """Closes the postings whose validThrough has passed."""
        closed = await self._store(self._ledger.expire, self._clock())
        if closed:
            self._say(f"{_number(closed, 'posting')} closed: past the last day")
            self._wake_deliveries()

    async def tick_deliveries(self) -> None:
        """Starts a round for each outlet that has something due; tells what became of the rounds before."""
        for settled in await self._store(self._dispatcher.tick, self._clock()):
            self._delivered(settled)

    async def _guarded(self, name: str, tick: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await self._tick(name, tick())

    async def _tick(self, name: str, tick: Coroutine[Any, Any, None]) -> None:
        try:
            await tick
        except HirewatchError as error:
            self._trouble(name, str(error))
        except Exception:
            log.exception("tick.failed name=%s", name)
        else:
            self._trouble(name, None)

    def _trouble(self, name: str, trouble: str | None) -> None:
        """Says a trouble once, and once that it is over, however often a tick meets it."""
        before = self._troubles.pop(name, None)
        if trouble is not None:
            self._troubles[name] = trouble
        if trouble != before:
            self._say(f"{name}: {trouble or 'works again'}")

    # ------------------------------------------------------------------------------------------------ visits

    def _in_flight(self) -> set[int]:
        return set().union(*(worker.in_flight for worker in self._workers))

    def _visited(self, done: Done) -> None:
        if done.summary is not None:
            self._deaths.pop(done.site, None)
            self._say(told(done.summary))
            self._wake_deliveries()
        else:
            self._held[done.site] = time.monotonic() + HOLD.get(done.fate, 0.0)
            if done.problem:
                self._say(f"visit of site {done.site}: {done.problem}")

    def _worker_died(self, orphans: frozenset[int]) -> None:
        if self._ending:
            return
        for site in orphans:
            self._deaths[site] += 1
            if self._deaths[site] > 1:
                wait = min(HOLD_AFTER_DEATHS * 2 ** min(self._deaths[site] - 2, 10), 3600.0)
                self._held[site] = time.monotonic() + wait

    # -------------------------------------------------------------------------------------------- deliveries

    def _delivered(self, settled: Settled) -> None:
        if settled.sent:
            self._say(f"outlet {settled.outlet}: {_number(settled.sent, 'event')} delivered")
        if settled.parked:
            self._say(f"outlet {settled.outlet}: {_number(settled.parked, 'event')} given up")
        self._trouble(f"outlet {settled.outlet}", settled.error)

    def _wake_deliveries(self) -> None:
        if not self._ending:
            self._waking = asyncio.ensure_future(self._tick("deliveries", self.tick_deliveries()))


def serve(
    settings: WorkerSettings,
    *,
    context: Context,
    say: Callable[[str], None],
    workers: int = 1,
    clock: Callable[[], datetime] = utc_now,
) -> int:
    """Serves until SIGTERM or SIGINT and returns the exit code. A second signal ends everything at once."""

    async def main() -> None:
        stop = asyncio.Event()
        service = Service(settings, context=context, say=say, workers=workers, clock=clock)

        def asked_to_end(number: int) -> None:
            if stop.is_set():
                service.kill()
                os._exit(128 + number)
            stop.set()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, asked_to_end, number)
        say(await service.status())
        await service.run(stop)
        say("stopped")

    asyncio.run(main())
    return 0


def describe(watched: Sequence[Site], now: datetime, *, visiting: int = 0) -> str:
    """The sites and what happens next, in a line for people; the time of day is the local one."""
    if not watched:
        return "no site yet: add one with hirewatch add URL"
    parts = [_number(len(watched), "site")]
    active = [site for site in watched if site.paused_at is None]
    if len(active) < len(watched):
        parts.append(f"{len(watched) - len(active)} paused")
    if visiting:
        parts.append(f"visiting {visiting} now")
    nexts = [site.next_visit_at for site in active if site.next_visit_at is not None]
    if nexts:
        parts.append(_when(min(nexts), now))
    return ", ".join(parts)


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
