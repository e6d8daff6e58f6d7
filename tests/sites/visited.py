"""Visits sites of a collection as `hirewatch add` and `hirewatch visit` do: a worker, a database, real hosts' names.

Everything is real but the addresses: every name lies on loopback, at a server that answers with the collection.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from postings.visits import VisitSummary
from scheduler.protocol import WorkerSettings
from scheduler.worker import Worker, run
from storage import postings, sites
from storage.engine import connect
from storage.schema import upgrade
from tests.crawler.boards.vendors import Answered, Vendors, find_everywhere, start_trusting
from tests.sites.collection import Collection, RealSite

#: the longest that all visits together may take, in seconds
_PATIENCE = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of the visits of one site."""

    site: RealSite
    first: VisitSummary
    #: the same again, an hour later
    second: VisitSummary
    #: how its postings are found, and why so
    source: str | None
    reason: str
    #: address keys of the pages that postings were read from
    pages: tuple[str, ...]

    @property
    def found(self) -> int:
        """Postings that are there after the visits, open or not."""
        return len(self.pages)

    @property
    def events(self) -> int:
        """What is said to have happened between two visits of a site that did not change."""
        second = self.second
        return second.opened + second.changed + second.closed + second.reopened

    @property
    def missed(self) -> frozenset[str]:
        """Pages with postings that were not found."""
        return self.site.pages - frozenset(self.pages)

    @property
    def made_up(self) -> frozenset[str]:
        """Pages that were taken for postings' and are none."""
        return frozenset(self.pages) - self.site.pages if self.site.pages else frozenset()

    @property
    def is_right(self) -> bool:
        """Every posting that is there was found and nothing else, in the way that is right, and nothing happens
        later."""
        source = self.site.source is None or self.source == self.site.source
        return source and self.found == self.site.expected and not self.missed and not self.made_up and not self.events


class Visits:
    """The visits of a collection's sites, by kind; each kind once."""

    def __init__(self, collection: Collection, folder: Callable[[], Path]) -> None:
        """`folder` makes an empty folder for a database and certificates."""
        self._collection = collection
        self._folder = folder

    def __call__(self, kind: str, *, only: Sequence[str] = ()) -> list[Outcome]:
        """What came of the sites that a method of the collection gives, or of those of these names."""
        wanted = [site for site in getattr(self._collection, kind)() if not only or site.name in only]
        return visit_all(wanted, self._folder())


def told(one: Outcome) -> str:
    """What came of a site, in a line."""
    parts = [f"{one.site.name}: {one.found} of {one.site.expected} found by {one.source or 'nothing'} ({one.reason})"]
    if one.site.source and one.source != one.site.source:
        parts.append(f"it should be by {one.site.source}")
    for what, pages in (("missed", one.missed), ("no posting", one.made_up)):
        if pages:
            parts.append(f"{what}: {', '.join(sorted(pages)[:5])}")
    if one.events:
        parts.append(f"{one.events} events in the second visit")
    return "; ".join(parts)


def visit_all(wanted: Sequence[RealSite], folder: Path) -> list[Outcome]:
    """Serves the sites and visits each of them twice, an hour apart by the worker's clock."""
    hosts = {urlsplit(url).hostname or "" for site in wanted for url in (site.start, *site.answers, *site.posted)}
    server = Vendors(folder, sorted(hosts))
    try:
        for site in wanted:
            for url, body in site.answers.items():
                server.put(url, Answered(body, headers={"Content-Type": _kind(body)}))
            for url, answers in site.posted.items():
                for sent, body in answers.items():
                    server.put(url, body, sent)
        return _in_a_process(wanted, server, folder)
    finally:
        server.close()


def _kind(body: bytes) -> str:
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return "application/json"
    if start.startswith(b"<?xml") and b"<html" not in start:
        return "application/xml"
    return "text/html; charset=utf-8" if start.startswith(b"<") else "text/plain"


def _in_a_process(wanted: Sequence[RealSite], server: Vendors, folder: Path) -> list[Outcome]:
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    starts = {site.name: site.start for site in wanted}
    process = context.Process(target=_visits, args=(theirs, starts, server.ports, str(folder)))
    start_trusting(process, server.authority)
    theirs.close()
    try:
        assert pipe.poll(_PATIENCE), "the visits do not end"
        told: dict[str, dict[str, Any]] = pipe.recv()
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()
    return [Outcome(site=site, **told[site.name]) for site in wanted]


def _visits(pipe: Any, starts: Mapping[str, str], ports: Mapping[int, int], folder: str) -> None:
    database = f"sqlite:///{folder}/hirewatch.sqlite"
    engine = connect(database)
    upgrade(engine)
    ahead = timedelta()

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    for name, start in starts.items():
        sites.add(engine, name=name, start_url=start, every=timedelta(hours=1), now=clock())

    async def both(worker: Worker) -> list[list[VisitSummary]]:
        nonlocal ahead
        find_everywhere(ports)
        rounds = []
        for _ in range(2):
            rounds.append(await worker.visit_all([sites.find(engine, name) for name in starts]))
            ahead += timedelta(hours=1)
        return rounds

    settings = WorkerSettings(database=database, delay=0.0, concurrency=4, allow_addresses=("127.0.0.0/8",))
    first, second = run(settings, both, clock=clock)
    told = {}
    for before, after in zip(first, second, strict=True):
        site = sites.find(engine, before.site)
        found = postings.search(engine, state="all", site_id=site.id)
        told[site.name] = {
            "first": before,
            "second": after,
            "source": site.source.kind.value if site.source else None,
            "reason": site.source.reason if site.source else "; ".join(before.notes) or (before.reason or ""),
            "pages": tuple(one.page for one in found),
        }
    engine.dispose()
    pipe.send(told)
