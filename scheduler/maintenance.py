"""Keeps the database small and quick: a little at a time, between the visits, and once a day for each thing to do.

What is due, and how far it has come, stands in the database: a restart goes on where the last process ended, and of
several services one does a thing. Nothing here is urgent; what fails is tried again at a later tick.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine

from storage import retention, space
from storage.retention import Keep

#: between the ends of two rounds of one task
EVERY = timedelta(days=1)
#: seconds that one tick may take, and the last batch a little more: a due visit waits no longer than that
BUDGET = 0.5
#: a log of this many bytes is emptied at the next moment at which nobody is in its way
LONG_LOG = 64 * 2**20
#: space is given back once this share of the file, and this many bytes, are free
MUCH_FREE, MUCH_FREE_BYTES = 0.25, 16 * 2**20
#: … until this share is left, for what comes next
LITTLE_FREE = 0.05
#: rows that have gone in one round, after which the statistics of their tables are wrong
MANY = 10_000


class Maintenance:
    """The chores of one service. Used from one thread."""

    def __init__(self, engine: Engine, keep: Keep, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`keep` is what the settings say; `monotonic` is the clock that the budget of a tick is measured by."""
        self._engine = engine
        self._keep = keep
        self._monotonic = monotonic
        #: what has gone in the round that runs
        self._gone: Counter[str] = Counter()
        #: the file is being shortened
        self._shrinking = False

    def tick(self, now: datetime) -> list[str]:
        """Does a part of what is due; returns lines for whoever watches the service. Raises DatabaseError.

        Costs one small query where nothing is due.
        """
        end = self._monotonic() + BUDGET
        if space.log_size(self._engine) > LONG_LOG:
            space.empty_log(self._engine)
        said = self._forget(now, end)
        if self._monotonic() < end:
            self._shrink(end)
        return said

    def run(self, now: datetime) -> list[str]:
        """Does everything that is due, at once; returns what there is to say. Raises DatabaseError."""
        said: list[str] = []
        while True:
            said += self.tick(now)
            if not retention.due(self._engine, now, EVERY) and not self._shrinking:
                return said

    def _forget(self, now: datetime, end: float) -> list[str]:
        due = retention.due(self._engine, now, EVERY)
        for task in due:
            while not (batch := retention.batch(self._engine, task, self._keep, now, every=EVERY)).done:
                self._gone.update(batch.gone)
                if self._monotonic() >= end:
                    return []
            self._gone.update(batch.gone)
        if not due:
            return []
        gone, self._gone = self._gone, Counter()
        space.refresh_statistics(self._engine, much_has_gone=gone.total() >= MANY)
        return [f"no longer kept: {in_words(gone)}"] if gone else []

    def _shrink(self, end: float) -> None:
        room = space.room(self._engine)
        if room is None:
            return
        if not self._shrinking:
            self._shrinking = room.free > max(MUCH_FREE * room.size, MUCH_FREE_BYTES)
        while self._shrinking and self._monotonic() < end:
            space.give_back(self._engine)
            room = space.room(self._engine) or room
            self._shrinking = room.free > LITTLE_FREE * room.size


def in_words(gone: Mapping[str, int]) -> str:
    """ "120 visits, 1 response": what has gone, by the words for many of it."""
    return ", ".join(f"{number} {what if number != 1 else _ONE.get(what, what)}" for what, number in gone.items())


_ONE = {
    "JobPostings": "JobPosting",
    "deliveries": "delivery",
    "responses": "response",
    "robots.txt answers": "robots.txt answer",
    "visits": "visit",
}
