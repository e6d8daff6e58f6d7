"""Hands what was seen to `record` in batches: a full one, after two seconds, or at the end of the visit.

What one page showed is never split: a page counts as read once its batch is recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Self

from postings.sightings import Seen

FULL = 50
AFTER = 2.0

Record = Callable[[Sequence[Seen]], Awaitable[None]]


class Batches:
    """One call of `record` at a time, in the order in which things were seen. Use as an async context manager.

    An error of `record` is kept, and raised by the next `add` and at the end.
    """

    def __init__(self, record: Record, *, full: int = FULL, after: float = AFTER) -> None:
        self._record = record
        self._full = full
        self._after = after
        self._waiting: list[Sequence[Seen]] = []
        self._turn = asyncio.Lock()
        self._clock: asyncio.Task[None] | None = None
        self.error: BaseException | None = None

    async def __aenter__(self) -> Self:
        self._clock = asyncio.ensure_future(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._clock is not None:
            self._clock.cancel()
            with suppress(asyncio.CancelledError):
                await self._clock

    async def add(self, seen: Sequence[Seen]) -> None:
        """Takes in the sightings of a page; waits while a full batch is recorded."""
        if self.error is not None:
            raise self.error
        self._waiting.append(seen)
        if sum(map(len, self._waiting)) >= self._full:
            await self.flush()

    async def flush(self) -> None:
        """Records what waits. Raises what `record` raised, also what it raised behind our back."""
        async with self._turn:
            if self.error is not None:
                raise self.error
            # what is seen while storage is busy waits for its own turn: batches would be the smaller, the busier it is
            now, self._waiting = self._waiting, []
            try:
                while now:
                    await self._record(self._next_batch(now))
            except Exception as error:
                self.error = error
                raise
            finally:
                # whoever recorded may have been cancelled
                self._waiting[:0] = now

    def _next_batch(self, waiting: list[Sequence[Seen]]) -> list[Seen]:
        batch: list[Seen] = []
        while waiting and (not batch or len(batch) + len(waiting[0]) <= self._full):
            batch += waiting.pop(0)
        return batch

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._after)
            with suppress(Exception):  # kept in `error`, raised by the next `add`
                await self.flush()
