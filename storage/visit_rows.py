"""The row of a visit, and what a visit leaves for the next one: answers of robots.txt, and validators of list pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from postings.events import EventType
from postings.sites import KnownPage, RobotsAnswer, Site
from postings.visits import Outcome, Verdict, VisitReport, VisitSummary
from storage.open_visit import OpenVisit
from storage.tables import pages, robots, sites, visits
from storage.upserts import insert_or_replace

_COUNTED = (
    "listed",
    "read",
    "unreadable",
    "opened",
    "changed",
    "closed",
    "reopened",
    "requests",
    "not_modified",
    "bytes",
)

_OF_SITE = visits.c.site_id == sites.c.id
_BEFORE = select(
    sites.c.open,
    select(func.max(visits.c.started_at))
    .where(_OF_SITE, visits.c.ended_at.is_not(None))
    .scalar_subquery()
    .label("began_at"),
    select(visits.c.started_at)
    .where(_OF_SITE, visits.c.outcome == str(Outcome.COMPLETE))
    .order_by(visits.c.started_at.desc())
    .limit(1)
    .scalar_subquery()
    .label("complete_at"),
).where(sites.c.id == bindparam("site"))
_BEGIN = insert(visits).values(
    {
        "id": bindparam("id"),
        "site_id": bindparam("site_id"),
        "fence": bindparam("fence"),
        "started_at": bindparam("started_at"),
        "baseline": bindparam("baseline"),
        "notes": [],
        **dict.fromkeys(_COUNTED, 0),
    }
)
_ENDED = ("ended_at", "outcome", "reason", "notes", "answers", *_COUNTED)
_END = update(visits).where(visits.c.id == bindparam("visit")).values({name: bindparam(name) for name in _ENDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How a site stands before a visit, and when the last visits to it began; None where there was none."""

    #: its open postings
    open: int
    #: the newest that ended
    began_at: datetime | None
    #: the newest that was complete
    complete_at: datetime | None


def before(conn: Connection, site_id: int) -> Before:
    """The site before the visit that begins."""
    row = conn.execute(_BEFORE, {"site": site_id}).one()
    return Before(open=row.open, began_at=row.began_at, complete_at=row.complete_at)


def begin(conn: Connection, visit: OpenVisit) -> None:
    """The row of a visit that begins."""
    conn.execute(
        _BEGIN,
        {
            "id": visit.id,
            "site_id": visit.site.id,
            "fence": visit.fence,
            "started_at": visit.started_at,
            "baseline": visit.baseline,
        },
    )


def new_id(installation: str, site_id: int, fence: int) -> str:
    """Ids follow from the installation, the site and the number of its lease."""
    digest = hashlib.blake2b(f"{installation}:{site_id}:{fence}".encode(), digest_size=10).digest()
    return "v_" + base64.b32encode(digest).decode().lower()


def summary(
    visit: OpenVisit, report: VisitReport, verdict: Verdict, now: datetime, notes: Sequence[str]
) -> VisitSummary:
    """A visit that has ended at `now`, as it is kept and shown."""
    return VisitSummary(
        id=visit.id,
        site=visit.site.name,
        started_at=visit.started_at,
        ended_at=now,
        outcome=verdict.outcome,
        reason=verdict.reason,
        baseline=visit.baseline,
        listed=len(report.listing.addresses),
        read=report.read,
        unreadable=report.unreadable,
        opened=visit.counts[EventType.OPENED],
        changed=visit.counts[EventType.CHANGED],
        closed=visit.counts[EventType.CLOSED],
        reopened=visit.counts[EventType.REOPENED],
        requests=report.requests,
        answers=dict(report.answers),
        not_modified=report.not_modified,
        bytes=report.bytes,
        seconds=(now - visit.started_at).total_seconds(),
        notes=(*notes, *report.problems),
    )


def end(conn: Connection, ended: VisitSummary) -> None:
    """The row of a visit that has ended."""
    values = {name: getattr(ended, name) for name in _COUNTED}
    conn.execute(
        _END,
        {
            **values,
            "visit": ended.id,
            "ended_at": ended.ended_at,
            "outcome": str(ended.outcome),
            "reason": ended.reason,
            "notes": list(ended.notes),
            "answers": dict(ended.answers),
        },
    )


def keep_answers(conn: Connection, site: Site, report: VisitReport, now: datetime, *, believed: bool) -> None:
    """What the next visit need not ask again: robots.txt answers, and validators of list pages.

    The lists of a visit that is not `believed` are read again, though they do not change: what they lack is not missing
    yet.
    """
    _keep_robots(conn, report.robots)
    known = report.list_pages
    if not believed:
        known = {key: replace(page, etag=None, last_modified=None, body_hash=None) for key, page in known.items()}
    _keep_list_pages(conn, site, known, now)


def _keep_robots(conn: Connection, answers: Mapping[str, RobotsAnswer]) -> None:
    rows = [
        {"origin": origin, "status": answer.status, "body": answer.body, "fetched_at": answer.fetched_at}
        for origin, answer in sorted(answers.items())
    ]
    insert_or_replace(conn, robots, rows)


def _keep_list_pages(conn: Connection, site: Site, known: Mapping[str, KnownPage], now: datetime) -> None:
    rows = [
        {
            "site_id": site.id,
            "address": address,
            "url": page.url,
            "etag": page.etag,
            "last_modified": page.last_modified,
            "body_hash": page.body_hash,
            "lastmod": page.lastmod,
            "last_read_at": page.last_read_at or now,
        }
        for address, page in sorted(known.items())
    ]
    insert_or_replace(conn, pages, rows)
