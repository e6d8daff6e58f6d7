"""Reader processes: pages are parsed where a hang, a crash or a memory bomb costs one page and nothing else.

libxml2 needs 23 seconds for some pages of 439 KB, and no thread can stop C code. So each page is read in a process
of its pool with a deadline and a memory wall; the process that passes either is killed and replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import resource
import signal
from collections.abc import Callable
from typing import Any

import pebble.common
from pebble import ProcessExpired, ProcessPool

from crawler.extraction import read_at_sight, read_page
from crawler.pages import Page, Reading

#: pages that one reader process reads before it is replaced: what a library leaks goes with it
PAGES_PER_PROCESS = 5_000
#: address space that a reader has before its first page, libraries loaded
_GROUND = 512 * 1024 * 1024
#: seconds after its deadline at which a reader ends that nobody has killed: its worker is gone
_ORPHANED = 5.0

# A reader stuck in C code ignores SIGTERM; Pebble would wait three seconds before it kills.
pebble.common.CONSTS.term_timeout = 0.2  # type: ignore[attr-defined]


class NotRead(Exception):
    """A reader process did not do what it was asked; the message says why, in words."""


class Readers:
    """A pool of reader processes, used from one asyncio loop.

    `deadline` is in seconds a page; `memory_mb` is what a page may take beyond what a reader needs for itself.
    """

    def __init__(self, processes: int = 1, deadline: float = 10.0, memory_mb: int = 1024) -> None:
        self.deadline = deadline
        self.memory_mb = memory_mb
        # forkserver: a replacement starts in milliseconds, and nothing of this process's threads and sockets goes along
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(
            ["crawler.extractors", "crawler.extraction", "crawler.readers", "crawler.sources.boards"]
        )
        self._pool: Any = ProcessPool(
            max_workers=processes,
            max_tasks=PAGES_PER_PROCESS,
            context=context,
            initializer=_start,
            initargs=(memory_mb,),
        )

    async def read(self, page: Page, *, links: bool = False, problems: bool = False) -> Reading:
        """Reads a page; what cannot be read comes back as `unreadable`, never as an exception.

        `links` asks for its links too, `problems` for what is wrong with the markup of each posting.
        """
        if not links and not problems and (seen := read_at_sight(page)) is not None:
            # two thirds of the pages of a site: neither sent to another process nor waited for
            return seen
        try:
            reading: Reading = await self.run(_read, page, links=links, problems=problems)
        except NotRead as error:
            return _unreadable(page, str(error))
        return reading

    async def run(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What a function of a module returns in a reader process. Raises NotRead."""
        limit = self.deadline + _ORPHANED
        future = self._pool.schedule(_limited, args=(limit, function, arguments, options), timeout=self.deadline)
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            reason = f"it took longer than {self.deadline:g} s to read"
        except ProcessExpired as error:
            reason = f"the reader process ended while reading it (exit status {error.exitcode})"
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                future.cancel()
                raise
            reason = "the readers were closed"
        except MemoryError:
            reason = f"it took more than {self.memory_mb} MB to read"
        except Exception as error:  # whatever the libraries beneath raised in the reader process
            reason = f"reading it failed: {type(error).__name__}"
        raise NotRead(reason)

    def close(self) -> None:
        """Ends the reader processes; pages still being read are given up."""
        self._pool.stop()
        with contextlib.suppress(TimeoutError):
            self._pool.join(timeout=10)


def _unreadable(page: Page, reason: str) -> Reading:
    return Reading(url=page.url, unreadable=reason)


def _start(memory_mb: int) -> None:
    # Ctrl-C reaches the whole process group; the one that asked for pages decides when to end
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    wall = memory_mb * 1024 * 1024 + _GROUND
    if allowed != resource.RLIM_INFINITY:
        wall = min(wall, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (wall, wall))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    spare_collector()


def _limited(limit: float, function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What the function returns; after `limit` seconds the alarm ends the process, even in C code."""
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        return function(*arguments, **options)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def spare_collector() -> None:
    """Sets the process up for reading pages, which leaves no cycles behind: the collector has little to do."""
    # what the libraries brought along lives as long as the process: nothing for the collector to look through
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _read(page: Page, *, links: bool, problems: bool) -> Reading:
    try:
        return read_page(page, links=links, problems=problems)
    except MemoryError:
        # the message of the real one may not pickle
        raise MemoryError from None
    except RecursionError:
        return _unreadable(page, "its markup is nested too deep")
