"""What would make the events of a site fresher, in words. Pure; `hirewatch status` asks.

Freshness is bought with requests: a site is seen more often where its visits succeed, where the queue keeps up, and
where nobody has said otherwise. The first of these that holds a site back is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from postings.hosts import Host
from postings.sites import Site
from postings.visits import Outcome, VisitSummary
from scheduler import cadence
from scheduler.cadence import BOUNDS, HOUSE, Bounds
from storage.budget import House

#: visits that are so much later than they are due keep events from being fresh
BEHIND: Final = timedelta(minutes=10)
#: fewer visits than so many times as often are not worth a word
_WORTH: Final = 1.3
#: visits in a row that failed: one may
_FAILURES: Final = 2
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a site is visited."""

    site: Site
    #: None if it was never visited
    visit: VisitSummary | None
    now: datetime
    #: its host, if that is not asked now
    resting: Host | None = None
    bounds: Bounds = BOUNDS
    house: House = HOUSE


def of_site(standing: Standing) -> str | None:
    """What holds the site back, and what would help; None if nothing does, or nobody waits for it."""
    site, visit = standing.site, standing.visit
    if site.paused_at is not None:
        return None
    if standing.resting is not None and standing.resting.rests_until is not None:
        return f"its host rests for {_span(standing.resting.rests_until - standing.now)}: {standing.resting.reason}"
    if site.health.failures >= _FAILURES:
        return "its visits fail: what appears is seen once one succeeds"
    if visit is not None and visit.outcome in (Outcome.PARTIAL, Outcome.SUSPECT):
        return f"its last visit was {visit.outcome}: only a complete one shows that a posting was not there before"
    if site.auto and site.requests_a_day is None and standing.house == HOUSE:
        return None
    return _of_rhythm(standing)


def _of_rhythm(standing: Standing) -> str | None:
    site = standing.site
    now = _visits_a_day(standing, site, standing.house)
    if site.requests_a_day is not None:
        free = _visits_a_day(standing, replace(site, requests_a_day=None), standing.house)
        if free > _WORTH * now:
            return (
                f"its own budget of {site.requests_a_day} requests a day allows a visit every {_interval(now)}: "
                f"without it, every {_interval(free)}"
            )
    if not site.auto:
        free = _visits_a_day(standing, replace(site, every=None, cron=None), standing.house)
        own = "by its cron line" if site.cron is not None else f"every {_interval(now)} by its own interval"
        if free > _WORTH * now:
            return f"visited {own}: `auto` would do so every {_interval(free)}"
        return None
    free = _visits_a_day(standing, site, HOUSE)
    if free > _WORTH * now:
        return (
            f"the requests of a day are used up: visited every {_interval(now)}, with a larger cadence.requests_a_day "
            f"every {_interval(free)}"
        )
    return None


def of_queue(behind: timedelta) -> str | None:
    """What holds all sites back: visits that are due and do not begin, the first of them for so long; None if none is
    late."""
    if behind < BEHIND:
        return None
    return (
        f"the queue is behind by {_span(behind)}: see that `hirewatch serve` runs, and start more workers if it does "
        "(serve.workers)"
    )


def _visits_a_day(standing: Standing, site: Site, house: House) -> float:
    return cadence.visits_a_day(site, now=standing.now, bounds=standing.bounds, house=house)


def _interval(visits_a_day: float) -> str:
    return _span(_DAY / visits_a_day)


def _span(length: timedelta) -> str:
    minutes = round(length / timedelta(minutes=1))
    if minutes < 100:
        return f"{minutes} min"
    hours = length / timedelta(hours=1)
    return f"{hours:.0f} h" if hours < 47.5 else f"{hours / 24:.0f} d"
