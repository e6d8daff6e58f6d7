"""What a watched career site is, and what a visit may know of it beforehand.

Kept by `storage.sites`, read by the crawler and the scheduler.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from postings.failing import Failing
from postings.falling import Falls
from postings.lastmod import Lastmod
from postings.rhythm import Rhythm
from postings.sliding import Sliding
from postings.trust import Overrides, Trust

#: requests a day that a person may give one site, and all of them together: a hundred a second, and a thousand times as
#: many
MOST_REQUESTS_A_DAY: Final = 10_000_000
MOST_REQUESTS_A_DAY_OF_ALL: Final = 10_000_000_000


class SourceKind(StrEnum):
    """The ways in which a site's postings are found."""

    BOARD = "board"
    SITEMAP = "sitemap"
    FEED = "feed"
    LIST = "list"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How a site's postings are found: worked out by discovery, kept with the site."""

    kind: SourceKind
    #: where the list starts: sitemap files (roots only), the first list page, or the page itself
    urls: tuple[str, ...]
    #: feeds that name postings early, beside the list; never proof of absence
    feeds: tuple[str, ...] = ()
    #: path shapes (`postings.urls.shape`) of addresses that carry postings; empty = not learned
    shapes: tuple[str, ...] = ()
    #: path shapes that were tried and carry no posting
    rejected: tuple[str, ...] = ()
    #: other lists of the same postings, read beside the first: what they name counts, what they lack proves nothing
    checks: tuple[str, ...] = ()
    #: the start page carries postings of its own, beside the list that names the others
    carries: bool = False
    #: the part of the host that the site is, as a path ("" = all of it); None while nothing tells
    scope: str | None = None
    #: no posting lies below that path: those count that its list pages name
    led: bool = False
    #: in words, for people: what was found and why it was chosen
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A person's word that what a visit saw is true."""

    at: datetime
    #: digest of the set of postings that were gone then (`postings.digests.gone_digest`); None: the site itself was
    gone_digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the last visits say of a site, as far as the next verdict needs it."""

    #: suspect visits in a row, as (time, digest of the set of postings that were gone)
    suspects: tuple[tuple[datetime, str], ...] = ()
    #: visits in a row that ended `failed`
    failures: int = 0
    first_failure_at: datetime | None = None
    last_complete_at: datetime | None = None
    #: waits before a closing are multiplied by this after a premature one (rules of life)
    patience: int = 1
    patience_raised_at: datetime | None = None
    #: most of what the site lists is past its validThrough: the date says nothing there
    ignores_valid_through: bool = False
    #: posting pages that never answer
    failing: Failing = field(default_factory=Failing)
    #: whether that date slides along with each reading
    sliding: Sliding = field(default_factory=Sliding)
    #: when the site last rewrote its descriptions everywhere
    rewritten_at: datetime | None = None
    #: the first of the visits in a row to which the site said that it is gone, and how many they are
    gone_since: datetime | None = None
    gone_visits: int = 0
    #: how the sitemap's `lastmod` stood the test
    lastmod: Lastmod = field(default_factory=Lastmod)
    #: what is missing from the list says of it
    falls: Falls = field(default_factory=Falls)
    #: what a person has to look at, in words
    attention: str | None = None
    #: what a person has accepted; it counts until a visit finds nothing to doubt
    accepted: Acceptance | None = None

    @property
    def believes_dates(self) -> bool:
        """Whether a posting of the site ends when its validThrough has passed (C.5)."""
        return not self.ignores_valid_through and not self.sliding.recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A career site that is watched."""

    id: int
    name: str
    start_url: str
    #: host[:port] of the start URL without `www.`; visits to one host_key never overlap
    host_key: str
    source: Source | None = None
    #: None = by `cron`, or worked out from how the site lives
    every: timedelta | None = None
    #: when it is visited, as a cron line of five fields, in the time zone `zone`
    cron: str | None = None
    zone: str | None = None
    #: requests a day that its visits may make; None = no limit of its own
    requests_a_day: int | None = None
    #: a person has told hirewatch to run the scripts of its pages
    render: bool = False
    #: the part of the host that a person says the site is, as a path ("" = all of it); None = what the visits find
    scope: str | None = None
    paused_at: datetime | None = None
    next_visit_at: datetime | None = None
    added_at: datetime
    #: True once a visit was complete: what it showed was there before anyone watched
    baseline_done: bool = False
    #: what the visits have shown of its keys
    trust: Trust = field(default_factory=Trust)
    #: what a person has decided about them
    overrides: Overrides = field(default_factory=Overrides)
    health: Health = field(default_factory=Health)
    #: what the visits have taught of when it publishes
    rhythm: Rhythm = field(default_factory=Rhythm)

    @property
    def auto(self) -> bool:
        """Whether hirewatch works out when it is visited."""
        return self.every is None and self.cron is None

    @property
    def believed(self) -> Trust:
        """The trust that a visit goes by: what was learnt, and what a person has decided."""
        return self.overrides.of(self.trust)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPage:
    """What is remembered of a page that was read: a posting's, a list's, or one that holds neither."""

    #: the address that was fetched
    url: str
    etag: str | None = None
    last_modified: str | None = None
    #: hex digest of the decoded body that was read last
    body_hash: str | None = None
    #: at least one open posting stands on it
    open: bool = True
    last_read_at: datetime | None = None
    #: the sitemap's lastmod at that reading
    lastmod: str | None = None
    #: an open posting on it is missing
    missing: bool = False
    #: the earliest instant at which an open posting on it is past its validThrough
    valid_until: datetime | None = None
    #: no posting, open or closed, was ever read from it
    barren: bool = False
    #: address key of the page that its posting is read from, where it is only another address of an open posting
    stands_on: str | None = None
    #: address key of the page that led here, by a redirect or as its translation: while that is listed, this is
    via: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsAnswer:
    """A robots.txt as it was answered, kept for at most 24 hours (RFC 9309 §2.4)."""

    status: int | None
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a site before a visit: handed to the crawler, which knows no table."""

    #: by address key (`postings.urls.key`)
    pages: Mapping[str, KnownPage] = field(default_factory=dict)
    #: by origin, e.g. `https://acme.example`
    robots: Mapping[str, RobotsAnswer] = field(default_factory=dict)
