"""Hosts shared with other processes through the database: what the crawler's gate needs of the scheduler.

A worker has a host for itself while its visits ask there: one transaction to take it, one to give it up, whatever the
number of requests. It looks once a second whether another worker waits, and renews what it has.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import Engine

from postings.errors import DatabaseError
from postings.hosts import Host
from postings.sites import RobotsAnswer
from scheduler.ownership import owner_dead
from scheduler.protocol import LEASE
from scheduler.threads import StorageThread
from storage import hosts, pages

log = logging.getLogger(__name__)

#: seconds between two looks whether another process waits for a host
LOOK_EVERY = 1.0
#: seconds between two attempts to get a host that another process has; the first figure only asks
_ATTEMPTS = (0.25, 2.0)


class SharedHosts:
    """The hosts of one process, in the table that all processes share. See `crawler.hosts.Register`."""

    def __init__(
        self,
        engine: Engine,
        store: StorageThread,
        *,
        owner: str,
        pause: float,
        clock: Callable[[], datetime],
        ttl: timedelta = timedelta(seconds=LEASE),
    ) -> None:
        """`pause` in seconds: between two requests to one host, whatever its robots.txt says.

        A host is free again at most `ttl` after this process was lost.
        """
        self._ttl = ttl
        self._engine = engine
        self._store = store
        self._owner = owner
        self._pause = pause
        self._clock = clock
        #: by host: until when it is ours, on the monotonic clock
        self._until: dict[str, float] = {}
        self._give_up: Callable[[str], None] = lambda name: None
        self._watch: asyncio.Task[None] | None = None

    def on_wanted(self, give_up: Callable[[str], None]) -> None:
        """See `Register.on_wanted`."""
        self._give_up = give_up

    def holds(self, name: str) -> bool:
        """See `Register.holds`."""
        return self._until.get(name, 0.0) > monotonic()

    async def take(self, name: str, delay: float | None) -> Host:
        """See `Register.take`. Raises DatabaseError."""
        while True:
            asked_at = monotonic()
            try:
                host = await self._store(
                    hosts.take, self._engine, name, owner=self._owner, now=self._clock(), ttl=self._ttl, pause=self._pause,
                    delay=delay, dead=owner_dead,
                )  # fmt: skip
            except asyncio.CancelledError:
                # the thread may have got it all the same
                self._freeing = asyncio.ensure_future(self._store(hosts.free, self._engine, name, owner=self._owner))
                raise
            if host is not None:
                self._until[name] = asked_at + self._ttl.total_seconds()
                if self._watch is None or self._watch.done():
                    self._watch = asyncio.ensure_future(self._keep())
                return host
            await self._wait(name, until=asked_at + _ATTEMPTS[1])

    async def give(self, standing: Mapping[str, Host]) -> None:
        """See `Register.give`."""
        for name in standing:
            self._until.pop(name, None)
        try:
            await self._store(hosts.give, self._engine, standing, owner=self._owner)
        except DatabaseError as error:
            log.warning("hosts.not-given-up names=%s: %s; they run out by themselves", ", ".join(standing), error)

    async def note(self, name: str, host: Host) -> None:
        """See `Register.note`. Raises DatabaseError."""
        await self._store(hosts.note, self._engine, name, host, owner=self._owner)

    async def robots(self, origin: str) -> RobotsAnswer | None:
        """See `Register.robots`. Raises DatabaseError."""
        return await self._store(pages.robots_answer, self._engine, origin)

    async def _wait(self, name: str, *, until: float) -> None:
        while monotonic() < until:
            await asyncio.sleep(_ATTEMPTS[0])
            now = self._clock()
            if await self._store(hosts.is_free, self._engine, name, owner=self._owner, now=now, dead=owner_dead):
                return

    async def _keep(self) -> None:
        """Runs as long as this process has a host."""
        renewed_at, said = monotonic(), False
        while self._until:
            await asyncio.sleep(LOOK_EVERY)
            try:
                for name in await self._store(hosts.wanted, self._engine, owner=self._owner, now=self._clock()):
                    self._give_up(name)
                if monotonic() - renewed_at > self._ttl.total_seconds() / 3:
                    renewed_at = monotonic()
                    await self._renew()
                said = False
            except DatabaseError as error:
                # once, however long the database is away
                log.log(logging.DEBUG if said else logging.WARNING, "hosts.not-renewed: %s", error)
                said = True

    async def _renew(self) -> None:
        names, asked_at = list(self._until), monotonic()
        kept = await self._store(hosts.renew, self._engine, names, owner=self._owner, now=self._clock(), ttl=self._ttl)
        for name in names:
            if name not in kept:
                self._until.pop(name, None)
            elif name in self._until:
                self._until[name] = asked_at + self._ttl.total_seconds()

    async def close(self) -> None:
        """Ends the watch."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
