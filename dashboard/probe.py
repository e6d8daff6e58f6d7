"""Asks something that may hang, such as a database on another machine, without hanging with it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

R = TypeVar("R")


class Probe(Generic[R]):
    """Calls a function that blocks in a thread, one call at a time, and waits for it only so long.

    Whoever asks while a call is under way waits for that one. A call that never returns thus costs one thread, and
    the thread does not hold up the end of the process.
    """

    def __init__(self, function: Callable[[], R], patience: float) -> None:
        """`patience`: the seconds that one asking waits."""
        self._function = function
        self._patience = patience
        self._running: asyncio.Future[R] | None = None

    async def __call__(self) -> R:
        """What the function returns or raises. Raises TimeoutError if it takes too long."""
        if self._running is None or self._running.done():
            self._running = self._start()
        return await asyncio.wait_for(asyncio.shield(self._running), self._patience)

    def _start(self) -> asyncio.Future[R]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        # nobody may be waiting any more when it raises
        future.add_done_callback(lambda done: done.cancelled() or done.exception())

        def call() -> None:
            try:
                result = self._function()
            except Exception as error:
                settle, value = future.set_exception, error
            else:
                settle, value = future.set_result, result  # type: ignore[assignment]
            # the loop may have ended meanwhile
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(lambda: future.done() or settle(value))

        threading.Thread(target=call, name="probe", daemon=True).start()
        return future
