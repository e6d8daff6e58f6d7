"""What a visit saw, and what came of it: the values that pass between the crawler, the rules and the ledger.

The crawler makes the `VisitReport`, `postings.verdicts` gives the `Verdict`, and the ledger keeps the `VisitSummary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from postings.sites import KnownPage, RobotsAnswer, Source, SourceKind

#: seconds that a visit may take where nothing else is said, and those that may be set at most: one that has not ended
#: within a day is taken for dead
SECONDS: Final = 7200.0
MOST_SECONDS: Final = 23 * 3600.0


class Outcome(StrEnum):
    """How a visit ended."""

    COMPLETE = "complete"
    #: something that could hide postings failed, or a budget ran out: sightings count, absences do not
    PARTIAL = "partial"
    #: complete, but what it saw is not believable: closes nothing, is repeated soon
    SUSPECT = "suspect"
    #: no sighting, no absence
    FAILED = "failed"


class Absence(StrEnum):
    """What the page of a known posting said when it did not show the posting."""

    #: 410
    GONE = "gone"
    #: 404
    NOT_FOUND = "not_found"
    NOINDEX = "noindex"
    #: 200 without the JobPosting that it had
    NO_MARKUP = "no_markup"
    #: to a list, the start page or another posting
    REDIRECTED = "redirected"
    #: 200, but title or heading say that it is gone
    SOFT_404 = "soft_404"
    #: it has no page of its own to ask, and a whole list that holds its postings lacks it
    ABSENT = "absent"
    #: 5xx, 403, 429, time-out, wall, robots, unreadable: says nothing
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A page that was asked for and did not show the posting that it carried before."""

    #: address key of the page as it was known
    address: str
    url: str
    absence: Absence
    status: int | None
    at: datetime
    #: in words, e.g. "redirected to https://acme.example/jobs"
    detail: str = ""
    #: False if robots.txt forbids it
    asked: bool = True
    #: the page has lost its markup, and people can apply there all the same
    lets_apply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The list of a site's postings as this visit saw it."""

    #: address keys that the list names
    addresses: frozenset[str] = frozenset()
    #: True only if it is proven whole (docs/decisions.md: "Absence needs proof")
    whole: bool = False
    #: why it is not whole, in words; empty if it is
    doubts: tuple[str, ...] = ()
    #: by its nature it names only the newest (a feed): nothing failed, and still what it lacks may be there
    newest_only: bool = False
    #: list pages and sitemap files that were read with at least one row
    rows: int = 0
    #: each of its addresses led to another one
    led_elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """What a visit did not ask, and what it tested of the list's `lastmod`."""

    #: pages with open postings that the list names and that were left for a later visit: listed is seen
    left: frozenset[str] = frozenset()
    #: how many of them are held to be unchanged because a trusted `lastmod` says so
    believed: int = 0
    #: known pages with open postings whose `lastmod` is that of their last reading
    unmoved: int = 0
    #: of these, the ones that were asked all the same
    tested: frozenset[str] = frozenset()
    #: the values of the list tell its entries apart
    varied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReport:
    """Everything a visit says at its end beyond the sightings that it handed over."""

    started_at: datetime
    ended_at: datetime
    #: as it stands after this visit (discovery may have worked it out or changed it)
    source: Source | None
    listing: Listing
    #: pages of known postings that did not show them
    looks: tuple[Look, ...] = ()
    #: posting pages that were asked for in this visit
    asked: int = 0
    #: of these, how many answered in a way that says something (a posting, 304, 404, 410, a page without markup)
    answered: int = 0
    #: pages that showed at least one posting
    read: int = 0
    #: pages that answered and could not be read, and postings that could not
    unreadable: int = 0
    requests: int = 0
    #: the requests by what came of them: "2xx" to "5xx", "none", and "script" for what the scripts of pages asked
    answers: Mapping[str, int] = field(default_factory=dict)
    not_modified: int = 0
    bytes: int = 0
    #: status of the start page; None if it did not answer
    start_status: int | None = None
    #: the name of its host does not resolve, or the host refused the connection
    unreachable: bool = False
    #: why the visit ended before its work was done ("stopped", "page budget of 5000 reached"); None if it did not
    cut_short: str | None = None
    #: the site wants to be left alone until then (Retry-After); aware
    come_back_at: datetime | None = None
    #: what failed, in words, most important first
    problems: tuple[str, ...] = ()
    #: robots.txt answers that were fetched, by origin
    robots: Mapping[str, RobotsAnswer] = field(default_factory=dict)
    #: pages to remember that carry no posting, by address key: list pages, and others that were looked at in vain
    list_pages: Mapping[str, KnownPage] = field(default_factory=dict)
    #: what was not asked because it is not due
    spared: Spared = field(default_factory=Spared)

    @property
    def left_to_the_list(self) -> int:
        """How many pages were asked in vain that a whole list no longer names: of their postings the list alone speaks
        (C.5). A list that names nothing speaks for a page only if it is that page."""
        named = self.listing.addresses
        if not self.listing.whole or not (named or (self.source and self.source.kind is SourceKind.PAGE)):
            return 0
        return sum(look.asked and look.absence is Absence.UNKNOWN and look.address not in named for look in self.looks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How the site's postings stand at the end of a visit, before any absence is believed."""

    #: open before the visit began
    open_before: int
    #: seen in this visit
    seen: int
    #: of `open_before`: neither seen, nor past their validThrough, nor asked in vain
    unexplained_gone: int
    #: sightings without any known posting
    new: int
    #: `gone_digest` of the set of `unexplained_gone`, to tell whether two suspect visits agree
    gone_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was doubted and is believed now: the same was seen before."""

    #: when the first of the visits that agree saw it, or when a person accepted it; aware
    since: datetime
    #: of what was gone then
    gone_digest: str
    by_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a visit is believed, and why not."""

    outcome: Outcome
    reason: str | None = None
    #: of a complete visit that would be doubted
    settled: Settled | None = None
    #: the unexplained gone are most of the site and so are the new: C.4 first, then one note for the rest
    moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSummary:
    """A visit as it is kept and shown."""

    id: str
    site: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    reason: str | None = None
    baseline: bool = False
    listed: int = 0
    read: int = 0
    unreadable: int = 0
    opened: int = 0
    changed: int = 0
    closed: int = 0
    reopened: int = 0
    requests: int = 0
    #: the requests by what came of them: "2xx" to "5xx", "none", and "script" for what the scripts of pages asked
    answers: Mapping[str, int] = field(default_factory=dict)
    not_modified: int = 0
    bytes: int = 0
    seconds: float = 0.0
    #: one-line notes of the visit ("site-wide rewrite of description: 43 postings, no alert")
    notes: tuple[str, ...] = ()
