"""Whether the list of a site shows only the newest of its postings (C.5): what fell off it, against what it names.

`storage.absences` asks inside the concluding transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from postings import falling
from postings.comparison import day
from postings.life import Life
from postings.visits import Outcome
from storage import gathering
from storage.open_visit import OpenVisit
from storage.tables import postings, visits

#: visits in which what fell off a list may have been missed
_MOST_VISITS = 1_000


def is_window(
    conn: Connection,
    visit: OpenVisit,
    fallen: Mapping[str, Life],
    *,
    listed: int,
    together_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether the list shows only the newest: the oldest fell off it, and are there all the same.

    `fallen` are the open postings that it lacks and whose pages answer, by id; `listed` is how many it names in this
    visit. From when many fell off at once (`together_at`) it may show fewer than before.
    """
    since = {life.missing_since for life in fallen.values() if life.missing_since is not None}
    if len(since) < falling.FEWEST_FALLS or _younger_fell(conn, visit, fallen):
        return False
    query = (
        select(visits.c.listed)
        .where(
            visits.c.site_id == visit.site.id,
            visits.c.outcome == str(Outcome.COMPLETE),
            visits.c.started_at <= now,
        )
        .order_by(visits.c.started_at.desc())
    )
    fell = conn.scalars(query.where(visits.c.ended_at >= min(since)).limit(_MOST_VISITS)).all()
    earlier = query.where(visits.c.ended_at < min(since)).limit(1)
    before = conn.scalars(earlier).all() if min(since) != together_at else ()
    return falling.is_window(since, [listed, *fell, *before])


def _younger_fell(conn: Connection, visit: OpenVisit, fallen: Mapping[str, Life]) -> bool:
    """Whether one of those that fell off the list is younger than one that it still names."""
    named = select(postings.c.id, postings.c.first_seen).where(
        postings.c.site_id == visit.site.id,
        postings.c.state == "open",
        postings.c.last_visit == visit.id,
        postings.c.missing_since.is_(None),
    )
    found = {row.id: row.first_seen for row in conn.execute(named)}
    if not found:
        return False
    oldest = min(found.values())
    ended = conn.scalar(
        select(func.max(visits.c.ended_at)).where(visits.c.site_id == visit.site.id, visits.c.started_at <= oldest)
    )
    # one visit finds them in any order
    together = max(oldest, ended) if ended is not None else oldest
    if any(life.first_seen > together for life in fallen.values()):
        return True
    peers = [posting_id for posting_id, first_seen in found.items() if first_seen <= together]
    dates = _published(conn, (*peers, *fallen))
    first = min((dates[one] for one in peers if one in dates), default=None)
    return first is not None and any(dates[one] > first for one in fallen if one in dates)


def _published(conn: Connection, ids: Collection[str]) -> dict[str, date]:
    """The days on which these postings say that they were published, of those that say so."""
    days = {posting_id: stored.posting().date_posted for posting_id, stored in gathering.bodies(conn, ids).items()}
    return {posting_id: day(posted) for posting_id, posted in days.items() if posted is not None}
