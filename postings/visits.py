"""What a visit saw, and whether it is believed.

The crawler makes the `VisitReport`, `judge` gives the `Verdict`, the ledger acts on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from postings.sites import Health, KnownPage, RobotsAnswer, Source


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
    #: the final address key, where a redirect led elsewhere
    redirected_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The list of a site's postings as this visit saw it."""

    #: address keys that the list names
    addresses: frozenset[str] = frozenset()
    #: True only if it is proven whole (docs/decisions.md: "Whole is earned")
    whole: bool = False
    #: why it is not whole, in words; empty if it is
    doubts: tuple[str, ...] = ()
    #: list pages and sitemap files that were read with at least one row
    rows: int = 0


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
    not_modified: int = 0
    bytes: int = 0
    #: status of the start page; None if it did not answer
    start_status: int | None = None
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
class Verdict:
    """Whether a visit is believed, and why not."""

    outcome: Outcome
    reason: str | None = None
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
    not_modified: int = 0
    bytes: int = 0
    seconds: float = 0.0
    #: one-line notes of the visit ("site-wide rewrite of description: 43 postings, no alert")
    notes: tuple[str, ...] = ()


#: of the posting pages that were asked for, this share must have answered (C.5)
LEAST_ANSWERED = 0.95
#: of the other pages of a visit, this share must still have what one page has lost (C.5)
OTHERS_UNHARMED = 0.8
#: unexplained gone beyond this share of the open postings, and beyond this many, are not believed at once (C.5)
GUARD_SHARE, GUARD_COUNT, GUARD_ALL_OF = 0.10, 5, 3
#: new and gone beyond this share of the open postings: the site has moved (C.5)
MOVE_SHARE = 0.5
#: two suspect visits this far apart that agree are believed (C.5)
CONFIRMED_AFTER = timedelta(hours=12)
#: the sets of gone postings of two visits that agree are at least this much alike
AGREEMENT = 0.8
#: the waits after the first, second and every further suspect visit in a row (C.5)
REVISITS = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))
#: a site that failed this often over this long needs a person
DEAD_VISITS, DEAD_AFTER = 5, timedelta(days=14)

_KEPT_SUSPECTS = 20
_SIGNATURE = 64
_CLEAR = frozenset({Absence.GONE, Absence.NOT_FOUND})


def judge(report: VisitReport, count: Count, health: Health, *, baseline: bool) -> Verdict:
    """Whether a visit is believed (C.5): failed, partial, suspect or complete, the first that fits.

    `health` is the site's before this visit; `baseline`: no visit to the site has been complete yet.
    """
    if _unanswered(report, count):
        return Verdict(outcome=Outcome.FAILED, reason=_failure(report))
    if doubt := _doubt(report):
        return Verdict(outcome=Outcome.PARTIAL, reason=doubt)
    if baseline and count.seen == 0:
        return Verdict(outcome=Outcome.SUSPECT, reason="no posting found")
    suspicion = _suspicion(report, count)
    if suspicion is None:
        return Verdict(outcome=Outcome.COMPLETE)
    if since := _confirmed_since(report, count, health):
        reason = f"{suspicion}; believed, as visits agree on it since {since:%Y-%m-%d %H:%M} UTC"
        return Verdict(outcome=Outcome.COMPLETE, reason=reason, moved=looks_moved(count))
    again = REVISITS[min(len(health.suspects), len(REVISITS) - 1)]
    reason = f"{suspicion}; looking again in {_words(again)}"
    return Verdict(outcome=Outcome.SUSPECT, reason=reason, moved=looks_moved(count))


def credible_looks(report: VisitReport) -> tuple[Look, ...]:
    """The looks of a visit, as far as each is a sign of its own posting (C.5).

    A page that lost its JobPosting, or carries `noindex`, says nothing where the site's other pages do the same: the
    template has changed. Such looks come back as `UNKNOWN`.
    """
    doubtful = {absence for absence in (Absence.NO_MARKUP, Absence.NOINDEX) if _shared_by_others(report, absence)}
    return tuple(
        replace(look, absence=Absence.UNKNOWN, detail=f"{look.detail or look.absence} (so do other pages)")
        if look.absence in doubtful
        else look
        for look in report.looks
    )


def next_health(health: Health, verdict: Verdict, count: Count, report: VisitReport) -> Health:
    """The site's health after a visit: what the next verdict and the status of the site go by.

    Patience belongs to the rules of life and is left alone.
    """
    at = report.ended_at
    if verdict.outcome is Outcome.FAILED:
        failed = replace(health, failures=health.failures + 1, first_failure_at=health.first_failure_at or at)
        since = failed.first_failure_at
        dead = f"the site has not answered since {since:%Y-%m-%d} ({failed.failures} visits): is it gone?"
        return replace(failed, attention=dead if is_dead(failed, at) else health.attention)
    answered = replace(health, failures=0, first_failure_at=None)
    if verdict.outcome is Outcome.COMPLETE:
        return replace(answered, suspects=(), last_complete_at=at, attention=None)
    if verdict.outcome is Outcome.PARTIAL:
        lost = _lost_markup(report)
        unseen = replace(count, unexplained_gone=max(count.open_before - count.seen, 0))
        # enough was seen again to contradict the suspect visits before
        kept = health.suspects if _guards(unseen) else ()
        return replace(answered, suspects=kept, attention=lost or (health.attention if kept else None))
    suspects = (*health.suspects, (at, count.gone_digest))[-_KEPT_SUSPECTS:]
    # by the fourth look in a row time alone has not settled it
    never_any = count.seen == 0 and count.open_before == 0
    needs_person = never_any or len(suspects) > len(REVISITS)
    return replace(answered, suspects=suspects, attention=verdict.reason if needs_person else health.attention)


def revisit_after(health: Health) -> timedelta | None:
    """How soon a site is visited again after a suspect visit that `health` counts; None if it is not suspect (C.5)."""
    if not health.suspects:
        return None
    return REVISITS[min(len(health.suspects), len(REVISITS)) - 1]


def is_dead(health: Health, now: datetime) -> bool:
    """Whether a site has not answered in at least 5 visits over at least 14 days: it needs a person."""
    since = health.first_failure_at
    return since is not None and health.failures >= DEAD_VISITS and now - since >= DEAD_AFTER


def gone_digest(ids: Iterable[str]) -> str:
    """A digest of a set of posting ids that shows how much of it another set shares.

    The 64 smallest hashes of the ids: of a large site some posting or other goes in any 12 hours, and a digest that
    only tells equal from different would never let two visits agree.
    """
    hashes = sorted({hashlib.blake2b(one.encode(), digest_size=4).hexdigest() for one in ids})
    return " ".join(hashes[:_SIGNATURE])


def _agreement(a: str, b: str) -> float:
    """How much two sets share, 0 to 1, by their digests."""
    if a == b:
        return 1.0
    first, second = set(a.split()), set(b.split())
    union = sorted(first | second)[:_SIGNATURE]
    return sum(one in first and one in second for one in union) / len(union)


def _unanswered(report: VisitReport, count: Count) -> bool:
    listed = report.listing.whole or report.listing.rows > 0
    started = report.start_status is not None and report.start_status < 400
    return count.seen == 0 and not listed and not started


def _failure(report: VisitReport) -> str:
    if report.problems:
        return report.problems[0]
    if report.cut_short:
        return f"the visit ended before the site had answered: {report.cut_short}"
    if report.start_status is None:
        return "the start page did not answer"
    return f"the start page answered {report.start_status}"


def _doubt(report: VisitReport) -> str | None:
    """What could have hidden postings from this visit; None if nothing could."""
    if report.cut_short:
        return f"the visit was cut short: {report.cut_short}"
    if not report.listing.whole:
        doubts = "; ".join(report.listing.doubts)
        if doubts and report.source is None and not report.listing.rows:
            # there is no list that could be whole: the doubts say what was looked for
            return doubts
        return f"the list is not whole: {doubts or 'nothing proves it'}"
    if report.answered < LEAST_ANSWERED * report.asked:
        return f"only {report.answered} of {report.asked} posting pages answered"
    return _lost_markup(report)


def _suspicion(report: VisitReport, count: Count) -> str | None:
    """What makes a visit hard to believe; None if nothing does."""
    gone, before = count.unexplained_gone, count.open_before
    if report.listing.rows == 0 and report.listing.whole and before > 0:
        return f"the list is empty, {_postings(before)} {'was' if before == 1 else 'were'} open"
    if _guards(count):
        return f"{gone} of {before} open postings vanished at once"
    return None


def _guards(count: Count) -> bool:
    gone, before = count.unexplained_gone, count.open_before
    many = gone > GUARD_COUNT and gone > GUARD_SHARE * before
    return many or (before >= GUARD_ALL_OF and gone >= before)


def looks_moved(count: Count) -> bool:
    """Whether most known postings are gone and as many new ones are there: the site has moved (C.5)."""
    before = count.open_before
    return _guards(count) and count.new > MOVE_SHARE * before and count.unexplained_gone > MOVE_SHARE * before


def _confirmed_since(report: VisitReport, count: Count, health: Health) -> datetime | None:
    """When the first of the suspect visits in a row was that agree with this one; None unless that is at least 12 hours
    ago and the site is otherwise healthy."""
    first = None
    for at, digest in reversed(health.suspects):
        if _agreement(digest, count.gone_digest) < AGREEMENT:
            break
        first = at
    if first is None or report.ended_at - first < CONFIRMED_AFTER:
        return None
    return first if _healthy(report, count) else None


def _healthy(report: VisitReport, count: Count) -> bool:
    """The start page answers, and either a list has rows or the pages themselves say 404 or 410. A list that still
    names pages which lead elsewhere is a wall, not a clearance."""
    if report.start_status != 200:
        return False
    clear = sum(look.absence in _CLEAR for look in report.looks)
    walled = sum(look.absence not in _CLEAR and look.address in report.listing.addresses for look in report.looks)
    if walled > GUARD_SHARE * max(count.unexplained_gone, 1):
        return False
    if report.listing.rows > 0:
        return True
    return clear > 0 and clear >= OTHERS_UNHARMED * len(report.looks)


def _shared_by_others(report: VisitReport, absence: Absence) -> bool:
    """Whether more than a fifth of the visit's other pages are like this, or there is no other page to tell by."""
    alike = sum(look.absence is absence for look in report.looks)
    if alike == 0:
        return False
    unharmed = min(report.read + report.not_modified, max(report.answered, alike) - alike)
    others = unharmed + alike - 1
    return others == 0 or unharmed < OTHERS_UNHARMED * others


def _lost_markup(report: VisitReport) -> str | None:
    lost = sum(look.absence is Absence.NO_MARKUP for look in report.looks)
    if not _shared_by_others(report, Absence.NO_MARKUP):
        return None
    pages = "1 page" if lost == 1 else f"{lost} pages"
    return f"the JobPosting markup is gone from {pages} that had it, too many to be closed postings"


def _postings(number: int) -> str:
    return "1 posting" if number == 1 else f"{number} postings"


def _words(wait: timedelta) -> str:
    minutes = int(wait.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
