"""Counts what the service does, as it does it: visits, pages, deliveries, ticks. `/metrics` shows it.

`Counters` has the shape of the scheduler's observer; which process it stands in decides what it counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from delivery.dispatch import Settled
from postings.visits import Outcome, VisitSummary

#: what can come of a request: a series that is there from the beginning shows its first increase
ANSWERS: Final = ("2xx", "3xx", "4xx", "5xx", "none")
_VISIT_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 7200)
_TICK_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2, 10)


class Counters:
    """What this process has done since it started."""

    def __init__(self, registry: CollectorRegistry, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic` gives seconds from any fixed moment on."""
        # without this, each one has a second series with the time of its birth
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._monotonic = monotonic
        self._last_beat: float | None = None
        self._unstaffed = False
        self._visits = Counter("hirewatch_visits", "Visits that ended, by outcome.", ["outcome"], registry=registry)
        self._visit_seconds = Histogram(
            "hirewatch_visit_seconds", "Time that a visit took.", buckets=_VISIT_SECONDS, registry=registry
        )
        self._pages = Counter("hirewatch_pages_read", "Pages that showed at least one posting.", registry=registry)
        self._unreadable = Counter(
            "hirewatch_pages_unreadable", "Pages and postings that could not be read.", registry=registry
        )
        self._requests = Counter(
            "hirewatch_requests", "Requests of visits, by what came of them.", ["answer"], registry=registry
        )
        self._bytes = Counter("hirewatch_received_bytes", "Bytes of the answers to visits.", registry=registry)
        self._deliveries = Counter(
            "hirewatch_deliveries",
            "Events that were delivered to an outlet, or given up.",
            ["result"],
            registry=registry,
        )
        self._failed_rounds = Counter(
            "hirewatch_delivery_failures", "Turns of an outlet that ended with an error.", registry=registry
        )
        self._tick_seconds = Histogram(
            "hirewatch_tick_seconds", "Time that a tick took.", ["tick"], buckets=_TICK_SECONDS, registry=registry
        )
        self._failed_ticks = Counter(
            "hirewatch_tick_failures", "Ticks that did not do their work.", ["tick"], registry=registry
        )
        # a series that is there from the beginning shows its first increase
        for answer in ANSWERS:
            self._requests.labels(answer)
        for outcome in Outcome:
            self._visits.labels(outcome.value)
        for result in ("sent", "parked"):
            self._deliveries.labels(result)

    def visited(self, summary: VisitSummary) -> None:
        """A visit has ended and is recorded."""
        if summary.outcome is not None:
            self._visits.labels(summary.outcome.value).inc()
        self._visit_seconds.observe(summary.seconds)
        self._pages.inc(summary.read)
        self._unreadable.inc(summary.unreadable)
        for answer, count in summary.answers.items():
            self._requests.labels(answer).inc(count)
        self._bytes.inc(summary.bytes)

    def delivered(self, settled: Settled) -> None:
        """A round of one outlet has ended."""
        self._deliveries.labels("sent").inc(settled.sent)
        self._deliveries.labels("parked").inc(settled.parked)
        if settled.error is not None:
            self._failed_rounds.inc()

    def ticked(self, name: str, seconds: float, failed: bool) -> None:
        """A tick has ended."""
        self._tick_seconds.labels(name).observe(seconds)
        if failed:
            self._failed_ticks.labels(name).inc()
        else:
            self._last_beat = self._monotonic()

    def staffed(self, failing: bool) -> None:
        """A tick has ended; `failing`: no worker process of this machine can be kept running."""
        self._unstaffed = failing

    def unstaffed(self) -> bool:
        """Whether no worker process of this machine can be kept running."""
        return self._unstaffed

    def since_beat(self) -> float | None:
        """Seconds since a tick last did its work; None before the first one."""
        return None if self._last_beat is None else self._monotonic() - self._last_beat
