"""The row of a visit, and what a visit leaves for the next one: answers of robots.txt, and validators of list pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from postings.events import EventType
from postings.sites import KnownPage, RobotsAnswer, Site
from postings.visits import Outcome, Verdict, VisitReport, VisitSummary
from storage.open_visit import OpenVisit
from storage.tables import pages, robots, visits
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

_LAST_VISIT = select(func.max(visits.c.started_at)).where(
    visits.c.site_id == bindparam("site"), visits.c.ended_at.is_not(None)
)
_LAST_COMPLETE = (
    select(visits.c.started_at)
    .where(visits.c.site_id == bindparam("site"), visits.c.outcome == str(Outcome.COMPLETE))
    .order_by(visits.c.started_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """When the last visits to a site began; None where there was none."""

    #: the newest that ended
    began_at: datetime | None
    #: the newest that was complete
    complete_at: datetime | None


def before(conn: Connection, site_id: int) -> Before:
    """The visits to a site before the one that begins."""
    return Before(
        began_at=conn.execute(_LAST_VISIT, {"site": site_id}).scalar_one(),
        complete_at=conn.execute(_LAST_COMPLETE, {"site": site_id}).scalar(),
    )


def begin(conn: Connection, visit: OpenVisit) -> None:
    """The row of a visit that begins."""
    conn.execute(
        insert(visits).values(
            id=visit.id,
            site_id=visit.site.id,
            fence=visit.fence,
            started_at=visit.started_at,
            baseline=visit.baseline,
            notes=[],
            **dict.fromkeys(_COUNTED, 0),
        )
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
    conn.execute(
        update(visits)
        .where(visits.c.id == ended.id)
        .values(
            ended_at=ended.ended_at,
            outcome=str(ended.outcome),
            reason=ended.reason,
            notes=list(ended.notes),
            answers=dict(ended.answers),
            **{name: getattr(ended, name) for name in _COUNTED},
        )
    )


def keep_answers(conn: Connection, site: Site, report: VisitReport, now: datetime) -> None:
    """What the next visit need not ask again: robots.txt answers, and validators of list pages."""
    _keep_robots(conn, report.robots)
    _keep_list_pages(conn, site, report.list_pages, now)


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
