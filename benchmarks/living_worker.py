"""A worker that lives, with a fresh database and a clock that can be put forward, for `benchmarks.crawl`.

Loads nothing before it is used: reader processes load the main module of their parent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.processes import cpu_seconds

LOOPBACK = ("127.0.0.0/8",)
#: requests under way at a time, as many as Scrapy makes by default at one host
CONCURRENCY = 8
#: needs a reader process
_NAMES_POSTING = b"<script type='application/ld+json'>\"JobPosting\"</script>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What one visit cost; `cpu` in seconds, `bytes` as they came over the wire."""

    cpu: float
    requests: int
    bytes: int
    events: int


class World:
    """A fresh database, and a clock that can be put forward."""

    def __init__(self, folder: str) -> None:
        from storage.engine import connect
        from storage.schema import upgrade

        self.database = f"sqlite:///{folder}/hirewatch.sqlite"
        self.engine = connect(self.database)
        upgrade(self.engine)
        self.ahead = timedelta()

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def add(self, name: str, url: str) -> Any:
        from storage import sites

        return sites.add(self.engine, name=name, start_url=url, every=timedelta(hours=1), now=self.clock())

    async def visit(self, worker: Any, site: Any) -> Visited:
        """A visit of the schedule, an hour after the one before."""
        from storage import sites

        self.ahead += timedelta(hours=1)
        sites.request_visit(self.engine, site.id, self.clock())
        due = sites.find(self.engine, site.name)
        before = cpu_seconds()
        summary = await worker.visit(due, scheduled=True)
        cost = cpu_seconds() - before
        assert summary is not None
        assert summary.outcome == "complete", summary
        return Visited(
            cpu=cost,
            requests=summary.requests,
            bytes=summary.bytes,
            events=summary.opened + summary.changed + summary.closed + summary.reopened,
        )


def work(
    url: str | None, folder: str, main: Callable[[Any, World], Coroutine[Any, Any, dict[str, Any]]]
) -> dict[str, Any]:
    """What `main` returns, run in a worker that has asked for a page at `url` and read one before."""
    from crawler.pages import Page
    from scheduler.protocol import WorkerSettings
    from scheduler.worker import run

    world = World(folder)
    settings = WorkerSettings(database=world.database, delay=0.0, concurrency=CONCURRENCY, allow_addresses=LOOPBACK)

    async def warm(worker: Any) -> dict[str, Any]:
        if url is not None:
            await asked(worker.equipment.runner, url, [f"{url}robots.txt"])
        await worker.equipment.readers.read(Page(url="http://site.example/", body=_NAMES_POSTING))
        return await main(worker, world)

    result: dict[str, Any] = run(settings, warm, clock=world.clock)
    return result


async def asked(runner: Any, url: str, wanted: Sequence[str]) -> dict[str, Any]:
    """A crawl by the spider of visits that does nothing with the answers."""
    from scrapy.crawler import Crawler

    from crawler.gate import Gate
    from crawler.hosts import Hosts
    from crawler.spiders.visit import VisitSpider
    from postings.sites import Known

    answered = 0
    began = 0.0

    async def work(spider: VisitSpider) -> None:
        nonlocal answered, began
        began = cpu_seconds()
        waiting = iter(wanted)

        async def ask() -> None:
            nonlocal answered
            for address in waiting:
                answer = await spider.ask(address)
                answered += answer.ok

        await asyncio.gather(*(ask() for _ in range(CONCURRENCY)))

    settings = runner.settings.copy()
    settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", CONCURRENCY, priority="cmdline")
    gate = Gate(Hosts(), delay=0.0, concurrency=CONCURRENCY)
    crawler = Crawler(VisitSpider, settings)
    await runner.crawl(
        crawler, start_url=url, work=work, clock=lambda: datetime.now(UTC), known=Known(), gate=gate, delay=0.0
    )
    await gate.close()
    return {"cpu": cpu_seconds() - began, "requests": answered}
