"""Where a due site waits for a worker: what the service hands it to, and which workers take it from there.

Two kinds: `LocalQueue` for one machine, and `scheduler.procrastinate_queue` for many. A queue is never the truth. Which
site is due stands in its row, and who visits it is a lease: an order that is lost or comes twice costs a moment.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Protocol

from scheduler.child import WorkerProcess
from scheduler.protocol import Done, Fate, Order, WorkerSettings
from storage.leases import Due

log = logging.getLogger(__name__)

#: seconds for which a site is not ordered again after another process had it
HOLD = {Fate.NOT_NEEDED: 5.0, Fate.LOST: 5.0}
#: the same after its visit could not be kept, and after a worker died in it for the second time in a row; doubled each
#: time, up to an hour
_HOLD_WHEN_UNABLE, _HOLD_AFTER_DEATHS, _LONGEST_HOLD = 30.0, 60.0, 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How things stand in a queue."""

    #: further sites that it takes now
    free: int
    #: sites that it has already, or that are not to be visited yet
    ordered: frozenset[int]


class Queue(Protocol):
    """What the service hands due sites to; it keeps the worker processes of this machine at their work."""

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps workers running until `stop` is set, then ends within 10 seconds, with running visits kept."""

    def kill(self) -> None:
        """Ends the worker processes of this machine at once."""

    def failing(self) -> bool:
        """Whether none of the worker processes of this machine can be kept running."""

    async def room(self) -> Room:
        """How many sites it takes now, and which it has. Raises DatabaseError."""

    async def submit(self, due: Sequence[Due]) -> None:
        """Takes the sites as far as it can; none of them is visited twice for that. Raises DatabaseError."""


def hold_after_deaths(deaths: int) -> timedelta:
    """How long a site is left alone after workers died in `deaths` visits of it in a row.

    The first may be chance, and costs nothing; a page that kills every worker must not do so all the time.
    """
    return timedelta(0) if deaths < 2 else _doubled(_HOLD_AFTER_DEATHS, deaths - 2)


def hold_when_unable(times: int) -> timedelta:
    """How long a site is left alone after its visits could not be kept `times` times in a row, from 1.

    Where the disk is full, the next visit asks its host for everything in vain too.
    """
    return _doubled(_HOLD_WHEN_UNABLE, times - 1)


def _doubled(seconds: float, times: int) -> timedelta:
    return timedelta(seconds=min(seconds * 2 ** min(times, 10), _LONGEST_HOLD))


class LocalQueue:
    """Orders to worker processes of this machine, over their standard input; see `Queue`."""

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        workers: int,
        done: Callable[[Done], None],
        say: Callable[[str], None],
        rng: Random,
    ) -> None:
        """`done` hears what became of each order; `say` takes a line for whoever watches."""
        self._workers = [
            WorkerProcess(settings, done=self._answered, died=self._died, say=say, rng=rng) for _ in range(workers)
        ]
        self._places = settings.visits * workers
        self._done = done
        #: by site: visits in a row that killed a worker, or could not be kept
        self._deaths: Counter[int] = Counter()
        self._unable: Counter[int] = Counter()
        #: by site: not ordered before this time of the monotonic clock
        self._held: dict[int, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """See `Queue.run`."""
        await asyncio.gather(stop.wait(), *(worker.run(stop) for worker in self._workers))

    def kill(self) -> None:
        """See `Queue.kill`."""
        for worker in self._workers:
            worker.kill()

    def failing(self) -> bool:
        """See `Queue.failing`."""
        return all(worker.failing for worker in self._workers)

    async def room(self) -> Room:
        """See `Queue.room`."""
        now = time.monotonic()
        self._held = {site: until for site, until in self._held.items() if until > now}
        under_way = self._under_way()
        return Room(free=self._places - len(under_way), ordered=under_way | self._held.keys())

    async def submit(self, due: Sequence[Due]) -> None:
        """See `Queue.submit`."""
        for site in due:
            worker = min(self._workers, key=lambda worker: (worker.pid is None, len(worker.in_flight)))
            if not worker.submit(Order(site.id, site.name)):
                return
            log.info("visit.ordered site=%s worker=%s", site.name, worker.pid)

    def _under_way(self) -> frozenset[int]:
        return frozenset().union(*(worker.in_flight for worker in self._workers))

    def _answered(self, done: Done) -> None:
        if done.fate is Fate.UNABLE:
            self._unable[done.site] += 1
            self._hold(done.site, hold_when_unable(self._unable[done.site]))
        else:
            self._unable.pop(done.site, None)
            if done.summary is not None:
                self._deaths.pop(done.site, None)
            else:
                self._hold(done.site, timedelta(seconds=HOLD.get(done.fate, 0.0)))
        self._done(done)

    def _died(self, sites: frozenset[int]) -> None:
        for site in sites:
            self._deaths[site] += 1
            self._hold(site, hold_after_deaths(self._deaths[site]))

    def _hold(self, site: int, how_long: timedelta) -> None:
        self._held[site] = time.monotonic() + how_long.total_seconds()
