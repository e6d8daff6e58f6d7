"""The gate that every request passes: at each host one pace, whoever asks, and rest for a host that fails.

Each visit has a `Gate` to the hosts of its process (`crawler.hosts`). The pace is counted from the moment at which a
request is written, and the next one may not go out before that is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from time import monotonic

from crawler.answers import NotFollowed, Trouble
from crawler.hosts import HeldHost, Hosts
from crawler.known_robots import KnownRobots
from postings import hosts as rules


class Gate:
    """The gate of one visit."""

    def __init__(self, hosts: Hosts, *, delay: float, concurrency: int, insist: bool = False) -> None:
        """`delay` seconds between two requests, `concurrency` at a time at one host.

        A visit that a person wants now may `insist` on asking a host that rests after failures.
        """
        self._hosts = hosts
        self._delay = delay
        self._concurrency = concurrency
        self._insist = insist
        #: by host: when this visit asked it first; and whether it was good to this visit
        self._began: dict[str, datetime] = {}
        self._good: set[str] = set()
        self._bad: dict[str, str] = {}
        self._unsent: dict[str, Turn] = {}
        self._used: dict[str, HeldHost] = {}
        #: those of this visit in the queues of hosts
        self._places: set[asyncio.Future[None]] = set()
        self._closing = asyncio.Event()

    @property
    def robots(self) -> KnownRobots:
        """The robots.txt answers that visits of this process know of."""
        return self._hosts.robots

    @asynccontextmanager
    async def turn(self, name: str, asked: float | None) -> AsyncIterator[Turn]:
        """Waits until a request may go to a host, and lets others wait while it does.

        `asked` are the seconds between two requests that robots.txt asks for, None where it is not known yet. Raises
        NotFollowed where the host rests, and once the visit has ended.
        """
        host = self._use(name)
        await self._lead(host)
        try:
            if not self._is_admitted(host, asked):
                await self._unless_closing(self._admit(host, asked))
            if self._closing.is_set():
                raise _ended()
        except BaseException:
            host.queue.release()
            raise
        delay = max(self._delay, host.standing.delay if asked is None else asked)
        turn = self._unsent[name] = Turn(self, host, delay)
        host.under_way += 1
        host.last = monotonic()
        host.next = max(host.next, host.last + delay)
        try:
            yield turn
        finally:
            self._unsent.pop(name, None)
            turn._end()

    async def refuse_rest(self, name: str) -> None:
        """Raises NotFollowed where the host rests, before anything else is done for a request to it."""
        host = self._use(name)
        if host.held and host.standing.rests_until is None:
            return
        await self._lead(host)
        try:
            await self._unless_closing(self._hosts.take(host, None))
            self._require_awake(host)
        finally:
            host.queue.release()

    def sent(self, name: str) -> None:
        """A request to this host has been written."""
        if (turn := self._unsent.pop(name, None)) is not None:
            turn.sent()

    def hush(self, name: str, seconds: float) -> None:
        """No request to this host for a while, by whichever visit."""
        host = self._use(name)
        host.next = max(host.next, monotonic() + seconds)

    def wish(self, name: str, seconds: float, reason: str) -> None:
        """The host asked to be left alone for longer than a visit waits."""
        host = self._use(name)
        host.standing = rules.wished(host.standing, seconds, reason, now=self._hosts.clock())

    async def close(self) -> None:
        """Ends the visit: who still waits is sent away, and hosts that nobody else here needs are given up."""
        if self._closing.is_set():
            return
        self._closing.set()
        for place in self._places:
            if not place.done():
                place.set_exception(_ended())
        now = self._hosts.clock()
        for name, host in self._used.items():
            host.visitors -= 1
            if name in self._bad and name not in self._good:
                host.standing = rules.failed(host.standing, self._bad[name], began=self._began[name], now=now)
        await self._hosts.let_go(self._used)

    def _use(self, name: str) -> HeldHost:
        host = self._used.get(name)
        if host is None:
            host = self._used[name] = self._hosts.at(name)
            host.visitors += not self._closing.is_set()
        return host

    async def _lead(self, host: HeldHost) -> None:
        """Returns once the caller is first in the host's queue. Raises NotFollowed if the visit ends before."""
        place = host.queue.line_up()
        if place is None:
            return
        if self._closing.is_set():
            place.cancel()
            raise _ended()
        self._places.add(place)
        try:
            await host.queue.lead(place)
        finally:
            self._places.discard(place)

    async def _admit(self, host: HeldHost, asked: float | None) -> None:
        """Returns when the request may be sent at once. The caller is first in the host's queue."""
        while True:
            await self._hosts.take(host, asked)
            await self._hosts.learn_delay(host, asked)
            self._require_awake(host)
            if self._is_full(host):
                host.ended.clear()
                await host.ended.wait()
                continue
            rest = self._rest(host, asked)
            if rest <= 0:
                self._began.setdefault(host.name, self._hosts.clock())
                return
            await asyncio.sleep(rest)

    def _is_admitted(self, host: HeldHost, asked: float | None) -> bool:
        """Whether the request may be sent without any wait, and the gate has nothing to learn or to take before.

        Raises NotFollowed where the host rests.
        """
        if not self._hosts.has(host) or (asked is not None and asked != host.standing.delay):
            return False
        self._require_awake(host)
        if self._is_full(host) or self._rest(host, asked) > 0:
            return False
        self._began.setdefault(host.name, self._hosts.clock())
        return True

    def _is_full(self, host: HeldHost) -> bool:
        """Whether as many requests are under way as may be at a time."""
        one = host.standing.on_trial or host.standing.delay > self._delay
        return host.under_way >= (1 if one else self._concurrency)

    def _rest(self, host: HeldHost, asked: float | None) -> float:
        """Seconds until the next request may be sent."""
        return max(host.next, host.last + max(self._delay, asked or 0.0)) - monotonic()

    def _require_awake(self, host: HeldHost) -> None:
        now, until = self._hosts.clock(), host.standing.rests_until
        if until is not None and rules.rests(host.standing, now, insist=self._insist):
            raise NotFollowed(
                Trouble.WAIT, rules.told(host.name, host.standing), wait=max(1.0, (until - now).total_seconds())
            )

    async def _unless_closing(self, waiting: Coroutine[None, None, object]) -> None:
        """Waits, unless the visit ends first."""
        task = asyncio.ensure_future(waiting)
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({task, closing}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            closing.cancel()
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            raise _ended()
        task.result()

    def _answered(self, host: HeldHost) -> None:
        self._good.add(host.name)
        host.standing = rules.answered(host.standing)

    def _failed(self, host: HeldHost, reason: str, *, on_trial: bool) -> None:
        self._bad.setdefault(host.name, reason)
        if on_trial and host.standing.on_trial and not self._insist:
            # what was let through alone decides at once, before another visit asks
            now = self._hosts.clock()
            host.standing = rules.failed(host.standing, reason, began=now, now=now)
            self._bad.pop(host.name, None)


def _ended() -> NotFollowed:
    return NotFollowed(Trouble.WAIT, "the visit has ended")


class Turn:
    """One request on its way through the gate."""

    def __init__(self, gate: Gate, host: HeldHost, delay: float) -> None:
        self._gate = gate
        self._host = host
        self._delay = delay
        self._leading = True
        self.on_trial = host.standing.on_trial

    def sent(self) -> None:
        """The request has been written: from now on the next one waits."""
        if self._leading:
            self._leading = False
            self._host.last = monotonic()
            self._host.next = max(self._host.next, self._host.last + self._delay)
            self._host.queue.release()

    def answered(self) -> None:
        """The host gave an answer that speaks for it."""
        self._gate._answered(self._host)

    def failed(self, reason: str) -> None:
        """The host gave none, or one that speaks against it."""
        self._gate._failed(self._host, reason, on_trial=self.on_trial)

    def _end(self) -> None:
        if self._leading:
            self._leading = False
            self._host.queue.release()
        self._host.under_way -= 1
        self._host.ended.set()
        self._gate._hosts.left(self._host)
