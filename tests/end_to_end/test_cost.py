"""What visits to a site of 200 postings cost once it is known: real HTTP, a real worker, a clock that is moved by
hand."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from postings.sites import Site
from postings.visits import Outcome, VisitSummary
from tests.sites.scripted import ScriptedSite

pytestmark = pytest.mark.slow

POSTINGS = 200


class Watcher:
    """A worker in a process of its own that visits one site, an hour after the last time unless told otherwise."""

    def __init__(self, folder: Path, url: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, f"sqlite:///{folder}/hirewatch.sqlite", url))
        self._process.start()

    def visit(self, hours: float = 1) -> VisitSummary:
        self._pipe.send(hours)
        assert self._pipe.poll(90), "the visit does not end"
        summary, self.site = self._pipe.recv()
        assert isinstance(summary, VisitSummary)
        assert isinstance(self.site, Site)
        return summary

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join(10)
        assert self._process.exitcode == 0


def _work(pipe: Any, database: str, url: str) -> None:
    import asyncio

    from scheduler.protocol import WorkerSettings
    from scheduler.worker import Worker, run
    from storage import sites
    from storage.engine import connect
    from storage.schema import upgrade

    engine = connect(database)
    upgrade(engine)
    ahead = timedelta()

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    sites.add(engine, name="acme", start_url=url, every=None, now=clock())

    async def visits(worker: Worker) -> None:
        nonlocal ahead
        while (hours := await asyncio.to_thread(pipe.recv)) is not None:
            ahead += timedelta(hours=hours)
            site = sites.find(engine, "acme")
            sites.request_visit(engine, site.id, clock())
            summary = await worker.visit(site, scheduled=True)
            pipe.send((summary, sites.find(engine, "acme")))

    settings = WorkerSettings(database=database, delay=0.0, concurrency=4, allow_addresses=("127.0.0.0/8",))
    run(settings, visits, clock=clock)
    engine.dispose()


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with ScriptedSite(POSTINGS, layout="sitemap") as site:
        yield site


@pytest.fixture
def watcher(site: ScriptedSite, tmp_path: Path) -> Iterator[Watcher]:
    watcher = Watcher(tmp_path, site.url)
    yield watcher
    watcher.close()


def freeze_sitemap(site: ScriptedSite) -> None:
    """Its sitemap stays as it is, whatever becomes of the pages."""
    frozen = site.sitemap("/sitemap.xml")
    site._damage("sitemap", lambda request, answer: replace(frozen))


def test_a_site_that_has_earned_trust_costs_its_list_and_a_sample(site: ScriptedSite, watcher: Watcher) -> None:
    first = watcher.visit()
    assert (first.outcome, first.opened) == (Outcome.COMPLETE, POSTINGS)
    for _ in range(3):
        second = watcher.visit()
        assert second.requests <= 55
    fifth = watcher.visit()
    assert watcher.site.health.lastmod.trusted
    assert (fifth.outcome, fifth.listed) == (Outcome.COMPLETE, POSTINGS)
    assert fifth.requests <= 13
    assert fifth.not_modified == 10
    assert fifth.bytes < 0.05 * first.bytes

    site.open("Welder", city="Berlin")
    opened = watcher.visit()
    assert (opened.opened, opened.changed, opened.closed) == (1, 0, 0)
    assert opened.requests <= 14

    site.edit(site.open_jobs()[7], title="Chief Welder")
    edited = watcher.visit()
    assert (edited.opened, edited.changed, edited.closed) == (0, 1, 0)
    assert edited.requests <= 14

    site.close(site.open_jobs()[9])
    closed = watcher.visit()
    assert (closed.opened, closed.changed, closed.closed) == (0, 0, 1)
    assert closed.requests <= 14


def test_a_sitemap_that_lies_is_found_out_and_all_pages_are_read_within_a_day(
    site: ScriptedSite, watcher: Watcher
) -> None:
    for _ in range(4):
        watcher.visit()
    assert watcher.site.health.lastmod.trusted
    freeze_sitemap(site)
    site.retitle("(all genders)")
    changed = watcher.visit()
    assert changed.changed == 10
    assert (watcher.site.health.lastmod.trusted, watcher.site.health.lastmod.lies) == (False, 10)
    assert sum(watcher.visit(hours=6).changed for _ in range(4)) == POSTINGS - 10


def test_pages_of_the_site_that_hold_no_posting_are_not_taken_for_new_ones(
    site: ScriptedSite, watcher: Watcher
) -> None:
    site.drop_markup(*site.open_jobs()[:60])
    assert watcher.visit().opened == POSTINGS - 60
    again = watcher.visit()
    assert again.outcome is Outcome.COMPLETE
    assert again.requests <= 70
