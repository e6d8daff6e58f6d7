"""A visit that runs: what the ledger keeps in memory between its beginning and its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from postings.events import EventType
from postings.posting import Posting
from postings.sightings import PageRead, Sighting
from postings.sites import Site


@dataclass(slots=True, kw_only=True)
class OpenVisit:
    """A running visit, and what waits for its end. Lost with the process: the next visit reads it again."""

    id: str
    site: Site
    fence: int
    baseline: bool
    started_at: datetime
    #: open postings of the site before the visit
    open_before: int
    #: when the visit before began; None for the first
    visited_before_at: datetime | None = None
    #: when the last complete visit before began: what it did not see was not there then; None if there is none
    complete_before_at: datetime | None = None
    #: sightings whose identity or opening waits for the end
    held: list[Sighting] = field(default_factory=list)
    #: known postings whose content differs, by id: whether that is a site-wide rewrite shows at the end
    changed: dict[str, Sighting] = field(default_factory=dict)
    #: known postings confirmed at another address than their own, by id: it counts if their own did not answer
    elsewhere: dict[str, PageRead] = field(default_factory=dict)
    #: postings opened so far
    new: int = 0
    #: pages read or confirmed
    reread: int = 0
    #: reopenings that show an earlier closing to have been our error
    premature: int = 0
    #: days from the reading of a posting that was known to its validThrough, and how many had that many
    horizons: Counter[int] = field(default_factory=Counter)
    counts: Counter[EventType] = field(default_factory=Counter)

    def unseen(self, last_seen: datetime) -> datetime | None:
        """Since when a posting was surely not there that was last seen then and is back; None if nobody knows."""
        looked = self.complete_before_at
        return looked if looked is not None and last_seen < looked else None

    def believed(self, posting: Posting) -> Posting:
        """A posting without its validThrough, where the site's is no date (C.5)."""
        return replace(posting, valid_through=None) if self.site.health.sliding.recognised else posting
