"""Who watches the service at work, such as its metrics."""

from __future__ import annotations

from typing import Protocol

from delivery.dispatch import Settled
from postings.visits import VisitSummary


class Observer(Protocol):
    """Told what the service did, in its loop, right after it happened. Returns at once and raises nothing."""

    def visited(self, summary: VisitSummary) -> None:
        """A visit has ended and is recorded."""

    def delivered(self, settled: Settled) -> None:
        """A round of one outlet has ended."""

    def staffed(self, failing: bool) -> None:
        """A tick has ended; `failing`: no worker process of this machine can be kept running."""

    def ticked(self, name: str, seconds: float, failed: bool) -> None:
        """A tick has ended; `name` is that of the tick, such as "visits". `failed`: it did not do its work."""
