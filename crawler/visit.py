"""Runs a visit, or asks for one page, as a Scrapy crawl of its own in the loop of whoever owns it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings

from crawler.answers import Answer
from crawler.batches import Batches
from crawler.connection import Limits
from crawler.pages import Page
from crawler.readers import Readers
from crawler.robots import agent_of, read_rules
from crawler.spiders.visit import VisitSpider
from crawler.visiting import Progress, Visiting
from network.resolver import ALLOW_ADDRESSES
from postings import urls
from postings.errors import NetworkError, UsageError
from postings.sightings import Seen
from postings.sites import Known, Site
from postings.visits import VisitReport

__all__ = ["Fetched", "Limits", "Progress", "Runner", "crawl_delay", "crawl_settings", "fetch_page", "visit_site"]

log = logging.getLogger(__name__)

Runner = AsyncCrawlerProcess | AsyncCrawlerRunner

#: how long a stopped crawl may take to hang up before it is left to do so by itself
_GRACE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of asking for one page."""

    #: the final address
    url: str
    status: int | None
    #: None unless it answered 200
    page: Page | None
    #: why there is no page, in words; empty if there is one
    problem: str = ""


def crawl_settings(allow_addresses: Sequence[str] = ()) -> Settings:
    """The settings of a process that crawls; `allow_addresses` are CIDRs that the address policy lets through."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set(ALLOW_ADDRESSES, list(allow_addresses), priority="cmdline")
    return settings


def crawl_delay(start_url: str, known: Known, settings: Settings) -> float:
    """Seconds between two requests that the robots.txt of a site asked for when it was last fetched; 0 if it did not."""
    parsed = urls.parse(start_url)
    answer = known.robots.get(urls.origin(parsed)) if parsed else None
    return 0.0 if answer is None else read_rules(answer, agent_of(settings)).crawl_delay or 0.0


async def visit_site(
    site: Site,
    known: Known,
    record: Callable[[Sequence[Seen]], Awaitable[None]],
    *,
    runner: Runner,
    readers: Readers,
    limits: Limits,
    clock: Callable[[], datetime],
    progress: Callable[[Progress], None] | None = None,
    stop: asyncio.Event | None = None,
) -> VisitReport:
    """Visits a site and hands what it sees to `record`, batch by batch.

    Returns the report when the visit has ended, at most two seconds after `stop` was set. What the site does is told
    by the report. Raises what `record` raises (the visit ends there and then), and UsageError for a start URL that is
    no web address.
    """
    start_url = _web_address(site.start_url)
    spiders: list[VisitSpider] = []
    visiting = Visiting(
        site,
        known,
        start_url=start_url,
        connection=lambda: spiders[0],
        batches=Batches(record),
        readers=readers,
        limits=limits,
        clock=clock,
        progress=progress,
    )
    ended: asyncio.Future[VisitReport] = asyncio.get_running_loop().create_future()

    async def work(spider: VisitSpider) -> None:
        spiders.append(spider)
        try:
            await visiting.run()
        except Exception as error:
            _settle(ended, error)
        else:
            _settle(ended, visiting.report())

    crawl = _crawl(runner, limits, start_url=start_url, known=known, clock=clock, work=work)
    watch = asyncio.ensure_future(_stop_when(stop, visiting)) if stop is not None else None
    try:
        either: set[asyncio.Future[Any]] = {crawl, ended}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await crawl  # raises what kept the crawl from starting
            raise NetworkError("the crawl ended before the visit did", subject=site.name)
        await _close(crawl, patient=stop is None or not stop.is_set())
        return ended.result()
    finally:
        if watch is not None:
            watch.cancel()
        if not ended.done():
            visiting.stop("cancelled")
        elif not ended.cancelled():
            ended.exception()


async def fetch_page(
    url: str,
    *,
    runner: Runner,
    limits: Limits | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Fetched:
    """Asks for one page with the manners and the policy of a visit. Raises UsageError if it is no web address."""
    start_url = _web_address(url)
    answers: list[Answer] = []

    async def work(spider: VisitSpider) -> None:
        answers.append(await spider.ask(start_url, repeat=False))

    crawl = _crawl(runner, limits or Limits(), start_url=start_url, known=Known(), clock=clock, work=work)
    await crawl
    if not answers:
        raise NetworkError("the crawl ended without an answer", subject=start_url)
    answer = answers[0]
    readable = answer.trouble is None and answer.status is not None and 200 <= answer.status < 300 and answer.whole
    problem = "" if readable else (answer.summary if answer.whole or answer.trouble else "the answer was cut off")
    return Fetched(url=answer.url, status=answer.status, page=answer.page if readable else None, problem=problem)


def _crawl(runner: Runner, limits: Limits, **arguments: Any) -> asyncio.Task[None]:
    """Starts a crawl of its own; numbers go by settings, objects as arguments of the spider."""
    settings = runner.settings.copy()
    if not settings.getint("HIREWATCH_HEADER_LIMIT"):
        raise RuntimeError(
            "the runner was not made with crawl_settings(): robots, scope and address policy are missing"
        )
    for name, value in (
        ("DOWNLOAD_DELAY", limits.delay),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", limits.concurrency),
        ("CONCURRENT_REQUESTS", max(2, limits.concurrency)),
        ("DOWNLOAD_TIMEOUT", limits.timeout),
        ("DOWNLOAD_MAXSIZE", limits.max_bytes),
        ("HIREWATCH_SITEMAP_MAXSIZE", limits.sitemap_max_bytes),
        ("HIREWATCH_RETRY_WAIT", max(0.05, limits.delay)),
    ):
        settings.set(name, value, priority="cmdline")
    return runner.crawl(Crawler(VisitSpider, settings), **arguments)


async def _stop_when(stop: asyncio.Event, visiting: Visiting) -> None:
    await stop.wait()
    visiting.stop("stopped")


async def _close(crawl: asyncio.Task[None], *, patient: bool) -> None:
    """Waits for the crawl to hang up; a stopped one may be left to it, since a dead server can take its time."""
    crawl.add_done_callback(_look_at)
    await asyncio.wait({crawl}, timeout=None if patient else _GRACE)


def _look_at(crawl: asyncio.Task[None]) -> None:
    """The visit is told already: what goes wrong while hanging up is logged and changes nothing."""
    with suppress(asyncio.CancelledError):
        if (error := crawl.exception()) is not None:
            log.warning("crawl.closing failed: %r", error)


def _settle(ended: asyncio.Future[VisitReport], outcome: VisitReport | Exception) -> None:
    if ended.done():
        return
    if isinstance(outcome, Exception):
        ended.set_exception(outcome)
    else:
        ended.set_result(outcome)


def _web_address(url: str) -> str:
    parsed = urls.parse(url)
    if parsed is None:
        raise UsageError(
            "this is no web address that can be visited",
            subject=url[:200],
            remedy="give an address that begins with https:// or http://",
        )
    return parsed
