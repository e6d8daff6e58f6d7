"""Visits for tests: one child process owns a reactor and runs what it is told, so that no test needs its own.

`Crawling.visit` takes what `visit_site` takes and returns what came of it; sites are servers of the test itself.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.connection import Limits
from crawler.visit import Fetched
from crawler.visiting import Progress
from postings import urls
from postings.errors import LeaseLost
from postings.sightings import Seen, Sighting, Unchanged
from postings.sites import Health, Known, KnownPage, Site, Source
from postings.visits import VisitReport

LOOPBACK = ("127.0.0.0/8",)
FAST = Limits(delay=0.0, concurrency=4, timeout=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One visit to make."""

    site: Site
    known: Known
    limits: Limits
    allow: tuple[str, ...]
    #: end it once this many pages were asked for; 0 = never
    stop_after: int
    #: `record` raises LeaseLost
    lease_lost: bool
    #: the reader processes are closed beforehand
    readers_gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What came of a visit."""

    report: VisitReport | None
    batches: tuple[tuple[Seen, ...], ...] = ()
    progress: tuple[Progress, ...] = ()
    error: str | None = None
    #: seconds from the stop to the return of `visit_site`
    stopped_in: float | None = None

    @property
    def seen(self) -> list[Seen]:
        return [one for batch in self.batches for one in batch]

    @property
    def sightings(self) -> list[Sighting]:
        return [one for one in self.seen if isinstance(one, Sighting)]

    @property
    def unchanged(self) -> list[Unchanged]:
        return [one for one in self.seen if isinstance(one, Unchanged)]

    @property
    def titles(self) -> set[str | None]:
        return {one.posting.title for one in self.sightings}

    @property
    def told(self) -> VisitReport:
        assert self.report is not None, self.error
        return self.report


class Crawling:
    """The child process."""

    def __init__(
        self, allow: tuple[str, ...] = LOOPBACK, names: Mapping[str, Sequence[Sequence[str]]] | None = None
    ) -> None:
        """`names` are host names with what each look-up in turn gives; the last answer stays."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, allow, dict(names or {})), daemon=False)
        self._process.start()
        theirs.close()
        self._allow = allow

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
            raise AssertionError("the crawling process did not end")

    def kill(self) -> None:
        """Ends the process as the kernel does when memory runs out."""
        self._process.kill()
        self._process.join(10)

    def visit(self, start_url: str, **options: Any) -> Visited:
        """Visits the site of `start_url`; takes what `order` takes."""
        self.order(start_url, **options)
        return self.answer()

    def answer(self) -> Visited:
        """What came of the visit that was ordered."""
        assert self._pipe.poll(110), "the visit does not end"
        answer: Visited = self._pipe.recv()
        return answer

    def order(
        self,
        start_url: str,
        *,
        source: Source | None = None,
        known: Known | None = None,
        limits: Limits = FAST,
        stop_after: int = 0,
        lease_lost: bool = False,
        readers_gone: bool = False,
        health: Health | None = None,
        render: bool = False,
    ) -> None:
        """Begins to visit the site of `start_url`; `answer` gives what came of it."""
        site = Site(
            id=1,
            name="site",
            start_url=start_url,
            host_key=urls.host_key(start_url),
            source=source,
            render=render,
            health=health or Health(last_complete_at=datetime.now(UTC) - timedelta(hours=1)),
            added_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        order = Order(
            site=site,
            known=known or Known(),
            limits=limits,
            allow=self._allow,
            stop_after=stop_after,
            lease_lost=lease_lost,
            readers_gone=readers_gone,
        )
        self._pipe.send(order)

    def fetch(self, url: str) -> Fetched:
        """Asks for one page as `inspect` does."""
        self._pipe.send(url)
        assert self._pipe.poll(60)
        answer: Fetched = self._pipe.recv()
        return answer

    def peak_megabytes(self) -> int:
        """The most memory that the process has held so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    def again(self, before: Visited, start_url: str, **options: Any) -> Visited:
        """A second visit of a site that remembers what the first one saw."""
        return self.visit(start_url, source=before.told.source, known=remembered(before), **options)


def remembered(*visits: Visited) -> Known:
    """What storage would hand over after these visits: the pages of the postings that they saw."""
    pages: dict[str, KnownPage] = {}
    for visited in visits:
        for one in visited.seen:
            page = one.page
            pages[page.address] = KnownPage(
                url=page.url,
                etag=page.etag,
                last_modified=page.last_modified,
                body_hash=page.body_hash,
                last_read_at=page.at,
                lastmod=page.lastmod,
                via=page.via,
            )
    robots = {origin: answer for visited in visits for origin, answer in visited.told.robots.items()}
    return Known(pages=pages, robots=robots)


@dataclass(slots=True)
class _Notes:
    batches: list[tuple[Seen, ...]] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    stopped_at: float | None = None


class _Names:
    """Looks up names in a table; every look-up moves a name to its next answer."""

    def __init__(self, inner: Any, names: dict[str, Sequence[Sequence[str]]]) -> None:
        self._inner = inner
        self._names = {name: deque(answers) for name, answers in names.items()}

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *rest: Any, **options: Any) -> Any:
        from twisted.internet._resolver import HostResolution
        from twisted.internet.address import IPv4Address, IPv6Address

        answers = self._names.get(host)
        if answers is None:
            return self._inner.resolveHostName(receiver, host, port, *rest, **options)
        resolution = HostResolution(host)
        receiver.resolutionBegan(resolution)
        for address in answers.popleft() if len(answers) > 1 else answers[0]:
            receiver.addressResolved((IPv6Address if ":" in address else IPv4Address)("TCP", address, port))
        receiver.resolutionComplete()
        return resolution


def _serve(pipe: Any, allow: tuple[str, ...], names: dict[str, Sequence[Sequence[str]]]) -> None:
    from crawler.process import run_crawling
    from crawler.readers import Readers
    from crawler.visit import fetch_page

    async def main(runner: Any) -> None:
        from twisted.internet import reactor

        # Beneath the policy, where the world's name servers are.
        resolver: Any = reactor
        resolver.nameResolver._inner = _Names(resolver.nameResolver._inner, names)
        readers = Readers(processes=1)
        loop = asyncio.get_running_loop()
        try:
            while (order := await loop.run_in_executor(None, pipe.recv)) is not None:
                if isinstance(order, str):
                    pipe.send(await fetch_page(order, _means(runner, FAST)))
                else:
                    pipe.send(await _visit(order, runner, readers))
        finally:
            readers.close()

    run_crawling(main, allow_addresses=allow)


def _means(runner: Any, limits: Limits) -> Any:
    from crawler.hosts import Hosts
    from crawler.visit import Means

    def clock() -> datetime:
        return datetime.now(UTC)

    return Means(runner=runner, hosts=Hosts(clock=clock), clock=clock, limits=limits)


async def _visit(order: Order, runner: Any, readers: Any) -> Visited:
    from crawler.visit import visit_site

    loop, notes, stop = asyncio.get_running_loop(), _Notes(), asyncio.Event()

    async def record(batch: Sequence[Seen]) -> None:
        if order.lease_lost:
            raise LeaseLost("another worker has the site")
        notes.batches.append(tuple(batch))

    def progress(now: Progress) -> None:
        notes.progress.append(now)
        if order.stop_after and now.asked >= order.stop_after and notes.stopped_at is None:
            notes.stopped_at = loop.time()
            stop.set()

    if order.readers_gone:
        from crawler.readers import Readers

        readers = Readers(processes=1)
        readers.close()
    report, error = None, None
    try:
        report = await visit_site(
            order.site,
            order.known,
            record,
            means=_means(runner, order.limits),
            readers=readers,
            progress=progress,
            stop=stop,
        )
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    return Visited(
        report=report,
        batches=tuple(notes.batches),
        progress=tuple(notes.progress),
        error=error,
        stopped_in=loop.time() - notes.stopped_at if notes.stopped_at is not None else None,
    )
