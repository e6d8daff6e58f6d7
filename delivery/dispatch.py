"""Tells outlets what they have not heard: reads after the cursor, sends, settles. Every tick of the service calls it.

A send counts once the receiver has accepted it and `deliveries.settle` has committed. When the process dies in
between, the same message goes out again under the same id; there is no other way to hear something twice.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from random import Random

from sqlalchemy.engine import Engine

from delivery.log import SharedLog
from delivery.outlets import Context, open_outlet, selection_of, wishes_of
from delivery.rounds import Round, Settled, place, trouble
from delivery.skimming import skim
from postings.errors import ConfigurationError, HirewatchError, UsageError
from storage import outlets
from storage.outlet_locks import sole_sender

__all__ = ["Dispatcher", "Settled", "deliver_all", "deliver_due"]

logger = logging.getLogger(__name__)


def deliver_due(
    engine: Engine,
    outlet: outlets.Outlet,
    context: Context,
    now: datetime,
    rng: Random,
    *,
    log: SharedLog | None = None,
    stop: threading.Event | None = None,
) -> Settled:
    """Sends an outlet everything that is due, in order, until nothing is left or a send fails.

    `now` is the time at the beginning; `rng` gives the jitter of retries; `log` is shared with other outlets; `stop`
    ends the round between two sends.
    At most one round an outlet runs at a time: any other returns at once, and says `busy`. Raises DatabaseError.
    """
    with sole_sender(engine, outlet.id) as alone:
        row = outlets.get(engine, outlet.id) if alone else None
        if row is None or row.disabled_at is not None:
            return Settled(outlet=outlet.name, busy=not alone)
        try:
            wishes, selection, receiver = wishes_of(row), selection_of(row), open_outlet(row, context)
        except (ConfigurationError, UsageError) as error:
            # nothing was tried: no attempt is used up while the settings are wrong
            outlets.note_trouble(engine, row.id, trouble(error, row.name))
            return Settled(outlet=row.name, error=trouble(error, row.name))
        started = context.monotonic()

        def clock() -> datetime:
            return now + timedelta(seconds=context.monotonic() - started)

        try:
            turn = Round(engine, row, receiver, selection, wishes, log or SharedLog(engine), clock, rng)
            return turn.run(stop or threading.Event())
        finally:
            receiver.close()


def deliver_all(engine: Engine, context: Context, now: datetime, rng: Random, *, senders: int = 16) -> list[Settled]:
    """One round for every outlet that has something due, `senders` of them at a time; returns when all have ended.

    Raises DatabaseError, after the other rounds have ended.
    """
    log = SharedLog(engine)
    due = skim(engine, outlets.due(engine, now), log)
    if not due:
        return []
    with ThreadPoolExecutor(max_workers=min(senders, len(due)), thread_name_prefix="outlet") as threads:
        rounds = [
            threads.submit(deliver_due, engine, outlet, context, now, Random(rng.random()), log=log) for outlet in due
        ]
    return [done.result() for done in rounds]


class Dispatcher:
    """Delivers in the background: a tick starts what is due and never waits for a receiver.

    Its threads do not hold up the end of the process: dying between a send and its settling is safe.
    """

    #: how long an outlet is left alone after a round that had to wait for others, or that could not begin
    _REST_HELD, _REST_BROKEN = timedelta(seconds=5), timedelta(seconds=60)

    #: how long one tick looks for outlets that are concerned: others wait for the thread that it runs in
    _SKIMMING = timedelta(seconds=0.5)

    def __init__(self, engine: Engine, context: Context, rng: Random, *, senders: int = 32) -> None:
        """`senders` outlets are told at the same time at most."""
        self._engine = engine
        self._context = context
        self._rng = rng
        self._senders = senders
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._running: dict[int, threading.Thread] = {}
        #: those that found no free sender, and what the last tick gave to all of them
        self._waiting: list[outlets.Outlet] = []
        self._tick: tuple[datetime, SharedLog] | None = None
        self._finished: list[Settled] = []
        self._rest_until: dict[int, datetime] = {}
        self._last_started: dict[int, int] = {}
        self._turns = count(1)

    def tick(self, now: datetime) -> list[Settled]:
        """Starts a round for every outlet that has something due; returns the rounds that have ended since.

        Raises DatabaseError if what is due cannot be read, HirewatchError if there is no thread for a further round:
        what has ended is returned by the next tick then.
        """
        with self._lock:
            resting = {outlet for outlet, until in self._rest_until.items() if until > now} | self._running.keys()
        log = SharedLog(self._engine)
        due = [outlet for outlet in outlets.due(self._engine, now) if outlet.id not in resting]
        end = self._context.monotonic() + self._SKIMMING.total_seconds()
        due = skim(self._engine, due, log, lambda: self._context.monotonic() > end)
        with self._lock:
            # who was told longest ago goes first, if not all can be told at once
            due.sort(key=lambda outlet: self._last_started.get(outlet.id, 0), reverse=True)
            self._waiting, self._tick = [] if self._stop.is_set() else due, (now, log)
            while self._waiting and len(self._running) < self._senders:
                self._start(self._waiting.pop())
            finished, self._finished = self._finished, []
        return finished

    def close(self, patience: timedelta) -> bool:
        """Starts nothing more and waits for what is being sent, `patience` at most; False if something still is."""
        self._stop.set()
        end = self._context.monotonic() + patience.total_seconds()
        with self._lock:
            running = list(self._running.values())
        for thread in running:
            thread.join(max(0.0, end - self._context.monotonic()))
        return not any(thread.is_alive() for thread in running)

    def _start(self, outlet: outlets.Outlet) -> None:
        if self._tick is None:
            raise RuntimeError("no tick has said what time it is")
        now, log = self._tick
        thread = threading.Thread(
            target=self._tell,
            args=(outlet, now, log, Random(self._rng.random())),
            name=f"outlet-{outlet.id}",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError as error:
            # the outlet stays due
            raise HirewatchError(
                "no further thread can be started to tell an outlet",
                remedy="let hirewatch have more (`ulimit -u` and `-v`, TasksMax= and MemoryMax= of systemd)",
            ) from error
        self._running[outlet.id] = thread
        self._last_started[outlet.id] = next(self._turns)

    def _tell(self, outlet: outlets.Outlet, now: datetime, log: SharedLog, rng: Random) -> None:
        rest = self._REST_BROKEN
        try:
            settled = deliver_due(self._engine, outlet, self._context, now, rng, log=log, stop=self._stop)
            if settled.held or settled.busy:
                rest = self._REST_HELD
            elif settled.error is None or settled.next_attempt_at:
                rest = timedelta(0)
        except HirewatchError as error:
            rest = self._REST_HELD
            settled = Settled(outlet=outlet.name, error=str(error))
        except Exception as error:
            logger.error("delivery.round-broke outlet=%s error=%s", outlet.name, place(error))
            settled = Settled(outlet=outlet.name, error=place(error))
        with self._lock:
            self._rest_until[outlet.id] = now + rest
            self._finished.append(settled)
            del self._running[outlet.id]
            # the next one need not wait for a tick
            if self._waiting and not self._stop.is_set():
                # the next tick tries again, and says what is wrong
                with suppress(HirewatchError):
                    self._start(self._waiting.pop())
