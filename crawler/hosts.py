"""The gate that every request of a process passes: at each host one pace, whoever asks, and rest for a host that fails.

Visits of one process share a `Hosts`; each visit has a `Visitor` of it. The pace is counted from the moment at which a
request is written, and the next one may not go out before that is known. What must hold beyond the process is kept by
a `Register`: a process has a host for itself while it asks there, and gives it up when another one wants it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from crawler.answers import NotFollowed, Trouble
from postings import hosts as rules
from postings.hosts import Host
from postings.sites import RobotsAnswer

#: robots.txt answers that a process keeps in memory; each may be 500 KiB
_MOST_ROBOTS = 64


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


class _Held:
    """One host as this process uses it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.standing = Host()
        #: there is no register, or this process has the host
        self.held = False
        self.visitors = 0
        self.under_way = 0
        #: on the monotonic clock: when the last request was written, and before when none may be
        self.last = float("-inf")
        self.next = float("-inf")
        #: whoever holds this is the next to send; and how many want it
        self.queue = asyncio.Lock()
        self._waiting = 0
        #: another process waits for it, and gets it once this is done
        self.passing = False
        #: set when a request has ended
        self.ended = asyncio.Event()

    @property
    def is_free(self) -> bool:
        """Whether nobody is first in the queue or waits in it."""
        return not self._waiting and not self.queue.locked()

    async def lead(self) -> None:
        """Returns once the caller is first in the queue; at once where it is free."""
        self._waiting += 1
        try:
            await self.queue.acquire()
        finally:
            self._waiting -= 1


class Hosts:
    """The hosts that the visits of this process ask."""

    def __init__(
        self, register: Register | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Without a register the manners hold within this process. `clock` gives the time, aware."""
        self._register = register
        self._clock = clock
        self._hosts: dict[str, _Held] = {}
        #: robots.txt answers by origin, the last used last; and who fetches one now
        self._robots: dict[str, RobotsAnswer] = {}
        self._fetching: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()
        if register is not None:
            register.on_wanted(self._wanted)

    def visiting(self, *, delay: float, concurrency: int, insist: bool = False) -> Visitor:
        """The gate of one visit: `delay` seconds between two requests, `concurrency` at a time at one host.

        A visit that a person wants now may `insist` on asking a host that rests after failures.
        """
        return Visitor(self, delay=delay, concurrency=concurrency, insist=insist)

    async def close(self) -> None:
        """Waits for the hosts that are being given up, for a second at most: those left run out by themselves."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)

    def _of(self, name: str) -> _Held:
        return self._hosts.setdefault(name, _Held(name))

    def _has(self, host: _Held) -> bool:
        return host.held and (self._register is None or self._register.holds(host.name))

    async def _take(self, host: _Held, delay: float | None) -> None:
        if self._has(host):
            return
        if self._register is not None:
            host.standing = await self._register.take(host.name, delay)
            if host.standing.next_at is not None:
                wait = (host.standing.next_at - self._clock()).total_seconds()
                host.next = max(host.next, monotonic() + wait)
        host.held = True

    async def _learn_delay(self, host: _Held, delay: float | None) -> None:
        if delay is None or delay == host.standing.delay:
            return
        slower = delay > host.standing.delay
        host.standing = replace(host.standing, delay=delay)
        if slower and self._register is not None:
            await self._register.note(host.name, host.standing)

    def _given(self, host: _Held) -> Host:
        """Lets go of a host: how it stands, for the register."""
        host.held = False
        wait = timedelta(seconds=max(0.0, min(host.next - monotonic(), 1e6)))
        return replace(host.standing, next_at=self._clock() + wait)

    async def _let_go(self, hosts: Mapping[str, _Held]) -> None:
        """Gives up the hosts that nobody here uses any more."""
        free = [host for host in hosts.values() if host.held and not host.visitors and not host.under_way]
        if self._register is None or not free:
            return
        for host in free:
            self._hosts.pop(host.name, None)
        await self._register.give({host.name: self._given(host) for host in free})

    def _left(self, host: _Held) -> None:
        if self._register is not None and not host.visitors and not host.under_way:
            self._start(self._let_go({host.name: host}))

    def _wanted(self, name: str) -> None:
        host = self._hosts.get(name)
        if host is not None and host.held and not host.passing:
            host.passing = True
            self._start(self._pass_on(host))

    async def _pass_on(self, host: _Held) -> None:
        """Gives a host to another process; visits that still need it wait for it like any other."""
        await host.lead()
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


class Turn:
    """One request on its way through the gate."""

    def __init__(self, visitor: Visitor, host: _Held, delay: float) -> None:
        self._visitor = visitor
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
        self._visitor._answered(self._host)

    def failed(self, reason: str) -> None:
        """The host gave none, or one that speaks against it."""
        self._visitor._failed(self._host, reason, on_trial=self.on_trial)

    def _end(self) -> None:
        if self._leading:
            self._leading = False
            self._host.queue.release()
        self._host.under_way -= 1
        self._host.ended.set()
        self._visitor._hosts._left(self._host)


class Visitor:
    """The gate as one visit sees it."""

    def __init__(self, hosts: Hosts, *, delay: float, concurrency: int, insist: bool) -> None:
        self._hosts = hosts
        self._delay = delay
        self._concurrency = concurrency
        self._insist = insist
        #: by host: when this visit asked it first; and whether it was good to this visit
        self._began: dict[str, datetime] = {}
        self._good: set[str] = set()
        self._bad: dict[str, str] = {}
        self._unsent: dict[str, Turn] = {}
        self._used: dict[str, _Held] = {}
        self._closing = asyncio.Event()

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
                raise NotFollowed(Trouble.WAIT, "the visit has ended")
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
            await self._unless_closing(self._hosts._take(host, None))
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
        host.standing = rules.wished(host.standing, seconds, reason, now=self._hosts._clock())

    def fetching(self, origin: str) -> asyncio.Lock:
        """Held while a robots.txt is looked for: of many sites on one host, one asks."""
        return self._hosts._fetching[origin]

    async def recall(self, origin: str) -> RobotsAnswer | None:
        """The robots.txt of an origin as another visit was answered; its age is the caller's to judge."""
        known, register = self._hosts._robots, self._hosts._register
        answer = known.pop(origin, None)
        if answer is None and register is not None:
            answer = await register.robots(origin)
        if answer is not None:
            self.remember(origin, answer)
        return answer

    def remember(self, origin: str, answer: RobotsAnswer) -> None:
        """Lets the other visits of this process know a robots.txt."""
        known = self._hosts._robots
        known.pop(origin, None)
        known[origin] = answer
        if len(known) > _MOST_ROBOTS:
            del known[next(iter(known))]

    async def close(self) -> None:
        """Ends the visit: who still waits is sent away, and hosts that nobody else here needs are given up."""
        if self._closing.is_set():
            return
        self._closing.set()
        now = self._hosts._clock()
        for name, host in self._used.items():
            host.visitors -= 1
            if name in self._bad and name not in self._good:
                host.standing = rules.failed(host.standing, self._bad[name], began=self._began[name], now=now)
        await self._hosts._let_go(self._used)

    def _use(self, name: str) -> _Held:
        host = self._used.get(name)
        if host is None:
            host = self._used[name] = self._hosts._of(name)
            host.visitors += not self._closing.is_set()
        return host

    async def _lead(self, host: _Held) -> None:
        """Returns once the caller is first in the host's queue. Raises NotFollowed if the visit ends before."""
        if host.is_free:
            await host.lead()
        else:
            await self._unless_closing(host.lead(), undo=host.queue.release)

    async def _admit(self, host: _Held, asked: float | None) -> None:
        """Returns when the request may be sent at once. The caller is first in the host's queue."""
        while True:
            await self._hosts._take(host, asked)
            await self._hosts._learn_delay(host, asked)
            self._require_awake(host)
            if self._is_full(host):
                host.ended.clear()
                await host.ended.wait()
                continue
            rest = self._rest(host, asked)
            if rest <= 0:
                self._began.setdefault(host.name, self._hosts._clock())
                return
            await asyncio.sleep(rest)

    def _is_admitted(self, host: _Held, asked: float | None) -> bool:
        """Whether the request may be sent without any wait, and the gate has nothing to learn or to take before.

        Raises NotFollowed where the host rests.
        """
        if not self._hosts._has(host) or (asked is not None and asked != host.standing.delay):
            return False
        self._require_awake(host)
        if self._is_full(host) or self._rest(host, asked) > 0:
            return False
        self._began.setdefault(host.name, self._hosts._clock())
        return True

    def _is_full(self, host: _Held) -> bool:
        """Whether as many requests are under way as may be at a time."""
        one = host.standing.on_trial or host.standing.delay > self._delay
        return host.under_way >= (1 if one else self._concurrency)

    def _rest(self, host: _Held, asked: float | None) -> float:
        """Seconds until the next request may be sent."""
        return max(host.next, host.last + max(self._delay, asked or 0.0)) - monotonic()

    def _require_awake(self, host: _Held) -> None:
        now, until = self._hosts._clock(), host.standing.rests_until
        if until is not None and rules.rests(host.standing, now, insist=self._insist):
            raise NotFollowed(
                Trouble.WAIT, rules.told(host.name, host.standing), wait=max(1.0, (until - now).total_seconds())
            )

    async def _unless_closing(
        self, waiting: Coroutine[None, None, object], undo: Callable[[], None] = lambda: None
    ) -> None:
        """Waits, unless the visit ends first; `undo` takes back what came of it too late."""
        task = asyncio.ensure_future(waiting)
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({task, closing}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if not task.cancel():
                undo()
            raise
        finally:
            closing.cancel()
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
                undo()
            raise NotFollowed(Trouble.WAIT, "the visit has ended")
        task.result()

    def _answered(self, host: _Held) -> None:
        self._good.add(host.name)
        host.standing = rules.answered(host.standing)

    def _failed(self, host: _Held, reason: str, *, on_trial: bool) -> None:
        self._bad.setdefault(host.name, reason)
        if on_trial and host.standing.on_trial and not self._insist:
            # what was let through alone decides at once, before another visit asks
            now = self._hosts._clock()
            host.standing = rules.failed(host.standing, reason, began=now, now=now)
            self._bad.pop(host.name, None)
