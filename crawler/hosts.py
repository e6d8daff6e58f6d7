"""The hosts that the visits of a process ask: which of them it has, and how each stands.

Visits of one process share a `Hosts`; each passes a gate of its own (`crawler.gate`). What must hold beyond the process
is kept by a `Register`: a process has a host for itself while it asks there, and gives it up when another one wants it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from crawler.known_robots import KnownRobots
from postings.hosts import Host
from postings.sites import RobotsAnswer


class Register(Protocol):
    """Where processes share hosts; `scheduler.hosts` has the one that uses the database."""

    async def take(self, name: str, delay: float | None) -> Host:
        """How the host stands, once this process has it. `delay` is what its robots.txt asks for, if that is known."""
        ...

    async def give(self, hosts: Mapping[str, Host]) -> None:
        """The hosts are free for others, and stand like this."""
        ...

    async def note(self, name: str, host: Host) -> None:
        """What a process that is killed must leave behind of a host that it has."""
        ...

    def holds(self, name: str) -> bool:
        """Whether this process still has the host: it may have slept for too long."""
        ...

    async def robots(self, origin: str) -> RobotsAnswer | None:
        """The robots.txt of an origin as it was answered last, to whichever visit."""
        ...

    def on_wanted(self, give_up: Callable[[str], None]) -> None:
        """`give_up` is called with the name of a host that another process waits for."""
        ...


class Queue:
    """Who is the next to send, in the order in which they came."""

    def __init__(self) -> None:
        self._led = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    def line_up(self) -> asyncio.Future[None] | None:
        """None where the caller is first at once, else its place, which is done when it is first."""
        if not self._led:
            self._led = True
            return None
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        return place

    async def lead(self, place: asyncio.Future[None]) -> None:
        """Returns once the one in that place is first. Raises what the place was given instead."""
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.release()
            raise

    def release(self) -> None:
        """The first is done: the next one is first."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._led = False


class HeldHost:
    """One host as this process uses it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.standing = Host()
        #: there is no register, or this process has the host
        self.held = False
        #: visits that use it, and their requests that are under way
        self.visitors = 0
        self.under_way = 0
        #: on the monotonic clock: when the last request was written, and before when none may be
        self.last = float("-inf")
        self.next = float("-inf")
        self.queue = Queue()
        #: another process waits for it, and gets it once this is done
        self.passing = False
        #: set when a request has ended
        self.ended = asyncio.Event()


class Hosts:
    """The hosts that the visits of this process ask."""

    def __init__(
        self, register: Register | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Without a register the manners hold within this process. `clock` gives the time, aware."""
        self._register = register
        self.clock = clock
        #: the robots.txt answers that they all know
        self.robots = KnownRobots(register.robots if register else None)
        self._hosts: dict[str, HeldHost] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        if register is not None:
            register.on_wanted(self._wanted)

    async def close(self) -> None:
        """Waits for the hosts that are being given up, for a second at most: those left run out by themselves."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)

    def at(self, name: str) -> HeldHost:
        """The host of that name, as all visits of this process have it."""
        return self._hosts.setdefault(name, HeldHost(name))

    def has(self, host: HeldHost) -> bool:
        """Whether this process has the host, and may ask it."""
        return host.held and (self._register is None or self._register.holds(host.name))

    async def take(self, host: HeldHost, delay: float | None) -> None:
        """Returns once this process has the host. `delay`: the seconds that its robots.txt asks for, if that is
        known."""
        if self.has(host):
            return
        if self._register is not None:
            host.standing = await self._register.take(host.name, delay)
            if host.standing.next_at is not None:
                wait = (host.standing.next_at - self.clock()).total_seconds()
                host.next = max(host.next, monotonic() + wait)
        host.held = True

    async def learn_delay(self, host: HeldHost, delay: float | None) -> None:
        """Keeps to the seconds that robots.txt asks for; a longer delay is written down at once."""
        if delay is None or delay == host.standing.delay:
            return
        slower = delay > host.standing.delay
        host.standing = replace(host.standing, delay=delay)
        if slower and self._register is not None:
            await self._register.note(host.name, host.standing)

    async def let_go(self, hosts: Mapping[str, HeldHost]) -> None:
        """Gives up the hosts that nobody here uses any more."""
        free = [host for host in hosts.values() if host.held and not host.visitors and not host.under_way]
        if self._register is None or not free:
            return
        for host in free:
            self._hosts.pop(host.name, None)
        await self._register.give({host.name: self._given(host) for host in free})

    def left(self, host: HeldHost) -> None:
        """A request to the host has ended: it is given up if it was the last."""
        if self._register is not None and not host.visitors and not host.under_way:
            self._start(self.let_go({host.name: host}))

    def _given(self, host: HeldHost) -> Host:
        """Lets go of a host: how it stands, for the register."""
        host.held = False
        wait = timedelta(seconds=max(0.0, min(host.next - monotonic(), 1e6)))
        return replace(host.standing, next_at=self.clock() + wait)

    def _wanted(self, name: str) -> None:
        host = self._hosts.get(name)
        if host is not None and host.held and not host.passing:
            host.passing = True
            self._start(self._pass_on(host))

    async def _pass_on(self, host: HeldHost) -> None:
        """Gives a host to another process; visits that still need it wait for it like any other."""
        if (place := host.queue.line_up()) is not None:
            await host.queue.lead(place)
        try:
            while host.under_way:
                host.ended.clear()
                await host.ended.wait()
            host.passing = False
            if host.held and self._register is not None:
                await self._register.give({host.name: self._given(host)})
        finally:
            host.queue.release()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
