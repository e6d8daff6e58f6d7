"""What a watched career site is, and what a visit may know of it beforehand.

Kept by `storage.sites`, read by the crawler and the scheduler.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from postings.lastmod import Lastmod
from postings.trust import Trust


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
    #: in words, for people: what was found and why it was chosen
    reason: str = ""


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
    #: how the sitemap's `lastmod` stood the test
    lastmod: Lastmod = field(default_factory=Lastmod)
    #: what a person has to look at, in words
    attention: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A career site that is watched."""

    id: int
    name: str
    start_url: str
    #: host[:port] of the start URL without `www.`; visits to one host_key never overlap
    host_key: str
    source: Source | None = None
    #: None = worked out from how the site lives
    every: timedelta | None = None
    paused_at: datetime | None = None
    next_visit_at: datetime | None = None
    added_at: datetime
    #: True once a visit was complete: what it showed was there before anyone watched
    baseline_done: bool = False
    trust: Trust = field(default_factory=Trust)
    health: Health = field(default_factory=Health)


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
