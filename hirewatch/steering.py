"""The scheduler's rules as the pages of sites take them (`dashboard.steering`)."""

from __future__ import annotations

from datetime import datetime, timedelta

from delivery.zones import local_zone
from hirewatch import cadence_words, timing, wiring
from hirewatch.settings import Settings
from postings.sites import Site
from scheduler import cron
from scheduler.ownership import owner_dead
from storage.budget import House


class Steering:
    """The rules with the settings of this service."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bounds = wiring.bounds(settings)

    def in_words(self, site: Site, *, house: House, now: datetime) -> str:
        """As `hirewatch sites show` tells it."""
        return cadence_words.in_words(site, bounds=self._bounds, house=house, now=now)

    def interval(self, text: str) -> timedelta | None:
        """As `--every` takes it. Raises UsageError."""
        every = timing.interval(text)
        return None if every == timing.AUTO else every

    def first(self, line: str, zone: str, now: datetime) -> datetime:
        """When the line fires next. Raises UsageError."""
        return cron.after(line, zone, now)

    def local_zone(self) -> str:
        """This machine's."""
        return local_zone()

    def is_dead(self, owner: str) -> bool:
        """Whether that process is certainly gone."""
        return owner_dead(owner)

    def require_browser(self) -> None:
        """Raises ConfigurationError if there is no Chromium."""
        wiring.require_browser(self._settings)
