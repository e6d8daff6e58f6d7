"""The shell of a process that crawls: reactor, event loop and resolver, with our own coroutine as its main."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from scrapy.crawler import AsyncCrawlerProcess

from crawler.visit import crawl_settings

T = TypeVar("T")

#: threads of a crawling process that are there from the beginning
_THREADS = 2


def run_crawling(main: Callable[[AsyncCrawlerProcess], Awaitable[T]], *, allow_addresses: Sequence[str] = ()) -> T:
    """Runs `main` in a loop that can crawl and returns what it returns. Once a process: a reactor does not restart.

    `allow_addresses` are CIDRs that the address policy lets through although they are not public. Signals are left
    to `main` (`loop.add_signal_handler`).
    """
    process = AsyncCrawlerProcess(crawl_settings(allow_addresses))
    # after it, as Scrapy sets levels itself
    for name in ("scrapy", "twisted", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # A crawl would import it, now that there is a reactor; but Scrapy looks through all of the stack as it is imported,
    # which is short here: half a second less of each process.
    importlib.import_module("crawler.download")
    loop = asyncio.get_event_loop()

    async def whole() -> T:
        _start_threads()
        return await main(process)

    task = loop.create_task(whole())

    def end(_: object) -> None:
        # The process above has installed it; an earlier import would install another.
        from twisted.internet import reactor

        running: Any = reactor
        running.callLater(0, running.stop)

    task.add_done_callback(end)
    process.start(stop_after_crawl=False, install_signal_handlers=False)
    return task.result()


def _start_threads() -> None:
    """Starts the threads that look up names: a request would wait in vain for one that cannot be started.

    Raises RuntimeError where memory, or the number of threads, does not suffice.
    """
    from twisted.internet import reactor

    running: Any = reactor
    pool = running.getThreadPool()
    try:
        pool.adjustPoolsize(minthreads=_THREADS)
    except RuntimeError:
        # at its end the pool would wait for the one that did not start
        pool.threads = [thread for thread in pool.threads if thread.ident is not None]
        raise
