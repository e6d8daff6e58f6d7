"""Reads from the database how the installation stands, and shows it to Prometheus. `/metrics` asks.

The figures are kept for some seconds, and longer where reading them takes long: however often somebody asks, the
database spends a small share of its time on the answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.engine import Engine

from dashboard.counters import ANSWERS
from dashboard.probe import Probe
from postings.errors import DatabaseError
from postings.events import EventType
from postings.visits import Outcome
from storage import figures, freshness
from storage.figures import Figures, Lag, Made, SiteFigures
from storage.freshness import Fresh

#: sites and outlets have series of their own only if there are fewer of them than this
NAMED_BELOW = 200
#: seconds that figures are kept at least; and so many times as long as it took to read them
_KEPT, _KEPT_TIMES = 5.0, 20.0
#: seconds that an answer waits for the database
_PATIENCE = 5.0
#: events that one reading counts at most; the next one goes on from there
_EVENTS_AT_A_TIME = 10_000
#: the same of visits, by when they ended
_VISITS_AT_A_TIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What the database said at one moment."""

    figures: Figures
    fresh: Fresh
    #: events by type since the first reading, and the number up to which they are counted
    events: Mapping[str, int]
    counted_to: int
    #: the same of visits, and the time up to which those that ended are counted
    made: Made
    made_until: datetime
    #: by the monotonic clock
    good_until: float


class Gauges(Collector):
    """How the installation stands: sites, postings, events, outlets."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        patience: float = _PATIENCE,
        named_below: int = NAMED_BELOW,
    ) -> None:
        """`patience`: the seconds that a `refresh` waits for the database. Events and visits are counted from the first
        one on."""
        self._named_below = named_below
        self._engine = engine
        self._clock = clock
        self._monotonic = monotonic
        self._probe = Probe(self._read, patience)
        #: the newest reading; the one that is shown is another while the database does not answer
        self._newest: _Reading | None = None
        self._shown: _Reading | None = None

    async def refresh(self) -> None:
        """Reads anew what is too old; where the database does not answer, there are no figures."""
        if self._newest is None or self._monotonic() >= self._newest.good_until:
            try:
                await self._probe()
            except (DatabaseError, TimeoutError):
                self._shown = None
                return
        self._shown = self._newest

    def collect(self) -> Iterator[Metric]:
        """The figures of the last `refresh`."""
        shown = self._shown
        yield GaugeMetricFamily("hirewatch_database_up", "1 if the database answers.", value=shown is not None)
        if shown is not None:
            yield from _sites(shown.figures)
            yield from _freshness(shown.fresh, shown.figures.named)
            yield from _events(shown)
            yield from _visits(shown.made)
            yield from _outlets(shown.figures.lags, named=len(shown.figures.lags) < self._named_below)

    def _read(self) -> None:
        began = self._monotonic()
        found = figures.read(self._engine, self._clock(), name_sites_below=self._named_below)
        fresh = self._read_fresh(by_site=found.named is not None)
        before = self._newest
        counted_to, more = figures.count_events(
            self._engine, before.counted_to if before else found.newest_event, _EVENTS_AT_A_TIME
        )
        until = self._clock() - figures.SETTLED
        made, made_until = (before.made, before.made_until) if before else (Made(), until)
        if until > made_until:
            until = min(until, made_until + _VISITS_AT_A_TIME)
            made, made_until = made + figures.count_visits(self._engine, made_until, until), until
        counts = before.events if before else dict.fromkeys((kind.value for kind in EventType), 0)
        ended = self._monotonic()
        self._newest = _Reading(
            figures=found,
            fresh=fresh,
            events={kind: count + more.get(kind, 0) for kind, count in counts.items()},
            counted_to=counted_to,
            made=made,
            made_until=made_until,
            good_until=ended + max(_KEPT, _KEPT_TIMES * (ended - began)),
        )

    def _read_fresh(self, *, by_site: bool) -> Fresh:
        since = self._clock() - freshness.LOOKED_BACK
        if by_site:
            return freshness.every(self._engine, since, most=freshness.MOST_OVER_ALL)
        return Fresh(over_all=freshness.over_all(self._engine, since), by_site={})


def _sites(now: Figures) -> Iterator[Metric]:
    states = GaugeMetricFamily("hirewatch_sites", "Sites that are watched, paused, or visited now.", labels=["state"])
    for state, count in (("watched", now.sites), ("paused", now.paused), ("visited", now.visited)):
        states.add_metric([state], count)
    yield states
    yield GaugeMetricFamily("hirewatch_due_visits", "Visits that are due and have not begun.", value=now.due)
    yield GaugeMetricFamily(
        "hirewatch_due_visits_overdue_seconds",
        "For how long the first of them has been due.",
        value=now.overdue.total_seconds(),
    )
    yield GaugeMetricFamily("hirewatch_open_postings", "Postings that are open.", value=now.open)
    if now.named is not None:
        by_site = GaugeMetricFamily(
            "hirewatch_site_open_postings", "Postings of a site that are open.", labels=["site"]
        )
        for site in now.named:
            by_site.add_metric([site.name], site.open)
        yield by_site


def _events(shown: _Reading) -> Iterator[Metric]:
    counts = CounterMetricFamily("hirewatch_events", "Events that were recorded, by type.", labels=["type"])
    for kind, count in shown.events.items():
        counts.add_metric([kind], count)
    yield counts
    yield GaugeMetricFamily("hirewatch_newest_event", "Number of the newest event.", value=shown.figures.newest_event)


def _visits(made: Made) -> Iterator[Metric]:
    outcomes = CounterMetricFamily(
        "hirewatch_recorded_visits", "Visits of all machines that ended, by outcome.", labels=["outcome"]
    )
    for outcome in Outcome:
        outcomes.add_metric([outcome.value], made.visits.get(outcome.value, 0))
    yield outcomes
    yield CounterMetricFamily(
        "hirewatch_recorded_pages_read", "Pages that showed these visits at least one posting.", value=made.read
    )
    yield CounterMetricFamily(
        "hirewatch_recorded_pages_unreadable",
        "Pages and postings that these visits could not read.",
        value=made.unreadable,
    )
    requests = CounterMetricFamily(
        "hirewatch_recorded_requests", "Requests of these visits, by what came of them.", labels=["answer"]
    )
    for answer, count in (dict.fromkeys(ANSWERS, 0) | dict(made.answers)).items():
        requests.add_metric([answer], count)
    yield requests
    yield CounterMetricFamily(
        "hirewatch_recorded_received_bytes", "Bytes of the answers to these visits.", value=made.bytes
    )


def _freshness(fresh: Fresh, named: Sequence[SiteFigures] | None) -> Iterator[Metric]:
    over_all = GaugeMetricFamily(
        "hirewatch_freshness_seconds",
        "Time from a posting's appearance to its event, at most, over 30 days.",
        labels=["quantile"],
    )
    if fresh.over_all is not None:
        over_all.add_metric(["0.5"], fresh.over_all.p50.total_seconds())
        over_all.add_metric(["0.95"], fresh.over_all.p95.total_seconds())
    yield over_all
    if named is not None:
        by_site = GaugeMetricFamily(
            "hirewatch_site_freshness_seconds", "The same for a site.", labels=["site", "quantile"]
        )
        for site in named:
            if found := fresh.by_site.get(site.id):
                by_site.add_metric([site.name, "0.5"], found.p50.total_seconds())
                by_site.add_metric([site.name, "0.95"], found.p95.total_seconds())
        yield by_site


def _outlets(lags: tuple[Lag, ...], *, named: bool) -> Iterator[Metric]:
    told = [lag for lag in lags if not lag.disabled]
    states = GaugeMetricFamily("hirewatch_outlets", "Outlets that are told, or disabled.", labels=["state"])
    states.add_metric(["told"], len(told))
    states.add_metric(["disabled"], len(lags) - len(told))
    yield states
    yield GaugeMetricFamily(
        "hirewatch_outlets_lag_events",
        "Events that the outlet which is furthest behind has not heard of.",
        value=max((lag.events for lag in told), default=0),
    )
    yield GaugeMetricFamily(
        "hirewatch_outlets_lag_seconds",
        "Age of the oldest event that an outlet has not heard of.",
        value=max((lag.age.total_seconds() for lag in told), default=0),
    )
    if named:
        events = GaugeMetricFamily("hirewatch_outlet_lag_events", "Events behind, by outlet.", labels=["outlet"])
        seconds = GaugeMetricFamily(
            "hirewatch_outlet_lag_seconds", "Age of the oldest event it has not heard of, by outlet.", labels=["outlet"]
        )
        for lag in told:
            events.add_metric([lag.outlet], lag.events)
            seconds.add_metric([lag.outlet], lag.age.total_seconds())
        yield events
        yield seconds
