"""The scheduler's rules as the pages of sites take them (`dashboard.steering`)."""

from __future__ import annotations

from datetime import datetime, timedelta

import rich_click as click

from delivery.zones import local_zone
from hirewatch import wiring
from hirewatch.cli import cadence
from hirewatch.cli.durations import AUTO, Interval
from hirewatch.config import Settings
from postings.errors import UsageError
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
        return cadence.in_words(site, bounds=self._bounds, house=house, now=now)

    def interval(self, text: str) -> timedelta | None:
        """As `--every` takes it. Raises UsageError."""
        try:
            every = Interval().convert(text, None, None)
        except click.BadParameter as error:
            raise UsageError(error.message) from error
        return None if every == AUTO else every

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
