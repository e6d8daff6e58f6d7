"""What the pages of sites need of the scheduler, which the dashboard does not import: `hirewatch.steering` gives it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from postings.sites import Site
from storage.budget import House


class Steering(Protocol):
    """When sites are visited, and who visits them: the scheduler's rules."""

    def in_words(self, site: Site, *, house: House, now: datetime) -> str:
        """How a site is visited and what was learnt of that: "auto: about every 6 h; 2.1 new a day". `now` is aware."""
        ...

    def interval(self, text: str) -> timedelta | None:
        """The time between two visits as people type it ("6h"); None for "auto". Raises UsageError."""
        ...

    def first(self, line: str, zone: str, now: datetime) -> datetime:
        """When a cron line fires next in a time zone, aware. Raises UsageError."""
        ...

    def local_zone(self) -> str:
        """The name of this machine's time zone."""
        ...

    def is_dead(self, owner: str) -> bool:
        """Whether the process that holds the lease on a site is certainly gone."""
        ...

    def require_browser(self) -> None:
        """Raises ConfigurationError, which says what to install, where the scripts of pages cannot be run."""
        ...
