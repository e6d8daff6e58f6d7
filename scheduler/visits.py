"""Runs one visit: gathers what is known, lets the crawler look, keeps what it saw and concludes. Workers call it.

Storage is synchronous and is called from one thread of its own, never from the loop that the crawler runs on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, AsyncCrawlerRunner
from sqlalchemy import Engine

from crawler.connection import Limits
from crawler.hosts import Hosts
from crawler.readers import Readers
from crawler.sources.known_sitemaps import SitemapFiles
from crawler.visit import Means, visit_site
from crawler.visiting import Progress
from postings.errors import DatabaseError, HirewatchError, LeaseLost
from postings.sightings import Seen
from postings.sites import Site
from postings.verdicts import STOPPED
from postings.visits import Listing, VisitReport, VisitSummary
from scheduler import cadence
from scheduler.ownership import owner, owner_dead
from scheduler.protocol import LEASE
from scheduler.responses import Responses, unconditional
from scheduler.threads import StorageThread
from storage import leases, pages, responses
from storage.leases import Lease
from storage.ledger import Ended, Ledger, Plan
from storage.open_visit import OpenVisit

log = logging.getLogger(__name__)

#: seconds that a visit has to end by itself once it was asked to
STOP_GRACE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What a worker lends to each of its visits."""

    engine: Engine
    ledger: Ledger
    store: StorageThread
    runner: AsyncCrawlerProcess | AsyncCrawlerRunner
    readers: Readers
    limits: Limits
    #: the gate that all requests of this process pass
    hosts: Hosts
    #: the time, aware
    clock: Callable[[], datetime]
    rng: Random
    #: a lease outlives its holder by at most this, and is renewed three times in it
    lease: timedelta = timedelta(seconds=LEASE)
    #: how long whole responses are kept for a replay; None = they are not
    keep_responses: timedelta | None = None
    #: between which times a site is visited again, where hirewatch chooses
    bounds: cadence.Bounds = cadence.BOUNDS
    owner: str = field(default_factory=owner)
    sitemaps: SitemapFiles = field(default_factory=SitemapFiles)

    @property
    def means(self) -> Means:
        """What the crawler gets of it."""
        return Means(runner=self.runner, hosts=self.hosts, clock=self.clock, limits=self.limits, sitemaps=self.sitemaps)

    def thorough(self, thorough: bool) -> Equipment:
        """The same for a visit that asks every page, or only those whose turn it is."""
        return replace(self, limits=replace(self.limits, thorough=thorough))


async def run_visit(
    site: Site,
    *,
    equipment: Equipment,
    stop: asyncio.Event,
    scheduled: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> VisitSummary | None:
    """Visits `site` once and returns the visit as it was kept.

    None means that no visit was needed: another process has the site or another site of its host, or (only where
    `scheduled`) the site is not due any more, because another process was faster. Once `stop` is set the visit
    ends within seconds, as a partial one. A crash of the crawler is kept as a failed visit. Raises LeaseLost if
    another process has taken the site over, and DatabaseError if the visit cannot be kept; in both cases
    everything that was recorded until then stands.
    """
    begun = await equipment.store(
        equipment.ledger.claim,
        site.id,
        owner=equipment.owner,
        now=equipment.clock(),
        ttl=equipment.lease,
        dead=owner_dead,
        only_if_due=scheduled,
    )
    if begun is None:
        log.info("visit.not-needed site=%s", site.name)
        return None
    lease, visit = begun
    log.info("visit.begun site=%s visit=%s", visit.site.name, visit.id)
    try:
        async with _lease_kept(lease, equipment) as lost:
            # a person who asks for a visit wants to know how things stand now, not to save requests
            fitting = equipment.thorough(not scheduled)
            return await _visit(visit, fitting, stop=stop, lost=lost, progress=progress)
    except BaseException:
        # a visit that is concluded has given up its lease in the same transaction
        await _release(lease, equipment)
        raise


async def _visit(
    visit: OpenVisit,
    equipment: Equipment,
    *,
    stop: asyncio.Event,
    lost: asyncio.Event,
    progress: Callable[[Progress], None] | None,
) -> VisitSummary:
    store, ledger, clock, site = equipment.store, equipment.ledger, equipment.clock, visit.site
    known = await store(pages.known, equipment.engine, site.id, clock())
    began, enough = clock(), asyncio.Event()
    keeps = equipment.keep_responses is not None
    if keeps and not await store(responses.follows, equipment.engine, site.id):
        # the first visit whose responses are kept must not rest on what was answered before
        known, equipment = unconditional(known), equipment.thorough(True)
    kept = _keeping(site, visit, equipment, began)

    async def record(batch: Sequence[Seen]) -> None:
        if kept is not None:
            await kept.flush()
        at = clock()
        totals = await store(ledger.record, visit, batch, at)
        log.info(
            "batch.recorded site=%s visit=%s sightings=%s opened=%s changed=%s reopened=%s closed=%s last_event=%s"
            " seconds=%s",
            site.name, visit.id, len(batch), totals.opened, totals.changed, totals.reopened, totals.closed,
            totals.last_event,
            (clock() - at).total_seconds(),
        )  # fmt: skip

    visiting = asyncio.ensure_future(
        visit_site(
            site,
            known,
            record,
            means=equipment.means,
            readers=equipment.readers,
            progress=progress,
            stop=enough,
            keep=kept.keep if kept else None,
        )
    )
    try:
        report = await _ended(visiting, enough, stop=stop, lost=lost)
    except (LeaseLost, DatabaseError):
        raise
    except Exception as error:
        # what we raise on purpose says enough
        fault = not isinstance(error, HirewatchError)
        log.error("visit.crashed site=%s visit=%s", site.name, visit.id, exc_info=fault)
        if kept is not None:
            await kept.conclude(cut_short=_reason(error))
        summary = await store(ledger.fail, visit, clock(), _reason(error), partial(_next_visit, equipment, None, None))
        _log_conclusion(summary)
        return summary
    if lost.is_set():
        raise LeaseLost("another process has taken over the visit", subject=site.name)
    report = report or _stopped(site, began, clock())
    if kept is not None:
        await kept.conclude(cut_short=report.cut_short, robots=report.robots)
    return await _conclude(visit, report, equipment)


def _keeping(site: Site, visit: OpenVisit, equipment: Equipment, began: datetime) -> Responses | None:
    if equipment.keep_responses is None:
        return None
    return Responses(
        equipment.store,
        equipment.engine,
        site,
        visit.id,
        asked_from=began,
        thorough=equipment.limits.thorough,
    )


async def _conclude(visit: OpenVisit, report: VisitReport, equipment: Equipment) -> VisitSummary:
    summary = await equipment.store(
        equipment.ledger.conclude,
        visit,
        report,
        equipment.clock(),
        partial(_next_visit, equipment, report.cut_short, report.come_back_at),
    )
    _log_conclusion(summary)
    return summary


def _log_conclusion(summary: VisitSummary) -> None:
    """A line for the end of a visit."""
    log.info(
        "visit.concluded site=%s visit=%s outcome=%s reason=%s listed=%s read=%s unreadable=%s opened=%s changed=%s"
        " closed=%s reopened=%s requests=%s bytes=%s seconds=%s",
        summary.site, summary.id, summary.outcome, summary.reason, summary.listed, summary.read, summary.unreadable,
        summary.opened, summary.changed, summary.closed, summary.reopened, summary.requests, summary.bytes,
        summary.seconds,
    )  # fmt: skip


def _next_visit(equipment: Equipment, cut_short: str | None, come_back_at: datetime | None, ended: Ended) -> Plan:
    now, bounds = equipment.clock(), equipment.bounds
    spending = cadence.spending(ended.site, now=now, bounds=bounds, house=ended.house)
    if cut_short == STOPPED:
        return Plan(next_visit_at=cadence.after_stop(now), spending=spending)
    at = cadence.next_visit(
        ended.site,
        ended.verdict,
        ended.health,
        now=now,
        rng=equipment.rng,
        not_before=come_back_at,
        bounds=bounds,
        house=ended.house,
    )
    return Plan(next_visit_at=at, spending=spending)


async def _ended(
    visiting: asyncio.Future[VisitReport], enough: asyncio.Event, *, stop: asyncio.Event, lost: asyncio.Event
) -> VisitReport | None:
    """The crawler's report; None if it was asked to stop and could not do so in time."""
    reasons = [asyncio.ensure_future(event.wait()) for event in (stop, lost)]
    everything: list[asyncio.Future[Any]] = [visiting, *reasons]
    try:
        await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        enough.set()
        await asyncio.wait([visiting], timeout=STOP_GRACE)
        if visiting.done():
            return visiting.result()
        log.warning("visit.cancelled: the crawler did not stop within %s s", STOP_GRACE)
        return None
    finally:
        for task in everything:
            task.cancel()
        await asyncio.wait(everything, timeout=1)


@contextlib.asynccontextmanager
async def _lease_kept(lease: Lease, equipment: Equipment) -> AsyncIterator[asyncio.Event]:
    """Renews the lease as long as the body runs; the event is set once another process has taken it."""
    lost = asyncio.Event()

    async def renew() -> None:
        held = lease
        while True:
            await asyncio.sleep(equipment.lease.total_seconds() / 3)
            try:
                held = await equipment.store(leases.renew, equipment.engine, held, equipment.clock(), equipment.lease)
            except LeaseLost:
                lost.set()
                return
            except DatabaseError as error:
                log.warning("lease.not-renewed site_id=%s: %s", lease.site_id, error)

    renewing = asyncio.ensure_future(renew())
    try:
        yield lost
    finally:
        renewing.cancel()
        await asyncio.wait([renewing])


async def _release(lease: Lease, equipment: Equipment) -> None:
    try:
        await equipment.store(leases.release, equipment.engine, lease)
    except DatabaseError as error:
        log.warning("lease.not-released site_id=%s: %s; it runs out by itself", lease.site_id, error)


def _stopped(site: Site, began: datetime, now: datetime) -> VisitReport:
    return VisitReport(
        started_at=began,
        ended_at=now,
        source=site.source,
        listing=Listing(doubts=(STOPPED,)),
        cut_short=STOPPED,
    )


def _reason(error: Exception) -> str:
    """A crash in words, short enough for a line; never a page's text."""
    if isinstance(error, HirewatchError):
        return str(error)
    return f"the crawler crashed: {type(error).__name__}"
