"""The process that visits: it owns Twisted's reactor and the asyncio loop, and runs one Scrapy Crawler a visit.

The command line runs it in the foreground (`run_once`, or `run` with a main of its own), the service runs it as a
subprocess that takes orders on its standard input (`serve_stdin`, `python -m scheduler`).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, TextIO, TypeVar

from scrapy.crawler import AsyncCrawlerProcess

from crawler.connection import Limits
from crawler.hosts import Hosts
from crawler.process import run_crawling
from crawler.readers import Readers
from crawler.visiting import Progress
from postings.errors import HirewatchError, LeaseLost, NotFoundError
from postings.sites import Site
from postings.visits import VisitSummary
from scheduler import logs
from scheduler.clocks import common, keep_right
from scheduler.hosts import SharedHosts
from scheduler.memory import TOO_LITTLE, lacks_memory
from scheduler.ownership import owner
from scheduler.protocol import Done, Fate, Order, Taken, WorkerSettings
from scheduler.threads import StorageThread, utc_now
from scheduler.visits import Equipment, run_visit
from storage import sites
from storage.engine import connect
from storage.ledger import Ledger

T = TypeVar("T")

log = logging.getLogger(__name__)

#: seconds that crawlers have to end once the work is done or was stopped
CRAWLER_GRACE = 2.0
#: an order is a short line; a longer one is none
_LINE_LIMIT = 64 * 1024


class Worker:
    """The visits of one process: many at a time, never two to one host."""

    def __init__(self, equipment: Equipment, *, visits: int, stop: asyncio.Event) -> None:
        self.equipment = equipment
        #: set once the process was asked to end: running visits stop, no further one begins
        self.stop = stop
        self._places = asyncio.Semaphore(visits)

    async def visit(
        self,
        site: Site,
        *,
        scheduled: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> VisitSummary | None:
        """One visit, once there is a place for it; see `run_visit`. None also if the process ends before that."""
        async with self._places:
            if self.stop.is_set():
                return None
            return await run_visit(
                site, equipment=self.equipment, stop=self.stop, scheduled=scheduled, progress=progress
            )

    async def visit_all(
        self,
        wanted: Iterable[Site],
        *,
        progress: Callable[[Site, Progress], None] | None = None,
        finished: Callable[[VisitSummary], None] | None = None,
        busy: Callable[[Site], None] | None = None,
    ) -> list[VisitSummary]:
        """Visits each site once, hosts side by side, and returns the visits in the order of `wanted`.

        Postings past their validThrough are closed first. `finished` hears of each visit as it ends, `busy` of each
        site that another process is visiting; such a site has no visit in the answer. An error of one visit is
        raised when the others are done.
        """
        await self.equipment.store(self.equipment.ledger.expire, self.equipment.clock())
        order = list(wanted)
        visited: dict[int, VisitSummary] = {}

        async def one_host(group: Sequence[Site]) -> None:
            for site in group:
                told = (lambda step, site=site: progress(site, step)) if progress else None
                summary = await self.visit(site, progress=told)
                if summary is not None:
                    visited[site.id] = summary
                    if finished:
                        finished(summary)
                elif busy and not self.stop.is_set():
                    busy(site)

        hosts: dict[str, list[Site]] = defaultdict(list)
        for site in order:
            hosts[site.host_key].append(site)
        ends = await asyncio.gather(*(one_host(group) for group in hosts.values()), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return [visited[site.id] for site in order if site.id in visited]


def run(
    settings: WorkerSettings,
    main: Callable[[Worker], Awaitable[T]],
    *,
    clock: Callable[[], datetime] = utc_now,
    rng: Random | None = None,
) -> T:
    """Runs `main(worker)` as the owner of this process and returns what it returns.

    Once a process only, in its main thread: a reactor cannot be started twice. SIGINT and SIGTERM set the worker's
    `stop`; after that, KeyboardInterrupt is raised when `main` has ended. A second signal ends the process at once.
    """
    interrupted: list[int] = []

    async def whole(process: AsyncCrawlerProcess) -> T:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()

        def asked_to_end(number: int) -> None:
            if interrupted:
                os._exit(128 + number)
            interrupted.append(number)
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, asked_to_end, number)
        # Scrapy has set its own levels when the process object was made
        for name, level in (("", settings.log_level), ("scrapy", "ERROR"), ("twisted", "ERROR")):
            logging.getLogger(name).setLevel(level)
        process.settings.set("HIREWATCH_BROWSER", settings.browser, priority="cmdline")
        if settings.user_agent:
            process.settings.set("USER_AGENT", settings.user_agent, priority="cmdline")
        return await _equipped(settings, process, main, stop, clock=clock, rng=rng or Random())

    result = run_crawling(whole, allow_addresses=settings.allow_addresses)
    if interrupted:
        raise KeyboardInterrupt
    return result


def run_once(
    wanted: Sequence[Site],
    settings: WorkerSettings,
    *,
    progress: Callable[[Site, Progress], None] | None = None,
    finished: Callable[[VisitSummary], None] | None = None,
    busy: Callable[[Site], None] | None = None,
) -> list[VisitSummary]:
    """Visits each site once in this process; see `Worker.visit_all` and `run` for what is told and raised."""

    async def main(worker: Worker) -> list[VisitSummary]:
        return await worker.visit_all(wanted, progress=progress, finished=finished, busy=busy)

    return run(settings, main)


def serve_stdin() -> int:
    """Takes settings and then orders from standard input, answers on standard output; returns the exit code.

    With `settings.shared`, visits come from the queue in the database, and standard input tells only when to end. Ends
    at the end of the input, and at SIGTERM; running visits are stopped and kept as partial.
    """
    settings = WorkerSettings.from_json(_first_line())
    logs.start(settings.log_format, settings.log_level)
    answers = _answers()

    async def main(worker: Worker) -> None:
        asyncio.get_running_loop().set_exception_handler(_unhandled)
        if settings.shared:
            await _take_from_queue(worker, settings, await _orders(), answers)
        else:
            await _take_orders(worker, await _orders(), answers)

    with contextlib.suppress(KeyboardInterrupt):
        run(settings, main)
    return 0


def _unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What fails in a callback is logged; without memory for it the loop would call it again and again for ever."""
    error = context.get("exception")
    if isinstance(error, BaseException) and lacks_memory(error):
        log.critical("worker.ended: %s", TOO_LITTLE)
        # the service begins a new one, and visits keep what they have recorded
        os._exit(1)
    loop.default_exception_handler(context)


async def _take_orders(worker: Worker, orders: asyncio.StreamReader, answers: TextIO) -> None:
    running: set[asyncio.Task[None]] = set()

    async def fulfil(order: Order) -> None:
        _answer(worker, await _fulfil(worker, order), answers)

    async def read() -> None:
        while True:
            try:
                # ValueError too if the line is too long
                line = await orders.readline()
                if not line:
                    return
                order = Order.from_json(line.decode())
            except ValueError as error:
                log.error("order.unreadable: %s", type(error).__name__)
                continue
            task = asyncio.ensure_future(fulfil(order))
            running.add(task)
            task.add_done_callback(running.discard)

    reading, stopped = asyncio.ensure_future(read()), asyncio.ensure_future(worker.stop.wait())
    await asyncio.wait([reading, stopped], return_when=asyncio.FIRST_COMPLETED)
    worker.stop.set()
    if reading.done() and (error := reading.exception()) is not None:
        log.error("orders.broke", exc_info=error)
    reading.cancel()
    await asyncio.wait([reading, stopped, *running])


async def _take_from_queue(
    worker: Worker, settings: WorkerSettings, orders: asyncio.StreamReader, answers: TextIO
) -> None:
    from scheduler.taking import take_visits  # an extra

    async def perform(order: Order) -> Done:
        _answer(worker, Taken(order.site), answers)
        done = await _fulfil(worker, order)
        _answer(worker, done, answers)
        return done

    async def end_with_service() -> None:
        while await orders.read(_LINE_LIMIT):
            pass
        worker.stop.set()

    ending = asyncio.ensure_future(end_with_service())
    await take_visits(settings, worker.equipment.engine, perform, worker.stop)
    ending.cancel()


def _answer(worker: Worker, answer: Taken | Done, answers: TextIO) -> None:
    try:
        print(answer.to_json(), file=answers, flush=True)
    except BrokenPipeError:
        worker.stop.set()


async def _fulfil(worker: Worker, order: Order) -> Done:
    equipment = worker.equipment
    try:
        site = await equipment.store(sites.find, equipment.engine, order.name)
        summary = await worker.visit(site, scheduled=True)
    except NotFoundError:
        # removed meanwhile, or renamed: then the next order knows its name
        return Done(site=order.site, fate=Fate.NOT_NEEDED)
    except LeaseLost as error:
        return Done(site=order.site, fate=Fate.LOST, problem=str(error))
    except HirewatchError as error:
        log.error("visit.unable site_id=%s: %s", order.site, error)
        return Done(site=order.site, fate=Fate.UNABLE, problem=str(error))
    except Exception as error:
        log.exception("visit.unable site_id=%s", order.site)
        problem = TOO_LITTLE if lacks_memory(error) else f"{type(error).__name__} in the worker"
        return Done(site=order.site, fate=Fate.UNABLE, problem=problem)
    return Done(site=order.site, fate=Fate.VISITED if summary else Fate.NOT_NEEDED, summary=summary)


async def _equipped(
    settings: WorkerSettings,
    process: AsyncCrawlerProcess,
    main: Callable[[Worker], Awaitable[T]],
    stop: asyncio.Event,
    *,
    clock: Callable[[], datetime],
    rng: Random,
) -> T:
    engine = connect(settings.database)
    readers = Readers(processes=settings.readers, deadline=settings.reader_deadline, memory_mb=settings.reader_memory)
    store = StorageThread()
    clock = common(engine, clock)
    keeping_right = asyncio.ensure_future(keep_right(clock, store))
    lease = timedelta(seconds=settings.lease)
    shared = SharedHosts(engine, store, owner=owner(), pause=settings.delay, clock=clock, ttl=lease)
    equipment = Equipment(
        engine=engine,
        ledger=Ledger(engine),
        store=store,
        runner=process,
        readers=readers,
        limits=_limits(settings),
        hosts=Hosts(shared, clock=clock),
        clock=clock,
        rng=rng,
        lease=lease,
        keep_responses=timedelta(seconds=settings.keep_responses) if settings.keep_responses else None,
        bounds=settings.bounds,
    )
    # What is loaded now stays as long as the process, and what a visit knows stays until its end: the collector of
    # garbage need not look through them again and again.
    gc.freeze()
    gc.set_threshold(10_000)
    try:
        return await main(Worker(equipment, visits=settings.visits, stop=stop))
    finally:
        keeping_right.cancel()
        await _end_crawlers(process)
        await equipment.hosts.close()
        await shared.close()
        readers.close()
        store.close()
        engine.dispose()


async def _end_crawlers(process: AsyncCrawlerProcess) -> None:
    """Leaves no crawler behind: one that is left keeps the reactor from ending."""
    if not process.crawlers:
        return
    stopping = asyncio.ensure_future(process.stop())
    await asyncio.wait([stopping], timeout=CRAWLER_GRACE)
    stopping.cancel()
    for task in list(process._active):
        task.cancel()


def _limits(settings: WorkerSettings) -> Limits:
    return Limits(
        delay=settings.delay,
        concurrency=settings.concurrency,
        pages=settings.pages,
        seconds=settings.seconds,
        timeout=settings.timeout,
    )


def _first_line() -> str:
    """The first line of standard input, byte by byte, so that nothing after it is swallowed by a buffer."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode()


async def _orders() -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), open(0, "rb", buffering=0))  # noqa: SIM115
    return reader


def _answers() -> TextIO:
    """The stream to the service; from here on, whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers
