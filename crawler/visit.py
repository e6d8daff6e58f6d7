"""Runs a visit, or asks for one page, as a Scrapy crawl of its own in the loop of whoever owns it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from scrapy.crawler import AsyncCrawlerProcess, AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings, SettingsAttribute

from crawler.answers import Answer, Trouble
from crawler.batches import Batches
from crawler.chromium import chromium
from crawler.connection import Connection, Limits
from crawler.gate import Gate
from crawler.hosts import Hosts
from crawler.keeping import Keep, Keeping
from crawler.pages import Page
from crawler.readers import Readers
from crawler.sources.known_sitemaps import SitemapFiles
from crawler.spiders.visit import VisitSpider
from crawler.visiting import Progress, Visiting
from network.resolver import ALLOW_ADDRESSES
from postings import urls
from postings.errors import NetworkError, UsageError
from postings.sightings import Seen
from postings.sites import Known, Site
from postings.visits import VisitReport

T = TypeVar("T")

log = logging.getLogger(__name__)

Runner = AsyncCrawlerProcess | AsyncCrawlerRunner

#: how long a stopped crawl may take to hang up before it is left to do so by itself
_GRACE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a process lends to its crawls."""

    runner: Runner
    #: the gate that all its requests pass
    hosts: Hosts
    #: the time, aware
    clock: Callable[[], datetime]
    limits: Limits = field(default_factory=Limits)
    #: what its visits read of sitemaps
    sitemaps: SitemapFiles = field(default_factory=SitemapFiles)


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


class CrawlSettings(Settings):
    """Settings whose copies share their values, which nothing changes: Scrapy would copy each of them, down to the last
    name in a table of middlewares, twice a crawl. That was a sixth of a small visit."""

    def copy(self) -> CrawlSettings:
        """The same settings; what is set in one of them stays there."""
        copied = CrawlSettings.__new__(CrawlSettings)
        copied.frozen = self.frozen
        copied.attributes = {name: SettingsAttribute(one.value, one.priority) for name, one in self.attributes.items()}
        return copied


def crawl_settings(allow_addresses: Sequence[str] = ()) -> Settings:
    """The settings of a process that crawls; `allow_addresses` are CIDRs that the address policy lets through."""
    settings = CrawlSettings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set(ALLOW_ADDRESSES, list(allow_addresses), priority="cmdline")
    return settings


async def visit_site(
    site: Site,
    known: Known,
    record: Callable[[Sequence[Seen]], Awaitable[None]],
    *,
    means: Means,
    readers: Readers,
    progress: Callable[[Progress], None] | None = None,
    stop: asyncio.Event | None = None,
    keep: Keep | None = None,
) -> VisitReport:
    """Visits a site and hands what it sees to `record`, batch by batch.

    Returns the report when the visit has ended, at most two seconds after `stop` was set. What the site does is told
    by the report. `keep` is handed every answer whole. Raises what `record` and `keep` raise (the visit ends there and
    then), and UsageError for a start URL that is no web address.
    """
    start_url = _web_address(site.start_url)
    connections: list[Connection] = []
    visiting = Visiting(
        site,
        known,
        start_url=start_url,
        connection=lambda: connections[0],
        batches=Batches(record),
        readers=readers,
        limits=means.limits,
        clock=means.clock,
        progress=progress,
        sitemaps=means.sitemaps,
    )
    executable = chromium(means.runner.settings.get("HIREWATCH_BROWSER", "")) if site.render else None

    async def work(spider: VisitSpider) -> VisitReport:
        connections.append(Keeping(spider, keep) if keep else spider)
        async with _browser(means, spider, executable):
            await visiting.run()
        return visiting.report()

    watch = asyncio.ensure_future(_stop_when(stop, visiting)) if stop is not None else None
    try:
        return await _worked(means, start_url, work, known=known, stop=stop)
    finally:
        if watch is not None:
            watch.cancel()
        # where whoever waits for it does not any more
        visiting.stop("cancelled")


async def _worked(
    means: Means,
    start_url: str,
    work: Callable[[VisitSpider], Awaitable[T]],
    *,
    known: Known,
    stop: asyncio.Event | None,
) -> T:
    """What `work` returns or raises, at once when it does: a crawl that was stopped may hang up by itself."""
    ended: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    async def whole(spider: VisitSpider) -> None:
        try:
            result = await work(spider)
        except Exception as error:
            if not ended.done():
                ended.set_exception(error)
        else:
            if not ended.done():
                ended.set_result(result)

    gate = _gate(means, insist=means.limits.thorough)
    crawl = _crawl(means, start_url, whole, known=known, gate=gate, delay=means.limits.delay)
    try:
        either: set[asyncio.Future[Any]] = {crawl, ended}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        await gate.close()
        if not ended.done():
            await crawl  # raises what kept the crawl from starting
            raise NetworkError("the crawl ended before the visit did", subject=start_url)
        await _close(crawl, patient=stop is None or not stop.is_set())
        return ended.result()
    finally:
        await gate.close()
        if ended.done() and not ended.cancelled():
            ended.exception()


async def fetch_page(url: str, means: Means) -> Fetched:
    """Asks for one page with the manners and the policy of a visit. Raises UsageError if it is no web address."""
    start_url = _web_address(url)
    answers: list[Answer] = []

    async def work(spider: VisitSpider) -> None:
        answer = await spider.ask(start_url, repeat=False)
        if answer.trouble is Trouble.CONNECTION:
            # a server may close a connection that it let us keep, at any time (RFC 9112 §9.5)
            answer = await spider.ask(start_url, repeat=False)
        answers.append(answer)

    gate = _gate(means, insist=True)
    try:
        await _crawl(means, start_url, work, known=Known(), gate=gate)
    finally:
        await gate.close()
    if not answers:
        raise NetworkError("the crawl ended without an answer", subject=start_url)
    answer = answers[0]
    readable = answer.trouble is None and answer.status is not None and 200 <= answer.status < 300 and answer.whole
    problem = "" if readable else (answer.summary if answer.whole or answer.trouble else "the answer was cut off")
    return Fetched(url=answer.url, status=answer.status, page=answer.page if readable else None, problem=problem)


def _gate(means: Means, *, insist: bool) -> Gate:
    limits = means.limits
    return Gate(means.hosts, delay=limits.delay, concurrency=limits.concurrency, insist=insist)


def _crawl(
    means: Means, start_url: str, work: Callable[[VisitSpider], Awaitable[None]], **arguments: Any
) -> asyncio.Task[None]:
    """Starts a crawl of its own; numbers go by settings, objects as arguments of the spider."""
    settings, limits = means.runner.settings.copy(), means.limits
    if not settings.getint("HIREWATCH_HEADER_LIMIT"):
        raise RuntimeError(
            "the runner was not made with crawl_settings(): robots, scope and address policy are missing"
        )
    for name, value in (
        ("CONCURRENT_REQUESTS_PER_DOMAIN", limits.concurrency),
        ("CONCURRENT_REQUESTS", max(2, limits.concurrency)),
        ("DOWNLOAD_TIMEOUT", limits.timeout),
        ("DOWNLOAD_MAXSIZE", limits.max_bytes),
        ("HIREWATCH_SITEMAP_MAXSIZE", limits.sitemap_max_bytes),
        ("HIREWATCH_RETRY_WAIT", max(0.05, limits.delay)),
    ):
        settings.set(name, value, priority="cmdline")
    return means.runner.crawl(
        Crawler(VisitSpider, settings), start_url=start_url, work=work, clock=means.clock, **arguments
    )


@asynccontextmanager
async def _browser(means: Means, spider: VisitSpider, executable: str | None) -> AsyncIterator[None]:
    """The browser of a visit, where `executable` names one: it starts with the first page, and ends with the visit."""
    if executable is None:
        yield
        return
    # Only where the extra is installed, and only when it is needed.
    from crawler.browser import Browser

    spider.browser = Browser(
        means.runner,
        start_url=spider.start_url,
        seconds=means.limits.timeout,
        most_bytes=means.limits.bytes,
        largest=means.limits.max_bytes,
        allows=spider.may_script_ask,
        executable=executable,
    )
    try:
        yield
    finally:
        await spider.browser.close()


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
            log.warning("crawl.not-closed error=%s", error)


def _web_address(url: str) -> str:
    parsed = urls.parse(url)
    if parsed is None:
        raise UsageError(
            "this is no web address that can be visited",
            subject=url[:200],
            remedy="give an address that begins with https:// or http://",
        )
    return parsed
