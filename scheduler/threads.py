"""Where a loop hands its blocking work: storage is called from one thread, in order. Workers and service use it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def utc_now() -> datetime:
    """The time, aware, in UTC: the clock of everything that is not a test."""
    return datetime.now(UTC)


class StorageThread:
    """The one thread that storage is called from: `await store(function, …)`."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="storage")

    async def __call__(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """What `function` returns or raises, called in the thread, after the calls before it."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *args, **kwargs))

    def close(self) -> None:
        """Waits for the call that runs now; calls that wait for it are dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)
