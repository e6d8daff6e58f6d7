"""A crawling process in which guards can be taken away, one at a time, to see what they keep out."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.connection import Limits
from crawler.spiders.visit import VisitSpider
from tests.crawler.hostile.watching import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One page to ask for."""

    url: str
    #: Scrapy settings that differ, on top of everything
    settings: Mapping[str, Any]
    environment: Mapping[str, str]
    names: Mapping[str, tuple[str, int] | None]
    #: follow the links of the page, too
    clicking: bool


@dataclass(slots=True, kw_only=True)
class Probed:
    """What came of it."""

    #: by address, what was answered with 200 or read from somewhere else
    bodies: dict[str, bytes] = field(default_factory=dict)
    problem: str = ""
    #: ports that the process listened at while the page was there
    ports: set[int] = field(default_factory=set)


class Probing:
    """The process. It trusts `authority` and may contact loopback."""

    def __init__(self, authority: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, str(authority)), daemon=True)
        self._process.start()
        theirs.close()

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join(10)

    def probe(
        self,
        url: str,
        *,
        settings: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        names: Mapping[str, tuple[str, int] | None] | None = None,
        clicking: bool = False,
    ) -> Probed:
        """Asks for a page with these settings in place of ours."""
        self._pipe.send(
            Order(
                url=url,
                settings=settings or {},
                environment=environment or {},
                names=names or {},
                clicking=clicking,
            )
        )
        assert self._pipe.poll(60), "the crawl does not end"
        probed: Probed = self._pipe.recv()
        return probed


class Clicking(VisitSpider):
    """Asks for a page and for what it links to as a plain spider does: through scheduler and spider middlewares."""

    name = "clicking"
    probed: Probed

    async def start(self) -> AsyncIterator[Any]:
        from scrapy import Request

        yield Request(self.start_url, callback=self.parse, errback=self.note)

    def parse(self, response: Any) -> Any:
        self.probed.bodies[response.url] = response.body
        self.probed.ports |= _ports()
        for link in response.css("a::attr(href)").getall():
            yield response.follow(link, callback=self.keep, errback=self.note)

    def keep(self, response: Any) -> None:
        self.probed.bodies[response.url] = response.body

    def note(self, failure: Any) -> None:
        self.probed.problem = str(failure.value) or type(failure.value).__name__

    def is_in_scope(self, url: str) -> bool:
        return True


def _serve(pipe: Any, authority: str) -> None:
    os.environ["SSL_CERT_FILE"] = authority
    from crawler.process import run_crawling

    async def main(runner: Any) -> None:
        from twisted.internet import reactor

        resolver: Any = reactor
        inner, settings = resolver.nameResolver._inner, runner.settings
        loop = asyncio.get_running_loop()
        while (order := await loop.run_in_executor(None, pipe.recv)) is not None:
            resolver.nameResolver._inner = Names(inner, order.names)
            runner.settings = settings.copy()
            for name, value in order.settings.items():
                runner.settings.set(name, value, priority=100)
            os.environ.update(order.environment)
            try:
                pipe.send(await (_click if order.clicking else _fetch)(order.url, runner))
            finally:
                for name in order.environment:
                    del os.environ[name]

    run_crawling(main, allow_addresses=("127.0.0.0/8",))


def _clock() -> datetime:
    return datetime.now(UTC)


async def _fetch(url: str, runner: Any) -> Probed:
    from crawler.hosts import Hosts
    from crawler.visit import Means, fetch_page

    limits = Limits(delay=0.0, timeout=10.0)
    fetched = await fetch_page(url, Means(runner=runner, hosts=Hosts(clock=_clock), clock=_clock, limits=limits))
    bodies = {fetched.url: fetched.page.body} if fetched.page else {}
    return Probed(bodies=bodies, problem=fetched.problem)


async def _click(url: str, runner: Any) -> Probed:
    from scrapy.crawler import Crawler

    from crawler.gate import Gate
    from crawler.hosts import Hosts
    from postings.sites import Known

    probed = Probed()
    gate = Gate(Hosts(clock=_clock), delay=0.0, concurrency=1, insist=True)
    crawler = Crawler(Clicking, runner.settings)
    await runner.crawl(crawler, start_url=url, known=Known(), clock=_clock, gate=gate, probed=probed)
    await gate.close()
    return probed


def _ports() -> set[int]:
    """The TCP ports that this process listens at."""
    mine = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            mine.add(os.readlink(entry))
        except OSError:
            continue
    found = set()
    for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
            found.add(int(fields[1].rsplit(":", 1)[1], 16))
    return found
